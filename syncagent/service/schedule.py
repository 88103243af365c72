"""When a job runs: a cron line whose weekdays are names, or an interval; and the hours in which it may."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

if TYPE_CHECKING:
    from datetime import tzinfo

_EVERY = re.compile(r"every ([1-9]\d{0,4}) (second|minute|hour|day)s?")
_WINDOW = re.compile(r"([a-z,-]+) (\d\d:\d\d)-(\d\d:\d\d)")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIELDS = 5
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4
_ONE_DAY = timedelta(days=1)


class Job(StrEnum):
    """What the service does by itself."""

    PLAN = "plan"
    APPLY = "apply"
    DELETIONS = "deletions"
    REPORTS = "reports"
    REQUESTS = "requests"
    CHECKPOINT = "checkpoint"
    RETENTION = "retention"
    SELF_CHECK = "self-check"
    DIGEST = "digest"


class Window(NamedTuple):
    """Hours of some weekdays (0 is Monday); one that ends before it begins goes on into the next day."""

    days: frozenset[int]
    opens: time
    closes: time

    @classmethod
    def parse(cls, text: str) -> Window:
        """Given “mon-fri 17:30-21:00”, return the window.

        Raises:
            ValueError: it is none.
        """
        found = _WINDOW.fullmatch(text)
        if not found:
            message = f"{text!r} is not a window such as “mon-fri 17:30-21:00”"
            raise ValueError(message)
        opens, closes = time.fromisoformat(found[2]), time.fromisoformat(found[3])
        if opens == closes:
            message = f"{text!r} ends when it begins"
            raise ValueError(message)
        return cls(_weekdays(found[1]), opens, closes)

    def holds(self, moment: datetime) -> bool:
        """Whether a moment, in the configured zone, lies in it; the end does not."""
        hour, today = moment.time(), moment.weekday()
        if self.opens < self.closes:
            return today in self.days and self.opens <= hour < self.closes
        yesterday = (moment.date() - _ONE_DAY).weekday()
        return (today in self.days and hour >= self.opens) or (yesterday in self.days and hour < self.closes)


class Schedule(NamedTuple):
    """When a job is due: what APScheduler asks, and the window outside of which it never is."""

    trigger: CronTrigger | IntervalTrigger
    window: Window | None = None

    @classmethod
    def parse(cls, text: str, zone: tzinfo, window: str | None = None) -> Schedule:
        """Given “every 15 minutes”, or a cron line such as “30 5 * * mon-fri”, return the schedule.

        Weekdays are names: programs disagree on which day 0 is. A line with both a day of the month and a weekday is
        refused for the same reason: for some programs both must hold, for others either.

        Raises:
            ValueError: it is neither.
        """
        hours = Window.parse(window) if window else None
        if every := _EVERY.fullmatch(text):
            span = timedelta(**{f"{every[2]}s": int(every[1])})
            # a fixed beginning: the default is the wall clock, which a simulation does not have
            start = datetime.combine(date(2000, 1, 1), time(), zone)
            return cls(IntervalTrigger(seconds=int(span.total_seconds()), start_date=start, timezone=zone), hours)
        fields = text.split()
        if len(fields) != _FIELDS:
            message = f"{text!r} is neither “every 15 minutes” nor a cron line such as “30 5 * * mon-fri”"
            raise ValueError(message)
        if any(sign.isdigit() for sign in fields[_DAY_OF_WEEK]):
            message = f"{text!r}: weekdays are written as names (mon … sun), not as numbers"
            raise ValueError(message)
        if "*" not in {fields[_DAY_OF_MONTH], fields[_DAY_OF_WEEK]}:
            message = f"{text!r}: give a day of the month or a weekday, not both"
            raise ValueError(message)
        return cls(CronTrigger.from_crontab(text, timezone=zone), hours)

    def first_after(self, moment: datetime | None, now: datetime) -> datetime | None:
        """Return when the job is due first after a moment for which it was done; one that never was begins now.

        An interval counts from that moment. A cron line that was never followed has missed nothing.
        """
        if isinstance(self.trigger, IntervalTrigger):
            return moment + self.trigger.interval if moment else now
        found: datetime | None = self.trigger.get_next_fire_time(moment, moment or now)
        return found

    def covers(self, at: datetime, now: datetime) -> datetime:
        """Return up to which moment a run is enough that begins now; a moment that had to wait makes it no two.

        Args:
            at: the moment that has come.
            now: when the run begins.
        """
        if isinstance(self.trigger, IntervalTrigger):
            span: timedelta = self.trigger.interval
            return at + max((now - at) // span, 0) * span
        return max(at, now)


def _weekdays(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            message = f"{part!r} is no weekday or range of them; weekdays are {' '.join(_DAYS)}"
            raise ValueError(message)
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        found.update((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    return frozenset(found)
