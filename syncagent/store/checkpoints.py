"""Signed checkpoints in the state: what was known of the audit log, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from syncagent.store.tables import checkpoints

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syncagent.trust.checkpoint import Checkpoint


def add(connection: Connection, checkpoint: Checkpoint, envelope: str) -> None:
    """Keep a checkpoint in its signed form."""
    connection.execute(
        insert(checkpoints).values(size=checkpoint.size, hash=checkpoint.hash, at=checkpoint.at, envelope=envelope)
    )


def newest(connection: Connection) -> str:
    """Return the signed form of the last checkpoint that was made, empty if there is none."""
    query = select(checkpoints.c.envelope).order_by(checkpoints.c.id.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none() or ""


def every(connection: Connection) -> tuple[str, ...]:
    """Return the signed forms of all checkpoints, oldest first."""
    return tuple(connection.execute(select(checkpoints.c.envelope).order_by(checkpoints.c.id)).scalars())
