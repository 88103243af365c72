"""Is the audit log whole, and the newest there is? Nothing is decided or done on one that a checkpoint contradicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.errors import Refused, Unavailable
from syncagent.store import audit, checkpoints
from syncagent.store.store import lineage_of
from syncagent.text import Text
from syncagent.trust.chain import EMPTY, Head, follow
from syncagent.trust.checkpoint import RESTORE, Checkpoint, abandoned, disagreement, opened, sealed
from syncagent.trust.export import declared_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from syncagent.errors import SyncError
    from syncagent.runs.agent import Agent


class Doubt(NamedTuple):
    """Something that contradicts the audit log; `declarable` if a restored backup may be behind it."""

    says: Text
    declarable: bool


class Insight(NamedTuple):
    """What a look at the audit log found.

    Where the chain stands, its newest checkpoint, what contradicts it, and which copies cannot be read now.
    """

    head: Head
    newest: Checkpoint | None
    doubts: tuple[Doubt, ...]
    unread: tuple[SyncError, ...]


# ── may anything be decided? ─────────────────────────────────────────────────


def look(agent: Agent, *, whole: bool = False) -> Insight:
    """Check the chain from its newest checkpoint on, or as a `whole`, and that checkpoint against the copies."""
    copies: list[tuple[str, str]] = []
    unread: list[SyncError] = []
    for copy in agent.copies:  # before the state: what another process adds meanwhile is in the state first
        try:
            copies.append((copy.name, copy.newest()))
        except Unavailable as error:
            unread.append(error)
    with agent.store.reading() as connection:
        head, newest, doubts = _own(agent, connection, whole=whole)
        foreign = tuple(_foreign(agent, connection, copies, head))
    return Insight(head, newest, (*doubts, *foreign), tuple(unread))


def assured(agent: Agent, *, whole: bool = False) -> None:
    """Let nothing be decided or done on an audit log that contradicts a checkpoint.

    Whoever writes to a directory has it read as a `whole`: what was done lately is counted from it.

    Raises:
        Refused: it does; the message names what contradicts it, and the way out.
    """
    if doubts := look(agent, whole=whole).doubts:
        raise read_only(doubts)


def read_only(doubts: Sequence[Doubt]) -> Refused:
    """Return the refusal that says why only reading verbs work, and the way out."""
    listed = Text("; ".join(one.says.vi for one in doubts), "; ".join(one.says.en for one in doubts))
    if all(one.declarable for one in doubts):
        way = Text(
            "Nếu chính đơn vị vừa khôi phục bản sao lưu, hãy khai báo: syncagent audit accept-restore --by TÊN "
            "--reason LÝ_DO. Nếu không, hãy coi là sự cố an toàn thông tin.",
            "If you put a backup back yourselves, declare it: syncagent audit accept-restore --by NAME --reason WHY. "
            "If not, treat it as a security incident.",
        )
    else:
        way = Text(
            "Hãy khôi phục trạng thái từ một bản sao lưu nguyên vẹn, và coi là sự cố an toàn thông tin.",
            "Restore the state from a sound backup, and treat it as a security incident.",
        )
    return Refused(
        Text(
            f"Chỉ đọc, không thực hiện gì: nhật ký kiểm toán không khớp ({listed.vi}). {way.vi}",
            f"Read-only, nothing is done: the audit log is contradicted ({listed.en}). {way.en}",
        )
    )


def _own(
    agent: Agent, connection: Connection, *, whole: bool = False
) -> tuple[Head, Checkpoint | None, tuple[Doubt, ...]]:
    """Return where the chain stands, its newest checkpoint, and what is wrong with either."""
    envelope = checkpoints.newest(connection)
    start, newest, doubts = EMPTY, None, list[Doubt]()
    if envelope:
        try:
            newest = opened(envelope, agent.public_keys())
        except Refused as refusal:
            doubts.append(_of_own(refusal.says, declarable=abandoned(envelope) not in _declared(connection)))
        else:
            then = audit.stood(connection, newest.size)
            if why := disagreement(newest, lineage_of(connection), audit.head(connection), then.hash if then else ""):
                doubts.append(_of_own(why, declarable=False))
            elif not whole:
                start = newest.head
    try:
        head = follow(audit.records(connection, start.size), start)
    except Refused as refusal:
        head = audit.head(connection)
        doubts.append(_of_own(refusal.says, declarable=False))
    return head, newest, tuple(doubts)


def _of_own(why: Text, *, declarable: bool) -> Doubt:
    return Doubt(Text(f"trong trạng thái: {why.vi}", f"in the state: {why.en}"), declarable)


def _foreign(agent: Agent, connection: Connection, copies: Sequence[tuple[str, str]], head: Head) -> Iterator[Doubt]:
    """Yield what the copies, each with its newest checkpoint, say against the chain."""
    for name, envelope in copies:
        why = contradiction(agent, connection, envelope, head) if envelope else None
        if why and abandoned(envelope) not in _declared(connection):
            yield Doubt(Text(f"{name}: {why.vi}", f"{name}: {why.en}"), declarable=True)


def contradiction(agent: Agent, connection: Connection, envelope: str, head: Head) -> Text | None:
    """Return how a checkpoint, in its signed form, contradicts the chain as it stands; None if it does not."""
    try:
        checkpoint = opened(envelope, agent.public_keys())
    except Refused as refusal:
        return refusal.says
    then = audit.stood(connection, checkpoint.size)
    return disagreement(checkpoint, lineage_of(connection), head, then.hash if then else "")


def _declared(connection: Connection) -> frozenset[str]:
    """Return the checkpoints that were given up when an older state was put back."""
    return frozenset().union(*map(declared_in, audit.records(connection, kinds=[RESTORE])))


# ── checkpoints ──────────────────────────────────────────────────────────────


def checkpoint(agent: Agent) -> Checkpoint:
    """Sign where the chain stands, keep that in the state, then in every copy; one that fails is a notice.

    Raises:
        Refused: the chain does not continue its newest checkpoint; nothing is signed that contradicts it.
    """
    with agent.store.writing() as connection:
        head, _, doubts = _own(agent, connection)
        if doubts:
            raise read_only(doubts)
        made, envelope = sign(agent, connection, head)
    keep(agent, envelope)
    return made


def sign(agent: Agent, connection: Connection, head: Head) -> tuple[Checkpoint, str]:
    """Sign where the chain stands, and keep that in the state; return it, and its signed form."""
    made = Checkpoint(lineage_of(connection), head.size, head.hash, agent.clock().isoformat())
    envelope = sealed(made, agent.signer)
    checkpoints.add(connection, made, envelope)
    return made, envelope


def keep(agent: Agent, envelope: str) -> None:
    """Keep a checkpoint in every copy; one that fails is a notice."""
    for copy in agent.copies:
        try:
            copy.keep(envelope, agent.clock())
        except Unavailable as error:
            agent.notices.append(error)
