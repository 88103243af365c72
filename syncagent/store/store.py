"""The state: one database, opened, migrated, and held by one agent at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from syncagent.errors import Misconfigured
from syncagent.store import lease as leases
from syncagent.store.database import Part
from syncagent.store.postgresql import PostgreSql
from syncagent.store.sqlite import Sqlite
from syncagent.store.tables import meta, metadata
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from syncagent.core.examination import Examination
    from syncagent.store.database import Database, Lock
    from syncagent.store.lease import Lease

_NEWEST = "0011"


class Store:
    """The open state. `reading` and `writing` give a connection in a transaction; writing commits at its end."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.name = database.name
        self.shared = database.shared

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database.

        Raises:
            LeaseHeld: another process is writing and does not finish.
            Unavailable: the database does not answer.
        """
        with _translated(self._database), self._database.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all kept, durably, or none of them; there is no other writer meanwhile.

        Raises:
            LeaseHeld: another process is writing and does not finish.
            Unavailable: the database does not answer, or its disk is full; nothing was kept.
        """
        with _translated(self._database), self._database.writing() as connection:
            yield connection

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """Hold this state alone for as long as something is applied; the lock ends with the process.

        Raises:
            LeaseHeld: another agent applies a plan of this state.
            Unavailable: the database does not answer, or its disk is full.
        """
        with _translated(self._database):
            lock = self._database.lock(Part.APPLY)
        if lock is None:
            raise leases.held(self.name)
        try:
            with self.writing() as connection:
                epoch = leases.advance(connection)
            yield leases.Lease(self, epoch, lock)
        finally:
            lock.release()

    def leadership(self) -> Lock | None:
        """Take the lock of the one service that runs the jobs of this state; None if another one has it.

        Raises:
            Unavailable: the database does not answer, or its disk is full.
        """
        with _translated(self._database):
            return self._database.lock(Part.LEAD)

    def is_applied(self) -> bool:
        """Whether another agent applies a plan of this state now."""
        return self._is_held(Part.APPLY)

    def is_led(self) -> bool:
        """Whether a service runs the jobs of this state now."""
        return self._is_held(Part.LEAD)

    def _is_held(self, part: Part) -> bool:
        with _translated(self._database):
            lock = self._database.lock(part)
        if lock:
            lock.release()
        return lock is None

    def examine(self) -> list[Examination]:
        """Return what is to be looked at in the database as a whole, nothing if it is sound.

        Raises:
            Misconfigured: it is damaged, or no server that can keep a state.
            Unavailable: the database does not answer.
        """
        with self.reading() as connection:
            return list(self._database.examine(connection))

    def free(self) -> int | None:
        """Return how many bytes are free where the state lies, None if that cannot be told from here."""
        return self._database.free()

    def close(self) -> None:
        """Close all connections."""
        self._database.engine.dispose()


def open_store(url: str, folder: Path, lineage: str, password: str = "") -> Store:
    """Given the `state` setting and the folder it is relative to, return the state, made or migrated as needed.

    Args:
        url: `sqlite:///FILE` or `postgresql+psycopg://USER@HOST/DATABASE`.
        folder: where a relative file lies.
        lineage: the identity a new state gets; an existing one keeps its own.
        password: of the user on the server; empty if it knows the agent otherwise.

    Raises:
        Misconfigured: the address is of another kind, the file is no state, or was written by a newer version.
        Unavailable: the server does not answer or refuses the agent.
        LeaseHeld: another process is writing and does not finish.
    """
    database = _database(url, folder, password)
    try:
        with _translated(database):
            if isinstance(database, PostgreSql):
                with database.reading() as connection:
                    database.check(connection)
            _migrate(database, lineage)
    except BaseException:
        database.engine.dispose()
        raise
    return Store(database)


def file_of(url: str) -> str:
    """Return the file that a `state` setting names, empty if it names a server."""
    scheme, _, name = url.partition(":///")
    return name if scheme == "sqlite" else ""


def _database(url: str, folder: Path, password: str) -> Database:
    if url.startswith("postgresql+psycopg://"):
        return PostgreSql(url, password)
    if not file_of(url):
        scheme = url.partition(":")[0]
        raise Misconfigured(
            Text(
                f"state phải là sqlite:///tên.db hoặc postgresql+psycopg://người_dùng@máy/tên, không phải “{scheme}”.",
                f"state must be sqlite:///name.db or postgresql+psycopg://user@host/name, not “{scheme}”.",
            ),
            where="state",
        )
    return Sqlite((folder / file_of(url)).resolve())


@contextmanager
def _translated(database: Database) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        meant = database.translated(error)
        if meant is None:
            raise
        raise meant from error


def _migrate(database: Database, lineage: str) -> None:
    with database.reading() as connection:
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
    with database.writing() as connection:
        version = _version(connection)  # another agent may have been first
        if not version:
            metadata.create_all(connection)
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": _NEWEST})
            connection.execute(insert(meta).values(name="lineage", value=lineage))
        elif version < _NEWEST:
            _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    """Bring an older state to the newest form; a new one is made in that form at once."""
    from alembic import command  # noqa: PLC0415 - a fifth of a second that only an old state needs
    from alembic.config import Config  # noqa: PLC0415 - same

    config = Config()
    config.set_main_option("script_location", "syncagent.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
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
