"""Elements of the Basic Encoding Rules, as far as LDAP allows them (RFC 4511 §5.1; X.690)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.text import Text

if TYPE_CHECKING:
    from typing import Final

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
OCTETS: Final = 0x04
ENUMERATED: Final = 0x0A
SEQUENCE: Final = 0x30
SET: Final = 0x31

LONG: Final = 0x80  # X.690 §8.1.3.5: from here on the length stands in the octets that follow
_MOST_LENGTH_OCTETS = 4  # Active Directory always sends four
_LARGEST = 1 << 28  # a message longer than this is damage, not data
_HEAD = 2


class Malformed(ValueError):  # noqa: N818 - named by what arrived
    """What arrived is not what RFC 4511 describes; says in what way, never the octets."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says


CUT = Text("thông điệp bị cắt", "a message that is cut")
TOO_LONG = Text("một phần dài hơn toàn bộ", "a part that is longer than the whole")
UNEXPECTED = Text("một phần không đúng loại", "a part of an unexpected kind")
LEFT_OVER = Text("có phần thừa trong thông điệp", "something left over in a message")
LENGTH = Text("độ dài không hợp lệ", "a length of a forbidden form")
NUMBER = Text("số ngoài phạm vi", "a number out of range")
NOT_UTF_8 = Text("tên không phải UTF-8", "a name that is not UTF-8")
TWICE = Text("một thuộc tính hoặc điều khiển đến hai lần", "an attribute or control that comes twice")


def part(data: bytes, at: int, end: int, wanted: int | None = None) -> tuple[int, int, int]:
    """Given where an element begins, return its tag and where its content begins and ends, `end` at the latest.

    Raises:
        Malformed: its tag is not the one wanted, or its length is not of a form LDAP allows or leads beyond `end`.
        IndexError: the data end before its length.
    """
    tag, size = data[at], data[at + 1]
    if wanted is not None and tag != wanted:
        raise Malformed(UNEXPECTED)
    at += _HEAD
    if size >= LONG:
        octets = size - LONG
        if not 1 <= octets <= _MOST_LENGTH_OCTETS:
            raise Malformed(LENGTH)
        size = int.from_bytes(data[at : at + octets], "big")
        at += octets
    stop = at + size
    if stop > end:
        raise Malformed(TOO_LONG)
    return tag, at, stop


def size_of_message(data: bytes, at: int) -> int:
    """Return how many octets the message has that begins at `at`, 0 if that has not arrived yet.

    Raises:
        Malformed: no message begins there.
    """
    have = len(data) - at
    if have < _HEAD:
        return 0
    if data[at] != SEQUENCE:
        raise Malformed(UNEXPECTED)
    size = data[at + 1]
    if size < LONG:
        return _HEAD + size
    octets = size - LONG
    if not 1 <= octets <= _MOST_LENGTH_OCTETS:
        raise Malformed(LENGTH)
    if have < _HEAD + octets:
        return 0
    size = int.from_bytes(data[at + _HEAD : at + _HEAD + octets], "big")
    if size > _LARGEST:
        raise Malformed(LENGTH)
    return _HEAD + octets + size


def number(octets: bytes) -> int:
    """Return a number that is not negative, as codes and message numbers are (RFC 4511 §4.1.1: up to 2³¹ - 1).

    Raises:
        Malformed: it is out of range.
    """
    if not 1 <= len(octets) <= _MOST_LENGTH_OCTETS or octets[0] >= LONG:
        raise Malformed(NUMBER)
    return int.from_bytes(octets, "big")


def element(tag: int, content: bytes) -> bytes:
    """Return an element with a definite length."""
    size = len(content)
    if size < LONG:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, LONG | len(octets))) + octets + content


def octets(value: str | bytes) -> bytes:
    """Return an OCTET STRING."""
    return element(OCTETS, value.encode() if isinstance(value, str) else value)


def whole(value: int) -> bytes:
    """Return the content of an INTEGER that is not negative."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")
