"""A directory that OBM writes itself: what is asked of it, what closes an account, what stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import world
from world import ZONE, account, kinds, leaver, only, plan_of, request, row

from syncagent.core.account import Account
from syncagent.core.action import Action, Change, Operation
from syncagent.core.directory import decode
from syncagent.core.ledger import Ledger
from syncagent.core.mailbox import kept_after
from syncagent.core.outcome import Outcome, Result
from syncagent.core.policy import Target
from syncagent.core.provisioning import provisioned
from syncagent.core.undo import undone

BASE = "ou=users,dc=ninhbinh.gov.vn,dc=local"
POLICY = world.policy(targets={"main": Target("main", world.obm(), BASE, live=False)})
ISSUED, LEFT = date(2026, 3, 9), date(2026, 3, 10)
LOCKED = ("000001010000Z",)


def _in_step() -> tuple[Account, Ledger]:
    accounts, ledger = world.settled([row()], with_policy=POLICY, today=ISSUED)
    return account(accounts, "P1"), ledger


def _change(action: Action) -> Change:
    [change] = action.changes
    return change


def test_a_new_account_is_one_call_with_all_it_has() -> None:
    """Decision 051: no LDAP entry is written; profile and mail host stand in the plan like everything else."""
    made = _change(only(plan_of([row()], with_policy=POLICY)))

    assert (made.operation, made.system, made.calls) == (Operation.ADD, "obm", ("POST users",))
    assert made.dn == f"uid=thanhnn.skhcn,{BASE}"
    assert made.sets_password
    assert made.attributes["uid"] == ((), ("thanhnn.skhcn",))
    assert made.attributes["profile"] == ((), ("user",))
    assert made.attributes["archived"] == ((), ("false",))
    assert made.attributes["direction"] == ((), ("P1",))
    assert "objectClass" not in made.attributes


def test_leaving_is_the_archive_alone() -> None:
    """Obm.md §1.2: an archived user has no entry, so that no lock stands on it; the next plan is empty (law 1)."""
    mine, ledger = _in_step()

    plan = plan_of([leaver()], [mine], ledger=ledger, with_policy=POLICY, today=LEFT)
    change = _change(only(plan))
    accounts, after = world.applied(plan, [mine], ledger, LEFT, POLICY)

    assert kinds(plan) == ["disable"]
    assert change.calls == ("DELETE users/{id}?expunge=false", "PATCH users/{id}")
    assert change.attributes["archived"] == (("false",), ("true",))
    assert change.attributes.keys() == {"archived", "description"}
    assert plan_of([leaver()], accounts, ledger=after, with_policy=POLICY, today=LEFT).actions == ()
    assert kept_after({}, only(plan)) == {}


def test_nobody_logs_in_to_an_archived_account() -> None:
    """Obm.md §1.2: the interface asks for archive=0, and the entry is gone; a lock that LDAP shows says nothing."""
    mine, _ = _in_step()

    archived = decode(world.obm(), "main", mine.dn, {**mine.attributes, "archived": ("true",)}, ZONE)
    locked = decode(world.obm(), "main", mine.dn, {**mine.attributes, "pwdAccountLockedTime": LOCKED}, ZONE)

    assert (mine.enabled, mine.receives) == (True, True)
    assert (archived.enabled, archived.receives) == (False, False)
    assert (locked.enabled, locked.receives) == (False, True)


def test_a_lock_is_a_password_and_the_attribute() -> None:
    """Obm.md §4: the password first, for OBM writes it as rootdn and that takes the lock away; mail still arrives."""
    mine, ledger = _in_step()
    asked = request("lock", "P1", LEFT, document_number="5/CV", document_date=LEFT, from_unit="skhcn")

    plan = plan_of([row()], [mine], requests=[asked], ledger=ledger, with_policy=POLICY, today=LEFT)
    change = _change(only(plan))

    assert change.attributes["pwdAccountLockedTime"] == ((), LOCKED)
    assert change.calls == ("PATCH users/{id}", "PATCH users/{id} password", "LDAP modify")
    assert "archived" not in change.attributes


def test_a_new_address_says_that_the_login_stays() -> None:
    """Obm.md §3.4: a login can never change; a plan of a new address says so and never ignores it."""
    mine, ledger = _in_step()
    moved = row(unit="snv", event="transferred", effective_date=LEFT, document=world.DECISION)

    plan = plan_of([row(), moved], [mine], ledger=ledger, with_policy=POLICY, today=LEFT)
    change = _change(only(plan))

    assert kinds(plan) == ["readdress"]
    assert change.attributes["mail"][1] == ("thanhnn.snv@ninhbinh.gov.vn",)
    assert change.attributes["uid"] == (("thanhnn.skhcn",), ("thanhnn.skhcn",))
    assert change.calls == ("PATCH users/{id}", "PUT users/{id}")


def test_a_password_alone_is_a_call() -> None:
    """A reset changes no field that can be read, and is a call all the same."""
    before, after = (("x",), ("x",))
    change = Change(Operation.MODIFY, f"uid=an,{BASE}", {"uid": (before, after)}, sets_password=True)

    assert provisioned(world.obm(), (change,))[0].calls == ("PATCH users/{id}",)
    assert provisioned(world.directory(), (change,)) == (change,)


def test_an_account_is_destroyed_by_one_call() -> None:
    """The expunge names the stamp that must still be there."""
    mine, _ = _in_step()
    change = Change(Operation.DELETE, mine.dn, {"description": (mine.attributes["description"], ())})

    [asked] = provisioned(world.obm(), (change,))

    assert (asked.system, asked.calls) == ("obm", ("DELETE users/{id}?expunge=true",))
    assert asked.attributes == change.attributes


def test_an_archive_is_undone_by_the_api() -> None:
    """Undo: what the plan changed comes back by the calls of OBM, not by LDAP."""
    mine, ledger = _in_step()
    plan = plan_of([leaver()], [mine], ledger=ledger, with_policy=POLICY, today=LEFT)
    accounts, after = world.applied(plan, [mine], ledger, LEFT, POLICY)
    action = only(plan)
    roster = world.admitted([leaver()], world.UNITS, (), after, LEFT)
    outcomes = {action.id: Outcome(action.id, Result.DONE, guid=mine.guid)}

    back = undone("p1", plan, outcomes, roster, [world.snapshot(*accounts)], after, POLICY, LEFT)
    change = _change(only(back))

    assert (change.system, change.calls) == ("obm", ("PATCH users/{id}",))
    assert change.attributes["archived"] == (("true",), ("false",))


def test_constants_of_new_accounts_are_read_too() -> None:
    """What a create writes can be compared and undone only if it is read."""
    assert {"profile", "mail_server"} <= set(world.obm().attributes().values())
    assert not replace(world.obm(), provisioning=None).attributes().keys() & {"mail_server"}
