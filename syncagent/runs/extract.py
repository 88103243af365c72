"""Extract: what of a stored plan concerns one unit and those below it, as the roster knows them now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core.holds import known_by
from syncagent.core.plan import BrakeState
from syncagent.core.unit import WITHIN
from syncagent.errors import Misconfigured
from syncagent.report.extract import Extract, placed
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.plan import Envelope, Plan
    from syncagent.core.unit import Unit
    from syncagent.runs.agent import Agent


def extract(agent: Agent, plan: Plan, envelope: Envelope, name: str) -> Extract:
    """Given a plan and the key of a unit, return the actions and findings of that unit and of those below it.

    Which units lie below it, and whose findings are of a person without an action, is asked of the roster as it is
    now; what the plan says of its own actions counts before that.

    Raises:
        Misconfigured: there is no such unit, or the roster cannot be read.
    """
    rows = agent.roster.read()
    units = {unit.unit: unit for unit in rows.units}
    unit = unit_called(rows.units, agent.known_as(name))
    theirs = {one for one in units if unit in _line(units, one)}
    within = placed(plan, {row.person_id: row.unit for row in rows.people})
    findings = tuple(found for found, home in zip(plan.findings, within, strict=True) if home in theirs)
    part = replace(
        plan,
        actions=tuple(action for action in plan.actions if action.unit in theirs),
        findings=findings,
        brakes=BrakeState(),
        skips=(),
    )
    full_name = WITHIN.join(units[one].name for one in reversed(_line(units, unit)))
    return Extract(unit, full_name, part, envelope, within.count(""))


def unit_called(units: Iterable[Unit], name: str) -> str:
    """Return the key of a unit by any spelling that a hold would take, too.

    Raises:
        Misconfigured: there is none.
    """
    asked = known_by(name)
    for unit in units:
        if asked in {known_by(unit.unit), known_by(unit.key)}:
            return unit.unit
    raise Misconfigured(
        Text(
            f"Không có đơn vị “{name}” trong danh sách đơn vị; hãy ghi mã đơn vị (cột unit của units.csv).",
            f"There is no unit “{name}” in the list of units; give its key (column unit of units.csv).",
        )
    )


def _line(units: Mapping[str, Unit], unit: str) -> list[str]:
    """Return a unit and those above it, nearest first; a circle that somebody wrote is gone round once."""
    line: list[str] = []
    while unit in units and unit not in line:
        line.append(unit)
        unit = units[unit].parent
    return line
