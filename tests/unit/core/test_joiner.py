"""Whoever is issued a mailbox, gets one back, or has theirs taken over; and why somebody is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import world
from world import TODAY, UNITS, account, applied, changed, closed, codes, kinds, leaver, only, plan_of, request, row

from syncagent.core.action import ActionKind
from syncagent.core.document import NO_DOCUMENT, Document
from syncagent.core.stamp import Reason, State
from syncagent.core.survey import survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncagent.core.account import Account
    from syncagent.core.case import Step
    from syncagent.core.ledger import Ledger
    from syncagent.core.person import PersonRow
    from syncagent.core.plan import Plan
    from syncagent.core.unit import Unit

SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
OPENED = date(2026, 2, 16)
CLOSED = date(2026, 3, 2)
NEWER = Document("77/QĐ-UBND", date(2026, 3, 8), "Chủ tịch UBND tỉnh")
DANANG = world.policy("danang-2017")
ASKED = request("create", "P1", date(2026, 3, 3), document_number="5/SKHCN", from_unit="skhcn")
CANCELLED = request("cancel", "P1", date(2026, 3, 5), "R2", document_number="6/SKHCN", from_unit="skhcn")


def _reason(plan: Plan, subject: str = "P1") -> list[str]:
    """Why somebody was left alone."""
    return [skip.reason for skip in plan.skips if skip.subject == subject]


def _agency(units: Sequence[Unit] = UNITS, **columns: Any) -> tuple[Unit, ...]:
    """The units, of which Sở Khoa học và Công nghệ asks for a mailbox of its own."""
    return tuple(replace(unit, mailbox=True, **columns) if unit.unit == "skhcn" else unit for unit in units)


def _gone() -> tuple[tuple[Account, ...], Ledger]:
    """P1's mailbox, closed for leaving."""
    accounts, ledger = world.settled([row(), SOMEBODY], today=OPENED)
    plan = plan_of([leaver(on=CLOSED), SOMEBODY], accounts, ledger=ledger, today=CLOSED)
    return applied(plan, accounts, ledger, CLOSED)


def _shut() -> tuple[tuple[Account, ...], Ledger]:
    """The agency's mailbox, closed by the decision that dissolved the agency."""
    accounts, ledger = world.settled([SOMEBODY], units=_agency(), today=OPENED)
    plan = plan_of([SOMEBODY], accounts, units=_agency(closed("skhcn", on=CLOSED)), ledger=ledger, today=CLOSED)
    return applied(plan, accounts, ledger, CLOSED)


# ── a mailbox that was called off ────────────────────────────────────────────


@pytest.mark.parametrize(
    ("columns", "issued"),
    [
        ({"event": "received"}, True),
        ({"event": "renamed"}, False),
        ({"status": "on_leave"}, False),
    ],
    ids=["works", "renamed", "on leave"],
)
def test_only_a_decision_that_issues_a_mailbox_outweighs_its_cancellation(
    columns: dict[str, Any], *, issued: bool
) -> None:
    """DN-12 with domain §1.8 row 6: an older letter asked for it, the unit called it off, then a row came.

    Only somebody who works here, by an event that issues mailboxes, is wanted by that row.
    """
    joins = row(effective_date=date(2026, 3, 9), document=NEWER, **columns)
    accounts, ledger = world.settled([SOMEBODY], today=OPENED, with_policy=DANANG)

    plan = plan_of([joins, SOMEBODY], accounts, ledger=ledger, requests=[ASKED, CANCELLED], with_policy=DANANG)

    assert [str(one.kind) for one in plan.actions if one.subject == "P1"] == ["create"] * issued
    assert _reason(plan) == ["called-off"] * (not issued)


def test_a_unit_mailbox_that_was_called_off_is_issued_on_a_newer_letter() -> None:
    """DN-12: the cancellation counts until the agency asks for its mailbox in a newer letter."""
    accounts, ledger = world.settled([SOMEBODY], today=OPENED, with_policy=DANANG)
    letter = replace(CANCELLED, subject="unit:skhcn")
    newer = replace(ASKED, subject="unit:skhcn", received_on=date(2026, 3, 9))

    off = plan_of([SOMEBODY], accounts, units=_agency(), ledger=ledger, requests=[letter], with_policy=DANANG)
    on = plan_of([SOMEBODY], accounts, units=_agency(), ledger=ledger, requests=[letter, newer], with_policy=DANANG)

    assert _reason(off, "unit:skhcn") == ["called-off"]
    assert [str(one.kind) for one in on.actions if one.subject == "unit:skhcn"] == ["create"]


def test_a_closed_mailbox_that_was_called_off_stays_closed() -> None:
    """DN-12, DN-16: a decision that gives it back, older than the cancellation, gives nothing back."""
    accounts, ledger = world.settled([row(), SOMEBODY], today=OPENED, with_policy=DANANG)
    closing = plan_of([leaver(on=CLOSED), SOMEBODY], accounts, ledger=ledger, today=CLOSED, with_policy=DANANG)
    accounts, ledger = applied(closing, accounts, ledger, CLOSED, DANANG)
    back = row(event="received", effective_date=date(2026, 3, 4), document=NEWER._replace(signed_on=date(2026, 3, 4)))

    plan = plan_of([back, SOMEBODY], accounts, ledger=ledger, requests=[CANCELLED], with_policy=DANANG)

    assert (_reason(plan), [one for one in plan.actions if one.subject == "P1"]) == (["called-off"], [])


# ── the reason for leaving it alone ──────────────────────────────────────────


def test_the_reason_names_the_mailbox_that_was_deleted_before() -> None:
    """Law 8, contract §5: nothing newer than the order to delete asks for a mailbox, of a person or of a unit."""
    accounts, ledger = world.settled([SOMEBODY], today=OPENED)
    orders = [
        request(
            "emergency_delete", name, TODAY, f"R{number}", document_number="1/HT", reason="lộ bí mật", from_unit="skhcn"
        )
        for number, name in enumerate(("P1", "unit:skhcn"))
    ]

    plan = plan_of([row(), SOMEBODY], accounts, units=_agency(), ledger=ledger, requests=orders)

    assert (_reason(plan), _reason(plan, "unit:skhcn")) == (["deleted-before"], ["deleted-before"])


def test_the_reason_names_the_order_that_a_closed_mailbox_waits_for() -> None:
    """Law 8, contract §5: with its mark or without, what was closed waits for a document."""
    accounts, ledger = _gone()
    works = [row(effective_date=date(2026, 3, 3)), SOMEBODY]
    wiped = [changed(account(accounts, "P1"), **{world.directory().stamp: ""}), account(accounts, "P0")]

    assert _reason(plan_of(works, accounts, ledger=ledger)) == ["needs-order"]
    assert _reason(plan_of(works, wiped, ledger=ledger)) == ["needs-order"]


def test_the_reason_names_what_a_unit_without_mailbox_waits_for() -> None:
    """NB-10, contract §5: it asks for none, or its day has not come."""
    accounts, ledger = world.settled([SOMEBODY], today=OPENED)
    coming = _agency(effective_date=date(2026, 4, 1), document=NEWER)

    assert _reason(plan_of([SOMEBODY], accounts, ledger=ledger), "unit:skhcn") == ["no-mailbox-wanted"]
    assert _reason(plan_of([SOMEBODY], accounts, units=coming, ledger=ledger), "unit:skhcn") == ["not-yet"]


def test_the_reason_names_the_order_that_a_dissolved_units_mailbox_waits_for() -> None:
    """NB-27, Điều 7.4, and BD-14, Điều 12.3: a decision that is not whole, or a text that closes on a letter only."""
    accounts, ledger = world.settled([SOMEBODY], units=_agency(), today=OPENED)
    bare = _agency(closed("skhcn", document=NO_DOCUMENT))
    law = world.regulation()
    by_letter = world.policy(regulation=replace(law, unit_closed=law.unit_closed._replace(does=None)))

    unproved = plan_of([SOMEBODY], accounts, units=bare, ledger=ledger)
    ordered_only = plan_of([SOMEBODY], accounts, units=_agency(closed("skhcn")), ledger=ledger, with_policy=by_letter)

    assert (kinds(unproved), _reason(unproved, "unit:skhcn")) == ([], ["needs-order"])
    assert (kinds(ordered_only), _reason(ordered_only, "unit:skhcn")) == ([], ["needs-order"])


def test_a_dissolution_that_is_signed_and_lacks_its_number_names_the_number() -> None:
    """NB-27, Điều 7.4: what is missing is named, not a day that is there and has passed."""
    accounts, ledger = world.settled([SOMEBODY], units=_agency(), today=OPENED)
    numberless = _agency(closed("skhcn", document=world.DECISION._replace(number="")))

    plan = plan_of([SOMEBODY], accounts, units=numberless, ledger=ledger)

    [said] = [finding.message.en for finding in plan.findings if finding.code == "needs-order"]
    assert "but decision_number is missing" in said


def test_a_dissolution_without_a_day_of_its_own_takes_effect_when_it_is_signed() -> None:
    """NB-27, Điều 7.4: the document closes the mailbox, so its day is the day that counts."""
    accounts, ledger = world.settled([SOMEBODY], units=_agency(), today=OPENED)
    undated = tuple(
        replace(unit, effective_date=None) if unit.unit == "skhcn" else unit for unit in _agency(closed("skhcn"))
    )

    closing = only(plan_of([SOMEBODY], accounts, units=undated, ledger=ledger))

    assert (closing.kind, closing.due) == (ActionKind.DISABLE, world.DECISION.signed_on)


@pytest.mark.parametrize("wiped", [True, False])
def test_rows_that_were_cut_off_are_noticed_by_the_newest_that_anybody_remembers(*, wiped: bool) -> None:
    """Law 13: the mark on the entry may be wiped, and the state may come from an old backup; the newest row counts."""
    accounts, ledger = world.settled([row(effective_date=date(2026, 2, 10)), SOMEBODY], today=OPENED)
    mine = account(accounts, "P1")
    newest = date(2026, 2, 10) if wiped else date(2026, 3, 5)
    changes: dict[str, Any] = {"row": newest, "since": newest}
    mine = changed(mine, **{world.directory().stamp: ""}) if wiped else world.restamped(mine, **changes)
    shown = newest - timedelta(days=5)

    plan = plan_of([row(effective_date=shown), SOMEBODY], [mine, account(accounts, "P0")], ledger=ledger)

    assert (kinds(plan), _reason(plan)) == ([], ["roster-went-back"])


# ── taken over ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("enabled", "state", "why"), [(True, State.ACTIVE, Reason.ADOPTED), (False, State.LOCKED, Reason.FOUND_LOCKED)]
)
def test_an_account_is_taken_over_as_it_is_found(*, enabled: bool, state: State, why: Reason) -> None:
    """Design §3.2, NB-24: adopting opens nothing; who locked it did so by hand, and a letter unlocks it."""
    accounts, _ = world.settled([row(), SOMEBODY], today=OPENED)
    found = changed(account(accounts, "P1"), **{world.directory().stamp: ""})
    found = found if enabled else changed(found, userAccountControl="514")

    plan = plan_of([row(), SOMEBODY], [replace(found, enabled=enabled), account(accounts, "P0")])
    [adopted] = [action for action in plan.actions if action.subject == "P1"]

    assert adopted.stamp
    assert (adopted.kind, adopted.stamp.state, adopted.stamp.why) == (ActionKind.ADOPT, state, why)
    assert adopted.because[0].rule == world.regulation().attributes.rule
    assert all("userAccountControl" not in change.attributes for change in adopted.changes)


# ── who returns ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("event", "document", "back"),
    [
        ("received", NEWER, ["restore"]), ("transferred", NEWER, ["restore"]),
        ("renamed", NEWER, []), (None, NEWER, []),
        ("received", NO_DOCUMENT, []),
    ],
)  # fmt: skip
def test_a_closed_mailbox_comes_back_by_an_event_that_brings_people(
    event: str | None, document: Document, back: list[str]
) -> None:
    """Domain §1.6, §4.3: a reception or a transfer with its decision gives it back; another event does not."""
    accounts, ledger = _gone()

    plan = plan_of(
        [row(event=event, effective_date=date(2026, 3, 9), document=document), SOMEBODY], accounts, ledger=ledger
    )

    assert kinds(plan) == back


def test_what_comes_back_remembers_the_row_that_brought_it() -> None:
    """Law 13: a roster that loses this row afterwards is noticed by the day of the row, not of the unit."""
    accounts, ledger = _gone()
    units = tuple(replace(unit, effective_date=date(2025, 7, 1)) for unit in UNITS)
    back = row(event="received", effective_date=date(2026, 3, 9), document=NEWER)

    action = only(plan_of([back, SOMEBODY], accounts, units=units, ledger=ledger))

    assert action.stamp
    assert action.stamp.row == date(2026, 3, 9)


def _step(people: list[PersonRow], accounts: Sequence[Account], ledger: Ledger, moved_by: str) -> Step:
    roster = world.admitted(people, ledger=ledger)
    view = survey(roster, [world.snapshot(*accounts)], ledger, world.policy(), TODAY, moved_by=moved_by)
    return view.steps["P1"]


@pytest.mark.parametrize(
    ("moved_by", "undone", "back"),
    [("1/NQ", True, ActionKind.RESTORE), ("1/NQ", False, None), ("", True, None), ("", False, None)],
)
def test_a_merger_gives_back_what_an_earlier_try_of_it_had_closed(
    moved_by: str, back: ActionKind | None, *, undone: bool
) -> None:
    """Điều 13.2.a: its decision opens what its own taking back closed, and nothing that was closed for a reason."""
    accounts, ledger = _gone()
    mine = account(accounts, "P1")
    shut = world.restamped(mine, why=Reason.UNDONE) if undone else mine
    assert shut.stamp
    where = shut.target, shut.guid
    known = replace(ledger, accounts={where: ledger.accounts[where]._replace(stamp=shut.stamp)})

    step = _step([row(effective_date=date(2026, 3, 3)), SOMEBODY], [shut, account(accounts, "P0")], known, moved_by)

    assert step.kind == back
    assert [reason.document for reason in step.because][:1] == ["1/NQ"] * (back is not None)


@pytest.mark.parametrize(
    ("columns", "back"),
    [
        ({"effective_date": date(2026, 3, 9), "document": NEWER}, ["restore"]),
        ({"effective_date": date(2026, 3, 9), "document": NO_DOCUMENT}, []),
        ({"effective_date": CLOSED, "document": NEWER}, []),
    ],
    ids=["decided", "undecided", "no newer"],
)
def test_a_units_mailbox_comes_back_by_a_newer_decision_alone(columns: dict[str, Any], back: list[str]) -> None:
    """Domain §4.3, law 8: a day without a decision gives nothing back, nor does a decision of the day of closing."""
    accounts, ledger = _shut()

    plan = plan_of([SOMEBODY], accounts, units=_agency(**columns), ledger=ledger)

    assert kinds(plan) == back
    assert codes(plan, "unit:skhcn") == ["needs-order"] * (not back)
