"""A merger of provinces as it is set up: the crosswalk, the old systems, the waves."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.crosswalk import Crosswalk, OldUnit
    from syncagent.core.directory import Directory
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.unit import Units


_ABSENT = ("",)


class Fate(StrEnum):
    """What becomes of an account of an old system; each has exactly one (Điều 13.2).

    `held` is one that waits: for a decision, a document, or the end of a legal hold.
    """

    CONVERTED = "converted"
    MERGED = "merged-into"
    ISSUED = "newly-issued"
    RETIRED = "retired"
    HELD = "held"
    EXCLUDED = "excluded"


class AccountId(NamedTuple):
    """What names one account of an old system beyond doubt."""

    system: str
    guid: str


@dataclass(slots=True)  # frozen by decision 023, not by Python
class Legacy:
    """An old mail system: its domain, how it is mapped, and the text it was run under (empty for none).

    `shows` are the attributes that hold a name, a unit and an agency. `writes` says that waves are carried out there,
    too: without it nothing can write to it.
    """

    name: str
    domain: str
    directory: Directory
    regulation: str = ""
    writes: bool = False
    shows: tuple[str, str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Find the attributes that hold name, unit and agency: those that the mapping would fill with them."""
        by_fact = {template: name for name, template in self.directory.write.items()}
        shows = (self.directory.display, by_fact.get("{unit_name}", ""), by_fact.get("{agency_name}", ""))
        self.shows = shows


class Shown(NamedTuple):
    """What an old system says of an account: whose name, which unit, which agency; empty where it does not say."""

    name: str
    unit: str
    agency: str


@dataclass(frozen=True, slots=True)
class Wave:
    """What moves together: patterns of new units, and the declared number of accounts of each fate."""

    units: tuple[str, ...]
    counts: Mapping[Fate, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merger:
    """What is joined: `waves` count from 1; `aliases_until` is the last day of old addresses, None while undecided.

    `forward_until` is the last day on which an old system sends mail on by itself, None where it never does.
    """

    crosswalk: Crosswalk
    target: str
    legacies: Mapping[str, Legacy]
    waves: tuple[Wave, ...] = ()
    aliases_until: date | None = None
    forward_until: date | None = None

    def shown(self, system: str, account: Account) -> Shown:
        """Return what an old system says of an account, by the attributes that its mapping fills with these facts."""
        values = account.attributes
        return Shown(*(values.get(attribute, _ABSENT)[0] for attribute in self.legacies[system].shows))

    def old_unit(self, system: str, account: Account) -> OldUnit | None:
        """Return the old unit an account belongs to: as its system says, else as its address does."""
        shown = self.shown(system, account)
        walk = self.crosswalk
        said = (walk.named(system, text) for text in (shown.unit, shown.agency) if text)
        found = next((unit for unit in said if unit), None)
        return found or next((unit for one in account.addresses if (unit := walk.said(system, one)[0])), None)

    def wave_of(self, unit: str, units: Units) -> int:
        """Return the number of the first wave with a new unit or one above it; 0 if there is none."""
        line = [above.unit for above in units.line(unit)]
        for number, wave in enumerate(self.waves, start=1):
            if any(fnmatchcase(key, pattern) for key in line for pattern in wave.units):
                return number
        return 0


@dataclass(frozen=True, slots=True)
class Population:
    """All accounts of the old systems, each by its name; `watermarks` say which state of each was read."""

    accounts: Mapping[AccountId, Account]
    addresses: Mapping[str, Mapping[str, str]]
    watermarks: Mapping[str, Mapping[str, str | int]]

    @classmethod
    def of(cls, snapshots: Mapping[str, Snapshot]) -> Population:
        """Given the snapshots of the old systems by name, return the accounts in order."""
        accounts = {
            AccountId(system, account.guid): account
            for system in sorted(snapshots)
            for account in sorted(snapshots[system].accounts, key=lambda one: one.guid)
        }
        return cls(
            accounts,
            {system: dict(found.addresses) for system, found in sorted(snapshots.items())},
            {system: dict(found.watermark) for system, found in sorted(snapshots.items())},
        )
