"""A wave as one plan: the new account before the old one is closed, nothing deleted before its day and its record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
from merging import Merged, export, merge, merger, old, ruling
from world import DECISION, EMPTY, TODAY, UNITS, ZONE, closed, leaver, policy, row, snapshot

from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Operation
from syncagent.core.cutover import CutOver, differences, plan_of
from syncagent.core.finding import FindingCode
from syncagent.core.ledger import Known, Ledger
from syncagent.core.merger import AccountId, Fate, Merger, Wave
from syncagent.core.notation import Follower, Forward
from syncagent.core.outcome import Outcome, Result
from syncagent.core.periods import due_after
from syncagent.core.plan import Plan
from syncagent.core.policy import Target
from syncagent.core.rehearse import after, remembered
from syncagent.core.routing import homes_of
from syncagent.core.snapshot import Snapshot
from syncagent.core.stamp import Reason, State
from syncagent.core.undo import undone

AN = row("NB1", "Nguyễn Văn An", previous_address="an@hanam.gov.vn")
BINH = row("NB2", "Trần Thị Bình", "snv", previous_address="binh@namdinh.gov.vn")
AN_OLD = old("hanam", "an@hanam.gov.vn", status="active", receives="yes")
BINH_OLD = old("namdinh", "binh@namdinh.gov.vn", status="active", receives="yes")
BOXED = tuple(replace(unit, mailbox=unit.unit in {"skhcn", "snv"}) for unit in UNITS)
SOON = date(2026, 4, 30)


def written(*waves: Wave, forward: bool = False, until: date | None = SOON) -> Merger:
    """A merger whose old systems may all be written, and send mail on by themselves where asked."""
    found = merger(*(waves or (Wave(("*",)),)), until=date(2026, 12, 31))
    directory = replace(export(), forward=Forward("forwards_to", "")) if forward else export()
    legacies = {name: replace(one, writes=True, directory=directory) for name, one in found.legacies.items()}
    return replace(found, legacies=legacies, forward_until=until)


def plan(
    found: Merged, ledger: Ledger = EMPTY, wave: int = 1, settled: Iterable[AccountId] = (), **declared: int
) -> Plan:
    """Plan one wave of a merger whose old systems may be written."""
    chosen = found.merger
    if declared:
        counts = {Fate(fate.replace("_", "-")): n for fate, n in declared.items()}
        chosen = replace(chosen, waves=(replace(chosen.waves[0], counts=counts), *chosen.waves[1:]))
    targets = {
        name: Target(name, one.directory, "ou=accounts", (), live=False) for name, one in chosen.legacies.items()
    }
    laws = replace(found.view.policy, targets={**found.view.policy.targets, **targets})
    theirs = {name: [one for at, one in found.population.accounts.items() if at.system == name] for name in targets}
    return plan_of(
        CutOver(
            number=wave,
            merger=chosen,
            found=found.fates.of_wave(wave),
            counts=found.fates.of_wave(wave).counts(),
            old={name: Snapshot(name, tuple(accounts)) for name, accounts in theirs.items()},
            view=replace(found.view, policy=laws),
            ledger=ledger,
            documents=dict.fromkeys(found.population.accounts, "5/CV"),
            settled=frozenset(settled),
        )
    )


def old_side(found: Plan) -> list[tuple[ActionKind, str]]:
    return [(one.kind, one.address) for one in found.actions if one.target != "main"]


class Life:
    """A merger lived through: each plan is carried out in memory, and the next one sees what it left."""

    def __init__(self, people: Iterable[object], accounts: Iterable[Account], of: Merger, *rulings: object) -> None:
        self.people, self.accounts, self.of, self.rulings = list(people), list(accounts), of, rulings
        self.there: tuple[Account, ...] = ()
        self.ledger = EMPTY

    def plan(self, today: date = TODAY, settled: Iterable[AccountId] = ()) -> Plan:
        found = merge(
            self.people, self.accounts, *self.rulings, units=BOXED, with_merger=self.of, there=self.there,  # type: ignore[arg-type]  # as given
            ledger=self.ledger, today=today,
        )  # fmt: skip
        return plan(found, self.ledger, settled=settled)

    def live(self, today: date = TODAY, settled: Iterable[AccountId] = ()) -> Plan:
        made = self.plan(today, settled)
        self.carry(made.actions, today)
        return made

    def carry(self, actions: Iterable[Action], today: date) -> None:
        done = list(actions)
        self.there = after(snapshot(*self.there), done, policy(), ZONE).accounts
        laws = policy()
        for name, one in self.of.legacies.items():
            theirs = Snapshot(name, tuple(account for account in self.accounts if account.target == name))
            target = Target(name, one.directory, "ou=accounts", (), live=False)
            left = after(theirs, done, replace(laws, targets={name: target}), ZONE).accounts
            self.accounts = [account for account in self.accounts if account.target != name] + [*left]
        self.ledger = remembered(self.ledger, done, today)


def test_the_new_account_comes_first_and_takes_the_old_address_over() -> None:
    """Law: an old account is closed by an action that needs the one that opens the new one (Điều 13.2.a)."""
    found = plan(merge([AN], [AN_OLD], with_merger=written()))

    made, shut = found.actions
    assert (made.kind, made.target, shut.kind, shut.target) == (ActionKind.CREATE, "main", ActionKind.DISABLE, "hanam")
    assert shut.needs == (made.id,)
    assert made.stamp is not None
    assert [tuple(alias) for alias in made.stamp.aliases] == [("an@hanam.gov.vn", date(2026, 12, 31))]
    assert made.changes[-1].attributes["proxyAddresses"][1] == (
        "SMTP:annv.skhcn@ninhbinh.gov.vn",
        "smtp:an@hanam.gov.vn",
    )
    assert [one.rule for one in made.because][-1] == "NB-46"
    assert shut.stamp is not None
    assert (shut.stamp.state, shut.stamp.why, shut.stamp.document) == (
        State.DISABLED,
        Reason.REISSUED,
        "Nghị quyết 202/2025/QH15",
    )


def test_without_a_date_no_old_address_is_taken_over() -> None:
    """How long they still receive is decided by people; past it none is added either."""
    for until in (None, date(2026, 1, 1)):
        undated = replace(written(), aliases_until=until)
        made = plan(merge([AN], [AN_OLD], with_merger=undated)).actions[0]

        assert made.stamp is not None
        assert made.stamp.aliases == ()
        assert "NB-46" not in [one.rule for one in made.because]


def test_an_account_that_is_there_already_gets_the_old_address() -> None:
    """Whoever was created by a plan of the day before is updated, once; then the wave finds nothing to do."""
    life = Life([AN], [AN_OLD], replace(written(), legacies=merger().legacies))
    life.carry([one for one in life.plan().actions if one.target == "main"], TODAY)
    bare = Life([AN], [AN_OLD], written())
    bare.there = tuple(replace(one, aliases=()) for one in life.there)
    first = Life([AN], [AN_OLD], replace(written(), aliases_until=None))
    first.carry([one for one in first.plan().actions if one.target == "main"], TODAY)
    first.of = written()

    kinds = [(one.kind, one.target) for one in first.live().actions]

    assert kinds == [(ActionKind.UPDATE, "main"), (ActionKind.DISABLE, "hanam")]
    assert first.plan().actions == ()


def test_a_system_that_sends_mail_on_is_locked_until_the_day_and_disabled_after_it() -> None:
    """Locked and forwarding, then disabled with the forwarding taken away, each once (design §3)."""
    life = Life([AN], [AN_OLD], written(forward=True))

    locked = life.live().actions[-1]
    same = life.plan(SOON)
    shut = life.live(date(2026, 5, 1)).actions[-1]
    later = life.plan(date(2026, 5, 2))

    assert locked.kind is ActionKind.LOCK
    assert locked.changes[0].attributes["forwards_to"] == ((), ("annv.skhcn@ninhbinh.gov.vn",))
    assert (old_side(same), old_side(later)) == ([], [])
    assert shut.kind is ActionKind.DISABLE
    assert shut.changes[0].attributes["forwards_to"] == (("annv.skhcn@ninhbinh.gov.vn",), ())
    assert shut.changes[0].attributes["receives"] == (("yes",), ("no",))


def test_a_forwarding_of_the_holder_s_own_is_left_when_an_account_is_closed() -> None:
    """What the agent did not write it does not take away."""
    mine = old("hanam", "an@hanam.gov.vn", status="active", receives="yes", forwards_to="x@namdinh.gov.vn")

    shut = plan(merge([AN], [mine], with_merger=written(forward=True, until=None))).actions[-1]

    assert shut.kind is ActionKind.DISABLE
    assert "forwards_to" not in shut.changes[0].attributes


def test_deletion_waits_for_three_months_and_for_the_mail() -> None:
    """By the term of Điều 7.4 from the day it was disabled, two approvers and an order, and its mail accounted for."""
    life = Life([AN], [AN_OLD], written())
    life.live()
    clause = next(one for one in policy().regulation.terms if one.does is ActionKind.DELETE)
    due = due_after(TODAY, clause.term, policy().calendar)
    name = AccountId("hanam", AN_OLD.guid)
    early = life.plan(date.fromordinal(due.toordinal() - 1), [name])
    unsettled = life.plan(due)
    gone = life.live(due, [name]).actions[-1]

    assert old_side(early) == []
    assert old_side(unsettled) == []
    assert FindingCode.HELD in {one.code for one in unsettled.findings}
    assert (gone.kind, gone.due, gone.needs_order, str(gone.review)) == (ActionKind.DELETE, due, True, "two")
    assert [change.operation for change in gone.changes] == [Operation.DELETE]
    assert life.accounts == []


def test_what_nobody_uses_is_disabled_by_the_letter_and_never_deleted_by_a_term() -> None:
    """Điều 13.2.b orders a lock; nothing there orders a deletion."""
    nobody = old("hanam", "x@hanam.gov.vn", "Máy in", status="active", receives="yes", unit="Sở Nội vụ")
    life = Life([BINH], [nobody, BINH_OLD], written(), ruling("hanam", "x@hanam.gov.vn", "retire"))

    shut = next(one for one in life.live().actions if one.target == "hanam")
    late = life.plan(date(2028, 1, 3), [AccountId("hanam", nobody.guid)])

    assert (shut.kind, shut.subject, shut.name) == (ActionKind.DISABLE, "x@hanam.gov.vn", "Máy in")
    assert [(one.rule, one.document) for one in shut.because] == [("NB-48", "5/CV")]
    assert shut.stamp is not None
    assert shut.stamp.why == Reason.CANCELLED
    assert [one for one in late.actions if one.target == "hanam"] == []


def test_a_leaver_and_a_closed_unit_are_closed_by_their_own_documents() -> None:
    """NB-27: the decision of the leaver; the decision on the unit."""
    gone = leaver("NB1", "retired", full_name="Nguyễn Văn An", previous_address="an@hanam.gov.vn")
    box = old("namdinh", "snv@namdinh.gov.vn", status="active", receives="yes")
    units = closed("snv", mailbox=True)
    found = plan(merge([gone], [AN_OLD, box], units=units, with_merger=written()))

    reasons = {one.address: one.because[0].document for one in found.actions if one.target != "main"}
    assert reasons["an@hanam.gov.vn"] == DECISION.number
    assert set(reasons) == {"an@hanam.gov.vn", "snv@namdinh.gov.vn"}
    whys = {one.address: one.stamp.why for one in found.actions if one.target != "main" and one.stamp}
    assert whys == {"an@hanam.gov.vn": Reason.LEFT, "snv@namdinh.gov.vn": Reason.UNIT_CLOSED}


def test_only_systems_that_may_be_written_are() -> None:
    """Without `writes` an old system is read and listed, and nothing can be planned there."""
    found = merge([AN, BINH], [AN_OLD, BINH_OLD], with_merger=written())
    legacies = {name: replace(one, writes=name == "hanam") for name, one in found.merger.legacies.items()}
    chosen = replace(found.merger, legacies=legacies)
    shots = {"hanam": Snapshot("hanam", (AN_OLD,))}
    laws = replace(policy(), targets={**policy().targets, "hanam": Target("hanam", export(), "ou=accounts", ())})
    view, counts = replace(found.view, policy=laws), found.fates.counts()
    wave = CutOver(1, chosen, found.fates, counts, shots, view, EMPTY, {}, frozenset())

    assert {one.target for one in plan_of(wave).actions} == {"main", "hanam"}


def test_an_old_account_stays_open_while_the_new_one_is_not_there() -> None:
    """Nobody is left without a mailbox: no plan to open the new one, no closing of the old."""
    found = merge([AN], [AN_OLD], with_merger=written())
    nowhere = replace(found.view.policy.targets["main"], units=("snv",))
    homes = homes_of({"main": nowhere}, found.view.roster.units)
    view = replace(found.view, policy=replace(found.view.policy, targets={"main": nowhere}), homes=homes)

    made = plan(found._replace(view=view))

    assert made.actions == ()
    assert FindingCode.MANUAL_STEPS in {one.code for one in made.findings}


def test_an_account_that_lost_its_mark_is_left_alone() -> None:
    """A mark that somebody wiped or damaged makes it nobody's to write."""
    life = Life([AN], [AN_OLD], written())
    life.live()
    wiped = [replace(one, stamp=None) for one in life.accounts]
    life.accounts = wiped
    lost = life.plan()
    life.ledger = Ledger(issued=life.ledger.issued)
    life.accounts = [replace(one, stamp_damaged=True) for one in wiped]
    damaged = life.plan()

    for made in (lost, damaged):
        assert old_side(made) == []
        assert FindingCode.STAMP_DIFFERS in {one.code for one in made.findings}


def test_an_old_account_that_somebody_opened_again_is_closed_again_and_its_term_begins_anew() -> None:
    """Whoever opens it in its old system does not shorten the way to a deletion."""
    life = Life([AN], [AN_OLD], written())
    life.live()
    reopened = [
        replace(
            one, enabled=True, receives=True, attributes={**one.attributes, "status": ("active",), "receives": ("yes",)}
        )
        for one in life.accounts
    ]
    life.accounts = reopened
    later = date(2026, 9, 1)

    again = life.plan(later, [AccountId("hanam", AN_OLD.guid)]).actions

    theirs = [one for one in again if one.target == "hanam"]
    assert [(one.kind, one.stamp.since if one.stamp else None) for one in theirs] == [(ActionKind.DISABLE, later)]


def test_the_later_of_mark_and_memory_counts() -> None:
    """A mark that somebody dated back brings no deletion forward (law 6)."""
    life = Life([AN], [AN_OLD], written())
    life.live()
    (mine,) = life.accounts
    assert mine.stamp is not None
    life.ledger = replace(
        life.ledger,
        accounts={("hanam", mine.guid): Known("hanam", mine.guid, replace(mine.stamp, since=date(2026, 6, 1)))},
    )

    assert old_side(life.plan(date(2026, 8, 3), [AccountId("hanam", mine.guid)])) == []


def test_declared_numbers_are_compared_and_deletions_have_their_own_limit() -> None:
    """What agrees was said in advance; what differs trips with both numbers; an undeclared wave has ordinary brakes."""
    found = merge([AN, BINH], [AN_OLD, BINH_OLD], with_merger=written())
    strict = found._replace(view=replace(found.view, policy=policy(brakes=policy().brakes)))
    agreed, differs = plan(strict, converted=2), plan(strict, converted=1, held=1)

    assert agreed.brakes.tripped == ()
    assert [(trip.name, trip.count, trip.limit) for trip in differs.brakes.tripped] == [
        ("wave-converted", 2, 1),
        ("wave-held", 0, 1),
    ]
    assert differences(Counter({Fate.HELD: 3}), {}) == ()


@pytest.mark.parametrize("wave", [1, 2])
def test_a_wave_touches_its_own_units_only(wave: int) -> None:
    """The other wave's people wait, on both sides."""
    found = merge([AN, BINH], [AN_OLD, BINH_OLD], with_merger=written(Wave(("skhcn",)), Wave(("*",))))

    subjects = {one.subject for one in plan(found, wave=wave).actions}

    assert subjects == ({"NB1"} if wave == 1 else {"NB2"})


def test_what_waits_is_not_touched() -> None:
    """Nobody knows whose it is: held, so that nothing is done there, whatever the wave."""
    nobody = old("hanam", "x@hanam.gov.vn", "Máy in", status="active", receives="yes", unit="Sở Nội vụ")
    found = merge([BINH], [nobody], with_merger=written())

    assert found.of("x@hanam.gov.vn").fate is Fate.HELD
    assert old_side(plan(found)) == []


def test_the_principal_name_of_an_old_account_stays() -> None:
    """On the new system it follows the address; an old one's is its own."""
    chosen = written()
    named = replace(export(), principal=Follower("login", 0, follows_address=True))
    legacies = {name: replace(one, directory=named) for name, one in chosen.legacies.items()}
    mine = old("hanam", "an@hanam.gov.vn", status="active", receives="yes", login="an@cu.local")

    shut = plan(merge([AN], [mine], with_merger=replace(chosen, legacies=legacies))).actions[-1]

    assert (shut.kind, "login" in shut.changes[0].attributes) == (ActionKind.DISABLE, False)


def test_a_wave_is_taken_back_on_the_old_side_too_and_tried_again() -> None:
    """The old account is open again as it was; the next plan of the wave opens the new one again and closes the old."""
    life = Life([AN], [AN_OLD], written())
    made = life.live()
    found = merge([AN], life.accounts, units=BOXED, with_merger=life.of, there=life.there, ledger=life.ledger)
    laws = replace(policy(), targets={**policy().targets, "hanam": Target("hanam", export(), "ou=accounts", ())})
    outcomes = {
        one.id: Outcome(one.id, Result.DONE, guid=f"new:{one.id}:{one.subject}" if one.target == "main" else "")
        for one in made.actions
    }
    old_one = Snapshot("hanam", tuple(life.accounts))

    back = undone("p1", made, outcomes, found.roster, [snapshot(*life.there)], life.ledger, laws, TODAY, old=[old_one])

    assert sorted((one.kind, one.target) for one in back.actions if one.target != "main") == [
        (ActionKind.RESTORE, "hanam")
    ]
    restored = next(one for one in back.actions if one.target == "hanam")
    assert restored.stamp is not None
    assert (restored.stamp.state, restored.stamp.why) == (State.ACTIVE, Reason.UNDONE)
    life.carry(back.actions, TODAY)
    (again,) = life.accounts
    assert (again.enabled, again.receives, again.address) == (True, True, "an@hanam.gov.vn")
    first = next(one for one in made.actions if one.subject == "NB1")
    opened, shut = (one for one in life.live().actions if one.subject == "NB1")
    assert (opened.kind, opened.address) == (ActionKind.RESTORE, first.address)
    assert opened.because[-1].article == "Điều 13 khoản 2 điểm a"
    assert opened.stamp is not None
    assert (opened.stamp.aliases, opened.stamp.document) == (first.stamp.aliases, opened.because[-1].document)  # type: ignore[union-attr]  # a new account has one
    assert (shut.kind, shut.address, shut.needs) == (ActionKind.DISABLE, "an@hanam.gov.vn", (opened.id,))
    assert life.plan().actions == ()
