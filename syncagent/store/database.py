"""What a database must be able to do to keep the state; SQLite and PostgreSQL differ in nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from syncagent.errors import LeaseHeld, Misconfigured, Refused, Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

    from syncagent.core.examination import Examination
    from syncagent.errors import SyncError


class Part(StrEnum):
    """What only one agent of a state does at a time: apply a plan, or run the jobs of the service."""

    APPLY = "lease"
    LEAD = "leader"


class Lock(Protocol):
    """A lock that one agent holds, and that ends with its process."""

    def held(self) -> bool:
        """Whether it is still ours, as far as the database knows."""
        ...

    def release(self) -> None:
        """Give it back."""
        ...


class Database(Protocol):
    """Where the state is kept.

    `name` is what people call it, without any secret; `shared` says whether agents of other hosts may work on it, so
    that a lock may be lost while its holder lives on.
    """

    name: str
    shared: bool
    engine: Engine

    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees one state of the database."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """Give a connection that is the only writer until it commits, durably, at the end."""
        ...

    def lock(self, part: Part) -> Lock | None:
        """Take the lock of whoever does this; None if somebody else has it."""
        ...

    def examine(self, connection: Connection) -> Iterator[Examination]:
        """Yield what was seen of the database as a whole: whether it is sound, and keeps what it has taken."""
        ...

    def free(self) -> int | None:
        """Return how many bytes are free where it lies, None if that cannot be told from here."""
        ...

    def translated(self, error: DBAPIError) -> SyncError | None:
        """Return what an error of the driver means, None if it is a bug of ours."""
        ...


def busy(name: str) -> LeaseHeld:
    """Return the error about another writer that does not finish."""
    return LeaseHeld(
        Text(
            "Một tiến trình khác đang ghi vào trạng thái; hãy thử lại sau.",
            "Another process is writing to the state; try again later.",
        ),
        where=name,
    )


def lost(name: str, why: str) -> Unavailable:
    """Return the error about a state that cannot be reached or written: nothing further is done to any target."""
    return Unavailable(
        Text(
            f"Không đọc hoặc ghi được trạng thái ({why}); đã dừng, không gửi thêm gì tới thư mục nào. Khắc phục xong, "
            "hãy chạy lại cùng lệnh: những gì đã bắt đầu sẽ được đọc lại, không làm hai lần.",
            f"The state cannot be read or written ({why}); stopped, nothing further was sent to any directory. Once "
            "that is mended, run the same command again: what was begun is settled by reading, never done twice.",
        ),
        where=name,
    )


def damaged(name: str) -> Misconfigured:
    """Return the error about a state that is not sound."""
    return Misconfigured(
        Text(
            f"Trạng thái {name} bị hỏng hoặc không phải của phần mềm; hãy khôi phục từ bản sao lưu.",
            f"The state {name} is damaged or not ours; restore it from a backup.",
        ),
        where="state",
    )


def unkept(name: str) -> Refused:
    """Return the error about a text that a column cannot take."""
    return Refused(
        Text(
            "Có giá trị quá dài hoặc chứa ký tự không lưu được; chưa ghi gì. Hãy rút ngắn tên, số văn bản hoặc lý do.",
            "A value is too long, or holds a character that cannot be kept; nothing was written. Shorten the name, the "
            "number of the document or the reason.",
        ),
        where=name,
    )
