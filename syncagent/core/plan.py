"""A plan: the ordered actions, what a person must look at, the brakes, and a digest over all that matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from syncagent.core.action import Action, Skip
    from syncagent.core.finding import Finding
    from syncagent.text import Text


@dataclass(frozen=True, slots=True)
class Trip:
    """A limit that a plan exceeds: which, by how much, in which unit, said so that a person understands."""

    brake: str
    says: Text
    count: int
    limit: int
    unit: str = ""

    @property
    def name(self) -> str:
        """Return the name by which an approval accepts this trip; brakes of a unit carry its key."""
        return f"{self.brake}:{self.unit}" if self.unit else self.brake


@dataclass(frozen=True, slots=True)
class BrakeState:
    """What the brakes say of a plan: `tripped` stop it, `second` ask for a second approver."""

    tripped: tuple[Trip, ...] = ()
    second: tuple[Trip, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What must change, why and in which order. Equal inputs give an equal plan, whatever the order of rows.

    `inputs` says what it was decided from (hashes, row counts, watermarks); it is not part of the digest,
    because the order of rows changes a file's hash and no decision. `undoes` is the id of the plan it takes back,
    `wave` the number of the wave of a merger that it moves, 0 for none.
    """

    as_of: date
    regulation: str
    policy: str
    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    brakes: BrakeState
    skips: tuple[Skip, ...]
    inputs: Mapping[str, object] = field(default_factory=dict)
    undoes: str = ""
    wave: int = 0


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a stored plan carries besides its matter: which plan of which state, made when, good until when.

    `previous` is the digest of the plan before it, empty for the first; `version` the program's that made it;
    `record` names the exact bytes that were stored and signed, and stands nowhere in them; nor does `keyed`, whether
    whoever decides on it now signs with a key.
    """

    plan_id: str
    digest: str
    lineage: str
    serial: int
    created_at: datetime
    expires_at: datetime
    previous: str = ""
    version: str = ""
    record: str = ""
    keyed: bool = False
