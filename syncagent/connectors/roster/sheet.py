"""A sheet and the strings it shares, from XML events to rows. Nothing stays that a row does not need.

Numbers keep their digits: they are taken as they are written in the file, never as binary fractions, and a
format of zeros pads them as the screen does. ECMA-376 part 1, §18.3 (sheets), §18.4 (strings).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from syncagent.connectors.roster.archive import MOST_COLUMNS
from syncagent.connectors.roster.table import Record, Unreadable
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncagent.connectors.roster.archive import Archive
    from syncagent.connectors.roster.table import Cell

Style = int
PLAIN: Style = 0
DATE: Style = -1
"""How a number is read: as it is, as a day, or (above zero) padded with zeros to so many digits."""

FIRST_DAY = date(1899, 12, 31)
FIRST_DAY_1904 = date(1904, 1, 1)
"""The day of number 0 in the two calendars of Excel."""
_LEAP_DAY = 60
"""Day 60 of the first calendar is 29/02/1900, which never was."""

_MOST_ROWS = 1_048_576
_LONGEST_CELL = 32_767
"""What Excel itself allows (Microsoft, “Excel specifications and limits”)."""
_MOST_STRINGS = 1_500_000
"""What bounds memory; a hundred thousand people of fifteen columns have at most as many texts."""
_MOST_DIGITS = 30
_LONGEST_REFERENCE = 10

_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?")
_ESCAPE = re.compile(r"_x(00(?:0[1-9A-Fa-f]|1[0-9A-Fa-f]|5[Ff]))_")

_NO_VALUE = Unreadable(
    Text(
        "có công thức chưa được tính; hãy mở tệp bằng Excel, tính lại và lưu, hoặc dán giá trị",
        "holds a formula without a value; open the file in Excel, recalculate and save, or paste values",
    )
)
_NO_DATE = Unreadable(Text("có ngày không hợp lệ", "holds an impossible date"))
_NO_NUMBER = Unreadable(Text("có số không đọc được", "holds an unreadable number"))


@dataclass(frozen=True, slots=True)
class Book:
    """What all sheets of a workbook share."""

    archive: Archive
    strings: Sequence[str]
    styles: Sequence[Style]
    first_day: date


def rows_of(book: Book, part: str) -> Iterator[Record]:
    """Yield the rows of a sheet, each with its number in the sheet.

    Raises:
        Misconfigured: the sheet is damaged or spun out absurdly.
    """
    rows = _Rows(book)
    for _ in book.archive.events(part, rows):
        yield from rows.found
        rows.found.clear()
    yield from rows.found


def strings_of(archive: Archive, part: str) -> list[str]:
    """Return the shared strings of a workbook.

    Raises:
        Misconfigured: the part is damaged or holds more strings than people could need.
    """
    strings = _Strings(archive)
    archive.read(part, strings)
    return strings.found


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

    def __init__(self, book: Book) -> None:
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
            self._column = _column(attributes.get("r", "")) or self._column + 1
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
            self._begin(int(attributes.get("r", self._line + 1)))
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
            self.found.append(Record(self._line, self._cells))
        elif name == "rPh":
            self._reading = False

    def _begin(self, line: int) -> None:
        if line > _MOST_ROWS:
            raise self._book.archive.too_large()
        if line <= self._line:
            raise self._book.archive.broken()
        self._line = line
        self._cells = []
        self._column = 0

    def _add(self, cell: Cell) -> None:
        """Put a cell into its column; empty ones are left out at the end of a row, as in most files."""
        if cell == "":
            return
        gap = self._column - len(self._cells) - 1
        if self._column > MOST_COLUMNS:
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
            return self._book.strings[_index(text)]
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
        style = self._book.styles[self._style] if self._book.styles else PLAIN
        if style == PLAIN and text.isdecimal() and len(text) <= _MOST_DIGITS:
            return int(text)
        try:
            number = Decimal(text)
        except InvalidOperation:
            return _NO_NUMBER
        if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
            return _NO_NUMBER
        if style == DATE:
            return self._date(int(number))
        if number != int(number):
            return f"{number:f}"
        return str(int(number)).zfill(style) if style else int(number)

    def _date(self, days: int) -> Cell:
        first = self._book.first_day
        if first == FIRST_DAY and days >= _LEAP_DAY:
            days = days - 1 if days > _LEAP_DAY else -1
        try:
            return first + timedelta(days) if days >= 0 else _NO_DATE
        except OverflowError:
            return _NO_DATE


def _column(reference: str) -> int:
    """Given the address of a cell, as `AB12`, return its column from 1; some programs leave addresses out."""
    column = 0
    for char in reference[:_LONGEST_REFERENCE].rstrip("0123456789"):
        column = column * 26 + ord(char) - 64
    return column


def _index(text: str) -> int:
    """Return the place of a shared string.

    Raises:
        IndexError: it is below zero, which Python would count from the end.
    """
    index = int(text)
    if index < 0:
        raise IndexError(index)
    return index


def _day(text: str) -> Cell:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return _NO_DATE


def _error(text: str) -> Unreadable:
    shown = text if _ERROR.fullmatch(text) else "#?"
    return Unreadable(Text(f"báo lỗi {shown} của Excel", f"shows the error {shown} of Excel"))


def _unescaped(text: str) -> str:
    """Return a text with `_x000D_` as the character it stands for (ECMA-376 part 1, §22.9.2.19)."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
