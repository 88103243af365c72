"""Law 12: every change in the directory is explained by exactly one record, or is listed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import world

from syncagent.core import dn as names_of
from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.deed import Deed, deed_of, facts_of
from syncagent.core.directory import Directory
from syncagent.core.outcome import Outcome, Result
from syncagent.core.rehearse import after
from syncagent.core.snapshot import Right, Snapshot
from syncagent.core.unexplained import Learned, Unexplained, Why, unexplained
from syncagent.mapping.directory import read_directory

AD = world.directory()
STAMP = AD.stamp


def deeds_of(plan_id: str, actions: tuple[Action, ...], accounts: tuple[Account, ...], first: int = 1) -> list[Deed]:
    """The deeds of a plan that was carried out and left these accounts."""
    by_subject = {account.stamp.subject: account for account in accounts if account.stamp}
    found = []
    for seq, action in enumerate(actions, start=first):
        shown = by_subject.get(action.subject)
        known = action.account
        outcome = Outcome(
            action.id,
            Result.DONE,
            guid=known.guid if known else shown.guid if shown else "",
            dn=shown.dn if shown else known.dn if known else "",
        )
        found.append(deed_of(seq, facts_of(plan_id, action, outcome, action.due)))
    return found


def one_person() -> tuple[Account, list[Deed]]:
    """Somebody whose mailbox the agent made, and the record of it."""
    plan = world.plan_of([world.row()], today=date(2026, 1, 5))
    accounts = after(world.snapshot(), plan.actions, world.policy(), world.ZONE).accounts
    return world.account(accounts, "P1"), deeds_of("p1", plan.actions, accounts)


def listed(
    deeds: list[Deed],
    *accounts: Account,
    learned: tuple[Learned, ...] = (),
    directory: Directory = AD,
    **parts: Any,
) -> list[Unexplained]:
    return list(unexplained(deeds, learned, world.snapshot(*accounts, **parts), directory))


def whys(found: list[Unexplained]) -> list[str]:
    return [str(one.why) for one in found]


def test_what_the_agent_did_explains_the_directory() -> None:
    """A whole life: issued, moved, closed. After each plan nothing is left without a record."""
    accounts: tuple[Account, ...] = ()
    ledger = world.EMPTY
    deeds: list[Deed] = []
    for rows, day in (
        ([world.row(), world.row("P2", "Trần Thị Hòa", "snv")], date(2026, 1, 5)),
        ([world.row(unit="snv", event="transferred", effective_date=date(2026, 2, 2), document=world.DECISION),
          world.row("P2", "Trần Thị Hòa", "snv")], date(2026, 2, 3)),
        ([world.leaver(), world.row("P2", "Trần Thị Hòa", "snv")], world.TODAY),
    ):  # fmt: skip
        plan = world.plan_of(rows, accounts, ledger=ledger, today=day)
        assert plan.actions
        accounts, ledger = world.applied(plan, accounts, ledger, day)
        deeds += deeds_of(f"p{day}", plan.actions, accounts, len(deeds) + 1)

        assert listed(deeds, *accounts) == []


def test_an_attribute_changed_by_hand_is_listed_with_both_values() -> None:
    """Who reads it sees what the agent wrote, and what stands there now."""
    account, deeds = one_person()
    changed = world.changed(account, mail="ke.gian@ninhbinh.gov.vn")

    (found,) = listed(deeds, changed)

    assert (found.why, found.guid, found.subject, found.seq) == (Why.CHANGED, account.guid, "P1", 1)
    assert found.attributes == {"mail": ((account.address,), ("ke.gian@ninhbinh.gov.vn",))}


def test_a_mark_taken_away_is_listed() -> None:
    """An account without its mark is nobody's for the plan, and still ours for the audit."""
    account, deeds = one_person()

    (found,) = listed(deeds, world.changed(account, **{STAMP: ""}))

    assert list(found.attributes) == [STAMP]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("pwdLastSet", "134000000000000000"), ("lockoutTime", "134000000000000000"), ("lastLogon", "134000000000000000")],
)
def test_what_moves_by_itself_is_not_listed(attribute: str, value: str) -> None:
    """A holder changes the password and logs in: no administrator did that, and no record could."""
    account, deeds = one_person()

    assert listed(deeds, world.changed(account, **{attribute: value})) == []


def test_values_in_another_order_are_the_same_values() -> None:
    """A directory promises no order of the values of an attribute."""
    account, deeds = one_person()
    values = ("SMTP:a@ninhbinh.gov.vn", "smtp:b@ninhbinh.gov.vn")
    change = Change(Operation.MODIFY, account.dn, {"proxyAddresses": (account.attributes["proxyAddresses"], values)})
    deeds.append(deeds[0]._replace(seq=2, action_id="a0002", changes=(change,)))

    assert listed(deeds, world.changed(account, proxyAddresses=values[::-1])) == []


def test_the_mark_is_told_from_the_other_values_beside_it() -> None:
    """On OpenLDAP the mark is one value of `description`; what people write beside it is theirs."""
    account, deeds = one_person()
    both = (account.attributes[STAMP][0], "ghi chú của phòng")

    assert listed(deeds, world.changed(account, **{STAMP: both})) == []


def test_an_account_moved_or_renamed_by_hand_is_listed() -> None:
    """Its old and its new name are shown; another spelling of the same name is no move."""
    account, deeds = one_person()
    elsewhere = world.changed(account, dn=names_of.child("cn", "Khác", world.BASE))

    (found,) = listed(deeds, elsewhere)

    assert (found.why, found.attributes) == (Why.MOVED, {"dn": ((account.dn,), (elsewhere.dn,))})
    assert listed(deeds, replace(account, dn=account.dn.replace("cn=", "CN="))) == []


def test_an_account_that_is_gone_without_our_doing_is_listed() -> None:
    """Somebody else deleted it."""
    account, deeds = one_person()

    (found,) = listed(deeds)

    assert (found.why, found.dn) == (Why.GONE, account.dn)


def test_an_account_we_deleted_is_gone_and_must_not_come_back() -> None:
    """What was deleted by record is explained; restored from the recycle bin it is listed."""
    account, deeds = one_person()
    delete = Deed(2, "p2", "a0001", ActionKind.DELETE, "main", "P1", account.guid, account.dn,
                  (Change(Operation.DELETE, account.dn, {}),))  # fmt: skip
    deeds.append(delete)

    assert listed(deeds) == []
    assert whys(listed(deeds, account)) == ["back"]


def test_a_mark_that_no_record_knows_is_listed() -> None:
    """Somebody copied our mark on an account of his own, or spoilt one: the next plan would believe it."""
    account, _ = one_person()
    damaged = world.changed(account, **{STAMP: "syncagent/1 kind="})
    unmarked = world.changed(account, **{STAMP: ""})

    assert whys(listed([], account)) == ["unrecorded"]
    assert [one.subject for one in listed([], account)] == ["P1"]
    assert [one.subject for one in listed([], damaged)] == [""]
    assert listed([], unmarked) == []


def test_what_others_created_since_the_first_look_is_listed() -> None:
    """Law 12: an account without our mark is nobody's record, unless it was there before anything was recorded."""
    account, _ = one_person()
    since = datetime(2026, 3, 10, 1, 2, 3, tzinfo=UTC)

    def created(moment: str, directory: Directory = AD) -> list[str]:
        strange = world.changed(account, **{STAMP: "", "whenCreated": moment})
        return whys(list(unexplained([], (), world.snapshot(strange), directory, since)))

    assert created("20260310010204.0Z") == ["created"]
    assert created("20260310010203.0Z") == []
    assert created("") == []
    assert created("20260310010204.0Z", replace(AD, created=None)) == []
    later = world.changed(account, **{STAMP: "", "whenCreated": "20260310010204.0Z"})
    assert listed([], later) == []


def test_accounts_that_were_marked_before_anything_was_recorded_are_where_it_begins() -> None:
    """An upgrade, or a lost state: their marks are believed, and compared from then on."""
    account, _ = one_person()
    mark = account.attributes[STAMP][0]
    known = Learned(2, account.guid, "P1", mark, first=True)

    assert listed([], account, learned=(known,)) == []
    changed = world.restamped(account, since=date(2025, 1, 1))
    assert [list(one.attributes) for one in listed([], changed, learned=(known,))] == [[STAMP]]
    assert whys(listed([], learned=(known,))) == ["gone"]


def test_a_mark_that_appeared_later_is_listed_until_the_agent_itself_acts_there() -> None:
    """A plan believed it; nobody approved it. Once an action on it was approved and done, a record explains it."""
    account, deeds = one_person()
    later = Learned(9, account.guid, "P1", account.attributes[STAMP][0], first=False)

    assert whys(listed([], account, learned=(later,))) == ["learned"]
    assert whys(listed([], learned=(later,))) == ["learned", "gone"]
    change = Change(Operation.MODIFY, account.dn, {"title": ((), ("Phó phòng",))})
    deed = deeds[0]._replace(seq=10, kind=ActionKind.UPDATE, changes=(change,))
    assert listed([deed], world.changed(account, title="Phó phòng"), learned=(later,)) == []


def test_the_same_deed_recorded_twice_is_listed() -> None:
    """Exactly one record explains a change."""
    account, deeds = one_person()

    found = listed([*deeds, deeds[0]._replace(seq=2)], account)

    assert "twice" in whys(found)


def test_what_somebody_changed_before_a_deed_is_listed_with_the_deed() -> None:
    """The plan took it into account and people approved it; that it was not ours stays visible."""
    account, deeds = one_person()
    change = Change(Operation.MODIFY, account.dn, {"title": (("Tự sửa",), ("Chuyên viên",)), "unknown": ((), ("x",))})
    deeds.append(deeds[0]._replace(seq=2, action_id="a0002", changes=(change,)))
    first = Change(Operation.MODIFY, account.dn, {"title": ((), ("Phó phòng",))})
    deeds.insert(1, deeds[0]._replace(action_id="a0003", changes=(first,)))

    (found,) = listed(deeds, world.changed(account, title="Chuyên viên"))

    assert (found.why, found.seq) == (Why.CHANGED_BEFORE, 2)
    assert found.attributes == {"title": (("Phó phòng",), ("Tự sửa",))}


GROUP = Right("g9", f"CN=Ban,{world.BASE}", "member")


def _regrant(account: Account, operation: Operation, seq: int) -> Deed:
    values = ((account.dn,), ()) if operation is Operation.REVOKE else ((), (account.dn,))
    change = Change(operation, GROUP.dn, {GROUP.attribute: values}, entry=GROUP.entry)
    return Deed(seq, f"p{seq}", "a1", ActionKind.DISABLE, "main", "P1", account.guid, account.dn, (change,))


@pytest.mark.parametrize("operation", [Operation.GRANT, Operation.REVOKE])
def test_a_right_given_or_taken_by_hand_is_listed(operation: Operation) -> None:
    """What the agent took is back, what it gave is gone; a group that is gone itself says nothing."""
    account, deeds = one_person()
    deeds.append(_regrant(account, operation, 2))
    shared = {GROUP.entry: GROUP.dn}
    has = {names_of.same(account.dn): (GROUP,)}
    as_done, as_not = (has, {}) if operation is Operation.GRANT else ({}, has)

    (found,) = listed(deeds, account, shared=shared, rights=as_not)

    assert found.why is Why.RIGHTS
    assert list(found.attributes) == [f"{GROUP.dn} member"]
    assert sorted(found.attributes[f"{GROUP.dn} member"]) == [(), (account.dn,)]
    assert listed(deeds, account, shared=shared, rights=as_done) == []
    assert listed(deeds, account, rights=as_not) == []


def test_a_switch_is_told_by_what_it_means() -> None:
    """OpenLDAP itself locks for wrong passwords in the attribute by which an administrator locks."""
    account, deeds = one_person()
    ldap = read_directory((world.MAPPINGS / "directories/openldap.yaml").read_text(encoding="utf-8"), "openldap.yaml")
    lock = Change(Operation.MODIFY, account.dn, {"pwdAccountLockedTime": ((), ())})
    deeds = [deeds[0]._replace(changes=(lock,))]

    def holding(*values: str) -> Snapshot:
        marked = replace(account, attributes={"pwdAccountLockedTime": values})
        return world.snapshot(marked)

    assert list(unexplained(deeds, (), holding("20260310010000Z"), ldap)) == []
    assert whys(list(unexplained(deeds, (), holding("000001010000Z"), ldap))) == ["changed"]


def test_a_right_that_nobody_recorded_is_listed_of_an_account_that_the_agent_made() -> None:
    """Law 12: somebody put a mailbox of ours into a group by hand; of others' accounts nobody knows what they had."""
    account, deeds = one_person()
    there: dict[str, Any] = {"shared": {GROUP.entry: GROUP.dn}, "rights": {names_of.same(account.dn): (GROUP,)}}
    learned = Learned(1, account.guid, "P1", str(account.stamp), first=True)

    (found,) = listed(deeds, account, **there)

    assert (found.why, dict(found.attributes)) == (Why.RIGHTS, {f"{GROUP.dn} member": ((), (account.dn,))})
    assert listed([], account, learned=(learned,), **there) == []


def test_what_a_mail_system_fills_in_is_not_listed_and_what_it_was_asked_for_is_compared() -> None:
    """Exchange draws the identity of a mailbox and its defaults; an address changed by hand is somebody's doing."""
    directory = world.with_exchange()
    policy = world.policy(targets={"main": replace(world.policy().targets["main"], directory=directory)})
    plan = world.plan_of([world.row()], today=date(2026, 1, 5), with_policy=policy)
    made = after(world.snapshot(), plan.actions, policy, world.ZONE).accounts
    deeds = deeds_of("p1", plan.actions, made)
    filled = world.changed(world.account(made, "P1"), ExchangeGuid="box-1", Database="DB01", OWAEnabled="True")
    edited = world.changed(filled, EmailAddresses="SMTP:khac@ninhbinh.gov.vn")

    (found,) = listed(deeds, edited, directory=directory)

    assert listed(deeds, filled, directory=directory) == []
    assert (found.why, list(found.attributes)) == (Why.CHANGED, ["EmailAddresses"])


def test_a_mailbox_that_was_purged_holds_nothing_any_more() -> None:
    """A purge is on record though the directory refused the rest: that its properties are gone is explained."""
    directory = world.with_exchange()
    policy = world.policy(targets={"main": replace(world.policy().targets["main"], directory=directory)})
    plan = world.plan_of([world.row()], today=date(2026, 1, 5), with_policy=policy)
    made = after(world.snapshot(), plan.actions, policy, world.ZONE).accounts
    mine = world.account(made, "P1")
    box = directory.mailbox
    assert box
    purge = Change(Operation.PURGE, mine.dn, {"ExchangeGuid": (("box-1",), ())}, system="exchange")
    deeds = [*deeds_of("p1", plan.actions, made)]
    deeds.append(Deed(9, "p9", "a1", ActionKind.DELETE, "main", "P1", mine.guid, mine.dn, (purge,)))
    bare = world.changed(mine, **dict.fromkeys(box.attributes, ""))

    assert listed(deeds, bare, directory=directory) == []


def test_a_mailbox_that_came_back_is_explained() -> None:
    """Law 12: an undelete accounts for the entry and what it holds; what somebody changes after it is listed."""
    mine, deeds = one_person()
    held = {name: ((), mine.attributes[name]) for name in ("displayName", "company", STAMP)}
    [made] = deeds
    gone = made._replace(seq=2, plan_id="p2", changes=(Change(Operation.DELETE, mine.dn, {}),))
    back = made._replace(seq=3, plan_id="p3", changes=(Change(Operation.UNDELETE, mine.dn, held),))

    assert listed([made, gone, back], mine) == []
    assert whys(listed([made, gone, back])) == ["gone"]
    assert whys(listed([made, gone, back], world.changed(mine, company="khác"))) == ["changed"]
    assert whys(listed([made, gone], mine)) == ["back"]
