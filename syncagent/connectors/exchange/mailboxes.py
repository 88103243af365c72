"""The mailboxes of Exchange as the saga knows them: what plans say, turned into named operations, and back.

Plans write sizes as bytes and leave out what is unlimited; moments are generalised times. An administrator's way of
writing begins below this file.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from syncagent.connectors.exchange.archive import archive
from syncagent.connectors.exchange.carry import carry_out
from syncagent.connectors.exchange.evidence import forwarding_of, usage_of
from syncagent.connectors.exchange.mailbox import Content, read_mailboxes
from syncagent.connectors.exchange.order import WRITABLE, Operation, Order
from syncagent.connectors.exchange.properties import NO_GUID, UNLIMITED, Kind, property_of, same
from syncagent.connectors.exchange.purge import Decided, Purge, purge
from syncagent.core import action as core
from syncagent.core.examination import Examination, Health
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import SyncError
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syncagent.connectors.base import Wish
    from syncagent.connectors.exchange.driver import Driver
    from syncagent.connectors.exchange.evidence import Forwarding
    from syncagent.connectors.exchange.mailbox import Mailbox
    from syncagent.connectors.exchange.order import Effect
    from syncagent.connectors.exchange.properties import Values

_UNITS: Final = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_SIZED: Final = frozenset({Kind.SIZE, Kind.NUMBER})
_NAMING: Final = WRITABLE[Operation.READDRESS]
_DERIVED: Final = frozenset({"PrimarySmtpAddress"})
"""Exchange makes it from the addresses: it is read back and never written."""
_LAST_USE: Final = "LastLogonTime"
_RULES: Final = "InboxRules"
"""Where enabled inbox rules send mail on, hidden ones too; only with `reads_rules`."""
_SMTP: Final = re.compile(r"\[SMTP:([^\]\s]+)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Copies:
    """Where copies of mailboxes go before they are purged, or the document that says that none is kept."""

    share: str = ""
    decision: str = ""


@dataclass(slots=True)
class ExchangeMailboxes:
    """The mailboxes behind an Active Directory; every call opens a shell of its own and gives it back.

    `reads_rules` has inbox rules read with everything else: Exchange opens each mailbox for that.
    """

    driver: Driver
    copies: Copies
    reads_rules: bool = False
    system: str = "exchange"

    @property
    def patience(self) -> float:
        """Return how many seconds calls may be under way before their answers count as lost."""
        return self.driver.patience

    def read(self, guids: Sequence[str]) -> Mapping[str, Mapping[str, Values]]:
        """Return the properties of mailboxes by the objectGUID of their accounts, with the last use of each.

        Raises:
            Misconfigured: the settings or the roles of the agent's account must be mended.
            Unavailable: Exchange does not answer.
            Rejected: it refuses.
        """
        with self._open() as driver:
            found = {guid: box for guid, box in read_mailboxes(driver, guids).items() if box}
            uses = usage_of(driver, found)
            ways = forwarding_of(driver, found.values()) if self.reads_rules else {}
        return {
            guid: _shown(box, use.last_logon if (use := uses.get(guid)) else "") | _sent_on(ways.get(box.guid))
            for guid, box in found.items()
        }

    def fulfil(self, wishes: Sequence[Wish]) -> list[Outcome]:
        """Do to each mailbox what is asked, in order, and return what became of each.

        Raises:
            Misconfigured, Unavailable, Rejected: nothing could be read, and nothing was written.
        """
        purges = [wish for wish in wishes if wish.change.operation is core.Operation.PURGE]
        others = {wish.action_id: (wish, _orders(wish)) for wish in wishes if wish not in purges}
        with self._open() as driver:
            ended = {wish.action_id: self._purged(driver, wish) for wish in purges}
            orders = [order for _, theirs in others.values() for order in theirs]
            effects = {effect.id: effect for effect in carry_out(driver, orders)} if orders else {}
        ended |= {
            action_id: _outcome(wish, [effects[order.id] for order in theirs])
            for action_id, (wish, theirs) in others.items()
        }
        return [ended[wish.action_id] for wish in wishes]

    def examine(self, now: datetime) -> Iterator[Examination]:  # noqa: ARG002 - Exchange's clock is the directory's
        """Ask for a mailbox that nobody has: Exchange answers, and the account's roles hold the cmdlet, or not.

        Raises:
            Misconfigured, Unavailable: what follows cannot be looked at.
        """
        what = Text("Exchange", "Exchange")
        with self._open() as driver:
            try:
                read_mailboxes(driver, [NO_GUID])
            except SyncError as error:
                yield Examination(what, Health.FAULT, error.says)
                return
        says = Text("trả lời, tài khoản của phần mềm đọc được.", "answers, and the agent's account may read.")
        yield Examination(what, Health.GOOD, says)

    def _purged(self, driver: Driver, wish: Wish) -> Outcome:
        seen = {name: before[0] for name, (before, _) in wish.change.attributes.items() if before}
        places = (("Database", "ExchangeGuid"), ("ArchiveDatabase", "ArchiveGuid"))
        contents = tuple(
            Content(seen[database], seen[guid])
            for database, guid in places
            if seen.get(guid, NO_GUID) != NO_GUID and database in seen
        )
        try:
            box = read_mailboxes(driver, [wish.guid])[wish.guid]
            because = Decided(self.copies.decision)
            if box and self.copies.share:
                made = archive(driver, box, wish.guid, self.copies.share)
                if not made.is_complete:
                    return Outcome(wish.action_id, Result.FAILED, _copying(made.states), wish.guid)
                order = Purge(wish.action_id, wish.guid, seen.get("PrimarySmtpAddress", ""), contents, made)
            else:  # disconnected already: its copy was complete, or none is kept by that document
                order = Purge(wish.action_id, wish.guid, seen.get("PrimarySmtpAddress", ""), contents, because)
            effect = purge(driver, order)
        except SyncError as error:
            return Outcome(wish.action_id, Result.FAILED, error.says, wish.guid)
        return Outcome(wish.action_id, effect.result, effect.says, wish.guid)

    @contextmanager
    def _open(self) -> Iterator[Driver]:
        try:
            yield self.driver
        finally:
            self.driver.close()


def _orders(wish: Wish) -> list[Order]:
    """Return the operations that a wish comes to: addresses apart from all else, for Exchange sets them otherwise."""
    changes = {
        name: (_typed(name, before), _typed(name, after))
        for name, (before, after) in wish.change.attributes.items()
        if name not in _DERIVED and not same(name, _typed(name, before), _typed(name, after))
    }
    if wish.change.operation is core.Operation.ENABLE:
        return [Order(wish.action_id, Operation.ENABLE, wish.guid, changes)]
    naming = {name: values for name, values in changes.items() if name in _NAMING}
    others = {name: values for name, values in changes.items() if name not in _NAMING}
    parts = ((Operation.READDRESS, naming), (Operation.RESTORE, others))
    return [Order(f"{wish.action_id} {part}", part, wish.guid, theirs) for part, theirs in parts if theirs]


def _outcome(wish: Wish, effects: Sequence[Effect]) -> Outcome:
    """Return what became of a wish: the first of its operations that did not succeed speaks for all."""
    bad = next((effect for effect in effects if effect.result is not Result.DONE), None)
    if bad:
        return Outcome(wish.action_id, bad.result, bad.says, wish.guid)
    return Outcome(wish.action_id, Result.DONE, guid=wish.guid)


def _shown(box: Mailbox, last_logon: str) -> dict[str, Values]:
    """Return the properties of a mailbox as plans write them."""
    shown = {name: _plain(name, values) for name, values in box.values.items()}
    if last_logon:
        at = datetime.fromisoformat(last_logon).astimezone(UTC)
        shown[_LAST_USE] = (f"{at:%Y%m%d%H%M%SZ}",)
    return {name: values for name, values in shown.items() if values}


def _sent_on(ways: Forwarding | None) -> dict[str, Values]:
    """Return where inbox rules send mail on: addresses; recipients inside the organization are shown otherwise."""
    to = {one for rule in (ways.rules if ways else ()) if rule.is_enabled for one in rule.to}
    outside = {found[1] if (found := _SMTP.search(one)) else one for one in to if "@" in one}
    return {_RULES: tuple(sorted(outside))} if outside else {}


def _plain(name: str, values: Values) -> Values:
    if property_of(name).kind not in _SIZED:
        return values
    limited = [value for value in values if value != UNLIMITED]
    if property_of(name).kind is Kind.NUMBER:
        return tuple(limited)
    return tuple(str(int(value[:-2]) * _UNITS[value[-2:]]) for value in limited)


def _typed(name: str, values: Values) -> Values:
    """Return values as Exchange takes them; what plans leave out is unlimited."""
    return (UNLIMITED,) if not values and property_of(name).kind in _SIZED else values


def _copying(states: Sequence[str]) -> Text:
    how = ", ".join(sorted(set(states)))
    return Text(
        f"Bản sao của hộp thư chưa xong ({how}); chưa xóa gì. Hãy lập lại kế hoạch khi bản sao đã xong.",
        f"The copy of the mailbox is not complete yet ({how}); nothing is deleted. Plan again once it is.",
    )
