"""Loopback addresses of one's own: servers of several workers, and of several checkouts, run side by side."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

_TOKEN_PORT = 9389
"""Whoever has bound it at an address, without listening, holds the address; it is given back with the process."""


@contextmanager
def own_address() -> Iterator[str]:
    """Hold a free address 127.0.<10 + number of the xdist worker>.N that no other server of the tests uses."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    with socket.socket() as token:
        for number in range(1, 255):
            address = f"127.0.{10 + int(worker)}.{number}"
            try:
                token.bind((address, _TOKEN_PORT))
            except OSError:
                continue
            yield address
            return
    raise RuntimeError(f"all addresses 127.0.{10 + int(worker)}.1 to .254 are held by other servers of the tests")
