"""Signals: the first ends within a step, at once where that is harmless; SIGHUP asks for the configuration again."""

from __future__ import annotations

import os
import signal
import time

import pytest

from syncagent.service.signals import Signals, Stopped


def _send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


def _at_work(signals: Signals, reached: list[str], *, may_be_cut: bool, times: int = 1) -> None:
    """Do a job during which somebody sends SIGTERM so many times, and note how far it came."""
    with signals.cutting(may=may_be_cut):
        reached.append("begun")
        for number in range(1, times + 1):
            _send(signal.SIGTERM)
            reached.append(f"after signal {number}")


def test_what_only_reads_is_cut_off_where_it_stands() -> None:
    """SIGTERM raises in the middle of it; whatever would come next does not even begin."""
    signals = Signals()
    first, following = list[str](), list[str]()
    with signals.heard():
        with pytest.raises(Stopped):
            _at_work(signals, first, may_be_cut=True)
        with pytest.raises(Stopped):
            _at_work(signals, following, may_be_cut=True)

    assert (first, following) == (["begun"], [])
    assert signals.stop


def test_what_writes_ends_its_step_unless_it_is_told_twice() -> None:
    """The first SIGTERM is a question that `apply` asks between steps; the second one cuts it."""
    once, twice = Signals(), Signals()
    ended, cut = list[str](), list[str]()
    with once.heard():
        _at_work(once, ended, may_be_cut=False)
    with twice.heard(), pytest.raises(Stopped):
        _at_work(twice, cut, may_be_cut=False, times=2)

    assert once.stop
    assert (ended, cut) == (["begun", "after signal 1"], ["begun", "after signal 1"])


def test_a_signal_ends_the_wait_and_sighup_ends_nothing_else() -> None:
    """Waiting for the next turn takes no longer than until the signal; afterwards the handlers are those of before."""
    signals, before = Signals(), signal.getsignal(signal.SIGHUP)
    with signals.heard():
        _send(signal.SIGHUP)
        start = time.monotonic()
        signals.wait(30)
        took = time.monotonic() - start
        asked = (signals.reload, signals.stop)
        for _ in range(100_000):
            signals.ask(stop=False)  # whoever shouts does not hold up anybody

    assert took < 5
    assert asked == (True, False)
    assert signal.getsignal(signal.SIGHUP) is before
