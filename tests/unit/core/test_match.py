"""Whose account it is: proof links, anything less is left alone with everyone it could concern."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import world
from world import account, changed, codes, kinds, plan_of, row

from syncagent.core.stamp import State

if TYPE_CHECKING:
    from syncagent.core.account import Account
    from syncagent.core.ledger import Ledger

OPENED = date(2026, 2, 16)
PEOPLE = [row(), row("P2", "Trần Thị Hòa")]


def settled() -> tuple[tuple[Account, ...], Ledger]:
    """Two people in step, recently enough that no term runs out."""
    return world.settled(PEOPLE, today=OPENED)


def _with(found: Account, **attributes: Any) -> list[Account]:
    accounts, _ = settled()
    return [changed(one, **attributes) if one.guid == found.guid else one for one in accounts]


def test_a_damaged_stamp_makes_the_account_untouchable() -> None:
    """Law 3: an account whose stamp cannot be read may be anybody's."""
    accounts, ledger = settled()
    damaged = _with(account(accounts, "P1"), **{world.directory().stamp: "syncagent/1 kind=personal key"})

    plan = plan_of([row(status="left"), PEOPLE[1]], damaged, ledger=ledger)

    assert kinds(plan) == []
    assert "ambiguous-match" in codes(plan, "P1")


def test_an_account_of_two_people_is_nobodys() -> None:
    """F8: the key says one person, the stamp another; neither is acted on, and both are named."""
    accounts, ledger = settled()
    torn = _with(account(accounts, "P1"), employeeID="P2")

    plan = plan_of(PEOPLE, torn, ledger=ledger)

    assert kinds(plan) == []
    finding = next(f for f in plan.findings if f.code == "ambiguous-match")
    assert finding.candidates == ("P1", "P2")


def test_an_account_the_ledger_deleted_does_not_quietly_come_back() -> None:
    """Law 8: an account restored from a backup of the directory is for people to decide on."""
    accounts, ledger = settled()
    known = {
        place: one._replace(stamp=replace(one.stamp, state=State.DELETED)) if one.stamp.subject == "P1" else one
        for place, one in ledger.accounts.items()
    }

    plan = plan_of(PEOPLE, accounts, ledger=replace(ledger, accounts=known))

    assert kinds(plan) == []
    finding = next(f for f in plan.findings if f.subject == "P1")
    assert "was deleted according to the ledger" in finding.message.en


def test_a_stamp_that_disagrees_with_the_ledger_is_shown_and_the_later_date_counts() -> None:
    """Design §3: the stamp on the entry is public, the ledger is ours; the later date wins, never the earlier."""
    accounts, ledger = settled()
    rewound = [world.restamped(account(accounts, "P1"), since=date(2025, 1, 1)), account(accounts, "P2")]

    plan = plan_of(PEOPLE, rewound, ledger=ledger)

    assert "stamp-differs" in codes(plan, "P1")
    assert "lock" not in kinds(plan)


def test_two_accounts_of_one_person_are_both_left_alone() -> None:
    """F8: which of the two is the person's is not for a program to say."""
    accounts, ledger = settled()
    double = changed(account(accounts, "P1"), dn=f"CN=Thành khác,OU=skhcn,{world.BASE}", objectGUID="ab" * 16)

    plan = plan_of(PEOPLE, [*accounts, double], ledger=ledger)

    assert kinds(plan) == []
    assert "ambiguous-match" in codes(plan, "P1")


def test_an_unmarked_account_of_somebody_unknown_is_not_ours() -> None:
    """Law 3: an account with a key that no roster knows is left alone and counted as unmanaged."""
    accounts, _ = settled()
    stranger = changed(account(accounts, "P1"), **{world.directory().stamp: "", "employeeID": "P77"})

    plan = plan_of([PEOPLE[1]], [stranger, account(accounts, "P2")])

    assert "P77" not in [action.subject for action in plan.actions]
    assert [skip.reason for skip in plan.skips if skip.subject == stranger.dn] == ["unmanaged"]
