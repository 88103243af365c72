"""A server process of our own, which ends when we end, whatever ends us."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SBIN = f"{os.environ['PATH']}:/usr/sbin:/sbin"
_PATIENCE = 30.0
_GLANCE = 0.01


@dataclass(slots=True)
class Daemon:
    """A command that stays in the foreground and listens at `door` (address and port, or socket) once it is ready.

    The kernel kills it when the thread that started it ends (PR_SET_PDEATHSIG).
    """

    command: Sequence[str]
    door: tuple[str, int] | Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and return as soon as the door opens.

        Raises:
            RuntimeError: it runs already, ended at once, or did not open its door in time; with its last words.
        """
        if self.runs():
            raise RuntimeError(f"{self.command[0]} runs already")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.command],
                env={**os.environ, "PATH": SBIN, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + _PATIENCE
        while not self._is_open():
            if not self.runs() or time.monotonic() > until:
                self.kill()
                words = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"{self.command[0]} did not listen at {self.door}: {words}")
            time.sleep(_GLANCE)

    def stop(self) -> None:
        """Ask it to end, as an operator does, and wait until it has."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=_PATIENCE)
            self._process = None

    def _is_open(self) -> bool:
        if isinstance(self.door, Path):
            with socket.socket(socket.AF_UNIX) as visitor:
                return visitor.connect_ex(str(self.door)) == 0
        with socket.socket() as visitor:
            return visitor.connect_ex(self.door) == 0
