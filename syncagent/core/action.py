"""One change to one account: what, why, when, and what it needs. Doing nothing is also a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.account import AccountRef
    from syncagent.core.stamp import AccountKind, Stamp
    from syncagent.text import Text


class ActionKind(StrEnum):
    """The closed set of actions (contract §5)."""

    ADOPT = "adopt"
    CREATE = "create"
    UPDATE = "update"
    READDRESS = "readdress"
    MOVE = "move"
    LOCK = "lock"
    UNLOCK = "unlock"
    DISABLE = "disable"
    RESTORE = "restore"
    WITHDRAW = "withdraw"
    DELETE = "delete"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a verb, not a password
    HAND_OVER = "hand_over"


DESTRUCTIVE = frozenset({ActionKind.DISABLE, ActionKind.WITHDRAW, ActionKind.DELETE})
"""Actions that take a mailbox from somebody; brakes per unit and the laws of design §8 speak of these."""


class Review(StrEnum):
    """How many different people must approve an action before it may be applied."""

    NONE = "none"
    ONE = "one"
    TWO = "two"


class Cite(NamedTuple):
    """A rule, its article in the regulation, and in one sentence what it orders."""

    rule: str
    article: str
    text: Text


class Because(NamedTuple):
    """Why an action is proposed: the rule, what it means here, and the decision or request behind it."""

    rule: str
    article: str
    text: Text
    document: str = ""


class Then(NamedTuple):
    """What happens next to this account if nothing else changes, and on which day."""

    kind: ActionKind
    on: date


class Operation(StrEnum):
    """What is done to one entry, or to the mailbox behind it: a mail system enables and purges mailboxes.

    To undelete is to bring an entry back from among the deleted ones, with the identity it had.
    """

    ENSURE_CONTAINER = "ensure-container"
    ADD = "add"
    MODIFY = "modify"
    RENAME = "rename"
    DELETE = "delete"
    UNDELETE = "undelete"
    ENABLE = "enable"
    PURGE = "purge"
    GRANT = "grant"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Change:
    """One operation on one entry. `attributes` maps names to (before, after) values; empty means absent.

    A grant or a revoke adds or takes one value of another entry, whose identity is `entry`; what else stands there
    is not looked at. `new_dn` is for a rename or move only. `sets_password` says that a new, unguessable default
    password is set; the password itself is drawn while applying and stands nowhere. An undelete names what the deleted
    entry still holds, as what is there afterwards. `system` is the directory, or the
    mail system behind it that owns the attributes; `calls` are what an administrator would type there.
    """

    operation: Operation
    dn: str
    attributes: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    new_dn: str = ""
    sets_password: bool = False
    system: str = "directory"
    entry: str = ""
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """One proposed change to one account.

    `subject` is the person's key or `unit:KEY`; `account` is None for a create. `due` is the first day on which
    the law allows it; `deadline` the last working day by which the agency must have its answer, where a request
    started the clock. `stamp` is what the account will carry afterwards, None once it is deleted. `fulfils`
    names the requests this action carries out. `alone` demands an approval that names this very action.
    """

    id: str
    kind: ActionKind
    target: str
    account_kind: AccountKind
    subject: str
    unit: str
    address: str
    previous_address: str
    account: AccountRef | None
    due: date
    review: Review
    needs_order: bool
    because: tuple[Because, ...]
    changes: tuple[Change, ...]
    stamp: Stamp | None
    name: str = ""
    needs: tuple[str, ...] = ()
    then: Then | None = None
    deadline: date | None = None
    fulfils: tuple[str, ...] = ()
    alone: bool = False

    @property
    def documents(self) -> tuple[str, ...]:
        """Return the documents the action stands on, each once, in the order of its reasons."""
        return tuple(dict.fromkeys(reason.document for reason in self.because if reason.document))

    @property
    def destructive(self) -> bool:
        """Whether the action takes a mailbox from somebody, an adoption that ends in a disabled one included."""
        if self.kind is ActionKind.ADOPT:
            return self.stamp is not None and not self.stamp.state.receives
        return self.kind in DESTRUCTIVE

    @property
    def sets_password(self) -> bool:
        """Whether the account gets a new default password, which its holder must be handed."""
        return any(change.sets_password for change in self.changes)

    @property
    def undeletes(self) -> bool:
        """Whether the account is brought back from among the deleted ones."""
        return any(change.operation is Operation.UNDELETE for change in self.changes)


class Skip(NamedTuple):
    """A subject that was considered and deliberately left alone, and why.

    `reason` is a short code in English; `next` is the day on which that may change, where it is known.
    """

    subject: str
    reason: str
    next: date | None = None
