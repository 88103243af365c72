"""What mailboxes show besides their properties: last use, forwarding, rights. Read in bulk, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.exchange import document
from syncagent.connectors.exchange.driver import Status
from syncagent.connectors.exchange.mailbox import answered, failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.connectors.exchange.driver import Answer, Driver, Raw
    from syncagent.connectors.exchange.mailbox import Mailbox


class Usage(NamedTuple):
    """How a mailbox is used.

    `last_logon` is ISO 8601 in UTC, empty if nobody ever opened it. It counts delegates, assistants and searches too:
    it can show that a mailbox is not in use, never that its holder uses it.
    """

    last_logon: str = ""
    items: int = 0
    size: str = ""


class Rule(NamedTuple):
    """An inbox rule that sends mail on; `to` is as Exchange shows recipients."""

    name: str
    is_enabled: bool
    to: tuple[str, ...]


class Forwarding(NamedTuple):
    """Where the mail of a mailbox goes besides, or instead unless it `keeps` it."""

    recipient: str = ""
    address: str = ""
    keeps: bool = False
    rules: tuple[Rule, ...] = ()

    @property
    def forwards(self) -> bool:
        """Whether any mail goes elsewhere by itself."""
        return bool(self.recipient or self.address or any(rule.is_enabled for rule in self.rules))


class Right(NamedTuple):
    """Somebody's right on a mailbox: `FullAccess`, `Send-As`, `SendOnBehalf` and the like."""

    who: str
    right: str


_SELF = "NT AUTHORITY\\SELF"


def usage_of(driver: Driver, guids: Iterable[str]) -> dict[str, Usage | None]:
    """Return how mailboxes are used, None where there is none.

    Raises:
        Misconfigured, Unavailable, Rejected: it cannot be read.
    """
    return {guid: None if answer is None else _usage(answer) for guid, answer in _asked(driver, "use", guids).items()}


def _usage(answer: Answer) -> Usage:
    if not answer.parts:  # nobody opened it yet: its database does not know it
        return Usage()
    part = answer.parts[0]
    return Usage(_one(part, "LastLogonTime"), int(_one(part, "ItemCount") or 0), _one(part, "TotalItemSize"))


def forwarding_of(driver: Driver, mailboxes: Iterable[Mailbox]) -> dict[str, Forwarding]:
    """Return where the mail of mailboxes goes, by objectGUID, hidden rules too.

    Raises:
        Misconfigured, Unavailable, Rejected: it cannot be read.
    """
    each = {mailbox.guid: mailbox for mailbox in mailboxes}
    return {
        guid: Forwarding(
            each[guid].first("ForwardingAddress"),
            each[guid].first("ForwardingSmtpAddress"),
            each[guid].first("DeliverToMailboxAndForward") == "True",
            tuple(rule for part in (answer.parts if answer else ()) if (rule := _rule(part)).to),
        )
        for guid, answer in _asked(driver, "rules", each).items()
    }


def _rule(part: Raw) -> Rule:
    ways = ("ForwardTo", "ForwardAsAttachmentTo", "RedirectTo")
    to = (one for way in ways for one in document.values(part.get(way, "")))
    return Rule(_one(part, "Name"), _one(part, "Enabled") == "True", tuple(to))


def rights_of(driver: Driver, mailboxes: Iterable[Mailbox]) -> dict[str, tuple[Right, ...]]:
    """Return who has rights on mailboxes, by objectGUID: not those of their holders, nor what is inherited.

    Raises:
        Misconfigured, Unavailable, Rejected: it cannot be read.
    """
    each = {mailbox.guid: mailbox for mailbox in mailboxes}
    asked = {guid: {"guid": guid, "dn": document.octets(one.first("DistinguishedName"))} for guid, one in each.items()}
    found: dict[str, tuple[Right, ...]] = {}
    for guid, answer in answered(driver, "rights", asked):
        if answer.status is not Status.DONE:
            raise failed(answer, guid)
        listed = [right for part in answer.parts for right in _rights(part)]
        behalf = [Right(who, "SendOnBehalf") for who in each[guid].value("GrantSendOnBehalfTo")]
        found[guid] = tuple(sorted({*listed, *behalf}))
    return found


def _rights(part: Raw) -> Iterable[Right]:
    who = _one(part, "User")
    if who == _SELF or "True" in {_one(part, "Deny"), _one(part, "IsInherited")}:
        return ()
    named = document.values(part.get("ExtendedRights", "")) or document.values(part.get("AccessRights", ""))
    return [Right(who, right) for right in named]


def _asked(driver: Driver, operation: str, guids: Iterable[str]) -> Mapping[str, Answer | None]:
    """Ask about mailboxes; None where there is none."""
    found: dict[str, Answer | None] = {}
    for guid, answer in answered(driver, operation, {guid: {"guid": guid} for guid in guids}):
        if answer.status is not Status.DONE and not answer.is_absent:
            raise failed(answer, guid)
        found[guid] = None if answer.is_absent else answer
    return found


def _one(part: Raw, name: str) -> str:
    return next(iter(document.values(part.get(name, ""))), "")
