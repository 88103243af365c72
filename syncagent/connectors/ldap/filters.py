"""Filters as the bytes that are sent (RFC 4515, RFC 4511 §4.5.1.7).

What we write ourselves is plain: `&`, `|`, `!`, and values in which all but a few letters is escaped. These are encoded
here, for there are two for every write; ldap3 takes milliseconds for each. All others are left to ldap3. What goes with
each single write is made as bytes at once.
"""

from __future__ import annotations

import re
import warnings

from syncagent.connectors.ldap.ber import element, octets
from syncagent.errors import Misconfigured
from syncagent.text import Text

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 uses old names of pyasn1
    from ldap3.core.exceptions import LDAPInvalidFilterError
    from ldap3.operation.search import compile_filter, parse_filter
    from ldap3.utils.asn1 import encode

_TERM = re.compile(r"\(([A-Za-z][A-Za-z0-9-]*)(=|>=|<=)((?<=[A-Za-z0-9-]=)\*|(?:[0-9A-Za-z@._-]|\\[0-9A-Fa-f]{2})+)\)")
_ESCAPED = re.compile(rb"\\(..)")
_OF_OTHERS = {"(&": 0xA0, "(|": 0xA1, "(!": 0xA2}
_COMPARED = {"=": 0xA3, ">=": 0xA5, "<=": 0xA6}
_PRESENT, _NOT = 0x87, 0xA2


def equality(attribute: str, value: str | bytes) -> bytes:
    """Return the bytes of the filter for entries whose attribute holds this value, whatever stands in it."""
    return element(_COMPARED["="], octets(attribute) + octets(value))


def every(*conditions: bytes) -> bytes:
    """Return the bytes of the filter for entries that match all of these."""
    return element(_OF_OTHERS["(&"], b"".join(conditions))


def either(*conditions: bytes) -> bytes:
    """Return the bytes of the filter for entries that match one of these at least."""
    return element(_OF_OTHERS["(|"], b"".join(conditions))


def no(condition: bytes) -> bytes:
    """Return the bytes of the filter for entries that do not match this."""
    return element(_NOT, condition)


def encoded(condition: str, base: str) -> bytes:
    """Given a filter and where it is asked, return its bytes.

    Raises:
        Misconfigured: it does not follow RFC 4515.
    """
    return _plain(condition) or _by_ldap3(condition, base)


def _plain(condition: str) -> bytes:
    """Return a plain filter's bytes, nothing for any other."""
    within: list[tuple[int, list[bytes]]] = []
    done: list[bytes] = []
    at = 0
    while at < len(condition):
        if term := _TERM.match(condition, at):
            done.append(_compared(*term.groups()))
            at = term.end()
        elif tag := _OF_OTHERS.get(condition[at : at + 2]):
            within.append((tag, done))
            done = []
            at += 2
        elif condition[at] == ")" and within and done:
            tag, above = within.pop()
            if tag == _NOT and len(done) > 1:
                return b""
            done = [*above, element(tag, b"".join(done))]
            at += 1
        else:
            return b""
    return done[0] if len(done) == 1 and not within else b""


def _compared(attribute: str, how: str, value: str) -> bytes:
    if value == "*":
        return element(_PRESENT, attribute.encode())
    raw = _ESCAPED.sub(lambda found: bytes((int(found.group(1), 16),)), value.encode())
    return element(_COMPARED[how], octets(attribute) + octets(raw))


def _by_ldap3(condition: str, base: str) -> bytes:
    try:
        tree = parse_filter(condition, None, auto_escape=False, auto_encode=False, validator=None, check_names=False)
        found: bytes = encode(compile_filter(tree.elements[0]))
    except (LDAPInvalidFilterError, ValueError, IndexError) as error:
        raise Misconfigured(
            Text(f"bộ lọc LDAP {condition} sai cú pháp", f"the LDAP filter {condition} is malformed"),
            where=base,
        ) from error
    return found
