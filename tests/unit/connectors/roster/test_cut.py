"""A cut export is refused or gives fewer whole rows: never a row that the whole file does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rosters import CANONICAL, HEADINGS, as_csv, book, package, rows

from syncagent.connectors.roster.convert import people_of
from syncagent.connectors.roster.csv_text import read_csv
from syncagent.connectors.roster.xlsx import read_xlsx
from syncagent.errors import Doubtful, Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncagent.connectors.roster.table import Table
    from syncagent.core.person import PersonRow
    from syncagent.mapping.columns import Columns

PEOPLE = [
    [*HEADINGS, "event", "effective_date", "decision_number", "contact"],
    ["P1", "Nguyễn Văn Dũng", "skhcn", "working", "recruited", "01/02/2024", "1/QĐ", "phòng 1,\r\ntầng 2"],
    ["P1", "Nguyễn Văn Dũng", "snv", "working", "transferred", "01/02/2026", '2/QĐ "hoả tốc"', ""],
    ["P1", "Nguyễn Văn Dũng", "snv", "left", "retired", "01/02/2027", "3/QĐ", "a\nb\nc"],
    ["P2", "Đặng Thị Hoà", "skhcn", "working", "", "", "", '"'],
    ["P3", "Lê Ư", "snv", "left", "died", "10/03/2026", "4/QĐ", ""],
]


def _people(read: Callable[[bytes, str, Columns], Table], data: bytes) -> tuple[PersonRow, ...] | None:
    """Return the rows of a file, or None if it is refused."""
    try:
        return people_of(read(data, "people", CANONICAL.people), None)
    except (Misconfigured, Doubtful):
        return None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(("delimiter", "end"), [(",", "\r\n"), (";", "\n")])
def test_a_list_cut_at_any_byte(encoding: str, delimiter: str, end: str) -> None:
    """At every byte: refused, or the first rows of the whole file, each with the same line and the same values."""
    whole = as_csv(PEOPLE, delimiter, end).encode(encoding)
    everybody = _people(read_csv, whole)
    assert everybody is not None
    assert len(everybody) == 5

    found = [_people(read_csv, whole[:cut]) for cut in range(len(whole))]

    passed = [some for some in found if some is not None]
    assert all(some == everybody[: len(some)] for some in passed)
    assert {len(some) for some in passed} >= {0, 1, 2, 3, 4}
    assert len(passed) <= 2 * len(PEOPLE)


def test_a_workbook_cut_at_any_byte() -> None:
    """A workbook has its directory at the end: whatever is missing, it is refused."""
    whole = package(book(rows(*PEOPLE)))
    everybody = _people(read_xlsx, whole)
    assert everybody is not None
    assert len(everybody) == 5

    cuts = [*range(0, len(whole), 5), len(whole) - 22, len(whole) - 1]

    assert not [cut for cut in cuts if _people(read_xlsx, whole[:cut]) is not None]
