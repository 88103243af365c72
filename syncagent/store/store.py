"""The state: one database, opened, migrated, and held by one agent at a time."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, insert, select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from syncagent.errors import LeaseHeld, Misconfigured
from syncagent.store.tables import meta, metadata
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

_NEWEST = "0004"
_PATIENCE_SECONDS = 5


class Store:
    """The open state. `reading` and `writing` give a connection in a transaction; writing commits at its end."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self.path = path

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database.

        Raises:
            LeaseHeld: another process is writing and does not finish.
        """
        with _translated(self.path), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all kept, durably, or none of them.

        Raises:
            LeaseHeld: another process is writing and does not finish.
        """
        with _translated(self.path), _immediately(self._engine) as connection:
            yield connection

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Hold this state alone for as long as something is applied; the lock ends with the process.

        Raises:
            LeaseHeld: another agent applies a plan of this state.
        """
        lock = sqlite3.connect(f"{self.path}.lease", isolation_level=None, timeout=0)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            raise LeaseHeld(
                Text(
                    "Một tiến trình khác đang thực hiện kế hoạch trên cùng trạng thái; hãy chờ nó xong.",
                    "Another process is applying a plan of this state; wait until it has finished.",
                ),
                where=str(self.path.name),
            ) from error
        try:
            yield
        finally:
            lock.close()

    def examine(self) -> list[str]:
        """Return what is wrong with the database as a whole, nothing if it is sound."""
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
            return [fault for fault in found if fault != "ok"]

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def open_store(url: str, folder: Path, lineage: str) -> Store:
    """Given the `state` setting and the folder it is relative to, return the state, made or migrated as needed.

    Args:
        url: `sqlite:///FILE`.
        folder: where a relative file lies.
        lineage: the identity a new state gets; an existing one keeps its own.

    Raises:
        Misconfigured: the address is of another kind, the file is no state, or was written by a newer version.
    """
    scheme, _, name = url.partition(":///")
    if scheme != "sqlite" or not name:
        raise Misconfigured(
            Text(
                f"Phiên bản này lưu trạng thái trong tệp SQLite (sqlite:///tên.db), không phải “{scheme}”.",
                f"This version keeps its state in a SQLite file (sqlite:///name.db), not in “{scheme}”.",
            ),
            where="state",
        )
    path = (folder / name).resolve()
    if not path.parent.is_dir():
        raise Misconfigured(
            Text(
                f"Thư mục {path.parent} của state không có.",
                f"The folder {path.parent} of state does not exist.",
            ),
            where="state",
        )
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _PATIENCE_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    store = Store(engine, path)
    try:
        with _translated(path):
            _migrate(engine, lineage)
    except DatabaseError as error:
        raise Misconfigured(
            Text(
                f"Tệp trạng thái {path.name} bị hỏng hoặc không phải của phần mềm; hãy khôi phục từ bản sao lưu.",
                f"The state file {path.name} is damaged or not ours; restore it from a backup.",
            ),
            where="state",
        ) from error
    return store


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection
    connection.isolation_level = None  # SQLAlchemy's begin event below opens every transaction
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=DELETE")
    cursor.execute("PRAGMA synchronous=EXTRA")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    how = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {how}")


@contextmanager
def _immediately(engine: Engine) -> Iterator[Connection]:
    """Give a connection that holds the write lock from its first statement and commits at the end."""
    with engine.execution_options(begin="IMMEDIATE").begin() as connection:
        yield connection


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if "locked" not in str(error.orig):
            raise
        raise LeaseHeld(
            Text(
                "Một tiến trình khác đang ghi vào trạng thái; hãy thử lại sau.",
                "Another process is writing to the state; try again later.",
            ),
            where=path.name,
        ) from error


def _migrate(engine: Engine, lineage: str) -> None:
    with engine.connect() as connection:
        version = _version(connection)
    if version == _NEWEST:
        return
    if version > _NEWEST:
        raise Misconfigured(
            Text(
                f"Trạng thái do phiên bản mới hơn ghi ({version}); hãy nâng cấp phần mềm.",
                f"The state was written by a newer version ({version}); upgrade the program.",
            ),
            where="state",
        )
    if not version:
        with _immediately(engine) as connection:
            metadata.create_all(connection)
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": _NEWEST})
            connection.execute(insert(meta).values(name="lineage", value=lineage))
        return
    _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    """Bring an older state to the newest form; a new one is made in that form at once."""
    from alembic import command  # noqa: PLC0415 - a fifth of a second that only an old state needs
    from alembic.config import Config  # noqa: PLC0415 - same

    config = Config()
    config.set_main_option("script_location", "syncagent.store:migrations")
    with _immediately(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: Connection) -> str:
    found = connection.execute(
        text("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'")
    ).scalar_one()
    if not found:
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "")


def lineage_of(connection: Connection) -> str:
    """Return the identity of this state, which every plan of it carries."""
    return str(connection.execute(select(meta.c.value).where(meta.c.name == "lineage")).scalar_one())


def remember_key(connection: Connection, fingerprint: str) -> None:
    """Note the fingerprint of the pseudonym key, or refuse a key that is not the one used so far.

    Raises:
        Misconfigured: another key would make everybody a stranger.
    """
    known = connection.execute(select(meta.c.value).where(meta.c.name == "identity_key")).scalar_one_or_none()
    if known is None:
        connection.execute(insert(meta).values(name="identity_key", value=fingerprint))
    elif known != fingerprint:
        raise Misconfigured(
            Text(
                "Khóa roster.identity_key khác với khóa đã dùng; mọi người sẽ bị coi là người mới. Hãy đặt lại khóa "
                "cũ.",
                "roster.identity_key is not the key used so far; everybody would become a stranger. Put the old key "
                "back.",
            ),
            where="roster.identity_key",
        )
