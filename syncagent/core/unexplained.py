"""What a directory shows that no record of the audit log explains: law 12, every change is ours or is listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, assert_never

from syncagent.core import dn as names_of
from syncagent.core.action import Operation
from syncagent.core.directory import moment
from syncagent.core.notation import ValueSwitch
from syncagent.core.stamp import is_stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from syncagent.core.account import Account
    from syncagent.core.action import Change
    from syncagent.core.deed import Deed
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values
    from syncagent.core.snapshot import Snapshot


class Why(StrEnum):
    """What is not explained."""

    CHANGED = "changed"
    CHANGED_BEFORE = "changed-before"
    MOVED = "moved"
    RIGHTS = "rights"
    GONE = "gone"
    BACK = "back"
    UNRECORDED = "unrecorded"
    CREATED = "created"
    LEARNED = "learned"
    TWICE = "twice"


class Learned(NamedTuple):
    """An account that bore our mark when it was first seen: by which record, its mark, and whether all were new then.

    Where nothing was recorded before (`first`), the marks are those of earlier versions or of a state that was lost.
    """

    seq: int
    guid: str
    subject: str
    stamp: str
    first: bool


class Unexplained(NamedTuple):
    """Something no record explains: of which account, since which record, and each attribute as recorded and as found.

    For `changed-before`, found is what the later record `seq` found; for `rights`, names are those of other entries.
    """

    why: Why
    guid: str
    dn: str
    subject: str
    seq: int
    attributes: Mapping[str, tuple[Values, Values]]


@dataclass(slots=True)
class _Known:
    """What the records say of one account: the last of them, where it is, what it holds, which rights it has.

    `is_ours` says that a record made it, so that all its rights should have one.
    """

    seq: int
    subject: str
    dn: str = ""
    gone: bool = False
    values: dict[str, Values] = field(default_factory=dict)
    rights: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    is_ours: bool = False

    def make(self, bare: Mapping[str, Values]) -> None:
        """Take the account for one of ours, new and holding nothing."""
        self.values.update(bare)
        self.is_ours = True

    def empty(self, names: Collection[str]) -> None:
        """Forget what these attributes held, for nobody recorded what purging leaves of them."""
        for name in self.values.keys() & names:
            del self.values[name]

    def note(self, deed: Deed) -> None:
        """Take a deed for the last one, and whether it left the account there."""
        self.seq, self.subject, self.dn = deed.seq, deed.subject, deed.dn
        for change in deed.changes:
            if change.operation is Operation.DELETE:
                self.gone = True
            elif change.operation in {Operation.ADD, Operation.MODIFY, Operation.RENAME, Operation.UNDELETE}:
                self.gone = False


def unexplained(
    deeds: Iterable[Deed],
    learned: Iterable[Learned],
    snapshot: Snapshot,
    directory: Directory,
    since: datetime | None = None,
) -> Iterator[Unexplained]:
    """Given all that was done on a target and the accounts learned there, yield what is there without a record.

    `since` is when the target was first looked at: what was created before nobody could have recorded. Passwords and
    moments change without us and are not looked at. Of an account that a record created every attribute and every right
    is known, of others those that a record names.
    """
    looks = _Looks(directory)
    known: dict[str, _Known] = {}
    first: set[str] = set()
    for new in learned:
        known[new.guid] = _Known(new.seq, new.subject, values={directory.stamp.lower(): (new.stamp,)})
        first |= {new.guid} if new.first else set()
    marked = frozenset(known)
    touched: set[str] = set()
    times: Counter[tuple[str, str]] = Counter()
    for deed in deeds:
        times[deed.plan_id, deed.action_id] += 1
        if times[deed.plan_id, deed.action_id] > 1:
            yield Unexplained(Why.TWICE, deed.guid, deed.dn, deed.subject, deed.seq, {})
        touched.add(deed.guid)
        yield from _follow(known.setdefault(deed.guid, _Known(deed.seq, deed.subject)), deed, looks)
    found = {account.guid: account for account in snapshot.accounts}
    for guid, one in known.items():
        if guid in marked - first - touched:
            yield Unexplained(Why.LEARNED, guid, found[guid].dn if guid in found else "", one.subject, one.seq, {})
        yield from _compared(guid, one, found.get(guid), snapshot, looks)
    for guid, account in found.items():
        if guid in known:
            continue
        if account.stamp or account.stamp_damaged:
            subject = account.stamp.subject if account.stamp else ""
            yield Unexplained(Why.UNRECORDED, guid, account.dn, subject, 0, {})
        elif since and _created_after(since, account, directory):
            yield Unexplained(Why.CREATED, guid, account.dn, "", 0, {})


def _created_after(since: datetime, account: Account, directory: Directory) -> bool:
    """Whether the directory says that an account was created later than that."""
    time = directory.created
    values = account.attributes.get(time.attribute, ()) if time else ()
    born = moment(values[0], time.syntax) if time and values else None
    return born is not None and born > since


class _Looks:
    """How values are compared: as sets, without what moves by itself."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        log_in = directory.log_in.attribute.lower()
        moving = {name.lower() for name in directory.technical()} - {log_in}
        self._read = {name: spelled for name, spelled in directory.attributes().items() if name not in moving}
        self._read.pop(directory.rdn.lower(), None)  # the DN shows it
        box = directory.mailbox
        self.of_mailbox = frozenset(name.lower() for name in box.attributes) if box else frozenset[str]()

    def kept(self, attributes: Mapping[str, tuple[Values, Values]]) -> Iterator[tuple[str, Values, Values]]:
        """Yield the attributes of a change that can be compared later: lower-case name, values before and after."""
        for name, (before, after) in attributes.items():
            if name.lower() in self._read:
                yield name.lower(), before, after

    def bare(self) -> dict[str, Values]:
        """Return what a new account holds before anything is written to it; a mailbox is filled by its mail system."""
        return {name: () for name in self._read if name not in self.of_mailbox}

    def spelled(self, name: str) -> str:
        """Return the name of an attribute as the mapping spells it."""
        return self._read[name]

    def alike(self, name: str, one: Values, other: Values) -> bool:
        """Whether two lists of values of an attribute mean the same."""
        directory = self._directory
        if name == directory.stamp.lower():
            return {value for value in one if is_stamp(value)} == {value for value in other if is_stamp(value)}
        switch = directory.log_in
        if isinstance(switch, ValueSwitch) and name == switch.attribute.lower():
            return (switch.off in one) is (switch.off in other)
        return set(one) == set(other)


def _follow(known: _Known, deed: Deed, looks: _Looks) -> Iterator[Unexplained]:
    """Take up what a deed did, and yield what somebody else had changed before it."""
    before: dict[str, tuple[Values, Values]] = {}
    for change in deed.changes:
        match change.operation:
            case Operation.ENSURE_CONTAINER | Operation.DELETE:
                continue
            case Operation.UNDELETE:
                known.values.update({name: given for name, _, given in looks.kept(change.attributes)})
            case Operation.PURGE:
                known.empty(looks.of_mailbox)
            case Operation.GRANT | Operation.REVOKE:
                _regrant(known, change)
            case Operation.ADD | Operation.MODIFY | Operation.RENAME | Operation.ENABLE:
                before |= _taken_up(known, change, looks)
            case _:
                assert_never(change.operation)
    if before:
        yield Unexplained(Why.CHANGED_BEFORE, deed.guid, deed.dn, deed.subject, deed.seq, before)
    known.note(deed)


def _taken_up(known: _Known, change: Change, looks: _Looks) -> dict[str, tuple[Values, Values]]:
    """Note what a change gave, and return what it found otherwise than the records before it left it."""
    found: dict[str, tuple[Values, Values]] = {}
    if change.operation is Operation.ADD:
        known.make(looks.bare())
    for name, held, given in looks.kept(change.attributes):
        recorded = known.values.get(name)
        if recorded is not None and not looks.alike(name, recorded, held):
            found[looks.spelled(name)] = (recorded, held)
        known.values[name] = given
    return found


def _regrant(known: _Known, change: Change) -> None:
    for name in change.attributes:
        known.rights[change.entry, name] = (change.dn, change.operation is Operation.GRANT)


def _compared(
    guid: str, known: _Known, account: Account | None, snapshot: Snapshot, looks: _Looks
) -> Iterator[Unexplained]:
    """Yield how an account differs from what the records say of it."""

    def seen(why: Why, attributes: Mapping[str, tuple[Values, Values]]) -> Unexplained:
        return Unexplained(why, guid, account.dn if account else known.dn, known.subject, known.seq, attributes)

    if account is None:
        if not known.gone:
            yield seen(Why.GONE, {})
        return
    if known.gone:
        yield seen(Why.BACK, {})
        return
    if known.dn and names_of.same(known.dn) != names_of.same(account.dn):
        yield seen(Why.MOVED, {"dn": ((known.dn,), (account.dn,))})
    changed = {
        looks.spelled(name): (recorded, now)
        for name, recorded in sorted(known.values.items())
        if not looks.alike(name, recorded, now := account.attributes.get(looks.spelled(name), ()))
    }
    if changed:
        yield seen(Why.CHANGED, changed)
    found = snapshot.rights.get(names_of.same(account.dn), ())
    has = {(right.entry, right.attribute) for right in found}
    unrecorded = [one for one in found if known.is_ours and (one.entry, one.attribute) not in known.rights]
    rights: dict[str, tuple[Values, Values]] = {f"{one.dn} {one.attribute}": ((), (account.dn,)) for one in unrecorded}
    rights |= {
        f"{dn} {name}": ((account.dn,) if granted else (), () if granted else (account.dn,))
        for (entry, name), (dn, granted) in known.rights.items()
        if ((entry, name) in has) is not granted and entry in snapshot.shared
    }
    if rights:
        yield seen(Why.RIGHTS, rights)
