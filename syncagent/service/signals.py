"""Signals to the service: SIGTERM ends it within one step, SIGHUP has the configuration read again."""

from __future__ import annotations

import select
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDING = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """The service was told to end while it did something that may be cut off anywhere."""


@dataclass(slots=True)
class Signals:
    """What signals have asked for. `stop` ends the service, `reload` has it read its configuration again."""

    stop: bool = False
    reload: bool = False
    _may_be_cut: bool = False
    _ears: tuple[socket.socket, socket.socket] | None = None

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen for signals until the end; what a handler may do while somebody waits is to write to a socket.

        Windows runs a service in another thread than the main one, where no signal comes: there `ask` is called.
        """
        self._ears = hears, speaks = socket.socketpair()
        speaks.settimeout(0)
        numbers = (*_ENDING, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))
        if threading.current_thread() is not threading.main_thread():
            numbers = ()
        before = {number: signal.signal(number, self._note) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._ears = None
            hears.close()
            speaks.close()

    @contextmanager
    def cutting(self, *, may: bool) -> Iterator[None]:
        """Do something that the first signal may cut off at any point, or only the second one.

        Raises:
            Stopped: it was.
        """
        self._may_be_cut = may
        try:
            if may and self.stop:
                raise Stopped
            yield
        finally:
            self._may_be_cut = False

    def wait(self, seconds: float) -> None:
        """Wait, or until something is asked for."""
        if self._ears and select.select([self._ears[0]], [], [], seconds)[0]:
            self._ears[0].recv(64)

    def ask(self, *, stop: bool) -> None:
        """Ask for the end, or for the configuration to be read again; as a signal does."""
        if stop:
            self.stop = True
        else:
            self.reload = True
        if self._ears:
            with suppress(BlockingIOError):  # a full buffer wakes as well
                self._ears[1].send(b"!")

    def _note(self, number: int, _: object) -> None:
        again = self.stop
        self.ask(stop=number in _ENDING)
        if number in _ENDING and (self._may_be_cut or again):
            raise Stopped
