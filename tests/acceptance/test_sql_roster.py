"""A roster in PostgreSQL gives the plan that its export gives, through the installed command."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from desk import Desk
from servers.postgresql import PostgreSql
from sqlalchemy import create_engine, text

from syncagent.wiring import now

pytestmark = pytest.mark.server

DAY = now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()


@pytest.fixture
def here(postgresql: PostgreSql, tmp_path: Path) -> Desk:
    """A folder to begin with; its people and units stand in tables of a database as well."""
    Desk(tmp_path).run("init", "tinh")
    tmp_path /= "tinh"
    url = postgresql.url(postgresql.fresh(""))
    engine = create_engine(url)
    with engine.begin() as connection:
        for part in ("people", "units"):
            with (tmp_path / f"{part}.csv").open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            columns = ", ".join(f'"{name}" TEXT' for name in rows[0])
            connection.execute(text(f"CREATE TABLE {part} (line SERIAL, {columns})"))
            names = ", ".join(f'"{name}"' for name in rows[0])
            values = ", ".join(f":{name}" for name in rows[0])
            connection.execute(text(f"INSERT INTO {part} ({names}) VALUES ({values})"), rows)  # noqa: S608 - our own names
    engine.dispose()
    (tmp_path / "url").write_text(url, encoding="utf-8")
    return Desk(tmp_path)


def _select(here: Desk, part: str, rest: str) -> None:
    """Have a part of the roster asked for in the database, with the headings of its file."""
    with (here.folder / f"{part}.csv").open(encoding="utf-8-sig", newline="") as file:
        columns = ", ".join(f'\\"{name}\\"' for name in next(csv.reader(file)))
    _ask(here, part, f"SELECT {columns} FROM {part} {rest}")  # noqa: S608 - our own names


def _ask(here: Desk, part: str, query: str) -> None:
    url = (here.folder / "url").read_text(encoding="utf-8")
    written = (here.folder / "syncagent.yaml").read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(written) if line.strip().startswith(f"{part}:"))
    here.edit("syncagent.yaml", written[at], f'  {part}: {{source: sql, url: "{url}", query: "{query}"}}')


def _actions(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "id"} for one in plan["actions"]]


def test_the_plan_of_a_database_is_that_of_its_export(here: Desk) -> None:
    """Both parts are read in one transaction that cannot write; the header names the queries' answers."""
    exported = here.plan(DAY)
    _select(here, "people", "ORDER BY line")
    _select(here, "units", "ORDER BY line")
    asked = here.plan(DAY)
    shown = here.run("roster", "preview", "--rows", "1").stdout

    assert _actions(asked) == _actions(exported)
    assert asked["actions"]
    assert asked["inputs"]["roster"]["people"]["file"] == "sql:people"
    assert "sql:people:2" in shown


def test_nobody_a_writing_query_and_a_password_in_the_url_are_refused(here: Desk) -> None:
    """F1: success with no rows is doubtful; a query that writes is stopped by the database; secrets stand elsewhere."""
    _select(here, "people", "WHERE false")
    here.run("plan", expect=4)
    _ask(here, "people", "DELETE FROM people RETURNING *")
    refused = here.run("--lang", "en", "plan", expect=3)
    _select(here, "people", "ORDER BY line")
    here.run("plan")
    here.edit("syncagent.yaml", 'source: sql, url: "', 'source: sql, url: "x://a:secret@h/b#')
    told = here.run("--lang", "en", "check", expect=3)

    assert "read-only transaction" in refused.stderr
    assert "password" in told.stderr
    assert "secret" not in told.stderr
