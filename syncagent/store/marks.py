"""Which state of which directory server was last read, so that the next run notices one that was put back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from syncagent.core.marks import Mark, Place
from syncagent.store.tables import meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_MARKS = "marks"


def known(connection: Connection) -> dict[Place, Mark]:
    """Return the last mark of each server."""
    found = connection.execute(select(meta.c.value).where(meta.c.name == _MARKS)).scalar_one_or_none()
    return {Place(*place): Mark(*mark) for place, mark in json.loads(found or "[]")}


def remember(connection: Connection, marks: Mapping[Place, Mark]) -> None:
    """Keep marks in place of earlier ones of the same servers."""
    kept = known(connection) | dict(marks)
    connection.execute(delete(meta).where(meta.c.name == _MARKS))
    connection.execute(insert(meta).values(name=_MARKS, value=json.dumps(sorted(kept.items()))))
