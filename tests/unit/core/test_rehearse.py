"""What a plan leaves behind: the proof that it suffices, and the future a forecast walks through."""

from __future__ import annotations

from dataclasses import replace

import plans
import pytest
import world

from syncagent.core import dn as names_of
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.ledger import Fulfilled, Ledger
from syncagent.core.rehearse import after, remembered
from syncagent.core.stamp import State

OLD_ADDRESS = "thanhnn.skhcn@ninhbinh.gov.vn"


def _deletion() -> tuple[Action, Ledger]:
    """The deletion of P1's account, and the ledger that knows the account."""
    (account,), ledger = world.settled([world.row()])
    gone = Change(Operation.DELETE, account.dn, {})
    return replace(plans.action(1, ActionKind.DELETE), account=account.ref, changes=(gone,), fulfils=("R1",)), ledger


def test_an_empty_directory_holds_what_was_created() -> None:
    """Law 1: the account with its stamp, its container and their names; contract §6: no evidence of use as yet."""
    plan = world.plan_of([world.row()])

    full = after(world.snapshot(), plan.actions, world.policy(), world.ZONE)

    (account,) = full.accounts
    assert account.stamp
    assert account.stamp.subject == "P1"
    assert account.created == account.stamp.issued == world.TODAY
    assert account.address == OLD_ADDRESS
    assert account.last_use is None
    assert {"cn", "mail"} <= set(account.attributes)
    assert "objectClass" not in account.attributes
    assert names_of.folded(account.dn) in full.names
    assert names_of.same(names_of.parent(account.dn)) in full.containers
    assert world.plan_of([world.row()], full.accounts).actions == ()


def test_an_account_stays_the_same_object_through_a_move() -> None:
    """Law 8: the identity, the day of creation and the evidence of use stay; the former name is free again."""
    (made,), _ = world.settled([world.row()])
    account = world.changed(made, objectGUID="guid-1")
    ledger = Ledger(issued={account.address: "P1"})
    moved = world.row(unit="snv", event="transferred", effective_date=world.TODAY, document=world.DECISION)
    before = world.snapshot(account)
    plan = world.plan_of([moved], [account], ledger=ledger)

    full = after(before, plan.actions, world.policy(), world.ZONE)

    (now,) = full.accounts
    assert (now.guid, now.created, now.last_use) == (account.guid, account.created, account.last_use)
    assert now.address != account.address
    assert account.address in now.aliases
    assert names_of.folded(now.dn) in full.names
    assert (names_of.folded(account.dn) in full.names) is (now.dn == account.dn)


def test_a_deleted_account_is_gone_with_its_name() -> None:
    """Design §3, DELETED: the entry is gone, those beside it are untouched."""
    accounts, _ = world.settled([world.row(), world.row("P2", "Trần Thị Hòa", line=3)])
    deletion, _ = _deletion()
    gone = world.account(accounts, "P1")
    deletion = replace(deletion, account=gone.ref, changes=(Change(Operation.DELETE, gone.dn, {}),))

    full = after(world.snapshot(*accounts), [deletion], world.policy(), world.ZONE)

    assert full.accounts == (world.account(accounts, "P2"),)
    assert names_of.folded(gone.dn) not in full.names


def test_actions_of_another_target_leave_a_snapshot_as_it_is() -> None:
    """Contract §3, several targets: each directory changes by its own actions only."""
    (account,), _ = world.settled([world.row()])
    deletion, _ = _deletion()
    before = world.snapshot(account)

    assert after(before, [replace(deletion, target="khác")], world.policy(), world.ZONE) == before


def test_an_entry_made_without_a_stamp_has_no_day_of_issue() -> None:
    """Contract §6: where the day of creation is not known, none is invented."""
    (create,) = world.plan_of([world.row()]).actions

    full = after(world.snapshot(), [replace(create, stamp=None)], world.policy(), world.ZONE)

    assert [account.created for account in full.accounts] == [None]


def test_the_ledger_remembers_stamps_addresses_and_requests() -> None:
    """Laws 5 and 7: what was issued belongs to its holder, the former address too; a request is done once."""
    moved = replace(plans.one_of_each()[13], fulfils=("YC-07", "YC-09"))
    assert moved.previous_address

    found = remembered(world.EMPTY, [moved], world.TODAY)

    assert moved.account
    assert found.accounts["main", moved.account.guid].stamp == moved.stamp
    assert found.issued == {moved.address: "P20", moved.previous_address: "P20"}
    assert found.fulfilled == dict.fromkeys(("YC-07", "YC-09"), Fulfilled(world.TODAY, ActionKind.READDRESS))


def test_the_first_holder_keeps_an_address() -> None:
    """Law 7: an address that was ever issued is never written to somebody else."""
    made = plans.action(1, ActionKind.CREATE)
    ledger = Ledger(issued={made.address: "P0"})

    assert remembered(ledger, [made], world.TODAY).issued == {made.address: "P0"}


def test_a_deletion_is_remembered_with_its_day() -> None:
    """Design §3: a deleted account stays in the ledger as deleted, without aliases; its address stays issued."""
    deletion, ledger = _deletion()
    assert deletion.stamp is None

    found = remembered(ledger, [deletion], world.TODAY)

    (known,) = found.accounts.values()
    assert (known.stamp.state, known.stamp.since, known.stamp.aliases) == (State.DELETED, world.TODAY, ())
    assert found.issued.items() >= ledger.issued.items()
    assert found.fulfilled == {"R1": Fulfilled(world.TODAY, ActionKind.DELETE)}


def test_what_was_never_known_is_not_invented() -> None:
    """Design §3: deleting an account the ledger does not know adds no account to it."""
    deletion, _ = _deletion()

    assert remembered(world.EMPTY, [deletion], world.TODAY).accounts == {}


@pytest.mark.parametrize("days", [0, 1])
def test_a_rehearsal_changes_neither_ledger_nor_snapshot(days: int) -> None:
    """Design §4.2: the core is pure; what was given stays as it was."""
    deletion, ledger = _deletion()
    before, accounts = replace(ledger), dict(ledger.accounts)

    remembered(ledger, [deletion] * days, world.TODAY)

    assert ledger == before
    assert dict(ledger.accounts) == accounts
