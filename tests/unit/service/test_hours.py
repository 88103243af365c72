"""Simulated hours of schedule: time is driven and not slept; jobs fail and hang, services die, hosts change."""

from __future__ import annotations

import gc
import itertools
import random
import tracemalloc
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import apscheduler.schedulers.base
import pytest
import structlog

from syncagent.cli.starting import sample_files
from syncagent.errors import LeaseHeld, Unavailable
from syncagent.runs.agent import Agent
from syncagent.sample.sample import Sample
from syncagent.service.schedule import Job, Schedule
from syncagent.service.service import Loaded, Service
from syncagent.service.work import Figures
from syncagent.settings import read_settings
from syncagent.store import jobs
from syncagent.text import Text
from syncagent.wiring import agent_of

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 3, 16, tzinfo=ZONE)
STEP = timedelta(minutes=5)
SCHEDULES = {
    Job.PLAN: Schedule.parse("0 * * * *", ZONE),
    Job.APPLY: Schedule.parse("every 20 minutes", ZONE, "mon-sun 08:00-20:00"),
    Job.CHECKPOINT: Schedule.parse("*/15 * * * *", ZONE),
    Job.DELETIONS: Schedule.parse("30 2 * * *", ZONE),
}
AT = {Job.PLAN: {0}, Job.CHECKPOINT: {0, 15, 30, 45}}
BY_CRON = (Job.PLAN, Job.CHECKPOINT, Job.DELETIONS)
_FATES, _ODDS = ("well", "long", "fails", "bug", "busy", "dies"), (80, 5, 6, 2, 4, 3)


class Died(BaseException):
    """The process of a service is gone, without a word."""


@dataclass
class World:
    """Two hosts with one state, a clock that is driven, and what happened: when each job began and was done."""

    folder: Path
    faults: random.Random | None
    now: datetime = START
    begun: dict[Job, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    done: dict[Job, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    fates: Counter[str] = field(default_factory=Counter)
    rows: dict[Job, list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(lambda: [(START, 0)]))
    idle: list[datetime] = field(default_factory=list)
    working: bool = False
    doing: Callable[[Job, Agent, Figures], None] | None = None

    @contextmanager
    def load(self) -> Iterator[Loaded]:
        settings = read_settings(self.folder / "syncagent.yaml")
        with agent_of(settings, self.folder) as agent:
            yield Loaded(replace(agent, clock=lambda: self.now.astimezone(UTC)), SCHEDULES, self.doing or self.work)

    def host(self) -> Service:
        made = Service(self.load)
        made.start()
        return made

    def work(self, job: Job, agent: Agent, _: Figures) -> None:
        """Take some time, and come to one of several ends."""
        assert not self.working, "two jobs at once"
        self.working = True
        try:
            with agent.store.reading() as connection:
                taken = jobs.standing(connection, job).taken
            assert taken
            self.begun[job].append(self.now)
            fate = self.faults.choices(_FATES, _ODDS)[0] if self.faults else "well"
            self.fates[fate] += 1
            self.now += timedelta(minutes=25) if fate == "long" else timedelta(seconds=5)
            says, failures = Text("hỏng", "broken"), self.rows[job][-1][1]
            self.rows[job].append((self.now, failures + 1 if fate in {"fails", "bug"} else failures))
            match fate:
                case "fails":
                    raise Unavailable(says)
                case "bug":
                    raise ZeroDivisionError
                case "busy":
                    raise LeaseHeld(says)
                case "dies":
                    raise Died
            self.rows[job].append((self.now, 0))
            self.done[job].append(taken.astimezone(ZONE))
        finally:
            self.working = False


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[World]:
    for name, text in sample_files(Sample([], [], [], [], {}), "two").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "identity.key").chmod(0o600)
    made = World(tmp_path, request.param)

    class Driven(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Driven:
            return made.now.astimezone(tz)  # type: ignore[return-value]  # nobody asks which kind of moment it is

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Driven)
    structlog.configure(
        processors=[structlog.processors.JSONRenderer(default=repr)], logger_factory=structlog.ReturnLoggerFactory()
    )
    yield made
    structlog.reset_defaults()


def _moments(job: Job, until: datetime) -> list[datetime]:
    """Return when a job is due by its cron line, computed by counting."""
    every = [START + n * STEP for n in range(1, int((until - START) / STEP) + 1)]
    if job is Job.DELETIONS:
        return [one for one in every if (one.hour, one.minute) == (2, 30)]
    return [one for one in every if one.minute in AT[job]]


@dataclass
class Hosts:
    """Two services that take turns, die and come back."""

    world: World
    up: list[Service | None] = field(default_factory=list)
    back: list[datetime] = field(default_factory=list)

    def live(self, hours: int) -> None:
        """Drive them through so many hours."""
        end, tick = self.world.now + timedelta(hours=hours), self.world.now
        while tick < end:
            tick += STEP
            self.world.now = max(self.world.now, tick)
            for number, service in enumerate(self.up):
                if service is None:
                    if self.world.now >= self.back[number]:
                        self.up[number] = self.world.host()
                else:
                    self._turn(number, service)

    def _turn(self, number: int, service: Service) -> None:
        world, before, survives = self.world, self.world.now, False
        chance = world.faults
        with suppress(Died):
            service.turn()
            if service.pulse.reading().leads and world.now == before:
                world.idle.append(before)
            survives = not (chance and chance.random() < 0.005)
        if chance and not survives:
            service.close()  # as the system does with locks and connections
            self.up[number] = None
            self.back[number] = world.now + timedelta(minutes=chance.choice((1, 20, 200)))


@contextmanager
def _hosts(world: World) -> Iterator[Hosts]:
    found = Hosts(world, [world.host(), world.host()], [START, START])
    yield found
    for service in found.up:
        if service:
            service.close()


def _hold(world: World) -> None:
    """Law: no moment is done twice; no service that leads is idle while one is neither tried nor in quarantine."""
    for job in BY_CRON:
        moments = _moments(job, world.now)
        done = [bisect_right(moments, one) for one in world.done[job]]
        assert done == sorted(set(done)), f"{job} was done twice"
        for at, following in itertools.pairwise((*moments, world.now)):
            idle = _within(world.idle, at, following)
            if idle and not _within(world.begun[job], at, following):
                failures = next(count for moment, count in reversed(world.rows[job]) if moment <= at)
                assert failures >= 3, f"{job} of {at} was missed; a service was idle at {idle[0]}"


def _within(found: Sequence[datetime], first: datetime, last: datetime) -> Sequence[datetime]:
    return [one for one in found if first < one < last or one == first]


def _apply_keeps_its_hours(world: World) -> None:
    """Law: `apply` begins inside its window only, and is never done sooner after itself than its interval."""
    assert all(8 <= one.astimezone(ZONE).hour < 20 for one in world.begun[Job.APPLY])
    assert all(later - one >= timedelta(minutes=20) for one, later in itertools.pairwise(world.done[Job.APPLY]))


def _kept() -> int:
    """Return how many octets our code, APScheduler and SQLAlchemy hold."""
    gc.collect()
    ours = [tracemalloc.Filter(inclusive=True, filename_pattern=f"*/{name}/*") for name in _OURS]
    return sum(one.size for one in tracemalloc.take_snapshot().filter_traces(ours).statistics("filename"))


_OURS = ("syncagent/service", "syncagent/store", "syncagent/runs", "apscheduler", "sqlalchemy", "structlog")


@pytest.mark.parametrize("world", [None], indirect=True)
def test_without_faults_every_moment_is_done_exactly_once(world: World) -> None:
    """Two hosts, half a day: each moment of each cron line once, `apply` every 20 minutes of its window."""
    with _hosts(world) as hosts:
        hosts.live(13)

    for job in BY_CRON:
        assert [one.replace(second=0) for one in world.done[job]] == _moments(job, world.now)
    assert len(world.done[Job.APPLY]) == 15
    _apply_keeps_its_hours(world)


@pytest.mark.parametrize("world", [None], indirect=True)
def test_an_apply_is_told_to_stop_when_its_window_closes(world: World) -> None:
    """It is asked as by SIGTERM, after the step under way; and it is not begun again before the window opens."""
    seen: list[tuple[datetime, bool, bool]] = []

    def work(job: Job, agent: Agent, _: Figures) -> None:
        if job is Job.APPLY:
            before = agent.interrupted()
            world.now += timedelta(minutes=45)
            seen.append((world.now, before, agent.interrupted()))

    world.doing = work
    world.now = START + timedelta(hours=18)
    with _hosts(world) as hosts:
        hosts.live(6)

    assert [(before, after) for _, before, after in seen] == [(False, False), (False, False), (False, True)]


@pytest.mark.parametrize("world", [random.Random(1)], indirect=True)  # noqa: S311 - faults need no secrecy
def test_hours_with_faults(world: World) -> None:
    """Jobs that fail, hang, crash or meet another agent; services that die: nothing missed, nothing doubled."""
    with _hosts(world) as hosts:
        hosts.live(13)

    _hold(world)
    _apply_keeps_its_hours(world)
    assert {"well", "long", "fails", "dies"} <= set(world.fates)


@pytest.mark.long
@pytest.mark.parametrize("world", [random.Random(seed) for seed in range(10, 16)], indirect=True)  # noqa: S311 - as above
def test_seventy_two_hours_with_faults_in_flat_memory(world: World) -> None:
    """Issue 8: 72 hours; what our code and its libraries keep does not grow from the first day to the third."""
    tracemalloc.start()
    try:
        with _hosts(world) as hosts:
            hosts.live(24)
            first = _kept()
            hosts.live(48)
            last = _kept()
    finally:
        tracemalloc.stop()

    _hold(world)
    _apply_keeps_its_hours(world)
    assert last - first < 256 * 1024
