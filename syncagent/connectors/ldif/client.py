"""A directory that is one LDIF file: read whole, replaced whole."""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors import changes, resolve
from syncagent.connectors.attribute import attributes
from syncagent.connectors.base import NO_PASSWORDS, never
from syncagent.connectors.entries import WHOLE_PLAN, Entries
from syncagent.connectors.gathering import Contents, Gathering
from syncagent.connectors.ldif.read import Reader
from syncagent.connectors.ldif.records import BLOCK, UTF_8_MARKED, encoded, mark_of, records
from syncagent.connectors.ldif.write import Edits, replaced
from syncagent.connectors.source import a_file
from syncagent.core.examination import Examination, Health
from syncagent.core.outcome import Result
from syncagent.errors import Doubtful, Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path
    from typing import BinaryIO

    from syncagent.core.account import Account, AccountRef
    from syncagent.core.action import Action
    from syncagent.core.directory import Directory
    from syncagent.core.outcome import Outcome
    from syncagent.core.snapshot import Snapshot
    from syncagent.trust.secret import Secret

LARGEST = 2 << 30
"""Bytes; a larger file is no export of a province's mail accounts."""

_STALE = 72
"""Hours; an export this old says little of the directory."""

_SPARE = 16 << 20
"""Bytes beside the file itself, for the state and the report."""


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

    `pseudonym` replaces personal identification numbers in the key attribute; the file keeps them. A symbolic
    link is followed, and what it points to is replaced. The file holds no passwords: where one would be set, only
    the attributes of the change are written.
    """

    name: str
    path: Path
    directory: Directory
    base: str
    zone: tzinfo
    pseudonym: Callable[[str], str] | None = field(default=None, repr=False)
    batch: int = WHOLE_PLAN
    patience: float = 0.0
    _held: tuple[_Seen, Contents] | None = field(default=None, repr=False)

    def read(self) -> Snapshot:
        """Return everything the file holds.

        Raises:
            Misconfigured: the file is missing, too large or damaged; the message names the line and the way out.
            Doubtful: the file is empty, says itself that it is not complete, or is being written.
        """
        return self._load()[1].snapshot

    def directory_id(self) -> str:
        """Return nothing: which file it is, the configuration says."""
        return ""

    def clock(self) -> None:
        """Tell no time: a file has no clock of its own."""

    def examine(self, now: datetime) -> Iterator[Examination]:
        """Yield what the file holds, how old it is, and whether it can be replaced.

        Raises:
            Misconfigured: the file cannot be read or is damaged.
            Doubtful: it is not complete.
        """
        seen, contents = self._load()
        accounts, names = len(contents.snapshot.accounts), len(contents.snapshot.names)
        yield Examination(
            Text("Nội dung", "Content"),
            Health.GOOD if accounts else Health.DOUBT,
            Text(
                f"{names} mục, {accounts} tài khoản trong {self.path.name}.",
                f"{names} entries, {accounts} accounts in {self.path.name}.",
            ),
        )
        hours = int((now.timestamp() - seen.written / 1e9) // 3600)
        yield Examination(
            Text("Tuổi của bản xuất", "Age of the export"),
            Health.DOUBT if hours > _STALE else Health.GOOD,
            Text(f"{hours} giờ.", f"{hours} hours."),
        )
        folder, needed = self._checked().parent, seen.size + _SPARE
        free = shutil.disk_usage(folder).free
        writable = os.access(folder, os.W_OK) and free > needed
        yield Examination(
            Text("Ghi", "Writing"),
            Health.GOOD if writable else Health.FAULT,
            Text("Thay được tệp.", "The file can be replaced.")
            if writable
            else Text(
                f"Không thay được tệp: cần quyền ghi vào {folder.name} và {needed >> 20} MB trống.",
                f"The file cannot be replaced: the folder {folder.name} must be writable and have {needed >> 20} MB "
                "free.",
            ),
        )

    def remains(self, deleted: Sequence[AccountRef]) -> dict[str, Account | Text]:
        """Return nothing: a file keeps nothing of what was deleted."""
        del deleted
        return {}

    def carry_out(
        self,
        actions: Sequence[Action],
        marker: str,
        passwords: Mapping[str, Secret] = NO_PASSWORDS,
        stop: Callable[[], bool] = never,
    ) -> list[Outcome]:
        """Carry out the actions in order, replace the file once, and return what became of each action.

        Whoever wants a stop before the file is replaced finds it as it was, and no outcome.

        Raises:
            Misconfigured: the file can no longer be read; nothing was written.
            Doubtful: the file is no longer complete; nothing was written.
        """
        del passwords
        seen, contents = self._load()
        entries = self._entries(contents)
        outcomes = changes.carry_out(entries, actions, marker)
        edits = Edits.of(contents, entries)
        if stop():
            return []
        if not edits:
            return outcomes
        try:
            if self._replace(edits, seen):
                return outcomes
        except OSError as error:
            return [self._failed(action, error, seen) for action in actions]
        return [self._overtaken(action) for action in actions]

    def resolve(self, action: Action, marker: str) -> Outcome | Action:
        """Find out by reading the file what became of an action, or what is left of it to do.

        Raises:
            Misconfigured: the file can no longer be read.
            Doubtful: the file is no longer complete.
        """
        contents = self._load()[1]
        return resolve.resolve(self._entries(contents), action, marker)

    def _entries(self, contents: Contents) -> Entries:
        return Entries.of(contents.snapshot, self.directory, self.base, self.zone)

    # ── the file ──

    def _load(self) -> tuple[_Seen, Contents]:
        """Return the file as it is now and what it holds; it is not parsed again while no byte differs."""
        path = self._checked()
        try:
            with path.open("rb") as file:
                before = _Seen.of(os.fstat(file.fileno()))
                if self._held and hashlib.file_digest(file, "sha256").hexdigest() == self._held[0].digest:
                    return before._replace(digest=self._held[0].digest), self._held[1]
                file.seek(0)
                digest = hashlib.sha256()
                contents = self._parsed(_blocks(file, digest), digest)
                after = _Seen.of(os.fstat(file.fileno()))
        except OSError as error:
            raise self._unreadable(error) from error
        if after != before:
            raise Doubtful(
                Text(
                    "Tệp thư mục đang được ghi. Chưa lập kế hoạch nào; hãy chờ xuất xong rồi chạy lại.",
                    "The directory file is being written. Nothing was planned; wait for the export to end, then run "
                    "again.",
                ),
                where=str(self.path),
            )
        self._held = before._replace(digest=digest.hexdigest()), contents
        return self._held

    def _parsed(self, blocks: Iterator[bytes], digest: hashlib._Hash) -> Contents:
        shown = str(self.path)
        reader = Reader(shown, attributes(self.directory))
        gathering = Gathering(self.name, self.directory, self.base, a_file(shown), self.pseudonym)
        with _uncollected():
            contents = gathering.contents(reader.read(records(blocks, shown)), self.zone)
        watermark: dict[str, str | int] = {
            "file": self.path.name,
            "sha256": digest.hexdigest(),
            "entries": reader.entries,
        }
        return contents._replace(snapshot=replace(contents.snapshot, watermark=watermark))

    def _checked(self) -> Path:
        """Return the file itself, links followed, if it is one that may be read."""
        try:
            path = self.path.resolve(strict=True)
            found = path.stat()
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
            raise self._unreadable(error) from error
        if not stat.S_ISREG(found.st_mode):
            raise self._refused("không phải là một tệp thường", "is not a regular file")
        if found.st_size > LARGEST:
            raise self._refused("lớn hơn 2 GB", "is larger than 2 GB")
        return path

    def _replace(self, edits: Edits, seen: _Seen) -> bool:
        """Replace the file unless it is no longer the one that was read; return whether it was replaced."""
        path = self._checked()
        digest = hashlib.sha256()

        def pieces() -> Iterator[bytes]:
            with path.open("rb") as file:
                mark = mark_of(file.read(len(UTF_8_MARKED)))
                file.seek(0)
                yield from encoded(mark, edits.applied(records(_blocks(file, digest), str(self.path))))

        def still() -> bool:
            return _Seen.of(path.stat())._replace(digest=digest.hexdigest()) == seen

        try:
            return replaced(path, pieces(), still)
        except Misconfigured:  # it was readable a moment ago
            return False

    # ── what went wrong ──

    def _unreadable(self, error: OSError | RuntimeError) -> Misconfigured:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        return self._refused(f"không đọc được ({why})", f"cannot be read ({why})")

    def _refused(self, vietnamese: str, english: str) -> Misconfigured:
        return Misconfigured(
            Text(
                f"Tệp thư mục {vietnamese}; hãy sửa targets.{self.name}.directory.path trong cấu hình hoặc xuất lại "
                "tệp.",
                f"The directory file {english}; correct targets.{self.name}.directory.path in the configuration, or "
                "export the file again.",
            ),
            where=str(self.path),
        )

    def _overtaken(self, action: Action) -> Outcome:
        says = Text(
            f"Tệp {self.path.name} bị người khác sửa trong lúc thực hiện; chưa ghi gì, hãy lập kế hoạch mới.",
            f"The file {self.path.name} was changed by somebody meanwhile; nothing was written, plan again.",
        )
        return changes.unsuccessful(action, says)

    def _failed(self, action: Action, error: OSError, seen: _Seen) -> Outcome:
        """Return how an action ended whose file could not be written, or perhaps not be made durable."""
        try:
            untouched = _Seen.of(self.path.stat()) == seen._replace(digest="")
        except OSError:
            untouched = False
        says = Text(
            f"Không ghi được tệp {self.path.name}: {error.strerror}. Hãy kiểm tra ổ đĩa và quyền ghi, rồi thử lại.",
            f"The file {self.path.name} cannot be written: {error.strerror}. Look at the disk and the rights, then "
            "try again.",
        )
        return changes.unsuccessful(action, says, Result.FAILED if untouched else Result.UNKNOWN)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector still: it walks again and again through millions of new values, none in a circle.

    That is a quarter of the time of a read.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _blocks(file: BinaryIO, digest: hashlib._Hash) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        digest.update(block)
        yield block
