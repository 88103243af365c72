"""Log-ins that were tried lately, counted over all hosts of one state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from syncagent.store.tables import attempts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


def take(connection: Connection, limits: Mapping[str, int], since: datetime, at: datetime) -> bool:
    """Note an attempt by each of these, or by none if one has had all of theirs since a moment.

    The attempt is counted before it is made, in the transaction of the only writer: many at once are counted, too.
    """
    connection.execute(delete(attempts).where(attempts.c.at < since.isoformat()))
    for who, most in limits.items():
        count = connection.execute(select(func.count()).where(attempts.c.who == who)).scalar_one()
        if count >= most:
            return False
    connection.execute(insert(attempts), [{"who": who, "at": at.isoformat()} for who in limits])
    return True


def forgive(connection: Connection, who: str) -> None:
    """Forget the attempts of one who has logged in."""
    connection.execute(delete(attempts).where(attempts.c.who == who))


def take_back(connection: Connection, who: str) -> None:
    """Forget the newest attempt of one: it did not fail."""
    newest = select(func.max(attempts.c.id)).where(attempts.c.who == who).scalar_subquery()
    connection.execute(delete(attempts).where(attempts.c.id == newest))
