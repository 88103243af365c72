"""What has changed on an Active Directory since it was last read (MS-ADTS 3.1.1.1.9, 3.1.1.5.1.6).

Every change of an object gives it the next update number of its domain controller. A database that was put back counts
the same numbers again: the latest changes are remembered, and whoever shows one of their numbers must be who had it.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from syncagent.connectors.ldap.requests import SHOW_DELETED, Control
from syncagent.connectors.live.kind import Moved
from syncagent.core import dn as names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from syncagent.connectors.gathering import Entry
    from syncagent.connectors.ldap.answers import Entry as Raw
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.held import Before, Held

SHOWN = (Control(SHOW_DELETED, critical=True),)
_DELETED_OBJECTS = "18E2EA80684F11D2B9AA00C04F79F805"  # MS-ADTS 6.1.1.4
_CHANGED, _CREATED, _WHEN = "uSNChanged", "uSNCreated", "whenChanged"
_LATEST = 128  # changes that are remembered
_WIDER = 8


def sees_deleted(session: Session, branch: Branch) -> bool:
    """Whether the agent's account can read CN=Deleted Objects: its name shows to everybody, its attributes do not."""
    found = session.find(f"<WKGUID={_DELETED_OBJECTS},{branch.context}>", ("isDeleted",), controls=SHOWN)
    return found is not None and bool(found.attributes)


def look(session: Session, branch: Branch, held: Held) -> bool:
    """Remember the latest changes up to the mark; return whether any can be seen, and deleted objects as well."""
    mark, span = int(held.mark["usn"]), _LATEST
    while True:
        found = {key: shown for key, shown in _shown(session, branch, mark - span) if _number(shown) <= mark}
        if len(found) >= _LATEST // 4 or span > mark:
            break
        span *= _WIDER
    held.latest = found
    return bool(found) and sees_deleted(session, branch)


def moved(session: Session, branch: Branch, held: Held, now: int) -> Moved:
    """Return what has a higher update number than the mark.

    A doubt is: numbers that went back, numbers that somebody else has now, and what `_doubt` says.
    """
    mark = int(held.mark["usn"])
    if now < mark:
        return Moved(doubt="the update numbers went back")
    lowest = min(map(_number, held.latest.values()), default=mark + 1)
    wanted = (branch.identity, "isDeleted", _CHANGED, _CREATED, _WHEN, "objectClass")
    changed: set[bytes] = set()
    gone: set[bytes] = set()
    latest: dict[bytes, bytes] = {}
    doubt = ""
    for entry in session.read(branch.context, f"({_CHANGED}>={lowest})", wanted, controls=SHOWN):
        key = entry.attributes.get(branch.identity, (b"",))[0]
        shown = _as_shown(entry)
        latest[key] = shown
        if _number(shown) <= mark:
            if held.latest and _number(shown) > lowest and held.latest.get(key) != shown:
                return Moved(doubt="the update numbers are used again: the database was put back")
            continue
        is_inside = not _is_gone(entry) and names_of.under(entry.dn, branch.root)
        (changed if is_inside else gone).add(key)
        doubt = doubt or _doubt(entry, key, branch, held, is_inside=is_inside)
    if held.latest.keys() - latest.keys():
        return Moved(doubt="the latest changes are not there any more: the database was put back")
    held.latest = dict(sorted(latest.items(), key=lambda one: _number(one[1]))[-2 * _LATEST :]) if held.latest else {}
    return Moved(changed, gone, doubt)


def drawn(branch: Branch, held: Held, before: Before) -> Moved:
    """Return who names somebody who has another name now or is gone, and who is linked to somebody whose links changed.

    A doubt is: an entry with others below has another name; so have they, and do not tell.
    """
    left: set[str] = set()
    linked: set[str] = set()
    for key, old in before.items():
        new = held.entries.get(key)
        linked |= set(_links(branch, old)) ^ set(_links(branch, new))
        if old and (new is None or new.dn != old.dn):
            left.add(old.dn.lower())
    if not left and not linked:
        return Moved()
    if left and not left.isdisjoint(_above(held.entries.values())):
        return Moved(doubt="an entry with others below was moved or renamed")
    return Moved(
        {
            key
            for key, entry in held.entries.items()
            if key not in before and (entry.dn.lower() in linked or not left.isdisjoint(_links(branch, entry)))
        }
    )


def _shown(session: Session, branch: Branch, lowest: int) -> Iterator[tuple[bytes, bytes]]:
    for entry in session.read(
        branch.context, f"({_CHANGED}>={max(lowest, 1)})", (branch.identity, _CHANGED, _WHEN), controls=SHOWN
    ):
        yield entry.attributes.get(branch.identity, (b"",))[0], _as_shown(entry)


def _as_shown(entry: Raw) -> bytes:
    """Return an object's update number and the time of its change."""
    return b" ".join(entry.attributes.get(name, (b"0",))[0] for name in (_CHANGED, _WHEN))


def _number(shown: bytes) -> int:
    return int(shown.partition(b" ")[0])


def _doubt(entry: Raw, key: bytes, branch: Branch, held: Held, *, is_inside: bool) -> str:
    """Return why it is not sure where else a change shows; empty if it is, or if `drawn` will tell."""
    if key and key in held.entries:
        return ""
    if is_inside:
        is_new = key and int(entry.attributes.get(_CREATED, (b"0",))[0]) > int(held.mark["usn"])
        return "" if is_new else "something came from elsewhere, or out of the Recycle Bin"
    if any(name.lower() == b"group" for name in entry.attributes.get("objectClass", ())):
        return "a group outside, or one that came and went, may have had members"
    root = branch.root.lower()
    uses_others = any(not link.endswith(root) for one in held.entries.values() for link in _links(branch, one))
    return "names from outside are used, and something outside changed" if uses_others else ""


def _is_gone(entry: Raw) -> bool:
    return "isDeleted" in entry.attributes


def _links(branch: Branch, entry: Entry | None) -> Iterator[str]:
    """Yield whom an entry names, in lower case."""
    if entry:
        for name in branch.links:
            yield from map(str.lower, chain(entry.aside.get(name, ()), entry.values.get(name, ())))


def _above(entries: Iterable[Entry]) -> set[str]:
    """Return the names of all entries that have others below them, in lower case."""
    return {
        (names_of.parent(entry.dn) if "\\" in entry.dn else entry.dn.partition(",")[2]).lower() for entry in entries
    }
