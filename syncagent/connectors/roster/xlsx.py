"""XLSX: the visible sheet whose headings fit, as a table (ECMA-376 part 1, §18.2 workbook, §18.8 styles)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.roster.archive import Archive, Elements
from syncagent.connectors.roster.sheet import (
    DATE,
    FIRST_DAY,
    FIRST_DAY_1904,
    PLAIN,
    Book,
    rows_of,
    strings_of,
)
from syncagent.connectors.roster.table import misfit, table

if TYPE_CHECKING:
    from syncagent.connectors.roster.sheet import Style
    from syncagent.connectors.roster.table import Record, Table
    from syncagent.mapping.columns import Columns

_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of the built-in formats that show a date or time, those of East Asian editions among them."""
_NOT_SHOWN = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_LONGEST_CODE = 255
_DATE_LETTERS = re.compile(r"[dmyDMY]")


class _Sheet(NamedTuple):
    name: str
    part: str


class _Head(NamedTuple):
    """The first line of a sheet that holds anything, and how badly it fits."""

    misfit: tuple[int, int]
    sheet: _Sheet
    record: Record


def read_xlsx(data: bytes, file: str, columns: Columns) -> Table:
    """Given the bytes of a workbook, return the visible sheet whose headings fit as a table.

    Raises:
        Misconfigured: the archive is refused; several sheets fit equally well; a required column is missing.
    """
    archive = Archive(data, file)
    main = next((one.part for one in archive.relations("") if one.kind == "officeDocument"), "")
    relations = archive.relations(main)
    parts = {kind: one.part for one in relations if (kind := one.kind) in {"sharedStrings", "styles"}}
    found = Elements("sheet", "workbookPr")
    archive.read(main, found)
    old_calendar = any(attributes.get("date1904") in {"1", "true"} for _, attributes in found.found)
    book = Book(
        archive,
        strings_of(archive, parts["sharedStrings"]) if "sharedStrings" in parts else (),
        _styles(archive, parts["styles"]) if "styles" in parts else (),
        FIRST_DAY_1904 if old_calendar else FIRST_DAY,
    )
    worksheets = {one.id: one.part for one in relations if one.kind == "worksheet"}
    heads: list[_Head] = []
    for _, attributes in found.found:
        key = next((value for name, value in attributes.items() if name.endswith("}id")), "")
        if key in worksheets and attributes.get("state", "visible") == "visible":
            sheet = _Sheet(attributes.get("name", ""), worksheets[key])
            record = next((row for row in rows_of(book, sheet.part) if any(row.cells)), None)
            if record is not None:
                heads.append(_Head(misfit(record, columns), sheet, record))
    if not heads:
        raise archive.refused("không có trang tính nào có dữ liệu", "has no sheet that holds anything")
    best = min(heads, key=lambda head: head.misfit)
    rivals = [head.sheet.name for head in heads if head.misfit == best.misfit]
    if not best.misfit[0] and len(rivals) > 1:
        names = ", ".join(f"“{name}”" for name in rivals)
        raise archive.refused(
            f"có nhiều trang tính cùng tiêu đề ({names}); hãy gộp thành một trang",
            f"has several sheets with the same headings ({names}); join them into one",
        )
    below = (row for row in rows_of(book, best.sheet.part) if row.line > best.record.line)
    return table(file, columns, best.record, below, sparse=True)


def _styles(archive: Archive, part: str) -> list[Style]:
    """Return how the number of each cell format (`xf` of `cellXfs`) is read."""
    elements = Elements("numFmt", "cellStyleXfs", "cellXfs", "xf")
    archive.read(part, elements)
    codes: dict[str, str] = {}
    styles: list[Style] = []
    of_cells = False
    for name, attributes in elements.found:
        number = attributes.get("numFmtId", "0")
        if name == "numFmt":
            codes[number] = attributes.get("formatCode", "")
        elif name != "xf":
            of_cells = name == "cellXfs"
        elif of_cells:
            styles.append(_style(number, codes.get(number, "")))
    return styles


def _style(number: str, code: str) -> Style:
    shown = _NOT_SHOWN.sub("", code[:_LONGEST_CODE].partition(";")[0]).strip()
    if len(shown) > 1 and not shown.strip("0"):
        return len(shown)
    if _DATE_LETTERS.search(shown) or (not code and number.isdecimal() and int(number) in _DATES):
        return DATE
    return PLAIN
