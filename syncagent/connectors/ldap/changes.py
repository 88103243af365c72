"""Writes, many at a time on one connection: up to a hundred are under way while answers come in."""

from __future__ import annotations

from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING

from syncagent.connectors.ldap import answers, requests
from syncagent.connectors.ldap.answers import ADDED, DELETED, EXTENDED, MODIFIED, RENAMED, Result
from syncagent.connectors.ldap.ber import Malformed
from syncagent.connectors.ldap.requests import Add, Delete, Modify, Rename, Write
from syncagent.connectors.ldap.wire import NOT_ASKED, Wire
from syncagent.errors import Doubtful, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW = 100  # slapd ends a connection on which more than 1,000 requests wait (olcConnMaxPendingAuth)
_ANSWERS = {Add: ADDED, Modify: MODIFIED, Rename: RENAMED, Delete: DELETED}


class Fate(Enum):
    """What is known of a write that has no answer: it was sent, wholly or in part, or it was not."""

    UNKNOWN = "unknown"
    NOT_TRIED = "not tried"


def carry_out(line: Wire, writes: Sequence[Write], until: float) -> list[Result | Fate]:
    """Send writes and return how each ended, in the same order; never raises once the first is sent.

    They must not depend on each other: a server may carry them out in any order, and one that is refused stops no
    other. When the connection is lost or its answers make no sense, what has no answer is unknown if it was sent.
    """
    operations = [requests.writing(write) for write in writes]
    ends: list[Result | Fate] = [Fate.NOT_TRIED] * len(writes)
    waiting: dict[int, int] = {}
    sent = 0
    with suppress(Unavailable, Doubtful):
        while sent < len(writes) or waiting:
            if sent < len(writes) and len(waiting) <= WINDOW // 2:
                octets = []
                while sent < len(writes) and len(waiting) < WINDOW:
                    number = line.number()
                    octets.append(requests.message(number, operations[sent], writes[sent].controls))
                    waiting[number] = sent
                    if not line.closed:
                        ends[sent] = Fate.UNKNOWN
                    sent += 1
                line.send(b"".join(octets), until)
            place, ends_as = _answer(line, writes, waiting, until)
            ends[place] = ends_as
    return ends


def _answer(line: Wire, writes: Sequence[Write], waiting: dict[int, int], until: float) -> tuple[int, Result]:
    message = line.receive(until)
    place = waiting.pop(message.number, None)
    if place is None or message.operation not in {_ANSWERS[type(writes[place])], EXTENDED}:
        raise line.doubt(NOT_ASKED)
    try:
        end = answers.result(message)
    except Malformed as error:
        raise line.doubt(error.says) from error
    if message.operation == EXTENDED and end.code == 0:  # in this form Samba refuses a critical control, no more
        raise line.doubt(NOT_ASKED)
    return place, end
