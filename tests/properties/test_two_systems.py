"""A year in a city with two mail systems, day by day: people come, move, leave, return; a unit changes its system."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

import pytest
import world

from syncagent.core.addresses import fold_address
from syncagent.core.decide import decide
from syncagent.core.document import Document
from syncagent.core.ledger import Ledger
from syncagent.core.person import PersonRow
from syncagent.core.plan import Plan
from syncagent.core.policy import Policy, Target
from syncagent.core.rehearse import after, remembered
from syncagent.core.snapshot import Snapshot
from syncagent.core.stamp import State

UNITS = [unit.unit for unit in world.UNITS]
FAMILY, MIDDLE = ("Nguyễn", "Trần", "Lê", "Phạm"), ("Văn", "Thị", "Ngọc", "Minh")
GIVEN = ("An", "Bình", "Chi", "Dũng", "Hà", "Thành", "Việt")
FIRST = date(2026, 1, 5)
IN_SERVICE = {State.ACTIVE, State.LOCKED}


def _policy(*on_obm: str) -> Policy:
    """Exchange by default; OBM, whose accounts are provisioned by its own API, for the units named."""
    targets = {
        "exchange": Target("exchange", world.with_exchange(), world.BASE, live=False),
        "obm": Target("obm", world.obm(), "ou=users,dc=danang.gov.vn,dc=local", on_obm, live=False),
    }
    return world.policy("danang-2017", targets=targets)


@dataclass
class City:
    """The city on one day."""

    chance: Random
    size: int
    today: date = FIRST
    rows: dict[str, list[PersonRow]] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    shots: list[Snapshot] = field(default_factory=list)
    holders: dict[str, set[str]] = field(default_factory=dict)
    moves: int = 0

    def __post_init__(self) -> None:
        empty = world.snapshot()
        self.shots = [replace(empty, target=name) for name in ("exchange", "obm")]
        for number in range(self.size):
            self._row(f"P{number}", event="recruited")

    def _row(self, person: str, **columns: str) -> None:
        known = self.rows.setdefault(person, [])
        name = known[-1].full_name if known else " ".join(map(self.chance.choice, (FAMILY, MIDDLE, GIVEN)))
        unit = columns.pop("unit", known[-1].unit if known else self.chance.choice(UNITS))
        paper = Document(f"{len(known)}-{person}/QĐ", self.today, "Giám đốc")
        rank, day = int(person[1:]), self.today
        known[:] = [one for one in known if one.takes_effect != day]
        known.append(
            world.row(person, name, unit, effective_date=day, received_on=day, document=paper, rank=rank, **columns)
        )

    def happens(self) -> None:
        """Let a few things happen to some people."""
        for _ in range(max(1, self.size // 100)):
            person = self.chance.choice(sorted(self.rows))
            there = str(self.rows[person][-1].status) != "left"
            what = self.chance.choice(["move", "leave", "join"])
            if what == "join":
                self._row(f"P{len(self.rows)}", event="recruited")
            elif not there:
                self._row(person, status="working", event="received")
            elif what == "leave":
                self._row(person, status="left", event="resigned")
            else:
                self._row(person, unit=self.chance.choice(UNITS), event="transferred")

    def plan(self, policy: Policy) -> Plan:
        people = [row for theirs in self.rows.values() for row in theirs]
        roster = world.admitted(people, ledger=self.ledger, today=self.today)
        return decide(roster, self.shots, self.ledger, policy, self.today)

    def carry_out(self, plan: Plan, policy: Policy) -> None:
        self.shots = [after(shot, plan.actions, policy, world.ZONE) for shot in self.shots]
        self.ledger = remembered(self.ledger, plan.actions, self.today)
        self.moves += sum(bool(one.needs) for one in plan.actions)

    def holds(self) -> None:
        """Nobody is in service twice; an address is one subject's for ever, whichever system it is on."""
        serving = [
            account.stamp.subject
            for shot in self.shots
            for account in shot.accounts
            if account.stamp and account.stamp.state in IN_SERVICE
        ]
        assert len(serving) == len(set(serving))
        for shot in self.shots:
            for account in shot.accounts:
                assert account.stamp
                for address in account.addresses:
                    self.holders.setdefault(fold_address(address), set()).add(account.stamp.subject)
        assert [one for one in self.holders.items() if len(one[1]) > 1] == []


def _year(size: int, days: int, seed: int) -> City:
    city = City(Random(seed), size)  # noqa: S311 - a story, no secret
    before, later = _policy("giaothuy"), _policy("giaothuy", "snv")
    there: set[tuple[str, str]] = set()
    for day in range(days):
        city.today = FIRST + timedelta(days=day)
        policy = before if day < days // 2 else later
        if day:
            city.happens()
        plan = city.plan(policy)
        city.carry_out(plan, policy)
        city.holds()
        assert city.plan(policy).actions == (), city.today
        accounts = {(shot.target, account.guid) for shot in city.shots for account in shot.accounts}
        assert there <= accounts  # nothing is ever deleted: Đà Nẵng orders no deletion by itself
        there = accounts
    return city


def test_some_people_in_some_weeks() -> None:
    """Laws 1 and 7, Đà Nẵng Điều 3: whatever comes, the next plan is empty and no address or person is there twice."""
    city = _year(12, 40, 7)

    assert city.moves > 0


@pytest.mark.long
def test_five_hundred_people_in_a_year() -> None:
    """The same, day by day, as a city lives it."""
    city = _year(500, 365, 2017)

    assert city.moves > 100
