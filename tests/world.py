"""A small province for tests: a policy from the shipped files, people and units in a line, accounts in step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from syncagent.core import dn as names_of
from syncagent.core.action import Review
from syncagent.core.admit import admit
from syncagent.core.decide import decide
from syncagent.core.directory import decode
from syncagent.core.document import Document
from syncagent.core.ledger import Ledger
from syncagent.core.periods import Calendar
from syncagent.core.person import Event, PersonRow, PersonType, Status
from syncagent.core.plan import Plan
from syncagent.core.policy import Adoption, Brakes, Policy, Reviews, Target
from syncagent.core.rehearse import after, remembered
from syncagent.core.request import Request, RequestKind
from syncagent.core.roster import Roster, RosterRows
from syncagent.core.snapshot import Snapshot
from syncagent.core.unit import Unit, UnitKind, UnitStatus
from syncagent.core.where import Where
from syncagent.mapping.brakes import BrakesPart, read_brakes
from syncagent.mapping.calendar import read_calendar
from syncagent.mapping.directory import read_directory
from syncagent.mapping.mailbox import read_mailbox
from syncagent.mapping.regulation import read_regulation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncagent.core.account import Account
    from syncagent.core.action import Action
    from syncagent.core.directory import Directory
    from syncagent.core.regulation import Regulation

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BASE = "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"
TODAY = date(2026, 3, 10)
EMPTY = Ledger()
MAPPINGS = Path(__file__).parent.parent / "mappings"


def _text(name: str) -> str:
    return (MAPPINGS / name).read_text(encoding="utf-8")


@cache
def regulation(name: str = "ninhbinh-2025") -> Regulation:
    return read_regulation(_text(f"regulations/{name}.yaml"), f"{name}.yaml")


@cache
def directory() -> Directory:
    return read_directory(_text("directories/active-directory.yaml"), "active-directory.yaml")


@cache
def with_exchange() -> Directory:
    return read_mailbox(
        directory(), _text("mailboxes/exchange.yaml"), "exchange.yaml", "ninhbinh.gov.vn/He thong/Khong ai"
    )


@cache
def obm() -> Directory:
    return read_directory(_text("directories/obm.yaml"), "obm.yaml")


@cache
def calendar() -> Calendar:
    return read_calendar(_text("calendar/vn.yaml"), "vn.yaml", range(2024, 2031))


@cache
def brakes() -> Brakes:
    return read_brakes(_text("brakes.yaml"), "brakes.yaml", BrakesPart())


def policy(law: str = "ninhbinh-2025", **changes: Any) -> Policy:
    """The shipped policy over one file-backed Active Directory, without brakes in the way unless asked for."""
    found = Policy(
        regulation=regulation(law),
        targets={"main": Target("main", directory(), BASE, live=False)},
        calendar=calendar(),
        brakes=replace(brakes(), trip={}, unit_percent=100),
        reviews=Reviews(Review.TWO, Review.ONE, Review.ONE),
        internal_move=regulation(law).mover.readings[0],
        adoption=Adoption.REVIEW,
        freshness=timedelta(days=3),
        digest="sha256:test",
    )
    return replace(found, **changes)


DECISION = Document("12/QĐ-SNV", date(2026, 3, 1), "Giám đốc Sở Nội vụ")


def row(person_id: str = "P1", full_name: str = "Nguyễn Ngọc Thành", unit: str = "skhcn", **columns: Any) -> PersonRow:
    """One roster row of somebody who works in Sở Khoa học và Công nghệ."""
    status = Status(columns.pop("status", "working"))
    event = columns.pop("event", None)
    line = columns.pop("line", 2)
    return PersonRow(
        person_id,
        full_name,
        unit,
        status,
        Where("people.csv", line),
        event=Event(event) if event else None,
        type=PersonType.OFFICIAL,
        **columns,
    )


def leaver(person_id: str = "P1", event: str = "retired", on: date = TODAY, **columns: Any) -> PersonRow:
    """A row of somebody who left, with the whole decision."""
    columns.setdefault("document", DECISION)
    return row(person_id, status="left", event=event, effective_date=on, **columns)


def _unit(line: int, unit: str, name: str, abbreviation: str, parent: str = "", kind: str = "") -> Unit:
    of = UnitKind(kind) if kind else UnitKind.DEPARTMENT if parent else UnitKind.AGENCY
    return Unit(unit, name, Where("units.csv", line), abbreviation, parent=parent, kind=of)


UNITS = (
    _unit(2, "skhcn", "Sở Khoa học và Công nghệ", "skhcn"),
    _unit(3, "skhcn-vp", "Văn phòng Sở Khoa học và Công nghệ", "vp", "skhcn"),
    _unit(4, "ttcdstt", "Trung tâm Chuyển đổi số và Truyền thông", "ttcdstt", "skhcn"),
    _unit(5, "snv", "Sở Nội vụ", "snv"),
    _unit(6, "giaothuy", "Ủy ban nhân dân xã Giao Thủy", "giaothuy", kind="commune"),
)


def closed(
    unit: str, status: str = "dissolved", on: date = TODAY, document: Document = DECISION, **columns: Any
) -> tuple[Unit, ...]:
    """The units with one of them dissolved or merged."""
    return tuple(
        replace(u, status=UnitStatus(status), effective_date=on, document=document, **columns) if u.unit == unit else u
        for u in UNITS
    )


def request(kind: str, subject: str, received: date, request_id: str = "R1", **columns: Any) -> Request:
    return Request(request_id, received, RequestKind(kind), subject, Where("requests.csv", 2), **columns)


def rows(
    people: Iterable[PersonRow],
    units: Iterable[Unit] = UNITS,
    requests: Iterable[Request] = (),
    digest: str = "sha256:roster",
) -> RosterRows:
    return RosterRows(
        people=tuple(people),
        units=tuple(units),
        requests=tuple(requests),
        exported_at=datetime(2026, 3, 10, tzinfo=UTC),
        digest=digest,
        sources={"people": {"file": "people.csv"}},
    )


def admitted(
    people: Iterable[PersonRow],
    units: Iterable[Unit] = UNITS,
    requests: Iterable[Request] = (),
    ledger: Ledger = EMPTY,
    today: date = TODAY,
) -> Roster:
    found = rows(people, units, requests)
    return admit(found, ledger, policy().brakes.roster, timedelta(days=3), today, found.exported_at)


def snapshot(*accounts: Account, **parts: Any) -> Snapshot:
    containers = {names_of.same(BASE)}
    others = {names_of.folded(BASE)}
    for account in accounts:
        place = names_of.parent(account.dn)
        while names_of.same(place) not in containers:
            containers.add(names_of.same(place))
            others.add(names_of.folded(place))
            place = names_of.parent(place)
    parts.setdefault("watermark", {"entries": len(accounts)})
    return Snapshot("main", tuple(accounts), frozenset(containers), frozenset(others), **parts)


def plan_of(
    people: Iterable[PersonRow] = (),
    accounts: Iterable[Account] = (),
    *,
    units: Iterable[Unit] = UNITS,
    requests: Iterable[Request] = (),
    ledger: Ledger = EMPTY,
    today: date = TODAY,
    with_policy: Policy | None = None,
    **parts: Any,
) -> Plan:
    """Decide on a small world and return the plan."""
    chosen = with_policy or policy()
    roster = admitted(people, units, requests, ledger, today)
    return decide(roster, [snapshot(*accounts, **parts)], ledger, chosen, today)


def settled(
    people: Iterable[PersonRow],
    *,
    units: Iterable[Unit] = UNITS,
    requests: Iterable[Request] = (),
    today: date = date(2026, 1, 5),
    with_policy: Policy | None = None,
    ledger: Ledger = EMPTY,
) -> tuple[tuple[Account, ...], Ledger]:
    """Plan and apply on an empty directory, then return its accounts and the ledger: everybody in step."""
    chosen = with_policy or policy()
    roster = admitted(people, units, requests, ledger, today)
    empty = snapshot()
    plan = decide(roster, [empty], ledger, chosen, today)
    full = after(empty, plan.actions, chosen, ZONE)
    return full.accounts, remembered(ledger, plan.actions, today)


def applied(
    plan: Plan, accounts: Iterable[Account], ledger: Ledger, day: date, with_policy: Policy | None = None
) -> tuple[tuple[Account, ...], Ledger]:
    """The accounts and the ledger after a plan was carried out."""
    found = after(snapshot(*accounts), plan.actions, with_policy or policy(), ZONE)
    return found.accounts, remembered(ledger, plan.actions, day)


def account(accounts: Iterable[Account], subject: str) -> Account:
    """The account of a subject."""
    return next(a for a in accounts if a.stamp and a.stamp.subject == subject)


def changed(found: Account, **attributes: str | tuple[str, ...]) -> Account:
    """An account with some attributes set by hand in the directory, as an administrator would."""
    values = {**found.attributes}
    for name, value in attributes.items():
        values.pop(name, None)
        if value:
            values[name] = value if isinstance(value, tuple) else (value,)
    dn = values.pop("dn", (found.dn,))[0]
    kind = with_exchange() if "EmailAddresses" in values else directory()
    again = decode(kind, found.target, dn, values, ZONE)
    return replace(again, created=found.created, protected=again.protected or found.protected)


def restamped(found: Account, **parts: Any) -> Account:
    """An account whose stamp was changed, as if time had passed since."""
    assert found.stamp
    stamp = replace(found.stamp, **parts)
    return changed(found, **{directory().stamp: str(stamp)})


def kinds(plan: Plan) -> list[str]:
    return [str(action.kind) for action in plan.actions]


def codes(plan: Plan, subject: str = "") -> list[str]:
    return [str(f.code) for f in plan.findings if not subject or f.subject == subject]


def only(plan: Plan) -> Action:
    """The single action of a plan."""
    assert len(plan.actions) == 1, [(str(a.kind), a.subject) for a in plan.actions]
    return plan.actions[0]
