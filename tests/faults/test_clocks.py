"""Clocks that are wrong, on a directory that counts as live: nothing is written, nothing is deleted early (F11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from desk import Desk

from syncagent.core.outcome import Result
from syncagent.errors import Refused
from syncagent.runs.agent import Agent
from syncagent.runs.apply import apply
from syncagent.runs.plan import make_plan
from syncagent.store import watch
from syncagent.wiring import agent_of, now, settings_of

DAY = timedelta(days=1)


class Timed:
    """A target that tells the time as it is set."""

    def __init__(self, target: Any, told: Callable[[], datetime | None]) -> None:
        self._target, self.clock = target, told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


@contextmanager
def _agent(desk: Desk, ahead: timedelta = timedelta(0), theirs: timedelta | None = None) -> Iterator[Agent]:
    """The agent with its own clock so far ahead, over a directory that counts as live and tells its own time."""
    settings, folder = settings_of(str(desk.folder / "syncagent.yaml"), desk.folder)
    with agent_of(settings, folder) as agent:
        told = (lambda: now() + theirs) if theirs is not None else (lambda: None)
        targets: Any = {name: Timed(target, told) for name, target in agent.targets.items()}
        places = {name: replace(place, live=True) for name, place in agent.policy.targets.items()}
        policy = replace(agent.policy, targets=places, freshness=timedelta.max)
        yield replace(agent, policy=policy, targets=targets, clock=lambda: now() + ahead)


@pytest.mark.parametrize("seconds", [90, -90])
def test_clocks_that_differ_write_nothing(make_desk: Callable[[], Desk], seconds: int) -> None:
    """More than sixty seconds between the agent and a target: refused before the first write, exit 5."""
    desk = make_desk()
    with _agent(desk, theirs=timedelta(seconds=seconds)) as agent:
        make_plan(agent)
        before = (desk.folder / "directory.ldif").read_bytes()
        with pytest.raises(Refused) as refused:
            apply(agent, "latest")

    assert "NTP" in refused.value.says.vi
    assert (desk.folder / "directory.ldif").read_bytes() == before


def test_clocks_that_agree_or_tell_nothing_let_it_be_written(make_desk: Callable[[], Desk]) -> None:
    """Thirty seconds are no matter, and a server that does not tell its time is no obstacle."""
    for theirs in (timedelta(seconds=30), None):
        desk = make_desk()
        with _agent(desk, theirs=theirs) as agent:
            make_plan(agent)
            assert any(outcome.result is Result.DONE for outcome in apply(agent, "latest").outcomes)


def test_time_that_runs_backwards_stops_everything(make_desk: Callable[[], Desk]) -> None:
    """Backwards since the last record: neither a plan nor an apply."""
    desk = make_desk()
    with _agent(desk, ahead=timedelta(hours=2)) as agent:
        make_plan(agent)
    with _agent(desk) as agent:
        with pytest.raises(Refused, match="runs backwards"):
            make_plan(agent)
        with pytest.raises(Refused, match="runs backwards"):
            apply(agent, "latest")


def test_runs_are_counted_and_a_jump_is_remembered(make_desk: Callable[[], Desk]) -> None:
    """A day apart each run counts; ten days later time is not believed until two runs came at their usual pace."""
    desk = make_desk()
    jumped, counts = [], []
    for days in (0, 1, 2, 12, 13, 14):
        with _agent(desk, ahead=days * DAY) as agent:
            make_plan(agent)
            if days == 0:
                apply(agent, "latest")
            with agent.store.reading() as connection:
                jumped.append(watch.beat(connection).jumped)
                counts.append(max(watch.seen(connection).values(), default=0))

    assert jumped == [False, False, False, True, True, False]
    assert counts == [1, 2, 3, 4, 5, 6]
