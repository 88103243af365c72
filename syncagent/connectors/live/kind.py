"""What differs between the kinds of directory servers; all else is the same for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.requests import Control, Edit, Value
    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.held import Before, Held
    from syncagent.connectors.live.step import Seen, Step
    from syncagent.core.action import Change
    from syncagent.core.directory import Directory
    from syncagent.core.examination import Examination
    from syncagent.text import Text
    from syncagent.trust.secret import Secret

Edits = list[tuple["Edit", str, "Sequence[Value]"]]


class Moved(NamedTuple):
    """Whom a change concerned: identities, as octets, of what is there and of what is gone.

    `doubt` says why that cannot be known and everything must be read.
    """

    changed: frozenset[bytes] | set[bytes] = frozenset()
    gone: frozenset[bytes] | set[bytes] = frozenset()
    doubt: str = ""


class Kind(Protocol):
    """How one kind of directory server is read and written."""

    # ── reading ──

    @property
    def reads(self) -> tuple[str, ...]:
        """Attributes that a whole read needs besides those of the mapping."""
        ...

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Attributes that are needed besides those of the mapping before an account is written."""
        ...

    def named(self, session: Session, branch: Branch) -> dict[str, str | int]:
        """Return which server and which database of it is read, and as `directory` which directory all servers hold."""
        ...

    def mark(self, session: Session, branch: Branch) -> dict[str, str | int]:
        """Return how far the server's changes have come."""
        ...

    def look(self, session: Session, branch: Branch, held: Held) -> bool:
        """Take note of what shows later whether the server went back; return whether it can tell what changes."""
        ...

    def moved(self, session: Session, branch: Branch, held: Held, now: Mapping[str, str | int]) -> Moved:
        """Return what changed since the mark of what is held; `now` is how far the changes have come."""
        ...

    def drawn(self, branch: Branch, held: Held, before: Before) -> Moved:
        """Return which entries, besides those that were different before, show their changes and do not tell of it."""
        ...

    def evidence(
        self, server: Server, bind: Bind, session: Session, branch: Branch, held: Held, before: Before | None
    ) -> tuple[str, ...]:
        """Complete what is held by what servers know of last use and do not tell each other.

        `before` is what the read changed, and what is learnt is noted there; None after everything was read.
        Return the servers that did not tell: then nothing follows from the use that is known.
        """
        ...

    @property
    def controls(self) -> tuple[str, ...]:
        """Controls without which something is done less safely, or not at all."""
        ...

    def rights(self, session: Session, branch: Branch) -> Iterable[Examination]:
        """Yield what the agent's account may do, as far as the server tells without anything being written."""
        ...

    # ── writing ──

    @property
    def orders(self) -> Mapping[str, str]:
        """Attributes that are orders to the server, in lower case, and of each the value that turns into another.

        They are replaced: what they held is no value that a human could have meant.
        """
        ...

    @property
    def follows(self) -> bool:
        """Whether names in groups must be brought in step with a renamed or deleted entry."""
        ...

    def at(self, guid: str, dn: str) -> str:
        """Return how a modify addresses an entry."""
        ...

    def conditions(self, session: Session, seen: Seen) -> tuple[Control, ...]:
        """Return the controls that refuse a write if the account is no longer as it was read."""
        ...

    def hand(self, seen: Seen) -> str:
        """Return who wrote to an account last, as the server names them; empty if it does not tell."""
        ...

    def creating(
        self, directory: Directory, change: Change, attributes: Mapping[str, Sequence[bytes]], password: Secret | None
    ) -> list[Step]:
        """Return the steps that create an account with attributes; `password` is None if none is set."""
        ...

    def beside(self, directory: Directory, seen: Seen, change: Change, password: Secret | None) -> Edits:
        """Return what goes into one request with the values of a change; `password` is None if none is set."""
        ...

    def deleting(self, session: Session, branch: Branch, change: Change, below: Sequence[Entry]) -> list[Step]:
        """Return the steps that delete an account and prove that it is gone.

        Raises:
            Rejected: it may not be deleted.
        """
        ...

    def remains(self, session: Session, branch: Branch, guid: str) -> Entry | Text:
        """Return what is left of a deleted account that can be brought back whole, or why it cannot be."""
        ...

    def undeleting(self, session: Session, branch: Branch, change: Change, guid: str) -> list[Step]:
        """Return the steps that bring a deleted account back."""
        ...

    def swept(self, below: Sequence[Entry]) -> bool:
        """Whether all entries below an account go with it when it is deleted."""
        ...

    def parked(self, guid: str) -> str:
        """Return where an account stands while it is being deleted; empty if nowhere else."""
        ...

    def proves_gone(self, session: Session, branch: Branch, guid: str) -> bool:
        """Whether an account that is not there was deleted, beyond doubt."""
        ...
