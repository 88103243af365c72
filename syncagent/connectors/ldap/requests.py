"""What is asked of a directory server, as records and as the bytes that are sent (RFC 4511)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, assert_never

from syncagent.connectors.ldap.ber import BOOLEAN, ENUMERATED, INTEGER, SEQUENCE, SET, element, octets, whole
from syncagent.connectors.ldap.filters import encoded, equality
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_UNBIND, _SEARCH, _MODIFY, _ADD, _DELETE, _RENAME, _ABANDON, _EXTENDED = 0x42, 0x63, 0x66, 0x68, 0x4A, 0x6C, 0x50, 0x77
_NEW_SUPERIOR, _CONTROLS, _REQUEST_NAME = 0x80, 0xA0, 0x80

PAGED = "1.2.840.113556.1.4.319"  # RFC 2696
ASSERTION = "1.3.6.1.1.12"  # RFC 4528
POST_READ = "1.3.6.1.1.13.2"  # RFC 4527
SHOW_DELETED = "1.2.840.113556.1.4.417"  # MS-ADTS 3.1.1.3.4.1.14
TREE_DELETE = "1.2.840.113556.1.4.805"  # MS-ADTS 3.1.1.3.4.1.15
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"  # RFC 4532

EVERYTHING = "(objectClass=*)"
NO_ATTRIBUTES = ("1.1",)  # RFC 4511 §4.5.1.8


Value = bytes | Secret
"""A value of an attribute; what is secret shows itself only where it is sent."""


class Scope(IntEnum):
    """How far below its base a search looks."""

    BASE = 0
    LEVEL = 1
    SUBTREE = 2


class Edit(IntEnum):
    """What a modify does with the values it names (RFC 4511 §4.6).

    A replace hides the edits of others: it is for what nobody can read or compare, passwords and their orders.
    """

    ADD = 0
    DELETE = 1
    REPLACE = 2


class Control(NamedTuple):
    """A control that goes with a request; a critical one is obeyed or the request is refused."""

    oid: str
    critical: bool = False
    value: bytes | None = None


class Search(NamedTuple):
    """Entries under `base` that match `filter` (RFC 4515), with the attributes named."""

    base: str
    filter: str = EVERYTHING
    attributes: tuple[str, ...] = NO_ATTRIBUTES
    scope: Scope = Scope.SUBTREE
    controls: tuple[Control, ...] = ()


class Add(NamedTuple):
    """A new entry."""

    dn: str
    attributes: Mapping[str, Sequence[Value]]
    controls: tuple[Control, ...] = ()


class Modify(NamedTuple):
    """Changed values of one entry, all or none: delete the old value, add the new one (compare-and-swap)."""

    dn: str
    changes: Sequence[tuple[Edit, str, Sequence[Value]]]
    controls: tuple[Control, ...] = ()


class Rename(NamedTuple):
    """A new RDN (`cn=…`, escaped), and a new place unless `superior` is None; the old RDN value goes."""

    dn: str
    rdn: str
    superior: str | None = None
    controls: tuple[Control, ...] = ()


class Delete(NamedTuple):
    """An entry that goes."""

    dn: str
    controls: tuple[Control, ...] = ()


Write = Add | Modify | Rename | Delete


def unchanged(attribute: str, value: str | bytes) -> Control:
    """Return the critical assertion that an attribute still holds a value (RFC 4528)."""
    return asserted(equality(attribute, value))


def asserted(condition: bytes) -> Control:
    """Return the critical assertion that the entry matches a filter, given as its bytes (RFC 4528)."""
    return Control(ASSERTION, critical=True, value=condition)


def read_after(*attributes: str) -> Control:
    """Return the control that asks for attributes of the entry as the write left it (RFC 4527)."""
    return Control(POST_READ, critical=True, value=element(SEQUENCE, b"".join(map(octets, attributes))))


def page(size: int, cookie: bytes) -> Control:
    """Return the control that asks for the next `size` entries (RFC 2696)."""
    return Control(PAGED, critical=True, value=element(SEQUENCE, element(INTEGER, whole(size)) + octets(cookie)))


# ── as bytes ──


def message(number: int, operation: bytes, controls: Iterable[Control] = ()) -> bytes:
    """Return an LDAPMessage."""
    content = element(INTEGER, whole(number)) + operation
    listed = b"".join(_control(control) for control in controls)
    return element(SEQUENCE, content + element(_CONTROLS, listed) if listed else content)


def searching(search: Search) -> bytes:
    """Return the searchRequest, without its controls; aliases are never followed, no limits are asked for.

    Raises:
        Misconfigured: the filter does not follow RFC 4515.
    """
    matching = encoded(search.filter, search.base)
    no_aliases, no_limit = element(ENUMERATED, b"\0"), element(INTEGER, whole(0))
    limits = no_aliases + no_limit + no_limit + element(BOOLEAN, b"\0")
    listed = element(SEQUENCE, b"".join(map(octets, search.attributes)))
    scope = element(ENUMERATED, bytes((search.scope,)))
    return element(_SEARCH, octets(search.base) + scope + limits + matching + listed)


def writing(request: Write) -> bytes:
    """Return the addRequest, modifyRequest, modDNRequest or delRequest, without its controls."""
    match request:
        case Add():
            listed = b"".join(_attribute(name, values) for name, values in request.attributes.items())
            return element(_ADD, octets(request.dn) + element(SEQUENCE, listed))
        case Modify():
            listed = b"".join(
                element(SEQUENCE, element(ENUMERATED, bytes((edit,))) + _attribute(name, values))
                for edit, name, values in request.changes
            )
            return element(_MODIFY, octets(request.dn) + element(SEQUENCE, listed))
        case Rename():
            new = octets(request.rdn) + element(BOOLEAN, b"\xff")
            above = element(_NEW_SUPERIOR, request.superior.encode()) if request.superior is not None else b""
            return element(_RENAME, octets(request.dn) + new + above)
        case Delete():
            return element(_DELETE, request.dn.encode())
        case _:
            assert_never(request)


def asking(oid: str) -> bytes:
    """Return the extendedReq of this name, without a value."""
    return element(_EXTENDED, element(_REQUEST_NAME, oid.encode()))


def abandoning(number: int) -> bytes:
    """Return the abandonRequest for an earlier message."""
    return element(_ABANDON, whole(number))


def leaving() -> bytes:
    """Return the unbindRequest."""
    return element(_UNBIND, b"")


def _attribute(name: str, values: Sequence[Value]) -> bytes:
    return element(SEQUENCE, octets(name) + element(SET, b"".join(map(_value, values))))


def _value(value: Value) -> bytes:
    return octets(value.octets() if isinstance(value, Secret) else value)


def _control(control: Control) -> bytes:
    critical = element(BOOLEAN, b"\xff") if control.critical else b""
    value = b"" if control.value is None else octets(control.value)
    return element(SEQUENCE, octets(control.oid) + critical + value)
