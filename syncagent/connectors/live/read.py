"""A whole read of a live directory: complete, and of one moment although it takes a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors.ldap.escape import equal
from syncagent.errors import Doubtful
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.kind import Kind

_WHOLE_READS = 3
_ROUNDS = 10
_AT_ONCE = 100

Watermark = dict[str, str | int]


def whole(session: Session, kind: Kind, branch: Branch) -> tuple[dict[bytes, Entry], Watermark]:
    """Return all entries under the root, by identity as octets, and which state of the server they are.

    What was changed while it was being read is read again, until nothing but evidence of use has changed; where an
    entry was renamed meanwhile, names in groups may be old, and all is read again.

    Raises:
        Doubtful: the read is not complete, or the directory does not come to rest.
        Unavailable: the connection is lost or time is up.
    """
    for _ in range(_WHOLE_READS):
        first = kind.mark(session, branch)
        held = _all(session, branch)
        last = _settled(session, kind, branch, first, held)
        if last is not None:
            return held, _watermark(kind.named(session), first, last, len(held))
    raise Doubtful(
        Text(
            f"Thư mục “{branch.target}” bị sửa liên tục trong lúc đọc. Chưa lập kế hoạch nào; hãy chạy lại khi không "
            "có ai sửa hàng loạt.",
            f"Directory “{branch.target}” was changed again and again while it was read. Nothing was planned; run "
            "again when nobody makes mass changes.",
        ),
        where=session.url,
    )


def _settled(
    session: Session, kind: Kind, branch: Branch, first: Watermark, held: dict[bytes, Entry]
) -> Watermark | None:
    """Bring what was read in step until the server rests; return how far it then is, None if all must be read again."""
    mark = first
    for _ in range(_ROUNDS):
        now = kind.mark(session, branch)
        if now == mark and all(now.values()):
            return now
        settled = _again(session, kind, branch, mark, held)
        if settled is None:
            return None
        if settled:
            return now
        mark = now
    return None


def _watermark(named: Watermark, first: Watermark, last: Watermark, entries: int) -> Watermark:
    before = {f"{name}_before": value for name, value in first.items()}
    after = {f"{name}_after": value for name, value in last.items()}
    return {**named, **before, **after, "entries": entries}


def _all(session: Session, branch: Branch) -> dict[bytes, Entry]:
    found = session.read(branch.root, attributes=branch.asked)
    return {_key(branch, entry): entry for entry in found}


def _key(branch: Branch, entry: Entry) -> bytes:
    """Return an identity as octets, a DN where it may not be read: such an entry is refused later, if it matters."""
    return (entry.attributes.get(branch.identity) or (entry.dn.encode(),))[0]


def _again(session: Session, kind: Kind, branch: Branch, mark: Watermark, held: dict[bytes, Entry]) -> bool | None:
    """Bring what was read in step with what changed since; return whether nothing that matters has, None if renamed."""
    moved = kind.moved(session, branch, mark, held)
    settled = True
    for identity in moved.gone:
        if held.pop(identity, None):
            settled = False
    for entry in by_identity(session, branch, moved.changed):
        before = held.get(entry.attributes[branch.identity][0])
        if before and before.dn != entry.dn:
            return None
        settled = settled and before is not None and _same_but_use(kind, branch, before, entry)
        held[entry.attributes[branch.identity][0]] = entry
    return settled


def _same_but_use(kind: Kind, branch: Branch, before: Entry, after: Entry) -> bool:
    aside = {use.attribute for use in branch.directory.last_use} | set(kind.reads)
    names = (set(before.attributes) | set(after.attributes)) - aside
    return all(sorted(before.attributes.get(name, ())) == sorted(after.attributes.get(name, ())) for name in names)


def by_identity(session: Session, branch: Branch, identities: Iterable[bytes]) -> Iterable[Entry]:
    """Yield the entries of identities as far as they are there."""
    waiting = sorted(identities)
    while waiting:
        now, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        terms = "".join(equal(branch.identity, identity) for identity in now)
        yield from session.read(branch.context, f"(|{terms})", branch.asked)
