"""What locking and disabling mean for a mailbox in Exchange, as the values of its properties.

LOCKED: no client opens it; mail keeps arriving. DISABLED: besides, it neither sends nor receives, forwards nothing, and
is in no address list; its content stays. A mailbox of somebody who left is never disconnected (Disable-Mailbox): its
database would purge it after 30 days, whatever the regulation says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.connectors.exchange.properties import same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.connectors.exchange.properties import Values

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

LOCKED: Final[Mapping[str, Values]] = {
    **dict.fromkeys(OPEN, ("False",)),
    "MAPIBlockOutlookRpcHttp": ("True",),
}
"""All ways in closed. Exchange on premises has no switch for SMTP submission: the directory's lock closes that one."""

_SILENT: Final[Mapping[str, Values]] = {
    "DeliverToMailboxAndForward": ("False",),
    "ForwardingAddress": (),
    "ForwardingSmtpAddress": (),
    "HiddenFromAddressListsEnabled": ("True",),
    "MaxReceiveSize": ("1KB",),
    "MaxSendSize": ("1KB",),
    "RecipientLimits": ("0",),
    "RequireSenderAuthenticationEnabled": ("True",),
}


def disabled(nobody: str) -> Mapping[str, Values]:
    """Return what DISABLED means.

    `nobody` is a recipient that never sends, by its canonical name (`ninhbinh.gov.vn/He thong/Khong ai`): mail is
    accepted from there alone.
    """
    return {**LOCKED, **_SILENT, "AcceptMessagesOnlyFromSendersOrMembers": (nobody,)}


def towards(wanted: Mapping[str, Values], now: Mapping[str, Values]) -> dict[str, tuple[Values, Values]]:
    """Given what a mailbox shall have and what it has, return what is to be changed: name → (before, after).

    Both sides of it are the plan's; turned round, it is what gives the previous values back.
    """
    return {
        name: (now.get(name, ()), values)
        for name, values in wanted.items()
        if not same(name, now.get(name, ()), values)
    }


def back(changed: Mapping[str, tuple[Values, Values]]) -> dict[str, tuple[Values, Values]]:
    """Return the change that takes one back."""
    return {name: (after, before) for name, (before, after) in changed.items()}
