"""What became of the mail of an account of an old system: moved, archived, or kept by nobody's wish (Điều 13.1).

A record is a claim that anybody can count again: for each folder how many messages and bytes, and a hash over the
Message-IDs, on the old side and on the side that was copied to. It is open while anything is missing there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class MailEnd(StrEnum):
    """What was done with the mail: copied to the new account, to an archive, or left to go with the account."""

    MOVED = "moved"
    ARCHIVED = "archived"
    NOT_KEPT = "not-kept"


class Folder(NamedTuple):
    """A folder of a mailbox: its name with `/` between, how many messages and bytes, and what names them (`hashed`).

    `lacking` is how many messages of the old folder were not found in it; of an old folder it is 0.
    """

    name: str
    messages: int
    size: int
    digest: str
    lacking: int = 0


@dataclass(frozen=True, slots=True)
class MailRecord:
    """What became of the mail of one account: where it came from and where it was found again, folder by folder.

    `document` is the decision by which mail is not kept, or the one behind an archive.
    """

    how: MailEnd
    old: tuple[Folder, ...] = ()
    copied: tuple[Folder, ...] = ()
    document: str = ""

    @property
    def messages(self) -> int:
        """Return how many messages the old side had."""
        return sum(folder.messages for folder in self.old)

    @property
    def size(self) -> int:
        """Return how many bytes the old side had."""
        return sum(folder.size for folder in self.old)

    @property
    def closed(self) -> bool:
        """Whether nothing is missing, so that the old account may be deleted once its day has come."""
        return not self.doubts()

    def doubts(self) -> tuple[Text, ...]:
        """Return what is missing, folder by folder."""
        if self.how is MailEnd.NOT_KEPT:
            lacking = Text("thiếu số văn bản quyết định không giữ thư", "no document says that the mail is not kept")
            return () if self.document else (lacking,)
        found = {folder.name: folder for folder in self.copied}
        doubts: list[Text] = []
        for folder in self.old:
            copy = found.get(folder.name)
            if copy is None and not folder.messages:
                continue
            if copy is None:
                doubts.append(Text(f"chưa có thư mục “{folder.name}”", f"folder “{folder.name}” is not there"))
            elif copy.lacking or copy.messages < folder.messages:
                count = max(copy.lacking, folder.messages - copy.messages)
                doubts.append(Text(f"“{folder.name}” thiếu {count} thư", f"“{folder.name}” lacks {count} messages"))
        if not self.old:
            doubts.append(Text("chưa đọc được thư mục nào ở bên cũ", "no folder was read on the old side"))
        return tuple(doubts)


def hashed(names: Iterable[str]) -> str:
    """Given what names the messages of a folder, in any order, return a hash that any other order gives, too."""
    return "sha256:" + hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


class Box(NamedTuple):
    """A folder as a mail server shows it: what names each of its messages, and how many bytes they are."""

    name: str
    messages: tuple[str, ...]
    size: int


def compared(old: Iterable[Box], copied: Iterable[Box], how: MailEnd = MailEnd.MOVED) -> MailRecord:
    """Given the folders of an old mailbox and of the one that it was copied to, return the record.

    A message that is twice on the old side must be twice in the copy; mail that has come since is counted and lacks
    nothing. Empty folders need not be there.
    """
    theirs = [box for box in sorted(old) if box.messages] or sorted(old)
    found = {box.name: box for box in copied}
    lacking = {
        box.name: (Counter(box.messages) - Counter(found[box.name].messages)).total()
        for box in theirs
        if box.name in found
    }
    return MailRecord(
        how,
        tuple(Folder(box.name, len(box.messages), box.size, hashed(box.messages)) for box in theirs),
        tuple(
            Folder(name, len(found[name].messages), found[name].size, hashed(found[name].messages), count)
            for name, count in lacking.items()
        ),
    )


def to_record(record: MailRecord) -> dict[str, Any]:
    """Return a record as plain data."""
    return {
        "how": str(record.how),
        "old": [folder._asdict() for folder in record.old],
        "copied": [folder._asdict() for folder in record.copied],
        "document": record.document,
    }


def from_record(found: Mapping[str, Any]) -> MailRecord:
    """Given plain data, return the record.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    return MailRecord(
        MailEnd(found["how"]),
        tuple(Folder(**folder) for folder in found["old"]),
        tuple(Folder(**folder) for folder in found["copied"]),
        found["document"],
    )


class MailRow(NamedTuple):
    """One line of a file of records: what became of one folder of an old mailbox, or of all of it.

    A copy that an engine of a mail system made (Exchange's export requests, say) is told by its own numbers.
    """

    system: str
    about: str
    how: MailEnd
    folder: str
    messages: int
    size: int
    copied: int
    copied_size: int
    document: str


def told(rows: Iterable[MailRow]) -> MailRecord:
    """Given the lines of one mailbox, at least one, return the record they tell."""
    theirs = list(rows)
    return MailRecord(
        theirs[0].how,
        tuple(Folder(row.folder, row.messages, row.size, "") for row in theirs if row.folder),
        tuple(
            Folder(row.folder, row.copied, row.copied_size, "", max(0, row.messages - row.copied))
            for row in theirs
            if row.folder
        ),
        next((row.document for row in theirs if row.document), ""),
    )
