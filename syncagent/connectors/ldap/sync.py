"""What changed since a cookie, in the words of the Content Synchronization operation (RFC 4533, refreshOnly).

Only the answer is taken that names the changed and the deleted entries. A server that cannot tell these apart any more
lists all that are there, or asks for a new beginning; that is no answer here, for all can be compared as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.ldap import answers, ber, codes
from syncagent.connectors.ldap.answers import DONE, ENTRY, REFERENCE
from syncagent.connectors.ldap.ber import BOOLEAN, ENUMERATED, OCTETS, SEQUENCE, SET, Malformed, element, octets, part
from syncagent.connectors.ldap.requests import Control
from syncagent.connectors.ldap.wire import NOT_ASKED

if TYPE_CHECKING:
    from syncagent.connectors.ldap.wire import Wire

SYNC = "1.3.6.1.4.1.4203.1.9.1.1"
_DONE = "1.3.6.1.4.1.4203.1.9.1.3"
_INTERMEDIATE, _VALUE, _ID_SET = 0x79, 0x81, 0xA3
_REFRESH_ONLY = b"\x01"


class Changes(NamedTuple):
    """Entries that were added or changed, not decoded, and how many are gone."""

    changed: list[bytes]
    gone: int


def since(cookie: str) -> Control:
    """Return the control that asks for what changed since a cookie."""
    return Control(SYNC, critical=True, value=element(SEQUENCE, element(ENUMERATED, _REFRESH_ONLY) + octets(cookie)))


def changes(line: Wire, number: int, until: float) -> Changes | None:
    """Given the number of a search that was sent with `since`, return its answer; None if it does not say.

    Raises:
        Doubtful: the answer is malformed, or is one to something else.
        Unavailable: the connection is lost or time is up.
    """
    changed: list[bytes] = []
    gone, tells = 0, True
    try:
        while True:
            message = line.receive(until)
            if message.number != number or message.operation not in {ENTRY, REFERENCE, _INTERMEDIATE, DONE}:
                raise line.doubt(NOT_ASKED)
            if message.operation == ENTRY:
                changed.append(message.body)
            elif message.operation == _INTERMEDIATE:
                are_gone, named = _named(message.body)
                tells = tells and (are_gone or not named)
                gone += named
            elif message.operation == DONE:
                told = answers.result(message)
                ends = told.code == codes.SUCCESS and _stays(told.controls.get(_DONE, b""))
                return Changes(changed, gone) if tells and ends else None
    except Malformed as error:
        raise line.doubt(error.says) from error
    except IndexError as error:
        raise line.doubt(ber.CUT) from error


def _named(body: bytes) -> tuple[bool, int]:
    """Given a syncInfoMessage (§2.5), return whether it tells of deletions, and how many identities it names."""
    at = 0
    while at < len(body):
        tag, first, at = part(body, at, len(body))
        if tag == _VALUE:
            choice, inner, end = part(body, first, at)
            return _set(body, inner, end) if choice == _ID_SET else (False, 0)
    return False, 0


def _set(body: bytes, at: int, end: int) -> tuple[bool, int]:
    are_gone, named = False, 0
    while at < end:
        tag, first, at = part(body, at, end)
        if tag == BOOLEAN:
            are_gone = body[first:at] != b"\0"
        elif tag == SET:
            while first < at:
                _, _, first = part(body, first, at, OCTETS)
                named += 1
    return are_gone, named


def _stays(value: bytes) -> bool:
    """Given a syncDoneValue (§2.4), return whether what was not named stays as it was."""
    if not value:
        return False
    _, at, end = part(value, 0, len(value), SEQUENCE)
    while at < end:
        tag, first, at = part(value, at, end)
        if tag == BOOLEAN:
            return value[first:at] != b"\0"
    return False
