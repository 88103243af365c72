"""Which address a subject gets: agreed ones, changes of a name or an abbreviation, and what orders them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import world
from world import TODAY, UNITS, codes, kinds, only, plan_of, request, row

from syncagent.core.action import ActionKind
from syncagent.core.document import NO_DOCUMENT, Document
from syncagent.core.request import RequestKind

if TYPE_CHECKING:
    from syncagent.core.plan import Plan
    from syncagent.core.unit import Unit

SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
ACCOUNTS, LEDGER = world.settled([row(), SOMEBODY], today=date(2026, 2, 16))
RENAMED = Document("31/QĐ-UBND", date(2026, 3, 2), "Chủ tịch")


@pytest.mark.parametrize(
    ("agreed", "why"),
    [
        ("thành.skhcn@ninhbinh.gov.vn", "cannot be used"),
        ("thanhnn.snv@ninhbinh.gov.vn", "does not have the form <name>.skhcn@ninhbinh.gov.vn"),
        ("thanh.nn.skhcn@ninhbinh.gov.vn", "no dot in the name"),
        ("thanhnn.skhcn@gmail.com", "does not have the form"),
        ("dung.skhcn@ninhbinh.gov.vn", "does not contain the holder's name"),
        ("thanh-lam.skhcn@ninhbinh.gov.vn", "issued to somebody else"),
    ],
)
def test_an_agreed_address_that_cannot_be_given_is_refused_with_the_reason(agreed: str, why: str) -> None:
    """NB-13, Điều 5.4: what people agreed on must still be an address, carry the name, and be free."""
    ledger = replace(LEDGER, issued={**LEDGER.issued, "thanh-lam.skhcn@ninhbinh.gov.vn": "P9"})

    plan = plan_of([row(agreed_address=agreed), SOMEBODY], ACCOUNTS, ledger=ledger)

    assert kinds(plan) == []
    [finding] = [f for f in plan.findings if f.code == "address-clash"]
    assert why in finding.message.en


def test_an_agreed_address_for_somebody_who_has_one_is_given_on_the_rows_decision() -> None:
    """NB-13: an agreed address in the roster readdresses; the old one stays an alias."""
    agreed = row(agreed_address="thanh-nn.skhcn@ninhbinh.gov.vn", document=RENAMED)

    action = only(plan_of([agreed, SOMEBODY], ACCOUNTS, ledger=LEDGER))

    assert (action.kind, action.address) == (ActionKind.READDRESS, "thanh-nn.skhcn@ninhbinh.gov.vn")
    assert action.because[-1].document == "31/QĐ-UBND"


def test_a_new_abbreviation_readdresses_its_people_on_the_units_decision_only() -> None:
    """NB-12: personal addresses carry the agency's abbreviation; its change is the agency's decision."""
    undecided = tuple(replace(unit, abbreviation="khcn") if unit.unit == "skhcn" else unit for unit in UNITS)
    decided = tuple(replace(unit, document=RENAMED) if unit.unit == "skhcn" else unit for unit in undecided)

    waits = plan_of([row(), SOMEBODY], ACCOUNTS, units=undecided, ledger=LEDGER)
    moves = plan_of([row(), SOMEBODY], ACCOUNTS, units=decided, ledger=LEDGER)

    assert (kinds(waits), codes(waits, "P1")) == ([], ["needs-order"])
    action = only(moves)
    assert (action.kind, action.address) == (ActionKind.READDRESS, "thanhnn.khcn@ninhbinh.gov.vn")


def test_a_department_that_clashes_gets_no_proposals_of_personal_names() -> None:
    """NB-11: the forms of Điều 5.4 are for people's names; a room's clash is for the agency to settle."""
    rooms = tuple(replace(unit, mailbox=True) if unit.unit == "ttcdstt" else unit for unit in UNITS)
    taken = replace(LEDGER, issued={**LEDGER.issued, "ttcdstt.skhcn@ninhbinh.gov.vn": "P9"})

    plan = plan_of([row(), SOMEBODY], ACCOUNTS, units=rooms, ledger=taken)

    [finding] = [f for f in plan.findings if f.code == "address-clash"]
    assert (finding.subject, finding.candidates) == ("unit:ttcdstt", ())


def test_a_renamed_person_keeps_the_address_until_the_agency_asks() -> None:
    """Domain §1.8 row 6: a new name orders nothing; the agency's letter does."""
    renamed = row(full_name="Nguyễn Ngọc Minh", event="renamed", effective_date=TODAY, document=RENAMED)
    letter = request("change", "P1", TODAY, document_number="6/SKHCN")

    silent = plan_of([renamed, SOMEBODY], ACCOUNTS, ledger=LEDGER)
    asked = plan_of([renamed, SOMEBODY], ACCOUNTS, ledger=LEDGER, requests=[letter])

    assert "readdress" not in kinds(silent)
    action = only(asked)
    assert (action.kind, action.address, action.fulfils) == (
        ActionKind.READDRESS, "minhnn.skhcn@ninhbinh.gov.vn", ("R1",),
    )  # fmt: skip


def test_an_agreed_address_of_a_unit_left_behind_is_outlived() -> None:
    """NB-15: after a move the address follows the new agency; the agreement made for the old one binds no longer."""
    agreed = [row(agreed_address="thanh-nn.skhcn@ninhbinh.gov.vn"), SOMEBODY]
    accounts, ledger = world.settled(agreed, today=date(2026, 2, 16))
    moved = row(
        unit="snv", event="transferred", effective_date=TODAY, document=RENAMED,
        agreed_address="thanh-nn.skhcn@ninhbinh.gov.vn",
    )  # fmt: skip

    plan = plan_of([moved, SOMEBODY], accounts, ledger=ledger)
    after, remembered = world.applied(plan, accounts, ledger, TODAY)
    again = plan_of([moved, SOMEBODY], after, ledger=remembered)

    action = only(plan)
    assert (action.kind, action.address) == (ActionKind.READDRESS, "thanhnn.snv@ninhbinh.gov.vn")
    assert (kinds(again), codes(again, "P1")) == ([], [])


def test_an_address_of_a_group_or_contact_is_taken() -> None:
    """Design §3: one namespace; what any entry of the directory answers to is nobody else's."""
    group = {"thanhnn.skhcn@ninhbinh.gov.vn": f"CN=Nhóm,{world.BASE}"}

    plan = plan_of([row(), SOMEBODY], [world.account(ACCOUNTS, "P0")], addresses=group)

    assert "P1" not in [action.subject for action in plan.actions]
    assert codes(plan, "P1") == ["address-clash"]


# ── mailboxes of units ────────────────────────────────────────────────────────


def _with(unit: str, **columns: Any) -> tuple[Unit, ...]:
    return tuple(replace(one, mailbox=True, **columns) if one.unit == unit else one for one in UNITS)


AGREED = request("agree_address", "unit:skhcn", TODAY, document_number="44/SKHCN", value="sokhcn@ninhbinh.gov.vn")


def test_the_agreed_address_of_a_unit_is_kept() -> None:
    """NB-13 and law 1: given once on the letter, it stays; the plans of that day and later ones are empty."""
    accounts, ledger = world.settled([SOMEBODY], units=_with("skhcn"), today=date(2026, 2, 16))

    plan = plan_of([SOMEBODY], accounts, units=_with("skhcn"), ledger=ledger, requests=[AGREED])
    after, remembered = world.applied(plan, accounts, ledger, TODAY)
    again = [
        plan_of([SOMEBODY], after, units=_with("skhcn"), ledger=remembered, requests=[AGREED], today=day)
        for day in (TODAY, date(2026, 3, 11))
    ]

    action = only(plan)
    assert (action.kind, action.address, action.because[-1].document) == (
        ActionKind.READDRESS, "sokhcn@ninhbinh.gov.vn", "44/SKHCN",
    )  # fmt: skip
    assert [kinds(one) for one in again] == [[], []]


@pytest.mark.parametrize(
    ("unit", "address", "why"),
    [
        ("skhcn", "so.khcn@ninhbinh.gov.vn", "the form <name>@ninhbinh.gov.vn"),
        ("skhcn", "sokhcn@gmail.com", "the form <name>@ninhbinh.gov.vn"),
        ("ttcdstt", "cds@ninhbinh.gov.vn", "the form <name>.skhcn@ninhbinh.gov.vn"),
        ("ttcdstt", "cds.snv@ninhbinh.gov.vn", "the form <name>.skhcn@ninhbinh.gov.vn"),
        ("skhcn", "snv@ninhbinh.gov.vn", "was issued to somebody else"),
        ("skhcn", "lienhe@ninhbinh.gov.vn", "does not contain the unit's name or short form"),
        ("ttcdstt", "vanthu.skhcn@ninhbinh.gov.vn", "does not contain the unit's name or short form"),
        ("ttcdstt", "skhcn.skhcn@ninhbinh.gov.vn", "does not contain the unit's name or short form"),
        ("giaothuy", "t@ninhbinh.gov.vn", "does not contain the unit's name or short form"),
    ],
)
def test_an_agreed_address_of_a_unit_has_the_form_of_its_kind(unit: str, address: str, why: str) -> None:
    """NB-10, NB-11 and NB-13: what a unit's address looks like is Điều 5.1 and 5.2, not that of a person (5.3)."""
    letter = replace(AGREED, subject=f"unit:{unit}", value=address)

    plan = plan_of([SOMEBODY], units=_with(unit), requests=[letter])

    assert f"unit:{unit}" not in [action.subject for action in plan.actions]
    [finding] = [f for f in plan.findings if f.subject == f"unit:{unit}"]
    assert why in finding.message.en


@pytest.mark.parametrize(
    ("unit", "address"),
    [
        ("skhcn", "sokhcn@ninhbinh.gov.vn"),
        ("skhcn", "skhcn-nb@ninhbinh.gov.vn"),
        ("skhcn", "khoahoc-congnghe@ninhbinh.gov.vn"),
        ("ttcdstt", "cds.skhcn@ninhbinh.gov.vn"),
        ("ttcdstt", "tt-chuyendoiso.skhcn@ninhbinh.gov.vn"),
        ("giaothuy", "ubndxagiaothuy@ninhbinh.gov.vn"),
    ],
)
def test_an_agreed_address_says_its_unit_in_short_or_in_full(unit: str, address: str) -> None:
    """NB-13, Điều 5.4: “có tên của tổ chức … được cấp hộp thư đó”."""
    letter = replace(AGREED, subject=f"unit:{unit}", value=address)

    plan = plan_of([SOMEBODY], units=_with(unit), requests=[letter])

    assert [action.address for action in plan.actions if action.subject == f"unit:{unit}"] == [address]


@pytest.mark.parametrize(
    ("law", "address", "given"),
    [
        ("binhdinh-kkt-2017", "lienhe@binhdinh.gov.vn", True),
        ("bentre-2016", "lienhe@bentre.gov.vn", False),
        ("hcmc-quan4-2013", "lienhe.q4@tphcm.gov.vn", False),
    ],
)
def test_whose_name_an_agreed_address_says_is_the_regulations_data(law: str, address: str, *, given: bool) -> None:
    """BT-05 and Q4-04 name a unit's mailbox after the unit; the text of Bình Định names no form."""
    sender = "skhcn.q4@tphcm.gov.vn" if law == "hcmc-quan4-2013" else ""
    letter = replace(AGREED, value=address, from_unit="skhcn", from_address=sender)

    plan = plan_of([SOMEBODY], units=_with("skhcn"), requests=[letter], with_policy=world.policy(law))

    assert (address in [action.address for action in plan.actions]) is given


def test_rooms_of_one_name_may_agree_on_either_form() -> None:
    """DN-06, DN-07, Điều 3.1: a room of Đà Nẵng has the plain form, or its agency behind a hyphen."""
    text, agrees = world.regulation("danang-2017"), world.regulation().requests[RequestKind.AGREE_ADDRESS]
    regulation = replace(text, requests={**text.requests, RequestKind.AGREE_ADDRESS: agrees})
    danang = world.policy("danang-2017", regulation=regulation)
    rooms = [
        replace(one, abbreviation="tt", name="Phòng Thanh tra", mailbox=True)
        for one in UNITS
        if one.unit in {"skhcn-vp", "ttcdstt"}
    ]
    units = (*[one for one in UNITS if one.unit not in {"skhcn-vp", "ttcdstt"}], *rooms)
    people = [replace(SOMEBODY, unit="skhcn-vp")]
    for address in ("thanhtra-skhcn@danang.gov.vn", "thanhtra@danang.gov.vn"):
        letter = request(
            "agree_address", "unit:ttcdstt", TODAY, document_number="4/CV", value=address, from_unit="skhcn"
        )

        plan = plan_of(people, units=units, requests=[letter], with_policy=danang)

        assert [one.address for one in plan.actions if one.subject == "unit:ttcdstt"] == [address]


def test_an_agreed_address_of_a_room_follows_its_agencys_new_name() -> None:
    """NB-11, Điều 5.2: it ends in its agency's abbreviation, and is outlived when a decision changes that."""
    letter = replace(AGREED, subject="unit:ttcdstt", value="cds.skhcn@ninhbinh.gov.vn", received_on=date(2026, 2, 16))
    accounts, ledger = world.settled([SOMEBODY], units=_with("ttcdstt"), requests=[letter], today=date(2026, 2, 16))
    renamed = tuple(
        replace(one, abbreviation="khcn", document=RENAMED) if one.unit == "skhcn" else one for one in _with("ttcdstt")
    )

    plan = plan_of([SOMEBODY], accounts, units=renamed, ledger=ledger, requests=[letter])
    after, remembered = world.applied(plan, accounts, ledger, TODAY)
    again = plan_of([SOMEBODY], after, units=renamed, ledger=remembered, requests=[letter])

    action = only(plan)
    assert (action.address, action.because[-1].document) == ("ttcdstt.khcn@ninhbinh.gov.vn", "31/QĐ-UBND")
    assert kinds(again) == []


def test_a_room_that_is_renamed_itself_cites_its_own_decision() -> None:
    """NB-11: the decision that names the room anew, not the one its agency rests on."""
    accounts, ledger = world.settled([SOMEBODY], units=_with("ttcdstt"), today=date(2026, 2, 16))
    founded = Document("1/QĐ-UBND", date(2015, 1, 5), "Chủ tịch")
    renamed = tuple(
        replace(one, document=founded) if one.unit == "skhcn" else one
        for one in _with("ttcdstt", abbreviation="cds", document=RENAMED)
    )

    action = only(plan_of([SOMEBODY], accounts, units=renamed, ledger=ledger))

    assert (action.address, action.because[-1].document) == ("cds.skhcn@ninhbinh.gov.vn", "31/QĐ-UBND")


# ── why an address changes ────────────────────────────────────────────────────


def _reasons(plan: Plan) -> list[tuple[str, str]]:
    return [(reason.rule, reason.document) for reason in only(plan).because]


def test_each_reason_for_another_address_cites_its_own_clause_and_document() -> None:
    """NB-12, NB-13, NB-15, NB-27: a move, a change of name, an agreement and a new abbreviation are not one clause."""
    moved = row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION)
    came = row(unit="snv", event="received", effective_date=TODAY, document=world.DECISION)
    named = row(full_name="Nguyễn Ngọc Minh", event="renamed", effective_date=TODAY, document=RENAMED)
    letter = request("change", "P1", TODAY, document_number="6/SKHCN")
    agreed = row(agreed_address="thanh-nn.skhcn@ninhbinh.gov.vn", document=world.DECISION)
    units = tuple(
        replace(unit, abbreviation="khcn", document=RENAMED) if unit.unit == "skhcn" else unit for unit in UNITS
    )

    reasons = [
        _reasons(plan_of([moved, SOMEBODY], ACCOUNTS, ledger=LEDGER)),
        _reasons(plan_of([came, SOMEBODY], ACCOUNTS, ledger=LEDGER)),
        _reasons(plan_of([named, SOMEBODY], ACCOUNTS, ledger=LEDGER, requests=[letter])),
        _reasons(plan_of([agreed, SOMEBODY], ACCOUNTS, ledger=LEDGER)),
        _reasons(plan_of([row(), SOMEBODY], ACCOUNTS, ledger=LEDGER, units=units)),
    ]

    assert reasons == [
        [("NB-12", ""), ("NB-15", "12/QĐ-SNV")],
        [("NB-12", ""), ("NB-15", "12/QĐ-SNV")],
        [("NB-12", ""), ("NB-15", "6/SKHCN")],
        [("NB-13", "12/QĐ-SNV")],
        [("NB-12", "31/QĐ-UBND")],
    ]


def test_the_deadline_of_an_answer_counts_from_what_asked_for_it() -> None:
    """NB-16, Điều 6.2.b: three working days from the letter, not from the row somebody was recruited by years ago."""
    recruited = row(event="recruited", effective_date=date(2015, 3, 2), document=world.DECISION)
    accounts, ledger = world.settled([recruited, SOMEBODY], today=date(2026, 2, 16))
    agreed = "thanh-nn.skhcn@ninhbinh.gov.vn"
    letter = request("agree_address", "P1", TODAY, document_number="6/SKHCN", value=agreed)

    asked = plan_of([recruited, SOMEBODY], accounts, ledger=ledger, requests=[letter])
    written = plan_of([replace(recruited, agreed_address=agreed), SOMEBODY], accounts, ledger=ledger)

    assert (only(asked).deadline, only(asked).because[-1].document) == (date(2026, 3, 13), "6/SKHCN")
    assert only(written).deadline is None


# ── who moved ─────────────────────────────────────────────────────────────────


RECRUITED = row(event="recruited", effective_date=date(2026, 1, 12), document=world.DECISION)
MOVED = row(unit="snv", event="transferred", effective_date=date(2026, 3, 2), document=RENAMED)


def test_an_abbreviation_that_another_agency_takes_over_moves_nobody() -> None:
    """NB-12: Sở Nội vụ gives up “snv” to another agency on its decision; its people stayed where they were."""
    people = [replace(RECRUITED, unit="snv")]
    accounts, ledger = world.settled(people, today=date(2026, 2, 16))
    swapped = tuple(
        replace(one, abbreviation="sonv", document=RENAMED) if one.unit == "snv"
        else replace(one, abbreviation="snv") if one.unit == "giaothuy" else one
        for one in UNITS
    )  # fmt: skip

    plan = plan_of(people, accounts, units=swapped, ledger=ledger)

    assert _reasons(plan) == [("NB-12", "31/QĐ-UBND")]


def test_who_came_without_a_decision_and_was_promoted_there_still_lacks_it() -> None:
    """NB-27: neither the promotion nor the decision that founded the agency orders the new address."""
    accounts, ledger = world.settled([RECRUITED, SOMEBODY], today=date(2026, 2, 16))
    bare = replace(MOVED, document=NO_DOCUMENT)
    promoted = row(unit="snv", event="appointed", effective_date=date(2026, 3, 9), document=world.DECISION)
    founded = tuple(replace(one, document=RENAMED) if one.unit == "snv" else one for one in UNITS)

    plan = plan_of([RECRUITED, bare, promoted, SOMEBODY], accounts, units=founded, ledger=ledger)

    assert (kinds(plan), codes(plan, "P1")) == ([], ["needs-order"])


def test_who_moved_and_was_promoted_there_is_readdressed_by_the_move() -> None:
    """NB-27: of the rows in the new agency it is the one that ordered the move."""
    accounts, ledger = world.settled([RECRUITED, SOMEBODY], today=date(2026, 2, 16))
    promoted = row(unit="snv", event="appointed", effective_date=date(2026, 3, 9), document=world.DECISION)

    plan = plan_of([RECRUITED, MOVED, promoted, SOMEBODY], accounts, ledger=ledger)

    assert _reasons(plan) == [("NB-12", ""), ("NB-15", "31/QĐ-UBND")]


def test_a_unit_that_stands_in_the_list_no_longer_was_left() -> None:
    """NB-27: the stamp names where somebody worked; that it is gone is no reason to take it for the one of today."""
    accounts, ledger = world.settled([row(unit="giaothuy"), SOMEBODY], today=date(2026, 2, 16))
    units = tuple(one for one in UNITS if one.unit != "giaothuy")

    plan = plan_of([row(unit="snv"), SOMEBODY], accounts, units=units, ledger=ledger)

    assert (kinds(plan), codes(plan, "P1")) == ([], ["needs-order"])


def test_who_came_back_while_the_address_clashed_is_readdressed_once_it_is_free() -> None:
    """NB-15: the return was acted on, its address was not; the old one still names the unit that was left."""
    accounts, ledger = world.settled([RECRUITED], today=date(2026, 1, 15))
    left = world.leaver(on=date(2026, 2, 2), document=world.DECISION._replace(signed_on=date(2026, 2, 1)))
    closing = plan_of([RECRUITED, left], accounts, ledger=ledger, today=date(2026, 2, 2))
    accounts, ledger = world.applied(closing, accounts, ledger, date(2026, 2, 2))
    back = row(unit="snv", event="received", effective_date=date(2026, 3, 2), document=RENAMED)
    taken = {"thanhnn.snv@ninhbinh.gov.vn": f"CN=Nhóm,{world.BASE}"}

    waits = plan_of([RECRUITED, left, back], accounts, ledger=ledger, addresses=taken)
    accounts, ledger = world.applied(waits, accounts, ledger, TODAY)
    free = plan_of([RECRUITED, left, back], accounts, ledger=ledger)

    assert (kinds(waits), codes(waits, "P1")) == (["restore"], ["address-clash"])
    assert _reasons(free) == [("NB-12", ""), ("NB-15", "31/QĐ-UBND")]


def test_an_account_that_is_taken_over_gets_another_address_by_the_row_that_orders_it_only() -> None:
    """NB-27 and NB-15: without a stamp nobody knows where somebody was before; a row that orders a move says it."""
    unmarked = [world.changed(one, **{world.directory().stamp: ""}) for one in ACCOUNTS]
    plain = row(unit="snv", effective_date=date(2026, 3, 2), document=RENAMED)

    plans = [plan_of([one, SOMEBODY], unmarked) for one in (MOVED, plain)]

    adopted = [next(action for action in plan.actions if action.subject == "P1") for plan in plans]
    assert [str(action.kind) for action in adopted] == ["adopt", "adopt"]
    assert [action.address for action in adopted] == ["thanhnn.snv@ninhbinh.gov.vn", "thanhnn.skhcn@ninhbinh.gov.vn"]
    assert ("NB-15", "31/QĐ-UBND") in [(reason.rule, reason.document) for reason in adopted[0].because]
    assert "needs-order" in codes(plans[1], "P1")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Phòng R&D (số 1)", "rdso1-skhcn"),
        ("Phòng Kinh tế – Xã hội", "kinhtexahoi-skhcn"),
        ("Phòng 研究", ""),
        ("Phòng " + "Quản lý " * 12, ""),
    ],
)
def test_a_room_of_an_odd_name_has_an_address_or_is_told_why_not(name: str, address: str) -> None:
    """DN-07, Điều 3.1: the name in full; signs that are no letters are left out, what remains unusable is said."""
    danang = world.policy("danang-2017")
    rooms = (
        world.UNITS[0], replace(world.UNITS[1], name=name, mailbox=True),
        replace(world.UNITS[1], unit="snv-vp", parent="snv", name=name), *world.UNITS[3:],
    )  # fmt: skip

    plan = world.plan_of([world.row("P0", "Bùi Văn Lâm", "snv")], units=rooms, with_policy=danang)

    issued = [action.address for action in plan.actions if action.subject == "unit:skhcn-vp"]
    assert issued == ([f"{address}@danang.gov.vn"] if address else [])
    assert bool(address) or world.codes(plan, "unit:skhcn-vp") == ["unknown-unit"]
