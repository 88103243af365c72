"""Workbooks give the digits and days that the screen shows, whoever wrote them."""

from __future__ import annotations

import datetime as dt
import io
from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import pytest
from rosters import CANONICAL, HEADINGS, VIETNAMESE, book, package, rows

from syncagent.connectors.roster.table import Unreadable
from syncagent.connectors.roster.xlsx import read_xlsx
from syncagent.errors import Misconfigured

if TYPE_CHECKING:
    from syncagent.connectors.roster.table import Cell, Table

STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="000000000000"/>'
    '<numFmt numFmtId="165" formatCode="[$-42A]dd/mm/yyyy;@"/><numFmt numFmtId="168" formatCode="0"/>'
    '<numFmt numFmtId="166" formatCode="&quot;md&quot;0.0"/><numFmt numFmtId="167" formatCode="00000;@"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="165"/><xf numFmtId="166"/>'
    '<xf numFmtId="167"/><xf numFmtId="168"/></cellXfs><cellStyles><cellStyle xfId="0"/></cellStyles>'
)
PADDED, BUILT_IN, CUSTOM, DECIMAL, SHORT, WHOLE = range(1, 7)


def _table(parts: dict[str, str | bytes]) -> Table:
    return read_xlsx(package(parts), "people.xlsx", CANONICAL.people)


def _cell(cell: str, **options: str | bool) -> Cell:
    """Return what a cell of the first column of a person is read as."""
    parts = book(
        rows(HEADINGS, [cell, "An", "u", "working"]),
        styles=STYLES,
        strings="<si><t>một</t></si><si><r><t>h</t></r><r><t xml:space='preserve'>ai </t></r><rPh><t>x</t></rPh></si>",
        date1904=bool(options.get("date1904")),
    )
    (record,) = _table(parts).records
    return record.cells[0]


def _refusal(parts: dict[str, str | bytes]) -> Misconfigured:
    with pytest.raises(Misconfigured) as refused:
        list(_table(parts).records)
    return refused.value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c t="s"><v>0</v></c>', "một"),
        ('<c t="s"><v>1</v></c>', "hai "),
        ('<c t="str"><v>chuỗi</v></c>', "chuỗi"),
        ('<c t="str"><f>A1</f><v></v></c>', ""),
        ('<c t="inlineStr"><is><t>a</t><rPh><t>x</t></rPh><r><t>b</t></r></is></c>', "ab"),
        ('<c t="inlineStr"><is><t>a_x000D_b_x005F_c_xD800_</t></is></c>', "a\rb_c_xD800_"),
        ('<c t="b"><v>1</v></c>', "true"),
        ('<c t="b"><v>0</v></c>', "false"),
        ("<c><v>7</v></c>", 7),
        ("<c><f>3+4</f><v>7</v></c>", 7),
        ("<c><v>37201001234</v></c>", 37201001234),
        ("<c><v>1.2345678901E+11</v></c>", 123456789010),
        ("<c><v>123456789012.0</v></c>", 123456789012),
        ("<c><v>-3</v></c>", -3),
        ("<c><v>0.1</v></c>", "0.1"),
        (f'<c s="{PADDED}"><v>37201001234</v></c>', "037201001234"),
        (f'<c s="{PADDED}"><v>3.7201001234E10</v></c>', "037201001234"),
        (f'<c s="{SHORT}"><v>42</v></c>', "00042"),
        (f'<c s="{WHOLE}"><v>42</v></c>', 42),
        (f'<c s="{DECIMAL}"><v>42</v></c>', 42),
        (f'<c s="{BUILT_IN}"><v>45717</v></c>', date(2025, 3, 1)),
        (f'<c s="{CUSTOM}"><v>45717.75</v></c>', date(2025, 3, 1)),
        (f'<c s="{CUSTOM}"><v>1</v></c>', date(1900, 1, 1)),
        (f'<c s="{CUSTOM}"><v>59</v></c>', date(1900, 2, 28)),
        (f'<c s="{CUSTOM}"><v>61</v></c>', date(1900, 3, 1)),
        ('<c t="d"><v>2025-03-01T00:00:00</v></c>', date(2025, 3, 1)),
    ],
)
def test_a_cell_is_read_as_it_is_shown(cell: str, value: Cell) -> None:
    """Strings of every kind, numbers with all digits and their zeros, days of both notations."""
    assert _cell(cell) == value


def test_the_calendar_of_1904() -> None:
    """Workbooks of old Macintosh programs count days from 1904."""
    assert _cell(f'<c s="{CUSTOM}"><v>0</v></c>', date1904=True) == date(1904, 1, 1)
    assert _cell(f'<c s="{CUSTOM}"><v>44255</v></c>', date1904=True) == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ('<c t="e"><v>#N/A</v></c>', "error #N/A"),
        ('<c t="e"><v>#DIV/0!</v></c>', "error #DIV/0!"),
        ('<c t="e"><v>037201001234</v></c>', "error #?"),
        ("<c><f>1+1</f></c>", "formula without a value"),
        ("<c><f>1+1</f><v></v></c>", "formula without a value"),
        (f'<c s="{CUSTOM}"><v>60</v></c>', "impossible date"),
        (f'<c s="{CUSTOM}"><v>-1</v></c>', "impossible date"),
        (f'<c s="{CUSTOM}"><v>99999999</v></c>', "impossible date"),
        ('<c t="d"><v>2025-02-30</v></c>', "impossible date"),
        ("<c><v>abc</v></c>", "unreadable number"),
        ("<c><v>NaN</v></c>", "unreadable number"),
        ("<c><v>1E+999999</v></c>", "unreadable number"),
        ("<c><v>1E-999999</v></c>", "unreadable number"),
    ],
)
def test_a_cell_without_value_says_why(cell: str, says: str) -> None:
    """Errors, formulas nobody calculated, impossible dates and numbers are not taken for empty cells."""
    found = _cell(cell)

    assert isinstance(found, Unreadable)
    assert says in found.why.en


@pytest.mark.parametrize(
    "row",
    [
        '<row><c t="s"><v>9</v></c></row>',
        '<row><c t="s"><v>-1</v></c></row>',
        '<row><c s="99"><v>1</v></c></row>',
        '<row r="x"/>',
        '<row r="1"/>',
        '<row><c r="B3" t="str"><v>b</v></c><c r="A3" t="str"><v>a</v></c></row>',
    ],
)
def test_a_sheet_that_contradicts_itself_is_refused(row: str) -> None:
    """Strings and styles that are not there, rows and cells out of order: the program that wrote it is broken."""
    assert "cut or damaged" in _refusal(book(rows(HEADINGS) + row, strings="<si/>", styles=STYLES)).says.en


def test_rows_know_their_number_and_cells_their_column() -> None:
    """Empty cells and rows may be left out or written; addresses count where there are any."""
    data = (
        '<row r="3"><c r="A3" t="str"><v>person_id</v></c><c t="str"><v>full_name</v></c>'
        '<c r="D3" t="str"><v>status</v></c>'
        '<c r="F3" t="str"><v>unit</v></c><c r="G3"/></row><row r="4"/><row r="5"><c r="A5" s="0"/><c r="ZZ5"/></row>'
        '<row r="7"><c r="B7" t="str"><v>An</v></c></row>'
        '<row><c t="str"><v>P2</v></c><c/><c/><c t="str"><v>left</v></c></row>'
    )
    table = _table(book(data))

    assert table.at == {"person_id": 0, "full_name": 1, "status": 3, "unit": 5}
    assert [(record.line, list(record.cells)) for record in table.records] == [
        (7, ["", "An", "", "", "", ""]),
        (8, ["P2", "", "", "left", "", ""]),
    ]


def test_a_cell_beside_the_headings_is_refused() -> None:
    """A value no heading names is a displaced row."""
    fault = _refusal(book(rows(HEADINGS, ["P1", "An", "u", "working", "x"])))

    assert "5 cells, more than the 4 headings" in fault.says.en
    assert fault.where == "people.xlsx:2"


# ── which sheet ──────────────────────────────────────────────────────────────

PEOPLE = rows(HEADINGS, ["P1", "An", "u", "working"])
OTHER = rows(["unit", "name"], ["u", "Sở"])


@pytest.mark.parametrize(
    "parts",
    [book(PEOPLE), book(OTHER, PEOPLE), book("", PEOPLE), book(PEOPLE, PEOPLE, states=["hidden"]), book(PEOPLE, OTHER)],
)
def test_the_sheet_whose_headings_fit(parts: dict[str, str | bytes]) -> None:
    """Wherever it stands; empty and hidden sheets do not count."""
    assert [record.cells[0] for record in _table(parts).records] == ["P1"]


def test_the_sheet_that_fits_better() -> None:
    """Of two sheets with the required columns, the one with more of the known columns is meant."""
    better = rows([*HEADINGS, "rank"], ["P2", "Bình", "u", "working", "3"])

    assert [record.cells[0] for record in _table(book(PEOPLE, better)).records] == ["P2"]


def test_two_sheets_that_fit_alike_are_refused() -> None:
    """One sheet per unit is common; reading the first only would lose everybody else."""
    assert "“Sheet1”, “Sheet3”" in _refusal(book(PEOPLE, OTHER, PEOPLE)).says.en


def test_no_sheet_that_fits() -> None:
    """Then the headings of the best are named; a number is no heading, and no digit is shown."""
    fault = _refusal(book(rows(["<c><v>37201001234</v></c>", "status", "Lớp 12"])))

    assert "person_id, full_name, unit; found: “”, “status”, “Lớp ##”" in fault.says.en


# ── what others write ────────────────────────────────────────────────────────


def test_workbooks_of_openpyxl_are_read_as_openpyxl_reads_them() -> None:
    """An independent reader finds the same values, cell for cell."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["Số hiệu", "Họ và tên", "Đơn vị", "Trạng thái", "Ngày sinh", "Cấp bậc", "Ngày ký", "Ghi chú"])
    for number in range(200):
        day = date(1960, 1, 1) + dt.timedelta(days=97 * number)
        moment = dt.datetime(2025, 3, 1, 13, 30)  # noqa: DTZ001 - workbooks know no time zones
        sheet.append([f"P{number}", "Đặng Thị Hoà", "u", "Đang làm việc", day, number, moment, "<&>\n\t  x"])
        sheet.cell(number + 2, 7).number_format = "dd/mm/yyyy hh:mm"
    buffer = io.BytesIO()
    workbook.save(buffer)

    table = read_xlsx(buffer.getvalue(), "people.xlsx", VIETNAMESE.people)

    theirs = openpyxl.load_workbook(io.BytesIO(buffer.getvalue()), read_only=True).worksheets[0]
    assert [list(record.cells) for record in table.records] == [
        [value.date() if isinstance(value, dt.datetime) else value for value in row]
        for row in theirs.iter_rows(min_row=2, values_only=True)
    ]
