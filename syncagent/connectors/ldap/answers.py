"""What a server answers, decoded (RFC 4511 §4): the few forms there are, each checked to its last octet.

ldap3 decodes a search entry in about 945 calls, and a province read that way takes ten times as long as `ldapsearch`.
Every form not known here is refused, so that damage never becomes an entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.ldap import ber
from syncagent.connectors.ldap.ber import BOOLEAN, ENUMERATED, INTEGER, LONG, OCTETS, SEQUENCE, SET, Malformed, part
from syncagent.connectors.ldap.requests import POST_READ

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ENTRY, DONE, REFERENCE = 0x64, 0x65, 0x73
MODIFIED, ADDED, DELETED, RENAMED, EXTENDED = 0x67, 0x69, 0x6B, 0x6D, 0x78

_CONTROLS, _REFERRALS, _RESPONSE_NAME, _RESPONSE_VALUE, _SASL = 0xA0, 0xA3, 0x8A, 0x8B, 0x87
_RANGE = "range="


class Message(NamedTuple):
    """One LDAPMessage: its number, the tag and content of its operation, the content of its controls."""

    number: int
    operation: int
    body: bytes
    controls: bytes


class Entry(NamedTuple):
    """One entry: its DN and the values of its attributes, named as they were asked for."""

    dn: str
    attributes: dict[str, tuple[bytes, ...]]


class Result(NamedTuple):
    """An LDAPResult (§4.1.9): code, diagnostic, referrals, an extended name and value, control values by OID."""

    code: int
    diagnostic: str = ""
    referrals: tuple[str, ...] = ()
    name: str = ""
    value: bytes | None = None
    controls: Mapping[str, bytes] = {}

    def after(self) -> Entry | None:
        """Return the entry as the write left it, if that was asked for (RFC 4527).

        Raises:
            Malformed: the control holds something else.
        """
        value = self.controls.get(POST_READ)
        if value is None:
            return None
        try:
            _, at, stop = part(value, 0, len(value), ENTRY)
        except IndexError as error:
            raise Malformed(ber.CUT) from error
        if stop != len(value):
            raise Malformed(ber.LEFT_OVER)
        return entry(value[at:stop], Names(()))


class Names(dict[bytes, str]):
    """Spells attributes as they were asked for, whatever the server calls them; `ranges` are those served in part."""

    def __init__(self, asked: Iterable[str]) -> None:
        super().__init__()
        self._asked = {name.lower(): name for name in asked}
        self.ranges: set[str] = set()

    def __missing__(self, served: bytes) -> str:
        text = served.decode("ascii")
        kind, semicolon, option = text.partition(";")
        is_range = option.lower().startswith(_RANGE)
        if is_range:
            option = option.lower()
        name = self._asked.get(text.lower()) or self._asked.get(kind.lower(), kind) + semicolon + option
        if is_range:
            self.ranges.add(name)
        self[served] = name
        return name


def message(data: bytes, start: int, end: int) -> Message:
    """Given where one message begins and ends, return it.

    Raises:
        Malformed: it is not one.
    """
    try:
        _, at, stop = part(data, start, end, SEQUENCE)
        _, first, last = part(data, at, end, INTEGER)
        number = ber.number(data[first:last])
        operation, first, stop = part(data, last, end)
        body, controls = data[first:stop], b""
        if stop < end:
            _, first, stop = part(data, stop, end, _CONTROLS)
            controls = data[first:stop]
    except IndexError as error:
        raise Malformed(ber.CUT) from error
    if stop != end:
        raise Malformed(ber.LEFT_OVER)
    return Message(number, operation, body, controls)


def entry(body: bytes, names: Names) -> Entry:
    """Given the content of a searchResEntry, return the entry; an attribute without values is left out.

    Raises:
        Malformed: it is not a DN and attributes, each of them once.
    """
    try:
        dn, at = _name(body)
        return Entry(dn, _attributes(body, at, len(body), names))
    except IndexError as error:
        raise Malformed(ber.CUT) from error
    except UnicodeDecodeError as error:
        raise Malformed(ber.NOT_UTF_8) from error


def name(body: bytes) -> str:
    """Given the content of a searchResEntry, return its DN.

    Raises:
        Malformed: it has none.
    """
    try:
        return _name(body)[0]
    except IndexError as error:
        raise Malformed(ber.CUT) from error
    except UnicodeDecodeError as error:
        raise Malformed(ber.NOT_UTF_8) from error


def _name(body: bytes) -> tuple[str, int]:
    """Return the DN, and where the attributes begin, which must fill the rest."""
    _, first, last = part(body, 0, len(body), OCTETS)
    _, at, end = part(body, last, len(body), SEQUENCE)
    if end != len(body):
        raise Malformed(ber.LEFT_OVER)
    return body[first:last].decode(), at


def _attributes(body: bytes, at: int, end: int, names: Names) -> dict[str, tuple[bytes, ...]]:  # noqa: C901, PLR0912 - a call for each element would cost a third more
    """The inner loop of a full read: heads of two octets are taken in place, longer ones by `part`.

    An element that leads beyond what holds it is noticed where the two should end together.
    """
    found: dict[str, tuple[bytes, ...]] = {}
    while at < end:
        if body[at] == SEQUENCE and (size := body[at + 1]) < LONG:
            at += 2
            stop = at + size
        else:
            _, at, stop = part(body, at, end, SEQUENCE)
        if body[at] == OCTETS and (size := body[at + 1]) < LONG:
            at += 2
            last = at + size
        else:
            _, at, last = part(body, at, stop, OCTETS)
        name = names[body[at:last]]
        if body[last] == SET and (size := body[last + 1]) < LONG:
            at = last + 2
            inner = at + size
        else:
            _, at, inner = part(body, last, stop, SET)
        if inner != stop or stop > end:
            raise Malformed(ber.LEFT_OVER)
        values = []
        while at < stop:
            if body[at] == OCTETS and (size := body[at + 1]) < LONG:
                at += 2
                last = at + size
            else:
                _, at, last = part(body, at, stop, OCTETS)
            values.append(body[at:last])
            at = last
        if at != stop:
            raise Malformed(ber.TOO_LONG)
        if name in found:
            raise Malformed(ber.TWICE)
        if values:
            found[name] = tuple(values)
    return found


def result(answer: Message) -> Result:
    """Given an answer that is an LDAPResult, return it.

    Raises:
        Malformed: it is not one.
    """
    body = answer.body
    referrals: tuple[str, ...] = ()
    name, value = "", None
    try:
        _, at, stop = part(body, 0, len(body), ENUMERATED)
        code = ber.number(body[at:stop])
        _, _, stop = part(body, stop, len(body), OCTETS)
        _, at, stop = part(body, stop, len(body), OCTETS)
        diagnostic = body[at:stop].decode("utf-8", "replace")
        while stop < len(body):
            tag, at, stop = part(body, stop, len(body))
            if tag == _REFERRALS:
                referrals = addresses(body[at:stop])
            elif tag == _RESPONSE_NAME:
                name = body[at:stop].decode()
            elif tag == _RESPONSE_VALUE:
                value = body[at:stop]
            elif tag != _SASL:
                raise Malformed(ber.UNEXPECTED)
        return Result(code, diagnostic, referrals, name, value, _controls(answer.controls))
    except IndexError as error:
        raise Malformed(ber.CUT) from error
    except UnicodeDecodeError as error:
        raise Malformed(ber.NOT_UTF_8) from error


def addresses(body: bytes) -> tuple[str, ...]:
    """Given the content of a referral or of a searchResRef, return its URIs.

    Raises:
        Malformed: it is something else.
    """
    found = []
    stop = 0
    try:
        while stop < len(body):
            _, at, stop = part(body, stop, len(body), OCTETS)
            found.append(body[at:stop].decode())
    except IndexError as error:
        raise Malformed(ber.CUT) from error
    except UnicodeDecodeError as error:
        raise Malformed(ber.NOT_UTF_8) from error
    return tuple(found)


def cookie(value: bytes) -> bytes:
    """Given the value of a paged results control, return its cookie (RFC 2696); its size is a guess and unused.

    Raises:
        Malformed: it is something else.
    """
    try:
        _, at, end = part(value, 0, len(value), SEQUENCE)
        _, _, stop = part(value, at, end, INTEGER)
        _, at, stop = part(value, stop, end, OCTETS)
    except IndexError as error:
        raise Malformed(ber.CUT) from error
    if not stop == end == len(value):
        raise Malformed(ber.LEFT_OVER)
    return value[at:stop]


def _controls(listed: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    stop = 0
    while stop < len(listed):
        _, at, stop = part(listed, stop, len(listed), SEQUENCE)
        _, first, last = part(listed, at, stop, OCTETS)
        oid, value = listed[first:last].decode(), b""
        if last < stop and listed[last] == BOOLEAN:
            _, _, last = part(listed, last, stop, BOOLEAN)
        if last < stop:
            _, first, last = part(listed, last, stop, OCTETS)
            value = listed[first:last]
        if last != stop:
            raise Malformed(ber.LEFT_OVER)
        if oid in found:
            raise Malformed(ber.TWICE)
        found[oid] = value
    return found
