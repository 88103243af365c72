"""What ran when: the short memory behind `status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select

from syncagent.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


class Run(NamedTuple):
    """One run: the verb, its plan, when it began and ended (UTC), and counts by kind or result."""

    verb: str
    plan_id: str
    started_at: str
    ended_at: str
    summary: Mapping[str, int]


def add(
    connection: Connection,
    verb: str,
    plan_id: str,
    started: datetime,
    ended: datetime,
    summary: Mapping[str, int],
) -> None:
    """Record a run that has ended."""
    connection.execute(
        insert(runs).values(
            verb=verb,
            plan_id=plan_id,
            started_at=started.isoformat(),
            ended_at=ended.isoformat(),
            summary=json.dumps(dict(sorted(summary.items()))),
        )
    )


def recent(connection: Connection, count: int) -> list[Run]:
    """Return the last runs, newest first."""
    rows = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(count)).mappings()
    return [
        Run(row["verb"], row["plan_id"], row["started_at"], row["ended_at"], json.loads(row["summary"])) for row in rows
    ]
