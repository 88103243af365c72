"""From changed accounts to the new bytes of an LDIF file, which take the place of the old ones whole or not at all.

What no action touches is written back as it was, byte by byte: order, comments, folding, attributes nobody here has
heard of. A touched entry keeps every line except those of the attributes that changed.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from syncagent.connectors.attribute import as_bytes
from syncagent.connectors.entries import moved
from syncagent.core import dn as names_of
from syncagent.core import ldif

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from syncagent.connectors.entries import Entries
    from syncagent.connectors.gathering import Contents
    from syncagent.connectors.ldif.records import Record
    from syncagent.core.account import Account
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values

_UNFOLDED = re.compile(rb"[^\n]*\n(?: [^\n]*\n)*")
_NAMED = re.compile(rb"([A-Za-z0-9][A-Za-z0-9._-]*)(?:;binary)?:(:?)(.*)", re.IGNORECASE | re.DOTALL)
_COUNT = re.compile(rb"(?m)^(# num(?:Entries|Responses): )(\d+)")
_MEMBERS = ("member", "uniqueMember")
_OWN_NAMES = frozenset({"distinguishedname", "entrydn"})


# ── one entry ────────────────────────────────────────────────────────────────


def line(name: str, value: bytes, newline: bytes = b"\n") -> bytes:
    """Given an attribute and a value, return its line, folded at 76 columns, with the break that ends it."""
    return ldif.line(name, value).encode().replace(b"\n", newline) + newline


def record(dn: str, attributes: Mapping[str, Sequence[bytes]], newline: bytes = b"\n") -> bytes:
    """Given an entry, return its record with the blank line that ends it."""
    lines = [line("dn", dn.encode(), newline)]
    lines += [line(name, value, newline) for name, values in attributes.items() for value in values]
    return b"".join((*lines, newline))


def changed(raw: bytes, wanted: Mapping[str, Sequence[bytes]]) -> bytes:
    """Given the record of an entry, return it with other values of some attributes; none means that one goes.

    New values stand where the old ones stood, under the file's spelling of the name; new attributes at the end.
    """
    newline = b"\r\n" if b"\r\n" in raw else b"\n"
    left = {name.lower(): (name, values) for name, values in wanted.items()}
    known = frozenset(left)
    out: list[bytes] = []
    for unfolded in _UNFOLDED.findall(raw):
        name, _ = _parted(unfolded)
        if name.lower() not in known:
            out.append(unfolded)
        elif name.lower() in left:
            out += [line(name, value, newline) for value in left.pop(name.lower())[1]]
    end = len(out)
    while end and not out[end - 1].strip():
        end -= 1
    out[end:end] = [line(name, value, newline) for name, values in left.values() for value in values]
    return b"".join(out)


def _renamed(raw: bytes, old: str, new: str) -> dict[str, Sequence[bytes]]:
    """Return what changes in the record of a renamed entry: its DN, and where a server repeats the name."""
    wanted: dict[str, Sequence[bytes]] = {"dn": (new.encode(),)}
    for name, value in _lines(raw):
        if name.lower() in _OWN_NAMES and value == old.encode():
            wanted[name] = (new.encode(),)
        elif name.lower() == "name" and value == names_of.rdn_value(old).encode():
            wanted[name] = (names_of.rdn_value(new).encode(),)
    return wanted


def _lines(raw: bytes) -> Iterator[tuple[str, bytes]]:
    return (_parted(unfolded) for unfolded in _UNFOLDED.findall(raw))


def _parted(unfolded: bytes) -> tuple[str, bytes]:
    """Return the name and the value of a line; comments and blank lines have no name."""
    found = _NAMED.fullmatch(unfolded.replace(b"\r\n", b"\n").replace(b"\n ", b"").rstrip(b"\n"))
    if not found:
        return "", b""
    value = found[3].lstrip(b" ")
    return found[1].decode(), b64decode(value) if found[2] else value


@cache
def _lists(attribute: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?im)^" + re.escape(attribute.encode()) + rb"(?:;binary)?:")


# ── the whole file ───────────────────────────────────────────────────────────


@dataclass(slots=True)
class Edits:
    """What changes in a file: accounts before and after by the line of their record, and new records.

    `names` are the new names of renamed accounts by their old ones (`core.dn.same`), empty for deleted ones: members of
    groups and rights follow, or a person who moved would slip out of a protected group. `carried` are the old and
    new names of those with entries below them. `rights` are, by the line of the record where they stand, the
    attribute, the name in the file of whoever loses one or the new name of whoever is given one, and which of both.
    """

    directory: Directory
    accounts: dict[int, tuple[Account, Account]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    added: list[tuple[str, dict[str, Values]]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    carried: Sequence[tuple[str, str]] = ()
    rights: dict[int, list[tuple[str, str, bool]]] = field(default_factory=dict)

    @classmethod
    def of(cls, contents: Contents, entries: Entries) -> Edits:
        """Given a file as read and its entries after some actions, return what changed."""
        edits = cls(entries.directory, carried=entries.carried, added=list(entries.made.items()))
        known = set()
        for before in contents.snapshot.accounts:
            known.add(before.guid)
            after = entries.accounts.get(before.guid)
            at = contents.lines[before.guid]
            if after is None:
                edits.gone.add(at)
            elif after is not before:
                edits.accounts[at] = before, after
            if after is None or after.dn != before.dn:
                edits.names[names_of.same(before.dn)] = after.dn if after else ""
        found = {account.guid: account.dn for account in contents.snapshot.accounts}
        for entry, attribute, guid, given in entries.regranted:
            dn = entries.accounts[guid].dn if given else found[guid]
            edits.rights.setdefault(contents.lines[entry], []).append((attribute, dn, given))
        edits.added += [
            (account.dn, {"objectClass": entries.classes[guid], **account.attributes})
            for guid, account in entries.accounts.items()
            if guid not in known
        ]
        return edits

    def __bool__(self) -> bool:
        return bool(self.accounts or self.gone or self.added or self.rights)

    def applied(self, records: Iterable[Record]) -> Iterator[bytes]:
        """Given the records of the file, yield its new bytes; new entries stand after the last old one."""
        newline = b"\n"
        waiting: list[bytes] = []
        closes = False
        for found in records:
            if found.line == 1 and b"\r\n" in found.raw:
                newline = b"\r\n"
            if not found.is_entry:
                waiting.append(self._counted(found.raw))
                continue
            yield from waiting
            waiting.clear()
            closes = found.is_open
            if found.line not in self.gone:
                yield self._entry(found)
        if closes:
            yield newline
        for dn, values in self.added:
            yield record(dn, {name: self._bytes(name, theirs) for name, theirs in values.items()}, newline)
        yield from waiting

    def _entry(self, found: Record) -> bytes:
        raw = found.raw
        wanted: dict[str, Sequence[bytes]] = {}
        if found.line in self.accounts:
            before, after = self.accounts[found.line]
            wanted |= {
                name: self._bytes(name, after.attributes.get(name, ()))
                for name in (*before.attributes, *after.attributes)
                if before.attributes.get(name) != after.attributes.get(name)
            }
            if before.dn != after.dn:
                wanted |= _renamed(raw, before.dn, after.dn)
        elif self.carried:
            wanted |= self._below(raw)
        raw = changed(raw, wanted) if wanted else raw
        raw = self._regranted(found.line, raw, given=False)
        if self.names:
            raw = self._followed(raw)
        return self._regranted(found.line, raw, given=True)

    def _regranted(self, line: int, raw: bytes, *, given: bool) -> bytes:
        """Return the record without the rights that were taken, or with those that were given."""
        for attribute, dn, is_given in self.rights.get(line, ()):
            if is_given is given:
                same = names_of.same(dn)
                values = [value for name, value in _lines(raw) if name.lower() == attribute.lower()]
                kept = [value for value in values if names_of.same(value.decode(errors="replace")) != same]
                raw = changed(raw, {attribute: [*kept, dn.encode()] if given else kept})
        return raw

    def _below(self, raw: bytes) -> dict[str, Sequence[bytes]]:
        """Return the new name of an entry that is no account and stands below a renamed one."""
        before = after = next(value for name, value in _lines(raw) if name.lower() == "dn").decode()
        for old, new in self.carried:
            if names_of.under(after, old):
                after = moved(after, old, new)
        return _renamed(raw, before, after) if after != before else {}

    def _followed(self, raw: bytes) -> bytes:
        """Return the record with members and rights in step with what was renamed or deleted; the last member stays."""
        wanted: dict[str, Sequence[bytes]] = {}
        for attribute in dict.fromkeys((*_MEMBERS, *self.directory.rights)):
            if not _lists(attribute).search(raw):
                continue
            before = [value for name, value in _lines(raw) if name.lower() == attribute.lower()]
            now = [self.names.get(names_of.same(value.decode(errors="replace"))) for value in before]
            after = [value if dn is None else dn.encode() for value, dn in zip(before, now, strict=True) if dn != ""]
            if after != before and (after or attribute not in _MEMBERS):
                wanted[attribute] = after
        return changed(raw, wanted) if wanted else raw

    def _counted(self, raw: bytes) -> bytes:
        """Return comments with the number of entries that ldapsearch wrote brought up to date."""
        more = len(self.added) - len(self.gone)
        return _COUNT.sub(lambda count: count[1] + str(int(count[2]) + more).encode(), raw)

    def _bytes(self, name: str, values: Values) -> tuple[bytes, ...]:
        return tuple(as_bytes(self.directory, name, value) for value in values)


# ── the file on disk ─────────────────────────────────────────────────────────


def replaced(path: Path, pieces: Iterable[bytes], still: Callable[[], bool]) -> bool:
    """Put a new file in the place of `path`, whole and durable; return False if nothing was written.

    The new file lies beside the old one until it is safe on disk: a crash at any moment leaves the one or the
    other. Mode and owner stay.

    Args:
        path: a regular file, no link.
        pieces: the new bytes.
        still: asked last: whether the file is still the one the new bytes were made from.

    Raises:
        OSError: the disk or the folder does not take it.
    """
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)  # of an agent that was interrupted; only one works on a state at a time
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
            file.writelines(pieces)
            file.flush()
            _take_after(path, new)
            os.fsync(file.fileno())
        if not still():
            return False
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def _take_after(old: Path, new: Path) -> None:
    if sys.platform != "win32":
        owner = old.stat()
        with suppress(PermissionError):  # only root may give files away
            os.chown(new, owner.st_uid, owner.st_gid)
    shutil.copymode(old, new)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable; Windows has no such call and journals it."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
