"""What has changed on an OpenLDAP since it was last read.

Changed entries have a new entryCSN. Others change without one: the overlays memberof and refint write links, entries go
along when one above them is renamed, and deletions leave nothing behind. So names, numbers and links of all entries are
compared, unless the server can show (RFC 4533) that nothing happened of which others could have learnt, and the latest
changes that were seen are still there: a database that was put back has lost them.
"""

from __future__ import annotations

from heapq import nlargest
from operator import itemgetter
from time import monotonic
from typing import TYPE_CHECKING

from syncagent.connectors.ldap import answers
from syncagent.connectors.ldap.requests import EVERYTHING
from syncagent.connectors.ldap.sync import SYNC
from syncagent.connectors.live.held import key_of
from syncagent.connectors.live.kind import Moved
from syncagent.connectors.live.read import by_identity
from syncagent.core import dn as names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.held import Held

CHANGED = "entryCSN"
_LATEST = 128  # changes that are remembered


def look(held: Held) -> bool:
    """Remember the latest changes; return whether every entry showed the number of its last change."""
    if held.numbers:
        held.latest = _last(held.numbers)
    return all(held.numbers.values()) and all(held.latest.values())


def moved(session: Session, branch: Branch, held: Held, now: str, rest: int) -> Moved:
    """Return what differs from what was read; `now` are the change numbers of the naming context.

    A doubt is: numbers that went back, an entry without an identity, a comparison that others contradict.
    """
    before = str(held.mark["csn"])
    if _went_back(before, now):
        return Moved(doubt="the change numbers went back: the database was put back")
    if now and before and session.supports(SYNC) and held.looked - held.since >= rest:
        lost = _lost(session, branch, held, before)
        if lost is None or _are_there(session, branch, lost):
            return Moved(doubt="the latest changes are not there any more: the database was put back")
        plain = set[bytes]() if now == before else _plain(session, branch, held, before)
        if plain is not None and not lost:
            return Moved(plain)
    return _compared(session, branch, held)


def _lost(session: Session, branch: Branch, held: Held, before: str) -> set[bytes] | None:
    """Return who showed one of the latest change numbers and shows neither that nor a later one than any seen.

    These were deleted or moved out, or the database was put back. None where somebody else shows such a number: it was.
    """
    latest, earliest = _later(session, branch, held), min(held.latest.values(), default=b"")
    seen = {number.split("#")[2]: number for number in before.split()}
    for key, number in latest.items():
        text = number.decode()
        is_new = number > earliest and held.latest.get(key) != number
        if is_new and text <= seen.get(text.split("#")[2], ""):
            return None
    lost = held.latest.keys() - latest.keys()
    held.latest = _last(latest)
    return lost


def _are_there(session: Session, branch: Branch, keys: set[bytes]) -> bool:
    return any(names_of.under(entry.dn, branch.root) for entry in list(by_identity(session, branch, keys)))


def _later(session: Session, branch: Branch, held: Held) -> dict[bytes, bytes]:
    """Return the numbers of all entries that changed since the earliest of the latest changes."""
    wanted = (branch.identity, CHANGED)
    names, found = answers.Names(wanted), dict[bytes, bytes]()
    earliest = min(held.latest.values(), default=b"").decode()
    for line in session.lines(branch.root, f"({CHANGED}>={earliest})" if earliest else EVERYTHING, wanted):
        entry = answers.entry(line, names)
        found[key_of(branch, entry)] = entry.attributes.get(CHANGED, (b"",))[0]
    return found


def _last(numbers: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    return dict(nlargest(_LATEST, numbers.items(), key=itemgetter(1)))


def _plain(session: Session, branch: Branch, held: Held, before: str) -> set[bytes] | None:
    """Return who changed, if nobody came, went, was renamed or has other links: then nobody else can have changed."""
    wanted = _wanted(branch)
    told = session.changes(branch.root, wanted, f"rid=000,csn={before.replace(' ', ';')}")
    if told is None or told.gone:
        return None
    names, changed = answers.Names(wanted), dict[bytes, bytes]()
    for line in told.changed:
        found = answers.entry(line, names)
        changed[line] = key_of(branch, found)
        if not _alike(branch, held, changed[line], found):
            return None
    held.lines |= changed
    return set(changed.values())


def _compared(session: Session, branch: Branch, held: Held) -> Moved:
    """Compare all entries; the octets of those that are as they were when last compared say so by themselves."""
    began, is_plain = monotonic(), True
    wanted = _wanted(branch)
    names, known = answers.Names(wanted), dict[bytes, bytes]()
    changed: set[bytes] = set()
    for line in session.lines(branch.root, attributes=wanted):
        key = held.lines.get(line)
        if key is None:
            found = answers.entry(line, names)
            if branch.identity not in found.attributes:
                return Moved(doubt="an entry does not show its identity")
            key = key_of(branch, found)
            alike = _alike(branch, held, key, found)
            is_plain = is_plain and alike
            if not alike or held.numbers.get(key) != found.attributes.get(CHANGED, (b"",))[0]:
                changed.add(key)
        known[line] = key
    if not held.latest:
        held.latest = _last(held.numbers)
    held.latest = _last(_later(session, branch, held))
    held.lines, held.numbers = known, {}
    gone = held.entries.keys() - known.values()
    if _are_there(session, branch, gone):
        return Moved(doubt="a comparison was not complete")
    held.looked = began
    if gone or not is_plain:
        held.since = began
    return Moved(changed, gone)


def _wanted(branch: Branch) -> tuple[str, ...]:
    return (branch.identity, CHANGED, *branch.links)


def _alike(branch: Branch, held: Held, key: bytes, found: Entry) -> bool:
    """Whether an entry has the name and the links that were read."""
    before = held.entries.get(key)
    return (
        before is not None
        and before.dn == found.dn
        and all(
            sorted((*before.aside.get(name, ()), *before.values.get(name, ())))
            == sorted(value.decode() for value in found.attributes.get(name, ()))
            for name in branch.links
        )
    )


def _went_back(before: str, now: str) -> bool:
    """Whether a server of the naming context counts less changes than before, or none any more."""
    numbers = {number.split("#")[2]: number for number in now.split()}
    return any(numbers.get(number.split("#")[2], "") < number for number in before.split())
