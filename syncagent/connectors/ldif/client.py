"""A directory that is one LDIF file: read whole, replaced whole."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.entries import WHOLE_PLAN, Entries
from syncagent.connectors.ldif.convert import Contents, Gathering, attributes
from syncagent.connectors.ldif.read import BLOCK, Reader, mark_of, records
from syncagent.connectors.ldif.write import Edits, encoded, replaced
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Doubtful, Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo
    from pathlib import Path
    from typing import BinaryIO

    from syncagent.core.action import Action
    from syncagent.core.directory import Directory
    from syncagent.core.snapshot import Snapshot

LARGEST = 2 << 30
"""Bytes; a larger file is no export of a province's mail accounts."""


class _Seen(NamedTuple):
    """A file as it was: where it lies on the disk, how large, when written, and what it held."""

    device: int
    inode: int
    size: int
    written: int
    digest: str = ""

    @classmethod
    def of(cls, found: os.stat_result) -> _Seen:
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


@dataclass(slots=True)
class LdifTarget:
    """A directory kept in an LDIF file.

    `pseudonym` replaces personal identification numbers in the key attribute; the file keeps them. A symbolic link
    is followed, and what it points to is replaced. The file holds no passwords: where one would be set, only the
    attributes of the change are written.
    """

    name: str
    path: Path
    directory: Directory
    base: str
    zone: tzinfo
    pseudonym: Callable[[str], str] | None = field(default=None, repr=False)
    batch: int = WHOLE_PLAN
    _held: tuple[_Seen, Contents] | None = field(default=None, repr=False)

    def read(self) -> Snapshot:
        """Return everything the file holds.

        Raises:
            Misconfigured: the file is missing, too large or damaged; the message names the line and what to do.
            Doubtful: the file is empty, says itself that it is not complete, or is being written.
        """
        return self._load()[1].snapshot

    def carry_out(self, actions: Sequence[Action], marker: str) -> list[Outcome]:
        """Carry out the actions in order, replace the file once, and return what became of each action.

        Raises:
            Misconfigured: the file can no longer be read; nothing was written.
            Doubtful: the file is no longer complete; nothing was written.
        """
        seen, contents = self._load()
        entries = Entries.of(contents.snapshot, self.directory, self.base, self.zone)
        outcomes = entries.carry_out(actions, marker)
        edits = Edits.of(contents, entries)
        if not edits:
            return outcomes
        try:
            if self._replace(edits, seen):
                return outcomes
        except OSError as error:
            return [self._failed(action, error, seen) for action in actions]
        return [self._overtaken(action) for action in actions]

    def resolve(self, action: Action, marker: str) -> Outcome | None:
        """Find out by reading the file what became of an action; None if it has not happened.

        Raises:
            Misconfigured: the file can no longer be read.
            Doubtful: the file is no longer complete.
        """
        contents = self._load()[1]
        return Entries.of(contents.snapshot, self.directory, self.base, self.zone).resolve(action, marker)

    # ── the file ──

    def _load(self) -> tuple[_Seen, Contents]:
        """Return the file as it is now and what it holds; what was read before counts while no byte differs."""
        path = self._checked()
        digest = hashlib.sha256()
        with path.open("rb") as file:
            before = _Seen.of(_stat(file))
            if self._held:
                for block in _blocks(file):
                    digest.update(block)
                if digest.hexdigest() == self._held[0].digest:
                    return before._replace(digest=digest.hexdigest()), self._held[1]
                file.seek(0)
                digest = hashlib.sha256()
            contents, count = self._parsed(_blocks(file, digest.update))
            if _Seen.of(_stat(file)) != before:
                raise Doubtful(
                    Text(
                        "Tệp thư mục đang được ghi. Chưa lập kế hoạch nào; hãy chờ xuất xong rồi chạy lại.",
                        "The directory file is being written. Nothing was planned; wait for the export to end, run again.",
                    ),
                    where=str(self.path),
                )
        seen = before._replace(digest=digest.hexdigest())
        watermark = {"file": self.path.name, "sha256": seen.digest, "entries": count}
        self._held = seen, contents._replace(snapshot=replace(contents.snapshot, watermark=watermark))
        return self._held
