"""Sealed passwords on their way to those they are for. What was opened, has expired or is void is kept empty."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select, update

from syncagent.core.outcome import Result
from syncagent.store.tables import handovers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from syncagent.core.action import Action
    from syncagent.core.outcome import Outcome


_TOLD = frozenset(Result) - {Result.UNKNOWN}


class Handover(NamedTuple):
    """A password sealed for an action: of which unit the officer is who opens it, and with which key.

    Moments are ISO 8601 in UTC. `opened_at` is empty until it was opened, `void_at` while the password may be the one
    in force; `id` is 0 before it is kept.
    """

    plan_id: str
    action_id: str
    target: str
    unit: str
    subject: str
    address: str
    key_id: str
    sealed: bytes
    sealed_at: str
    expires_at: str
    opened_by: str = ""
    opened_at: str = ""
    void_at: str = ""
    id: int = 0

    def expired(self, now: datetime) -> bool:
        """Whether its days are over."""
        return now >= datetime.fromisoformat(self.expires_at)

    def waits(self, now: datetime) -> bool:
        """Whether it can still be opened."""
        return not self.opened_at and not self.void_at and not self.expired(now)


def add(connection: Connection, rows: Iterable[Handover]) -> None:
    """Keep sealed passwords, before they are sent anywhere."""
    found = [{name: value for name, value in row._asdict().items() if name != "id"} for row in rows]
    if found:
        connection.execute(insert(handovers), found)


def everything(connection: Connection, unit: str = "") -> tuple[Handover, ...]:
    """Return every password that was ever sealed, or those for one unit's officer, oldest first."""
    query = select(handovers).order_by(handovers.c.id)
    if unit:
        query = query.where(handovers.c.unit == unit)
    return tuple(Handover(**row) for row in connection.execute(query).mappings())


def settle(
    connection: Connection, plan_id: str, target: str, ended: Sequence[tuple[Action, Outcome]], at: datetime
) -> None:
    """Given actions of one plan on one target that have ended, void the sealed passwords that are not in force.

    After an unknown outcome nobody can tell yet. A new password puts an end to every earlier one of the same subject
    on the same target. If an action was done, but not with the newest password, an attempt before did it.
    """
    known = [(action, outcome) for action, outcome in ended if action.sets_password and outcome.result in _TOLD]
    if not known:
        return
    ours = handovers.c.plan_id == plan_id, handovers.c.target == target
    if connection.execute(select(handovers.c.id).where(*ours).limit(1)).first() is None:
        return  # files hold no passwords, and a plan for one may be of sixty thousand actions
    waiting = connection.execute(
        select(handovers.c.id, handovers.c.plan_id, handovers.c.action_id, handovers.c.subject).where(
            handovers.c.target == target,
            handovers.c.subject.in_({action.subject for action, _ in known}),
            handovers.c.opened_at == "",
            handovers.c.void_at == "",
        )
    ).all()
    of: dict[str, list[int]] = defaultdict(list)
    own: dict[str, list[int]] = defaultdict(list)
    for row in waiting:
        of[row.subject].append(row.id)
        if row.plan_id == plan_id:
            own[row.action_id].append(row.id)
    ended_ids: set[int] = set()
    for action, outcome in known:
        mine = own[action.id]
        if mine and outcome.password_set:
            ended_ids.update(one for one in of[action.subject] if one < max(mine))
        elif mine and outcome.result is Result.DONE:
            ended_ids.add(max(mine))
        else:
            ended_ids.update(mine)
    void(connection, ended_ids, at)


def void(connection: Connection, ids: Iterable[int], at: datetime) -> None:
    """Record that passwords are not in force, and forget them."""
    if gone := sorted(ids):
        connection.execute(update(handovers).where(handovers.c.id.in_(gone)).values(void_at=at.isoformat(), sealed=b""))


def forget_expired(connection: Connection, now: datetime) -> None:
    """Forget the passwords whose days are over; that they were sealed stays known."""
    connection.execute(update(handovers).where(handovers.c.expires_at <= now.isoformat()).values(sealed=b""))


def open_once(connection: Connection, one: Handover, by: str, at: datetime) -> bool:
    """Record that a password was opened and forget it; return whether nobody had done so before."""
    done = connection.execute(
        update(handovers)
        .where(handovers.c.id == one.id, handovers.c.opened_at == "", handovers.c.void_at == "")
        .values(opened_by=by, opened_at=at.isoformat(), sealed=b"")
    )
    return bool(done.rowcount)
