"""Which address a subject gets: agreed ones, changes of a name or an abbreviation, and what orders them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import world
from world import TODAY, UNITS, codes, kinds, only, plan_of, request, row

from syncagent.core.action import ActionKind
from syncagent.core.document import Document

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
