"""The properties of a mailbox that the agent reads and writes: where each is set, how it is written, what is the same.

A value is a tuple of texts, empty where nothing is set. Sizes are written as an administrator types them (`10MB`,
`Unlimited`), flags as `True` and `False`, addresses with the primary first.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.connectors.exchange import document
from syncagent.errors import Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

Values = tuple[str, ...]
UNLIMITED: Final = "Unlimited"
NO_GUID: Final = "00000000-0000-0000-0000-000000000000"


class Place(StrEnum):
    """Which cmdlet writes a property: Set-Mailbox, Set-CASMailbox, Enable-Mailbox, or none."""

    MAILBOX = "mailbox"
    ACCESS = "access"
    CREATION = "creation"
    NOWHERE = ""


class Kind(StrEnum):
    """What values a property has."""

    FLAG = "flag"
    CHOICE = "choice"  # a flag that may be left to the organization: no value
    TEXT = "text"
    LIST = "list"
    ADDRESSES = "addresses"
    NUMBER = "number"
    SIZE = "size"


class Property(NamedTuple):
    """Where a property is written, and of what kind it is."""

    place: Place
    kind: Kind


_M, _A, _N = Place.MAILBOX, Place.ACCESS, Place.NOWHERE
PROPERTIES: Final[Mapping[str, Property]] = {
    **dict.fromkeys(
        ("ActiveSyncEnabled", "ECPEnabled", "ImapEnabled", "MAPIBlockOutlookRpcHttp", "MAPIEnabled", "OWAEnabled",
         "OWAforDevicesEnabled", "PopEnabled"),
        Property(_A, Kind.FLAG),
    ),
    **dict.fromkeys(("EwsEnabled", "MapiHttpEnabled"), Property(_A, Kind.CHOICE)),
    **dict.fromkeys(
        ("DeliverToMailboxAndForward", "EmailAddressPolicyEnabled", "HiddenFromAddressListsEnabled",
         "RequireSenderAuthenticationEnabled", "UseDatabaseQuotaDefaults"),
        Property(_M, Kind.FLAG),
    ),
    **dict.fromkeys(
        ("IssueWarningQuota", "MaxReceiveSize", "MaxSendSize", "ProhibitSendQuota", "ProhibitSendReceiveQuota"),
        Property(_M, Kind.SIZE),
    ),
    "RecipientLimits": Property(_M, Kind.NUMBER),
    "EmailAddresses": Property(_M, Kind.ADDRESSES),
    "AcceptMessagesOnlyFromSendersOrMembers": Property(_M, Kind.LIST),
    **dict.fromkeys(("Alias", "ForwardingAddress", "ForwardingSmtpAddress"), Property(_M, Kind.TEXT)),
    "Database": Property(Place.CREATION, Kind.TEXT),
    **dict.fromkeys(("GrantSendOnBehalfTo", "InPlaceHolds"), Property(_N, Kind.LIST)),
    **dict.fromkeys(("LitigationHoldEnabled", "RetentionHoldEnabled"), Property(_N, Kind.FLAG)),
}  # fmt: skip
"""Every property with a rule of its own; what else is read is text that is only looked at."""

QUOTAS: Final = ("IssueWarningQuota", "ProhibitSendQuota", "ProhibitSendReceiveQuota")
PROTOCOLS: Final = tuple(name for name, known in PROPERTIES.items() if known.place is Place.ACCESS)

_ONLY_READ: Final = Property(Place.NOWHERE, Kind.TEXT)
_UNITS: Final = {"": 1, "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
_SHOWN: Final = re.compile(r"\(([\d.,\u00a0\u202f ]+) bytes\)$", re.IGNORECASE)
_TYPED: Final = re.compile(r"(\d+)\s*([KMGT]?B)?", re.IGNORECASE)


def property_of(name: str) -> Property:
    """Return what is known of a property."""
    return PROPERTIES.get(name, _ONLY_READ)


def canonical(name: str, values: Values) -> Values:
    """Return values in the one way in which they are written here.

    Raises:
        Rejected: a size, number or flag is none.
    """
    match property_of(name).kind:
        case Kind.FLAG | Kind.CHOICE:
            return tuple(_flag(name, value) for value in values)
        case Kind.SIZE:
            return tuple(_size(name, value) for value in values)
        case Kind.NUMBER:
            return tuple(_number(name, value) for value in values)
        case Kind.ADDRESSES:
            return tuple(sorted(values, key=lambda one: (not one.startswith("SMTP:"), one.casefold(), one)))
        case Kind.LIST:
            return tuple(sorted(values, key=str.casefold))
        case Kind.TEXT:
            return values


def same(name: str, one: Values, other: Values) -> bool:
    """Whether two values mean the same to Exchange: letters of addresses and names are one in either case.

    The prefix of an address keeps its case: `SMTP:` is the primary one.
    """
    return _meant(name, canonical(name, one)) == _meant(name, canonical(name, other))


def _meant(name: str, values: Values) -> frozenset[str] | Values:
    match property_of(name).kind:
        case Kind.ADDRESSES:
            return frozenset(_address(value) for value in values)
        case Kind.LIST:
            return frozenset(map(str.casefold, values))
        case _ if name.startswith("Forwarding"):
            return tuple(value.casefold() for value in values)
        case _:
            return values


def _address(value: str) -> str:
    prefix, colon, rest = value.partition(":")
    return f"{prefix}{colon}{rest.casefold()}"


def parameter(name: str, values: Values) -> dict[str, str]:
    """Return values as `script.ps1` takes them for a cmdlet.

    Raises:
        Rejected: they are not what the property takes, or cannot arrive as they are.
    """
    written = canonical(name, values)
    kind = property_of(name).kind
    if not written:
        if kind in {Kind.FLAG, Kind.SIZE, Kind.NUMBER, Kind.ADDRESSES}:
            raise _refused(name, "")
        return {"name": name, "type": "none", "value": ""}
    if kind in {Kind.LIST, Kind.ADDRESSES}:
        return {"name": name, "type": "list", "value": ",".join(map(document.octets, written))}
    if len(written) != 1 or not written[0]:
        raise _refused(name, " ".join(written))
    if kind in {Kind.FLAG, Kind.CHOICE}:
        return {"name": name, "type": "flag", "value": written[0]}
    return {"name": name, "type": "text", "value": document.octets(written[0])}


def primary(addresses: Values) -> str:
    """Return the primary address among those of a mailbox, empty if there is none."""
    return next((one.removeprefix("SMTP:") for one in addresses if one.startswith("SMTP:")), "")


def _flag(name: str, value: str) -> str:
    if value.casefold() in {"true", "false"}:
        return value.capitalize()
    raise _refused(name, value)


def _number(name: str, value: str) -> str:
    if value.casefold() == UNLIMITED.casefold():
        return UNLIMITED
    if value.isascii() and value.isdigit():
        return str(int(value))
    raise _refused(name, value)


def _size(name: str, value: str) -> str:
    """Return a size with the greatest unit that leaves it whole; Exchange rounds up to kilobytes."""
    if value.casefold() == UNLIMITED.casefold():
        return UNLIMITED
    if found := _SHOWN.search(value):
        octets = int(re.sub(r"\D", "", found[1]))
    elif found := _TYPED.fullmatch(value.strip()):
        octets = int(found[1]) * _UNITS[(found[2] or "").casefold()]
    else:
        raise _refused(name, value)
    kilobytes = -(-octets // 1024)
    for unit in ("KB", "MB", "GB"):
        if kilobytes == 0 or kilobytes % 1024:
            return f"{kilobytes}{unit}"
        kilobytes //= 1024
    return f"{kilobytes}TB"


def _refused(name: str, value: str) -> Rejected:
    return Rejected(
        Text(
            f"{name}: giá trị “{value}” không hợp lệ với Exchange. Hãy sửa trong cấu hình hoặc quy chế.",
            f"{name}: {value!r} is no value for Exchange. Correct the configuration or the regulation.",
        )
    )
