"""A part of the roster that a database holds: the answer of a query, as the CSV file it would have been exported to.

So it is understood, checked and distrusted like any other roster. All queries of one database are asked in one
transaction that only reads, so that people and units are of one moment.
"""

from __future__ import annotations

import csv
import hashlib
import io
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, ResourceClosedError, SQLAlchemyError
from sqlalchemy.exc import DBAPIError as Answered

from syncagent.connectors.roster.file import Content, load
from syncagent.errors import Misconfigured, Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import URL, Connection

    from syncagent.connectors.roster.read import RosterFile
    from syncagent.trust.secret import Secret

_ONE_MOMENT: Final[Mapping[str, str]] = {
    "postgresql": "REPEATABLE READ", "mysql": "REPEATABLE READ", "oracle": "SERIALIZABLE", "mssql": "SERIALIZABLE",
}  # fmt: skip
"""By which isolation a database shows one moment to a whole transaction."""


@dataclass(frozen=True, slots=True)
class RosterQuery:
    """Where one part of the roster is in a database.

    Attributes:
        name: what errors and plans call it, such as `people`.
        url: SQLAlchemy's, without a password.
        password: the account's, None where the database asks for none.
        query: a SELECT whose columns are headed like those of a file.
        now: tells when it was asked.
    """

    name: str
    url: str
    password: Secret | None
    query: str
    now: Callable[[], datetime]


def contents(parts: Sequence[RosterFile | RosterQuery]) -> list[Content]:
    """Return what each part of a roster holds, the queries of one database as of one moment.

    Raises:
        Misconfigured: a file cannot be read as it is; a query or a URL is wrong.
        Unavailable: a database does not answer.
    """
    with ExitStack() as stack:
        opened: dict[str, Connection] = {}
        found = []
        for part in parts:
            if not isinstance(part, RosterQuery):
                found.append(load(part.path))
                continue
            if part.url not in opened:
                opened[part.url] = _opened(part, stack)
            found.append(_answer(part, opened[part.url]))
        return found


def _opened(part: RosterQuery, stack: ExitStack) -> Connection:
    try:
        url = make_url(part.url)
        if part.password:
            url = url.set(password=part.password.reveal())
        isolation = _ONE_MOMENT.get(url.get_backend_name())
        engine = create_engine(url, **({"isolation_level": isolation} if isolation else {}))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise Misconfigured(
            Text(
                f"Địa chỉ cơ sở dữ liệu không dùng được ({type(error).__name__}); thiếu thư viện thì cài phần bổ sung "
                "tương ứng (postgresql, mssql, oracle, mysql).",
                f"The database's URL cannot be used ({type(error).__name__}); if its library is missing, install the "
                "extra of that name (postgresql, mssql, oracle, mysql).",
            ),
            where=_where(part),
        ) from None
    stack.callback(engine.dispose)
    try:
        connection = stack.enter_context(engine.connect())
        if url.get_backend_name() == "postgresql":
            connection.execute(text("SET TRANSACTION READ ONLY"))
    except SQLAlchemyError as error:
        raise Unavailable(
            Text(
                f"Cơ sở dữ liệu {_shown(url)} không trả lời: {_says(error)}.",
                f"Database {_shown(url)} does not answer: {_says(error)}.",
            ),
            where=_where(part),
        ) from None
    return connection


def _answer(part: RosterQuery, connection: Connection) -> Content:
    """Ask, and return the answer as a file in CSV, headings first."""
    written = io.StringIO()
    try:
        rows = connection.execute(text(part.query))
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(rows.keys())
        for row in rows:
            writer.writerow([_cell(value, part) for value in row])
    except (Answered, ResourceClosedError) as error:
        raise Misconfigured(
            Text(f"Câu truy vấn không chạy được: {_says(error)}.", f"The query cannot be run: {_says(error)}."),
            where=_where(part),
        ) from None
    data = written.getvalue().encode()
    return Content(f"sql:{part.name}", data, hashlib.sha256(data).hexdigest(), part.now())


def _cell(value: object, part: RosterQuery) -> str:
    """Return a value as a file would have it.

    Raises:
        Misconfigured: it is of a kind that no file has.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case str() | int() | Decimal():
            return str(value)
    raise Misconfigured(
        Text(
            f"Câu truy vấn trả về kiểu {type(value).__name__}, không hiểu được; hãy đổi sang văn bản ngay trong "
            "câu truy vấn.",
            f"The query gives a {type(value).__name__}, which no column can be; turn it into text in the query.",
        ),
        where=_where(part),
    )


def _where(part: RosterQuery) -> str:
    return f"roster.{part.name}"


def _shown(url: URL) -> str:
    return url.set(password=None).render_as_string()


def _says(error: SQLAlchemyError) -> str:
    """Return the first line of what the database says, without the query and its values."""
    origin = error.orig if isinstance(error, Answered) else error
    return str(origin).partition("\n")[0].rstrip(". ")
