"""The state in one SQLite file, for one host."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import OperationalError

from syncagent.core.examination import Examination, Health
from syncagent.errors import Misconfigured
from syncagent.store.database import busy, damaged, lost
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.exc import DBAPIError

    from syncagent.errors import SyncError
    from syncagent.store.database import Part

_PATIENCE_SECONDS = 5
_UNSOUND = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class _Lock:
    """An exclusive transaction on a file beside the state; the system ends it with the process."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def held(self) -> bool:
        return self._connection.in_transaction

    def release(self) -> None:
        self._connection.close()


class Sqlite:
    """A SQLite file with a rollback journal and full synchronisation."""

    shared = False

    def __init__(self, path: Path) -> None:
        """Open the file, made if it is not there.

        Raises:
            Misconfigured: its folder does not exist.
        """
        if not path.parent.is_dir():
            raise Misconfigured(
                Text(
                    f"Thư mục {path.parent} của state không có.",
                    f"The folder {path.parent} of state does not exist.",
                ),
                where="state",
            )
        self.path = path
        self.name = path.name
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise lost(self.name, error.strerror or "") from error
        self.engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _PATIENCE_SECONDS})
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that holds the write lock from its first statement and commits at the end."""
        with self.engine.execution_options(begin="IMMEDIATE").begin() as connection:
            yield connection

    def lock(self, part: Part) -> _Lock | None:
        """Take a lock beside the state; None if another process has it."""
        connection = sqlite3.connect(f"{self.path}.{part}", isolation_level=None, timeout=0)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            if "locked" in str(error):
                return None
            raise lost(f"{self.name}.{part}", str(error)) from error
        return _Lock(connection)

    def examine(self, connection: Connection) -> Iterator[Examination]:
        """Yield whether the file is sound."""
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
        faults = "; ".join(fault for fault in found if fault != "ok")
        if faults:
            says = Text(
                f"Cơ sở dữ liệu hỏng: {faults}. Hãy khôi phục từ bản sao lưu.",
                f"The database is damaged: {faults}. Restore it from the backup.",
            )
            yield Examination(Text("Trạng thái", "State"), Health.FAULT, says)

    def free(self) -> int:
        """Return how many bytes are free beside the file."""
        return shutil.disk_usage(self.path.parent).free

    def translated(self, error: DBAPIError) -> SyncError | None:
        """Return what an error of SQLite means, None if it is a bug of ours."""
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code in _UNSOUND:
            return damaged(self.name)
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return busy(self.name)
        if isinstance(error, OperationalError) and code != sqlite3.SQLITE_ERROR:  # full, read-only, broken disk
            return lost(self.name, str(error.orig))
        return None


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
