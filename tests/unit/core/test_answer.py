"""How far each request has come, by when it is answered, and what is late: the plan's judgement, read once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import inquiries
import pytest
import world
from inquiries import ACCOUNTS, LEDGER, OPENED, PEOPLE, shut
from world import TODAY, account, request, row

from syncagent.core.action import ActionKind
from syncagent.core.answer import Answer, Progress, deadline_of, late_by, unanswered
from syncagent.core.ledger import Fulfilled
from syncagent.core.request import Request, Stage

SOMEBODY = PEOPLE[1]
LETTER: dict[str, Any] = {"document_number": "9/SKHCN", "reason": "lộ mật khẩu"}


def come(*requests: Request, **parts: Any) -> tuple[Progress, ...]:
    """How far requests have come in the small world."""
    return inquiries.come(*requests, **parts)[1]


def one(kind: str, subject: str = "P1", received: date = TODAY, **parts: Any) -> Progress:
    """How far a single request has come."""
    world_parts = {
        name: parts.pop(name) for name in ("people", "accounts", "ledger", "policy", "today") if name in parts
    }
    return come(request(kind, subject, received, **parts), **world_parts)[0]


# ── deadlines ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("law", "received", "deadline"),
    [
        ("ninhbinh-2025", date(2026, 2, 12), date(2026, 2, 24)),  # Friday 13, then Tết 14-22, Monday, Tuesday
        ("ninhbinh-2025", date(2026, 2, 13), date(2026, 2, 25)),
        ("ninhbinh-2025", date(2026, 2, 18), date(2026, 2, 25)),  # received in Tết
        ("ninhbinh-2025", date(2026, 2, 23), date(2026, 2, 26)),  # the day of receipt is not counted
        ("ninhbinh-2025", date(2026, 3, 14), date(2026, 3, 18)),  # a Saturday
        ("ninhbinh-2025", date(2026, 8, 20), date(2026, 8, 24)),  # Saturday 22 August makes up for the 31st
        ("ninhbinh-2025", date(2026, 8, 28), date(2026, 9, 7)),  # 31 August to 2 September are off; 3, 4, 7
        ("danang-2017", date(2026, 8, 21), date(2026, 8, 22)),
        ("danang-2017", date(2026, 2, 13), date(2026, 2, 23)),
        ("hcmc-quan4-2013", date(2026, 2, 13), None),
        ("bentre-2016", date(2026, 2, 13), None),
        ("binhdinh-kkt-2017", date(2026, 2, 13), None),
    ],
)
def test_the_deadline_counts_working_days_from_receipt(law: str, received: date, deadline: date | None) -> None:
    """NB-16, Điều 6.2.b: three working days; DN-14, Điều 4.3: one; Q4-11, BT-09 and BD-14 set no term."""
    assert deadline_of(request("create", "P1", received), world.policy(law)) == deadline


@pytest.mark.parametrize("kind", ["hold", "release"])
def test_who_orders_a_hold_is_answered_by_no_regulations_term(kind: str) -> None:
    """NB-16, Điều 6.2.b speaks of requests to issue, change and revoke; a hold is another authority's."""
    assert deadline_of(request(kind, "P1", TODAY), world.policy()) is None
    assert not one(kind).open


@pytest.mark.parametrize(
    ("day", "late"),
    [
        (date(2026, 2, 24), None),
        (date(2026, 2, 25), 1),
        (date(2026, 2, 27), 3),
        (date(2026, 2, 28), 3),  # Saturday
        (date(2026, 3, 2), 4),
    ],
)
def test_late_is_counted_in_working_days_after_the_deadline(day: date, late: int | None) -> None:
    """Contract §6: the term ends at 24:00 of its last day, 24/02/2026; whole working days are counted after it."""
    assert late_by(date(2026, 2, 24), day, world.policy()) == late


def test_a_saturday_after_the_deadline_is_late_by_no_working_day() -> None:
    """Contract §6: Friday's term is over on Saturday, though no working day has passed."""
    assert late_by(date(2026, 3, 13), date(2026, 3, 14), world.policy()) == 0
    assert late_by(None, TODAY, world.policy()) is None


def test_what_was_answered_is_judged_by_the_day_it_was_sent() -> None:
    """The deadline is kept when the answer is recorded as sent by then, whatever today is."""
    asked = [request("lock", "P1", date(2026, 2, 12), name, **LETTER) for name in ("R1", "R2", "R3")]
    answers = {name: Answer(name, on, "Văn thư") for name, on in (("R1", date(2026, 2, 24)), ("R2", date(2026, 2, 26)))}

    found = {found.request.request_id: found for found in come(*asked, answers=answers)}

    assert {name: (found[name].late, found[name].open) for name in found} == {
        "R1": (None, False),
        "R2": (2, False),
        "R3": (10, True),
    }


def test_the_count_of_the_status_reads_no_roster() -> None:
    """What waits for an answer is received, asked for by an agency, and not answered."""
    asked = [
        request("lock", "P1", date(2026, 2, 12), "R1"),
        request("lock", "P1", date(2026, 3, 9), "R2"),
        request("lock", "P1", date(2026, 3, 11), "R3"),
        request("hold", "P1", date(2026, 2, 12), "R4"),
        request("lock", "P1", date(2026, 2, 12), "R5"),
    ]

    waiting, late = unanswered(asked, ["R5"], world.policy(), TODAY)

    assert [one.request_id for one in waiting] == ["R1", "R2"]
    assert [one.request_id for one in late] == ["R1"]


# ── stages ───────────────────────────────────────────────────────────────────


def test_what_the_plan_carries_out_is_planned() -> None:
    """The action that fulfils a request stands beside it."""
    found = one("lock", **LETTER)

    assert (found.stage, [str(action.kind) for action in found.actions]) == (Stage.PLANNED, ["lock"])
    assert found.address == "thanhnn.skhcn@ninhbinh.gov.vn"


def test_what_was_carried_out_is_done() -> None:
    """The ledger knows the day."""
    found = one(
        "lock",
        received=date(2026, 3, 2),
        ledger=replace(LEDGER, fulfilled={"R1": Fulfilled(date(2026, 3, 3))}),
        **LETTER,
    )

    assert (found.stage, found.done_on, found.findings) == (Stage.DONE, date(2026, 3, 3), ())


def test_what_a_lock_has_settled_is_not_said_to_be_done() -> None:
    """Who asked for a mailbox to be opened that was locked meanwhile got nothing of what was asked for."""
    settled = {"R1": Fulfilled(date(2026, 3, 3), ActionKind.LOCK)}
    found = one("unlock", received=date(2026, 3, 2), ledger=replace(LEDGER, fulfilled=settled), **LETTER)

    assert (found.stage, found.done_on, found.open) == (Stage.OVERTAKEN, date(2026, 3, 3), True)


@pytest.mark.parametrize("kind", ["lock", "cancel"])
@pytest.mark.parametrize("did", [ActionKind.CREATE, ActionKind.UNLOCK, ActionKind.RESTORE])
def test_what_an_opening_has_settled_is_not_said_to_be_done(kind: str, did: ActionKind) -> None:
    """NB-21, Điều 7.2.c: who asked for a mailbox to be shut that a newer letter opened was not given that."""
    settled = {"R1": Fulfilled(date(2026, 3, 3), did)}
    found = one(kind, received=date(2026, 3, 2), ledger=replace(LEDGER, fulfilled=settled), **LETTER)

    assert (found.stage, found.done_on, found.open) == (Stage.OVERTAKEN, date(2026, 3, 3), True)


def test_a_second_cancellation_of_a_deleted_mailbox_waits_for_nothing() -> None:
    """BD-14, Điều 12.3: one letter deleted it; only one that opens it again keeps the next waiting."""
    binhdinh = world.policy("binhdinh-kkt-2017")
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=binhdinh)
    first, second, opens = (
        request(kind, "P1", date(2026, 3, day), name, from_unit="skhcn", document_number=f"{day}/SKHCN")
        for kind, day, name in (("cancel", 3, "R1"), ("cancel", 9, "R2"), ("create", 10, "R3"))
    )
    here: dict[str, Any] = {"with_policy": binhdinh, "ledger": ledger, "today": date(2026, 3, 3)}
    plan = world.plan_of(PEOPLE, accounts, requests=[first], **here)
    gone, known = world.applied(plan, accounts, ledger, date(2026, 3, 3), binhdinh)
    parts: dict[str, Any] = {"accounts": gone, "ledger": known, "policy": binhdinh}

    again, opened = come(first, second, **parts), come(first, second, opens, **parts)

    assert [found.stage for found in again] == [Stage.DONE, Stage.NOTHING_LEFT]
    assert [found.stage for found in opened] == [Stage.DONE, Stage.WAITING, Stage.PLANNED]


def test_what_leads_nowhere_says_why() -> None:
    """The stages of the inbox stand as they are, each with the sentence of the plan."""
    used = replace(LEDGER, fulfilled={"R1": Fulfilled(date(2026, 3, 3))})
    quan4 = world.policy("hcmc-quan4-2013")
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=quan4)

    found = [
        one("lock", "P11"),
        one("exempt"),
        one("lock", ledger=used),
        one("reset_password", policy=quan4, accounts=accounts, ledger=ledger, reason="quên", from_unit="snv"),
    ]

    assert [each.stage for each in found] == [Stage.NOBODY, Stage.NOT_KNOWN, Stage.NUMBER_USED, Stage.REJECTED]
    assert [len(each.findings) for each in found] == [1, 1, 1, 1]


def test_a_later_request_is_not_received_yet() -> None:
    """Contract §6: by `--as-of` it had not arrived; nobody waits for an answer."""
    found = one("lock", received=date(2026, 3, 11))

    assert (found.stage, found.open) == (Stage.COMING, False)


def test_a_hold_keeps_a_request_waiting_and_is_itself_in_effect() -> None:
    """Law 3: what is held waits; the hold binds until it is lifted, a reason until its last day."""
    hold = request("hold", "P1", date(2026, 3, 2), "R0", document_number="1/CAT")
    lock = request("lock", "P1", TODAY, "R1", **LETTER)
    over = replace(hold, until=date(2026, 3, 9))

    held, waiting = come(hold, lock)
    lapsed, planned = come(over, lock)

    assert (held.stage, waiting.stage, [str(f.code) for f in waiting.findings]) == (
        Stage.IN_EFFECT, Stage.WAITING, ["held"],
    )  # fmt: skip
    assert (lapsed.stage, planned.stage) == (Stage.LAPSED, Stage.PLANNED)


@pytest.mark.parametrize(("until", "stage"), [(None, "in-effect"), (TODAY, "in-effect"), (date(2026, 3, 9), "lapsed")])
def test_a_stated_reason_counts_to_its_last_day(until: date | None, stage: str) -> None:
    """DN-15, Điều 4.4: the reason for not using a mailbox excuses it up to the day it names."""
    danang = world.policy("danang-2017")
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=danang)

    found = one("exempt", policy=danang, accounts=accounts, ledger=ledger, from_unit="skhcn", until=until)

    assert str(found.stage) == stage


def test_a_clash_waits_with_its_candidates_until_a_name_is_agreed() -> None:
    """NB-13, Điều 5.4: the request to issue waits with the free names; the agreed one is planned, then in effect."""
    people = (*PEOPLE, row("P2", "Nguyễn Ngọc Thạnh", "skhcn", line=4))
    create = request("create", "P2", TODAY, "R1", document_number="15/SKHCN")
    agree = request("agree_address", "P2", TODAY, "R2", value="thanhnn2.skhcn@ninhbinh.gov.vn")

    waiting = come(create, people=people)[0]
    candidates = waiting.findings[0].candidates
    both = come(create, replace(agree, value=candidates[0]), people=people)
    refused = come(replace(agree, value="nn.skhcn@ninhbinh.gov.vn"), people=people)[0]

    assert (waiting.stage, [str(f.code) for f in waiting.findings]) == (Stage.WAITING, ["address-clash"])
    assert candidates
    assert [(each.stage, each.actions[0].address) for each in both] == [(Stage.PLANNED, candidates[0])] * 2
    assert (refused.stage, [str(f.code) for f in refused.findings]) == (Stage.WAITING, ["address-clash"])


def test_an_agreed_address_that_is_there_is_in_effect() -> None:
    """NB-13: what was agreed on and issued has nothing left to wait for."""
    mine = account(ACCOUNTS, "P1").address

    assert one("agree_address", value=mine.upper()).stage is Stage.IN_EFFECT


def test_an_order_that_is_not_complete_waits() -> None:
    """NB-36, Điều 10.1.e: without number or reason the emergency is a finding, and the request waits for them."""
    found = one("emergency_delete", from_unit="skhcn")

    assert (found.stage, [str(f.code) for f in found.findings]) == (Stage.WAITING, ["needs-order"])


def test_what_is_as_it_was_asked_has_nothing_left() -> None:
    """An unlock of an open mailbox, a new mailbox for somebody who has one: the plan is empty, and so is this."""
    assert [one(kind).stage for kind in ("unlock", "create", "change")] == [Stage.NOTHING_LEFT] * 3
    assert one("lock", "snv").stage is Stage.NOTHING_LEFT


def test_a_request_to_issue_or_to_change_is_carried_out_by_what_brings_the_mailbox_in_step() -> None:
    """NB-15, Điều 6.2.a: the roster's row says what to change; the plan's update is the answer to the request."""
    people = (replace(PEOPLE[0], position="Trưởng phòng"), SOMEBODY)

    found = one("change", people=people)

    assert (found.stage, [str(action.kind) for action in found.actions]) == (Stage.PLANNED, ["update"])
    assert one("unlock", people=people).stage is Stage.NOTHING_LEFT


def test_a_lock_asked_for_a_leaver_is_answered_by_what_closes_the_mailbox() -> None:
    """NB-27, Điều 7.4: the decision closes it altogether; nobody is told that nothing is to be done."""
    found = one("lock", people=(world.leaver(), SOMEBODY), **LETTER)

    assert (found.stage, [str(action.kind) for action in found.actions]) == (Stage.PLANNED, ["disable"])


def test_the_opposite_of_what_was_asked_is_no_answer_to_it() -> None:
    """NB-16, NB-26: who has left and asks for a new password is not told that closing the mailbox was agreed to."""
    found = one("reset_password", people=(world.leaver(), SOMEBODY), **LETTER)

    assert (found.stage, found.actions) == (Stage.WAITING, ())


def test_a_mailbox_nobody_can_issue_yet_waits() -> None:
    """A newcomer of a later day waits for that day; one whose unit was closed waits for a person."""
    coming = row("P9", "Trần Thị Hòa", "skhcn", effective_date=date(2026, 4, 1), event="recruited", line=5)
    gone = row("P8", "Lê Văn Ba", "skhcn", status="on_leave", line=6)

    later = one("create", "P9", people=(*PEOPLE, coming))
    nothing = one("agree_address", "P8", people=(*PEOPLE, gone), value="balv.skhcn@ninhbinh.gov.vn")

    assert (later.stage, later.next) == (Stage.WAITING, date(2026, 4, 1))
    assert (nothing.stage, nothing.findings) == (Stage.WAITING, ())


def test_the_gate_of_an_unlock_is_the_day_it_waits_for() -> None:
    """Q4-19, Điều 8.3.b: “Chỉ giải quyết yêu cầu mở lại hộp thư sau 05 ngày, kể từ ngày hộp thư bị khóa”."""
    quan4 = world.policy("hcmc-quan4-2013")
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=quan4)
    mine = account(accounts, "P1")
    locked = world.changed(
        world.restamped(mine, state="locked", since=date(2026, 3, 8), why="unchanged-password-lock"),
        userAccountControl="514",
    )
    assert locked.stamp
    place = mine.target, mine.guid
    ledger = replace(ledger, accounts={**ledger.accounts, place: ledger.accounts[place]._replace(stamp=locked.stamp)})

    found = one(
        "unlock", policy=quan4, accounts=(locked, account(accounts, "P0")), ledger=ledger, reason="quên",
        from_unit="skhcn", from_address="skhcn.q4@tphcm.gov.vn",
    )  # fmt: skip

    assert (found.stage, found.next) == (Stage.WAITING, date(2026, 3, 13))


def test_before_the_regulation_is_in_force_everything_waits_for_that_day() -> None:
    """NB-01: nothing is planned before 10/12/2025; a hold binds all the same."""
    day = date(2025, 12, 8)
    lock, hold = come(
        request("lock", "P1", day, "R1", **LETTER), request("hold", "P0", day, "R2"), today=day, accounts=(),
        ledger=world.EMPTY,
    )  # fmt: skip

    assert (lock.stage, lock.next) == (Stage.WAITING, date(2025, 12, 10))
    assert [str(finding.code) for finding in lock.findings] == ["not-in-force"]
    assert hold.stage is Stage.IN_EFFECT


def test_what_is_said_of_one_request_stands_in_no_other_ones_way() -> None:
    """A rejected letter about somebody is no reason to keep their other request waiting."""
    found = come(request("exempt", "P1", TODAY, "R1"), request("unlock", "P1", TODAY, "R2"))

    assert [each.stage for each in found] == [Stage.NOT_KNOWN, Stage.NOTHING_LEFT]


LAWS = ("ninhbinh-2025", "danang-2017", "bentre-2016", "hcmc-quan4-2013")


@pytest.mark.parametrize("kind", ["create", "change", "lock", "unlock", "reset_password"])
@pytest.mark.parametrize("law", LAWS)
def test_a_closed_mailbox_is_not_as_it_was_asked(law: str, kind: str) -> None:
    """NB-16, Điều 6.2.b; DN-14, Điều 4.3; Q4-10, Điều 6.2: who has left is not answered “as you wish it”."""
    policy = world.policy(law)
    day = date(2026, 3, 2)
    people = (world.leaver(on=day), SOMEBODY)
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=policy)
    closing = world.plan_of(people, accounts, ledger=ledger, today=day, with_policy=policy)
    accounts, ledger = world.applied(closing, accounts, ledger, day, policy)
    policy = inquiries.from_anybody(policy)  # who asks is another law's question

    found = one(kind, policy=policy, accounts=accounts, ledger=ledger, people=people, **LETTER)

    not_known = law == "hcmc-quan4-2013" and kind == "lock"
    assert (found.stage, found.actions) == (Stage.NOT_KNOWN if not_known else Stage.NOT_AS_ASKED, ())


@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        ("change", "not-as-asked"),
        ("lock", "not-as-asked"),
        ("reset_password", "not-as-asked"),
        ("cancel", "nothing-left"),
    ],
)
@pytest.mark.parametrize("status", ["working", "left"])
@pytest.mark.parametrize("law", ["danang-2017", "bentre-2016"])
def test_what_a_closed_mailbox_lacks_to_be_opened_stands_in_no_letters_way(
    law: str, status: str, kind: str, stage: str
) -> None:
    """DN-16, BT-23: whether the roster says they work again or names no document, the letter tells of the closing."""
    policy = world.policy(law)
    day = date(2026, 3, 2)
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=policy)
    gone = (world.leaver(on=day), SOMEBODY)
    closing = world.plan_of(gone, accounts, ledger=ledger, today=day, with_policy=policy)
    accounts, ledger = world.applied(closing, accounts, ledger, day, policy)
    now = world.row(status=status, event="resigned" if status == "left" else None, effective_date=date(2026, 3, 6))
    policy = inquiries.from_anybody(policy)

    found = one(kind, policy=policy, accounts=accounts, ledger=ledger, people=(now, SOMEBODY), **LETTER)

    assert (str(found.stage), found.actions, found.findings) == (stage, (), ())


@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        ("create", "not-as-asked"),
        ("reset_password", "not-as-asked"),
        ("change", "nothing-left"),
        ("lock", "nothing-left"),
    ],
)
def test_a_locked_mailbox_has_what_was_asked_only_if_it_was_a_lock_or_a_change(kind: str, stage: str) -> None:
    """NB-24 to NB-26, Điều 7.3: a locked mailbox gets its new password when it is unlocked, on a letter."""
    accounts, ledger = shut(ACCOUNTS, LEDGER, "P1", "locked", date(2026, 3, 2), "ordered", document="7/SKHCN")

    found = one(kind, accounts=accounts, ledger=ledger, **LETTER)

    assert (str(found.stage), found.actions) == (stage, ())


@pytest.mark.parametrize(
    ("law", "kind", "deadline"),
    [
        ("ninhbinh-2025", "cancel", date(2026, 3, 13)),
        ("ninhbinh-2025", "unlock", date(2026, 3, 13)),
        ("ninhbinh-2025", "exempt", date(2026, 3, 13)),
        ("danang-2017", "cancel", date(2026, 3, 11)),
        ("danang-2017", "unlock", None),
        ("danang-2017", "reset_password", None),
        ("danang-2017", "lock", None),
    ],
)
def test_a_term_is_that_of_the_article_that_sets_it(law: str, kind: str, deadline: date | None) -> None:
    """DN-14, Điều 4.3: “cấp mới, thay đổi, hủy bỏ” and nothing else; NB-25, Điều 7.3.b has its own three days."""
    assert deadline_of(request(kind, "P1", TODAY), world.policy(law)) == deadline


@pytest.mark.parametrize(
    ("kind", "sender", "stage"),
    [
        ("reset_password", {"from_address": "thanhnn@danang.gov.vn"}, "planned"),
        ("reset_password", {"from_unit": "skhcn"}, "planned"),
        ("reset_password", {"from_unit": "snv"}, "rejected"),
        ("reset_password", {"from_address": "thanhnn@gmail.com"}, "rejected"),
        ("reset_password", {"from_unit": "snv", "from_address": "thanhnn@danang.gov.vn"}, "rejected"),
        ("change", {"from_address": "thanhnn@danang.gov.vn"}, "rejected"),
        ("lock", {"from_unit": "snv"}, "rejected"),
        ("lock", {"from_unit": "skhcn"}, "planned"),
        ("lock", {"from_unit": "skhcn", "from_address": "skhcn@gmail.com"}, "rejected"),
        ("lock", {"from_unit": "skhcn", "from_address": "skhcn@danang.gov.vn"}, "planned"),
        ("lock", {"from_unit": "skhcn", "from_address": "lambv@danang.gov.vn"}, "planned"),
        ("reset_password", {"from_unit": "skhcn", "from_address": "skhcn@gmail.com"}, "rejected"),
        ("reset_password", {}, "planned"),
        ("unlock", {"from_address": "thanhnn@danang.gov.vn"}, "rejected"),
    ],
)
def test_each_kind_is_asked_by_whom_its_own_article_names(kind: str, sender: dict[str, Any], stage: str) -> None:
    """DN-25, Điều 8.2.đ: the holder tells of a lost password; DN-37, Điều 14.1 speaks of issue, change and cancel."""
    danang = world.policy("danang-2017")
    accounts, ledger = world.settled(PEOPLE, today=date(2026, 3, 9), with_policy=danang)
    people = (replace(PEOPLE[0], position="Trưởng phòng"), SOMEBODY) if kind == "change" else PEOPLE

    found = one(kind, policy=danang, accounts=accounts, ledger=ledger, people=people, **sender, **LETTER)

    assert str(found.stage) == stage


def test_a_request_to_revoke_waits_for_the_decision_and_is_met_by_it() -> None:
    """NB-15, Điều 6.2.a and NB-27, Điều 7.4: the letter is known, the decision closes."""
    waiting = one("cancel", **LETTER)
    planned = one("cancel", people=(world.leaver(), SOMEBODY), **LETTER)
    day = date(2026, 3, 2)
    accounts, ledger = shut(ACCOUNTS, LEDGER, "P1", "disabled", day, "left", row=day, document="12/QĐ")
    closed = one("cancel", received=TODAY, accounts=accounts, ledger=ledger, **LETTER)

    assert (waiting.stage, [str(f.code) for f in waiting.findings]) == (Stage.WAITING, ["needs-order"])
    assert (planned.stage, [str(action.kind) for action in planned.actions]) == (Stage.PLANNED, ["disable"])
    assert closed.actions == ()


def test_an_address_that_is_nobodys_proves_nothing_beside_those_who_run_the_system() -> None:
    """NB-36, Điều 10.1.e: the right to delete is the department's; a private address is not the department."""
    deletion = {"from_unit": "skhcn", **LETTER}

    assert one("emergency_delete", **deletion).stage is Stage.PLANNED
    assert one("emergency_delete", from_address="nguoila@gmail.com", **deletion).stage is Stage.REJECTED


@pytest.mark.parametrize("kind", ["unlock", "reset_password"])
def test_what_the_plan_shuts_is_not_planned_as_it_was_asked(kind: str) -> None:
    """DN-16, Điều 4.4: to ask for an open mailbox is not to ask for its withdrawal, though both stand in one plan."""
    danang = world.policy("danang-2017")
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=danang)
    cancel = request("cancel", "P1", TODAY, "R0", from_unit="skhcn", document_number="8/SKHCN")
    asked = request(kind, "P1", TODAY, "R1", from_unit="skhcn")

    found = come(cancel, asked, policy=danang, accounts=accounts, ledger=ledger)

    assert [(each.stage, [str(action.kind) for action in each.actions]) for each in found] == [
        (Stage.PLANNED, ["withdraw"]),
        (Stage.WAITING, []),
    ]
