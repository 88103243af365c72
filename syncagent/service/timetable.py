"""APScheduler, turned by whoever holds it: says what is due, and runs nothing by itself.

Jobs wait in a queue of one process and are taken one after another, so that none overlaps another one or itself. Its
memory is lost with the process; what was done stands in the state (`store/jobs.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from apscheduler.executors.base import BaseExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.base import BaseScheduler

from syncagent.service.schedule import Job

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from apscheduler.job import Job as Entry

    from syncagent.service.schedule import Schedule
    from syncagent.store.jobs import Standing


class Due(NamedTuple):
    """A job, and the moment of its schedule that has come."""

    job: Job
    at: datetime


class _Queue(BaseExecutor):  # type: ignore[misc]  # APScheduler has no types
    """Takes what is due instead of running it; `max_instances` counts until `done`."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Due] = []

    def _do_submit_job(self, job: Entry, run_times: Sequence[datetime]) -> None:
        self.waiting.append(Due(Job(job.id), run_times[-1]))

    def done(self, job: Job) -> None:
        self._run_job_success(job, ())


class Timetable(BaseScheduler):  # type: ignore[misc]  # APScheduler has no types
    """The jobs with their next moments; `wait` is how many seconds there were to the next one when it was last asked.

    Moments that were missed count as one (`coalesce`), however late it is (`misfire_grace_time`), and a job that has
    not ended is not due (`max_instances`).
    """

    def __init__(self, zone: tzinfo) -> None:
        self._queue = _Queue()
        self.wait: float | None = None
        super().__init__(
            timezone=zone,
            jobstores={"default": MemoryJobStore()},
            executors={"default": self._queue},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    @classmethod
    def of(
        cls, schedules: Mapping[Job, Schedule], fared: Mapping[str, Standing], now: datetime, zone: tzinfo
    ) -> Timetable:
        """Return the timetable of some jobs, going on from how they have fared: what was missed is due now."""
        made = cls(zone)
        made.start()
        for job, schedule in schedules.items():
            known = fared.get(job)
            first = known.next_try if known and known.next_try else None
            first = first or schedule.first_after(known.succeeded if known else None, now)
            made.add_job(_nothing, schedule.trigger, id=job, next_run_time=max(first, now) if first else None)
        return made

    def due(self) -> list[Due]:
        """Return what has come due since it was last asked, in the order in which a night's work is done."""
        self.wait = self._process_jobs()
        found, self._queue.waiting = self._queue.waiting, []
        return sorted(found, key=lambda one: list(Job).index(one.job))

    def ended(self, due: Due, again: datetime | None = None) -> None:
        """Note that a job has ended, and when it is tried again if not as its schedule says."""
        self._queue.done(due.job)
        if again:
            self.modify_job(due.job, next_run_time=again)

    def next_of(self, job: Job) -> datetime | None:
        """Return when a job is due next, None if never."""
        found = self.get_job(job)
        return found.next_run_time if found else None

    def wakeup(self) -> None:
        """Do nothing: whoever holds it asks often enough."""

    def shutdown(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002 - as APScheduler calls it
        """End it."""
        super().shutdown(wait)


def _nothing() -> None:
    """Be what APScheduler would call."""
