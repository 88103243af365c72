"""From `mappings/brakes.yaml` and the configuration to Brakes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from syncagent.core.action import ActionKind
from syncagent.core.holds import known_by
from syncagent.core.policy import Brakes, Limit, RosterLimits
from syncagent.mapping.source import Strict, load


class _Limit(Strict):
    count: int = Field(ge=0)
    percent: float = Field(ge=0, le=100)

    def limit(self) -> Limit:
        """Return it as the core knows it."""
        return Limit(self.count, self.percent)


class _Kind(Strict):
    second: _Limit | None = None
    trip: _Limit | None = None


class _Unit(Strict):
    percent: float = Field(ge=0, le=100)
    count: int = Field(ge=1)


class _Rolling(Strict):
    day: float = Field(default=2, ge=1)
    week: float = Field(default=4, ge=1)
    month: float = Field(default=8, ge=1)


class _Roster(Strict):
    shrink_percent: float = Field(default=5, ge=0, le=100)
    unit_shrink_percent: float = Field(default=20, ge=0, le=100)
    unit_shrink_count: int = Field(default=3, ge=1)
    faulty_rows: _Limit = _Limit(count=10, percent=5)


class BrakesPart(Strict):
    """The brakes as they may stand in the configuration: whatever is named replaces the shipped number."""

    disable: _Kind | None = None
    withdraw: _Kind | None = None
    delete: _Kind | None = None
    create: _Kind | None = None
    overwrite: _Limit | None = None
    rolling: _Rolling | None = None
    unit: _Unit | None = None
    roster: _Roster | None = None
    never: list[str] = Field([], description="Accounts never in a plan: the agent's own, break-glass")
    alone: list[str] = Field([], description="Accounts that need an approval naming their own action")


class BrakesFile(BrakesPart):
    """The shipped numbers."""

    version: Literal[1]


def read_brakes(text: str, file: str, own: BrakesPart) -> Brakes:
    """Given the shipped file and what the configuration says, return the brakes.

    Raises:
        Misconfigured: the file has faults; each is named with its line.
    """
    shipped = load(text, file, BrakesFile)
    kinds = {
        ActionKind.DISABLE: own.disable or shipped.disable,
        ActionKind.WITHDRAW: own.withdraw or shipped.withdraw,
        ActionKind.DELETE: own.delete or shipped.delete,
        ActionKind.CREATE: own.create or shipped.create,
    }
    unit = own.unit or shipped.unit or _Unit(percent=20, count=3)
    roster = own.roster or shipped.roster or _Roster()
    rolling = own.rolling or shipped.rolling or _Rolling()
    overwrite = own.overwrite or shipped.overwrite or _Limit(count=50, percent=10)
    return Brakes(
        second={kind: part.second.limit() for kind, part in kinds.items() if part and part.second},
        trip={kind: part.trip.limit() for kind, part in kinds.items() if part and part.trip},
        unit_percent=unit.percent,
        unit_count=unit.count,
        overwrite=overwrite.limit(),
        rolling={1: rolling.day, 7: rolling.week, 30: rolling.month},
        roster=RosterLimits(
            roster.shrink_percent,
            roster.unit_shrink_percent,
            roster.unit_shrink_count,
            roster.faulty_rows.limit(),
        ),
        never=frozenset(known_by(name) for name in (*own.never, *shipped.never)),
        alone=frozenset(known_by(name) for name in (*own.alone, *shipped.alone)),
    )
