"""sd_notify(3): one datagram with lines, to a path or to an abstract name; silence where nobody listens."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from syncagent.service.notify import Notifier


def test_systemd_is_told_in_its_own_words(tmp_path: Path) -> None:
    """READY with a status, RELOADING with the monotonic clock in microseconds, STOPPING; one datagram each."""
    path = tmp_path / "notify"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as ears:
        ears.bind(str(path))
        ears.settimeout(5)
        notifier = Notifier.of({"NOTIFY_SOCKET": str(path)})

        before = time.monotonic_ns() // 1000
        notifier.ready("leads")
        notifier.reloading()
        notifier.stopping()
        told = [ears.recv(4096).decode().split("\n") for _ in range(3)]

    assert told[0] == ["READY=1", "STATUS=leads"]
    assert told[1][0] == "RELOADING=1"
    assert before <= int(told[1][1].removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000
    assert told[2][0] == "STOPPING=1"


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_where_nobody_listens_nothing_happens(environment: dict[str, str]) -> None:
    """Started by hand, or by something that went away."""
    Notifier.of(environment).ready("leads")


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, 0.0),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0.0),
    ],
)
def test_the_watchdog_is_that_of_this_process(environment: dict[str, str], seconds: float) -> None:
    """WATCHDOG_PID names whom the watchdog is for."""
    assert Notifier.of(environment).watchdog == seconds


def test_the_watchdog_hears_nothing_of_a_service_that_hangs() -> None:
    """WATCHDOG=1 comes as long as it lives, and stops when it does not."""
    name = f"\0syncagent-watchdog-{os.getpid()}"
    lives = True
    says: Callable[[], bool] = lambda: lives  # noqa: E731 - reads what changes below
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as ears:
        ears.bind(name)
        ears.settimeout(5)
        Notifier(f"@{name[1:]}", 0.1).watch(says)
        first = ears.recv(100)
        lives = False
        time.sleep(0.15)
        ears.settimeout(0.01)
        for _ in range(10):
            try:
                ears.recv(100)
            except TimeoutError:
                break
        ears.settimeout(0.3)

        assert first == b"WATCHDOG=1"
        with pytest.raises(TimeoutError):
            ears.recv(100)
