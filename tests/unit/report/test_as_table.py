"""A table in four forms: nothing in a cell becomes markup, a formula, a command or an identification number."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from plans import HOSTILE

from syncagent.report import as_table
from syncagent.report.table import Table, said
from syncagent.text import Text

COLUMNS = (Text("Họ tên", "Name"), Text("Số", "Count"))
TITLE = Text("Báo cáo thử, ngày 10/03/2026", "Trial report, on 2026-03-10")
NOTE = Text("Căn cứ Điều 11 khoản 5.", "Ground: Điều 11 khoản 5.")


def _table(*cells: str, notes: tuple[Text, ...] = (NOTE,)) -> Table:
    return Table(TITLE, COLUMNS, tuple((said(cell), Text("1.234", "1,234")) for cell in cells), notes)


def test_text_is_aligned_and_cuts_nothing() -> None:
    """Columns stand under their headings, figures to the right, the notes below; wide letters count twice."""
    shown = as_table.text(_table("Đặng Thị Hòa", "山田"), "vi")

    assert shown == (
        "Báo cáo thử, ngày 10/03/2026\n\n"
        "Họ tên           Số\n"
        "────────────  ─────\n"
        "Đặng Thị Hòa  1.234\n"
        "山田          1.234\n\n"
        "Căn cứ Điều 11 khoản 5."
    )


def test_an_empty_table_says_so_in_every_form() -> None:
    """No row is an answer, too; without notes there is no list of notes."""
    empty = _table(notes=())

    assert as_table.text(empty, "en") == "Trial report, on 2026-03-10\n\nNothing to list."
    assert as_table.comma_separated(empty, "en") == '\ufeff"Name","Count"\n'
    page = as_table.page(empty, "en")
    assert "Nothing to list." in page
    assert "<table>" not in page
    assert '<ul class="notes">' not in page
    assert list(load_workbook(BytesIO(as_table.workbook(empty, "en")))["Report"].values) == [("Name", "Count")]


def test_csv_opens_in_a_spreadsheet_as_it_is() -> None:
    """UTF-8 with its mark, every cell quoted, head and rows only, in the reader's language."""
    written = as_table.comma_separated(_table('Tên "lạ", Hòa'), "vi")

    assert written == '\ufeff"Họ tên","Số"\n"Tên ""lạ"", Hòa","1.234"\n'


@pytest.mark.parametrize("cell", ["=1+1", "+84", "-2+3", "@SUM(A1)", "  =1+1", "＝1+1", "=cmd|'/c calc'!A1"])
def test_no_cell_of_a_csv_is_a_formula(cell: str) -> None:
    """What a spreadsheet would calculate gets an apostrophe; the rest of the cell is as it was."""
    row = list(csv.reader(StringIO(as_table.comma_separated(_table(cell), "en"))))[1]

    assert row[0] == f"'{cell}"


@pytest.mark.parametrize("cell", [*HOSTILE, "=1+1", "#N/A", "TRUE", "2026-03-10", ""])
def test_every_cell_of_a_workbook_is_a_text(cell: str) -> None:
    """Neither formula nor error nor date: a text, and quoted so that editing it leaves it one."""
    book = load_workbook(BytesIO(as_table.workbook(_table(cell), "en")))
    sheet = book["Report"]

    assert {one.data_type for row in sheet.iter_rows() for one in row if one.value is not None} == {"s"}
    assert sheet["A2"].quotePrefix
    assert sheet.freeze_panes == "A2"
    assert sheet["B2"].value == "1,234"
    assert list(book["Notes"].values) == [(TITLE.en,), (NOTE.en,)]


@pytest.mark.parametrize("cell", HOSTILE)
def test_nothing_in_a_cell_becomes_markup_or_steers_a_display(cell: str) -> None:
    """HTML is escaped; controls and bidi marks are spelled out in every form."""
    table = Table(said(cell), (said(cell), said(cell)), ((said(cell), said(cell)),), (said(cell),))
    page = as_table.page(table, "vi")
    forms = (page, as_table.text(table, "vi"), as_table.comma_separated(table, "vi")[1:])

    assert not re.search("<(script|svg|img)", page)
    assert page.count("<td>") == 2
    assert not any(re.search("[\u202a-\u202e\x00-\x09\x0b-\x1f\x7f-\x9f]", form) for form in forms)


@pytest.mark.parametrize(("language", "heading"), [("vi", "Họ tên"), ("en", "Name")])
def test_the_page_stands_alone_and_prints(language: str, heading: str) -> None:
    """One file: no script, no address of anything else, its language said, headings that repeat on paper."""
    page = as_table.page(_table("Đặng Thị Hòa"), "vi" if language == "vi" else "en")

    assert f'<html lang="{language}">' in page
    assert f'<th scope="col">{heading}</th>' in page
    assert '<td class="num">' in page
    assert "default-src 'none'" in page
    assert "table-header-group" in page
    assert not re.search(r"<script|https?:|url\(|@import", page)


def test_an_identification_number_in_a_name_is_never_shown() -> None:
    """Law 11: twelve digits that somebody typed into a name leave no trace in any form."""
    table = _table("Hòa 036080001234", notes=(said("036080001234"),))
    book = load_workbook(BytesIO(as_table.workbook(table, "vi")))
    values = [str(value) for sheet in book for row in sheet.values for value in row]
    forms = [as_table.text(table, "vi"), as_table.comma_separated(table, "vi"), as_table.page(table, "vi"), *values]

    assert not any("036080001234" in form for form in forms)
    assert "Hòa …" in values
