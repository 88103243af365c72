"""Forecast: what the rules will do, day by day, if nothing else changes. Nothing is written anywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syncagent.core.admit import admit
from syncagent.core.decide import decide
from syncagent.core.rehearse import after, remembered
from syncagent.runs.plan import read_all

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from syncagent.core.plan import Plan
    from syncagent.core.roster import RosterRows
    from syncagent.runs.agent import Agent


def forecast(agent: Agent, until: date, start: date | None = None) -> list[Plan]:
    """Given a last day, return the plans of the days on which actions would fall due.

    Every plan is taken to be approved and carried out on its day; only days on which a term passes or a row
    takes effect are looked at, because nothing changes on the others.

    Raises:
        Misconfigured: a file must be edited.
        Doubtful: the roster or a snapshot cannot be trusted.
        TargetError: a target does not answer.
    """
    day = start or agent.today()
    read = read_all(agent, day)
    ledger = replace(read.ledger, baseline=None)
    snapshots = read.snapshots
    limits, forever = agent.policy.brakes.roster, timedelta.max
    coming = _row_days(read.rows)
    found: list[Plan] = []
    while day <= until:
        roster = admit(read.rows, ledger, limits, forever, day, read.rows.exported_at)
        plan = decide(roster, snapshots, ledger, agent.policy, day)
        if plan.actions:
            found.append(plan)
        coming |= {skip.next for skip in plan.skips if skip.next}
        coming |= {action.then.on for action in plan.actions if action.then}
        coming.add(agent.policy.regulation.in_force)
        snapshots = tuple(after(snapshot, plan.actions, agent.policy, agent.zone) for snapshot in snapshots)
        ledger = remembered(ledger, plan.actions, day)
        later = [one for one in coming if one > day]
        if not later:
            break
        day = min(later)
    return found


def _row_days(rows: RosterRows) -> set[date]:
    """Return the days on which rows take effect or requests arrive."""
    days: Iterable[date | None] = (
        *(row.takes_effect for row in rows.people),
        *(unit.effective_date for unit in rows.units),
        *(request.received_on for request in rows.requests),
    )
    return {day for day in days if day}
