"""XLSX: the sheet whose headings fit, as records. Read as a stream; a row is gone when it has been taken.

Numbers keep their digits: they are taken as they are written in the file, never as binary fractions, and a format
of zeros pads them as the screen does. ECMA-376 part 1, §18.3 (sheets), §18.4 (strings), §18.8 (styles).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.roster.archive import Archive, Elements
from syncagent.connectors.roster.table import Record, Unreadable, misfit, table
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncagent.connectors.roster.table import Cell, Table
    from syncagent.mapping.columns import Columns

_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 1_000
_LONGEST_CELL = 32_767
"""Rows and characters are what Excel itself allows (Microsoft, “Excel specifications and limits”)."""
_MOST_STRINGS = 1_500_000
_MOST_DIGITS = 30

_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_SHOWN = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_DATE_LETTERS = re.compile(r"[dmyDMY]")
_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FIRST_DAY = date(1899, 12, 31)
_LOTUS_LEAP_DAY = 60
"""Day 60 of the 1900 calendar is 29/02/1900, which never was."""

_NO_VALUE = Unreadable(
    Text(
        "ô có công thức chưa được tính; hãy mở tệp bằng Excel, tính lại và lưu, hoặc dán giá trị",
        "the cell holds a formula without a value; open the file in Excel, recalculate and save, or paste values",
    )
)
_NO_DATE = Unreadable(Text("ô có ngày không hợp lệ", "the cell holds an impossible date"))
_NO_NUMBER = Unreadable(Text("ô có số không đọc được", "the cell holds an unreadable number"))


_Style = int
_PLAIN: _Style = 0
_DATE: _Style = -1
"""How a number is read: as it is, as a day, or (above zero) padded with zeros to so many digits."""


class _Sheet(NamedTuple):
    name: str
    part: str


@dataclass(frozen=True, slots=True)
class _Book:
    """What all sheets of a workbook share."""

    archive: Archive
    sheets: Sequence[_Sheet]
    strings: Sequence[str]
    styles: Sequence[_Style]
    first_day: date


def read_xlsx(data: bytes, file: str, columns: Columns) -> Table:
    """Given the bytes of a workbook, return the visible sheet whose headings fit as a table.

    Raises:
        Misconfigured: the archive is refused; no sheet fits, or several fit equally well; a required column is
            missing.
    """
    book = _book(Archive(data, file))
    heads = [(sheet, head) for sheet in book.sheets if (head := _head(book, sheet)) is not None]
    if not heads:
        raise book.archive.refused("không có trang tính nào có dữ liệu", "has no sheet that holds anything")
    ranked = sorted(heads, key=lambda pair: misfit(pair[1], columns))
    sheet, head = ranked[0]
    best = misfit(head, columns)
    rivals = [other.name for other, its_head in ranked if misfit(its_head, columns) == best]
    if len(rivals) > 1 and not best[0]:
        names = ", ".join(f"“{name}”" for name in rivals)
        raise book.archive.refused(
            f"có nhiều trang tính cùng tiêu đề ({names}); hãy gộp thành một trang",
            f"has several sheets with the same headings ({names}); join them into one",
        )
    return table(
        file, columns, head, (row for row in _rows(book, sheet) if row.line > head.line), sparse=True
    )


def _head(book: _Book, sheet: _Sheet) -> Record | None:
    return next((row for row in _rows(book, sheet) if any(row.cells)), None)


# ── what the sheets share ────────────────────────────────────────────────────


def _book(archive: Archive) -> _Book:
    main = next((one.part for one in archive.relations("") if one.kind == "officeDocument"), "")
    relations = archive.relations(main)
    parts = {one.id: one.part for one in relations if one.kind == "worksheet"}
    found = Elements("sheet", "workbookPr")
    archive.read(main, found)
    sheets: list[_Sheet] = []
    first_day = _FIRST_DAY
    for name, attributes in found.found:
        if name == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            first_day = date(1904, 1, 1)
        key = next((value for attribute, value in attributes.items() if attribute.endswith("}id")), "")
        if name == "sheet" and key in parts and attributes.get("state", "visible") == "visible":
            sheets.append(_Sheet(attributes.get("name", ""), parts[key]))
    strings = next((one.part for one in relations if one.kind == "sharedStrings"), None)
    styles = next((one.part for one in relations if one.kind == "styles"), None)
    return _Book(
        archive,
        sheets,
        _strings(archive, strings) if strings else (),
        _styles(archive, styles) if styles else (),
        first_day,
    )


def _strings(archive: Archive, part: str) -> list[str]:
    handler = _Strings(archive)
    archive.read(part, handler)
    return handler.found


def _styles(archive: Archive, part: str) -> list[_Style]:
    """Return the style of each cell format (`xf` of `cellXfs`), as far as it changes how a number is read."""
    elements = Elements("numFmt", "cellStyleXfs", "cellXfs", "xf")
    archive.read(part, elements)
    codes: dict[str, str] = {}
    styles: list[_Style] = []
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


def _style(number: str, code: str) -> _Style:
    shown = _NOT_SHOWN.sub("", code.partition(";")[0]).strip()
    if shown and not shown.strip("0"):
        return len(shown)
    if _DATE_LETTERS.search(shown) or (not code and number.isdecimal() and int(number) in _BUILT_IN_DATES):
        return _DATE
    return _PLAIN


# ── events to rows ───────────────────────────────────────────────────────────


class _Written:
    """The text of the open element, as far as Excel would allow it."""

    __slots__ = ("_archive", "_length", "_parts", "wanted")

    def __init__(self, archive: Archive) -> None:
        self.wanted = False
        self._archive = archive
        self._parts: list[str] = []
        self._length = 0

    def add(self, text: str) -> None:
        """Take a piece of text, if it is wanted."""
        if self.wanted:
            self._parts.append(text)
            self._length += len(text)
            if self._length > _LONGEST_CELL:
                raise self._archive.too_large()

    def take(self) -> str:
        """Return the whole text and begin anew."""
        self.wanted = False
        text = "".join(self._parts)
        self._parts.clear()
        self._length = 0
        return text


class _Strings:
    """The shared strings: the text of each `si`, without the readings (`rPh`) of East Asian text."""

    def __init__(self, archive: Archive) -> None:
        self.depth = 0
        self.found: list[str] = []
        self._archive = archive
        self._text = _Written(archive)
        self._reading = False
        self.data = self._text.add

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        """Open an element; only the text of `t` counts."""
        self.depth += 1
        name = tag.rpartition("}")[2]
        self._reading = self._reading or name == "rPh"
        self._text.wanted = name == "t" and not self._reading

    def end(self, tag: str) -> None:
        """Close an element; `si` is one string."""
        self.depth -= 1
        self._text.wanted = False
        name = tag.rpartition("}")[2]
        if name == "rPh":
            self._reading = False
        elif name == "si":
            self.found.append(_unescaped(self._text.take()))
            if len(self.found) > _MOST_STRINGS:
                raise self._archive.too_large()


class _Rows:
    """The rows of a sheet; whoever reads takes them away from `found`."""

    def __init__(self, book: _Book) -> None:
        self.depth = 0
        self.found: list[Record] = []
        self._book = book
        self._text = _Written(book.archive)
        self._line = 0
        self._cells: list[Cell] = []
        self._column = 0
        self._type = "n"
        self._style = 0
        self._formula = False
        self._reading = False
        self.data = self._text.add

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element of the sheet's data."""
        self.depth += 1
        name = tag.rpartition("}")[2]
        if name == "c":
            self._column = _column(attributes.get("r", ""), len(self._cells) + 1)
            self._type = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            self._formula = False
        elif name == "v":
            self._text.wanted = True
        elif name == "t":
            self._text.wanted = self._type == "inlineStr" and not self._reading
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._line = int(attributes.get("r", self._line + 1))
            self._cells = []
        elif name == "rPh":
            self._reading = True

    def end(self, tag: str) -> None:
        """Close an element of the sheet's data."""
        self.depth -= 1
        self._text.wanted = False
        name = tag.rpartition("}")[2]
        if name == "c":
            self._add(self._value(self._text.take()))
        elif name == "row":
            if self._line > _MOST_ROWS:
                raise self._book.archive.too_large()
            self.found.append(Record(self._line, self._cells))
        elif name == "rPh":
            self._reading = False

    def _add(self, cell: Cell) -> None:
        """Put a cell into its column; empty ones are left out at the end of a row, as in most files."""
        if cell == "":
            return
        gap = self._column - len(self._cells) - 1
        if self._column > _MOST_COLUMNS:
            raise self._book.archive.too_large()
        if gap < 0:
            raise self._book.archive.broken()
        self._cells += [""] * gap
        self._cells.append(cell)

    def _value(self, text: str) -> Cell:
        kind = self._type
        if self._formula and not text and kind != "str":
            return _NO_VALUE
        if not text:
            return ""
        if kind == "s":
            return self._book.strings[int(text)]
        if kind == "n":
            return self._number(text)
        if kind == "b":
            return "true" if text == "1" else "false"
        if kind == "e":
            return _error(text)
        if kind == "d":
            return _day(text)
        return _unescaped(text)

    def _number(self, text: str) -> Cell:
        style = self._book.styles[self._style] if self._book.styles else _PLAIN
        if style == _PLAIN and text.isdecimal() and len(text) <= _MOST_DIGITS:
            return int(text)
        try:
            number = Decimal(text)
        except InvalidOperation:
            return _NO_NUMBER
        if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
            return _NO_NUMBER
        if style == _DATE:
            return self._date(int(number))
        if number != int(number):
            return f"{number:f}"
        return str(int(number)).zfill(style) if style else int(number)

    def _date(self, days: int) -> Cell:
        first = self._book.first_day
        if first == _FIRST_DAY and days >= _LOTUS_LEAP_DAY:
            days = days - 1 if days > _LOTUS_LEAP_DAY else -1
        try:
            return first + timedelta(days) if days >= 0 else _NO_DATE
        except OverflowError:
            return _NO_DATE


def _rows(book: _Book, sheet: _Sheet) -> Iterator[Record]:
    """Yield the rows of a sheet, each with its number in the sheet."""
    rows = _Rows(book)
    for _ in book.archive.events(sheet.part, rows):
        yield from rows.found
        rows.found.clear()
    yield from rows.found


def _column(reference: str, otherwise: int) -> int:
    """Given the address of a cell, as `AB12`, return its column from 1; some programs leave addresses out."""
    column = 0
    for char in reference.rstrip("0123456789"):
        column = column * 26 + ord(char) - 64
    return column or otherwise


def _day(text: str) -> Cell:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return _NO_DATE


def _error(text: str) -> Unreadable:
    shown = text if _ERROR.fullmatch(text) else "#?"
    return Unreadable(Text(f"ô báo lỗi {shown} của Excel", f"the cell shows the error {shown} of Excel"))


def _unescaped(text: str) -> str:
    """Return a text with `_x000D_` as the character it stands for (ECMA-376 part 1, §22.9.2.19)."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
