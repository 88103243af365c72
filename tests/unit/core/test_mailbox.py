"""A mail system behind the directory: what it is asked for, what is kept for later, what holds a mailbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import world
from world import account, kinds, leaver, only, plan_of, request, row

from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.directory import Shape, decode, encode
from syncagent.core.ledger import Ledger
from syncagent.core.outcome import Outcome, Result
from syncagent.core.stamp import State
from syncagent.core.undo import undone

POLICY = world.policy(targets={"main": replace(world.policy().targets["main"], directory=world.with_exchange())})
BOX = world.with_exchange().mailbox
ISSUED, LEFT = date(2026, 3, 9), date(2026, 3, 10)
DUE = date(2026, 6, 11)


def _in_step() -> tuple[Account, Ledger]:
    accounts, ledger = world.settled([row()], with_policy=POLICY, today=ISSUED)
    mine = replace(account(accounts, "P1"), created=ISSUED)
    return _shown(mine, ExchangeGuid="guid-of-the-mailbox", ActiveSyncEnabled="False", RecipientLimits="500"), ledger


def _shown(found: Account, **properties: str) -> Account:
    """The account with properties as Exchange shows them."""
    values = {**found.attributes, **{name: (value,) for name, value in properties.items() if value}}
    for name in [name for name, value in properties.items() if not value]:
        values.pop(name, None)
    again = decode(world.with_exchange(), found.target, found.dn, values, world.ZONE)
    return replace(again, created=found.created)


def _own(action: Action) -> Change:
    [change] = [change for change in action.changes if change.system == "exchange"]
    return change


def test_a_new_account_gets_its_mailbox_from_the_mail_system() -> None:
    """Design §4.12: with Exchange, addresses are Exchange's to write; the directory gets none of them."""
    plan = plan_of([row()], with_policy=POLICY)

    made = only(plan)
    entry = next(change for change in made.changes if change.operation is Operation.ADD)

    assert _own(made).operation is Operation.ENABLE
    assert _own(made).attributes["EmailAddresses"] == ((), ("SMTP:thanhnn.skhcn@ninhbinh.gov.vn",))
    assert _own(made).attributes["EmailAddressPolicyEnabled"] == ((), ("False",))
    assert not {"mail", "proxyAddresses", "mailNickname"} & set(entry.attributes)
    assert made.changes.index(entry) < made.changes.index(_own(made))


def test_an_account_in_step_is_left_alone() -> None:
    """Law 1: what somebody set on an open mailbox by hand (ActiveSync off, fewer recipients) is theirs."""
    mine, ledger = _in_step()

    assert kinds(plan_of([row()], [mine], ledger=ledger, with_policy=POLICY)) == []


def test_the_identities_of_a_mailbox_are_no_persons_numbers() -> None:
    """No archive is a GUID of zeros, twelve at its end: that is no identification number."""
    mine, ledger = _in_step()
    bare = _shown(mine, ArchiveGuid="00000000-0000-0000-0000-000000000000")

    assert kinds(plan_of([leaver()], [bare], ledger=ledger, today=LEFT, with_policy=POLICY)) == ["disable"]


def test_an_open_account_without_a_mailbox_gets_one() -> None:
    """A saga that was cut off after the directory's part goes on with the mailbox."""
    mine, ledger = _in_step()
    bare = _shown(mine, **dict.fromkeys(BOX.attributes if BOX else (), ""))

    plan = plan_of([row()], [bare], ledger=ledger, with_policy=POLICY)

    assert [change.operation for change in only(plan).changes] == [Operation.ENABLE]


def test_a_disabled_mailbox_is_closed_in_every_way_and_gets_back_what_it_had() -> None:
    """Exchange.md §1.2: DISABLED neither sends nor receives; the return gives back the earlier values."""
    mine, ledger = _in_step()
    mine = _shown(mine, ForwardingSmtpAddress="an@nam-dinh.example")
    plan = plan_of([leaver()], [mine], ledger=ledger, today=LEFT, with_policy=POLICY)
    closed, after = world.applied(plan, [mine], ledger, LEFT, POLICY)
    back = row(event="received", effective_date=date(2026, 4, 1), document=world.DECISION)

    shut = account(closed, "P1")
    again = plan_of([leaver()], closed, ledger=after, today=LEFT, with_policy=POLICY)
    opened = plan_of([back], closed, ledger=after, today=date(2026, 4, 1), with_policy=POLICY)
    [restored], forgotten = world.applied(opened, closed, after, date(2026, 4, 1), POLICY)

    assert not shut.receives
    assert shut.forwards_to == ()
    assert shut.attributes["RecipientLimits"] == ("0",)
    assert shut.address == mine.address
    assert kinds(again) == []
    assert restored.receives
    assert restored.attributes["RecipientLimits"] == ("500",)
    assert restored.attributes["ActiveSyncEnabled"] == ("False",)
    assert restored.forwards_to == ("an@nam-dinh.example",)
    assert dict(forgotten.kept["main", mine.guid]) == {}


def test_a_locked_mailbox_still_receives() -> None:
    """NB-18, Điều 7.1: a temporary lock closes the log-in, mail goes on arriving."""
    mine, ledger = _in_step()
    ask = request("lock", "P1", LEFT, document_number="7/SKHCN", from_unit="skhcn", reason="mất thiết bị")
    plan = plan_of([row()], [mine], requests=[ask], ledger=ledger, today=LEFT, with_policy=POLICY)
    [locked], _ = world.applied(plan, [mine], ledger, LEFT, POLICY)

    assert kinds(plan) == ["lock"]
    assert locked.attributes["OWAEnabled"] == ("False",)
    assert locked.receives
    assert "RecipientLimits" not in _own(only(plan)).attributes


def _due() -> tuple[Account, Ledger]:
    mine, ledger = _in_step()
    plan = plan_of([leaver()], [mine], ledger=ledger, today=LEFT, with_policy=POLICY)
    [closed], after = world.applied(plan, [mine], ledger, LEFT, POLICY)
    return closed, after


def test_a_deletion_purges_the_mailbox_before_the_entry() -> None:
    """Deleting the entry alone would orphan the mailbox; the identity and the holds are compared once more."""
    closed, after = _due()

    gone = only(plan_of([leaver()], [closed], ledger=after, today=DUE, with_policy=POLICY))

    assert gone.kind is ActionKind.DELETE
    assert [change.operation for change in gone.changes] == [Operation.PURGE, Operation.DELETE]
    assert gone.changes[0].attributes["ExchangeGuid"] == (("guid-of-the-mailbox",), ())


def test_a_mailbox_that_is_gone_already_leaves_the_entry_to_be_deleted() -> None:
    """A deletion that was cut off after the purge goes on with the entry."""
    closed, after = _due()
    bare = _shown(closed, **dict.fromkeys(BOX.attributes if BOX else (), ""))

    gone = only(plan_of([leaver()], [bare], ledger=after, today=DUE, with_policy=POLICY))

    assert [change.operation for change in gone.changes] == [Operation.DELETE]


def test_a_mailbox_kept_for_a_court_is_not_deleted() -> None:
    """Design §4.6: no deletion under a hold, whoever recorded it; it may be closed all the same."""
    closed, after = _due()
    held = _shown(closed, LitigationHoldEnabled="True")

    plan = plan_of([leaver()], [held], ledger=after, today=DUE, with_policy=POLICY)

    assert kinds(plan) == []
    assert "held" in world.codes(plan, "P1")
    assert "LitigationHoldEnabled=True" in next(f for f in plan.findings if f.code == "held").message.en


def test_undoing_a_disable_gives_the_mailbox_back() -> None:
    """The inverse asks each system for its own: the directory's values, then the mail system's."""
    mine, ledger = _in_step()
    plan = plan_of([leaver()], [mine], ledger=ledger, today=LEFT, with_policy=POLICY)
    closed, after = world.applied(plan, [mine], ledger, LEFT, POLICY)
    outcomes = {only(plan).id: Outcome(only(plan).id, Result.DONE)}
    roster = world.admitted([row()], ledger=after, today=LEFT)

    back = undone("p1", plan, outcomes, roster, [world.snapshot(*closed)], after, POLICY, LEFT)
    [opened], _ = world.applied(back, closed, after, LEFT, POLICY)

    assert [change.system for change in only(back).changes] == ["directory", "exchange"]
    assert opened.stamp
    assert opened.stamp.state is State.ACTIVE
    assert opened.attributes["RecipientLimits"] == ("500",)


def test_a_create_that_is_undone_closes_its_mailbox() -> None:
    """Undoing an issue disables: the mailbox neither sends nor receives, and holds its data."""
    plan = plan_of([row()], with_policy=POLICY)
    made, ledger = world.applied(plan, [], Ledger(), world.TODAY, POLICY)
    [mine] = made
    outcomes = {only(plan).id: Outcome(only(plan).id, Result.DONE, guid=mine.guid)}
    roster = world.admitted([row()], ledger=ledger)

    back = undone("p1", plan, outcomes, roster, [world.snapshot(mine)], ledger, POLICY, world.TODAY)
    [closed], _ = world.applied(back, made, ledger, world.TODAY + timedelta(days=1), POLICY)

    assert not closed.receives


def test_a_closed_account_without_a_mailbox_gets_none() -> None:
    """Only who receives is given a mailbox."""
    closed, _ = _due()
    assert closed.stamp
    found = {name: values for name, values in closed.attributes.items() if not BOX or name not in BOX.attributes}

    wanted = encode(world.with_exchange(), Shape(closed.stamp, closed.address, ()), found)

    assert BOX
    assert BOX.attributes.isdisjoint(wanted)
