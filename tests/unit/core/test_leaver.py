"""Whoever leaves: when the mailbox is closed, when it stays, and which reason is given for leaving it alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import world
from world import TODAY, account, applied, changed, codes, kinds, leaver, only, plan_of, request, row

from syncagent.core.document import NO_DOCUMENT
from syncagent.core.request import RequestKind
from syncagent.core.stamp import State
from syncagent.core.survey import survey

if TYPE_CHECKING:
    from syncagent.core.account import Account
    from syncagent.core.ledger import Ledger
    from syncagent.core.person import PersonRow
    from syncagent.core.plan import Plan

SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
OPENED = date(2026, 2, 16)
_MAIL = ("mail", "proxyAddresses")


def _settled() -> tuple[tuple[Account, ...], Ledger]:
    return world.settled([row(), SOMEBODY], today=OPENED)


def _closed() -> tuple[tuple[Account, ...], Ledger]:
    """P1 left on 2 March by a decision, and the mailbox was closed."""
    accounts, ledger = _settled()
    gone = leaver(on=date(2026, 3, 2))
    plan = plan_of([gone, SOMEBODY], accounts, ledger=ledger, today=date(2026, 3, 2))
    assert kinds(plan) == ["disable"]
    return applied(plan, accounts, ledger, date(2026, 3, 2))


def _reason(plan: Plan) -> list[str]:
    """Why P1 was left alone."""
    return [skip.reason for skip in plan.skips if skip.subject == "P1"]


# ── what is proved ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        (leaver(document=NO_DOCUMENT), "decision_number, decision_date, signed_by"),
        (replace(leaver(), event=None), "event"),
        (replace(leaver(document=NO_DOCUMENT), event=None), "event, decision_number, decision_date, signed_by"),
    ],
)
def test_what_is_missing_of_a_leaving_is_named_and_noted(gone: PersonRow, missing: str) -> None:
    """NB-27, Điều 7.4: `explain` shows the rule as not applying, the finding names the columns, in their order."""
    accounts, ledger = _settled()
    roster = world.admitted([gone, SOMEBODY], ledger=ledger)
    view = survey(roster, [world.snapshot(*accounts)], ledger, world.policy(), TODAY, explained="P1")
    plan = plan_of([gone, SOMEBODY], accounts, ledger=ledger)

    [told] = [one.message.en for one in plan.findings if one.subject == "P1"]
    noted = [(one.rule, one.applies, one.says.en) for one in view.cases["P1"].verdicts or []]
    assert f", but {missing} is missing;" in told
    assert ("NB-27", False, f"missing: {missing}") in noted
    assert _reason(plan) == ["leaver-without-document"]
    assert kinds(plan) == []


def test_an_event_the_text_does_not_know_closes_nothing() -> None:
    """NB-27: leaving takes an event by which the text ends the work; an unknown one ends nothing."""
    accounts, ledger = _settled()
    bare = world.policy()
    bare = replace(bare, regulation=replace(bare.regulation, events={}))

    plan = plan_of([leaver(), SOMEBODY], accounts, ledger=ledger, with_policy=bare)

    assert (kinds(plan), codes(plan, "P1")) == ([], ["leaver-without-document"])


def test_a_leaver_nobody_proved_keeps_everything_as_it_is() -> None:
    """NB-27: neither the new name nor the new place of an unproved row is written; a person decides."""
    accounts, ledger = _settled()
    unproved = replace(leaver(document=NO_DOCUMENT), full_name="Nguyễn Ngọc Thanh", position="Trưởng phòng")

    assert kinds(plan_of([unproved, SOMEBODY], accounts, ledger=ledger)) == []


def test_a_closed_mailbox_whose_leaver_is_proved_no_more_stays_closed() -> None:
    """Law 8: a row that lost its decision neither opens the mailbox nor begins its term anew."""
    accounts, ledger = _closed()
    unproved = leaver(document=NO_DOCUMENT, on=date(2026, 3, 2))

    plan = plan_of([unproved, SOMEBODY], accounts, ledger=ledger)

    assert (kinds(plan), _reason(plan)) == ([], ["leaver-without-document"])


def test_no_term_deletes_the_mailbox_of_a_leaver_who_is_proved_no_more() -> None:
    """Laws 6 and 13: the day comes, but the decision behind it is gone from the roster: somebody must look first."""
    accounts, ledger = _closed()
    proved, unproved = leaver(on=date(2026, 3, 2)), leaver(document=NO_DOCUMENT, on=date(2026, 3, 2))
    due = date(2026, 6, 3)

    assert kinds(plan_of([proved, SOMEBODY], accounts, ledger=ledger, today=due)) == ["lock", "delete"]
    assert kinds(plan_of([unproved, SOMEBODY], accounts, ledger=ledger, today=due)) == ["lock"]


@pytest.mark.parametrize(
    ("signed", "known", "missing"),
    [
        (TODAY + timedelta(days=1), True, "a decision that is signed (decision_date says 2026-03-11, a day to come)"),
        (TODAY + timedelta(days=1), False, "a decision that is signed (decision_date says 2026-03-11, a day to come)"),
        (TODAY, False, "an event that ends the work (the column event says retired)"),
    ],
)
def test_a_decision_to_come_and_an_event_that_ends_nothing_are_told_apart(
    signed: date, missing: str, *, known: bool
) -> None:
    """NB-27: a decision counts from the day it bears; one of today is signed, whatever else the text does not know."""
    accounts, ledger = _settled()
    chosen = world.policy()
    if not known:
        chosen = replace(chosen, regulation=replace(chosen.regulation, events={}))
    gone = leaver(document=world.DECISION._replace(signed_on=signed))

    plan = plan_of([gone, SOMEBODY], accounts, ledger=ledger, with_policy=chosen)

    [told] = [one.message.en for one in plan.findings if one.subject == "P1"]
    assert f", but {missing} is missing;" in told
    assert kinds(plan) == []


def test_what_is_wrong_with_the_account_and_with_the_leaving_stands_together() -> None:
    """Contract §5: locked by hand and left without a decision are two things to mend, each named."""
    accounts, ledger = _settled()
    locked = changed(account(accounts, "P1"), userAccountControl="514")

    plan = plan_of([leaver(document=NO_DOCUMENT), SOMEBODY], [account(accounts, "P0"), locked], ledger=ledger)

    assert (kinds(plan), _reason(plan)) == ([], ["locked-by-hand"])
    assert codes(plan, "P1") == ["leaver-without-document", "locked-by-directory"]


def test_a_cancellation_is_carried_out_beside_an_order_that_is_not_complete() -> None:
    """NB-36 beside DN-13 in one text: an emergency order without its reason is said, the complete letter is obeyed."""
    both, cancel = world.policy(), world.regulation("danang-2017").requests[RequestKind.CANCEL]
    law = replace(both.regulation, requests={**both.regulation.requests, RequestKind.CANCEL: cancel})
    accounts, ledger = _settled()
    orders = [
        request("emergency_delete", "P1", TODAY, "R1", from_unit="skhcn"),
        request("cancel", "P1", TODAY, "R2", document_number="5/SKHCN"),
    ]

    plan = plan_of(
        [row(), SOMEBODY], accounts, ledger=ledger, requests=orders, with_policy=replace(both, regulation=law)
    )

    assert (kinds(plan), codes(plan, "P1")) == (["withdraw"], ["needs-order"])


# ── closing ──────────────────────────────────────────────────────────────────


def test_whoever_left_and_has_no_mailbox_is_left_alone() -> None:
    """NB-27: there is nothing to close."""
    plan = plan_of([leaver(), SOMEBODY], world.settled([SOMEBODY], today=OPENED)[0])

    assert (_reason(plan), codes(plan, "P1")) == (["no-account"], [])


def test_where_the_text_closes_on_order_only_a_leaver_waits_for_it() -> None:
    """BD-14, Điều 12.3: no decision of another kind closes the mailbox."""
    binh_dinh = world.policy("binhdinh-kkt-2017")
    accounts, ledger = world.settled([row(), SOMEBODY], today=OPENED, with_policy=binh_dinh)

    plan = plan_of([leaver(), SOMEBODY], accounts, ledger=ledger, with_policy=binh_dinh)

    assert (kinds(plan), _reason(plan), codes(plan, "P1")) == ([], ["needs-order"], ["needs-order"])


def test_a_closed_mailbox_waits_for_its_term() -> None:
    """NB-28: three months of 2 March are over with 2 June; until then nothing happens, and the day is told."""
    accounts, ledger = _closed()

    plan = plan_of([leaver(on=date(2026, 3, 2)), SOMEBODY], accounts, ledger=ledger)

    assert (kinds(plan), _reason(plan)) == ([], ["waits-for-term"])
    assert [skip.next for skip in plan.skips if skip.subject == "P1"] == [date(2026, 6, 3)]


@pytest.mark.parametrize("what", ["log-in", "mail"])
def test_a_closed_mailbox_that_somebody_opened_by_hand_is_closed_again(what: str) -> None:
    """NB-27: sending and receiving are locked, both; whichever half is open again is closed before any term runs."""
    before = account(_settled()[0], "P1")
    accounts, ledger = _closed()
    shut = account(accounts, "P1")
    opened = (
        changed(shut, userAccountControl=before.attributes["userAccountControl"])
        if what == "log-in"
        else changed(shut, **{name: before.attributes[name] for name in _MAIL if name in before.attributes})
    )
    assert (opened.enabled, opened.receives) == (what == "log-in", what == "mail")

    action = only(plan_of([leaver(on=date(2026, 3, 2)), SOMEBODY], [account(accounts, "P0"), opened], ledger=ledger))

    assert (str(action.kind), action.subject) == ("disable", "P1")
    assert action.stamp
    assert (action.stamp.state, action.stamp.since) == (State.DISABLED, TODAY)


def test_a_mailbox_that_somebody_shut_by_hand_is_closed_on_record() -> None:
    """NB-28: the term runs from the closing that a decision ordered, not from whatever somebody did before."""
    accounts, ledger = _settled()
    before = account(accounts, "P1")
    shut = changed(before, userAccountControl="514", mail="", proxyAddresses=f"HELD:{before.address}")
    assert (shut.enabled, shut.receives) == (False, False)

    action = only(plan_of([leaver(), SOMEBODY], [account(accounts, "P0"), shut], ledger=ledger))

    assert (str(action.kind), action.stamp and action.stamp.since) == ("disable", TODAY)


# ── what is left alone ───────────────────────────────────────────────────────


def test_an_account_that_is_gone_and_a_roster_that_went_back_give_their_reasons() -> None:
    """F2, law 13: in `summary.skip` both stand by name."""
    accounts, ledger = _settled()
    left = [one for one in accounts if one != account(accounts, "P1")]
    older = row(effective_date=date(2026, 1, 2), document=world.DECISION)
    newer = row(effective_date=date(2026, 2, 2), document=world.DECISION)
    acted, known = world.settled([newer, SOMEBODY], today=OPENED)

    gone = plan_of([row(), SOMEBODY], left, ledger=ledger)
    back = plan_of([older, SOMEBODY], acted, ledger=known)

    assert _reason(gone) == ["account-vanished"]
    assert (_reason(back), codes(back, "P1")) == (["roster-went-back"], ["quarantined"])
