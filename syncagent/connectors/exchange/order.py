"""One named operation on one mailbox: what it may change, and what Exchange is asked for."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.connectors.exchange.driver import Call
from syncagent.connectors.exchange.properties import (
    PROTOCOLS,
    QUOTAS,
    Place,
    Values,
    canonical,
    parameter,
    primary,
    property_of,
    same,
)
from syncagent.errors import Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.connectors.exchange.mailbox import Mailbox
    from syncagent.core.outcome import Result

Changes = dict[str, tuple[Values, Values]] | MappingProxyType[str, tuple[Values, Values]]
"""What is to be changed, as in a plan: name of the property → (before, after); empty means that nothing is set."""


class Operation(StrEnum):
    """The operations that change properties; `script.ps1` knows them by the same names."""

    ENABLE = "enable"
    LOCK = "lock"
    UNLOCK = "unlock"
    DISABLE = "disable"
    RESTORE = "restore"
    READDRESS = "readdress"
    SET_LIMITS = "set_limits"
    HIDE = "hide"


class Order(NamedTuple):
    """An operation on the mailbox of an account.

    Attributes:
        id: its own among those that are carried out together.
        operation: which one.
        guid: objectGUID of the account.
        changes: what it changes, as in `core.action.Change.attributes`.
        address: the primary address that the mailbox must have before, empty if any; as a second proof of who it is.
    """

    id: str
    operation: Operation
    guid: str
    changes: Mapping[str, tuple[Values, Values]]
    address: str = ""


class Effect(NamedTuple):
    """What became of an order: the values of its properties as they were right before, and as they were read after.

    `before` is for the journal: with it the change can be taken back.
    """

    id: str
    result: Result
    says: Text = Text("", "")
    before: Mapping[str, Values] = MappingProxyType({})
    after: Mapping[str, Values] = MappingProxyType({})


OPEN: Final[Mapping[str, Values]] = {
    "ActiveSyncEnabled": ("True",),
    "ECPEnabled": ("True",),
    "EwsEnabled": (),
    "ImapEnabled": ("True",),
    "MAPIBlockOutlookRpcHttp": ("False",),
    "MAPIEnabled": ("True",),
    "MapiHttpEnabled": (),
    "OWAEnabled": ("True",),
    "OWAforDevicesEnabled": ("True",),
    "PopEnabled": ("True",),
}
"""How clients reach a new mailbox. Set explicitly: what was closed stays closed over Disable- and Enable-Mailbox."""

_LISTING: Final = ("HiddenFromAddressListsEnabled",)
_NAMING: Final = ("Alias", "EmailAddresses", "EmailAddressPolicyEnabled")
_LIMITS: Final = (*QUOTAS, "MaxReceiveSize", "MaxSendSize", "RecipientLimits", "UseDatabaseQuotaDefaults")
_DELIVERY: Final = (
    "AcceptMessagesOnlyFromSendersOrMembers", "DeliverToMailboxAndForward", "ForwardingAddress",
    "ForwardingSmtpAddress", "RequireSenderAuthenticationEnabled",
)  # fmt: skip
WRITABLE: Final[Mapping[Operation, frozenset[str]]] = {
    Operation.ENABLE: frozenset({"Database", *_NAMING, *_LIMITS, *_DELIVERY, *_LISTING, *PROTOCOLS}),
    Operation.LOCK: frozenset(PROTOCOLS),
    Operation.UNLOCK: frozenset(PROTOCOLS),
    Operation.DISABLE: frozenset({*_LIMITS, *_DELIVERY, *_LISTING, *PROTOCOLS}),
    Operation.RESTORE: frozenset({*_LIMITS, *_DELIVERY, *_LISTING, *PROTOCOLS}),
    Operation.READDRESS: frozenset(_NAMING),
    Operation.SET_LIMITS: frozenset(_LIMITS),
    Operation.HIDE: frozenset(_LISTING),
}
"""What each operation may change; the script has the same lists and refuses all else."""

_OWN: Final = "False"


def wanted(order: Order) -> dict[str, Values]:
    """Return what the mailbox must show in the end: the plan's values and those without which they would not hold.

    An address policy would take addresses back, and a database's own quotas hide those of the mailbox.

    Raises:
        Rejected: the operation may not change a property that the order names, a value is none for its property, or an
            enable lacks its address.
    """
    sides = {name: (canonical(name, before), canonical(name, after)) for name, (before, after) in order.changes.items()}
    ending = {name: after for name, (_, after) in sides.items()}
    strange = sorted(ending.keys() - WRITABLE[order.operation])
    if strange:
        raise _refused(
            f"thao tác {order.operation} không được đổi {', '.join(strange)}",
            f"{order.operation} may not change {', '.join(strange)}",
            order,
        )
    if "EmailAddresses" in ending:
        if not primary(ending["EmailAddresses"]):
            raise _refused("danh sách địa chỉ không có địa chỉ chính SMTP:", "no address is primary (SMTP:)", order)
        ending["EmailAddressPolicyEnabled"] = (_OWN,)
    elif order.operation is Operation.ENABLE:
        raise _refused("cấp hộp thư phải có EmailAddresses", "enable needs EmailAddresses", order)
    if any(name in ending for name in QUOTAS):
        ending.setdefault("UseDatabaseQuotaDefaults", (_OWN,))
    if order.operation is Operation.ENABLE:
        ending = {**OPEN, **ending}
    return ending


def call(order: Order, ending: Mapping[str, Values], now: Mailbox | None) -> Call:
    """Return what Exchange is asked for; `now` is the mailbox as it was read, None before it is enabled.

    All that the order is about must still be as it was read when it is carried out.

    Raises:
        Rejected: a value is none for its property, or cannot arrive as it is.
    """
    given = {name: parameter(name, values) for name, values in ending.items() if _is_new(name, values, now)}
    if {"EmailAddresses"} & given.keys():  # in one call with the addresses, or the policy takes them back
        given["EmailAddressPolicyEnabled"] = parameter("EmailAddressPolicyEnabled", (_OWN,))
    places: dict[str, list[dict[str, str]]] = {place: [] for place in Place if place}
    for name in sorted(given):
        places[property_of(name).place].append(given[name])
    if now is None:
        places[Place.CREATION] += [entry for entry in places[Place.MAILBOX] if entry["name"] == "Alias"]
        places[Place.CREATION].append(
            {**parameter("Alias", (primary(ending["EmailAddresses"]),)), "name": "PrimarySmtpAddress"}
        )
    looked_at = sorted({*ending, "ExchangeGuid", "PrimarySmtpAddress"}) if now else []
    seen = [{"name": name, "value": now.raw[name]} for name in looked_at if now and name in now.raw]
    return Call(order.id, order.operation, {"guid": order.guid, "seen": seen, **places})


def _is_new(name: str, values: Values, now: Mailbox | None) -> bool:
    return now is None or not same(name, now.value(name), values)


def _refused(vietnamese: str, english: str, order: Order) -> Rejected:
    return Rejected(Text(f"{vietnamese}.", f"{english}."), where=order.guid)
