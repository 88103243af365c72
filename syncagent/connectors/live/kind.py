"""What differs between the kinds of directory servers; all else is the same for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.requests import Control, Edit
    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.step import Seen, Step
    from syncagent.core.action import Change
    from syncagent.core.directory import Directory
    from syncagent.core.examination import Examination

Edits = list[tuple["Edit", str, "Sequence[bytes]"]]


class Moved(NamedTuple):
    """Whom a change concerned since a mark: identities, as octets, of what is there and of what is gone."""

    changed: set[bytes]
    gone: set[bytes]


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

    def named(self, session: Session) -> dict[str, str | int]:
        """Return which server and which database of it is read."""
        ...

    def mark(self, session: Session, branch: Branch) -> dict[str, str | int]:
        """Return how far the server's changes have come."""
        ...

    def moved(
        self, session: Session, branch: Branch, mark: Mapping[str, str | int], held: Mapping[bytes, Entry]
    ) -> Moved:
        """Return what changed since a mark, compared with what was read so far where that is needed."""
        ...

    def evidence(
        self, server: Server, bind: Bind, read: str, branch: Branch, held: Mapping[bytes, Entry]
    ) -> tuple[str, ...]:
        """Complete the entries read from the server `read` by what only the other servers know of their use.

        Return the servers that did not tell; then no entry carries evidence of use, so that nothing follows from it.
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

    def creating(
        self, directory: Directory, change: Change, attributes: Mapping[str, Sequence[bytes]], password: str
    ) -> list[Step]:
        """Return the steps that create an account with attributes; `password` is empty if none is set."""
        ...

    def beside(self, directory: Directory, seen: Seen, change: Change, password: str) -> Edits:
        """Return what goes into one request with the values of a change; `password` is empty if none is set."""
        ...

    def deleting(self, session: Session, branch: Branch, change: Change, below: Sequence[Entry]) -> list[Step]:
        """Return the steps that delete an account and prove that it is gone.

        Raises:
            Rejected: it may not be deleted.
        """
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
