"""The state: made at once or migrated step by step, it has one form."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from syncagent.store.store import lineage_of, open_store
from syncagent.store.tables import metadata


def _columns(path: Path) -> dict[str, list[tuple[str, str, bool]]]:
    tables = inspect(create_engine(f"sqlite:///{path}"))
    return {
        table: [(column["name"], str(column["type"]), bool(column["nullable"])) for column in tables.get_columns(table)]
        for table in sorted(tables.get_table_names())
    }


def test_a_new_state_is_what_the_migrations_lead_to(tmp_path: Path) -> None:
    """A state made today and one upgraded from the first version are the same, column by column, index by index."""
    store = open_store("sqlite:///new.db", tmp_path, "L1")
    migrated = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    config = Config()
    config.set_main_option("script_location", "syncagent.store:migrations")
    with migrated.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    for path in ("new.db", "old.db"):
        with create_engine(f"sqlite:///{tmp_path / path}").connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert _columns(tmp_path / "new.db") == _columns(tmp_path / "old.db")
    with store.reading() as connection:
        assert lineage_of(connection) == "L1"
    store.close()
