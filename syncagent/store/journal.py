"""The journal: the intent before every act, the outcome after it.

An action that was planned and approved has no row yet. `intent` is committed before the first byte is sent, so it means
that something may have been sent; only the outcome, committed after the target was read back, says more.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from syncagent.core.outcome import Outcome, Result
from syncagent.store import lease as leases
from syncagent.store.tables import journal, plans
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, RowMapping

_INTENT = "intent"
_AT_ONCE = 500


def intend(connection: Connection, plan_id: str, action_ids: Iterable[str], at: datetime, lease: leases.Lease) -> None:
    """Record that these actions are about to be carried out, as long as the lease is the one that counts.

    An intent that was recorded under an earlier lease passes to this one.

    Raises:
        LeaseHeld: another agent has taken over; nothing was recorded.
    """
    asked = list(action_ids)
    known = _states(connection, plan_id, _INTENT)
    fresh = [
        {f"new_{k}": v for k, v in _row(plan_id, one, _INTENT, at, lease.epoch).items()}
        for one in asked
        if one not in known
    ]
    stands = leases.stands(lease.epoch)
    if again := known.intersection(asked):
        taken = update(journal).where(
            journal.c.plan_id == plan_id, journal.c.state == _INTENT, journal.c.action_id == bindparam("again"), stands
        )
        passed = taken.values(epoch=lease.epoch, at=at.isoformat())
        connection.execute(passed, [{"again": action_id} for action_id in sorted(again)])
    if fresh:
        columns = [journal.c[name.removeprefix("new_")] for name in fresh[0]]
        row = select(*(bindparam(f"new_{column.name}", type_=column.type) for column in columns)).where(stands)
        connection.execute(insert(journal).from_select([column.name for column in columns], row), fresh)
    mine = connection.execute(
        select(journal.c.action_id).where(
            journal.c.plan_id == plan_id, journal.c.state == _INTENT, journal.c.epoch == lease.epoch
        )
    ).scalars()
    if not frozenset(mine).issuperset(asked):  # what a driver says of many rows at once is no proof
        raise leases.overtaken(lease.store.name)


def acceptable(connection: Connection, plan_id: str, found: Sequence[Outcome], lease: leases.Lease) -> list[Outcome]:
    """Return the outcomes that may be recorded: all that is not known, as long as the lease is the one that counts.

    Once another agent has taken over, it settles what was begun. But what was carried out is so whoever leads: it is
    recorded if it is not known yet; whoever leads may meet it, because the one before wrote it down while waking up.
    """
    mine = leases.current(connection) == lease.epoch
    known = _done_of(connection, plan_id, [one.action_id for one in found])
    return [one for one in found if one.action_id not in known and (mine or one.result is Result.DONE)]


def conclude(connection: Connection, plan_id: str, found: Iterable[Outcome], at: datetime, epoch: int) -> None:
    """Record what became of actions; that one is unknown needs to be said only once."""
    unknown = _states(connection, plan_id, str(Result.UNKNOWN))
    rows = [
        _row(plan_id, outcome.action_id, str(outcome.result), at, epoch)
        | {"says_vi": outcome.says.vi, "says_en": outcome.says.en, "guid": outcome.guid, "dn": outcome.dn}
        for outcome in found
        if outcome.result is not Result.UNKNOWN or outcome.action_id not in unknown
    ]
    if rows:
        connection.execute(insert(journal), rows)


def outcomes(connection: Connection, plan_id: str) -> dict[str, Outcome]:
    """Return the outcome of each action of a plan that is settled; an unknown one is not."""
    rows = connection.execute(
        select(journal)
        .where(journal.c.plan_id == plan_id, journal.c.state.not_in([_INTENT, str(Result.UNKNOWN)]))
        .order_by(journal.c.id)
    ).mappings()
    return {row["action_id"]: _outcome(row) for row in rows}


def done(connection: Connection) -> Iterator[tuple[str, str, datetime, date]]:
    """Yield every action that was carried out: its plan, its id, the moment, and the day the plan was made for."""
    rows = connection.execute(
        select(journal.c.plan_id, journal.c.action_id, journal.c.at, plans.c.as_of)
        .join(plans, plans.c.plan_id == journal.c.plan_id)
        .where(journal.c.state == str(Result.DONE))
        .order_by(journal.c.id)
    )
    for plan_id, action_id, at, as_of in rows:
        yield plan_id, action_id, datetime.fromisoformat(at), date.fromisoformat(as_of)


def unresolved(connection: Connection, plan_id: str) -> frozenset[str]:
    """Return the actions whose intent was recorded, but which are not settled: only reading can tell."""
    return _states(connection, plan_id, _INTENT) - frozenset(outcomes(connection, plan_id))


def others(connection: Connection, plan_id: str, epoch: int) -> dict[str, datetime]:
    """Return the actions begun and not settled under another lease than this one, and when they were begun."""
    begun = unresolved(connection, plan_id)
    rows = connection.execute(
        select(journal.c.action_id, journal.c.at).where(
            journal.c.plan_id == plan_id, journal.c.state == _INTENT, journal.c.epoch != epoch
        )
    )
    return {action_id: datetime.fromisoformat(at) for action_id, at in rows if action_id in begun}


def for_people(connection: Connection, since: datetime) -> list[tuple[str, Outcome]]:
    """Return the plan and the outcome of what only a person can settle, as long as nothing was done to it since."""
    later = journal.alias()
    done = (
        select(later.c.id)
        .where(later.c.guid == journal.c.guid, later.c.state == str(Result.DONE), later.c.id > journal.c.id)
        .exists()
    )
    rows = connection.execute(
        select(journal)
        .where(journal.c.state == str(Result.NEEDS_HUMAN), journal.c.at >= since.isoformat(), ~done)
        .order_by(journal.c.id)
    ).mappings()
    return [(row["plan_id"], _outcome(row)) for row in rows]


def interrupted(connection: Connection) -> tuple[str, ...]:
    """Return the plans with actions that were begun and are not settled, oldest first."""
    settled = journal.alias()
    done = (
        select(settled.c.id)
        .where(
            settled.c.plan_id == journal.c.plan_id,
            settled.c.action_id == journal.c.action_id,
            settled.c.state.not_in([_INTENT, str(Result.UNKNOWN)]),
        )
        .exists()
    )
    found = connection.execute(
        select(plans.c.plan_id, plans.c.serial)
        .join(journal, journal.c.plan_id == plans.c.plan_id)
        .where(journal.c.state == _INTENT, ~done)
        .order_by(plans.c.serial)
        .distinct()
    )
    return tuple(found.scalars())


def last_applied(connection: Connection) -> int:
    """Return the highest serial of a plan of which anything was begun, 0 if none was."""
    return int(
        connection.execute(
            select(func.coalesce(func.max(plans.c.serial), 0)).join(journal, journal.c.plan_id == plans.c.plan_id)
        ).scalar_one()
    )


def _done_of(connection: Connection, plan_id: str, asked: Sequence[str]) -> frozenset[str]:
    """Return which of these actions were carried out."""
    done = select(journal.c.action_id).where(journal.c.plan_id == plan_id, journal.c.state == str(Result.DONE))
    parts = (asked[at : at + _AT_ONCE] for at in range(0, len(asked), _AT_ONCE))
    return frozenset(
        one for part in parts for one in connection.execute(done.where(journal.c.action_id.in_(part))).scalars()
    )


def _states(connection: Connection, plan_id: str, state: str) -> frozenset[str]:
    return frozenset(
        connection.execute(
            select(journal.c.action_id).where(journal.c.plan_id == plan_id, journal.c.state == state)
        ).scalars()
    )


def _outcome(row: RowMapping) -> Outcome:
    says = Text(row["says_vi"], row["says_en"])
    return Outcome(row["action_id"], Result(row["state"]), says, row["guid"], row["dn"])


def _row(plan_id: str, action_id: str, state: str, at: datetime, epoch: int) -> dict[str, str | int]:
    return {
        "plan_id": plan_id,
        "action_id": action_id,
        "state": state,
        "at": at.isoformat(),
        "says_vi": "",
        "says_en": "",
        "guid": "",
        "dn": "",
        "epoch": epoch,
    }
