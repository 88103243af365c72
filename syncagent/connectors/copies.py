"""The second place of checkpoints: a file that only grows, on another host's mount, or a syslog server.

What is kept there is out of reach of whoever puts an old backup of the state back.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncagent.errors import Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_LOG_AUDIT, _NOTICE = 13, 5
"""Facility and severity (RFC 5424, tables 1 and 2)."""

_PATIENCE_SECONDS = 5.0
_TAIL = 64 * 1024


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file of checkpoints, one line of JSON each; nothing in it is ever changed or taken away."""

    path: Path

    @property
    def name(self) -> str:
        """Return what it is called in messages."""
        return str(self.path)

    def keep(self, envelope: str, at: datetime) -> None:  # noqa: ARG002 - the envelope says when
        """Add a checkpoint, durably; a line that was cut off by a crash is left alone.

        Raises:
            Unavailable: the file cannot be written.
        """
        try:
            with self.path.open("a+b") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
                whole = file.read() in {b"", b"\n"}
                file.write((b"" if whole else b"\n") + envelope.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unavailable(self.name, error, written=True) from error

    def newest(self) -> str:
        """Return the last whole line, empty if there is none.

        Raises:
            Unavailable: the file cannot be read, or is not there.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                lines = file.read().split(b"\n")
        except OSError as error:
            raise _unavailable(self.name, error, written=False) from error
        return next((line for line in map(_text, reversed(lines[:-1])) if line), "")

    def every(self) -> tuple[str, ...]:
        """Return every whole line, oldest first.

        Raises:
            Unavailable: the file cannot be read, or is not there.
        """
        try:
            lines = self.path.read_bytes().split(b"\n")
        except OSError as error:
            raise _unavailable(self.name, error, written=False) from error
        return tuple(line for line in map(_text, lines[:-1]) if line)


def _text(line: bytes) -> str:
    """Return a line as text; one that a crash cut off, and the next checkpoint ended, says nothing."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return ""
    return line.decode()


@dataclass(frozen=True, slots=True)
class SyslogCopy:
    """A syslog server (RFC 5424) over UDP or TCP (RFC 6587, counted octets); what it got cannot be read back."""

    transport: str
    host: str
    port: int

    @property
    def name(self) -> str:
        """Return what it is called in messages."""
        return f"{self.transport}://{self.host}:{self.port}"

    def keep(self, envelope: str, at: datetime) -> None:
        """Send a checkpoint.

        Raises:
            Unavailable: the server cannot be reached.
        """
        header = f"<{_LOG_AUDIT * 8 + _NOTICE}>1 {at:%Y-%m-%dT%H:%M:%S.%fZ} {_own_name()} syncagent - checkpoint - "
        message = header.encode() + envelope.encode()
        try:
            if self.transport == "udp":
                family, kind, protocol, _, address = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)[0]
                with closing(socket.socket(family, kind, protocol)) as there:
                    there.sendto(message, address)
            else:
                with closing(socket.create_connection((self.host, self.port), _PATIENCE_SECONDS)) as there:
                    there.sendall(b"%d %b" % (len(message), message))
                    there.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise _unavailable(self.name, error, written=True) from error

    def newest(self) -> str:
        """Return nothing: what a syslog server keeps is read there."""
        return ""

    def every(self) -> tuple[str, ...]:
        """Return nothing: what a syslog server keeps is read there."""
        return ()


def _own_name() -> str:
    """Return this host's name as a syslog header takes it: printable ASCII, not empty (RFC 5424, §6.2.4)."""
    name = socket.gethostname()
    return name if name and name.isascii() and name.isprintable() and " " not in name else "-"


def _unavailable(name: str, error: OSError, *, written: bool) -> Unavailable:
    problem = error.strerror or type(error).__name__
    if written:
        return Unavailable(
            Text(f"Không ghi được mốc kiểm tra: {problem}.", f"The checkpoint cannot be kept: {problem}."), where=name
        )
    return Unavailable(
        Text(f"Không đọc được bản sao mốc kiểm tra: {problem}.", f"The checkpoints cannot be read: {problem}."),
        where=name,
    )
