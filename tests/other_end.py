"""A wire whose other end says what a test wants."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

import messages

from syncagent.connectors.ldap import ber
from syncagent.connectors.ldap.wire import Wire


@dataclass(slots=True)
class OtherEnd:
    """Both ends of a connection: `line` is ours; what is said here has been said before we ask."""

    line: Wire
    peer: socket.socket
    soon: float

    def says(self, *answers: bytes) -> None:
        """Say these messages and hang up."""
        self.peer.sendall(b"".join(answers))
        self.peer.shutdown(socket.SHUT_WR)

    def heard(self) -> list[Any]:
        """The messages that were sent to it until now."""
        self.peer.settimeout(0.01)
        data = b""
        try:
            while block := self.peer.recv(1 << 20):
                data += block
        except TimeoutError:
            pass
        found = []
        while data:
            size = ber.size_of_message(data, 0)
            found.append(messages.read(data[:size]))
            data = data[size:]
        return found
