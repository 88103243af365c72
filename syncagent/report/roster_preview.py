"""A roster as it was understood, before anything is decided by it: headings, the first rows, and what is wrong.

No personal identifier, no birth date and no telephone is shown: a preview goes by mail like any other table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.names import syllables
from syncagent.core.spoken import EVENTS, STATUSES, UNIT_STATUSES
from syncagent.report.table import NONE, Table
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from syncagent.core.finding import Finding
    from syncagent.core.person import PersonRow
    from syncagent.core.unit import Unit

_PEOPLE = (
    Text("Ở đâu", "Where"), Text("Mã", "Key"), Text("Họ và tên", "Name"), Text("Họ + tên đệm | tên", "Surname | given"),
    Text("Đơn vị", "Unit"), Text("Tình trạng", "Status"), Text("Sự kiện", "Event"), Text("Hiệu lực", "Effective"),
    Text("Văn bản", "Document"), Text("Ngày sinh", "Birth date"), Text("Lỗi của dòng", "Faults of the row"),
)  # fmt: skip
_UNITS = (
    Text("Ở đâu", "Where"), Text("Mã", "Key"), Text("Tên", "Name"), Text("Viết tắt", "Abbreviation"),
    Text("Thuộc", "Below"), Text("Tình trạng", "Status"), Text("Có hộp thư", "Has a mailbox"),
)  # fmt: skip
_YES, _NO, _GIVEN, _MISSING = Text("có", "yes"), Text("không", "no"), Text("đã có", "given"), Text("trống", "empty")


def headings(found: Iterable[tuple[str, Sequence[tuple[str, str]]]]) -> Table:
    """Given how each file heads its columns, return the table of them."""
    rows = [(_same(file), _same(heading), _same(column)) for file, columns in found for heading, column in columns]
    columns = (Text("Tệp", "File"), Text("Tiêu đề trong tệp", "Heading in the file"), Text("Hiểu là", "Read as"))
    return Table(Text("Các cột", "Columns"), columns, tuple(rows), ())


def people(rows: Sequence[PersonRow], units: Mapping[str, str], shown: int) -> Table:
    """Given the rows of people and the names of units by key, return the first of them as they were understood."""
    return Table(
        _first(Text("Người", "People"), shown, len(rows)),
        _PEOPLE,
        tuple(_person(row, units) for row in rows[:shown]),
        (),
    )


def places(units: Sequence[Unit], shown: int) -> Table:
    """Given the units, return the first of them as they were understood."""
    title = Text(
        f"Đơn vị: {min(shown, len(units))} dòng đầu trên {len(units)}", f"Units: first {shown} of {len(units)}"
    )
    return Table(title, _UNITS, tuple(map(_place, units[:shown])), ())


def faults(found: Iterable[Finding]) -> Table:
    """Given what admission found, return one row for each, with file and line."""
    rows = tuple((_same(one.where) if one.where else NONE, _same(one.subject), one.message) for one in found)
    columns = (Text("Ở đâu", "Where"), Text("Của ai", "About"), Text("Điều cần xem", "What to look at"))
    return Table(Text(f"Điều cần xem: {len(rows)}", f"To look at: {len(rows)}"), columns, rows, ())


def _first(what: Text, shown: int, there: int) -> Text:
    return Text(f"{what.vi}: {min(shown, there)} trên {there} dòng", f"{what.en}: {min(shown, there)} of {there} rows")


def _person(row: PersonRow, units: Mapping[str, str]) -> tuple[Text, ...]:
    parted = syllables(row.full_name, row.given_name)
    known = units.get(row.unit)
    return (
        _same(str(row.where)),
        _same(row.person_id),
        _same(row.full_name),
        _same(f"{' '.join(parted.others)} | {parted.ten}") if parted else Text("không tách được", "not to be parted"),
        _same(known) if known else Text(f"{row.unit}: không có trong units", f"{row.unit}: not among the units"),
        STATUSES[row.status],
        EVENTS[row.event] if row.event else NONE,
        _day(row.takes_effect),
        _same(row.document.number) if row.document.number else NONE,
        _GIVEN if row.birth_date else _MISSING,
        Text("; ".join(one.says.vi for one in row.faults), "; ".join(one.says.en for one in row.faults))
        if row.faults
        else NONE,
    )


def _place(unit: Unit) -> tuple[Text, ...]:
    return (
        _same(str(unit.where)),
        _same(unit.unit),
        _same(unit.name),
        _same(unit.abbreviation) if unit.abbreviation else NONE,
        _same(unit.parent) if unit.parent else NONE,
        UNIT_STATUSES[unit.status],
        _YES if unit.mailbox else _NO,
    )


def _day(day: date | None) -> Text:
    return Text(vi(day), day.isoformat()) if day else NONE


def _same(word: str) -> Text:
    return Text(word, word)
