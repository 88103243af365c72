"""Whether the service lives and is ready, as other threads may ask at any time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncagent.service.metrics import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

_TURN = 120.0
"""Seconds; the service turns every few, unless it does a job."""

_LONGEST = 6 * 3600.0
"""Seconds; a job that takes longer than the longest read of a directory and an apply behind it hangs."""


@dataclass(slots=True)
class Pulse:
    """When the service last turned, what it does, why it is not ready, and its last reading. One thread writes."""

    _turned: float = field(default_factory=time.monotonic)
    _job: str = ""
    _not_ready: tuple[str, ...] = ("starting",)
    _reading: Reading = field(default_factory=Reading)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def turned(self, not_ready: Sequence[str], reading: Reading) -> None:
        """Note a turn: what keeps it from being ready, and the figures."""
        with self._lock:
            self._turned, self._job = time.monotonic(), ""
            self._not_ready, self._reading = tuple(not_ready), reading

    def began(self, job: str) -> None:
        """Note that a job begins."""
        with self._lock:
            self._turned, self._job = time.monotonic(), job

    def lives(self) -> bool:
        """Whether it turned lately, or does a job that may take its time."""
        with self._lock:
            return time.monotonic() - self._turned < (_LONGEST if self._job else _TURN)

    def not_ready(self) -> tuple[str, ...]:
        """Return why it is not ready, nothing if it is."""
        with self._lock:
            return self._not_ready

    def reading(self) -> Reading:
        """Return the figures as they were at the last turn."""
        with self._lock:
            return self._reading
