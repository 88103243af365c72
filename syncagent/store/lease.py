"""Who applies: one agent at a time, and the number of times that this has changed hands.

A lock alone cannot keep out an agent that lost it without noticing: a session that was ended, a process that slept.
So every one that takes the lock counts the epoch up, and what it writes into the journal is taken only while the epoch
is still its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import exists, insert, select, update

from syncagent.errors import LeaseHeld, SyncError
from syncagent.store.tables import meta
from syncagent.text import Text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from syncagent.store.database import Lock
    from syncagent.store.store import Store

_EPOCH, _STOP = "epoch", "stop"


class Lease(NamedTuple):
    """The right to apply plans of a state, as long as nobody else has taken it."""

    store: Store
    epoch: int
    lock: Lock

    def stands(self) -> bool:
        """Whether it is still ours; where nobody can tell, it is not."""
        try:
            self.confirm()
        except SyncError:
            return False
        return True

    def confirm(self) -> None:
        """Make sure that it is still ours.

        Raises:
            LeaseHeld: it is not, or the session that held it was ended.
            Unavailable: the database does not answer.
        """
        with self.store.reading() as connection:
            mine = current(connection) == self.epoch
        if not mine or not self.lock.held():
            raise overtaken(self.store.name)


def current(connection: Connection) -> int:
    """Return the epoch, 0 if nobody has ever applied anything."""
    found = connection.execute(select(meta.c.value).where(meta.c.name == _EPOCH)).scalar_one_or_none()
    return int(found or 0)


def advance(connection: Connection) -> int:
    """Count the epoch up, in the transaction of its only writer, and return it."""
    epoch = current(connection) + 1
    if epoch == 1:
        connection.execute(insert(meta).values(name=_EPOCH, value="1"))
    else:
        connection.execute(update(meta).where(meta.c.name == _EPOCH).values(value=str(epoch)))
    return epoch


def stop(connection: Connection, reason: str) -> bool:
    """Put the stop switch on for every host of this state; False if it was on. Nothing of the program takes it off."""
    if stopped(connection):
        return False
    connection.execute(insert(meta).values(name=_STOP, value=reason))
    return True


def stopped(connection: Connection) -> str:
    """Return why nothing is to be applied on any host, empty if it may be: a row `stop` that somebody put there."""
    return connection.execute(select(meta.c.value).where(meta.c.name == _STOP)).scalar_one_or_none() or ""


def stands(epoch: int) -> ColumnElement[bool]:
    """Return the condition that an epoch is the one that counts."""
    return exists(select(meta.c.name).where(meta.c.name == _EPOCH, meta.c.value == str(epoch)))


def held(name: str) -> LeaseHeld:
    """Return the error about another agent that applies a plan."""
    return LeaseHeld(
        Text(
            "Một tiến trình khác đang thực hiện kế hoạch trên cùng trạng thái; hãy chờ nó xong.",
            "Another process is applying a plan of this state; wait until it has finished.",
        ),
        where=name,
    )


def overtaken(name: str) -> LeaseHeld:
    """Return the error about another agent that took over while this one did not answer."""
    return LeaseHeld(
        Text(
            "Một tiến trình khác đã tiếp quản trạng thái này; đã dừng, không gửi thêm gì. Những gì đã bắt đầu sẽ do "
            "tiến trình đó đọc lại và kết thúc.",
            "Another process has taken this state over; stopped, nothing further was sent. What was begun is read and "
            "settled by that process.",
        ),
        where=name,
    )
