"""Those who hand passwords over, and the keys that passwords are sealed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import insert, select, update

from syncagent.store.tables import officers

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

OFFICE: Final = "office"
"""Stands for the unit of those who run the mail system: they hand over what no unit's own officer does."""


class Officer(NamedTuple):
    """Somebody who hands over the passwords of a unit and those below it; `revoked_at` is empty while they do."""

    key_id: str
    unit: str
    name: str
    public_key: str
    added_by: str
    added_at: str
    revoked_by: str = ""
    revoked_at: str = ""


def add(connection: Connection, officer: Officer) -> None:
    """Record an officer."""
    connection.execute(insert(officers).values(officer._asdict()))


def everyone(connection: Connection) -> tuple[Officer, ...]:
    """Return all officers, the revoked ones too, in the order of their units and of time."""
    rows = connection.execute(select(officers).order_by(officers.c.unit, officers.c.added_at)).mappings()
    return tuple(Officer(**row) for row in rows)


def in_office(connection: Connection) -> dict[str, Officer]:
    """Return who hands over passwords now, by unit; a unit has one at most."""
    return {one.unit: one for one in everyone(connection) if not one.revoked_at}


def revoke(connection: Connection, key_id: str, by: str, at: datetime) -> None:
    """Record that nothing is sealed to a key any more."""
    connection.execute(
        update(officers).where(officers.c.key_id == key_id).values(revoked_by=by, revoked_at=at.isoformat())
    )
