"""A unit moves from one system to the other: closed and kept there, issued here, the address goes along; never both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
import world
from world import TODAY, changed, leaver, request, restamped, row

from syncagent.core.account import Account
from syncagent.core.decide import decide
from syncagent.core.ledger import Hold, Ledger
from syncagent.core.outcome import Outcome, Result
from syncagent.core.person import PersonRow, Status
from syncagent.core.plan import Plan
from syncagent.core.policy import Policy, Target
from syncagent.core.rehearse import after, remembered
from syncagent.core.request import Request
from syncagent.core.snapshot import Snapshot
from syncagent.core.stamp import Reason, State
from syncagent.core.undo import undone
from syncagent.core.unit import Unit

LAW = "danang-2017"
OPENED = date(2026, 3, 6)
PEOPLE = [
    row("P0", "Bùi Văn Lâm", "snv"), row("P1", "Nguyễn Ngọc Thành"), row("P2", "Trần Thị Mai", "snv"),
]  # fmt: skip


def _policy(*on_other: str, law: str = LAW) -> Policy:
    """Two systems: the units named live on “other”, all others on “main”."""
    units = {"main": ("*",), "other": on_other or ("nobody",)}
    targets = {name: Target(name, world.directory(), world.BASE, units[name], live=False) for name in units}
    return world.policy(law, targets=targets)


def _plan(
    snapshots: Iterable[Snapshot],
    ledger: Ledger,
    policy: Policy,
    people: Iterable[PersonRow] = PEOPLE,
    requests: Iterable[Request] = (),
    today: date = TODAY,
    units: Iterable[Unit] = world.UNITS,
) -> Plan:
    return decide(world.admitted(people, units, requests, ledger, today), list(snapshots), ledger, policy, today)


def _carried_out(
    plan: Plan, snapshots: Iterable[Snapshot], ledger: Ledger, policy: Policy, day: date = TODAY
) -> tuple[list[Snapshot], Ledger]:
    return [after(one, plan.actions, policy, world.ZONE) for one in snapshots], remembered(ledger, plan.actions, day)


def _before(people: Iterable[PersonRow] = PEOPLE, law: str = LAW) -> tuple[list[Snapshot], Ledger]:
    """Everybody on “main”, nobody on “other”."""
    empty = [world.snapshot(), replace(world.snapshot(), target="other")]
    policy = _policy(law=law)
    plan = _plan(empty, world.EMPTY, policy, people, today=OPENED)
    return _carried_out(plan, empty, world.EMPTY, policy, OPENED)


def _did(plan: Plan) -> list[tuple[str, str, str]]:
    return [(str(one.kind), one.target, one.subject) for one in plan.actions]


def _account(snapshots: list[Snapshot], name: str, subject: str) -> Account:
    shot = next(one for one in snapshots if one.target == name)
    return world.account(shot.accounts, subject)


def _edited(snapshots: list[Snapshot], account: Account) -> list[Snapshot]:
    return [
        replace(shot, accounts=tuple(account if one.guid == account.guid else one for one in shot.accounts))
        for shot in snapshots
    ]


def _why(plan: Plan, subject: str) -> list[str]:
    return [found.message.en for found in plan.findings if (found.code, found.subject) == ("manual-steps", subject)]


def test_a_unit_moves_with_its_addresses_and_nothing_of_the_old_mailboxes_is_deleted() -> None:
    """Two actions a person, on an order: withdrawn and kept on the old system, then issued on the new; then no more.

    Whoever is of another unit stays. Years later the old mailbox is still there.
    """
    shots, ledger = _before()
    policy = _policy("snv")
    held = {one: _account(shots, "main", one).address for one in ("P0", "P1", "P2")}

    plan = _plan(shots, ledger, policy)
    moved, known = _carried_out(plan, shots, ledger, policy)
    again = _plan(moved, known, policy)
    later = _plan(moved, known, policy, today=date(2029, 3, 10))

    assert sorted(_did(plan)) == [
        ("create", "other", "P0"), ("create", "other", "P2"),
        ("withdraw", "main", "P0"), ("withdraw", "main", "P2"),
    ]  # fmt: skip
    closing = {one.subject: one for one in plan.actions if one.target == "main"}
    opening = {one.subject: one for one in plan.actions if one.target == "other"}
    assert all(one.needs_order and one.then is None for one in closing.values())
    assert {subject: one.needs for subject, one in opening.items()} == {s: (closing[s].id,) for s in closing}
    assert {subject: one.address for subject, one in opening.items()} == {s: held[s] for s in closing}
    assert all("move the old mail" in one.because[0].text.en for one in plan.actions)
    old = _account(moved, "main", "P0")
    assert old.stamp
    assert (old.stamp.state, old.stamp.why, old.enabled, old.receives) == (
        State.WITHDRAWN, Reason.RELOCATED, False, False,
    )  # fmt: skip
    assert again.actions == ()
    assert not [one for one in later.actions if one.target == "main" and one.subject in {"P0", "P2"}]


def test_whoever_was_closed_and_not_issued_yet_is_issued_the_same_address_by_the_next_plan() -> None:
    """The move was cut off between its halves: one account is closed, none is made twice, the address is theirs."""
    shots, ledger = _before()
    policy = _policy("snv")
    plan = _plan(shots, ledger, policy)
    half = replace(plan, actions=tuple(one for one in plan.actions if one.target == "main"))

    moved, known = _carried_out(half, shots, ledger, policy)
    rest = _plan(moved, known, policy)

    assert sorted(_did(rest)) == [("create", "other", "P0"), ("create", "other", "P2")]
    assert {one.address for one in rest.actions} == {one.address for one in half.actions}


def test_a_unit_that_is_moved_back_is_no_second_account_there() -> None:
    """The old system still keeps the old mailbox: neither a move nor a new issue makes another beside it."""
    shots, ledger = _before()
    policy = _policy("snv")
    plan = _plan(shots, ledger, policy)
    moved, known = _carried_out(plan, shots, ledger, policy)
    half, half_known = _carried_out(
        replace(plan, actions=tuple(one for one in plan.actions if one.target == "main")), shots, ledger, policy
    )

    back = _plan(moved, known, _policy())
    cut_off = _plan(half, half_known, _policy())

    assert back.actions == ()
    assert "still keeps their former mailbox" in _why(back, "P0")[0]
    assert cut_off.actions == ()
    assert "no second one is issued there" in _why(cut_off, "P0")[0]


@pytest.mark.parametrize(
    ("row_of_p0", "requests", "does", "says"),
    [
        (replace(PEOPLE[0], status=Status.ON_LEAVE), [], "", "would not issue a new mailbox"),
        (PEOPLE[0], [request("lock", "P0", TODAY, from_unit="snv", document_number="9/SNV")], "lock", ""),
        (leaver("P0", unit="snv"), [], "withdraw", ""),
    ],
)
def test_what_else_is_ordered_goes_first(row_of_p0: PersonRow, requests: list[Request], does: str, says: str) -> None:
    """A lock or a leaving is carried out where the account is; nobody is issued a mailbox they would not be given."""
    shots, ledger = _before()

    plan = _plan(shots, ledger, _policy("snv"), [row_of_p0, PEOPLE[1]], requests)

    assert _did(plan) == ([(does, "main", "P0")] if does else [])
    assert says in " ".join(_why(plan, "P0"))


def test_a_locked_mailbox_and_one_with_aliases_stay() -> None:
    """What the move would open or lose is settled first, and the finding names the account and the way out."""
    shots, _ = _before()
    locked = restamped(_account(shots, "main", "P0"), state=State.LOCKED)
    locked = changed(locked, userAccountControl="514")
    own = _account(shots, "main", "P2").address
    also = changed(_account(shots, "main", "P2"), proxyAddresses=(f"SMTP:{own}", "smtp:vanthu.cu@danang.gov.vn"))

    plan = _plan(_edited(_edited(shots, locked), also), world.EMPTY, _policy("snv"))

    assert plan.actions == ()
    assert "the mailbox is locked" in _why(plan, "P0")[0]
    assert "it still receives for vanthu.cu@danang.gov.vn" in _why(plan, "P2")[0]
    assert f"Account {own} of P2 lives in “main”" in _why(plan, "P2")[0]
    assert "name the unit in targets.main.units" in _why(plan, "P2")[0]


def test_who_is_on_hold_stays_whole() -> None:
    """Law 3: neither half of the move is planned for whoever is held."""
    shots, ledger = _before()

    plan = _plan(shots, replace(ledger, holds={"p0": Hold("P0", "7/CV", "A")}), _policy("snv"))

    assert sorted(_did(plan)) == [("create", "other", "P2"), ("withdraw", "main", "P2")]


def test_a_value_that_the_new_system_cannot_hold_leaves_the_old_mailbox_open() -> None:
    """Nobody loses a mailbox to a move that cannot end: both halves are planned, or neither."""
    shots, ledger = _before()
    policy = _policy("snv")
    strict = replace(policy.targets["other"].directory, longest={"displayName": 3})
    policy.targets["other"] = replace(policy.targets["other"], directory=strict)  # type: ignore[index] # our own dict

    plan = _plan(shots, ledger, policy)

    assert plan.actions == ()
    assert "longer than the directory allows" in _why(plan, "P0")[0]


def test_a_unit_mailbox_moves_with_its_unit() -> None:
    """The mailbox of an agency is an account like any other, handed to its holder anew."""
    units = tuple(
        replace(one, mailbox=True, mailbox_holders=("P0",)) if one.unit == "snv" else one for one in world.UNITS
    )
    empty = [world.snapshot(), replace(world.snapshot(), target="other")]
    policy = _policy()
    first = _plan(empty, world.EMPTY, policy, today=OPENED, units=units)
    shots, ledger = _carried_out(first, empty, world.EMPTY, policy, OPENED)

    plan = _plan(shots, ledger, _policy("snv"), units=units)

    assert ("withdraw", "main", "unit:snv") in _did(plan)
    assert ("create", "other", "unit:snv") in _did(plan)


def test_an_address_that_names_the_unit_is_not_moved_to_another_system() -> None:
    """Ninh Bình: a transfer changes the address; the old one must go on receiving where it is."""
    shots, ledger = _before(law="ninhbinh-2025")
    moved = row("P1", "Nguyễn Ngọc Thành", "snv", event="transferred", effective_date=TODAY, document=world.DECISION)
    policy = _policy("snv", law="ninhbinh-2025")

    plan = _plan(shots, ledger, policy, [*PEOPLE[:1], moved])

    assert "P1" not in {one.subject for one in plan.actions}
    assert "its address must change with the unit" in _why(plan, "P1")[0]


def test_a_move_that_is_taken_back_leaves_one_open_mailbox_where_it_was() -> None:
    """Undo opens the old and closes the new; that one is kept, and nothing is made beside it (design §8, law 1).

    Whoever leaves then is closed where they are: two accounts of one person are no doubt if one is what an undo left.
    """
    shots, ledger = _before()
    policy = _policy("snv")
    plan = _plan(shots, ledger, policy)
    moved, known = _carried_out(plan, shots, ledger, policy)
    done = {
        one.id: Outcome(one.id, Result.DONE, guid=one.account.guid if one.account else f"new:{one.id}:{one.subject}")
        for one in plan.actions
    }
    roster = world.admitted(PEOPLE, ledger=known)
    back = undone("p", plan, done, roster, moved, known, policy, TODAY)
    returned, after_undo = _carried_out(back, moved, known, policy)

    stays = _plan(returned, after_undo, _policy())
    again = _plan(returned, after_undo, policy)
    left = _plan(returned, after_undo, _policy(), [leaver("P0", unit="snv"), *PEOPLE[1:]])

    assert sorted(_did(back)) == [
        ("disable", "other", "P0"), ("disable", "other", "P2"), ("restore", "main", "P0"), ("restore", "main", "P2"),
    ]  # fmt: skip
    assert stays.actions == ()
    assert [one for one in stays.findings if one.subject in {"P0", "P2"}] == []
    assert again.actions == ()
    assert "still keeps their former mailbox" in _why(again, "P0")[0]
    assert _did(left) == [("withdraw", "main", "P0")]


def test_two_open_accounts_on_two_systems_are_a_doubt() -> None:
    """Somebody made the second one by hand: nothing is done to either before a person says which."""
    shots, ledger = _before()
    twin = replace(_account(shots, "main", "P0"), target="other", guid="by-hand")
    both = [shots[0], replace(shots[1], accounts=(twin,))]

    plan = _plan(both, ledger, _policy("snv"), PEOPLE[:1])

    assert plan.actions == ()
    assert "ambiguous-match" in world.codes(plan, "P0")
