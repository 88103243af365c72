"""What ran when: the short memory behind `status`."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, insert, select

from syncagent.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, RowMapping

_REPORT = "report"
_PACED, _ENOUGH = 20, 10
"""How many of the last applies are looked at, and from how many actions on one tells a pace."""


class Run(NamedTuple):
    """One run: the verb, its plan, when it began and ended (UTC), and counts by kind or result.

    Of a report `plan_id` says which it was, for which period and for which day: “counts 2026-H1 2026-07-03”.
    """

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


class Pace(NamedTuple):
    """How fast plans were carried out lately: actions tried, the seconds that took, in how many runs."""

    actions: int
    seconds: float
    runs: int

    def minutes(self, actions: int) -> float:
        """Return how many minutes so many actions take at this pace."""
        return actions * self.seconds / self.actions / 60


def pace(connection: Connection) -> Pace | None:
    """Return the pace of the last applies that had something to do; None if there was none."""
    query = select(runs).where(runs.c.verb == "apply").order_by(runs.c.id.desc()).limit(_PACED)
    found = [(sum(json.loads(row["summary"]).values()), _seconds(row)) for row in connection.execute(query).mappings()]
    timed = [(actions, seconds) for actions, seconds in found if actions >= _ENOUGH]
    return Pace(sum(one[0] for one in timed), sum(one[1] for one in timed), len(timed)) if timed else None


def _seconds(row: RowMapping) -> float:
    return (datetime.fromisoformat(row["ended_at"]) - datetime.fromisoformat(row["started_at"])).total_seconds()


def last_apply(connection: Connection, plan_id: str) -> datetime | None:
    """Return when an apply of a plan ended last, None if none has."""
    ended = connection.execute(
        select(func.max(runs.c.ended_at)).where(runs.c.verb == "apply", runs.c.plan_id == plan_id)
    ).scalar_one()
    return datetime.fromisoformat(ended) if ended else None


def recent(connection: Connection, count: int) -> list[Run]:
    """Return the last runs, newest first."""
    rows = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(count)).mappings()
    return [
        Run(row["verb"], row["plan_id"], row["started_at"], row["ended_at"], json.loads(row["summary"])) for row in rows
    ]


def last_applied(connection: Connection) -> str:
    """Return the id of the plan that was applied last, `latest` if none was."""
    found = connection.execute(select(runs.c.plan_id).where(runs.c.verb == "apply").order_by(runs.c.id.desc()).limit(1))
    return found.scalar_one_or_none() or "latest"


def add_report(
    connection: Connection, name: str, period: str, day: date, started: datetime, ended: datetime, rows: int
) -> None:
    """Record that a report was made for a period, on a day."""
    add(connection, _REPORT, f"{name} {period} {day}", started, ended, {"rows": rows})


def reported(connection: Connection) -> dict[tuple[str, str], date]:
    """Return the latest day for which each report was made, by its name and period."""
    made: dict[tuple[str, str], date] = {}
    for subject in connection.execute(select(runs.c.plan_id).where(runs.c.verb == _REPORT)).scalars():
        name, period, day = subject.split(" ")
        made[name, period] = max(date.fromisoformat(day), made.get((name, period), date.min))
    return made
