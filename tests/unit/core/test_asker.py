"""Who may ask: Quận 4 accepts the unit's own mailbox only (Q4-10, Điều 6.2), others the agency in charge (DN-37)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import world
from world import TODAY, UNITS, codes, kinds, only, plan_of, request, row, rows

from syncagent.core.action import Cite
from syncagent.core.regulation import Asker, AskerRule
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.core.plan import Plan
    from syncagent.core.policy import Policy
    from syncagent.core.unit import Unit

QUAN4 = world.policy("hcmc-quan4-2013")
SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
PEOPLE = [row(), SOMEBODY]
OPENED = date(2026, 2, 16)
ACCOUNTS, LEDGER = world.settled(PEOPLE, today=OPENED, with_policy=QUAN4)
OWN = {"from_unit": "skhcn", "from_address": "skhcn.q4@tphcm.gov.vn"}


def own_units() -> Policy:
    """Quận 4's text with the other rule: whichever way a request comes, its unit must manage the subject."""
    cite = Cite("DN-37", "Điều 14 khoản 1", Text("do cơ quan quản lý đề nghị", "asked by the managing agency"))
    return replace(QUAN4, regulation=replace(QUAN4.regulation, asker=AskerRule(Asker.OWN_UNITS, cite)))


def asked(subject: str = "P1", kind: str = "reset_password", with_policy: Policy = QUAN4, **columns: Any) -> Plan:
    """The plan with one request, for the people and accounts above."""
    columns.setdefault("reason", "quên mật khẩu")
    one = request(kind, subject, TODAY, document_number="15/NV", **columns)
    return plan_of(PEOPLE, ACCOUNTS, ledger=LEDGER, requests=[one], with_policy=with_policy)


@pytest.mark.parametrize("address", ["skhcn.q4@tphcm.gov.vn", " SKHCN.Q4@tphcm.gov.vn "])
def test_the_units_own_mailbox_may_ask(address: str) -> None:
    """Q4-09, Điều 6.1: “sử dụng địa chỉ thư điện tử của đơn vị”; capitals and blanks do not make it another."""
    action = only(asked(from_unit="skhcn", from_address=address))

    assert (str(action.kind), action.subject) == ("reset_password", "P1")


BEN_TRE = world.policy("bentre-2016")


@pytest.mark.parametrize(
    ("unit", "address", "number", "accepted"),
    [
        ("skhcn", "skhcn@bentre.gov.vn", "", True),
        ("skhcn", "", "15/SKHCN", True),
        ("skhcn", "ai@gmail.com", "15/SKHCN", False),
        ("skhcn", "", "", False),
        ("snv", "", "15/SNV", False),
        ("", "ai@gmail.com", "", False),
    ],
)
def test_in_ben_tre_a_unit_asks_from_its_mailbox_or_by_letter(
    unit: str, address: str, number: str, *, accepted: bool
) -> None:
    """BT-09, Điều 6.1: the agency's official mailbox, or a letter; no other unit, no private mailbox, no bare word."""
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=BEN_TRE)
    one = request(
        "lock",
        "P1",
        TODAY,
        reason="lộ mật khẩu",
        from_unit=unit,
        from_address=address,
        document_number=number,
    )

    plan = plan_of(PEOPLE, accounts, ledger=ledger, requests=[one], with_policy=BEN_TRE)

    assert kinds(plan) == (["lock"] if accepted else [])
    said = [finding.message.vi for finding in plan.findings if finding.subject == "P1"]
    assert accepted or any("Điều 6 khoản 1" in one and "bị từ chối" in one for one in said)


@pytest.mark.parametrize(
    ("unit", "address"),
    [
        ("skhcn", "sokhcn@gmail.com"),
        ("skhcn", "nnthanh.q4@tphcm.gov.vn"),
        ("skhcn", "snv.q4@tphcm.gov.vn"),
        ("skhcn", ""),
        ("snv", "snv.q4@tphcm.gov.vn"),
        ("snv", "skhcn.q4@tphcm.gov.vn"),
        ("", "skhcn.q4@tphcm.gov.vn"),
        ("không-có", "skhcn.q4@tphcm.gov.vn"),
    ],
)
def test_nobody_else_may(unit: str, address: str) -> None:
    """Q4-10, Điều 6.2: Gmail, personal mailboxes, other units, unknown units and no address are not accepted."""
    plan = asked(from_unit=unit, from_address=address)

    assert (kinds(plan), codes(plan, "P1")) == ([], ["manual-steps"])
    rejected = next(finding for finding in plan.findings if finding.subject == "P1")
    assert "bị từ chối" in rejected.message.vi
    assert "Điều 6 khoản 2" in rejected.message.vi
    assert "own mailbox" in rejected.message.en


def test_the_agency_above_may_ask_for_its_rooms() -> None:
    """Q4-09: the unit that manages somebody of a room is also the agency the room belongs to."""
    people = [row(unit="skhcn-vp"), SOMEBODY]
    accounts, ledger = world.settled(people, today=OPENED, with_policy=QUAN4)
    one = request("reset_password", "P1", TODAY, document_number="15/NV", **OWN)

    action = only(plan_of(people, accounts, ledger=ledger, requests=[one], with_policy=QUAN4))

    assert action.subject == "P1"


def test_a_unit_may_ask_for_whoever_comes_to_it() -> None:
    """Q4-08: the request for somebody whose first day is still to come is not rejected; it waits for that day."""
    coming = row("P9", "Trần Thị Hòa", "skhcn", effective_date=date(2026, 4, 1), event="recruited")
    one = request("create", "P9", TODAY, reason="tuyển mới", **OWN)
    other = replace(one, from_unit="snv", from_address="snv.q4@tphcm.gov.vn")

    accepted, rejected = (
        plan_of([*PEOPLE, coming], ACCOUNTS, ledger=LEDGER, requests=[each], with_policy=QUAN4) for each in (one, other)
    )

    assert codes(accepted, "P9") == []
    assert codes(rejected, "P9") == ["manual-steps"]


def test_a_hold_binds_whoever_records_it() -> None:
    """Contract §6: what protects somebody is not asked for its sender."""
    plan = asked(kind="hold", from_unit="", from_address="x@gmail.com")

    assert "manual-steps" not in codes(plan, "P1")


def test_somebody_in_quarantine_is_not_said_to_be_asked_for_by_the_wrong_unit() -> None:
    """A row that names no admitted unit proves nothing about who asked: the row is the finding, not the sender."""
    people = [row(unit="không-có"), SOMEBODY]
    one = request("reset_password", "P1", TODAY, document_number="15/NV", **OWN)

    plan = plan_of(people, ACCOUNTS, ledger=LEDGER, requests=[one], with_policy=QUAN4)

    assert kinds(plan) == []
    assert set(codes(plan, "P1")) == {"unknown-unit"}


# ── the mailbox a unit really has ─────────────────────────────────────────────


BOXED = tuple(replace(u, mailbox=True) if u.unit in {"skhcn", "snv"} else u for u in UNITS)
AGREED = request(
    "agree_address", "unit:skhcn", OPENED, "R0", value="sokhcn.q4@tphcm.gov.vn", document_number="1/KHCN",
    from_unit="skhcn", from_address="skhcn.q4@tphcm.gov.vn",
)  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "accepted"),
    [
        ("sokhcn.q4@tphcm.gov.vn", True),
        ("skhcn.q4@tphcm.gov.vn", True),
        ("snv.q4@tphcm.gov.vn", False),
        ("thanhtra.q4@tphcm.gov.vn", False),
        ("skhcn", False),
        ("", False),
    ],
)
def test_a_unit_asks_from_the_mailbox_it_has(sender: str, *, accepted: bool) -> None:
    """Q4-09, Q4-10: the agreed address is the unit's, and that by right, which nobody else has; any other is not."""
    accounts, ledger = world.settled(PEOPLE, units=BOXED, requests=[AGREED], today=OPENED, with_policy=QUAN4)
    one = request(
        "reset_password", "P1", TODAY, document_number="15/NV", reason="quên", from_unit="skhcn", from_address=sender
    )

    plan = plan_of(PEOPLE, accounts, units=BOXED, ledger=ledger, requests=[AGREED, one], with_policy=QUAN4)

    assert kinds(plan) == (["reset_password"] if accepted else [])
    assert ("manual-steps" in codes(plan, "P1")) is not accepted


def test_a_letter_from_the_address_agreed_on_the_same_day_counts_before_and_after_it_is_given() -> None:
    """Law 1: what the plan of today makes the unit's own mailbox is no stranger's before."""
    accounts, ledger = world.settled(PEOPLE, units=BOXED, today=OPENED, with_policy=QUAN4)
    agreed = replace(AGREED, received_on=TODAY)
    forged = replace(agreed, request_id="R9", value="gia.q4@tphcm.gov.vn", from_address="ai@gmail.com")
    asks, *lies = (
        request("reset_password", "P1", TODAY, number, document_number="15/NV", reason="quên", from_unit="skhcn",
                from_address=sender)
        for number, sender in (("R2", "sokhcn.q4@tphcm.gov.vn"), ("R3", "gia.q4@tphcm.gov.vn"), ("R4", ""))
    )  # fmt: skip
    coming = replace(agreed, request_id="R8", received_on=date(2026, 4, 1), value="")
    empty = replace(agreed, request_id="R7", value=" ", received_on=OPENED)
    letters = [empty, agreed, forged, asks, *lies, coming]

    plan = plan_of(PEOPLE, accounts, units=BOXED, ledger=ledger, requests=letters, with_policy=QUAN4)
    after, remembered = world.applied(plan, accounts, ledger, TODAY, QUAN4)
    again = plan_of(PEOPLE, after, units=BOXED, ledger=remembered, requests=letters, with_policy=QUAN4)

    assert {action.subject: action.fulfils for action in plan.actions} == {"P1": ("R2",), "unit:skhcn": ()}
    assert kinds(again) == []


def test_what_a_unit_wrote_from_an_address_it_had_then_stays_written() -> None:
    """Q4-09: a former address was the unit's mailbox; when its term is over, the letter is none from elsewhere."""
    accounts, ledger = world.settled(PEOPLE, units=BOXED, today=OPENED, with_policy=QUAN4)
    agreed = replace(AGREED, received_on=TODAY)
    plan = plan_of(PEOPLE, accounts, units=BOXED, ledger=ledger, requests=[agreed], with_policy=QUAN4)
    accounts, ledger = world.applied(plan, accounts, ledger, TODAY, QUAN4)
    box = world.account(accounts, "unit:skhcn")
    lapsed = [replace(one, aliases=()) if one.guid == box.guid else one for one in accounts]
    wrote = request("reset_password", "P1", date(2026, 3, 2), document_number="15/NV", reason="quên", **OWN)

    for found in (accounts, lapsed):
        again = plan_of(PEOPLE, found, units=BOXED, ledger=ledger, requests=[agreed, wrote], with_policy=QUAN4)

        assert codes(again, "P1") == []
        assert "P1" in [action.subject for action in again.actions]


# ── a unit's own mailbox ──────────────────────────────────────────────────────


def shut(kind: str = "unlock", **columns: Any) -> Plan:
    """The plan with a request for the mailbox of Sở Khoa học và Công nghệ, which is locked for not being used."""
    units: tuple[Unit, ...] = tuple(replace(u, mailbox=True) if u.unit == "skhcn" else u for u in UNITS)
    accounts, ledger = world.settled([SOMEBODY], units=units, today=OPENED, with_policy=QUAN4)
    mine = world.account(accounts, "unit:skhcn")
    locked = world.changed(
        world.restamped(mine, state="locked", since=date(2026, 3, 2), why="idle-lock"), userAccountControl="514"
    )
    assert locked.stamp
    known = ledger.accounts[mine.target, mine.guid]._replace(stamp=locked.stamp)
    ledger = replace(ledger, accounts={**ledger.accounts, (mine.target, mine.guid): known})
    everybody = [locked, world.account(accounts, "P0")]
    one = request(kind, "skhcn", TODAY, reason="mở lại", **{"document_number": "15/KHCN", **columns})
    return plan_of([SOMEBODY], everybody, units=units, ledger=ledger, requests=[one], with_policy=QUAN4)


def test_a_locked_unit_mailbox_is_opened_by_letter() -> None:
    """Q4-14, Điều 8.1.a: “gửi công văn (đối với hộp thư điện tử đơn vị bị khóa)”; a locked mailbox cannot send."""
    action = only(shut(channel="paper", from_unit="skhcn"))

    assert (str(action.kind), action.subject, action.stamp and str(action.stamp.state)) == (
        "unlock", "unit:skhcn", "active",
    )  # fmt: skip


@pytest.mark.parametrize(
    "columns",
    [
        {"from_unit": "skhcn", "document_number": ""},
        {"from_unit": "snv"},
        {"from_unit": "skhcn", "from_address": "sokhcn@gmail.com"},
        {"from_unit": "skhcn", "kind": "reset_password"},
    ],
)
def test_a_letter_without_number_of_another_unit_by_gmail_or_for_something_else_opens_nothing(
    columns: dict[str, str],
) -> None:
    """Q4-10 and Q4-14: the letter is for opening, has a number, and comes from the unit that was locked out."""
    plan = shut(**columns)

    assert (kinds(plan), codes(plan, "skhcn")) == ([], ["manual-steps"])


# ── the agency in charge ──────────────────────────────────────────────────────


def test_where_the_agency_in_charge_asks_the_mailbox_does_not_matter() -> None:
    """DN-37, Điều 14.1: the agency that manages somebody asks, by letter as well as by mail."""
    plan = asked(with_policy=own_units(), from_unit="skhcn", from_address="")

    assert only(plan).subject == "P1"


def test_another_agency_may_not_ask() -> None:
    """DN-37, Điều 14.1: a request from an agency that does not manage the subject is rejected with the article."""
    plan = asked(with_policy=own_units(), from_unit="snv", from_address="")

    assert (kinds(plan), codes(plan, "P1")) == ([], ["manual-steps"])
    rejected = next(finding for finding in plan.findings if finding.subject == "P1")
    assert "cơ quan quản lý" in rejected.message.vi
    assert "Điều 14 khoản 1" in rejected.message.en


def test_where_the_text_orders_no_form_a_letter_that_names_no_sender_counts_and_one_from_nowhere_does_not() -> None:
    """Domain §1.7: Ninh Bình wants a letter and no form for it; but an address that is no agency's is no agency."""
    accounts, ledger = world.settled(PEOPLE, today=OPENED)
    one = request("reset_password", "P1", TODAY, document_number="3/CV")
    other = replace(one, from_address="x@gmail.com")

    assert only(plan_of(PEOPLE, accounts, ledger=ledger, requests=[one])).subject == "P1"
    assert kinds(plan_of(PEOPLE, accounts, ledger=ledger, requests=[other])) == []
    assert rows(PEOPLE, requests=[one]).requests == (one,)


def test_the_unit_that_runs_the_system_may_ask_for_everybody() -> None:
    """DN-29, DN-41, Điều 11.1: whoever manages issue and cancellation also orders locks for other agencies' people."""
    rule = own_units()
    assert rule.regulation.asker
    operated = replace(
        rule, regulation=replace(rule.regulation, asker=rule.regulation.asker._replace(operators=frozenset({"snv"})))
    )

    assert kinds(asked(from_unit="snv", with_policy=rule)) == []
    assert kinds(asked(from_unit="snv", with_policy=operated)) == ["reset_password"]


@pytest.mark.parametrize("kind", ["create", "unlock"])
def test_a_closed_mailbox_is_asked_for_again_by_its_agency_alone(kind: str) -> None:
    """DN-16, Điều 4.4: “các cơ quan gửi yêu cầu cấp lại”; whoever runs the system does not ask in their place."""
    danang = world.policy("danang-2017")
    units = (*UNITS, replace(UNITS[0], unit="stttt", name="Sở Thông tin và Truyền thông", abbreviation="stttt"))
    accounts, ledger = world.settled(PEOPLE, units=units, today=OPENED, with_policy=danang)
    mine = world.account(accounts, "P1")
    shut = world.changed(
        world.restamped(mine, state="withdrawn", since=date(2026, 3, 2), why="idle"), userAccountControl="514"
    )
    assert shut.stamp
    place = mine.target, mine.guid
    ledger = replace(ledger, accounts={**ledger.accounts, place: ledger.accounts[place]._replace(stamp=shut.stamp)})
    everybody = [shut, world.account(accounts, "P0")]

    plans = [
        plan_of(
            PEOPLE, everybody, units=units, ledger=ledger, with_policy=danang,
            requests=[request(kind, "P1", TODAY, document_number="15/CV", from_unit=unit)],
        )
        for unit in ("stttt", "skhcn")
    ]  # fmt: skip

    mine_only = [[str(action.kind) for action in plan.actions if action.subject == "P1"] for plan in plans]
    assert mine_only == [[], ["restore"]]
    assert "manual-steps" in codes(plans[0], "P1")
    assert "manual-steps" not in codes(plans[1], "P1")
