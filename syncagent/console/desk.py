"""What every page of the console works with: the agent, the door, what the configuration says, what was read lately."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.names import fold
from syncagent.core.unit import WITHIN
from syncagent.errors import SyncError
from syncagent.report.inputs import unit_names
from syncagent.report.outline import by_unit
from syncagent.runs.approve import open_plan
from syncagent.runs.status import status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime, timedelta

    from syncagent.connectors.base import Door
    from syncagent.console.rights import Grant
    from syncagent.core.action import Action
    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent
    from syncagent.runs.status import Status
    from syncagent.text import Language
    from syncagent.trust.secret import Secret

_TREE_GOOD_FOR = 60.0
_PLANS = 3
_STATUS_GOOD_FOR = 10.0
_RUNS = 20


class Options(NamedTuple):
    """What the configuration says of the console.

    Attributes:
        hosts: what may stand as Host, and with the scheme before it as Origin.
        secure: whether people reach it by https, directly or through a proxy.
        roles: what each group is, by its DN as configured.
        idle: unused for so long, a session ends.
        approver_idle: the same, of those who approve.
        longest: every session ends after so long.
        tries: failed log-ins of one account in a window.
        address_tries: failed log-ins from one address in a window.
        window: over which failures are counted.
        stop_secret: whoever knows it may stop every apply, and do nothing else.
        language: of whoever has not chosen one.
        settings: the configuration, line by line, without a secret.
    """

    hosts: frozenset[str]
    secure: bool
    roles: Mapping[str, Grant]
    idle: timedelta
    approver_idle: timedelta
    longest: timedelta
    tries: int
    address_tries: int
    window: timedelta
    stop_secret: Secret | None
    language: Language
    settings: tuple[tuple[int, str, str], ...] = ()


class Opened(NamedTuple):
    """A plan, its envelope, its actions in the order they are read, and what of each is searched, folded."""

    plan: Plan
    envelope: Envelope
    actions: tuple[Action, ...]
    searched: Mapping[str, str]


def _in_order(plan: Plan, envelope: Envelope, names: Mapping[str, str]) -> Opened:
    actions = tuple(action for part in by_unit(plan.actions, names) for action in part.actions)
    return Opened(plan, envelope, actions, {action.id: fold(" ".join(_texts(action))) for action in actions})


def _texts(action: Action) -> Iterable[str]:
    """Return what of an action is searched."""
    yield from (action.id, action.name, action.subject, action.address, action.previous_address)
    yield from (reason.document for reason in action.because)


@dataclass(slots=True)
class Desk:
    """The parts, shared by all requests; each takes an agent of its own by `agent`.

    `reading` lets one at a time read directories: sessions with servers are nobody's to share. `signing` lets one at
    a time open a key: each takes 128 MB. `entering` bounds how many log in at once.
    """

    parts: Agent
    door: Door
    options: Options
    token: Callable[[], str]
    wait: Callable[[float], None]
    tick: Callable[[], float]
    reading: threading.Lock = field(default_factory=threading.Lock)
    signing: threading.Lock = field(default_factory=threading.Lock)
    entering: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(10))
    _plans: dict[str, Opened] = field(default_factory=dict)
    _opening: threading.Lock = field(default_factory=threading.Lock)
    _units: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    _homes: Mapping[str, str] = field(default_factory=dict)
    _status: tuple[float, Status] | None = None
    _read_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def agent(self) -> Agent:
        """Return the agent for one request: notices are its own."""
        return replace(self.parts, notices=[])

    def now(self) -> datetime:
        """Return the moment (UTC)."""
        return self.parts.clock()

    def plan(self, agent: Agent, name: str) -> Opened:
        """Return a plan that was to the byte what the agent signed when it was last opened, for showing it.

        Opening a large one takes seconds, so that the newest stay open. Whoever decides opens it anew.

        Raises:
            Misconfigured: there is none of this name.
            Refused: it was changed.
        """
        if found := self._plans.get(name):
            return found
        with self._opening:
            if found := self._plans.get(name):
                return found
            plan, envelope = open_plan(agent, name)
            found = self._plans.get(envelope.plan_id) or _in_order(plan, envelope, unit_names(plan))
            while len(self._plans) >= _PLANS:
                self._plans.pop(next(iter(self._plans)))
            self._plans[envelope.plan_id] = found
        return found

    def warm(self, name: str) -> None:
        """Open a plan that somebody is about to look at, while they read something else."""
        if name in self._plans or self._opening.locked():
            return

        def opened() -> None:
            with suppress(SyncError):
                self.plan(self.agent(), name)

        threading.Thread(target=opened, name="console-warm", daemon=True).start()

    def status(self, agent: Agent) -> Status:
        """Return the state of affairs, at most some seconds old."""
        with self._lock:
            known = self._status
        if known and self.tick() - known[0] < _STATUS_GOOD_FOR:
            return known[1]
        found = status(agent, _RUNS)
        with self._lock:
            self._status = self.tick(), found
        return found

    def above(self, unit: str) -> Iterable[str]:
        """Return the keys of the units above one, as the roster last said."""
        units, line = self._tree(), list[str]()
        while (unit := units.get(unit, ("", ""))[0]) and unit not in line:
            line.append(unit)
        return line

    def home(self, subject: str) -> str:
        """Return the unit of a person, or of a unit's mailbox, as the roster last said; empty if it does not know."""
        unit = subject.removeprefix("unit:")
        self._tree()
        return unit if unit != subject else self._homes.get(subject, "")

    def units(self) -> dict[str, str]:
        """Return the names of all units by key, each after those above it."""
        units = self._tree()
        return {
            unit: WITHIN.join(units[one][1] for one in reversed((unit, *self.above(unit))) if one in units)
            for unit in units
        }

    def _tree(self) -> Mapping[str, tuple[str, str]]:
        """Return what stands above each unit, and its name; an older one while the roster is read anew."""
        with self._lock:
            now, first = self.tick(), self._read_at is None
            stale = self._read_at is None or now - self._read_at > _TREE_GOOD_FOR
            if stale:
                self._read_at = now
            if first:
                self._read_roster()
        if stale and not first:
            threading.Thread(target=self._read_roster, name="console-roster", daemon=True).start()
        return self._units

    def _read_roster(self) -> None:
        with suppress(SyncError):  # what cannot be read adds nothing to what anybody may see
            rows = self.parts.roster.read()
            self._units = {unit.unit: (unit.parent, unit.name) for unit in rows.units}
            self._homes = {row.person_id: row.unit for row in rows.people}
