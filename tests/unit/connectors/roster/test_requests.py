"""Requests to be recorded: a file of them, or one typed in, is read exactly as the roster's own file is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook
from rosters import CANONICAL, VIETNAMESE, as_csv

from syncagent.connectors.roster.read import RosterFile
from syncagent.connectors.roster.requests import WrittenRequests
from syncagent.core.request import RequestKind
from syncagent.errors import Misconfigured, Refused
from syncagent.trust.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from syncagent.connectors.base import RequestSource
    from syncagent.mapping.columns import ColumnMap

NUMBER = "037065012345"
PSEUDONYMS = Pseudonyms(b"0123456789abcdef" * 2)
HEADINGS = ["request_id", "received_on", "kind", "subject", "reason"]
ROW = ["YC-1", "09/03/2026", "lock", NUMBER, "lộ mật khẩu"]


def _source(columns: ColumnMap = CANONICAL, kept: RosterFile | None = None) -> RequestSource:
    return WrittenRequests(columns.requests, kept, PSEUDONYMS.of)


def _write(folder: Path, *rows: list[str]) -> Path:
    path = folder / "letters.csv"
    path.write_text(as_csv([HEADINGS, *rows]), encoding="utf-8")
    return path


def test_a_file_is_read_as_the_rosters_own(tmp_path: Path) -> None:
    """NB-40, Điều 11.4: the agency's list; an identification number is a pseudonym at once, the line is known."""
    found = _source().read(_write(tmp_path, ROW))

    assert [(one.request_id, one.received_on, one.kind) for one in found] == [
        ("YC-1", date(2026, 3, 9), RequestKind.LOCK)
    ]
    assert found[0].subject == PSEUDONYMS.of(NUMBER)
    assert str(found[0].where) == "letters.csv:2"


def test_a_workbook_is_read_too(tmp_path: Path) -> None:
    """The list may come as XLSX, with the headings of the column map."""
    book = Workbook()
    assert book.active
    book.active.append(HEADINGS)
    book.active.append(ROW)
    book.save(tmp_path / "letters.XLSX")

    assert [one.request_id for one in _source().read(tmp_path / "letters.XLSX")] == ["YC-1"]


def test_one_faulty_row_refuses_the_file(tmp_path: Path) -> None:
    """All or none: every fault with its line, none of them with the number that stands where it must not."""
    path = _write(tmp_path, ROW, ["YC-2", "10/03/2026", "lock", "P1", f"số {NUMBER}"], ["YC-3", "", "khóa?", "P1", ""])

    with pytest.raises(Misconfigured) as refused:
        _source().read(path)

    *lines, outcome = refused.value.lines("en")
    assert [line.split(" ")[0] for line in lines] == ["letters.csv:3:"] + ["letters.csv:4:"] * 2
    assert outcome == "No row was recorded; correct the file, then import it again."
    assert NUMBER not in "".join(lines)


def test_other_files_are_not_read(tmp_path: Path) -> None:
    """Only what a roster may be written in."""
    with pytest.raises(Misconfigured, match=r"\.csv and \.xlsx"):
        _source().read(tmp_path / "letters.pdf")


def test_what_is_typed_is_read_as_a_row() -> None:
    """Days as clerks write them, kinds in the words of the column map, blanks tidied, a number as its pseudonym."""
    values = {"request_id": "YC-9", "received_on": "09/03/2026", "kind": "tạm khóa", "subject": "037 065 012 345"}

    found = _source(VIETNAMESE).typed({**values, "reason": " lộ  mật khẩu "})

    assert (found.kind, found.subject, found.reason) == (RequestKind.LOCK, PSEUDONYMS.of(NUMBER), "lộ mật khẩu")
    assert (found.received_on, found.until, found.value) == (date(2026, 3, 9), None, "")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("received_on", "30/02/2026"),
        ("received_on", ""),
        ("kind", "xóa sổ"),
        ("subject", "37065012345"),
        ("reason", f"người có số {NUMBER}"),
        ("document_number", NUMBER),
        ("from_address", f"{NUMBER}@gmail.com"),
        ("request_id", NUMBER),
    ],
)
def test_what_is_typed_wrong_is_refused_without_repeating_it(column: str, value: str) -> None:
    """Nothing is recorded, and no message holds what may be somebody's number."""
    values = {"request_id": "YC-9", "received_on": "2026-03-09", "kind": "lock", "subject": "P1"}

    with pytest.raises(Refused) as refused:
        _source().typed({**values, column: value})

    assert column in "".join(refused.value.lines("en"))
    assert refused.value.where == "request add"
    assert not any(map(str.isdigit, value)) or value not in "".join(refused.value.lines("vi"))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_rosters_own_requests_are_those_without_fault(tmp_path: Path, ending: str) -> None:
    """What the file of the roster holds; a faulty row is left to admission, no file holds nothing."""
    path = tmp_path / f"requests.{ending}"
    rows = [HEADINGS, ROW, ["YC-2", "31/02/2026", "lock", "P1", ""]]
    if ending == "csv":
        path.write_text(as_csv(rows), encoding="utf-8")
    else:
        book = Workbook()
        assert book.active
        for row in rows:
            book.active.append(row)
        book.save(path)

    found = _source(kept=RosterFile(path, "csv" if ending == "csv" else "xlsx")).kept()

    assert [one.request_id for one in found] == ["YC-1"]
    assert _source().kept() == ()
