"""A report may be limited to one unit and those below it (NB-41, NB-42: each agency publishes and reports its own)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import world
from offices import PEOPLE, TODAY, changed, column, restamped, settled, view_of

from syncagent.core.outcome import Done, History
from syncagent.core.periods import Period
from syncagent.core.stamp import Reason, State
from syncagent.core.survey import View
from syncagent.report import numbers, passwords, tables

QUARTER = Period.parse("2026-Q1")
ROOM = "Văn phòng Sở Khoa học và Công nghệ"
NOTHING = History(date(2025, 12, 10))


def _limited(within: str) -> View:
    """The office with an unchanged default password, a closed mailbox, and accounts of nobody and of a missing one."""
    accounts, _ = settled()
    accounts = changed(accounts, "P2", must_change=True)
    accounts = restamped(accounts, "P3", state=State.DISABLED, why=Reason.LEFT, since=date(2026, 2, 1))
    stranger = replace(accounts[0], guid="g9", dn=f"CN=x,{world.BASE}", stamp=None, key="", address="x@ninhbinh.gov.vn")
    return replace(view_of([*accounts, stranger], PEOPLE[:3]), within=within)


@pytest.mark.parametrize(
    ("unit", "below"),
    [
        ("skhcn", {"skhcn", "skhcn-vp"}),
        ("skhcn-vp", {"skhcn-vp"}),
        ("giaothuy", {"giaothuy"}),
        ("", {"skhcn", "skhcn-vp", "snv", "giaothuy", "gone"}),
    ],
)
def test_a_unit_stands_for_itself_and_what_lies_below(unit: str, below: set[str]) -> None:
    """The rooms of an agency belong to it; a unit nobody knows belongs to none; no limit means all."""
    view = _limited(unit)

    assert {one for one in ("skhcn", "skhcn-vp", "snv", "giaothuy", "gone") if view.covers(one)} == below


def test_the_lists_of_mailboxes_hold_those_of_the_unit() -> None:
    """NB-41 (Điều 11.5): published, reviewed, with a default password, and no others; the title names the unit."""
    agency, room = _limited("skhcn"), _limited("skhcn-vp")

    assert column(tables.addresses(agency), "Address") == [
        "skhcn@ninhbinh.gov.vn", "thanhnn.skhcn@ninhbinh.gov.vn", "vp.skhcn@ninhbinh.gov.vn",
        "hoadt.skhcn@ninhbinh.gov.vn",
    ]  # fmt: skip
    assert tables.addresses(room).title.vi == (
        f"Danh sách địa chỉ thư điện tử công vụ – Sở Khoa học và Công nghệ › {ROOM}, ngày 10/03/2026"
    )
    assert column(tables.review(room, QUARTER, with_last_use=False), "Name") == [ROOM, "Đặng Thị Hòa"]
    assert column(passwords.default_passwords(room), "Name or mailbox") == [ROOM, "Đặng Thị Hòa"]
    assert passwords.default_passwords(_limited("snv")).rows == ()


def test_the_figures_are_those_of_the_unit() -> None:
    """NB-42 (Điều 11.7): counted, changed and used in the unit; accounts of nobody belong to no unit."""
    made = world.plan_of(PEOPLE).actions
    history = History(NOTHING.since, tuple(Done(TODAY, action) for action in made))
    view = _limited("skhcn")

    counted = numbers.counts(view, QUARTER, history)
    assert set(column(counted, "Agency")) == {"Sở Khoa học và Công nghệ", "Total"}
    assert column(counted, "Issued in the period")[-1] == "2"
    assert "of nobody" not in "".join(note.en for note in counted.notes)
    assert set(column(numbers.changes(view, QUARTER, history), "Unit")) == {
        "Sở Khoa học và Công nghệ", f"Sở Khoa học và Công nghệ › {ROOM}",
    }  # fmt: skip
    used = numbers.usage(view, QUARTER)
    assert column(used, "Agency") == ["Sở Khoa học và Công nghệ", "Total"]
    assert column(used, "People") == ["2", "2"]


def test_the_calendar_of_deletions_is_that_of_the_unit() -> None:
    """A leaver of another unit is not in it, nor is a closed mailbox whose holder is missing there."""
    gone = (*PEOPLE[:2], world.leaver("P3", on=date(2026, 2, 1), full_name="Trần Văn Bình", unit="snv"))
    accounts = restamped(settled()[0], "P3", state=State.DISABLED, why=Reason.LEFT, since=date(2026, 2, 1))
    accounts = restamped(accounts, "P4", state=State.DISABLED, why=Reason.LEFT, since=date(2026, 2, 1))
    view = view_of(accounts, gone)

    def shown(within: str) -> tuple[list[str], bool]:
        table = tables.deletions(replace(view, within=within), world.EMPTY)
        return column(table, "Name or mailbox"), any(note.en.startswith("1 closed") for note in table.notes)

    assert shown("") == (["Trần Văn Bình"], True)
    assert shown("snv") == (["Trần Văn Bình"], False)
    assert shown("giaothuy") == ([], True)
