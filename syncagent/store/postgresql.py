"""The state in a PostgreSQL database, for several hosts."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, func, make_url, select, text
from sqlalchemy.exc import ArgumentError, DataError, OperationalError, SQLAlchemyError

from syncagent.core.examination import Examination, Health
from syncagent.errors import Misconfigured
from syncagent.store.database import Part, busy, lost, unkept
from syncagent.store.tables import metadata
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection
    from sqlalchemy.exc import DBAPIError

    from syncagent.errors import SyncError

_OLDEST = 140000
_CLASS = 0x73796E63  # the first of the two numbers of an advisory lock; the second is one of these
_APPLYING, _WRITING, _LEADING = 1, 2, 3
_NUMBERS = {Part.APPLY: _APPLYING, Part.LEAD: _LEADING}

_SETTINGS = {
    "synchronous_commit": "on",
    "statement_timeout": "60s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "idle_session_timeout": "0",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "client_encoding": "UTF8",
}
_DRIVER = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "syncagent",
    "options": " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items()),
}
_ALLOWED = {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs", "krbsrvname"}
_BUSY = {"55P03", "57014", "40001", "40P01"}
_LONG = {"22001", "22021"}
_LOST = ("08", "53", "57P", "58", "25006", "XX001")

_HELD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
    " AND classid = :class AND objid = :what AND objsubid = 2"
)


class _Lock:
    """A lock of a session that does nothing else; the server ends it with the session."""

    def __init__(self, connection: Connection, what: int) -> None:
        self._connection = connection
        self._what = what

    def held(self) -> bool:
        """Ask the server: a session that was ended, or shared by a pooler, holds nothing."""
        try:
            found = self._connection.execute(_HELD, _lock(self._what))
            return bool(found.scalar_one())
        except SQLAlchemyError:
            return False

    def release(self) -> None:
        with suppress(SQLAlchemyError):
            self._connection.execute(text("SELECT pg_advisory_unlock(:class, :what)"), _lock(self._what))
        with suppress(SQLAlchemyError):
            self._connection.close()


class PostgreSql:
    """A database of its own on a PostgreSQL server, version 14 or newer, in UTF-8."""

    shared = True

    def __init__(self, url: str, password: str) -> None:
        """Open the database; nothing is connected yet.

        Raises:
            Misconfigured: the address has a password in it, an option that is not allowed or weakens the connection, or
                the driver is not installed.
        """
        found = _checked(url)
        self.name = found.database or ""
        if find_spec("psycopg") is None:
            raise Misconfigured(
                Text(
                    "PostgreSQL cần gói psycopg; hãy cài bằng: pip install 'syncagent[postgresql]'",
                    "PostgreSQL needs the package psycopg; install it with: pip install 'syncagent[postgresql]'",
                ),
                where="state",
            )
        self.engine = create_engine(
            found.set(password=password or None), connect_args=_DRIVER, pool_pre_ping=True, hide_parameters=True
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        snapshot = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with snapshot.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that is the only writer until it commits at the end: the audit chain relies on it."""
        with self.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:class, :what)"), _lock(_WRITING))
            yield connection

    def lock(self, part: Part) -> _Lock | None:
        """Take a lock in a session of its own; None if another agent has it."""
        what = _NUMBERS[part]
        connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:class, :what)"), _lock(what)).scalar_one()
        if taken:
            return _Lock(connection, what)
        connection.close()
        return None

    def check(self, connection: Connection) -> None:
        """Refuse a server that cannot keep the state.

        Raises:
            Misconfigured: it is too old, a standby, or the database is not in UTF-8.
        """
        version = int(_shown(connection, "server_version_num"))
        if version < _OLDEST:
            raise Misconfigured(
                Text(
                    f"Cần PostgreSQL 14 trở lên; máy chủ này là {_shown(connection, 'server_version')}.",
                    f"PostgreSQL 14 or newer is needed; this server is {_shown(connection, 'server_version')}.",
                ),
                where="state",
            )
        if (encoding := _shown(connection, "server_encoding")) != "UTF8":
            raise Misconfigured(
                Text(
                    f"Cơ sở dữ liệu {self.name} dùng mã {encoding}; hãy tạo lại bằng: createdb -E UTF8 -T template0 "
                    f"{self.name}",
                    f"The database {self.name} is encoded in {encoding}; make it anew with: createdb -E UTF8 -T "
                    f"template0 {self.name}",
                ),
                where="state",
            )
        if connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
            raise Misconfigured(
                Text(
                    "Máy chủ PostgreSQL này là bản dự phòng chỉ đọc; hãy trỏ state tới máy chính.",
                    "This PostgreSQL server is a standby that only reads; let state name the primary.",
                ),
                where="state",
            )

    def examine(self, connection: Connection) -> Iterator[Examination]:
        """Yield whether the server keeps what it has confirmed, and whether every table can be read whole."""
        self.check(connection)
        for name, says in (
            ("fsync", "một lần mất điện có thể làm hỏng trạng thái / a power cut may damage the state"),
            ("full_page_writes", "một lần mất điện có thể làm hỏng trạng thái / a power cut may damage the state"),
            ("data_checksums", "đĩa hỏng sẽ không bị phát hiện / a broken disk will not be noticed"),
        ):
            if _shown(connection, name) != "on":
                vi, _, en = says.partition(" / ")
                yield Examination(
                    Text("PostgreSQL", "PostgreSQL"),
                    Health.DOUBT,
                    Text(f"{name} đang tắt: {vi}.", f"{name} is off: {en}."),
                )
        for table in metadata.sorted_tables:
            connection.execute(select(func.count(table.table_valued())))  # every page, large values too

    def free(self) -> int | None:
        """Return None: only the server knows its disk; one that is full refuses the intent, before any act."""
        return None

    def translated(self, error: DBAPIError) -> SyncError | None:
        """Return what an error of PostgreSQL means, None if it is a bug of ours."""
        state = getattr(error.orig, "sqlstate", None) or ""
        if state in _BUSY:
            return busy(self.name)
        if state in _LONG or (isinstance(error, DataError) and not state):
            return unkept(self.name)
        if (
            state.startswith(_LOST)
            or error.connection_invalidated
            or (not state and isinstance(error, OperationalError))
        ):
            return lost(self.name, " ".join(str(error.orig).split()))
        return None


def _lock(what: int) -> dict[str, int]:
    return {"class": _CLASS, "what": what}


def _shown(connection: Connection, name: str) -> str:
    return str(connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one())


def _checked(written: str) -> URL:
    try:
        url = make_url(written)
    except (ArgumentError, ValueError) as error:  # ValueError: of the port
        raise _refused("không đọc được", "cannot be understood") from error
    if url.password is not None or "password" in url.query:
        raise _refused(
            "có mật khẩu; hãy bỏ ra khỏi tệp này và khai state_password: {file: TỆP}",
            "has a password in it; take it out of this file and name it as state_password: {file: FILE}",
        )
    if not url.database:
        raise _refused("thiếu tên cơ sở dữ liệu", "names no database")
    if strange := sorted(set(url.query) - _ALLOWED):
        raise _refused(
            f"có tùy chọn không dùng được: {', '.join(strange)}",
            f"has options that are not for it: {', '.join(strange)}",
        )
    return _verified(url)


def _verified(url: URL) -> URL:
    """Return the address so that the server must prove its name, unless it is on this very machine."""
    if all(_is_here(host) for host in _hosts(url)):
        return url
    if url.query.get("sslmode", "verify-full") != "verify-full":
        raise _refused("phải dùng sslmode=verify-full", "must use sslmode=verify-full")
    return url.update_query_dict(
        {"sslmode": "verify-full"} | ({} if "sslrootcert" in url.query else {"sslrootcert": "system"})
    )


def _hosts(url: URL) -> list[str]:
    named: Any = url.query.get("host", ())
    several = [named] if isinstance(named, str) else list(named)
    return [part for host in (*several, url.host or "") for part in host.split(",") if part]


def _is_here(host: str) -> bool:
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refused(vietnamese: str, english: str) -> Misconfigured:
    return Misconfigured(
        Text(
            f"Địa chỉ của trạng thái {vietnamese}. Dạng đúng: postgresql+psycopg://người_dùng@máy/cơ_sở_dữ_liệu",
            f"The address of the state {english}. It looks like postgresql+psycopg://user@host/database",
        ),
        where="state",
    )
