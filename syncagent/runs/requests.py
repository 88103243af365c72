"""Written requests: record them, see how far each has come, draft the answer, record it as sent."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from syncagent.core.answer import Answer, Progress, deadline_of, progress
from syncagent.core.answer import unanswered as waiting_among
from syncagent.core.decide import decide
from syncagent.core.holds import known_by
from syncagent.core.request import RequestKind, next_number
from syncagent.core.survey import survey
from syncagent.errors import Misconfigured, Refused, SyncError
from syncagent.runs.approve import known_names
from syncagent.runs.audit import assured
from syncagent.runs.plan import read_all
from syncagent.runs.signer import decider, set_down
from syncagent.runs.typed import named, plain
from syncagent.store import audit
from syncagent.store import ledger as ledgers
from syncagent.store import requests as store
from syncagent.store.store import remember_key
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy import Connection

    from syncagent.core.action import Action
    from syncagent.core.finding import Fault
    from syncagent.core.request import Request
    from syncagent.core.survey import View
    from syncagent.runs.agent import Agent
    from syncagent.trust.signing import SigningKey

T = TypeVar("T")


# ── recording ────────────────────────────────────────────────────────────────


class Added(NamedTuple):
    """A request as recorded, by when it must be answered, and whether anybody or anything has that name now."""

    request: Request
    deadline: date | None
    known: bool


def add(agent: Agent, columns: Mapping[str, str], by: str, key: SigningKey | None = None) -> Added:
    """Record one written request, given its columns as somebody typed them; without a number it gets the next one.

    Raises:
        Refused: a value cannot be understood, an identification number stands where none may, the number is used, or
            what lifts a hold lacks the signature of a registered approver; nothing was recorded.
    """
    named(by)
    assured(agent)
    kept = _kept(agent)
    with agent.store.writing() as connection:
        remember_key(connection, agent.pseudonyms.fingerprint())
        used = _numbers(connection, kept)
        following = next_number(used, agent.today().year)
        request = agent.requests.typed({**columns, "request_id": columns.get("request_id") or following})
        if request.request_id in used:
            raise Refused(
                Text(
                    f"Số yêu cầu “{request.request_id}” đã dùng; số kế tiếp là {following} (bỏ --id để lấy số này).",
                    f"Request number “{request.request_id}” is used; the next one is {following} (leave out --id).",
                )
            )
        _record(agent, connection, [request], by, key)
    return Added(request, deadline_of(request, agent.policy), known_by(request.subject) in known_names(agent))


class Imported(NamedTuple):
    """What an import recorded, and how many rows were recorded before."""

    recorded: tuple[Request, ...]
    skipped: int


def import_file(agent: Agent, path: Path, by: str, key: SigningKey | None = None) -> Imported:
    """Record the requests of a file, all that are new or none; those recorded before with the same words are skipped.

    Raises:
        Misconfigured: the file cannot be read, or a row has a fault.
        Refused: a number is used for another request, or what lifts a hold lacks the signature of a registered
            approver; nothing was recorded.
    """
    named(by)
    assured(agent)
    found = agent.requests.read(path)
    taken = {request.request_id: request.content for request in _kept(agent)}
    fresh: list[Request] = []
    clashes: list[Refused] = []
    with agent.store.writing() as connection:
        remember_key(connection, agent.pseudonyms.fingerprint())
        recorded = {request.request_id: request.content for request in store.recorded(connection)}
        taken |= recorded
        for request in found:
            if taken.setdefault(request.request_id, request.content) != request.content:
                clashes.append(_taken(request))
            elif request.request_id not in recorded:
                recorded[request.request_id] = request.content
                fresh.append(request)
        if clashes:
            raise Refused(clashes[0].says, where=clashes[0].where, also=clashes[1:])
        _record(agent, connection, fresh, by, key)
    return Imported(tuple(fresh), len(found) - len(fresh))


def _record(agent: Agent, connection: Connection, found: Sequence[Request], by: str, key: SigningKey | None) -> None:
    """Record requests; one that lifts a hold is signed, once anybody has a key."""
    lifts = any(request.kind is RequestKind.RELEASE for request in found)
    who = decider(agent, connection, by, key) if key or lifts else named(by)
    store.record(connection, found, who, agent.clock())
    for request in found:
        facts = {
            "request_id": request.request_id,
            "request": str(request.kind),
            "subject": request.subject,
            "received_on": request.received_on.isoformat(),
            "from_unit": request.from_unit,
            "document_number": request.document_number,
            "until": request.until.isoformat() if request.until else "",
            "by": who,
        }
        set_down(agent, connection, "request", facts, key)


def _taken(request: Request) -> Refused:
    return Refused(
        Text(
            f"Số yêu cầu “{request.request_id}” đã dùng cho một yêu cầu có nội dung khác; chưa ghi dòng nào.",
            f"Request number “{request.request_id}” is used for a request that says something else; no row was "
            "recorded.",
        ),
        where=str(request.where),
    )


def _kept(agent: Agent) -> tuple[Request, ...]:
    """Return the requests of the roster's own file; if it cannot be read, a letter is recorded all the same."""
    with suppress(SyncError):
        return agent.requests.kept()
    return ()


def _numbers(connection: Connection, kept: Iterable[Request]) -> set[str]:
    """Return every number that was ever used."""
    known = {request.request_id for request in (*kept, *store.recorded(connection))}
    return known | {*ledgers.load(connection).fulfilled, *store.sent(connection)}


# ── how far they have come ───────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Listed:
    """Every request and how far it has come, what was seen for it, and the faults of rows that name none."""

    view: View
    requests: tuple[Progress, ...]
    faults: tuple[Fault, ...]


def listed(agent: Agent, as_of: date | None = None) -> Listed:
    """Return how far every written request has come by a day; None is today in the configured zone.

    Raises:
        Misconfigured: a file must be edited.
        Doubtful: the roster or a snapshot cannot be trusted.
        TargetError: a target does not answer.
    """
    today = as_of or agent.today()
    read = read_all(agent, today)
    with agent.store.reading() as connection:
        answers = store.sent(connection)
    view = survey(read.roster, read.snapshots, read.ledger, agent.policy, today)
    plan = decide(read.roster, read.snapshots, read.ledger, agent.policy, today)
    faults = tuple(fault for _, fault in read.roster.doubted)
    return Listed(view, progress(view, plan, read.ledger, answers), faults)


class Unanswered(NamedTuple):
    """How many requests wait for an answer, and for how many of them the deadline has passed."""

    waiting: int
    late: int


def unanswered(agent: Agent) -> Unanswered:
    """Count the requests that wait for an answer today: those recorded, and those of the roster's file if it is there.

    No directory and nobody's row is read.
    """
    with agent.store.reading() as connection:
        known = {request.request_id: request for request in (*_kept(agent), *store.recorded(connection))}
        answered = store.sent(connection)
    waiting, late = waiting_among(known.values(), answered, agent.policy, agent.today())
    return Unanswered(len(waiting), len(late))


# ── answering ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Asked:
    """The requests that one letter answers, what was seen for them, and the actions that carried some of them out."""

    view: View
    requests: tuple[Progress, ...]
    done: Mapping[str, Action]


def asked(agent: Agent, numbers: Sequence[str], as_of: date | None = None) -> Asked:
    """Given the numbers of requests of one unit, return all that their answer says.

    Raises:
        Misconfigured: there is no such request, or a file must be edited.
        Refused: they were sent by different units.
        Doubtful: the roster or a snapshot cannot be trusted.
        TargetError: a target does not answer.
    """
    found = listed(agent, as_of)
    known = {one.request.request_id: one for one in found.requests}
    ours = tuple(_of(known, number) for number in _each(agent, numbers))
    if len({(one.request.from_unit, one.request.from_address) for one in ours}) > 1:
        raise Refused(
            Text(
                "Các yêu cầu này do nhiều nơi gửi; mỗi nơi cần một văn bản trả lời riêng.",
                "These requests were sent from different places; each of them takes a letter of its own.",
            )
        )
    with agent.store.reading() as connection:
        actions = {
            one.request.request_id: store.carried_out(connection, one.request.request_id, agent.signer.public)
            for one in ours
        }
    return Asked(found.view, ours, {number: action for number, action in actions.items() if action})


def record_answer(
    agent: Agent, numbers: Sequence[str], sent_on: date, by: str, *, how: str = "", document: str = ""
) -> tuple[Answer, ...]:
    """Record that requests were answered on a day: by then the deadline is kept, or it was late.

    Raises:
        Misconfigured: there is no such request.
        Refused: one of them was answered before, the day cannot be right, or an identification number stands in a text;
            nothing was recorded.
    """
    who, way, number = named(by), plain(how), plain(document)
    assured(agent)
    kept = agent.requests.kept()
    with agent.store.writing() as connection:
        known = {request.request_id: request for request in (*kept, *store.recorded(connection))}
        before = store.sent(connection)
        answers = []
        for request in (_of(known, one) for one in _each(agent, numbers)):
            if earlier := before.get(request.request_id):
                raise Refused(
                    Text(
                        f"Yêu cầu {request.request_id} đã được trả lời ngày {vi(earlier.sent_on)}.",
                        f"Request {request.request_id} was answered on {earlier.sent_on}.",
                    )
                )
            if not request.received_on <= sent_on <= agent.today():
                raise Refused(
                    Text(
                        f"Ngày gửi {vi(sent_on)} phải từ ngày nhận yêu cầu {request.request_id} "
                        f"({vi(request.received_on)}) đến hôm nay.",
                        f"The day {sent_on} must lie between the receipt of {request.request_id} "
                        f"({request.received_on}) and today.",
                    )
                )
            answers.append(Answer(request.request_id, sent_on, who, way, number))
        now = agent.clock()
        store.send(connection, answers, now)
        facts = ({**one._asdict(), "sent_on": one.sent_on.isoformat()} for one in answers)
        audit.extend(connection, (("answer", one) for one in facts), now)
    return tuple(answers)


def _each(agent: Agent, numbers: Iterable[str]) -> tuple[str, ...]:
    """Return the numbers of requests, each once; an identification number typed by mistake goes no further."""
    return tuple(dict.fromkeys(agent.known_as(number.strip()) for number in numbers))


def _of(known: Mapping[str, T], number: str) -> T:
    if number in known:
        return known[number]
    raise Misconfigured(
        Text(
            f"Không có yêu cầu “{number}”, hoặc dòng của nó có lỗi; xem: syncagent request list --all",
            f"There is no request “{number}”, or its row is faulty; see: syncagent request list --all",
        )
    )
