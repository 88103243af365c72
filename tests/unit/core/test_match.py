"""Whose account it is: proof links, anything less is left alone with everyone it could concern."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import world
from world import account, changed, codes, kinds, plan_of, row

from syncagent.core.stamp import State
from syncagent.core.unit import Unit, UnitStatus

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


def _agency(unit: str, status: str = "active") -> Unit:
    closed: dict[str, Any] = {"effective_date": date(2026, 3, 2), "document": world.DECISION}
    of = UnitStatus(status)
    return replace(world.UNITS[0], unit=unit, mailbox=True, status=of, **({} if of is UnitStatus.ACTIVE else closed))


def test_an_unmarked_mailbox_is_the_working_agencys_not_its_predecessors() -> None:
    """The merger of 2025: a successor keeps the abbreviation; its live mailbox is not closed as the old one's."""
    units = (_agency("a-skhcn-cu", "merged"), *world.UNITS[1:], _agency("skhcn"))
    accounts, _ = world.settled(
        [row("P0", "Bùi Văn Lâm", "snv")], units=(_agency("skhcn"), *world.UNITS[1:]), today=OPENED
    )
    unmarked = changed(account(accounts, "unit:skhcn"), **{world.directory().stamp: ""})

    plan = plan_of([row("P0", "Bùi Văn Lâm", "snv")], [unmarked, account(accounts, "P0")], units=units)

    adopted = next(action for action in plan.actions if action.account_kind == "agency")
    assert (str(adopted.kind), adopted.subject) == ("adopt", "unit:skhcn")
    assert adopted.stamp
    assert adopted.stamp.state is State.ACTIVE


def test_two_working_units_of_one_address_are_named() -> None:
    """Law 7: whose mailbox skhcn@ is, nobody can tell; both units are shown, neither gets it."""
    units = (_agency("skhcn-a"), *world.UNITS[1:], _agency("skhcn"))

    plan = plan_of([row("P0", "Bùi Văn Lâm", "snv")], [], units=units)

    assert "create" in kinds(plan)
    assert not [action for action in plan.actions if action.account_kind == "agency"]
    shared = [f for f in plan.findings if f.code == "address-clash" and len(f.candidates) == 2]
    assert shared[0].candidates == ("unit:skhcn", "unit:skhcn-a")


def test_a_key_in_other_letters_is_no_proof() -> None:
    """F8: `p1` could be P1; a second mailbox is not made, and a person decides."""
    accounts, _ = settled()
    spelled = changed(account(accounts, "P1"), **{world.directory().stamp: "", "employeeID": "p1"})

    plan = plan_of(PEOPLE, [spelled, account(accounts, "P2")])

    assert "P1" not in [action.subject for action in plan.actions]
    assert "ambiguous-match" in codes(plan, "P1") + codes(plan, "p1")


def test_two_stamps_on_one_account_are_no_stamp() -> None:
    """Laws 2 and 13: which of them came first in the file must decide nothing."""
    accounts, ledger = settled()
    mine = account(accounts, "P1")
    closed = str(replace(mine.stamp, state=State.DISABLED)) if mine.stamp else ""
    stamp = world.directory().stamp
    both = (*mine.attributes[stamp], closed)

    plans = [
        plan_of(PEOPLE, [changed(mine, **{stamp: order}), account(accounts, "P2")], ledger=ledger)
        for order in (both, both[::-1])
    ]

    assert [kinds(plan) for plan in plans] == [[], []]
    assert plans[0].findings == plans[1].findings
