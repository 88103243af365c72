"""The laws of design §8 over random histories: people join, move, leave, return; rosters lose rows; humans interfere."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
import world
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.decide import decide
from syncagent.core.document import Document
from syncagent.core.ledger import Hold, Ledger
from syncagent.core.person import PersonRow
from syncagent.core.policy import InternalMove
from syncagent.core.record import digest_of
from syncagent.core.rehearse import after, remembered
from syncagent.core.stamp import State

_FIRST_DAY = date(2026, 1, 5)
_NAMES = ("Nguyễn Ngọc Thành", "Nguyễn Ngọc Thanh", "Trần Thị Hòa", "Đặng Thị Hoà", "Lê Ư", "H'Hen Niê", "Lò Thị Mai", "Phạm Hòa")
_PEOPLE = tuple(f"P{n}" for n in range(1, 9))
_WORK_UNITS = ("skhcn", "skhcn-vp", "snv", "giaothuy")
_MUTATIONS = (
    "join", "leave", "leave_undocumented", "return", "move", "move_undocumented", "room", "rename", "second", "drop",
    "duplicate", "unknown_unit", "lock", "unlock", "reset", "hold", "release", "password_changed", "by_hand_off",
    "by_hand_on", "stamp_removed", "title_by_hand", "agree", "emergency",
)  # fmt: skip

mutation = st.tuples(st.sampled_from(_MUTATIONS), st.integers(0, len(_PEOPLE) - 1), st.integers(0, 3))
step = st.tuples(st.integers(1, 70), st.lists(mutation, max_size=4))
history = st.lists(step, min_size=1, max_size=7)


@dataclass
class Life:
    """A province over time: the roster, the directory, the ledger, and what each address was ever used for."""

    rows: dict[str, list[PersonRow]] = field(default_factory=dict)
    requests: list = field(default_factory=list)
    accounts: tuple = ()
    ledger: Ledger = field(default_factory=Ledger)
    today: date = _FIRST_DAY
    issued: dict[str, str] = field(default_factory=dict)
    guids: dict[str, str] = field(default_factory=dict)
    policy: object = field(default_factory=world.policy)
    spoiled: set[str] = field(default_factory=set)

    def people(self) -> list[PersonRow]:
        somebody = world.row("P0", "Bùi Văn Lâm", "snv")  # a roster is never empty
        return [somebody, *(row for theirs in self.rows.values() for row in theirs)]

    def parts(self, ledger: Ledger | None = None):
        known = ledger or self.ledger
        roster = world.admitted(self.people(), world.UNITS, self.requests, known, self.today)
        return roster, [world.snapshot(*self.accounts)], known, self.policy, self.today

    def plan(self):
        return decide(*self.parts())

    def mutate(self, what: str, who: int, variant: int) -> None:
        person, today = _PEOPLE[who], self.today
        unit = _WORK_UNITS[variant]
        latest = self.rows.get(person, [])[-1:]
        document = Document(f"{len(self.issued)}{variant}/QĐ-SNV", today, "Giám đốc")
        full = {"effective_date": today, "document": document}
        name = latest[0].full_name if latest else _NAMES[who]
        where = latest[0].unit if latest and latest[0].unit in _WORK_UNITS else unit
        new = None
        if what == "join":
            new = world.row(person, name, unit, event="recruited", **full)
        elif what == "leave":
            new = world.row(person, name, where, status="left", event=("retired", "died", "resigned", "moved_out")[variant], **full)
        elif what == "leave_undocumented":
            new = world.row(person, name, where, status="left", effective_date=today)
        elif what == "return":
            new = world.row(person, name, where, event="received", **full)
        elif what == "move":
            new = world.row(person, name, unit, event="transferred", **full)
        elif what == "move_undocumented":
            new = world.row(person, name, unit, effective_date=today)
        elif what == "room":
            new = world.row(person, name, "skhcn-vp" if where == "skhcn" else "skhcn", event="appointed", **full)
        elif what == "rename":
            new = world.row(person, name + " Anh", where, event="renamed", **full)
        elif what == "second":
            new = world.row(person, name, where, status="seconded", event="seconded", **full)
        elif what == "drop":
            self.rows.pop(person, None)
        elif what == "duplicate" and latest:
            self.rows[person].append(replace(latest[0], full_name="Ai Khác"))
        elif what == "unknown_unit" and latest:
            self.rows[person] = [replace(latest[0], unit="không-có")]
        elif what in {"lock", "unlock", "reset", "emergency", "agree"}:
            kind = {"reset": "reset_password", "emergency": "emergency_delete", "agree": "agree_address"}.get(what, what)
            value = f"{'thanh hoa u hen mai'.split()[variant]}.rieng{who}.skhcn@ninhbinh.gov.vn" if what == "agree" else ""
            self.requests.append(
                world.request(kind, person, today, f"R{len(self.requests)}", document_number="9/SKHCN", reason="lý do", value=value)
            )
        elif what == "hold":
            self.ledger = replace(self.ledger, holds={**self.ledger.holds, person.casefold(): Hold(person, "7/CV", "A")})
        elif what == "release":
            self.ledger = replace(self.ledger, holds={k: v for k, v in self.ledger.holds.items() if k != person.casefold()})
        else:
            self.interfere(person, what)
        if new:
            kept = [r for r in self.rows.get(person, []) if r.takes_effect != new.takes_effect]
            self.rows[person] = [*kept, new]

    def interfere(self, person: str, what: str) -> None:
        """What holders and administrators do in the directory by hand."""
        directory = world.directory()
        found = []
        for account in self.accounts:
            edited = account
            if account.stamp and account.stamp.subject == person:
                if what == "password_changed":
                    edited = world.changed(account, pwdLastSet="134000000000000000")
                elif what == "by_hand_off":
                    edited = world.changed(account, userAccountControl="514")
                elif what == "by_hand_on":
                    edited = world.changed(account, userAccountControl="512")
                elif what == "stamp_removed":
                    edited = world.changed(account, **{directory.stamp: ""})
                elif what == "title_by_hand":
                    edited = world.changed(account, title="Tự sửa", displayName="Tự sửa")
            found.append(edited)
        self.accounts = tuple(found)

    def apply(self, plan) -> None:
        self.accounts = after(world.snapshot(*self.accounts), plan.actions, self.policy, world.ZONE).accounts
        self.ledger = remembered(self.ledger, plan.actions, self.today)


def _live(events, check, policy=None) -> None:
    """Run a history, let `check(life, plan)` look at every plan, apply it, and prove law 1 each time."""
    life = Life(policy=policy or world.policy())
    for days, mutations in events:
        life.today += timedelta(days=days)
        for what, who, variant in mutations:
            life.mutate(what, who, variant)
        plan = life.plan()
        check(life, plan)
        life.apply(plan)
        again = life.plan()
        assert [(str(a.kind), a.subject, a.changes) for a in again.actions] == []


@given(history)
def test_deciding_again_after_applying_finds_nothing_to_do(events) -> None:
    """Law 1: same day, same inputs, nothing left to do."""
    _live(events, lambda life, plan: None)


@given(history)
def test_deciding_again_after_applying_finds_nothing_to_do_when_moves_are_reissues(events) -> None:
    """Law 1 under the literal reading of a move (domain §1.8 row 4 b)."""
    _live(events, lambda life, plan: None, world.policy(internal_move=InternalMove.REISSUE))


@given(history, st.randoms(use_true_random=False))
def test_the_order_of_inputs_does_not_matter(events, chance: random.Random) -> None:
    """Law 2: shuffled rows, units, requests and accounts give the same digest."""

    def check(life: Life, plan) -> None:
        people, requests, accounts, units = life.people(), list(life.requests), list(life.accounts), list(world.UNITS)
        for one in (people, requests, accounts, units):
            chance.shuffle(one)
        people = [replace(row, where=row.where._replace(line=n)) for n, row in enumerate(people)]
        roster = world.admitted(people, units, requests, life.ledger, life.today)
        shuffled = decide(roster, [world.snapshot(*accounts)], life.ledger, life.policy, life.today)

        assert digest_of(shuffled) == digest_of(plan)

    _live(events, check)


@given(history)
def test_what_is_held_quarantined_or_not_ours_is_never_touched(events) -> None:
    """Law 3: no action on anybody held, quarantined or ambiguous; an unmarked account is only ever adopted."""

    def check(life: Life, plan) -> None:
        roster, *_ = life.parts()
        ours = {a.guid for a in life.accounts if a.stamp}
        for action in plan.actions:
            assert action.subject.casefold() not in life.ledger.holds
            assert action.subject not in roster.quarantined
            if action.account and action.account.guid not in ours:
                assert action.kind == "adopt"

    _live(events, check)


@given(history)
def test_no_destructive_action_comes_before_its_due_day(events) -> None:
    """Law 6: deletion never before three calendar months have passed since the disabling (NB-28)."""

    def check(life: Life, plan) -> None:
        for action in plan.actions:
            assert action.due <= life.today
            if action.kind == "delete" and not action.fulfils:
                account = next(a for a in life.accounts if a.guid == action.account.guid)
                assert account.stamp.state is State.DISABLED
                since = account.stamp.since
                months = (life.today.year - since.year) * 12 + life.today.month - since.month
                assert months > 3 or (months == 3 and life.today.day > min(since.day, 28)), (since, life.today)
            if action.kind == "disable" and action.stamp.why == "left":
                row = life.rows[action.subject][-1]
                assert row.document.complete
                assert row.takes_effect <= life.today

    _live(events, check)


@given(history)
def test_no_address_is_ever_issued_to_two_people(events) -> None:
    """Law 7: over a whole history, deletions and returns included, an address has one holder for good."""

    def check(life: Life, plan) -> None:
        for action in plan.actions:
            if action.stamp:
                known = life.issued.setdefault(action.address, action.subject)
                assert known == action.subject

    _live(events, check)


@given(history)
def test_a_person_keeps_the_account_through_move_rename_and_return(events) -> None:
    """Law 8: as long as a person's account exists, it is the same object; nobody is deleted and created at once."""

    def check(life: Life, plan) -> None:
        created = {a.subject for a in plan.actions if a.kind == "create"}
        deleted = {a.subject for a in plan.actions if a.kind == "delete"}
        assert not created & deleted
        holders = {a.stamp.subject for a in life.accounts if a.stamp}
        assert not created & holders

    _live(events, check)


@pytest.mark.parametrize("lost", ["ledger", "stamps"])
@given(events=history)
def test_losing_a_memory_never_brings_a_deletion_forward(lost: str, events) -> None:
    """Design §3: with the ledger or the stamps gone, no account is deleted that would not be deleted with both."""

    def check(life: Life, plan) -> None:
        whole = {a.account.guid for a in plan.actions if a.kind == "delete"}
        if lost == "ledger":
            poorer = decide(*life.parts(replace(Ledger(), holds=life.ledger.holds, fulfilled=life.ledger.fulfilled)))
        else:
            bare = Life(life.rows, life.requests, life.accounts, life.ledger, life.today)
            for person in _PEOPLE:
                bare.interfere(person, "stamp_removed")
            poorer = bare.plan()
        assert {a.account.guid for a in poorer.actions if a.kind == "delete"} <= whole

    _live(events, check)


@given(history, st.data())
def test_a_cut_roster_never_takes_a_mailbox_that_the_whole_one_leaves(events, data) -> None:
    """Law 13: with any rows missing, whoever was acted on before keeps what the whole roster leaves them.

    A row that was never acted on and is cut away cannot be known to be missing; the checksum file of a roster
    proves completeness against that (docs/explanation/safety.md).
    """

    def check(life: Life, plan) -> None:
        whole = {a.account.guid for a in plan.actions if a.destructive and a.account}
        acted = {a.stamp.subject: a.stamp.row for a in life.accounts if a.stamp}
        kept = [row for row in life.people() if data.draw(st.booleans())]
        cut_off = [row for row in life.people() if row not in kept]
        unknown = {row.person_id for row in cut_off if (acted.get(row.person_id) or date.min) < (row.takes_effect or date.max)}
        if not kept:
            return
        roster = world.admitted(kept, world.UNITS, life.requests, life.ledger, life.today)
        cut = decide(roster, [world.snapshot(*life.accounts)], life.ledger, life.policy, life.today)
        for action in cut.actions:
            if action.destructive and action.account and action.subject not in unknown:
                assert action.account.guid in whole, action.subject

    _live(events, check)


