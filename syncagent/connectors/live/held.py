"""What a target remembers of its last read, so that the next one asks only for what changed since.

It lives as long as the process and is written nowhere: these are personal data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncagent.core.attributes import Attributes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.connectors.gathering import Entry
    from syncagent.connectors.ldap.answers import Entry as Raw
    from syncagent.connectors.live.branch import Branch
    from syncagent.core.snapshot import Snapshot

READS = 24
"""After so many reads everything is read again: an entry that the agent's account may no longer see, or may see now,
is no change of that entry."""

SECONDS = 12 * 3600
"""After so long everything is read again, for the same reason."""

Watermark = dict[str, str | int]
Before = dict[bytes, "Entry | None"]
"""Entries that a read changed in what is held, as they were before, by identity; None for what was not there."""


@dataclass(slots=True)
class Held:
    """All entries of one server, by identity as octets, and how far its changes had come when they were read.

    Attributes:
        url: the server that was asked.
        server: which server that is, and which database of it.
        first: how far its changes had come when the last read began.
        mark: how far they had come when it ended.
        tells: whether the server can tell what changed.
        numbers: of each entry as it was read, the value of the attribute that counts its changes, if there is one.
        lines: entries as they came when all were last compared, as octets, and whose they are.
        latest: the latest changes that were seen: of each entry, its number then. They stay unless it is put back.
        uses: the latest time of use that each server has told of, by address.
        silent: servers that did not tell of any.
        snapshot: what the entries are together.
        whole_at: when everything was read (`time.monotonic`), and `reads` how often changes were read since.
        since: when an edit was last noticed that others may show late, and `looked` when all were last compared.
    """

    url: str
    server: Watermark
    mark: Watermark
    whole_at: float
    first: Watermark = field(default_factory=dict)
    tells: bool = False
    entries: dict[bytes, Entry] = field(default_factory=dict, repr=False)
    numbers: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    lines: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    latest: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    uses: dict[str, int] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    snapshot: Snapshot | None = field(default=None, repr=False)
    reads: int = 0
    since: float = 0
    looked: float = 0

    def __post_init__(self) -> None:
        """Begin where the mark is."""
        self.first = self.mark
        self.since = self.looked = self.whole_at

    def unfit(self, url: str, server: Watermark, now: float) -> str:
        """Return why everything must be read again, empty if what changed since is enough."""
        if (self.url, self.server) != (url, server):
            return "another server or database"
        if not self.tells:
            return "the server does not tell what changed"
        if self.silent:
            return "a server was silent about last use"
        if self.reads >= READS:
            return f"{READS} reads since the last whole one"
        return f"{SECONDS // 3600} hours since the last whole read" if now - self.whole_at >= SECONDS else ""

    def take(self, branch: Branch, found: Raw) -> tuple[bytes, Entry | None, Entry]:
        """Hold an entry as it was just read; return its identity, and the entry before and after."""
        key = key_of(branch, found)
        before, after = self.entries.get(key), branch.gathered(found, 0)
        self.entries[key] = after
        return key, before, after

    def use(self, key: bytes, attribute: str, time: int, before: Before) -> None:
        """Note when an entry was last used, if nothing later is known."""
        entry = self.entries.get(key)
        if entry and time > int(entry.values.get(attribute, ("0",))[0]):
            before.setdefault(key, entry)
            self.entries[key] = entry._replace(values=Attributes({**entry.values, attribute: (str(time),)}))

    def ordered(self) -> Iterator[Entry]:
        """Yield the entries in an order that does not hang on the server or on the way they were read."""
        for number, key in enumerate(sorted(self.entries), 1):
            yield self.entries[key]._replace(line=number)


def key_of(branch: Branch, entry: Raw) -> bytes:
    """Return an identity as octets, a DN where it may not be read: such an entry is refused later, if it matters."""
    return (entry.attributes.get(branch.identity) or (entry.dn.encode(),))[0]


def same(before: Entry, after: Entry, aside: frozenset[str] = frozenset()) -> bool:
    """Whether two states of an entry say the same, in whichever order, but for attributes set aside."""
    return before.dn == after.dn and all(
        _alike(old, new, aside) for old, new in ((before.values, after.values), (before.aside, after.aside))
    )


def _alike(old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]], aside: frozenset[str]) -> bool:
    return all(
        old.get(name) == new.get(name) or sorted(old.get(name, ())) == sorted(new.get(name, ()))
        for name in (old.keys() | new.keys()) - aside
    )
