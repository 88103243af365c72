"""Law 9, exhaustively: a crash before or after every single step of an apply, then again while resuming."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk import Desk

from syncagent.cli.starting import DEMO_DAY
from syncagent.errors import Refused
from syncagent.runs.agent import Agent
from syncagent.runs.apply import apply
from syncagent.runs.auditor import against, verify
from syncagent.store import journal
from syncagent.wiring import agent_of, settings_of


class Crash(BaseException):
    """Not an error a program may handle: the process is gone."""


class Fuse:
    """Burns down with every step and crashes when it reaches zero."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Crash


class FusedStore:
    """A store that may crash before a transaction, before its commit, and after it."""

    def __init__(self, store: Any, fuse: Fuse) -> None:
        self._store, self._fuse = store, fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def writing(self) -> Any:
        self._fuse.burn()
        with self._store.writing() as connection:
            yield connection
            self._fuse.burn()
        self._fuse.burn()


class FusedTarget:
    """A target of small batches that may crash before and after each."""

    def __init__(self, target: Any, fuse: Fuse) -> None:
        self._target, self._fuse = target, fuse
        self.name, self.batch, self.patience = target.name, 20, 0.0

    def read(self) -> Any:
        return self._target.read()

    def directory_id(self) -> str:
        found: str = self._target.directory_id()
        return found

    def carry_out(self, actions: Sequence[Any], marker: str, passwords: Any, stop: Any) -> Any:
        self._fuse.burn()
        outcomes = self._target.carry_out(actions, marker, passwords, stop)
        self._fuse.burn()
        return outcomes

    def resolve(self, action: Any, marker: str) -> Any:
        return self._target.resolve(action, marker)


def _agent(folder: Path) -> AbstractContextManager[Agent]:
    settings, place = settings_of(str(folder / "syncagent.yaml"), folder)
    return agent_of(settings, place)


def _fused(agent: Agent, fuse: Fuse) -> Agent:
    targets: Any = {name: FusedTarget(target, fuse) for name, target in agent.targets.items()}
    store: Any = FusedStore(agent.store, fuse)
    return replace(agent, store=store, targets=targets)


def _until_it_crashes(folder: Path, steps: int) -> bool:
    """Apply with a fuse; whether it crashed before it was done."""
    with _agent(folder) as agent:
        try:
            apply(_fused(agent, Fuse(steps)), "latest")
        except Crash:
            return True
        except Refused:
            return False
    return False


@pytest.mark.parametrize(
    ("every", "double"),
    [(4, False), pytest.param(1, False, marks=pytest.mark.long), pytest.param(1, True, marks=pytest.mark.long)],
    ids=["every fourth", "every one", "again while resuming"],
)
def test_a_crash_at_every_step(
    make_desk: Callable[[], Desk], without_crash: bytes, every: int, *, double: bool
) -> None:
    """Resumed, the directory is the same to the byte and nothing is left to do; each step in `make faults`."""
    steps = 0
    crashed = True
    while crashed:
        steps += every
        desk = make_desk()
        crashed = _until_it_crashes(desk.folder, steps)
        if double and crashed:
            _until_it_crashes(desk.folder, 2)
        with _agent(desk.folder) as agent, suppress(Refused):  # refused: the crash came after the last step
            assert apply(agent, "latest").complete
        assert (desk.folder / "directory.ldif").read_bytes() == without_crash, steps
        with _agent(desk.folder) as agent:
            assert verify(agent).doubts == ()
            assert against(agent, "main").open == ()  # law 12: each change by exactly one record
    assert steps > 10


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.long)])
def test_a_plan_made_over_an_interrupted_apply_knows_what_it_did(make_desk: Callable[[], Desk], every: int) -> None:
    """Laws 9 and 12: whatever step the crash hit, a new plan first finds out what had happened, and denies nothing.

    Every seventh step here, every one of them in `make faults`.
    """
    steps = 0
    crashed = True
    while crashed:
        steps += every
        desk = make_desk()
        crashed = _until_it_crashes(desk.folder, steps)
        again = desk.plan(DEMO_DAY.isoformat())
        with _agent(desk.folder) as agent, agent.store.reading() as connection:
            assert journal.interrupted(connection) == ()
        if again["actions"]:
            desk.run("apply", "latest")
        assert desk.plan(DEMO_DAY.isoformat())["actions"] == [], steps
        strange = [f for f in again["findings"] if f["code"] in {"stamp-differs", "ambiguous-match"}]
        assert strange == [], steps
    assert steps > 10


def test_an_apply_that_still_runs_is_not_settled_by_others(make_desk: Callable[[], Desk]) -> None:
    """F-lease: only when the running apply has ended may another process say what became of its actions."""
    desk = _interrupted(make_desk)
    with _agent(desk.folder) as agent, agent.store.lease():
        desk.run("plan", "--as-of", DEMO_DAY.isoformat(), expect=7)
    assert "Bị gián đoạn" in desk.run("status").stdout
    desk.run("plan", "--as-of", DEMO_DAY.isoformat())


def _interrupted(make_desk: Callable[[], Desk]) -> Desk:
    """A desk whose apply crashed between an intent and its outcome."""
    steps = 0
    while True:
        steps += 1
        desk = make_desk()
        assert _until_it_crashes(desk.folder, steps)
        with _agent(desk.folder) as agent, agent.store.reading() as connection:
            if journal.interrupted(connection):
                return desk
