"""The state: made at once or migrated step by step, it has one form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, insert, inspect

from syncagent.core.answer import Answer
from syncagent.core.request import Request, RequestKind
from syncagent.core.where import Where
from syncagent.store import requests
from syncagent.store.store import lineage_of, open_store
from syncagent.store.tables import meta, metadata


def _columns(path: Path) -> dict[str, list[tuple[str, str, bool]]]:
    tables = inspect(create_engine(f"sqlite:///{path}"))
    return {
        table: [(column["name"], str(column["type"]), bool(column["nullable"])) for column in tables.get_columns(table)]
        for table in sorted(tables.get_table_names())
    }


def _upgraded(path: Path, to: str) -> Engine:
    """A state as the migrations up to a version leave it."""
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", "syncagent.store:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
    return engine


def test_a_new_state_is_what_the_migrations_lead_to(tmp_path: Path) -> None:
    """A state made today and one upgraded from the first version are the same, column by column, index by index."""
    store = open_store("sqlite:///new.db", tmp_path, "L1")
    _upgraded(tmp_path / "old.db", "head")

    for path in ("new.db", "old.db"):
        with create_engine(f"sqlite:///{tmp_path / path}").connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert _columns(tmp_path / "new.db") == _columns(tmp_path / "old.db")
    with store.reading() as connection:
        assert lineage_of(connection) == "L1"
    store.close()


def test_a_state_of_the_first_version_is_brought_up_and_keeps_what_it_knows(tmp_path: Path) -> None:
    """Opening an older state is enough: it remembers who it is, and requests can be recorded in it."""
    engine = _upgraded(tmp_path / "old.db", "0001")
    with engine.begin() as connection:
        connection.execute(insert(meta).values(name="lineage", value="L1"))
    engine.dispose()

    store = open_store("sqlite:///old.db", tmp_path, "L2")

    with store.reading() as connection:
        assert lineage_of(connection) == "L1"
        assert requests.recorded(connection) == ()
        assert requests.sent(connection) == {}
    store.close()


def test_requests_and_answers_come_back_as_they_were_recorded(tmp_path: Path) -> None:
    """Every column, days that are there and days that are not; nothing to record changes nothing."""
    day, at = date(2026, 3, 9), datetime(2026, 3, 10, tzinfo=UTC)
    bare = Request("YC-1", day, RequestKind.LOCK, "P1", Where("a.csv", 2))
    full = Request(
        "YC-2", day, RequestKind.AGREE_ADDRESS, "P2", Where("a.csv", 3), "công văn", "skhcn", "a@b.vn", "x@b.vn",
        "trùng", "9/CV", date(2026, 3, 6), date(2026, 5, 4),
    )  # fmt: skip
    answer = Answer("YC-2", day, "Văn thư", "thư", "45/SKHCN")
    store = open_store("sqlite:///new.db", tmp_path, "L1")

    with store.writing() as connection:
        requests.record(connection, [], "A", at)
        requests.record(connection, [full, bare], "A", at)
        requests.send(connection, [answer], at)

    with store.reading() as connection:
        assert [one.content for one in requests.recorded(connection)] == [bare.content, full.content]
        assert [str(one.where) for one in requests.recorded(connection)] == ["request YC-1", "request YC-2"]
        assert requests.sent(connection) == {"YC-2": answer}
        assert requests.carried_out(connection, "YC-1") is None
    store.close()
