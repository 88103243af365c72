"""What systemd is told: sd_notify(3), a datagram to the socket that it names. Without a socket nobody is told."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PATIENCE = 1.0
"""Seconds; one who does not read must not hold us up."""


class Notifier(NamedTuple):
    """Where systemd listens, empty if it does not, and how often it wants to hear that we live (seconds, 0: never)."""

    address: str = ""
    watchdog: float = 0.0

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Notifier:
        """Return what the environment says; a watchdog of another process is none of ours."""
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        span = environment.get("WATCHDOG_USEC", "") if ours else ""
        return cls(environment.get("NOTIFY_SOCKET", ""), int(span) / 1_000_000 if span.isdigit() else 0.0)

    def ready(self, status: str) -> None:
        """Say that everything is started, or loaded again."""
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Say that the configuration is read again; `ready` ends it."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Say that it ends."""
        self._tell("STOPPING=1", "STATUS=stopping")

    def status(self, status: str) -> None:
        """Say in a line what is going on."""
        self._tell(f"STATUS={status}")

    def watch(self, lives: Callable[[], bool]) -> None:
        """Say that we live, twice as often as is wanted and as long as it is true, until the process ends."""
        if self.watchdog:
            threading.Thread(target=self._beat, args=(lives,), name="watchdog", daemon=True).start()

    def _beat(self, lives: Callable[[], bool]) -> None:
        while True:
            if lives():
                self._tell("WATCHDOG=1")
            time.sleep(self.watchdog / 2)

    def _tell(self, *lines: str) -> None:
        if not self.address:
            return
        name = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as one:
            one.settimeout(_PATIENCE)
            one.sendto("\n".join(lines).encode(), name)
