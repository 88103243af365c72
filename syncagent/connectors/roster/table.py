"""A roster file as a table: headings found, and records that have a cell for each of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.roster.legacy import decode
from syncagent.errors import Misconfigured
from syncagent.mapping.columns import spelling
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from syncagent.mapping.columns import Columns


class Unreadable(NamedTuple):
    """A cell that holds no value; `why` goes on after the name of its column."""

    why: Text


Cell = str | int | date | Unreadable
"""A text file has texts only; a workbook has numbers, days and errors, too."""


class Record(NamedTuple):
    """One row; `line` is where it begins in the file, counted from 1."""

    line: int
    cells: Sequence[Cell]


class Table(NamedTuple):
    """A file whose headings fit: where each column stands, how it is headed, and the rows below."""

    file: str
    columns: Columns
    at: Mapping[str, int]
    headings: Sequence[str]
    records: Iterator[Record]


class _Fit(NamedTuple):
    """How a line of headings agrees with the columns of a part; `doubled` names headings of one column."""

    at: Mapping[str, int]
    missing: tuple[str, ...]
    doubled: tuple[str, ...]


def misfit(headings: Record | None, columns: Columns) -> tuple[int, int]:
    """Return how badly a line of headings fits: required columns missing, then the fewest columns found."""
    if headings is None:
        return len(columns.required) + 1, 0
    found = _fit(_names(headings), columns)
    return len(found.missing), -len(found.at)


def table(file: str, columns: Columns, headings: Record, records: Iterable[Record], *, sparse: bool) -> Table:
    """Given a line of headings and the records below it, return the table.

    Args:
        file: its name, for messages.
        columns: what the headings may be.
        headings: the first line that is not empty.
        records: the lines below, read as they are asked for.
        sparse: whether the file leaves out cells that are empty, as workbooks do.

    Raises:
        Misconfigured: a required column is missing or a column stands there twice; later, while the records
            are read, a record has more or fewer cells than there are headings.
    """
    names = _names(headings)
    found = _fit(names, columns)
    if found.missing:
        title = Text("", "")
        if not found.at:
            title = Text(
                " Dòng đầu tiên của tệp phải là dòng tiêu đề cột: hãy xóa các dòng tên bảng ở phía trên.",
                " The first line of the file must be the headings: delete the lines of titles above them.",
            )
        raise Misconfigured(
            Text(
                f"Thiếu cột bắt buộc {', '.join(found.missing)}; các cột tìm thấy: {_shown(names)}. Hãy sửa "
                f"tiêu đề hoặc khai báo tiêu đề trong bảng ánh xạ cột (roster.columns).{title.vi}",
                f"Required columns are missing: {', '.join(found.missing)}; found: {_shown(names)}. Correct "
                f"the headings or name them in the column map (roster.columns).{title.en}",
            ),
            where=f"{file}:{headings.line}",
        )
    if found.doubled:
        raise Misconfigured(
            Text(
                f"Nhiều tiêu đề cùng chỉ một cột: {_shown(found.doubled)}. Hãy bỏ bớt cột trong tệp hoặc "
                "sửa bảng ánh xạ cột (roster.columns).",
                f"Several headings mean one column: {_shown(found.doubled)}. Drop one from the file or "
                "change the column map (roster.columns).",
            ),
            where=f"{file}:{headings.line}",
        )
    return Table(file, columns, found.at, names, _whole(file, len(names), records, sparse=sparse))


def _names(headings: Record) -> list[str]:
    """Return the headings as texts, up to the last that is not empty; numbers are no headings."""
    names = [cell if isinstance(cell, str) else "" for cell in headings.cells]
    while names and not names[-1].strip():
        names.pop()
    return names


def _fit(names: Sequence[str], columns: Columns) -> _Fit:
    """Return which column stands where. Unknown headings are passed over."""
    at: dict[str, int] = {}
    doubled: list[str] = []
    encodings = sorted(set(columns.encodings.values()))
    for position, name in enumerate(names):
        written = [name, *(decode(name, encoding) for encoding in encodings)]
        column = next((columns.headings[key] for text in written if (key := spelling(text)) in columns.headings), None)
        if column is None:
            continue
        if column in at:
            doubled += [names[at[column]], name]
        else:
            at[column] = position
    return _Fit(at, tuple(column for column in columns.required if column not in at), tuple(doubled))


def _whole(file: str, width: int, records: Iterable[Record], *, sparse: bool) -> Iterator[Record]:
    """Yield the records that hold anything, each with a cell for every heading."""
    for record in records:
        cells = record.cells
        count = len(cells)
        if count != width or not cells[0]:
            if not any(cells):
                continue
            if count > width and any(cells[width:]):
                raise _shape(file, record, width, Text("nhiều hơn", "more"))
            if count < width and not sparse:
                raise _shape(file, record, width, Text("ít hơn", "fewer"))
            if count < width:
                yield Record(record.line, [*cells, *[""] * (width - count)])
                continue
        yield record


def _shape(file: str, record: Record, width: int, than: Text) -> Misconfigured:
    count = len(record.cells)
    return Misconfigured(
        Text(
            f"Dòng có {count} ô, {than.vi} {width} tiêu đề: tệp bị cắt hoặc hỏng. Hãy xuất lại.",
            f"The line has {count} cells, {than.en} than the {width} headings: cut or damaged. Export it again.",
        ),
        where=f"{file}:{record.line}",
    )


_MOST_SHOWN = 30
_LONGEST_SHOWN = 40
_HIDE_DIGITS = dict.fromkeys(range(ord("0"), ord("9") + 1), "#")


def _shown(headings: Sequence[str]) -> str:
    """Return headings for a message, without digits: a file without headings has a person in that line."""
    texts = [f"“{_printable(text)[:_LONGEST_SHOWN].translate(_HIDE_DIGITS)}”" for text in headings[:_MOST_SHOWN]]
    return ", ".join(texts) + (", …" if len(headings) > _MOST_SHOWN else "")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
