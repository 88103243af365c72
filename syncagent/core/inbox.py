"""Whom each written request concerns. One that concerns nobody is said aloud: a lock is not to be lost in a typo."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.holds import known_by, names_of_groups, spellings
from syncagent.core.person import Person
from syncagent.core.regulation import Asker
from syncagent.core.request import ALWAYS, RequestKind, Stage
from syncagent.core.spoken import ASKED
from syncagent.core.unit import unit_key
from syncagent.core.wanted import namesakes, unit_addresses, unit_words
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from syncagent.core.ledger import Ledger
    from syncagent.core.match import Matches
    from syncagent.core.person import PersonRow
    from syncagent.core.regulation import AskerRule, Naming, Regulation
    from syncagent.core.request import Request
    from syncagent.core.roster import Roster
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.unit import Unit


class Judged(NamedTuple):
    """One request, how far it has come, whom it concerns, and what must be said of one that leads nowhere."""

    request: Request
    stage: Stage
    subject: str
    finding: Finding | None = None


def sorted_out(
    roster: Roster,
    snapshots: Iterable[Snapshot],
    matches: Matches,
    ledger: Ledger,
    regulation: Regulation,
    today: date,
) -> tuple[dict[str, tuple[Request, ...]], tuple[Finding, ...]]:
    """Return the open requests of each subject, oldest first, and a finding for each that leads to nothing."""
    found: dict[str, list[Request]] = defaultdict(list)
    findings: list[Finding] = []
    for one in judged(roster, snapshots, matches, ledger, regulation, today):
        if one.finding:
            findings.append(one.finding)
        elif one.stage is Stage.WAITING:
            found[one.subject].append(one.request)
    return {subject: tuple(theirs) for subject, theirs in found.items()}, tuple(findings)


def judged(
    roster: Roster,
    snapshots: Iterable[Snapshot],
    matches: Matches,
    ledger: Ledger,
    regulation: Regulation,
    today: date,
) -> Iterator[Judged]:
    """Yield every request with what is to be made of it, oldest first; whatever is open waits.

    A hold on a group binds like any other, though the group is no subject of a plan.
    """
    subjects = _subjects(roster, matches, ledger) if roster.requests else {}
    senders = _senders(roster, matches, ledger, regulation, today, subjects) if subjects else _Senders({})
    groups = {name for snapshot in snapshots for name in names_of_groups(snapshot)} if roster.requests else set()
    for request in roster.requests:
        done = ledger.fulfilled.get(request.request_id)
        subject = subjects.get(known_by(request.subject), "")
        if request.received_on > today:
            yield Judged(request, Stage.COMING, subject)
        elif done and request.received_on > done.on:
            yield Judged(request, Stage.NUMBER_USED, subject, _used_again(request, done.on))
        elif done:
            yield Judged(request, Stage.DONE, subject)
        elif not subject and not (request.kind in ALWAYS and known_by(request.subject) in groups):
            yield Judged(request, Stage.NOBODY, subject, _nobody(request))
        elif request.kind not in ALWAYS and not regulation.knows(request):
            yield Judged(request, Stage.NOT_KNOWN, subject, _not_known(request, regulation))
        elif rule := _may_not_ask(request, subject, roster, matches, senders, regulation):
            yield Judged(request, Stage.REJECTED, subject, _rejected(request, rule))
        else:
            yield Judged(request, Stage.WAITING, subject)


def _subjects(roster: Roster, matches: Matches, ledger: Ledger) -> Mapping[str, str]:
    """Return each subject by every name a request may give it: key, unit, address now or once, log-in name, DN."""
    asked = {known_by(request.subject) for request in roster.requests}
    found = {name: ledger.issued[name] for name in asked if name in ledger.issued}
    by_dn = any("=" in request.subject for request in roster.requests)  # folding every DN takes its time
    for subject, owned in matches.current.items():
        for name in spellings(owned.account):
            if by_dn or "=" not in name:
                found[known_by(name)] = subject
    for unit in roster.units:
        found |= dict.fromkeys((known_by(unit.unit), known_by(unit.key)), unit.key)
    people = {*roster.people, *roster.coming, *roster.quarantined}
    found |= {known_by(person): person for person in people}
    here = {*people, *(unit.key for unit in roster.units)}
    return {name: subject for name, subject in found.items() if subject in here}


class _Senders(NamedTuple):
    """Whose each address is, was, or will be by agreement: nobody else is given one that a unit writes from.

    `namesakes` are the units whose address by right says their agency too.
    """

    owners: Mapping[str, str]
    namesakes: frozenset[str] = frozenset()

    def may_write_for(self, asker: Unit, address: str, by_right: tuple[str, ...]) -> bool:
        """Whether a unit writes from this address: one of its own, or that by right where nobody else has it.

        What it will have after today's plan counts today, so that the plan after it finds nothing new.
        """
        sender = address.strip().lower()
        return bool(sender) and self.owners.get(sender, asker.key if sender in by_right else "") == asker.key


def _senders(
    roster: Roster,
    matches: Matches,
    ledger: Ledger,
    regulation: Regulation,
    today: date,
    subjects: Mapping[str, str],
) -> _Senders:
    """Return the addresses in the directory, those ever issued, and those agreed on by letters that count."""
    owners, alike = dict(ledger.issued), namesakes(roster.units, regulation.naming)
    for subject, owned in matches.current.items():
        owners |= dict.fromkeys(owned.account.addresses, subject)
    for request in roster.requests:
        subject = subjects.get(known_by(request.subject), "") if request.kind is RequestKind.AGREE_ADDRESS else ""
        if not subject or request.received_on > today:
            continue
        if _may_not_ask(request, subject, roster, matches, _Senders(owners, alike), regulation) is None:
            owners.setdefault(request.value.strip().lower(), subject)
    return _Senders(owners, alike)


def _may_not_ask(
    request: Request,
    subject: str,
    roster: Roster,
    matches: Matches,
    senders: _Senders,
    regulation: Regulation,
) -> AskerRule | None:
    """Return the rule by which a request is rejected, None if it comes from where the text wants it.

    Whoever runs the system may ask for everybody, but for a closed mailbox only the agency itself asks again where
    the text says so (DN-16, Điều 4.4).
    """
    rule, general = regulation.asker_of(request.kind, subject), regulation.asker
    owned = matches.current.get(subject)
    closed = owned is not None and owned.stamp is not None and not owned.stamp.state.receives
    again = closed and request.kind in {RequestKind.CREATE, RequestKind.UNLOCK}
    again = again and general is not None and general.agency_restores
    rule = general if again else rule
    if rule is None or request.kind in ALWAYS:
        return None
    if rule.who is Asker.HOLDER and owned and _writes_from(request, owned.account.addresses):
        return None
    stranger = _is_stranger(request, roster, senders, regulation.naming)
    if _operates(request.from_unit, roster, rule) and not (again or stranger):
        return None
    return None if _may_ask(request, subject, roster, senders, regulation.naming, rule) else rule


def _is_stranger(request: Request, roster: Roster, senders: _Senders, naming: Naming) -> bool:
    """Whether a request came from an address that is nobody's here: it proves nothing, whoever is named beside it."""
    sender = request.from_address.strip().lower()
    if not sender or sender in senders.owners:
        return False
    unit, units = request.from_unit, roster.units
    if unit not in units:
        return True
    words = unit_words(units, unit, naming, senders.namesakes)
    return sender not in unit_addresses(units[unit], words, naming)


def _writes_from(request: Request, addresses: tuple[str, ...]) -> bool:
    """Whether somebody asks for themselves, from their own mailbox (DN-25, Điều 8.2.đ; NB-43, Điều 12.3)."""
    return not request.from_unit and request.from_address.strip().lower() in addresses


def _operates(unit: str, roster: Roster, rule: AskerRule) -> bool:
    """Whether a unit is one of those that run the system, known by its key or its abbreviation."""
    return unit in roster.units and not rule.operators.isdisjoint({unit, roster.units[unit].abbreviation.lower()})


def _may_ask(
    request: Request, subject: str, roster: Roster, senders: _Senders, naming: Naming, rule: AskerRule
) -> bool:
    """Whether a request comes from where the text wants it (Q4-10, Điều 6.2; DN-37, Điều 14.1).

    A unit whose own mailbox is locked cannot send from it, so it asks by letter (Q4-14, Điều 8.1.a); elsewhere it may
    choose between the two (BT-09, Điều 6.1). Nothing is done with somebody in quarantine; who asked is judged once the
    row is right. An address without a unit is a sender, and nobody's: it is not the same as saying nothing.
    """
    units = roster.units
    if subject in roster.quarantined or (rule.unsaid and not (request.from_unit or request.from_address)):
        return True
    if request.from_unit not in units or rule.who is Asker.OPERATORS:
        return False
    person = roster.people.get(subject) or roster.coming.get(subject)
    home = _unit_of(subject, person)
    homes = {home, _unit_then(person, request.received_on) or home}
    if not any(above.unit == request.from_unit for unit in homes for above in units.line(unit)):
        return False
    by_letter = bool(request.document_number) and not request.from_address
    if rule.who is Asker.UNIT_LETTER:
        return by_letter
    if rule.who in {Asker.OWN_UNITS, Asker.HOLDER}:
        return not _is_stranger(request, roster, senders, naming)
    if rule.who is Asker.UNIT_IN_WRITING and by_letter:
        return True
    words = unit_words(units, request.from_unit, naming, senders.namesakes)
    by_right = unit_addresses(units[request.from_unit], words, naming)
    return senders.may_write_for(units[request.from_unit], request.from_address, by_right)


def _unit_then(person: Person | PersonRow | None, day: date) -> str:
    """Return where somebody worked on the day of a request: who may ask does not change when they move on."""
    rows = [*person.earlier, person.current] if isinstance(person, Person) else []
    ruled = [row for row in rows if row.takes_effect is None or row.takes_effect <= day]
    return ruled[-1].unit if ruled else ""


def _unit_of(subject: str, person: Person | PersonRow | None) -> str:
    if isinstance(person, Person):
        return person.current.unit
    return person.unit if person else subject.removeprefix(unit_key(""))


def _finding(request: Request, vietnamese: str, english: str) -> Finding:
    return Finding(
        FindingCode.MANUAL_STEPS,
        Severity.REVIEW,
        request.subject,
        Text(
            f"Yêu cầu {request.request_id} ({ASKED[request.kind].vi}) {vietnamese}",
            f"Request {request.request_id} ({ASKED[request.kind].en}) {english}",
        ),
        where=str(request.where),
    )


def _nobody(request: Request) -> Finding:
    return _finding(
        request,
        f"nêu “{request.subject}” nhưng không có người, đơn vị hay địa chỉ nào như vậy; chưa làm gì. Hãy sửa cột "
        "subject.",
        f"names “{request.subject}”, but there is no such person, unit or address; nothing is done. Correct subject.",
    )


def _not_known(request: Request, regulation: Regulation) -> Finding:
    return _finding(
        request,
        f"không có trong {regulation.document}; phần mềm không tự làm. Hãy xử lý bằng tay hoặc bằng quyết định trong "
        "danh sách.",
        f"is not known to {regulation.document}; the agent does not carry it out. Do it by hand, or with the decision "
        "in the roster.",
    )


def _rejected(request: Request, rule: AskerRule) -> Finding:
    where = {
        Asker.OPERATORS: Text(
            "phải do cơ quan quản lý, vận hành hệ thống ra văn bản",
            "must be ordered by the agency that runs the system",
        ),
        Asker.UNIT_LETTER: Text(
            "phải do đơn vị quản lý gửi bằng công văn", "must come as a letter of the managing unit"
        ),
        Asker.UNIT_MAILBOX: Text(
            "phải gửi từ hộp thư của chính đơn vị quản lý", "must come from the managing unit's own mailbox"
        ),
        Asker.UNIT_IN_WRITING: Text(
            "phải gửi từ hộp thư của chính đơn vị quản lý, hoặc bằng công văn của đơn vị đó",
            "must come from the managing unit's own mailbox, or as its letter",
        ),
        Asker.OWN_UNITS: Text(
            "phải do cơ quan quản lý người hoặc đơn vị đó gửi", "must come from the agency that manages the subject"
        ),
        Asker.HOLDER: Text(
            "phải do chính người sử dụng hoặc cơ quan quản lý thông báo",
            "must be told by the holder, or by the agency that manages the subject",
        ),
    }[rule.who]
    beside = request.from_unit and request.from_address
    letter = _OF_A_LETTER if beside else Text("", "")
    return _finding(
        request,
        f"bị từ chối: {where.vi} ({rule.cite.article}); chưa làm gì. Hãy trả lời đơn vị gửi.{letter.vi}",
        f"is rejected: it {where.en} ({rule.cite.article}); nothing is done. Answer whoever sent it.{letter.en}",
    )


_OF_A_LETTER = Text(
    " Địa chỉ gửi ghi trong yêu cầu phải là của hệ thống; nếu căn cứ là văn bản thì ghi số văn bản và để trống cột "
    "from_address.",
    " An address that is named must be one of this system; if it rests on a letter, give its number and leave "
    "from_address empty.",
)


def _used_again(request: Request, done: date) -> Finding:
    return _finding(
        request,
        f"nhận ngày {vi(request.received_on)} mang số của một yêu cầu đã làm ngày {vi(done)}; chưa làm gì. Hãy đặt số "
        "khác.",
        f"of {request.received_on} bears the number of one that was carried out on {done}; nothing is done. Give it "
        "another number.",
    )
