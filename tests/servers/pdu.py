"""LDAP messages on the wire: where each ends, what it is, and the same with one part changed (RFC 4511, X.690)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum, IntEnum
from typing import NamedTuple

_SEQUENCE, _OCTETS = 0x30, 0x04
PAGED_RESULTS = "1.2.840.113556.1.4.319"


class Op(IntEnum):
    """The tag of protocolOp."""

    BIND = 0x60
    BOUND = 0x61
    UNBIND = 0x42
    SEARCH = 0x63
    ENTRY = 0x64
    DONE = 0x65
    REFERENCE = 0x73
    MODIFY = 0x66
    MODIFIED = 0x67
    ADD = 0x68
    ADDED = 0x69
    DELETE = 0x4A
    DELETED = 0x6B
    RENAME = 0x6C
    RENAMED = 0x6D
    COMPARE = 0x6E
    COMPARED = 0x6F
    ABANDON = 0x50
    EXTENDED = 0x77
    EXTENDED_ANSWER = 0x78
    INTERMEDIATE = 0x79


_RESULTS = frozenset(
    {Op.BOUND, Op.DONE, Op.MODIFIED, Op.ADDED, Op.DELETED, Op.RENAMED, Op.COMPARED, Op.EXTENDED_ANSWER}
)


class Way(Enum):
    """Where a message goes."""

    REQUEST = "to the server"
    ANSWER = "to the client"


class Pdu(NamedTuple):
    """One message as it came; `code` is the result code of an answer that has one (RFC 4511 4.1.9)."""

    way: Way
    message: int
    op: Op
    code: int | None
    raw: bytes

    @classmethod
    def read(cls, way: Way, raw: bytes) -> Pdu:
        """Given the bytes of one LDAPMessage, return what it says."""
        message, (tag, content), *_ = parts(parts(raw)[0][1])
        op = Op(tag)
        code = int.from_bytes(parts(content)[0][1], "big") if op in _RESULTS else None
        return cls(way, int.from_bytes(message[1], "big"), op, code, raw)

    def with_code(self, code: int) -> bytes:
        """Return the answer with another result code."""

        def change(content: bytes) -> bytes:
            (tag, _), *rest = parts(content)
            return joined([(tag, integer(code)), *rest])

        return self._with_part(1, change)

    def without_controls(self) -> bytes:
        """Return the message without its controls."""
        message, operation, *_ = parts(parts(self.raw)[0][1])
        return joined([(_SEQUENCE, joined([message, operation]))])

    def with_cookie(self, cookie: bytes) -> bytes:
        """Return the message with another cookie in its control for paged results (RFC 2696)."""

        def change(content: bytes) -> bytes:
            return joined([(tag, _turned(control, cookie)) for tag, control in parts(content)])

        return self._with_part(2, change)

    def _with_part(self, index: int, change: Callable[[bytes], bytes]) -> bytes:
        found = parts(parts(self.raw)[0][1])
        tag, content = found[index]
        found[index] = (tag, change(content))
        return joined([(_SEQUENCE, joined(found))])


def whole(buffer: bytearray) -> Iterator[bytes]:
    """Take the messages that have arrived whole out of a buffer."""
    while (end := _end(buffer, 0)) is not None and end <= len(buffer):
        message = bytes(buffer[:end])
        del buffer[:end]
        yield message


def parts(content: bytes) -> list[tuple[int, bytes]]:
    """Return the elements of a content, each its tag and its own content."""
    found, start = [], 0
    while start < len(content):
        end = _end(content, start)
        if end is None or end > len(content):
            raise ValueError("an element does not end")
        found.append((content[start], content[_head(content, start) : end]))
        start = end
    return found


def joined(elements: list[tuple[int, bytes]]) -> bytes:
    """Return elements as bytes: the reverse of `parts`, with lengths in the shortest form."""
    return b"".join(bytes([tag]) + _length(len(content)) + content for tag, content in elements)


def _turned(control: bytes, cookie: bytes) -> bytes:
    """Return a control with another cookie, if it is the one for paged results."""
    name, *rest = parts(control)
    if name[1].decode() != PAGED_RESULTS:
        return control
    size, _ = parts(parts(rest[-1][1])[0][1])
    value = joined([(_SEQUENCE, joined([size, (_OCTETS, cookie)]))])
    return joined([name, *rest[:-1], (_OCTETS, value)])


def integer(value: int) -> bytes:
    """Return the content of an INTEGER or ENUMERATED."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def _head(buffer: bytes | bytearray, start: int) -> int:
    """Return where the content of the element at `start` begins."""
    first = buffer[start + 1]
    return start + 2 + (first & 0x7F if first & 0x80 else 0)


def _end(buffer: bytes | bytearray, start: int) -> int | None:
    """Return where the element at `start` ends, None if its length has not arrived."""
    if len(buffer) < start + 2 or len(buffer) < (head := _head(buffer, start)):
        return None
    first = buffer[start + 1]
    return head + (int.from_bytes(buffer[start + 2 : head], "big") if first & 0x80 else first)
