"""Who holds a unit's mailbox, and what follows when that changes (NB-33, DN-38, BT-27, Q4-25, BD-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import world
from world import TODAY, account, kinds, leaver, plan_of, request, row

from syncagent.core.finding import FindingCode
from syncagent.core.person import PersonRow
from syncagent.core.unit import Unit, UnitStatus

A, B, ELSEWHERE = row(), row("P2", "Bùi Văn Lâm", "skhcn-vp"), row("P3", "Trần Văn Minh", "snv")
ISSUED = date(2026, 1, 5)


def _units(*holders: str, **parts: object) -> tuple[Unit, ...]:
    found = {"mailbox": True, "mailbox_holders": holders, **parts}
    return tuple(replace(u, **found) if u.unit == "skhcn" else u for u in world.UNITS)  # type: ignore[arg-type]  # real fields


ACCOUNTS, LEDGER = world.settled([A, B, ELSEWHERE], units=_units("P1"), today=ISSUED)


def test_a_new_mailbox_says_who_holds_it() -> None:
    """NB-33, Điều 9.2: what the roster says is written down with the issue."""
    assert account(ACCOUNTS, "unit:skhcn").stamp
    assert account(ACCOUNTS, "unit:skhcn").stamp.holders == ("P1",)  # type: ignore[union-attr]  # asserted above


def test_a_change_of_hands_sets_one_new_password() -> None:
    """BT-27, Q4-25, NB-33: handed over once, not by what founded the unit; the next plan is empty (law 1)."""
    changed = _units("P2", document=world.DECISION, effective_date=date(2015, 1, 5))
    plan = plan_of([A, B, ELSEWHERE], ACCOUNTS, units=changed, ledger=LEDGER, today=ISSUED)
    accounts, ledger = world.applied(plan, ACCOUNTS, LEDGER, ISSUED)

    again = plan_of([A, B, ELSEWHERE], accounts, units=changed, ledger=ledger, today=ISSUED)

    assert kinds(plan) == ["hand_over"]
    assert [change.sets_password for change in plan.actions[0].changes] == [True]
    assert "P1 → P2" in plan.actions[0].because[0].text.vi
    assert [reason.document for reason in plan.actions[0].because] == ["", ""]
    assert kinds(again) == []


def test_nothing_follows_from_an_empty_cell() -> None:
    """Contract §4: what the roster leaves empty never clears anything."""
    assert kinds(plan_of([A, B, ELSEWHERE], ACCOUNTS, units=_units(), ledger=LEDGER, today=ISSUED)) == []


def test_a_locked_mailbox_is_handed_over_when_it_is_opened() -> None:
    """NB-25, Điều 7.3.b: opening it sets a new password anyway; until then those who knew the old one stay named."""
    lock = [request("lock", "unit:skhcn", ISSUED, reason="virus", from_unit="skhcn", document_number="1/CV")]
    locked = plan_of([A, B, ELSEWHERE], ACCOUNTS, units=_units("P2"), ledger=LEDGER, today=ISSUED, requests=lock)
    accounts, ledger = world.applied(locked, ACCOUNTS, LEDGER, ISSUED)
    waiting = plan_of([A, B, ELSEWHERE], accounts, units=_units("P2"), ledger=ledger, today=ISSUED, requests=lock)
    letters = [
        *lock,
        request("unlock", "unit:skhcn", TODAY, "R2", from_unit="skhcn", document_number="2/CV"),
    ]
    opened = plan_of([A, B, ELSEWHERE], accounts, units=_units("P2"), ledger=ledger, requests=letters)

    assert kinds(locked) == ["lock"]
    assert kinds(waiting) == []
    found = next(action for action in opened.actions if action.subject == "unit:skhcn")
    assert str(found.kind) == "unlock"
    assert found.stamp
    assert found.stamp.holders == ("P2",)


def test_a_mailbox_that_somebody_locked_by_hand_is_not_handed_over() -> None:
    """NB-24: a new password would open what a person shut; whoever shut it is asked first."""
    box = account(ACCOUNTS, "unit:skhcn")
    shut = [replace(one, enabled=one.guid != box.guid) for one in ACCOUNTS]

    plan = plan_of([A, B, ELSEWHERE], shut, units=_units("P2"), ledger=LEDGER, today=ISSUED)

    assert kinds(plan) == []
    assert [skip.reason for skip in plan.skips if skip.subject == "unit:skhcn"] == ["locked-by-hand"]


@pytest.mark.parametrize(
    "people",
    [[B, ELSEWHERE], [row(status="left", event="retired", effective_date=ISSUED), B, ELSEWHERE]],
    ids=["missing", "left without a decision"],
)
def test_missing_is_not_left_for_a_holder_either(people: list[PersonRow]) -> None:
    """Contract §4: of two holders one stands in no row, or in one without a decision: nothing is handed over."""
    both = _units("P1", "P2")
    accounts, ledger = world.settled([A, B, ELSEWHERE], units=both, today=ISSUED)

    plan = plan_of(people, accounts, units=both, ledger=ledger, today=ISSUED)

    assert "hand_over" not in kinds(plan)
    assert [f.candidates for f in plan.findings if f.subject == "unit:skhcn"] == [("P1",)]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_one_of_two_holders_who_left_or_moved_away_holds_it_no_longer(*, elsewhere: bool) -> None:
    """Q4-25, BT-27: a decision, or a post in another agency, ends it though the cell still names them."""
    both = _units("P1", "P2")
    accounts, ledger = world.settled([A, B, ELSEWHERE], units=both, today=ISSUED)
    moved = row(unit="snv", event="transferred", effective_date=ISSUED, document=world.DECISION)
    people = [moved if elsewhere else leaver(on=ISSUED), B, ELSEWHERE]

    plan = plan_of(people, accounts, units=both, ledger=ledger, today=ISSUED)

    assert "hand_over" in kinds(plan)


@pytest.mark.parametrize("people", [[B, ELSEWHERE], [leaver(), B, ELSEWHERE]], ids=["unknown", "left"])
def test_whoever_is_gone_holds_nothing(people: list[PersonRow]) -> None:
    """NB-33, Điều 9.2: a holder who left or is unknown is named, with the way out."""
    plan = plan_of(people, ACCOUNTS, units=_units("P1"), ledger=LEDGER)

    [finding] = [f for f in plan.findings if f.subject == "unit:skhcn"]
    assert finding.code is FindingCode.MANUAL_STEPS
    assert finding.candidates == ("P1",)
    assert "mailbox_holder" in finding.message.vi


def test_more_holders_than_the_text_allows() -> None:
    """DN-38, Điều 15.1: the head, and one person authorised; a third one is a finding with the article."""
    with_policy = world.policy("danang-2017")

    plan = plan_of([A, B, row("P4", "Lê Hòa")], units=_units("P1", "P2", "P4"), with_policy=with_policy)

    [finding] = [f for f in plan.findings if f.subject == "unit:skhcn"]
    assert "Điều 15 khoản 1" in finding.message.vi
    assert finding.candidates == ("P1", "P2", "P4")
    assert "allows 2" in finding.message.en


def test_a_text_without_holders_asks_for_none() -> None:
    """A regulation that names nobody for the mailbox orders no hand-over."""
    regulation = replace(world.regulation(), holders=None)

    plan = plan_of(
        [A, B, ELSEWHERE], ACCOUNTS, units=_units("P9", "P2"), ledger=LEDGER, today=ISSUED,
        with_policy=world.policy(regulation=regulation),
    )  # fmt: skip

    assert kinds(plan) == []
    assert [f for f in plan.findings if f.subject == "unit:skhcn"] == []


def test_nobody_is_looked_for_where_there_is_no_mailbox() -> None:
    """A unit without a mailbox, or one that is closed, has no holder to miss."""
    closed = _units("P9", status=UnitStatus.DISSOLVED, document=world.DECISION, effective_date=TODAY)
    for units in (_units("P9", mailbox=False), closed):
        plan = plan_of([ELSEWHERE], units=units)

        assert [f for f in plan.findings if "mailbox_holder" in f.message.vi] == []
