"""What becomes of a job: taken once by one service, tried again after a failure, rarely after many."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from syncagent.store import jobs
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from syncagent.service.schedule import Schedule
    from syncagent.service.timetable import Due
    from syncagent.store.jobs import Standing

_SOON = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))
_RARELY, _RAREST = timedelta(hours=1), timedelta(hours=24)
_BUSY = timedelta(minutes=2)
_AHEAD = timedelta(days=1)


def believed(fared: Standing, now: datetime) -> Standing:
    """Return how a job has fared; moments more than a day ahead were read from a wrong clock and are forgotten."""
    latest = max((one for one in (fared.taken, fared.succeeded) if one), default=now)
    next_try = fared.next_try if fared.next_try and fared.next_try - now <= _AHEAD else None
    if latest - now > _AHEAD:
        return fared._replace(taken=None, succeeded=None, next_try=next_try)
    return fared._replace(next_try=next_try)


def take(connection: Connection, due: Due, schedule: Schedule, now: datetime) -> Standing | None:
    """Take a moment of a job's schedule, in the transaction of the only writer; None if it is not to be done.

    So it is if another service has taken that moment or a later one, or has done what was due.
    """
    fared = believed(jobs.standing(connection, due.job), now)
    if fared.taken and due.at <= fared.taken:
        return None
    if fared.next_try is None:
        first = schedule.first_after(fared.succeeded, due.at) if fared.succeeded else due.at
        if first is None or first > due.at:
            return None
    taken = fared._replace(taken=schedule.covers(due.at, now))
    jobs.keep(connection, due.job, taken)
    return taken


def succeeded(fared: Standing, now: datetime, seconds: float, figures: Mapping[str, float]) -> Standing:
    """Return how a job has fared that has just succeeded, for the moment that was taken."""
    return fared._replace(
        succeeded=fared.taken,
        ended=now,
        next_try=None,
        failures=0,
        quarantined=False,
        says=Text("", ""),
        seconds=seconds,
        counts=_one_more(fared, "done"),
        figures=dict(figures),
    )


def postponed(fared: Standing, now: datetime, why: Text) -> Standing:
    """Return how a job has fared that met another agent at work: it is no failure, and is tried again soon."""
    return fared._replace(ended=now, next_try=now + _BUSY, says=why, counts=_one_more(fared, "postponed"))


def failed(
    fared: Standing,
    now: datetime,
    why: Text,
    limit: int,
    regular: datetime | None,
    seconds: float,
    figures: Mapping[str, float],
) -> Standing:
    """Return how a job has fared that has just failed.

    Args:
        fared: how it had fared before.
        now: the moment (UTC).
        why: what went wrong.
        limit: after so many failures in a row it is quarantined.
        regular: when its schedule has it next.
        seconds: how long it took.
        figures: what it found all the same.
    """
    failures = fared.failures + 1
    if quarantined := failures >= limit:
        again = now + min(_RARELY * 2 ** min(failures - limit, 10), _RAREST)
    else:
        again = now + _SOON[min(failures, len(_SOON)) - 1]
        again = min(again, max(regular, now)) if regular else again
    return fared._replace(
        ended=now,
        next_try=again,
        failures=failures,
        quarantined=quarantined,
        says=why,
        seconds=seconds,
        counts=_one_more(fared, "failed"),
        figures=dict(figures),
    )


def _one_more(fared: Standing, outcome: str) -> dict[str, int]:
    return {**fared.counts, outcome: fared.counts.get(outcome, 0) + 1}
