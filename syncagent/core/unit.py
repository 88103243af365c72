"""Units of the roster and the tree they form."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from syncagent.core.document import NO_DOCUMENT, Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from syncagent.core.finding import Fault
    from syncagent.core.where import Where


WITHIN = " › "
"""Stands between the names of an agency and a room of it."""


class UnitKind(StrEnum):
    """An agency (sở, ban, ngành), a department under one, or the People's Committee of a commune or ward."""

    AGENCY = "agency"
    DEPARTMENT = "department"
    COMMUNE = "commune"


class UnitStatus(StrEnum):
    """Whether a unit works, was dissolved (giải thể) or merged into another (sáp nhập)."""

    ACTIVE = "active"
    DISSOLVED = "dissolved"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit. `suffix` is what personal addresses carry; empty means the nearest agency's abbreviation.

    `mailbox_holders` are the keys of the people who are given the unit's mailbox, sorted.
    """

    unit: str
    name: str
    where: Where
    abbreviation: str = ""
    suffix: str = ""
    parent: str = ""
    kind: UnitKind = UnitKind.AGENCY
    status: UnitStatus = UnitStatus.ACTIVE
    successor: str = ""
    effective_date: date | None = None
    document: Document = NO_DOCUMENT
    mailbox: bool = False
    mailbox_holders: tuple[str, ...] = ()
    contact: str = field(default="", repr=False)
    faults: tuple[Fault, ...] = ()

    @property
    def key(self) -> str:
        """Return the key under which the agent knows the unit's mailbox."""
        return unit_key(self.unit)


def unit_key(unit: str) -> str:
    """Return the subject key of a unit's mailbox; it cannot be a person's, whose keys hold no colon."""
    return f"unit:{unit}"


@dataclass(frozen=True, slots=True)
class Units:
    """All admitted units as a tree without cycles."""

    by_key: Mapping[str, Unit]

    def __iter__(self) -> Iterator[Unit]:
        """Yield the units by key."""
        return iter(self.by_key.values())

    def __contains__(self, unit: str) -> bool:
        """Whether a unit of this key was admitted."""
        return unit in self.by_key

    def __getitem__(self, unit: str) -> Unit:
        """Return the unit of this key.

        Raises:
            KeyError: no such unit was admitted.
        """
        return self.by_key[unit]

    def line(self, unit: str) -> tuple[Unit, ...]:
        """Return the unit and those above it, nearest first."""
        found: list[Unit] = []
        while unit in self.by_key:
            found.append(self.by_key[unit])
            unit = found[-1].parent
        return tuple(found)

    def full_name(self, unit: str) -> str:
        """Return the names of the units above and of the unit itself: rooms of many agencies share a name."""
        return WITHIN.join(above.name for above in reversed(self.line(unit)))

    def agency(self, unit: str) -> Unit | None:
        """Return the nearest agency or commune at or above this unit."""
        return next((u for u in self.line(unit) if u.kind is not UnitKind.DEPARTMENT), None)

    def names(self, unit: str) -> Unit | None:
        """Return the unit whose suffix or abbreviation personal addresses of `unit` carry.

        That is the nearest with a suffix of its own, else the nearest agency: moving between rooms of one
        agency therefore changes no address (contract §4).
        """
        return next((u for u in self.line(unit) if u.suffix or u.kind is not UnitKind.DEPARTMENT), None)

    def suffix(self, unit: str) -> str:
        """Return what personal addresses of this unit end in, empty if no abbreviation was approved yet."""
        above = self.names(unit)
        return (above.suffix or above.abbreviation) if above else ""

    def parent_abbreviation(self, unit: str) -> str:
        """Return the abbreviation of the agency that a department belongs to, empty if there is none."""
        agency = self.agency(self.by_key[unit].parent)
        return agency.abbreviation if agency else ""
