"""A read of a live directory: complete, and of one moment although it takes a while; whole, or what changed since."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from syncagent.connectors.ldap.answers import Names, entry
from syncagent.connectors.ldap.escape import equal
from syncagent.connectors.live.held import Before, Held, same
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
_SHARE = 4  # where more than one in so many entries changed, reading everything is as fast


def whole(session: Session, kind: Kind, branch: Branch) -> Held:
    """Return all entries under the root, and which state of the server they are.

    What was changed while it was being read is read again, until nothing but evidence of use has changed.

    Raises:
        Doubtful: the read is not complete, or the directory does not come to rest.
        Unavailable: the connection is lost or time is up.
        Misconfigured: a value is not text.
    """
    for _ in range(_WHOLE_READS):
        held = Held(session.url, kind.named(session, branch), kind.mark(session, branch), monotonic())
        for found in session.read(branch.root, attributes=branch.asked):
            key = held.take(branch, found)[0]
            if kind.reads:
                held.numbers[key] = found.attributes.get(kind.reads[0], (b"",))[0]
        if not _settled(session, kind, branch, held, {}, looks=False):
            held.tells = kind.look(session, branch, held)
            return held
    raise Doubtful(
        Text(
            f"Thư mục “{branch.target}” bị sửa liên tục trong lúc đọc. Chưa lập kế hoạch nào; hãy chạy lại khi không "
            "có ai sửa hàng loạt.",
            f"Directory “{branch.target}” was changed again and again while it was read. Nothing was planned; run "
            "again when nobody makes mass changes.",
        ),
        where=session.url,
    )


def changed(session: Session, kind: Kind, branch: Branch, held: Held, before: Before) -> str:
    """Bring what is held in step with the server and note what was before.

    Return why everything must be read instead, empty if it need not.

    Raises:
        Doubtful: a read is not complete.
        Unavailable: the connection is lost or time is up.
        Misconfigured: a value is not text.
    """
    if doubt := held.unfit(session.url, kind.named(session, branch), monotonic()):
        return doubt
    if session.find(branch.root) is None:
        return "the root is not there"
    held.first = kind.mark(session, branch)
    held.reads += 1
    return _settled(session, kind, branch, held, before, looks=True)


def _settled(session: Session, kind: Kind, branch: Branch, held: Held, before: Before, *, looks: bool) -> str:
    """Bring what is held in step until the server rests; return why this cannot be, empty if it is."""
    for _ in range(_ROUNDS):
        now = kind.mark(session, branch)
        if not looks and now == held.mark and all(now.values()):
            return ""
        settled, doubt = _again(session, kind, branch, held, before, now)
        if doubt:
            return doubt
        held.mark = now
        looks = False
        if settled:
            return ""
    return "it does not come to rest"


def _again(
    session: Session, kind: Kind, branch: Branch, held: Held, before: Before, now: dict[str, str | int]
) -> tuple[bool, str]:
    """Bring what is held in step with what changed since its mark; return whether nothing that matters has, or a doubt.

    What an edit changes in other entries without a trace there, names in groups above all, is read as well.
    """
    moved = kind.moved(session, branch, held, now)
    aside = frozenset(use.attribute for use in branch.directory.last_use)
    settled, done = True, Before()
    while moved.changed or moved.gone:
        if moved.doubt or (len(moved.changed) + len(moved.gone)) * _SHARE > len(held.entries) + _AT_ONCE:
            return False, moved.doubt or "much has changed"
        for identity in moved.gone:
            if there := held.entries.pop(identity, None):
                done.setdefault(identity, there)
                settled = False
        for found in by_identity(session, branch, moved.changed):
            key, there, after = held.take(branch, found)
            done.setdefault(key, there)
            settled = settled and there is not None and same(there, after, aside)
        moved = kind.drawn(branch, held, done)
    for identity, there in done.items():
        before.setdefault(identity, there)
    return settled, moved.doubt


def by_identity(session: Session, branch: Branch, identities: Iterable[bytes]) -> Iterable[Entry]:
    """Yield the entries of identities as far as they are there.

    An entry that came needs no second count; whoever did not come, or came with a part of its values, is read with one.
    """
    waiting = sorted(identities)
    while waiting:
        now, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        names, missing = Names(branch.asked), set(now)
        for line in [*session.lines(branch.context, _any_of(branch, now), branch.asked)]:
            found = entry(line, names)
            identity = found.attributes.get(branch.identity, (b"",))[0]
            if names.ranges.isdisjoint(found.attributes) and identity in missing:
                missing.discard(identity)
                yield found
        if missing:
            yield from session.read(branch.context, _any_of(branch, sorted(missing)), branch.asked)


def _any_of(branch: Branch, identities: Iterable[bytes]) -> str:
    return f"(|{''.join(equal(branch.identity, identity) for identity in identities)})"


def watermark(held: Held, because: str) -> dict[str, str | int]:
    """Return which state of which server is held, and whether it was read whole, and why."""
    before = {f"{name}_before": value for name, value in held.first.items()}
    after = {f"{name}_after": value for name, value in held.mark.items()}
    silent = {"silent": ", ".join(held.silent)} if held.silent else {}
    how = {"read": "full", "because": because} if because else {"read": "incremental"}
    return {**held.server, **before, **after, "entries": len(held.entries), **how, **silent}
