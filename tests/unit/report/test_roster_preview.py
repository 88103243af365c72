"""A roster as it was understood, before anything is decided by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from world import UNITS, row

from syncagent.core.document import Document
from syncagent.core.finding import Fault, Finding, FindingCode, Severity
from syncagent.core.person import Event
from syncagent.core.where import Where
from syncagent.report import roster_preview
from syncagent.report.table import Table
from syncagent.text import Text

BIRTH = date(1990, 2, 3)
FAULT = Fault(FindingCode.UNKNOWN_UNIT, Text("ngày không có thật", "no such day"), Where("people.csv", 3))
GOOD = replace(
    row("NB1", "Nguyễn Văn An"),
    birth_date=BIRTH,
    phone="0912345678",
    event=Event.RECRUITED,
    effective_date=date(2026, 3, 16),
    document=Document("5/QĐ", date(2026, 3, 10), "Giám đốc"),
)
BAD = replace(
    row("NB2", "Trần 123", "khong-co"), birth_date=None, effective_date=None, document=Document(), faults=(FAULT,)
)


def _said(table: Table) -> list[list[str]]:
    return [[cell.vi for cell in cells] for cells in table.rows]


def test_the_first_rows_are_shown_as_they_are_read() -> None:
    """How the name is parted, which unit it is, from when on, by which document, and what is wrong with the row."""
    table = roster_preview.people([GOOD, BAD, GOOD], {"skhcn": "Sở Khoa học và Công nghệ"}, 2)

    good, bad = _said(table)
    assert table.title == Text("Người: 2 trên 3 dòng", "People: 2 of 3 rows")
    assert good[1:10] == [
        "NB1", "Nguyễn Văn An", "nguyen van | an", "Sở Khoa học và Công nghệ", "đang làm việc", "tuyển dụng",
        "16/03/2026", "5/QĐ", "đã có",
    ]  # fmt: skip
    assert good[-1] == "–"
    assert bad[3:] == [
        "không tách được", "khong-co: không có trong units", "đang làm việc", "–", "–", "–", "trống",
        "ngày không có thật",
    ]  # fmt: skip


def test_nothing_private_is_shown() -> None:
    """A preview goes by mail: no birth date and no telephone."""
    shown = str(roster_preview.people([GOOD], {}, 9))

    assert "1990" not in shown
    assert "0912345678" not in shown


def test_units_headings_and_faults_have_a_table_each() -> None:
    """Which heading means which column, where each unit belongs, what to look at and in which line."""
    units = roster_preview.places(UNITS, 100)
    columns = roster_preview.headings([("a.csv", [("Họ và tên", "full_name")])])
    found = Finding(FindingCode.UNKNOWN_UNIT, Severity.REVIEW, "NB2", Text("sai", "wrong"), (), "people.csv:3")
    faults = roster_preview.faults([found, replace(found, where="")])

    assert {cells[0] for cells in ([*row[4:5]] for row in _said(units))} >= {"–", "skhcn"}
    assert {row[-1] for row in _said(units)} <= {"có", "không"}
    assert _said(columns) == [["a.csv", "Họ và tên", "full_name"]]
    assert [row[0] for row in _said(faults)] == ["people.csv:3", "–"]
