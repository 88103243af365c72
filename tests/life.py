"""A province over time: people join, move, leave, return; rosters lose rows; humans interfere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import world
from hypothesis import strategies as st

from syncagent.core.account import Account
from syncagent.core.decide import decide
from syncagent.core.document import Document
from syncagent.core.ledger import Hold, Ledger
from syncagent.core.person import PersonRow
from syncagent.core.plan import Plan
from syncagent.core.policy import Policy
from syncagent.core.rehearse import after, remembered
from syncagent.core.request import Request
from syncagent.core.roster import Roster
from syncagent.core.snapshot import Snapshot

PEOPLE = tuple(f"P{n}" for n in range(1, 9))
_NAMES = (
    "Nguyễn Ngọc Thành", "Nguyễn Ngọc Thanh", "Trần Thị Hòa", "Đặng Thị Hoà",
    "Lê Ư", "H'Hen Niê", "Lò Thị Mai", "Phạm Hòa",
)  # fmt: skip
_UNITS = ("skhcn", "skhcn-vp", "snv", "giaothuy")
_LEAVINGS = ("retired", "died", "resigned", "moved_out")
_REQUESTS = {
    "lock": "lock",
    "unlock": "unlock",
    "reset": "reset_password",
    "emergency": "emergency_delete",
    "agree": "agree_address",
    "change": "change",
}
_BY_HAND: dict[str, dict[str, str]] = {
    "password_changed": {"pwdLastSet": "134000000000000000"},
    "by_hand_off": {"userAccountControl": "514"},
    "by_hand_on": {"userAccountControl": "512"},
    "stamp_removed": {world.directory().stamp: ""},
    "title_by_hand": {"title": "Tự sửa", "displayName": "Tự sửa"},
}
_ROWS = (
    "join", "leave", "leave_undocumented", "return", "move", "move_undocumented", "room", "rename", "second",
)  # fmt: skip
_ROSTER = ("drop", "duplicate", "unknown_unit", "hold", "release")

mutation = st.tuples(
    st.sampled_from((*_ROWS, *_ROSTER, *_REQUESTS, *_BY_HAND)), st.integers(0, len(PEOPLE) - 1), st.integers(0, 3)
)
step = st.tuples(st.integers(1, 70), st.lists(mutation, max_size=4))
history = st.lists(step, min_size=1, max_size=7)

Events = list[tuple[int, list[tuple[str, int, int]]]]


@dataclass
class Life:
    """The roster, the directory and the ledger of a province on one day, and to whom each address ever went."""

    rows: dict[str, list[PersonRow]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    accounts: tuple[Account, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    today: date = date(2026, 1, 5)
    issued: dict[str, str] = field(default_factory=dict)
    policy: Policy = field(default_factory=world.policy)

    def people(self) -> list[PersonRow]:
        """All rows; somebody is always there, because a roster is never empty."""
        somebody = world.row("P0", "Bùi Văn Lâm", "snv")
        return [somebody, *(row for theirs in self.rows.values() for row in theirs)]

    def parts(self, ledger: Ledger | None = None) -> tuple[Roster, list[Snapshot], Ledger, Policy, date]:
        """What `decide` takes."""
        known = ledger or self.ledger
        roster = world.admitted(self.people(), world.UNITS, self.requests, known, self.today)
        return roster, [world.snapshot(*self.accounts)], known, self.policy, self.today

    def plan(self) -> Plan:
        return decide(*self.parts())

    def apply(self, plan: Plan) -> None:
        self.accounts = after(world.snapshot(*self.accounts), plan.actions, self.policy, world.ZONE).accounts
        self.ledger = remembered(self.ledger, plan.actions, self.today)

    def mutate(self, what: str, who: int, variant: int) -> None:
        """Let one thing happen to one person."""
        person = PEOPLE[who]
        if what in _ROWS:
            self._row(what, who, variant)
        elif what in _REQUESTS:
            self._ask(_REQUESTS[what], who, variant)
        elif what in _BY_HAND:
            self.interfere(person, what)
        elif what == "drop":
            self.rows.pop(person, None)
        elif what == "duplicate" and self.rows.get(person):
            self.rows[person].append(replace(self.rows[person][-1], full_name="Ai Khác"))
        elif what == "unknown_unit" and self.rows.get(person):
            self.rows[person] = [replace(self.rows[person][-1], unit="không-có")]
        elif what == "hold":
            holds = {**self.ledger.holds, person.casefold(): Hold(person, "7/CV", "A")}
            self.ledger = replace(self.ledger, holds=holds)
        elif what == "release":
            holds = {name: hold for name, hold in self.ledger.holds.items() if name != person.casefold()}
            self.ledger = replace(self.ledger, holds=holds)

    def _row(self, what: str, who: int, variant: int) -> None:
        person, today, unit = PEOPLE[who], self.today, _UNITS[variant]
        latest = self.rows.get(person, [])[-1:]
        name = latest[0].full_name if latest else _NAMES[who]
        here = latest[0].unit if latest and latest[0].unit in _UNITS else unit
        decision = {"document": Document(f"{variant}{today:%d%m%y}/QĐ-SNV", today, "Giám đốc")}
        every: dict[str, dict[str, Any]] = {
            "join": {"unit": unit, "event": "recruited", **decision},
            "leave": {"unit": here, "status": "left", "event": _LEAVINGS[variant], **decision},
            "leave_undocumented": {"unit": here, "status": "left"},
            "return": {"unit": here, "event": "received", **decision},
            "move": {"unit": unit, "event": "transferred", **decision},
            "move_undocumented": {"unit": unit},
            "room": {"unit": "skhcn-vp" if here == "skhcn" else "skhcn", "event": "appointed", **decision},
            "rename": {"unit": here, "event": "renamed", **decision},
            "second": {"unit": here, "status": "seconded", "event": "seconded", **decision},
        }
        full_name = f"{name} Anh" if what == "rename" else name
        new = world.row(person, full_name, effective_date=today, **every[what])
        kept = [row for row in self.rows.get(person, []) if row.takes_effect != today]
        self.rows[person] = [*kept, new]

    def _ask(self, kind: str, who: int, variant: int) -> None:
        agreed = f"{['thanh', 'hoa', 'u', 'hen'][variant]}-rieng{who}.skhcn@ninhbinh.gov.vn"
        self.requests.append(
            world.request(
                kind,
                PEOPLE[who],
                self.today,
                f"R{len(self.requests)}",
                from_unit="skhcn",
                document_number="9/SKHCN",
                reason="lý do",
                value=agreed if kind == "agree_address" else "",
            )
        )

    def interfere(self, person: str, what: str) -> None:
        """What holders and administrators do in the directory by hand."""
        self.accounts = tuple(
            world.changed(account, **_BY_HAND[what]) if account.stamp and account.stamp.subject == person else account
            for account in self.accounts
        )
