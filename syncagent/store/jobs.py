"""How the jobs of the service have fared: kept in the state, so that whoever leads next goes on from there."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select

from syncagent.store.tables import meta
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_PREFIX = "job."
_LEADER = "leader"
_MOMENTS = ("taken", "succeeded", "ended", "next_try")


class Standing(NamedTuple):
    """How one job has fared. Moments are UTC, None for never.

    Attributes:
        taken: up to which moment of its schedule it was begun.
        succeeded: up to which moment of its schedule it is done.
        ended: when it last came to an end, well or badly.
        next_try: when it is tried again after a failure, whatever the schedule says.
        failures: how many failures in a row.
        quarantined: whether there were so many that it is tried rarely, and somebody must look.
        says: why it failed last; empty after a success.
        seconds: how long it took.
        counts: how often it ended well and badly.
        figures: what it found.
    """

    taken: datetime | None = None
    succeeded: datetime | None = None
    ended: datetime | None = None
    next_try: datetime | None = None
    failures: int = 0
    quarantined: bool = False
    says: Text = Text("", "")
    seconds: float = 0.0
    counts: Mapping[str, int] = {}
    figures: Mapping[str, float] = {}


class Leader(NamedTuple):
    """The service that came to lead last: on which host, and since when (UTC)."""

    host: str
    since: datetime


def led(connection: Connection, leader: Leader) -> None:
    """Remember who leads, in the transaction of the only writer."""
    connection.execute(delete(meta).where(meta.c.name == _LEADER))
    value = json.dumps([leader.host, leader.since.isoformat()])
    connection.execute(insert(meta).values(name=_LEADER, value=value))


def leader(connection: Connection) -> Leader | None:
    """Return who led last, None if no service ever did; whether it still does only the lock can tell."""
    found = connection.execute(select(meta.c.value).where(meta.c.name == _LEADER)).scalar_one_or_none()
    if found is None:
        return None
    host, since = json.loads(found)
    return Leader(host, datetime.fromisoformat(since))


def standings(connection: Connection) -> dict[str, Standing]:
    """Return how every job has fared that was ever begun, by its name."""
    rows = connection.execute(select(meta).where(meta.c.name.startswith(_PREFIX, autoescape=True)))
    return {row.name.removeprefix(_PREFIX): _read(row.value) for row in rows}


def standing(connection: Connection, job: str) -> Standing:
    """Return how one job has fared."""
    found = connection.execute(select(meta.c.value).where(meta.c.name == _PREFIX + job)).scalar_one_or_none()
    return _read(found) if found else Standing()


def keep(connection: Connection, job: str, fared: Standing) -> None:
    """Remember how a job has fared, in the transaction of the only writer."""
    record = fared._asdict()
    record |= {name: record[name].isoformat() if record[name] else None for name in _MOMENTS}
    connection.execute(delete(meta).where(meta.c.name == _PREFIX + job))
    connection.execute(insert(meta).values(name=_PREFIX + job, value=json.dumps(record, ensure_ascii=False)))


def _read(value: str) -> Standing:
    record = json.loads(value)
    record |= {name: datetime.fromisoformat(record[name]) if record[name] else None for name in _MOMENTS}
    return Standing(**record | {"says": Text(*record["says"])})
