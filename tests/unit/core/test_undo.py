"""The inverse of a plan: rights come back, what changed since is left alone, what was not done is not undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import world
from world import TODAY, account, leaver, plan_of, row

from syncagent.core import dn as names
from syncagent.core.account import Account
from syncagent.core.action import ActionKind, Change, Operation
from syncagent.core.ledger import Ledger
from syncagent.core.outcome import Outcome, Result
from syncagent.core.person import PersonRow
from syncagent.core.plan import Plan
from syncagent.core.snapshot import Right
from syncagent.core.undo import undone
from syncagent.text import Text

OTHER = row("P0", "Bùi Văn Lâm", "snv")
UNITS = tuple(replace(unit, mailbox=True) if unit.unit == "skhcn" else unit for unit in world.UNITS)
ACCOUNTS, LEDGER = world.settled([row(), OTHER], units=UNITS, today=date(2026, 2, 16))
MINE, BOX = account(ACCOUNTS, "P1"), account(ACCOUNTS, "unit:skhcn")
RIGHTS = (Right("guid-news", f"CN=Tin tuc,OU=skhcn,{world.BASE}", "member"), Right(BOX.guid, BOX.dn, "publicDelegates"))
SHARED = {right.entry: right.dn for right in RIGHTS}
DELETE, RESET_PASSWORD = ActionKind.DELETE, ActionKind.RESET_PASSWORD


def _leaving() -> tuple[Plan, tuple[Account, ...], Ledger]:
    """A plan that closes the mailbox of somebody with rights elsewhere, and what is there after it."""
    mine = {names.same(MINE.dn): RIGHTS}
    plan = plan_of([leaver(), OTHER], ACCOUNTS, units=UNITS, ledger=LEDGER, rights=mine, shared=SHARED)
    return plan, *world.applied(plan, ACCOUNTS, LEDGER, TODAY)


def _back(plan: Plan, accounts: tuple[Account, ...], ledger: Ledger, *done: str, **parts: Any) -> Plan:
    outcomes = {action_id: Outcome(action_id, Result.DONE) for action_id in done}
    roster = world.admitted([leaver(), OTHER], UNITS, (), ledger, TODAY)
    shot = world.snapshot(*accounts, shared=SHARED, **parts)
    return undone("p1", plan, outcomes, roster, [shot], ledger, world.policy(), TODAY)


def _rights(plan: Plan, operation: Operation) -> list[Change]:
    return [change for action in plan.actions for change in action.changes if change.operation is operation]


def test_rights_that_were_taken_are_given_back_and_taken_again() -> None:
    """NB-50: undoing gives back what the closing took, under the name there is now; undoing that takes it again."""
    plan, accounts, ledger = _leaving()
    [action] = plan.actions

    back = _back(plan, accounts, ledger, action.id)
    opened, after = world.applied(back, accounts, ledger, TODAY)
    again = _back(back, opened, after, back.actions[0].id, rights={names.same(MINE.dn): RIGHTS})

    assert {change.entry for change in _rights(back, Operation.GRANT)} == set(SHARED)
    assert {change.entry for change in _rights(again, Operation.REVOKE)} == set(SHARED)
    assert account(opened, "P1").stamp == MINE.stamp


def test_rights_on_what_is_gone_are_not_given_back() -> None:
    """A group that was deleted since gives nobody anything."""
    plan, accounts, ledger = _leaving()
    roster = world.admitted([leaver(), OTHER], UNITS, (), ledger, TODAY)
    outcomes = {plan.actions[0].id: Outcome(plan.actions[0].id, Result.DONE)}

    back = undone("p1", plan, outcomes, roster, [world.snapshot(*accounts)], ledger, world.policy(), TODAY)

    assert _rights(back, Operation.GRANT) == []


def test_what_somebody_changed_since_is_left_alone() -> None:
    """Law 10: a value that is no longer as the action left it is a finding, and the account is in no plan."""
    plan, accounts, ledger = _leaving()
    edited = tuple(world.changed(one, userAccountControl="512") if one.guid == MINE.guid else one for one in accounts)

    back = _back(plan, edited, ledger, plan.actions[0].id)

    assert back.actions == ()
    assert ["changed since" in finding.message.en for finding in back.findings] == [True]


def test_what_was_not_carried_out_is_not_undone() -> None:
    """An action that failed, or waited for an approval, has no inverse and no finding."""
    plan, accounts, ledger = _leaving()

    back = _back(plan, accounts, ledger)

    assert (back.actions, back.findings, back.undoes) == ((), (), "p1")


def test_what_is_done_for_good_is_named_with_its_way_out() -> None:
    """A new password is the last word; an account that is there again after its deletion is nobody's to bring back."""
    plan, accounts, ledger = _leaving()
    [action] = plan.actions
    for_good = {kind: replace(plan, actions=(replace(action, kind=kind),)) for kind in (DELETE, RESET_PASSWORD)}

    found = {kind: _back(each, accounts, ledger, action.id) for kind, each in for_good.items()}

    assert [back.actions for back in found.values()] == [(), ()]
    assert "changed since" in found[DELETE].findings[0].message.en
    assert "kept nowhere" in found[RESET_PASSWORD].findings[0].message.en


# ── deletions ────────────────────────────────────────────────────────────────


def _after_deletion(remains: Account | Text | None, *others: Account, **parts: Any) -> Plan:
    """What takes a deletion back whose account has left so much."""
    plan, accounts, ledger = _leaving()
    [action] = plan.actions
    gone = replace(action, kind=DELETE, stamp=None, changes=parts.pop("changes", ()))
    there = tuple(one for one in accounts if one.guid != MINE.guid)
    left = {("main", MINE.guid): remains} if remains else {}
    roster = world.admitted([leaver(), OTHER], UNITS, (), ledger, TODAY)
    shot = world.snapshot(*there, *others, **parts)
    done = {gone.id: Outcome(gone.id, Result.DONE)}
    parted = replace(plan, actions=(gone,))
    return undone("p1", parted, done, roster, [shot], ledger, world.policy(), TODAY, remains=left)


def _closed_long_ago() -> Account:
    """The mailbox as it was closed in January."""
    _, accounts, _ = _leaving()
    mine = account(accounts, "P1")
    assert mine.stamp
    old = replace(mine.stamp, since=date(2026, 1, 15))
    return replace(world.changed(mine, **{world.directory().stamp: str(old)}), stamp=old)


def test_a_deleted_mailbox_comes_back_closed_since_today() -> None:
    """Laws 6 and 8: what the Recycle Bin holds comes back under its identity, and no deletion comes sooner for it."""
    remains = _closed_long_ago()

    [action] = _after_deletion(remains).actions

    assert remains.stamp
    undelete, mark = action.changes
    assert action.account == remains.ref
    assert (str(action.kind), str(action.review)) == ("restore", "one")
    assert (undelete.operation, undelete.dn) == (Operation.UNDELETE, remains.dn)
    assert undelete.attributes["displayName"] == ((), remains.attributes["displayName"])
    assert not {"whenCreated", "objectGUID", "cn", "pwdLastSet"} & undelete.attributes.keys()
    assert action.stamp == replace(remains.stamp, since=TODAY)
    assert mark.attributes == {
        world.directory().stamp: (remains.attributes[world.directory().stamp], (str(action.stamp),))
    }


def test_what_came_back_is_not_sent_back_by_undoing_that() -> None:
    """Law 6: nothing is deleted because a plan is taken back."""
    plan, accounts, ledger = _leaving()
    [action] = plan.actions
    back = replace(action, kind=ActionKind.RESTORE, changes=(Change(Operation.UNDELETE, MINE.dn, {}),))

    again = _back(replace(plan, actions=(back,)), accounts, ledger, back.id)

    assert again.actions == ()
    assert "came back from the Recycle Bin" in again.findings[0].message.en


def test_the_place_of_a_deleted_mailbox_is_made_again() -> None:
    """The container it stood in may have gone since."""
    remains = _closed_long_ago()
    elsewhere = replace(remains, dn=f"CN=Thành,OU=cu,{world.BASE}")

    [action] = _after_deletion(elsewhere).actions

    made = [change.dn for change in action.changes if change.operation is Operation.ENSURE_CONTAINER]
    assert made == [f"OU=cu,{world.BASE}"]


def test_a_mailbox_that_was_open_when_it_was_deleted_comes_back_open() -> None:
    """An emergency deletion that was a mistake: everything is as it was, and nothing else is written."""
    [action] = _after_deletion(MINE).actions

    assert action.stamp == MINE.stamp
    assert action.changes[-1].operation is Operation.UNDELETE


def test_a_deleted_mailbox_that_cannot_come_back_says_why() -> None:
    """Issue 5.9: what cannot be undone is listed, each with the reason; nothing is proposed."""
    remains = _closed_long_ago()
    purged = (Change(Operation.PURGE, remains.dn, {}, system="exchange"),)
    namesake = replace(account(ACCOUNTS, "P0"), dn=remains.dn)

    numbered = world.changed(remains, company="Sở 037065012345")

    found = {
        "identification number": _after_deletion(numbered),
        "keeps nothing of it": _after_deletion(None),
        "tombstone": _after_deletion(Text("bia mộ", "tombstone")),
        "does not bear our mark": _after_deletion(replace(remains, stamp=None)),
        "another entry bears its name": _after_deletion(remains, namesake),
        "mailbox is purged": _after_deletion(remains, changes=purged),
    }

    assert [back.actions for back in found.values()] == [()] * 6
    assert [word for word, back in found.items() if word not in back.findings[0].message.en] == []


def _undone(people: list[PersonRow], after: list[PersonRow]) -> tuple[Plan, Plan]:
    """The plan that follows from a change of the roster, applied to people in step, and the plan that takes it back."""
    accounts, ledger = world.settled(people, today=date(2026, 2, 16))
    plan = plan_of(after, accounts, ledger=ledger)
    there, remembered = world.applied(plan, accounts, ledger, TODAY)
    outcomes = {one.id: Outcome(one.id, Result.DONE, guid=_guid(there, one.subject)) for one in plan.actions}
    roster = world.admitted(after, ledger=remembered)
    found = [world.snapshot(*there)]
    return plan, undone("p1", plan, outcomes, roster, found, remembered, world.policy(), TODAY)


def _guid(accounts: tuple[Account, ...], subject: str) -> str:
    return account(accounts, subject).guid


def test_a_new_mailbox_is_closed_not_deleted() -> None:
    """Decision 044: what was issued is disabled, its address kept; nothing is destroyed by taking a plan back."""
    plan, back = _undone([OTHER], [OTHER, row(event="recruited", effective_date=TODAY, document=world.DECISION)])

    [action] = back.actions
    assert [str(one.kind) for one in plan.actions] == ["create"]
    assert (str(action.kind), action.address) == ("disable", plan.actions[0].address)
    assert action.stamp
    assert (str(action.stamp.state), action.stamp.why) == ("disabled", "undone")


def test_a_move_goes_back_under_its_old_name() -> None:
    """Law 8: a mover's account returns to the container and the address it had; it stays one account."""
    moved = row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION)
    plan, back = _undone([OTHER, row()], [OTHER, moved])

    [there], [action] = plan.actions, back.actions
    assert (str(there.kind), str(action.kind)) == ("readdress", "readdress")
    assert action.address == there.previous_address
    assert there.account
    assert [change.new_dn for change in action.changes if change.new_dn] == [there.account.dn]


def test_details_are_put_back_without_touching_the_stamp_that_did_not_change() -> None:
    """An update that wrote no stamp finds none to give back."""
    plan, back = _undone([OTHER, row()], [OTHER, row(position="Phó Giám đốc")])

    [there], [action] = plan.actions, back.actions
    written = [name for change in there.changes for name in change.attributes]
    assert (str(there.kind), str(action.kind)) == ("update", "update")
    assert {name for change in action.changes for name in change.attributes} == set(written)


def test_a_quarantined_person_is_not_touched_by_undoing() -> None:
    """Law 3: a faulty row quarantines its person in an undo as in any plan."""
    plan, accounts, ledger = _leaving()
    twice = [leaver(), replace(leaver(full_name="Người Khác", unit="nosuch"), where=OTHER.where), OTHER]
    roster = world.admitted(twice, UNITS, (), ledger, TODAY)
    outcomes = {plan.actions[0].id: Outcome(plan.actions[0].id, Result.DONE)}

    back = undone(
        "p1", plan, outcomes, roster, [world.snapshot(*accounts, shared=SHARED)], ledger, world.policy(), TODAY
    )

    assert "P1" in roster.quarantined
    assert back.actions == ()
    assert ["at fault about this person" in finding.message.en for finding in back.findings] == [True]


def test_who_is_never_in_a_plan_is_not_undone_though_nobody_lists_them() -> None:
    """Design §5: `brakes.never` binds by the log-in name of an account whose person is in no roster any more."""
    plan, accounts, ledger = _leaving()
    never = replace(world.policy().brakes, never=frozenset({MINE.login.casefold()}))
    roster = world.admitted([OTHER], UNITS, (), ledger, TODAY)
    outcomes = {plan.actions[0].id: Outcome(plan.actions[0].id, Result.DONE)}
    shot = world.snapshot(*accounts, shared=SHARED)

    back = undone("p1", plan, outcomes, roster, [shot], ledger, world.policy(brakes=never), TODAY)

    assert back.actions == ()
    assert [str(finding.code) for finding in back.findings] == ["protected-account"]
