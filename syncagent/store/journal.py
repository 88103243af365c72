"""The journal: the intent before every act, the outcome after it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from syncagent.core.outcome import Outcome, Result
from syncagent.store.tables import journal, plans
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

_INTENT = "intent"


def intend(connection: Connection, plan_id: str, action_ids: Iterable[str], at: datetime) -> None:
    """Record that these actions are about to be carried out; an intent recorded before stands."""
    known = _states(connection, plan_id, _INTENT)
    rows = [_row(plan_id, action_id, _INTENT, at) for action_id in action_ids if action_id not in known]
    if rows:
        connection.execute(insert(journal), rows)


def conclude(connection: Connection, plan_id: str, found: Iterable[Outcome], at: datetime) -> None:
    """Record what became of actions; that one is unknown needs to be said only once."""
    unknown = _states(connection, plan_id, str(Result.UNKNOWN))
    rows = [
        _row(plan_id, outcome.action_id, str(outcome.result), at)
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
    return {
        row["action_id"]: Outcome(
            row["action_id"],
            Result(row["state"]),
            Text(row["says_vi"], row["says_en"]),
            row["guid"],
            row["dn"],
        )
        for row in rows
    }


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
        select(plans.c.plan_id)
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


def _states(connection: Connection, plan_id: str, state: str) -> frozenset[str]:
    return frozenset(
        connection.execute(
            select(journal.c.action_id).where(journal.c.plan_id == plan_id, journal.c.state == state)
        ).scalars()
    )


def _row(plan_id: str, action_id: str, state: str, at: datetime) -> dict[str, str]:
    return {
        "plan_id": plan_id,
        "action_id": action_id,
        "state": state,
        "at": at.isoformat(),
        "says_vi": "",
        "says_en": "",
        "guid": "",
        "dn": "",
    }
