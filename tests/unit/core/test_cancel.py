"""Cancelling by request, leavers and units closed on a written order only, the gate before an unlock, returners."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import world
from world import (
    TODAY,
    UNITS,
    account,
    applied,
    changed,
    closed,
    codes,
    kinds,
    leaver,
    only,
    plan_of,
    request,
    restamped,
    row,
)

from syncagent.core.action import ActionKind, Review
from syncagent.core.document import Document
from syncagent.core.periods import ONE_DAY
from syncagent.core.request import RequestKind
from syncagent.core.stamp import State
from syncagent.core.survey import survey

if TYPE_CHECKING:
    from syncagent.core.account import Account
    from syncagent.core.case import Verdict
    from syncagent.core.ledger import Ledger
    from syncagent.core.plan import Plan
    from syncagent.core.policy import Policy
    from syncagent.core.request import Request

QUAN4 = world.policy("hcmc-quan4-2013")
BINH_DINH = world.policy("binhdinh-kkt-2017")
SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
PEOPLE = [row(), SOMEBODY]
OPENED = date(2026, 2, 16)
OWN = {"from_unit": "skhcn", "from_address": "skhcn.q4@tphcm.gov.vn"}
WITH_MAILBOX = tuple(replace(unit, mailbox=True) if unit.unit == "skhcn" else unit for unit in UNITS)


def settled(policy: Policy, **parts: Any) -> tuple[tuple[Account, ...], Ledger]:
    """P0 and P1 with a mailbox each since the middle of February."""
    return world.settled(PEOPLE, today=OPENED, with_policy=policy, **parts)


def cancel(**columns: str) -> Request:
    """The unit's request to cancel P1's mailbox."""
    words = {"document_number": "15/NV", "reason": "không còn nhu cầu", **OWN, **columns}
    return request("cancel", "P1", TODAY, **words)


def known(ledger: Ledger, found: Account) -> Ledger:
    """A ledger that remembers of an account what its stamp says."""
    assert found.stamp
    key = (found.target, found.guid)
    return replace(ledger, accounts={**ledger.accounts, key: ledger.accounts[key]._replace(stamp=found.stamp)})


# ── cancelled by request ──────────────────────────────────────────────────────


def test_a_cancelled_mailbox_is_withdrawn_where_the_text_orders_no_deletion() -> None:
    """Q4-09, Điều 6.1 and domain §1.6: cancelled on request, the data kept; one person approves, no term follows."""
    accounts, ledger = settled(QUAN4)

    action = only(plan_of(PEOPLE, accounts, ledger=ledger, requests=[cancel()], with_policy=QUAN4))

    assert (action.kind, action.review, action.then, action.fulfils) == (
        ActionKind.WITHDRAW, Review.ONE, None, ("R1",),
    )  # fmt: skip
    assert action.stamp
    assert (action.stamp.state, action.stamp.why, action.stamp.document) == (State.WITHDRAWN, "cancelled", "15/NV")


def test_a_deletion_by_order_takes_two_people() -> None:
    """BD-14, Điều 12.3: “xoá” on an order; what cannot be undone is approved by two."""
    accounts, ledger = settled(BINH_DINH)

    action = only(
        plan_of(PEOPLE, accounts, ledger=ledger, requests=[cancel(reason="", from_address="")], with_policy=BINH_DINH)
    )

    assert (action.kind, action.review, action.needs_order) == (ActionKind.DELETE, Review.TWO, True)


def test_whoever_was_deleted_by_order_is_not_issued_another_mailbox() -> None:
    """BD-14: the row that brought the first mailbox brings no second one; a request or a newer decision does."""
    accounts, ledger = settled(BINH_DINH)
    plan = plan_of(PEOPLE, accounts, ledger=ledger, requests=[cancel(from_address="")], with_policy=BINH_DINH)
    accounts, ledger = applied(plan, accounts, ledger, TODAY, BINH_DINH)

    again = plan_of(PEOPLE, accounts, ledger=ledger, requests=[cancel(from_address="")], with_policy=BINH_DINH)
    create = request("create", "P1", TODAY, "R2", document_number="16/VP")
    letters = [cancel(from_address=""), create]
    today = plan_of(PEOPLE, accounts, ledger=ledger, requests=letters, with_policy=BINH_DINH)
    asked = plan_of(PEOPLE, accounts, ledger=ledger, requests=letters, with_policy=BINH_DINH, today=TODAY + ONE_DAY)

    assert (kinds(again), codes(again, "P1")) == ([], ["needs-order"])
    assert (kinds(today), codes(today, "P1")) == ([], ["needs-order"])
    assert kinds(asked) == ["create"]


def test_a_mail_with_its_reason_needs_no_number() -> None:
    """Q4-09, Điều 6.1: the unit writes from its own mailbox; no article asks for the number of a letter."""
    accounts, ledger = settled(QUAN4)

    plan = plan_of(PEOPLE, accounts, ledger=ledger, requests=[cancel(document_number="")], with_policy=QUAN4)

    assert kinds(plan) == ["withdraw"]


@pytest.mark.parametrize("columns", [{"document_number": "", "reason": ""}, {"reason": ""}])
def test_an_incomplete_cancellation_is_a_finding_beside_everything_else(columns: dict[str, str]) -> None:
    """Q4-09, Điều 6.1: “phải nêu rõ lý do”; what is missing is said, and the mailbox is kept in step."""
    accounts, ledger = settled(QUAN4)
    people = [row(position="Phó Giám đốc"), SOMEBODY]

    plan = plan_of(people, accounts, ledger=ledger, requests=[cancel(**columns)], with_policy=QUAN4)

    assert kinds(plan) == ["update"]
    assert codes(plan, "P1") == ["needs-order"]


def test_a_text_that_does_not_say_what_cancelling_means_cancels_nothing() -> None:
    """A regulation that knows the request without its meaning leaves it to people."""
    rules = QUAN4.regulation.requests
    vague = {**rules, RequestKind.CANCEL: rules[RequestKind.CANCEL]._replace(does=None)}
    policy = replace(QUAN4, regulation=replace(QUAN4.regulation, requests=vague))
    accounts, ledger = settled(QUAN4)

    plan = plan_of(PEOPLE, accounts, ledger=ledger, requests=[cancel()], with_policy=policy)

    assert (kinds(plan), codes(plan, "P1")) == ([], ["needs-order"])


def test_an_account_that_is_not_ours_is_cancelled_by_hand() -> None:
    """Design §3: only what bears our mark is closed; the request for another account is said."""
    accounts, ledger = settled(QUAN4)
    bare = changed(account(accounts, "P1"), **{world.directory().stamp: ""})
    strangers = replace(ledger, accounts={})

    plan = plan_of(PEOPLE, [account(accounts, "P0"), bare], ledger=strangers, requests=[cancel()], with_policy=QUAN4)

    assert (kinds(plan), codes(plan, "P1")) == ([], ["manual-steps"])


def test_a_cancellation_is_not_carried_out_twice() -> None:
    """The mailbox is closed since the day of the request: an older request has nothing left to do."""
    accounts, ledger = settled(QUAN4)
    plan = plan_of(PEOPLE, accounts, ledger=ledger, requests=[cancel()], with_policy=QUAN4)
    accounts, ledger = applied(plan, accounts, ledger, TODAY, QUAN4)
    forgotten = replace(ledger, fulfilled={})

    again = plan_of(PEOPLE, accounts, ledger=forgotten, requests=[cancel()], with_policy=QUAN4)

    assert kinds(again) == []


def test_cancelling_settles_what_was_asked_about_access() -> None:
    """An unlock or a new password asked for before has nothing left to open."""
    accounts, ledger = settled(QUAN4)
    reset = request("reset_password", "P1", date(2026, 3, 9), "R0", document_number="14/NV", **OWN)

    action = only(plan_of(PEOPLE, accounts, ledger=ledger, requests=[reset, cancel()], with_policy=QUAN4))

    assert set(action.fulfils) == {"R0", "R1"}


def test_nobody_to_cancel() -> None:
    """A request to cancel a mailbox that does not exist leads to no deletion, and the joiner is judged as ever."""
    accounts, ledger = settled(QUAN4)
    alone = [account(accounts, "P0")]
    empty = replace(ledger, accounts={})

    plan = plan_of(PEOPLE, alone, ledger=empty, requests=[cancel()], with_policy=QUAN4)

    assert ActionKind.WITHDRAW not in [action.kind for action in plan.actions]


# ── only on a written order ───────────────────────────────────────────────────


def test_a_documented_leaver_stays_until_the_order() -> None:
    """BD-14, Điều 12.3: no lock, no revocation, no term; the decision alone closes nothing."""
    accounts, ledger = settled(BINH_DINH)

    plan = plan_of([leaver(), SOMEBODY], accounts, ledger=ledger, with_policy=BINH_DINH)

    assert (kinds(plan), codes(plan, "P1")) == ([], ["needs-order"])
    said = next(finding for finding in plan.findings if finding.subject == "P1")
    assert "Điều 12 khoản 3" in said.message.vi


def test_a_leaver_without_a_mailbox_needs_no_order() -> None:
    """Nothing is there to close, and nothing is said."""
    accounts, ledger = settled(BINH_DINH)
    gone = replace(ledger, accounts={})

    plan = plan_of([leaver(), SOMEBODY], [account(accounts, "P0")], ledger=gone, with_policy=BINH_DINH)

    assert (kinds(plan), codes(plan, "P1")) == ([], [])


def test_the_mailbox_of_a_closed_unit_stays_until_the_order() -> None:
    """BD-14: the mailbox of a dissolved unit is deleted on an order, and only then."""
    accounts, ledger = settled(BINH_DINH, units=WITH_MAILBOX)
    units = tuple(replace(unit, mailbox=True) if unit.unit == "skhcn" else unit for unit in closed("skhcn"))
    order = request("cancel", "skhcn", TODAY, document_number="15/VP")

    waits = plan_of(PEOPLE, accounts, units=units, ledger=ledger, with_policy=BINH_DINH)
    ordered = plan_of(PEOPLE, accounts, units=units, ledger=ledger, requests=[order], with_policy=BINH_DINH)

    assert kinds(waits) == []
    assert "needs-order" in codes(waits, "unit:skhcn")
    assert (only(ordered).kind, only(ordered).subject) == (ActionKind.DELETE, "unit:skhcn")


def test_explain_says_that_an_order_is_awaited() -> None:
    """Contract §2, `explain`: for every rule whether it applies, and why not."""
    accounts, ledger = settled(BINH_DINH)
    roster = world.admitted([leaver(), SOMEBODY], ledger=ledger)

    view = survey(roster, [world.snapshot(*accounts)], ledger, BINH_DINH, TODAY, explained="P1")

    verdicts: list[Verdict] = view.cases["P1"].verdicts or []
    assert ("BD-14", False) in [(verdict.rule, verdict.applies) for verdict in verdicts]


# ── the gate before an unlock ─────────────────────────────────────────────────

LOCKED_ON = date(2026, 3, 6)


def asks_to_open(today: date, why: str) -> Plan:
    """The plan of a day on which P1, locked on Friday 6 March, asks to be opened since the day after."""
    accounts, ledger = settled(QUAN4)
    mine = changed(
        restamped(account(accounts, "P1"), state="locked", since=LOCKED_ON, why=why), userAccountControl="514"
    )
    unlock = request("unlock", "P1", date(2026, 3, 7), document_number="15/NV", **OWN)
    everybody = [account(accounts, "P0"), mine]
    return plan_of(PEOPLE, everybody, ledger=known(ledger, mine), requests=[unlock], today=today, with_policy=QUAN4)


@pytest.mark.parametrize("days", range(1, 5))
def test_before_the_fifth_day_the_request_waits(days: int) -> None:
    """Q4-19, Điều 8.3.b: not before five days from the lock; the day on which it may be opened is said."""
    plan = asks_to_open(LOCKED_ON + timedelta(days=days), "unchanged-password-lock")

    assert kinds(plan) == []
    assert [(skip.reason, skip.next) for skip in plan.skips if skip.subject == "P1"] == [("gate", date(2026, 3, 11))]


@pytest.mark.parametrize("days", [5, 6, 60])
def test_from_the_fifth_day_on_it_is_opened(days: int) -> None:
    """Q4-19: calendar days, the weekend of 7 and 8 March counts."""
    action = only(asks_to_open(LOCKED_ON + timedelta(days=days), "unchanged-password-lock"))

    assert (action.kind, action.due) == (ActionKind.UNLOCK, date(2026, 3, 7))


def test_a_lock_for_another_reason_has_no_gate() -> None:
    """Q4-14 against Q4-19: the five days stand in the point on passwords only."""
    action = only(asks_to_open(date(2026, 3, 7), "idle-lock"))

    assert action.kind is ActionKind.UNLOCK


@pytest.mark.parametrize(("today", "closed_still"), [(date(2026, 3, 10), True), (date(2026, 3, 11), False)])
def test_explain_tells_the_gate(today: date, *, closed_still: bool) -> None:
    """Q4-19: the day stands beside the article, and whether it still bars."""
    accounts, ledger = settled(QUAN4)
    mine = restamped(account(accounts, "P1"), state="locked", since=LOCKED_ON, why="unchanged-password-lock")
    mine = changed(mine, userAccountControl="514")
    unlock = request("unlock", "P1", date(2026, 3, 7), document_number="15/NV", **OWN)
    ledger = known(ledger, mine)
    roster = world.admitted(PEOPLE, requests=[unlock], ledger=ledger, today=today)
    parts = [world.snapshot(account(accounts, "P0"), mine)]

    verdicts: list[Verdict] = survey(roster, parts, ledger, QUAN4, today, explained="P1").cases["P1"].verdicts or []

    (gate,) = [verdict for verdict in verdicts if verdict.rule == "Q4-19"]
    assert (gate.applies, gate.says.en) == (closed_still, "may be opened from 2026-03-11")


# ── returners ─────────────────────────────────────────────────────────────────


def cancelled_since(day: date) -> tuple[list[Account], Ledger]:
    """P1's mailbox, cancelled on a day on which the row of that day ruled."""
    accounts, ledger = settled(QUAN4)
    mine = restamped(account(accounts, "P1"), state="withdrawn", since=day, why="cancelled", row=day)
    mine = changed(mine, userAccountControl="514", mail="", proxyAddresses=f"HELD:{mine.address}")
    return [account(accounts, "P0"), mine], known(ledger, mine)


@pytest.mark.parametrize(
    ("effective", "comes_back"),
    [(date(2026, 3, 2), False), (date(2026, 3, 3), True)],
)
def test_a_returner_needs_a_row_newer_than_the_one_acted_on(effective: date, *, comes_back: bool) -> None:
    """Domain §4.3: the row that was there when the mailbox was cancelled does not bring it back; a newer one does."""
    accounts, ledger = cancelled_since(date(2026, 3, 2))
    decision = Document("20/QĐ-UBND", effective, "Chủ tịch")
    people = [row(event="received", effective_date=effective, document=decision), SOMEBODY]

    plan = plan_of(people, accounts, ledger=ledger, with_policy=QUAN4)

    assert kinds(plan) == (["restore"] if comes_back else [])
    assert codes(plan, "P1") == ([] if comes_back else ["needs-order"])


def test_a_newer_row_without_a_decision_does_not_bring_it_back() -> None:
    """Q4-08: whoever comes back does so on a decision, or because the unit asks."""
    accounts, ledger = cancelled_since(date(2026, 3, 2))
    people = [row(event="received", effective_date=date(2026, 3, 9)), SOMEBODY]
    create = request("create", "P1", TODAY, reason="tuyển lại", **OWN)

    waits = plan_of(people, accounts, ledger=ledger, with_policy=QUAN4)
    asked = plan_of(people, accounts, ledger=ledger, requests=[create], with_policy=QUAN4)

    assert (kinds(waits), codes(waits, "P1")) == ([], ["needs-order"])
    assert kinds(asked) == ["restore"]


# ── newcomers for whom nothing is issued ──────────────────────────────────────


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"status": "on_leave"}, "not-working:on_leave"),
        ({"status": "working", "event": "seconded"}, "unregulated-event"),
        ({"status": "working", "event": "study"}, "unregulated-event"),
    ],
)
def test_a_newcomer_of_whom_the_text_says_nothing_waits_for_a_request(columns: dict[str, str], reason: str) -> None:
    """Q4-08, Điều 6.1: a mailbox is for those who are newly recruited; for anybody else the unit asks."""
    accounts, ledger = settled(QUAN4)
    people = [*PEOPLE, row("P2", "Trần Thị Hòa", **columns)]
    create = request("create", "P2", TODAY, reason="nhiệm vụ mới", **OWN)

    waits = plan_of(people, accounts, ledger=ledger, with_policy=QUAN4)
    asked = plan_of(people, accounts, ledger=ledger, requests=[create], with_policy=QUAN4)

    assert kinds(waits) == []
    assert [skip.reason for skip in waits.skips if skip.subject == "P2"] == [reason]
    assert [(action.kind, action.subject) for action in asked.actions] == [(ActionKind.CREATE, "P2")]


def test_an_emergency_deletion_bars_a_mailbox_that_is_not_there_yet() -> None:
    """NB-36, Điều 10.1.e: what was ordered to be deleted is not issued meanwhile; a newer request lifts it."""
    accounts, ledger = world.settled([SOMEBODY], today=OPENED)
    ordered = request(
        "emergency_delete", "P1", date(2026, 3, 9), document_number="77/SKHCN", reason="mã độc", from_unit="skhcn"
    )
    create = request("create", "P1", TODAY, "R2", document_number="78/SKHCN")

    barred = plan_of(PEOPLE, accounts, ledger=ledger, requests=[ordered])
    asked = plan_of(PEOPLE, accounts, ledger=ledger, requests=[ordered, create])

    assert (kinds(barred), codes(barred, "P1")) == ([], ["needs-order"])
    assert kinds(asked) == ["create"]


def test_what_was_revoked_on_request_is_deleted_once_its_unit_is_no_more() -> None:
    """NB-28, Điều 7.4: the unit is dissolved after its mailbox was revoked; the three months run from that day."""
    units = tuple(replace(unit, mailbox=unit.unit == "skhcn-vp") for unit in world.UNITS)
    accounts, ledger = world.settled([SOMEBODY], units=units)
    asked = request("cancel", "skhcn-vp", TODAY, from_unit="skhcn", document_number="9/SKHCN")
    revoking = plan_of([SOMEBODY], accounts, units=units, ledger=ledger, requests=[asked])
    accounts, ledger = world.applied(revoking, accounts, ledger, TODAY)
    kept = plan_of([SOMEBODY], accounts, units=units, ledger=ledger, today=date(2026, 12, 1))
    day = date(2026, 12, 1)
    gone = tuple(
        replace(unit, mailbox=unit.unit == "skhcn-vp") for unit in world.closed("skhcn-vp", on=day, successor="skhcn")
    )

    ending = plan_of([SOMEBODY], accounts, units=gone, ledger=ledger, today=day)
    accounts, ledger = world.applied(ending, accounts, ledger, day)
    again = plan_of([SOMEBODY], accounts, units=gone, ledger=ledger, today=day)
    days = date(2027, 3, 1), date(2027, 3, 2)
    before, after = (plan_of([SOMEBODY], accounts, units=gone, ledger=ledger, today=at) for at in days)

    def of_unit(plan: Plan) -> list[tuple[str, str]]:
        mine = [action for action in plan.actions if action.subject == "unit:skhcn-vp"]
        return [(str(action.kind), str(action.then.kind) if action.then else "") for action in mine]

    assert (of_unit(revoking), of_unit(kept)) == ([("disable", "")], [])
    assert (of_unit(ending), of_unit(again)) == ([("disable", "delete")], [])
    assert (of_unit(before), of_unit(after)) == ([], [("delete", "")])


def test_a_letter_about_a_dissolved_unit_neither_delays_nor_spares_its_deletion() -> None:
    """NB-28, Điều 7.4 orders the three months; 6.2.a's letter after a dissolution is met by that, not instead of it."""
    units = tuple(replace(unit, mailbox=unit.unit == "skhcn-vp") for unit in UNITS)
    gone = tuple(replace(unit, mailbox=unit.unit == "skhcn-vp") for unit in world.closed("skhcn-vp", successor="skhcn"))
    accounts, ledger = world.settled([SOMEBODY], units=units)
    asked = request("cancel", "skhcn-vp", TODAY, from_unit="skhcn", document_number="9/SKHCN")

    closing = plan_of([SOMEBODY], accounts, units=gone, ledger=ledger, requests=[asked])
    accounts, ledger = world.applied(closing, accounts, ledger, TODAY)
    later = replace(asked, request_id="R2", received_on=date(2026, 4, 1))
    waiting = plan_of([SOMEBODY], accounts, units=gone, ledger=ledger, requests=[later], today=date(2026, 4, 1))

    ended = [action for action in closing.actions if action.subject == "unit:skhcn-vp"]
    assert [(str(one.kind), one.because[0].rule, one.then and one.then.on) for one in ended] == [
        ("disable", "NB-27", date(2026, 6, 11))
    ]
    assert [action for action in waiting.actions if action.subject == "unit:skhcn-vp"] == []
