"""What is planted is what a plan finds, and nothing else: the sample against the whole of the core."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from syncagent.core import dn as names_of
from syncagent.core.action import Review
from syncagent.core.addresses import fold_address
from syncagent.core.admit import admit
from syncagent.core.decide import decide
from syncagent.core.directory import Directory, decode, identity_text
from syncagent.core.document import Document
from syncagent.core.finding import Fault, FindingCode
from syncagent.core.ledger import Ledger
from syncagent.core.names import clean
from syncagent.core.password_policy import decode_policy
from syncagent.core.person import Event, PersonRow, PersonType, Status
from syncagent.core.policy import Adoption, Policy, Reviews, Target
from syncagent.core.regulation import InternalMove
from syncagent.core.rehearse import after, remembered
from syncagent.core.request import Request, RequestKind
from syncagent.core.roster import Roster, RosterRows
from syncagent.core.snapshot import Snapshot
from syncagent.core.unit import Unit, UnitKind, UnitStatus
from syncagent.core.where import Where
from syncagent.mapping.brakes import BrakesPart, read_brakes
from syncagent.mapping.calendar import read_calendar
from syncagent.mapping.directory import read_directory
from syncagent.mapping.regulation import read_regulation
from syncagent.sample.province import generate
from syncagent.sample.scheme import NINH_BINH
from syncagent.sample.situations import CONSEQUENCES
from syncagent.sample.starter import starter
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.plan import Plan
    from syncagent.sample.sample import Sample

MAPPINGS = Path(__file__).parents[3] / "mappings"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 3, 16)


def text_of(name: str) -> str:
    return (MAPPINGS / name).read_text(encoding="utf-8")


@cache
def directory() -> Directory:
    return read_directory(text_of("directories/active-directory.yaml"), "active-directory.yaml")


@cache
def communes() -> str:
    return text_of("mergers/ninhbinh-2025/communes.csv")


@cache
def policy() -> Policy:
    """The shipped policy with all its brakes; a year that is not confirmed yet is not the sample's matter."""
    return Policy(
        regulation=read_regulation(text_of("regulations/ninhbinh-2025.yaml"), "ninhbinh-2025.yaml"),
        targets={"main": Target("main", directory(), NINH_BINH.base, live=False)},
        calendar=replace(
            read_calendar(text_of("calendar/vn.yaml"), "vn.yaml", range(2024, 2031)), confirmed=frozenset()
        ),
        brakes=read_brakes(text_of("brakes.yaml"), "brakes.yaml", BrakesPart()),
        reviews=Reviews(Review.TWO, Review.ONE, Review.ONE),
        internal_move=InternalMove.READDRESS,
        adoption=Adoption.REVIEW,
        freshness=timedelta(days=3),
    )


@cache
def province(size: int, as_of: date = TODAY, seed: int = 2025) -> Sample:
    return generate(size, seed, as_of=as_of, directory=directory(), communes=communes())


@dataclass(frozen=True, slots=True)
class World:
    """A sample as the agent sees it, the plan for it, and the plan after everything was carried out."""

    roster: Roster
    snapshot: Snapshot
    plan: Plan
    again: Plan

    def consequences(self) -> dict[str, list[str]]:
        """Return the kinds of actions and codes of findings of each subject, sorted."""
        found: dict[str, list[str]] = defaultdict(list)
        for action in self.plan.actions:
            found[action.subject].append(str(action.kind))
        for finding in self.plan.findings:
            found[finding.subject].append(str(finding.code))
        return {subject: sorted(theirs) for subject, theirs in found.items()}


@cache
def planned(size: int, as_of: date = TODAY, seed: int = 2025) -> World:
    return world(province(size, as_of, seed), as_of)


def world(sample: Sample, as_of: date) -> World:
    """Read a sample, decide on it, rehearse the plan and decide again."""
    now = datetime(as_of.year, as_of.month, as_of.day, 8, tzinfo=ZONE)
    rows = RosterRows(
        people=tuple(_person(row, line) for line, row in enumerate(sample.people, start=2)),
        units=tuple(_unit(row, line) for line, row in enumerate(sample.units, start=2)),
        requests=tuple(_request(row, line) for line, row in enumerate(sample.requests, start=2)),
        exported_at=now,
        digest="sha256:sample",
        sources={},
    )
    rules = policy()
    roster = admit(rows, Ledger(), rules.brakes.roster, rules.freshness, as_of, now)
    found = _snapshot(sample)
    issued = {
        fold_address(address): account.stamp.subject if account.stamp else f"account:{account.guid}"
        for account in found.accounts
        for address in account.addresses
    }
    ledger = Ledger(issued=issued)
    plan = decide(roster, [found], ledger, rules, as_of)
    done = after(found, plan.actions, rules, ZONE)
    again = decide(roster, [done], remembered(ledger, plan.actions, as_of), rules, as_of)
    return World(roster, found, plan, again)


# ── the laws ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("size", "as_of", "seed"),
    [
        (2000, TODAY, 2025),
        (2000, date(2026, 3, 10), 2025),
        (2000, date(2026, 3, 11), 1),
        (2000, date(2027, 2, 28), 2),
        (700, date(2026, 2, 24), 3),
        (300, date(2026, 9, 3), 4),
        (100, TODAY, 5),
        (100, date(2025, 12, 10), 6),
    ],
)
def test_every_planted_situation_is_found_and_nothing_else(size: int, as_of: date, seed: int) -> None:
    """Each subject gets exactly the actions and findings of its situation; who is in step gets nothing."""
    sample = province(size, as_of, seed)
    wanted = {
        subject: sorted(str(one) for one in CONSEQUENCES[situation])
        for subject, situation in sample.situations.items()
        if situation in CONSEQUENCES
    }

    found = planned(size, as_of, seed)

    assert found.consequences() == wanted


def test_planted_counts_are_the_plan_counts() -> None:
    """`foreseen` is what the plan holds, by kind of action and code of finding."""
    sample = province(2000)

    plan = planned(2000).plan

    counted = Counter(str(action.kind) for action in plan.actions)
    counted.update(str(finding.code) for finding in plan.findings)
    assert dict(counted) == sample.foreseen


@pytest.mark.parametrize(("size", "seed"), [(2000, 2025), (500, 1), (100, 2)])
def test_one_plan_applied_brings_everything_in_step(size: int, seed: int) -> None:
    """After the plan was carried out the next one is empty (design §8, law 1)."""
    found = planned(size, TODAY, seed)

    assert found.plan.actions
    assert found.again.actions == ()


@pytest.mark.parametrize("size", [100, 150, 400, 1000, 2000])
def test_no_brake_stands_in_the_way(size: int) -> None:
    """The planted leavers and deletions trip no brake in total or in a unit, and need no second approver."""
    state = planned(size).plan.brakes

    assert state.tripped == ()
    assert state.second == ()


def test_deletions_are_due_three_months_after_the_regulation_came_into_force() -> None:
    """On 10/03/2026 closed mailboxes wait; on 11/03/2026 those of before 10/12/2025 are due (contract §6)."""
    waiting = province(2000, date(2026, 3, 10))
    due = province(2000, date(2026, 3, 11))

    assert "leaver_due" not in waiting.expected
    assert waiting.expected["leaver_waiting"] == due.expected["leaver_waiting"] + due.expected["leaver_due"]
    assert due.expected["leaver_due"] == 6


def test_deadlines_appear_where_agencies_have_asked() -> None:
    """Requests start the clock of Điều 6 khoản 2 điểm b: answers are due after today."""
    plan = planned(2000).plan

    ahead = [action for action in plan.actions if action.deadline and action.deadline > TODAY]
    assert len(ahead) >= 10
    assert {str(action.kind) for action in ahead} >= {"create", "disable", "restore", "unlock"}


def test_clashes_are_offered_other_names() -> None:
    """Most planted clashes leave people something to choose from (Điều 5 khoản 4)."""
    plan = planned(2000).plan

    clashes = [finding for finding in plan.findings if finding.code is FindingCode.ADDRESS_CLASH]
    assert len(clashes) == 6
    assert sum(bool(finding.candidates) for finding in clashes) >= 5


@pytest.mark.parametrize("as_of", [TODAY, date(2025, 12, 20), date(2027, 1, 4)])
def test_the_starter_is_found_as_planted(as_of: date) -> None:
    """The sample of `syncagent init` leads to exactly what it says, and one plan settles it."""
    sample = starter(as_of, directory())

    found = world(sample, as_of)

    wanted = {
        subject: sorted(str(one) for one in CONSEQUENCES[situation])
        for subject, situation in sample.situations.items()
        if situation in CONSEQUENCES
    }
    assert found.consequences() == wanted
    assert found.again.actions == ()


def test_the_starter_is_small_and_has_the_main_cases() -> None:
    """Thirteen people of four units: a new user can read all of it."""
    sample = starter(TODAY, directory())

    assert len({row["person_id"] for row in sample.people}) == 13
    assert len(sample.units) == 4
    kinds = {str(action.kind) for action in world(sample, TODAY).plan.actions}
    assert kinds == {"create", "disable", "delete", "readdress", "move", "update", "lock", "adopt"}


# ── reading a sample ─────────────────────────────────────────────────────────


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _document(row: Mapping[str, str]) -> Document:
    return Document(row["decision_number"], _day(row["decision_date"]), row["signed_by"])


def _person(row: Mapping[str, str], line: int) -> PersonRow:
    where = Where("people.csv", line)
    name = clean(row["full_name"])
    repaired = Fault(FindingCode.NAME_NOT_CLEAN, Text("đã sửa ký tự", "repaired"), where)
    return PersonRow(
        person_id=row["person_id"],
        full_name=name.text,
        unit=row["unit"],
        status=Status(row["status"]),
        where=where,
        given_name=row["given_name"],
        birth_date=_day(row["birth_date"]),
        type=PersonType(row["type"]),
        position=row["position"],
        rank=int(row["rank"]),
        primary={"yes": True, "no": False, "": None}[row["primary"]],
        event=Event(row["event"]) if row["event"] else None,
        effective_date=_day(row["effective_date"]),
        document=_document(row),
        received_on=_day(row["received_on"]),
        agreed_address=row["agreed_address"],
        notes=(repaired,) if name.repaired else (),
    )


def _unit(row: Mapping[str, str], line: int) -> Unit:
    return Unit(
        unit=row["unit"],
        name=row["name"],
        where=Where("units.csv", line),
        abbreviation=row["abbreviation"],
        suffix=row["suffix"],
        parent=row["parent"],
        kind=UnitKind(row["kind"]),
        status=UnitStatus(row["status"]),
        successor=row["successor"],
        effective_date=_day(row["effective_date"]),
        document=_document(row),
        mailbox=row["mailbox"] == "yes",
        mailbox_holders=(row["mailbox_holder"],) if row["mailbox_holder"] else (),
    )


def _request(row: Mapping[str, str], line: int) -> Request:
    return Request(
        request_id=row["request_id"],
        received_on=date.fromisoformat(row["received_on"]),
        kind=RequestKind(row["kind"]),
        subject=row["subject"],
        where=Where("requests.csv", line),
        value=row["value"],
        reason=row["reason"],
        document_number=row["document_number"],
        document_date=_day(row["document_date"]),
    )


def _snapshot(sample: Sample) -> Snapshot:
    found = directory()
    known = found.attributes()
    present = {name.lower() for entry in sample.entries for name in entry.attributes}
    unseen = frozenset(use.attribute for use in found.last_use if use.attribute.lower() not in present)
    accounts = []
    containers: set[str] = set()
    addresses: dict[str, str] = {}
    logins: dict[str, str] = {}
    for dn, attributes in sample.entries:
        classes = {str(name).lower() for name in attributes["objectClass"]}
        if "user" in classes and not classes & found.not_classes and names_of.under(dn, NINH_BINH.base):
            values = {
                known[name.lower()]: tuple(
                    identity_text(value, found.identity_syntax) if isinstance(value, bytes) else value
                    for value in theirs
                )
                for name, theirs in attributes.items()
                if name.lower() in known
            }
            accounts.append(decode(found, "main", dn, values, ZONE, unseen))
            continue
        if found.container_class.lower() in classes:
            containers.add(names_of.same(dn))
        addresses |= {fold_address(str(value)): dn for value in attributes.get("mail", ())}
        logins |= {fold_address(str(value)): dn for value in attributes.get("sAMAccountName", ())}
    domain = {name: tuple(map(str, values)) for name, values in sample.entries[0].attributes.items()}
    return Snapshot(
        target="main",
        accounts=tuple(accounts),
        containers=frozenset(containers),
        others=frozenset(names_of.folded(entry.dn) for entry in sample.entries),
        addresses=addresses,
        logins=logins,
        password_policies=(decode_policy(found.password_policies[0], sample.entries[0].dn, domain),),
    )
