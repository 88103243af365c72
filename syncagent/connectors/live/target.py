"""A directory that is a server: read whole, written step by step, asked again when an answer was lost."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from syncagent.connectors import changes, resolve
from syncagent.connectors.base import NO_PASSWORDS, never
from syncagent.connectors.ldap.session import open_session
from syncagent.connectors.live import carry, clock, examine, read
from syncagent.connectors.live.branch import Branch, context_of
from syncagent.connectors.live.held import Before
from syncagent.connectors.live.near import near
from syncagent.connectors.live.remains import remains
from syncagent.core import dn as names_of
from syncagent.core.action import Action, Operation
from syncagent.core.outcome import Outcome, Result
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo

    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.held import Held
    from syncagent.connectors.live.kind import Kind
    from syncagent.core.account import Account, AccountRef
    from syncagent.core.directory import Directory
    from syncagent.core.examination import Examination
    from syncagent.core.snapshot import Snapshot
    from syncagent.trust.secret import Secret


@dataclass(slots=True)
class LiveTarget:
    """A directory kept by a server; every call is a session of its own.

    A run begins with a read, of the first server that answers, and writes there and nowhere else.

    `kind` says what server it is. `pseudonym` replaces personal identification numbers in the key attribute.
    `root` is where reading starts, by default the naming context that holds `base`.
    """

    name: str
    server: Server
    bind: Bind
    directory: Directory
    base: str
    zone: tzinfo
    kind: Kind
    pseudonym: Callable[[str], str] | None = field(default=None, repr=False)
    root: str = ""
    batch: int = 250
    _last: Held | None = field(default=None, init=False, repr=False)
    _pinned: str = field(default="", init=False, repr=False)

    @property
    def patience(self) -> float:
        """Return how many seconds a request may be under way before its answer counts as lost."""
        return self.server.receive_timeout

    def read(self) -> Snapshot:
        """Return everything the directory holds; of what this object has read before, only what changed is read again.

        Where that is not sure to give the same, everything is read. The watermark says which it was, and why.

        Raises:
            Misconfigured: the settings, the rights of the agent's account, or a value in the directory must be mended.
            Doubtful: not everything came, or the directory does not come to rest.
            Unavailable: no server answers.
        """
        last, self._last = self._last, None
        with self._session(self.server, self.kind.reads) as (session, branch):
            self._pinned = session.url
            before = Before()
            because = read.changed(session, self.kind, branch, last, before) if last else "the first read"
            if last and not because:
                last.silent = self.kind.evidence(self.server, self.bind, session, branch, last, before)
                because = "a server was silent about last use" if last.silent else ""
            if last is None or because:
                held = read.whole(session, self.kind, branch)
                held.silent = self.kind.evidence(self.server, self.bind, session, branch, held, None)
            else:
                held = last
        held.snapshot = branch.together(held, None if because else before)
        self._last = held
        return replace(held.snapshot, watermark=read.watermark(held, because))

    def directory_id(self) -> str:
        """Return the identity of the domain, or of the topmost entry; empty where it may not be read.

        Raises:
            Misconfigured, Unavailable: no server answers.
        """
        with self._session(self.server, (), writes=False) as (session, branch):
            return str(self.kind.named(session, branch)["directory"])

    def clock(self) -> datetime | None:
        """Return the server's time (UTC), None where it does not tell.

        Raises:
            Misconfigured, Unavailable: no server answers.
        """
        with open_session(self.server, self.bind) as session:
            return clock.told(session)

    def examine(self, now: datetime) -> Iterator[Examination]:
        """Try everything the agent needs of the server and write nothing.

        Raises:
            Misconfigured, Doubtful, Unavailable: as `read` does; what follows cannot be looked at.
        """
        with self._session(self.server, self.kind.reads) as (session, branch):
            yield from examine.access(session)
            yield from examine.clock(session, now)
            yield from examine.controls(session, self.kind)
            yield from examine.schema(session, branch)
            yield from self.kind.rights(session, branch)
        yield from examine.contents(self.read())

    def remains(self, deleted: Sequence[AccountRef]) -> dict[str, Account | Text]:
        """Return what deleted accounts would be if they were brought back, or why they cannot be.

        Raises:
            Misconfigured, Doubtful, Unavailable: the server does not tell.
        """
        with self._session(self.server, (), writes=False) as (session, branch):
            return {one.guid: remains(session, self.kind, branch, one.guid, one.dn) for one in deleted}

    def carry_out(
        self,
        actions: Sequence[Action],
        marker: str,
        passwords: Mapping[str, Secret] = NO_PASSWORDS,
        stop: Callable[[], bool] = never,
    ) -> list[Outcome]:
        """Carry out the actions, each step read back, and return what became of each, in the same order.

        It is written where the last read was made: another server may not have heard of what was written a moment ago.
        `stop` is asked before each group of actions that go together; what was not begun then has no outcome.

        Raises:
            Misconfigured, Doubtful, Unavailable: nothing could be read, and nothing was written.
        """
        there = replace(self.server, urls=(self._pinned,)) if self._pinned else self.server
        with self._session(there, self.kind.looks_at) as (session, branch):
            return carry.carry_out(session, self.kind, branch, actions, marker, passwords, stop)

    def resolve(self, action: Action, marker: str) -> Outcome | Action:
        """Find out by reading what became of an action, or what is left of it to do.

        Every server that is listed is asked, for one may have it from nobody yet: the farthest one counts.

        Raises:
            Misconfigured, Doubtful, Unavailable: one of them cannot be read, so nobody can tell.
        """
        found: list[Outcome | Action] = []
        for url in self.server.urls:
            alone = replace(self.server, urls=(url,))
            with self._session(alone, self.kind.looks_at, writes=False) as (session, branch):
                found.append(self._resolved(session, branch, action, marker))
        return max(found, key=lambda one: _how_far(one, action))

    def _resolved(self, session: Session, branch: Branch, action: Action, marker: str) -> Outcome | Action:
        around = near(session, self.kind, branch, [action])
        found = resolve.resolve(around.entries, action, marker)
        if not (isinstance(found, Outcome) and found.result is Result.DONE and action.account):
            return found
        if any(change.operation is Operation.DELETE for change in action.changes):
            return found if self.kind.proves_gone(session, branch, action.account.guid) else _vanished(action)
        renamed = [
            change
            for change in action.changes
            if change.new_dn and names_of.same(change.dn) != names_of.same(change.new_dn)
        ]
        if renamed and self.kind.follows and around.listed(action.account.dn):  # groups still have the old name
            return replace(
                action, changes=(replace(renamed[-1], dn=around.entries.accounts[found.guid].dn, attributes={}),)
            )
        return found

    @contextmanager
    def _session(
        self, server: Server, beside: tuple[str, ...], *, writes: bool = True
    ) -> Iterator[tuple[Session, Branch]]:
        with open_session(server, self.bind, writes=writes) as session:
            context = context_of(session, self.base)
            root = self.root or context
            yield (
                session,
                Branch(self.name, self.directory, self.base, root, context, self.zone, self.pseudonym, beside),
            )


def _how_far(found: Outcome | Action, action: Action) -> int:
    """Return a number that is higher the more of an action a server shows."""
    if isinstance(found, Outcome):
        return 3 if found.result is Result.DONE else 2
    return 0 if found == action else 1


def _vanished(action: Action) -> Outcome:
    dn = action.account.dn if action.account else ""
    return changes.unsuccessful(
        action,
        Text(
            f"{dn} không còn, nhưng không thấy dấu vết đã xóa; hãy kiểm tra trong thư mục rồi lập kế hoạch mới.",
            f"{dn} is not there, but nothing shows that it was deleted; look in the directory, then plan again.",
        ),
        Result.NEEDS_HUMAN,
    )
