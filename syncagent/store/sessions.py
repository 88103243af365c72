"""Who is logged in to the console: one row a session, found only by whoever holds its id.

The id itself stands nowhere here: of a copy of the state nobody makes a cookie.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, insert, select, update

from syncagent.store.tables import sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


class Kept(NamedTuple):
    """A session as it is kept: whose it is, what was known of them, when it began and was last used (UTC)."""

    guid: str
    record: Mapping[str, Any]
    began_at: datetime
    seen_at: datetime


def begin(connection: Connection, token: str, guid: str, record: Mapping[str, Any], at: datetime) -> None:
    """Keep a new session."""
    moment = at.isoformat()
    connection.execute(
        insert(sessions).values(
            token=_hashed(token), guid=guid, record=json.dumps(record), began_at=moment, seen_at=moment
        )
    )


def find(connection: Connection, token: str) -> Kept | None:
    """Return the session of an id, None if there is none."""
    row = connection.execute(select(sessions).where(sessions.c.token == _hashed(token))).one_or_none()
    if row is None:
        return None
    began_at, seen_at = datetime.fromisoformat(row.began_at), datetime.fromisoformat(row.seen_at)
    return Kept(row.guid, json.loads(row.record), began_at, seen_at)


def seen(connection: Connection, token: str, at: datetime) -> None:
    """Note that a session was used."""
    connection.execute(update(sessions).where(sessions.c.token == _hashed(token)).values(seen_at=at.isoformat()))


def end(connection: Connection, token: str) -> None:
    """Forget a session."""
    connection.execute(delete(sessions).where(sessions.c.token == _hashed(token)))


def end_all(connection: Connection, guid: str) -> None:
    """Forget every session of an account."""
    connection.execute(delete(sessions).where(sessions.c.guid == guid))


def forget(connection: Connection, before: datetime) -> None:
    """Forget every session that began before a moment."""
    connection.execute(delete(sessions).where(sessions.c.began_at < before.isoformat()))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
