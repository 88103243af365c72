"""What a roster source and a target must be able to do. Everything above this floor knows no more of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from syncagent.core.account import Account, AccountRef
    from syncagent.core.action import Action, Change
    from syncagent.core.examination import Examination
    from syncagent.core.mail_record import Box
    from syncagent.core.notation import Values
    from syncagent.core.outcome import Outcome
    from syncagent.core.request import Request
    from syncagent.core.roster import RosterRows
    from syncagent.core.snapshot import Snapshot
    from syncagent.text import Text
    from syncagent.trust.secret import Secret

NO_PASSWORDS: Final[Mapping[str, Secret]] = MappingProxyType({})


def never() -> bool:
    """Return that nobody wants a stop."""
    return False


class RosterSource(Protocol):
    """Gives the roster as its source holds it, each row knowing its file and line."""

    def read(self) -> RosterRows:
        """Return all rows.

        Raises:
            Misconfigured: a file is missing, broken, truncated, or lacks a column; nothing is read further.
        """
        ...


class RequestSource(Protocol):
    """Reads written requests the way the roster's own are read: same columns, words, pseudonyms and faults."""

    def kept(self) -> tuple[Request, ...]:
        """Return the requests of the roster's own file, faulty rows aside.

        Raises:
            Misconfigured: the file is missing, broken, truncated, or lacks a column.
        """
        ...

    def read(self, path: Path) -> tuple[Request, ...]:
        """Return the requests of another file, all or none.

        Raises:
            Misconfigured: the file cannot be read, or a row has a fault; each is named with its line.
        """
        ...

    def typed(self, values: Mapping[str, str]) -> Request:
        """Return one request whose columns were typed in.

        Raises:
            Refused: a value cannot be understood, or may not stand where it does.
        """
        ...


class SnapshotSource(Protocol):
    """A directory that is only read: what holds one cannot write to it."""

    def read(self) -> Snapshot:
        """Return everything the directory holds, proved complete.

        Raises:
            Misconfigured: the file is damaged; the message names the line.
            Doubtful: the directory is empty or the read is not complete.
            Unavailable: the directory does not answer.
        """
        ...


class Target(Protocol):
    """A directory the agent reads and, for approved actions only, writes.

    `name` is the name in the configuration. `batch` is how many actions it takes at once: a file is replaced
    once for all of them, a server works one by one. `patience` is how many seconds a request may be under way before
    its answer counts as lost.
    """

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        ...

    @property
    def batch(self) -> int:
        """How many actions it takes at once."""
        ...

    @property
    def patience(self) -> float:
        """How long a request may be under way."""
        ...

    def read(self) -> Snapshot:
        """Return everything the target holds, proved complete.

        Raises:
            Misconfigured: the file is damaged; the message names the line.
            Doubtful: the target is empty or the read is not complete.
            Unavailable: the target does not answer.
        """
        ...

    def directory_id(self) -> str:
        """Return what tells this directory from every other, the same on all servers that hold it.

        Empty where nothing does but the configuration, as for a file.

        Raises:
            Misconfigured, Unavailable: it does not answer.
        """
        ...

    def clock(self) -> datetime | None:
        """Return the target's own time (UTC), None where it does not tell.

        Raises:
            Misconfigured, Unavailable: it does not answer.
        """
        ...

    def examine(self, now: datetime) -> Iterable[Examination]:
        """Try everything the agent needs of this target, change nothing, and yield what was seen of each thing.

        Raises:
            SyncError: what follows cannot be looked at.
        """
        ...

    def remains(self, deleted: Sequence[AccountRef]) -> Mapping[str, Account | Text]:
        """Given accounts that were deleted, return by identity what they would be if they were brought back.

        A text says why one cannot be; of what is not named the target keeps nothing. Nothing is written.

        Raises:
            Misconfigured, Doubtful, Unavailable: the target does not tell.
        """
        ...

    def carry_out(
        self,
        actions: Sequence[Action],
        marker: str,
        passwords: Mapping[str, Secret] = NO_PASSWORDS,
        stop: Callable[[], bool] = never,
    ) -> list[Outcome]:
        """Carry out the actions in order and return what became of each, in the same order.

        An action is refused as a conflict, and nothing of it written, unless every value it changes is still what
        the plan saw. What needs an action that did not succeed is not tried. Outcomes are durable when this returns.

        Args:
            actions: approved actions of one plan for this target.
            marker: names the plan; together with the action's id it marks what is created, so that it is found again.
            passwords: the new passwords, by the id of the action that sets one; a file holds none and sets none.
            stop: asked before actions are begun together; once it says so, what is begun is finished, and what is not
                has no outcome.
        """
        ...

    def resolve(self, action: Action, marker: str) -> Outcome | Action:
        """Find out by reading what became of an action whose outcome was never recorded, or what is left of it to do.

        Returns done if the target shows its result, conflict if it cannot happen any more, and needs-human if it shows
        neither result nor the state before. If it shows the state before, the action itself is returned: it has not
        happened and may be carried out. If it was cut off between two writes, those that are left are.
        """
        ...


class Wish(NamedTuple):
    """What a mail system is asked to do to one mailbox: the action it belongs to, whose it is, and the change.

    `guid` is the permanent identity of the account in the directory.
    """

    action_id: str
    guid: str
    change: Change


class Mailboxes(Protocol):
    """The mail system behind a directory. `system` is its name in plans."""

    system: str

    @property
    def patience(self) -> float:
        """How long a request may be under way."""
        ...

    def read(self, guids: Sequence[str]) -> Mapping[str, Mapping[str, Values]]:
        """Return the properties of mailboxes by the identity of their accounts; accounts without one are left out.

        Raises:
            Misconfigured: the settings or the rights of the agent's account must be mended.
            Doubtful: not everything came.
            Unavailable: the mail system does not answer.
        """
        ...

    def fulfil(self, wishes: Sequence[Wish]) -> list[Outcome]:
        """Do to each mailbox what is asked, in order, and return what became of each, by the id of its action.

        A mailbox is left alone, as a conflict, unless every property that changes is still what the plan saw or
        already what it asks for. What was done is read back. Nothing is asked twice: a lost answer is unknown.
        """
        ...

    def examine(self, now: datetime) -> Iterable[Examination]:
        """Try everything the agent needs of the mail system, change nothing, and yield what was seen.

        Raises:
            SyncError: what follows cannot be looked at.
        """
        ...


class MailFolders(Protocol):
    """The mail of one side of a merger, read mailbox by mailbox."""

    def read(self, login: str, address: str) -> tuple[Box, ...]:
        """Return the folders of a mailbox with what names their messages.

        Raises:
            Misconfigured: nobody may sign in for it, or the server cannot prove its name.
            Doubtful: the server refuses to show a folder, or not all of it came.
            Unavailable: the server does not answer.
        """
        ...


class CheckpointCopy(Protocol):
    """A second place where signed checkpoints of the audit log are kept. `name` is for messages."""

    @property
    def name(self) -> str:
        """Return what it is called in messages."""
        ...

    def keep(self, envelope: str, at: datetime) -> None:
        """Add a checkpoint made at a moment (UTC), durably where that can be known.

        Raises:
            Unavailable: the place cannot be written.
        """
        ...

    def newest(self) -> str:
        """Return the checkpoint added last; empty if there is none, or the place cannot be read back.

        Raises:
            Unavailable: it can be read back, but not now.
        """
        ...

    def every(self) -> tuple[str, ...]:
        """Return all checkpoints, oldest first; none if the place cannot be read back.

        Raises:
            Unavailable: it can be read back, but not now.
        """
        ...


class LoggedOn(NamedTuple):
    """An account that may log in: its permanent identity, its log-in, its holder's name, its groups.

    `groups` are those of the configuration it is in, by itself or through others, as the configuration writes them.
    """

    guid: str
    login: str
    name: str
    groups: frozenset[str]


class Door(Protocol):
    """A directory that knows people's passwords and groups."""

    def enter(self, login: str, password: Secret) -> LoggedOn | None:
        """Return the account of a log-in and its password; None if they do not belong together, whatever the reason.

        Raises:
            SyncError: the directory does not answer, or not so that it can be believed.
        """
        ...

    def look(self, login: str) -> LoggedOn | None:
        """Return the account as it is now; None if there is none that may log in.

        Raises:
            SyncError: as `enter`.
        """
        ...
