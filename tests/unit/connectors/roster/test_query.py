"""A roster in a database: the answer of a query is read as the file it would have been exported to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rosters import CANONICAL

from syncagent.connectors.roster.query import RosterQuery, contents
from syncagent.connectors.roster.read import FileRoster, RosterFile
from syncagent.errors import Misconfigured, Unavailable
from syncagent.trust.secret import Secret

AT = datetime(2026, 3, 16, tzinfo=UTC)
PEOPLE = "SELECT ma AS person_id, ten AS full_name, dv AS unit, 'working' AS status, ngay AS birth_date FROM nguoi"
UNITS = "unit,name,kind,status\nskhcn,Sở Khoa học và Công nghệ,agency,active\n"


def query(folder: Path, text: str, url: str = "", password: Secret | None = None) -> RosterQuery:
    return RosterQuery("people", url or f"sqlite:///{folder / 'hr.db'}", password, text, lambda: AT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "hr.db")) as made:
        made.execute("CREATE TABLE nguoi (ma TEXT, ten TEXT, dv TEXT, ngay DATE, so INT, anh BLOB)")
        made.execute("INSERT INTO nguoi VALUES ('NB1', 'Nguyễn \"Văn\", An', 'skhcn', '1990-02-03', 7, x'00')")
        made.commit()
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    return tmp_path


def test_what_a_query_answers_is_a_roster(folder: Path) -> None:
    """Quotation marks and commas of a name stay; the plan names the query and the hash of its answer."""
    source = FileRoster(query(folder, PEOPLE), RosterFile(folder / "units.csv", "csv"), CANONICAL)

    rows = source.read()

    assert [(row.person_id, row.full_name, row.unit) for row in rows.people] == [("NB1", 'Nguyễn "Văn", An', "skhcn")]
    assert str(rows.people[0].where) == "sql:people:2"
    assert rows.exported_at == AT
    assert rows.sources["people"]["file"] == "sql:people"
    assert rows.digest == source.read().digest
    assert ("person_id", "person_id") in source.headings()[0][1]
    assert source.unused() == ()
    assert source.legacy_sample() == ()


def test_values_are_written_as_a_file_has_them(folder: Path) -> None:
    """Nothing is an empty cell, a number its digits."""
    (found,) = contents([query(folder, "SELECT NULL AS a, so AS b, ten AS c, so > 1 AS d FROM nguoi")])

    assert found.data.decode() == 'a,b,c,d\n,7,"Nguyễn ""Văn"", An",1\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT nope FROM nguoi", "no such column: nope"),
        ("SELECT anh FROM nguoi", "bytes"),
        ("CREATE TABLE x (y INT)", "does not return rows"),
    ],
)
def test_a_query_that_is_wrong_is_to_be_edited(folder: Path, text: str, says: str) -> None:
    """The error names the part and what the database says, neither the query nor a row."""
    with pytest.raises(Misconfigured, match=says) as caught:
        contents([query(folder, text)])

    assert caught.value.where == "roster.people"
    assert "Nguyễn" not in str(caught.value)


@pytest.mark.parametrize("url", ["nothing://x", "not a url", "oracle+oracledb://hr@db.local/x"])
def test_a_url_that_cannot_be_used_names_the_extras(folder: Path, url: str) -> None:
    """A missing library is installed as an extra."""
    with pytest.raises(Misconfigured, match="extra"):
        contents([query(folder, PEOPLE, url)])


def test_a_database_that_does_not_answer_is_unavailable_and_no_password_is_said(folder: Path) -> None:
    """The host is named, the password is not."""
    asked = query(folder, PEOPLE, "postgresql+psycopg://hr@127.0.0.1:1/nhansu", Secret("bi-mat-cua-csdl"))

    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1/nhansu") as caught:
        contents([asked])

    assert "bi-mat" not in "".join(caught.value.lines("vi"))
