"""Written requests: those there are with their deadlines, entering one, recording that it was answered."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.console.asked import to
from syncagent.console.frame import link, page
from syncagent.console.rights import Right
from syncagent.console.words import SAYS
from syncagent.core.answer import deadline_of, late_by
from syncagent.core.request import ALWAYS, RequestKind
from syncagent.core.spoken import ASKED
from syncagent.errors import Refused, SyncError
from syncagent.report.asked import STAGES
from syncagent.runs import requests as use_case
from syncagent.store import requests as store

if TYPE_CHECKING:
    from syncagent.console.asked import Answer, Ask
    from syncagent.console.desk import Desk
    from syncagent.core.answer import Answer as Sent
    from syncagent.core.answer import Progress
    from syncagent.core.request import Request

FIELDS: Final = (
    "received_on",
    "from_unit",
    "from_address",
    "channel",
    "subject",
    "value",
    "reason",
    "document_number",
    "document_date",
    "until",
)
"""The columns of a request that are typed as they stand; `kind` is chosen from a list."""

_PAGE = 100


class Row(NamedTuple):
    """A request in the list: by when it is answered, by how many working days that is late, how far it has come."""

    request: Request
    deadline: date | None
    late: int | None
    sent: Sent | None
    progress: Progress | None


def listed(desk: Desk, ask: Ask) -> Answer:
    """Show the requests of the units of whoever asks, newest first; how far each has come where that is asked for."""
    rows = _rows(desk, ask)
    if ask.query.one("open"):
        rows = [row for row in rows if row.sent is None and row.request.kind not in ALWAYS]
    last = max(1, -(-len(rows) // _PAGE))
    number = min(ask.query.page(), last)
    return page(
        desk,
        ask,
        "requests",
        rows=rows[(number - 1) * _PAGE : number * _PAGE],
        count=len(rows),
        number_=number,
        last=last,
        only_open=ask.query.one("open"),
        full=ask.query.one("full"),
        asked=ASKED,
        stages=STAGES,
        always=ALWAYS,
        names=desk.units(),
        done=ask.query.one("done"),
        today=desk.parts.today(),
    )


def _rows(desk: Desk, ask: Ask) -> list[Row]:
    agent = desk.agent()
    holds, everywhere = ask.person.within(Right.REQUESTS, desk.above), ask.person.everywhere(Right.REQUESTS)
    kept: tuple[Request, ...] = ()
    with suppress(SyncError):
        kept = agent.requests.kept()
    with agent.store.reading() as connection:
        known = {one.request_id: one for one in (*kept, *store.recorded(connection))}
        sent = store.sent(connection)
    progress: dict[str, Progress] = {}
    if ask.query.one("full"):
        with desk.reading:
            progress = {one.request.request_id: one for one in use_case.listed(agent).requests}
    today = agent.today()
    rows = []
    for request in known.values():
        if everywhere or (request.from_unit and holds(request.from_unit)):
            answer, deadline = sent.get(request.request_id), deadline_of(request, agent.policy)
            late = late_by(deadline, answer.sent_on if answer else today, agent.policy)
            rows.append(Row(request, deadline, late, answer, progress.get(request.request_id)))
    return sorted(rows, key=lambda row: (row.request.received_on, row.request.request_id), reverse=True)


def form(desk: Desk, ask: Ask) -> Answer:
    """Show the form to enter a request."""
    typed = dict.fromkeys(FIELDS, "") | {"received_on": desk.parts.today().isoformat()}
    return page(desk, ask, "request", fields=FIELDS, kinds=list(RequestKind), asked=ASKED, typed=typed)


def enter(desk: Desk, ask: Ask) -> Answer:
    """Record a request under the name of whoever enters it.

    Raises:
        Refused: a value cannot be understood or may not be kept, or the unit is not theirs; nothing was recorded.
    """
    columns = {name: value for name in FIELDS if (value := ask.form.one(name))} | {"kind": ask.form.one("kind")}
    _must_be_theirs(desk, ask, columns.get("from_unit", ""))
    agent = desk.agent()
    with desk.reading:
        made = use_case.add(agent, columns, ask.person.name)
    told = {"done": made.request.request_id, "unknown": "" if made.known else "1"}
    return to(link("/requests", told))


def answered(desk: Desk, ask: Ask) -> Answer:
    """Record that a request was answered on a day.

    Raises:
        Misconfigured: there is no such request.
        Refused: it was answered before, the day cannot be right, or it is not of their units.
    """
    number = ask.form.one("number")
    found = next((row.request for row in _rows(desk, ask) if row.request.request_id == number), None)
    if found is None:
        raise Refused(SAYS["no-request"])
    _must_be_theirs(desk, ask, found.from_unit)
    try:
        sent_on = date.fromisoformat(ask.form.one("sent_on"))
    except ValueError as error:
        raise Refused(SAYS["no-day"]) from error
    how, document = ask.form.one("how"), ask.form.one("document")
    use_case.record_answer(desk.agent(), [number], sent_on, ask.person.name, how=how, document=document)
    return to("/requests")


def _must_be_theirs(desk: Desk, ask: Ask, unit: str) -> None:
    holds, everywhere = ask.person.within(Right.ENTER_REQUEST, desk.above), ask.person.everywhere(Right.ENTER_REQUEST)
    if not (everywhere or (unit and holds(unit))):
        raise Refused(SAYS["not-your-unit"])
