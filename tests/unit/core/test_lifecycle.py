"""Joiner, mover, leaver, returner: what the golden cases do not show, above all mailboxes of units."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import world
from world import TODAY, UNITS, account, applied, changed, closed, codes, kinds, leaver, only, plan_of, request, row

from syncagent.core.account import LastUse
from syncagent.core.action import ActionKind
from syncagent.core.document import NO_DOCUMENT, Document
from syncagent.core.person import Event
from syncagent.core.regulation import Effect, InternalMove
from syncagent.core.survey import survey

if TYPE_CHECKING:
    from syncagent.core.account import Account
    from syncagent.core.ledger import Ledger
    from syncagent.core.person import PersonRow
    from syncagent.core.request import Request
    from syncagent.core.unit import Unit

SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
OPENED = date(2026, 2, 16)
CLOSED = date(2026, 3, 2)
NEWER = Document("77/QĐ-UBND", date(2026, 3, 2), "Chủ tịch UBND tỉnh")


def settled(people: list[PersonRow], units: tuple[Unit, ...] = UNITS) -> tuple[tuple[Account, ...], Ledger]:
    """Everybody in step since the middle of February: young enough that no default password is overdue."""
    return world.settled(people, units=units, today=OPENED)


def with_mailbox(units: tuple[Unit, ...] = UNITS, **columns: Any) -> tuple[Unit, ...]:
    """The units, of which Sở Khoa học và Công nghệ asks for a mailbox of its own."""
    return tuple(replace(unit, mailbox=True, **columns) if unit.unit == "skhcn" else unit for unit in units)


def open_agency() -> tuple[tuple[Account, ...], Ledger]:
    """The agency's mailbox, opened in February."""
    return settled([SOMEBODY], with_mailbox())


def shut_agency() -> tuple[tuple[Account, ...], Ledger]:
    """The agency's mailbox, closed by the decision that dissolved the agency."""
    accounts, ledger = open_agency()
    shut = with_mailbox(closed("skhcn", on=CLOSED))
    plan = plan_of([SOMEBODY], accounts, units=shut, ledger=ledger, today=CLOSED)
    assert kinds(plan) == ["disable"]
    return applied(plan, accounts, ledger, CLOSED)


# ── mailboxes of units ────────────────────────────────────────────────────────


def test_the_mailbox_of_a_unit_that_starts_later_waits_for_its_day() -> None:
    """NB-10: a unit set up by a decision of a coming day has no mailbox before that day."""
    coming = with_mailbox(effective_date=date(2026, 4, 1), document=NEWER)

    plan = plan_of([SOMEBODY], settled([SOMEBODY])[0], units=coming)

    assert "unit:skhcn" not in [action.subject for action in plan.actions]
    assert [skip.next for skip in plan.skips if skip.subject == "unit:skhcn"] == [date(2026, 4, 1)]


def test_a_mailbox_that_bears_the_address_of_an_agency_is_taken_over_for_it() -> None:
    """Design §3.2: an unmarked mailbox with exactly the agency's address is the agency's; a person reviews it."""
    accounts, _ = settled([SOMEBODY], with_mailbox())
    unmarked = changed(account(accounts, "unit:skhcn"), **{world.directory().stamp: ""})

    plan = plan_of([SOMEBODY], [account(accounts, "P0"), unmarked], units=with_mailbox())

    adopted = next(action for action in plan.actions if action.subject == "unit:skhcn")
    assert (adopted.kind, adopted.address) == (ActionKind.ADOPT, "skhcn@ninhbinh.gov.vn")


def test_a_unit_set_up_again_gets_its_mailbox_back() -> None:
    """Domain §4.3: a later decision gives the same mailbox and address back, before the term deletes it."""
    accounts, ledger = shut_agency()

    again = with_mailbox(effective_date=date(2026, 3, 9), document=NEWER)
    action = only(plan_of([SOMEBODY], accounts, units=again, ledger=ledger))

    assert (action.kind, action.subject, action.address) == (
        ActionKind.RESTORE, "unit:skhcn", "skhcn@ninhbinh.gov.vn",
    )  # fmt: skip
    assert action.because[0].document == "77/QĐ-UBND"


def test_a_closed_mailbox_is_not_opened_by_a_list_that_merely_says_active() -> None:
    """Law 8: without a newer decision the mailbox stays as it is, and a person is asked."""
    accounts, ledger = shut_agency()

    plan = plan_of([SOMEBODY], accounts, units=with_mailbox(), ledger=ledger)

    assert kinds(plan) == []
    assert codes(plan, "unit:skhcn") == ["needs-order"]


@pytest.mark.parametrize("kind", ["create", "unlock"])
def test_a_written_request_gives_a_units_mailbox_back(kind: str) -> None:
    """Domain §4.3, DN 4.4: the finding asks for a letter; the letter, once there, is enough."""
    accounts, ledger = shut_agency()
    asked = request(kind, "unit:skhcn", TODAY, document_number="5/SKHCN")

    action = only(plan_of([SOMEBODY], accounts, units=with_mailbox(), ledger=ledger, requests=[asked]))

    assert (action.kind, action.subject, action.fulfils) == (ActionKind.RESTORE, "unit:skhcn", ("R1",))


def test_a_coming_closing_changes_nothing_before_its_day() -> None:
    """NB-27: until the decision takes effect the unit works, gets its mailbox, and the decision reopens nothing."""
    coming = with_mailbox(closed("skhcn", on=date(2026, 5, 4)))

    plan = plan_of([SOMEBODY], settled([SOMEBODY])[0], units=coming)

    assert [str(action.kind) for action in plan.actions if action.subject == "unit:skhcn"] == ["create"]


def test_a_leaver_nobody_proved_is_still_locked_on_order() -> None:
    """NB-21 beside NB-27: without a decision the mailbox stays in service, so written orders and terms go on."""
    accounts, ledger = settled([row(), SOMEBODY])
    letter = request("lock", "P1", TODAY, document_number="9/SKHCN", reason="lộ mật khẩu")
    unproved = [row(status="left", event="retired"), SOMEBODY]

    plan = plan_of(unproved, accounts, ledger=ledger, requests=[letter])

    assert [(str(a.kind), a.subject) for a in plan.actions] == [("lock", "P1")]
    assert "leaver-without-document" in codes(plan, "P1")


def test_a_dissolved_unit_without_mailbox_needs_nothing() -> None:
    """NB-27: there is nothing to close."""
    plan = plan_of([SOMEBODY], settled([SOMEBODY])[0], units=with_mailbox(closed("skhcn")))

    assert kinds(plan) == []
    assert [skip.reason for skip in plan.skips if skip.subject == "unit:skhcn"] == ["no-account"]


def test_a_dissolution_without_a_whole_decision_closes_nothing() -> None:
    """NB-27: revoking takes a document with number, date and signer; what is missing is named."""
    accounts, ledger = open_agency()
    bare = with_mailbox(closed("skhcn", document=NO_DOCUMENT))

    plan = plan_of([SOMEBODY], accounts, units=bare, ledger=ledger)

    assert kinds(plan) == []
    [finding] = [f for f in plan.findings if f.subject == "unit:skhcn" and f.code == "needs-order"]
    assert "decision_number, decision_date, signed_by" in finding.message.en


def test_a_unit_mailbox_deleted_by_its_term_takes_a_newer_decision() -> None:
    """Law 8: what was deleted lawfully is issued again by a decision that is newer than the closing one, only."""
    accounts, ledger = shut_agency()
    day = date(2026, 6, 3)
    shut = with_mailbox(closed("skhcn", on=CLOSED))
    deletion = plan_of([SOMEBODY], accounts, units=shut, ledger=ledger, today=day)
    assert [str(a.kind) for a in deletion.actions if a.subject == "unit:skhcn"] == ["delete"]
    mine = replace(deletion, actions=tuple(a for a in deletion.actions if a.subject == "unit:skhcn"))
    left, remembered = applied(mine, accounts, ledger, day)

    old = plan_of([SOMEBODY], left, units=with_mailbox(), ledger=remembered, today=day)
    new = plan_of(
        [SOMEBODY], left, units=with_mailbox(effective_date=day, document=NEWER), ledger=remembered, today=day
    )

    assert "unit:skhcn" not in [action.subject for action in old.actions]
    assert codes(old, "unit:skhcn") == ["needs-order"]
    assert [str(a.kind) for a in new.actions if a.subject == "unit:skhcn"] == ["create"]


def test_a_new_abbreviation_of_an_agency_needs_the_agencys_decision() -> None:
    """NB-10: the agency's address follows its approved abbreviation, on its decision; without one nothing moves."""
    accounts, ledger = open_agency()
    undecided = with_mailbox(abbreviation="khcn")
    decided = with_mailbox(abbreviation="khcn", document=NEWER, effective_date=date(2026, 3, 2))

    waits = plan_of([SOMEBODY], accounts, units=undecided, ledger=ledger)
    moves = plan_of([SOMEBODY], accounts, units=decided, ledger=ledger)

    assert kinds(waits) == []
    assert codes(waits, "unit:skhcn") == ["needs-order"]
    readdressed = only(moves)
    assert (readdressed.kind, readdressed.address, readdressed.previous_address) == (
        ActionKind.READDRESS, "khcn@ninhbinh.gov.vn", "skhcn@ninhbinh.gov.vn",
    )  # fmt: skip


def test_a_mailbox_that_is_no_longer_asked_for_is_not_revoked_without_a_document() -> None:
    """NB-27: an empty column is no order; a person is told that the mailbox is still there."""
    accounts, ledger = open_agency()

    plan = plan_of([SOMEBODY], accounts, ledger=ledger)

    assert kinds(plan) == []
    assert codes(plan, "unit:skhcn") == ["manual-steps"]


def test_an_agency_may_be_named_by_key_in_a_request() -> None:
    """Contract §4: the subject of a request is a person, a unit or an address."""
    accounts, ledger = open_agency()
    asked = request("lock", "skhcn", TODAY, document_number="9/SKHCN", reason="lộ mật khẩu")

    action = only(plan_of([SOMEBODY], accounts, units=with_mailbox(), ledger=ledger, requests=[asked]))

    assert (action.kind, action.subject, action.fulfils) == (ActionKind.LOCK, "unit:skhcn", ("R1",))


# ── people ────────────────────────────────────────────────────────────────────


def test_a_known_account_that_is_gone_is_not_issued_again() -> None:
    """F2: somebody deleted it by hand, or the reading missed it; either way a person decides."""
    accounts, ledger = settled([row(), SOMEBODY])

    plan = plan_of([row(), SOMEBODY], [account(accounts, "P0")], ledger=ledger)

    assert kinds(plan) == []
    assert codes(plan, "P1") == ["ambiguous-match"]


def test_wiping_the_mark_of_a_closed_mailbox_opens_nothing() -> None:
    """NB-24: a closed mailbox comes back on a document; the ledger knows of the closing, whatever the entry says."""
    accounts, ledger = settled([row(), SOMEBODY])
    plan = plan_of([leaver(on=CLOSED), SOMEBODY], accounts, ledger=ledger, today=CLOSED)
    after, remembered = applied(plan, accounts, ledger, CLOSED)
    wiped = [changed(account(after, "P1"), **{world.directory().stamp: ""}), account(after, "P0")]

    again = plan_of([row(effective_date=TODAY), SOMEBODY], wiped, ledger=remembered)

    assert kinds(again) == []
    assert set(codes(again, "P1")) == {"needs-order", "stamp-differs"}


def test_a_joiner_of_a_closed_unit_gets_no_mailbox() -> None:
    """NB-27: whoever is listed in a dissolved unit must be listed where they went first."""
    plan = plan_of([row(), SOMEBODY], settled([SOMEBODY])[0], units=closed("skhcn"))

    assert "P1" not in [action.subject for action in plan.actions]
    assert [skip.reason for skip in plan.skips if skip.subject == "P1"] == ["unit-closed"]


@pytest.mark.parametrize("kind", ["create", "unlock"])
def test_a_written_request_gives_a_closed_mailbox_back(kind: str) -> None:
    """Domain §4.3: the agency's letter restores the very mailbox, and is done with."""
    accounts, ledger = settled([row(), SOMEBODY])
    plan = plan_of([leaver(on=CLOSED), SOMEBODY], accounts, ledger=ledger, today=CLOSED)
    after, remembered = applied(plan, accounts, ledger, CLOSED)
    asked = request(kind, "P1", TODAY, document_number="5/SKHCN")

    works = [row(effective_date=date(2026, 3, 3)), SOMEBODY]
    action = only(plan_of(works, after, ledger=remembered, requests=[asked]))

    assert (action.kind, action.subject, action.fulfils) == (ActionKind.RESTORE, "P1", ("R1",))
    assert action.because[0].document == "5/SKHCN"


def test_an_emergency_deletion_of_an_account_that_is_not_ours_is_for_people() -> None:
    """Law 3 before NB-36: the agent deletes nothing that it does not manage."""
    accounts, _ = settled([row(), SOMEBODY])
    unmarked = changed(account(accounts, "P1"), **{world.directory().stamp: ""})
    asked = request("emergency_delete", "P1", TODAY, document_number="1/HT", reason="tấn công mạng", from_unit="skhcn")

    plan = plan_of([row(), SOMEBODY], [unmarked, account(accounts, "P0")], requests=[asked])

    assert [action.subject for action in plan.actions] == []
    assert codes(plan, "P1") == ["manual-steps"]


def test_a_mailbox_left_behind_by_a_new_issue_is_deleted_after_its_term() -> None:
    """NB-28 with domain §1.8 row 4 b: three months after closing; the new mailbox is not touched."""
    reissue = world.policy(internal_move=InternalMove.REISSUE)
    accounts, ledger = settled([row(), SOMEBODY])
    moved = [row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION), SOMEBODY]
    plan = plan_of(moved, accounts, ledger=ledger, with_policy=reissue)
    both, remembered = applied(plan, accounts, ledger, TODAY, reissue)

    before = plan_of(moved, both, ledger=remembered, with_policy=reissue, today=date(2026, 6, 10))
    on_day = plan_of(moved, both, ledger=remembered, with_policy=reissue, today=date(2026, 6, 11))

    assert "delete" not in kinds(before)
    assert [(a.subject, a.address) for a in on_day.actions if a.kind is ActionKind.DELETE] == [
        ("P1", "thanhnn.skhcn@ninhbinh.gov.vn")
    ]


def test_a_silent_event_is_shown_once_and_then_rests() -> None:
    """Domain §1.8 row 6: what the text does not order is a finding until the row has been acted on."""
    accounts, ledger = settled([row(), SOMEBODY])
    renamed = row(full_name="Nguyễn Ngọc Thanh Thành", event="renamed", effective_date=OPENED)
    asked = request("change", "P1", TODAY, document_number="4/SKHCN")

    open_question = plan_of([replace(renamed, effective_date=TODAY), SOMEBODY], accounts, ledger=ledger)
    answered = plan_of([replace(renamed, effective_date=TODAY), SOMEBODY], accounts, ledger=ledger, requests=[asked])

    assert "unregulated-event" in codes(open_question, "P1")
    assert "unregulated-event" not in codes(answered, "P1")


def test_a_silent_event_rests_once_its_row_was_acted_on() -> None:
    """Domain §1.8 row 6: a leave that was there when the account was taken over asks nothing again."""
    away = row(status="on_leave", event="maternity_leave", effective_date=CLOSED)
    accounts, ledger = settled([row(), SOMEBODY])
    acted = [world.restamped(account(accounts, "P1"), row=CLOSED), account(accounts, "P0")]

    asks = plan_of([away, SOMEBODY], accounts, ledger=ledger)
    rests = plan_of([away, SOMEBODY], acted)

    assert "unregulated-event" in codes(asks, "P1")
    assert "unregulated-event" not in codes(rests, "P1")


def test_a_mailbox_left_behind_does_not_stand_for_the_one_that_is_gone() -> None:
    """F2: after a new issue the old mailbox waits for its term; if the new one vanishes, a person decides."""
    reissue = world.policy(internal_move=InternalMove.REISSUE)
    accounts, ledger = settled([row(), SOMEBODY])
    moved = [row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION), SOMEBODY]
    plan = plan_of(moved, accounts, ledger=ledger, with_policy=reissue)
    both, remembered = applied(plan, accounts, ledger, TODAY, reissue)
    without_new = [one for one in both if one.address != "thanhnn.snv@ninhbinh.gov.vn"]

    later = plan_of(moved, without_new, ledger=remembered, with_policy=reissue)

    assert kinds(later) == []
    assert codes(later, "P1") == ["ambiguous-match"]


def test_explaining_collects_what_each_rule_says() -> None:
    """Contract §1 `explain`: the rules that looked at a subject, with article and answer, and only for that one."""
    accounts, ledger = settled([row(), SOMEBODY])
    roster = world.admitted([leaver(), SOMEBODY], ledger=ledger)

    view = survey(roster, [world.snapshot(*accounts)], ledger, world.policy(), TODAY, explained="P1")

    assert [(v.rule, v.applies) for v in view.cases["P1"].verdicts or []] == [("NB-27", True)]
    assert view.cases["P0"].verdicts is None


def test_explaining_says_why_whoever_is_away_is_issued_nothing() -> None:
    """NB-15: a mailbox is for those who work here; the rule that would issue one is shown as not applying."""
    away = row(status="on_leave", event="maternity_leave")
    roster = world.admitted([away, SOMEBODY])

    view = survey(roster, [world.snapshot()], world.EMPTY, world.policy(), TODAY, explained="P1")

    joiner = world.policy().regulation.joiner.rule
    assert (joiner, False) in [(one.rule, one.applies) for one in view.cases["P1"].verdicts or []]


# ── what opens a mailbox that a newer letter locks ────────────────────────────


LOCKED = request("lock", "P1", date(2026, 3, 9), document_number="9/SKHCN", reason="lộ mật khẩu")
OPENS = row(event="received", effective_date=date(2026, 3, 5), document=NEWER)


def gone() -> tuple[tuple[Account, ...], Ledger]:
    """P1's mailbox, closed for leaving."""
    accounts, ledger = settled([row(), SOMEBODY])
    plan = plan_of([leaver(on=CLOSED), SOMEBODY], accounts, ledger=ledger, today=CLOSED)
    return applied(plan, accounts, ledger, CLOSED)


@pytest.mark.parametrize("closed_before", [True, False], ids=["given back", "issued"])
def test_a_mailbox_that_a_newer_letter_locks_is_opened_for_nobody(*, closed_before: bool) -> None:
    """NB-18, NB-21: the newest order stands; law 1: the plan of the same day afterwards is empty."""
    accounts, ledger = gone() if closed_before else settled([SOMEBODY])

    plan = plan_of([OPENS, SOMEBODY], accounts, ledger=ledger, requests=[LOCKED])
    after, remembered = applied(plan, accounts, ledger, TODAY)
    again = plan_of([OPENS, SOMEBODY], after, ledger=remembered, requests=[LOCKED])

    action = only(plan)
    assert (action.kind, action.fulfils) == (ActionKind.RESTORE if closed_before else ActionKind.CREATE, ("R1",))
    mine = account(after, "P1")
    assert mine.stamp
    assert (mine.enabled, mine.receives, mine.stamp.why, mine.stamp.document) == (False, True, "ordered", "9/SKHCN")
    assert kinds(again) == []


def test_a_lock_names_each_letter_that_it_settles_once() -> None:
    """NB-21, Điều 7.2.c: of a lock and an unlock received on one day the lock counts, and both are answered by it."""
    accounts, ledger = settled([row(), SOMEBODY])
    asked = [
        request(kind, "P1", TODAY, name, document_number="9/SKHCN") for name, kind in (("R1", "lock"), ("R2", "unlock"))
    ]

    action = only(plan_of([row(), SOMEBODY], accounts, ledger=ledger, requests=asked))

    assert (action.kind, sorted(action.fulfils)) == (ActionKind.LOCK, ["R1", "R2"])


def test_who_was_issued_a_locked_mailbox_gets_it_opened_by_a_letter() -> None:
    """NB-24, Điều 7.3.a: it is a temporary lock like any other."""
    accounts, ledger = settled([SOMEBODY])
    plan = plan_of([OPENS, SOMEBODY], accounts, ledger=ledger, requests=[LOCKED])
    after, remembered = applied(plan, accounts, ledger, TODAY)
    letter = request("unlock", "P1", date(2026, 3, 11), "R2", document_number="10/SKHCN")

    opened = plan_of([OPENS, SOMEBODY], after, ledger=remembered, requests=[LOCKED, letter], today=date(2026, 3, 11))

    assert only(opened).kind is ActionKind.UNLOCK


@pytest.mark.parametrize(
    "letters",
    [
        [replace(LOCKED, received_on=date(2026, 3, 4))],
        [LOCKED, request("unlock", "P1", TODAY, "R2", document_number="10/SKHCN")],
    ],
    ids=["older", "lifted since"],
)
def test_a_lock_older_than_what_opens_the_mailbox_or_lifted_since_locks_nothing(letters: list[Request]) -> None:
    """NB-15, NB-24: the newest order stands, and every older letter is settled with it."""
    accounts, ledger = gone()

    action = only(plan_of([OPENS, SOMEBODY], accounts, ledger=ledger, requests=letters))

    assert (action.kind, action.stamp and str(action.stamp.state)) == (ActionKind.RESTORE, "active")
    assert action.fulfils == tuple(letter.request_id for letter in letters)


def test_a_lock_stands_where_the_decision_that_opens_bears_no_day() -> None:
    """NB-21: nobody knows which came first, so the lock counts."""
    accounts, ledger = settled([SOMEBODY])

    action = only(plan_of([row(), SOMEBODY], accounts, ledger=ledger, requests=[LOCKED]))

    assert action.stamp
    assert (action.kind, str(action.stamp.state)) == (ActionKind.CREATE, "locked")


def test_a_unit_mailbox_asked_for_again_and_then_locked_ends_locked() -> None:
    """NB-18: the same for the mailbox of a unit, whose return a letter orders."""
    accounts, ledger = shut_agency()
    letters = [
        request("create", "unit:skhcn", date(2026, 3, 5), document_number="5/SKHCN"),
        request("lock", "unit:skhcn", date(2026, 3, 9), "R2", document_number="6/SKHCN", reason="virus"),
    ]

    plan = plan_of([SOMEBODY], accounts, units=with_mailbox(), ledger=ledger, requests=letters)
    after, remembered = applied(plan, accounts, ledger, TODAY)
    again = plan_of([SOMEBODY], after, units=with_mailbox(), ledger=remembered, requests=letters)

    action = only(plan)
    assert action.stamp
    assert (action.kind, str(action.stamp.state)) == (ActionKind.RESTORE, "locked")
    assert [reason.document for reason in action.because if reason.document] == ["5/SKHCN", "6/SKHCN"]
    assert kinds(again) == []


def test_a_cancellation_older_than_the_closing_does_not_end_what_was_given_back() -> None:
    """Law 1, DN-12, DN-16: it asked for the end of the mailbox, which has ended; it ends it no second time.

    A newer one keeps it closed, even if it is not complete.
    """
    danang = world.policy("danang-2017")
    accounts, ledger = world.settled([row(), SOMEBODY], today=OPENED, with_policy=danang)
    closing = plan_of([leaver(on=CLOSED), SOMEBODY], accounts, ledger=ledger, today=CLOSED, with_policy=danang)
    accounts, ledger = applied(closing, accounts, ledger, CLOSED, danang)
    letter = request("cancel", "P1", CLOSED, document_number="3/CV", from_unit="skhcn")
    newer = replace(letter, request_id="R2", received_on=TODAY)

    back = plan_of([OPENS, SOMEBODY], accounts, ledger=ledger, requests=[letter], with_policy=danang)
    after, remembered = applied(back, accounts, ledger, TODAY, danang)
    again = plan_of([OPENS, SOMEBODY], after, ledger=remembered, requests=[letter], with_policy=danang)
    bare = replace(newer, document_number="")
    faulty = plan_of([OPENS, SOMEBODY], accounts, ledger=ledger, requests=[letter, bare], with_policy=danang)

    mine = [[one for one in plan.actions if one.subject == "P1"] for plan in (back, again, faulty)]
    assert [[(str(one.kind), one.fulfils) for one in theirs] for theirs in mine] == [
        [("restore", ("R1",))], [], [],
    ]  # fmt: skip
    assert codes(faulty, "P1").count("needs-order") == 2  # what it lacks, and that nothing newer opens the mailbox


def test_a_units_decision_of_the_day_its_mailbox_was_withdrawn_gives_nothing_back() -> None:
    """Law 1 and DN-15: the term has withdrawn it, and the decision is no newer than that."""
    danang = world.policy("danang-2017")
    day = date(2026, 5, 20)
    units = with_mailbox(effective_date=day, document=NEWER)
    accounts, ledger = world.settled([SOMEBODY], units=with_mailbox(), today=OPENED, with_policy=danang)
    box = account(accounts, "unit:skhcn")
    idle = [replace(changed(box, pwdLastSet="134150000000000000"), last_use=LastUse(None, 0)), account(accounts, "P0")]

    plan = plan_of([SOMEBODY], idle, units=units, ledger=ledger, today=day, with_policy=danang)
    after, remembered = applied(plan, idle, ledger, day, danang)
    again = plan_of([SOMEBODY], after, units=units, ledger=remembered, today=day, with_policy=danang)

    assert "withdraw" in [str(one.kind) for one in plan.actions if one.subject == "unit:skhcn"]
    assert [one.subject for one in again.actions if one.subject == "unit:skhcn"] == []


UNSIGNED = world.DECISION._replace(signed_on=date(2026, 3, 11))
"""A decision that bears the date of tomorrow."""


def test_a_unit_is_not_closed_by_a_decision_of_a_day_to_come() -> None:
    """NB-27, Điều 7.4: its mailbox stays until the decision is there; the finding says its day."""
    accounts, ledger = world.settled([SOMEBODY], units=with_mailbox(), today=OPENED)
    shut = with_mailbox(closed("skhcn", document=UNSIGNED))

    plan = plan_of([SOMEBODY], accounts, units=shut, ledger=ledger)

    assert kinds(plan) == []
    [said] = [finding.message for finding in plan.findings if finding.code == "needs-order"]
    assert "decision_date ghi 11/03/2026" in said.vi
    assert "decision_date says 2026-03-11" in said.en


def test_a_new_issue_waits_for_a_decision_that_is_signed() -> None:
    """Domain §1.8 row 4 b: it closes the old mailbox, so the decision must be one."""
    reissue = world.policy(internal_move=InternalMove.REISSUE)
    accounts, ledger = world.settled([row(), SOMEBODY], today=OPENED)
    moved = row(unit="snv", event="transferred", effective_date=TODAY, document=UNSIGNED)

    plan = plan_of([moved, SOMEBODY], accounts, ledger=ledger, with_policy=reissue)

    assert (kinds(plan), codes(plan, "P1")) == ([], ["needs-order"])


def test_an_event_that_ends_nothing_in_the_text_proves_no_leaving() -> None:
    """NB-27 and design §4.3: a regulation may leave an event to people; then the roster's “left” is a finding."""
    rules = world.regulation()
    events = {**rules.events, Event.RETIRED: rules.events[Event.RETIRED]._replace(effect=Effect.REVIEW)}
    policy = world.policy(regulation=replace(rules, events=events))
    accounts, ledger = world.settled([row(), SOMEBODY], today=OPENED)

    plan = plan_of([leaver(), SOMEBODY], accounts, ledger=ledger, with_policy=policy)

    assert kinds(plan) == []
    [said] = [finding.message for finding in plan.findings if finding.code == "leaver-without-document"]
    assert "cột event đang ghi nghỉ hưu" in said.vi
    assert "the column event says retired" in said.en
