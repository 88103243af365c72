"""A fresh connection for each test."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from time import monotonic

import pytest
from other_end import OtherEnd

from syncagent.connectors.ldap.wire import Wire


@pytest.fixture
def there() -> Iterator[OtherEnd]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield OtherEnd(Wire(ours, "ldaps://dc1", patience=0.2), theirs, monotonic() + 5)
