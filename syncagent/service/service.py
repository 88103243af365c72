"""The service: turns every few seconds, does what is due if it leads, and can be asked how it is.

What it will do next is computed from what the state says was done, so that nothing is lost with the process: whoever
leads next, on this host or another, goes on from there.
"""

from __future__ import annotations

import platform
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

import structlog

from syncagent.errors import LeaseHeld, SyncError
from syncagent.runs.stop import wanted
from syncagent.service import fared
from syncagent.service.metrics import Reading
from syncagent.service.notify import Notifier
from syncagent.service.pulse import Pulse
from syncagent.service.schedule import Job
from syncagent.service.signals import Signals, Stopped
from syncagent.service.tally import Tally
from syncagent.service.timetable import Timetable
from syncagent.service.web import shown
from syncagent.store import jobs
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from syncagent.runs.agent import Agent
    from syncagent.service.schedule import Schedule
    from syncagent.service.timetable import Due
    from syncagent.service.work import Figures
    from syncagent.store.database import Lock
    from syncagent.store.jobs import Standing

_TURN = 5.0


class Beside(Protocol):
    """What runs beside the jobs, in threads of its own: the console."""

    def open(self, before: Beside | None) -> None:
        """Begin; take over from the one before where nothing about it has changed.

        Raises:
            Misconfigured: it cannot begin; the one before goes on.
        """
        ...

    def close(self) -> None:
        """End, unless another one has taken over."""
        ...


class Loaded(NamedTuple):
    """What a configuration makes of the service.

    Attributes:
        agent: the parts every job works with.
        schedules: the jobs there are, each with when it is due.
        do: does a job.
        limit: after so many failures in a row a job is quarantined.
        listen: where questions are answered over HTTP, None if nowhere.
        beside: the console, None if there is none.
    """

    agent: Agent
    schedules: Mapping[Job, Schedule]
    do: Callable[[Job, Agent, Figures], None]
    limit: int = 3
    listen: tuple[str, int] | None = None
    beside: Beside | None = None


@dataclass(slots=True)
class Service:
    """One service; `load` reads the configuration and opens what it names, as often as it is asked to."""

    load: Callable[[], AbstractContextManager[Loaded]]
    signals: Signals = field(default_factory=Signals)
    notifier: Notifier = field(default_factory=Notifier)
    pulse: Pulse = field(default_factory=Pulse)
    _loaded: Loaded | None = None
    _open: ExitStack = field(default_factory=ExitStack, repr=False)
    _web: ExitStack = field(default_factory=ExitStack, repr=False)
    _leads: Lock | None = None
    _timetable: Timetable | None = None
    _tally: Tally = field(default_factory=Tally)
    _shown: Reading = field(default_factory=Reading)

    def run(self) -> None:
        """Serve until it is told to end.

        Raises:
            SyncError: the configuration is faulty, or what it names cannot be opened; nothing was begun.
        """
        with self.signals.heard():
            try:
                self.start()
                self.notifier.watch(self.pulse.lives)
                while not self.signals.stop:
                    if self.signals.reload:
                        self.signals.reload = False
                        self.reload()
                    self.turn()
                    self.signals.wait(self._pause())
            except Stopped:
                structlog.get_logger().info("cut-off")
            finally:
                self.notifier.stopping()
                self.close()
                structlog.get_logger().info("ended")

    # ── the configuration ────────────────────────────────────────────────────

    def start(self) -> None:
        """Read the configuration and open what it names.

        Raises:
            SyncError: it is faulty, or something cannot be opened.
        """
        self._loaded = self._open.enter_context(self.load())
        if self._loaded.listen:
            place = self._web.enter_context(shown(self.pulse, self._loaded.listen))
            structlog.get_logger().info("listening", host=place[0], port=place[1])
        if self._loaded.beside:
            self._loaded.beside.open(None)
        self.notifier.ready("started")
        structlog.get_logger().info("started", jobs=sorted(self._loaded.schedules))

    def reload(self) -> None:
        """Read the configuration again; if it is faulty, everything goes on with the one before."""
        self.notifier.reloading()
        before, opened = self._loaded, ExitStack()
        try:
            loaded = opened.enter_context(self.load())
            self._show(before, loaded)
        except SyncError as error:
            opened.close()
            for line in error.lines("en"):
                structlog.get_logger().error("configuration-refused", says=line)
            self.notifier.ready("the new configuration is faulty, the one before goes on")
            return
        self._step_down()
        self._open.close()
        self._open, self._loaded = opened, loaded
        self._try_again(loaded)
        self.notifier.ready("reloaded")
        structlog.get_logger().info("reloaded", jobs=sorted(loaded.schedules))

    def _show(self, before: Loaded | None, loaded: Loaded) -> None:
        """Let what answers over HTTP be that of a new configuration, all of it or nothing.

        Raises:
            Misconfigured: something cannot listen where it is to; everything stays as it was.
        """
        web, other = ExitStack(), before is None or loaded.listen != before.listen
        if other and loaded.listen:
            web.enter_context(shown(self.pulse, loaded.listen))
        try:
            if loaded.beside:
                loaded.beside.open(before.beside if before else None)
        except SyncError:
            web.close()
            raise
        if before and before.beside:
            before.beside.close()
        if other:
            self._web.close()
            self._web = web

    def _try_again(self, loaded: Loaded) -> None:
        """Have whatever failed tried at once: somebody has mended something."""
        now = loaded.agent.clock()
        with suppress(SyncError), loaded.agent.store.writing() as connection:
            for job, one in jobs.standings(connection).items():
                if one.next_try:
                    jobs.keep(connection, job, one._replace(next_try=now))

    def close(self) -> None:
        """Give everything back."""
        self._step_down()
        if self._loaded and self._loaded.beside:
            self._loaded.beside.close()
        self._web.close()
        self._open.close()

    def _pause(self) -> float:
        """Return how many seconds there are to the next turn."""
        until = self._timetable.wait if self._timetable else None
        return _TURN if until is None else min(_TURN, until)

    # ── a turn ───────────────────────────────────────────────────────────────

    def turn(self) -> None:
        """Do what is due, if this service leads, and note how things stand."""
        loaded = self._ready()
        trouble: tuple[str, ...] = ()
        try:
            if timetable := self._leading(loaded):
                for due in timetable.due():
                    if self.signals.stop:
                        break
                    self._keep(loaded, timetable, due)
                    self.notifier.status("leads")
            self._look(loaded)
        except SyncError as error:
            # The state did not answer. What is due is computed anew once it does.
            self._step_down()
            trouble = tuple(error.lines("en"))
            structlog.get_logger().warning("state-unavailable", says=trouble[0])
        self._note(trouble)

    def _ready(self) -> Loaded:
        if self._loaded is None:
            message = "start() comes first"
            raise RuntimeError(message)
        return self._loaded

    def _leading(self, loaded: Loaded) -> Timetable | None:
        """Return the timetable if this service leads, taking the lead if nobody has it."""
        agent = loaded.agent
        if self._leads and not self._leads.held():
            structlog.get_logger().warning("lead-lost")
            self._step_down()
        if not self._leads:
            self._leads = agent.store.leadership()
            if not self._leads:
                return None
            with agent.store.writing() as connection:
                jobs.led(connection, jobs.Leader(platform.node(), agent.clock()))
            structlog.get_logger().info("leads")
        if not self._timetable:
            now = agent.clock()
            with agent.store.reading() as connection:
                known = {job: fared.believed(one, now) for job, one in jobs.standings(connection).items()}
            self._timetable = Timetable.of(loaded.schedules, known, now, agent.zone)
        return self._timetable

    def _step_down(self) -> None:
        if self._timetable:
            self._timetable.shutdown()
        if self._leads:
            self._leads.release()
        self._timetable = self._leads = None

    # ── a job ────────────────────────────────────────────────────────────────

    def _keep(self, loaded: Loaded, timetable: Timetable, due: Due) -> None:
        """Do one job that is due, whatever becomes of it."""
        agent, schedule = loaded.agent, loaded.schedules[due.job]
        began = agent.clock()

        def closed() -> bool:
            return schedule.window is not None and not schedule.window.holds(agent.clock().astimezone(agent.zone))

        if closed():
            timetable.ended(due)
            return
        with agent.store.writing() as connection:
            taken = fared.take(connection, due, schedule, began)
        if taken is None:
            timetable.ended(due)
            return
        self.pulse.began(due.job)
        self.notifier.status(f"job {due.job}")
        figures = dict(taken.figures)
        working = replace(agent, interrupted=lambda: self.signals.stop or closed(), notices=[])
        why: SyncError | Text | None = None
        try:
            with self.signals.cutting(may=due.job is not Job.APPLY):
                loaded.do(due.job, working, figures)
        except SyncError as error:
            why = error
        except Exception as error:  # noqa: BLE001 - a bug in one job must not end the others; it is told, and quarantined
            structlog.get_logger().exception("job-crashed", job=due.job)
            name = type(error).__name__
            why = Text(f"lỗi của chương trình ({name}), xem nhật ký dịch vụ", f"a bug ({name}), see the service's log")
        for notice in working.notices:
            structlog.get_logger().warning("notice", job=due.job, says=notice.lines("en")[0])
        ended = self._ended(loaded, due, taken, why, figures, began)
        timetable.ended(due, ended.next_try)

    def _ended(
        self,
        loaded: Loaded,
        due: Due,
        taken: Standing,
        why: SyncError | Text | None,
        figures: Figures,
        began: datetime,
    ) -> Standing:
        """Keep and return how a job has fared."""
        agent = loaded.agent
        now = agent.clock()
        seconds = max((now - began).total_seconds(), 0.0)
        says = _said(why)
        if why is None:
            one = fared.succeeded(taken, now, seconds, figures)
        elif isinstance(why, LeaseHeld):
            one = fared.postponed(taken, now, says)
        else:
            regular = loaded.schedules[due.job].first_after(due.at, now)
            one = fared.failed(taken, now, says, loaded.limit, regular, seconds, figures)
        with agent.store.writing() as connection:
            jobs.keep(connection, due.job, one)
        log = structlog.get_logger().bind(job=due.job, seconds=round(seconds, 3))
        if why is None:
            log.info("job-done")
        else:
            event = "job-quarantined" if one.quarantined else "job-failed" if one.failures else "job-postponed"
            log.warning(event, failures=one.failures, next_try=str(one.next_try), says=says.en)
        self._shown = self._shown._replace(fared={**self._shown.fared, due.job: one})
        return one

    # ── how things stand ─────────────────────────────────────────────────────

    def _look(self, loaded: Loaded) -> None:
        """Read what is shown from the state."""
        with loaded.agent.store.reading() as connection:
            known = jobs.standings(connection)
            self._tally.go_on(connection)
        stopped = bool(wanted(loaded.agent))
        self._shown = Reading(
            bool(self._leads), ready=True, stopped=stopped, fared=known, actions=dict(self._tally.counts)
        )

    def _note(self, trouble: tuple[str, ...]) -> None:
        check = self._shown.fared.get(Job.SELF_CHECK)
        faults = (f"self-check: {check.says.en}",) if check and check.failures else ()
        why = (*trouble, *faults)
        self._shown = self._shown._replace(leads=bool(self._leads), ready=not why)
        self.pulse.turned(why, self._shown)


def _said(why: SyncError | Text | None) -> Text:
    if why is None:
        return Text("", "")
    if isinstance(why, Text):
        return why
    return Text("; ".join(why.lines("vi")), "; ".join(why.lines("en")))
