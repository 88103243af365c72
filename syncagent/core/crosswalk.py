"""What became of the units of the old provinces: one new unit, one of several, nothing, or nobody has decided yet."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.names import fold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.action import Cite
    from syncagent.core.unit import Units
    from syncagent.core.where import Where

_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_OFFICE = re.compile(r"^(?:uy ban nhan dan|ubnd) ")
_TYPE = re.compile(r"^(?:xa|phuong|thi tran|huyen|thi xa|thanh pho) ")
_TOKEN = re.compile(r"\{(name|unit)\}")
_WORD = {"name": r"[^@]+", "unit": r"[^@.]+"}


class Share(StrEnum):
    """What is known of a unit's end: it went whole to one, was divided, waits for a decision, or has no successor."""

    WHOLE = "whole"
    DIVIDED = "divided"
    UNDECIDED = "to-decide"
    ABOLISHED = "abolished"


class Said(NamedTuple):
    """What an address says: the word that stands for a unit, and whether a person's name stands before it."""

    unit: str
    personal: bool


class AddressForm(NamedTuple):
    """How an old system built addresses, as `{name}.{unit}@hanam.gov.vn`; one without `{name}` is a unit's."""

    text: str
    pattern: re.Pattern[str]

    @classmethod
    def parse(cls, text: str) -> AddressForm:
        """Given the text of a form, return it.

        Raises:
            ValueError: it names no unit, has braces of another kind, or is no address.
        """
        parts = _TOKEN.split(text)
        literal = "".join(parts[::2])
        if parts[1::2].count("unit") != 1 or "{" in literal or "}" in literal or literal.count("@") != 1:
            message = f"{text!r} is no form of addresses: {{unit}} once, {{name}} at most once, and an @"
            raise ValueError(message)
        places = (f"(?P<{part}>{_WORD[part]})" if n % 2 else re.escape(part) for n, part in enumerate(parts))
        return cls(text, re.compile("".join(places)))

    def said(self, address: str) -> Said | None:
        """Return what an address of this form says, None if it is of another."""
        found = self.pattern.fullmatch(address)
        return Said(found["unit"], "name" in found.re.groupindex) if found else None


@dataclass(frozen=True, slots=True)
class System:
    """An old province as its mail system shows it: its name, its domains, the forms of its addresses."""

    name: str
    domains: tuple[str, ...]
    forms: tuple[AddressForm, ...]


@dataclass(frozen=True, slots=True)
class OldUnit:
    """A unit of an old province and what became of it.

    `successors` are names of new units: exactly one if it went whole, those that come into question if it was divided
    or nobody has decided. A code without its last day (`until`) means nothing: new units use the numbers of old ones.
    """

    system: str
    name: str
    share: Share
    where: Where
    successors: tuple[str, ...] = ()
    code: str = ""
    within: str = ""
    until: date | None = None
    abbreviations: tuple[str, ...] = ()
    basis: str = ""

    @property
    def key(self) -> str:
        """Return the name of this unit in files of decisions: `hanam/13285`, or `hanam/so-noi-vu`."""
        return f"{self.system}/{self.code or plain(self.name).replace(' ', '-')}"

    def spellings(self) -> frozenset[str]:
        """Return the ways in which directories and addresses write this unit, as `plain` gives them."""
        whole = plain(self.name)
        short = _TYPE.sub("", whole) if self.code else whole
        words = {whole, short, *(plain(one) for one in self.abbreviations)}
        return frozenset(words | {word.replace(" ", "") for word in words})


@lru_cache(maxsize=1 << 14)
def plain(name: str) -> str:
    """Return the form in which names of units are compared: no marks, no case, no “Ủy ban nhân dân” before it."""
    return _OFFICE.sub("", _NOT_A_WORD.sub(" ", fold(name)).strip())


@dataclass(slots=True)  # frozen by decision 023, not by Python
class Crosswalk:
    """From the units of the old provinces to those of the new one, as data.

    `minutes` is what a question of each kind costs the unit that answers it. `moves` and `unused` are the articles by
    which accounts of old systems are converted, and locked where nobody uses them any more.
    """

    name: str
    document: str
    on: date
    systems: Mapping[str, System]
    units: tuple[OldUnit, ...]
    minutes: Mapping[str, int]
    moves: Cite
    unused: Cite
    _spelled: Mapping[tuple[str, str], tuple[OldUnit, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Look every spelling up at once; several units may share one."""
        spelled: dict[tuple[str, str], list[OldUnit]] = defaultdict(list)
        for unit in self.units:
            for word in sorted(unit.spellings()):
                spelled[unit.system, word].append(unit)
        self._spelled = {key: tuple(found) for key, found in spelled.items()}

    def named(self, system: str, text: str) -> OldUnit | None:
        """Return the one old unit that a text names; None if it names none or one of several.

        What says the province after the name is left away: “Sở Nội vụ tỉnh Hà Nam”.
        """
        word = plain(text).removesuffix(f" tinh {plain(self.systems[system].name)}")
        found = self._spelled.get((system, word), ())
        return found[0] if len(found) == 1 else None

    def said(self, system: str, address: str) -> tuple[OldUnit | None, bool]:
        """Return the old unit that an address of a system names, and whether it is that unit's own mailbox."""
        for form in self.systems[system].forms:
            said = form.said(address)
            unit = self.named(system, said.unit) if said else None
            if said and unit:
                return unit, not said.personal
        return None, False

    def waiting(self) -> tuple[OldUnit, ...]:
        """Return the units whose successor somebody has to decide, by system and key."""
        open_ = (unit for unit in self.units if unit.share is not Share.WHOLE)
        return tuple(sorted(open_, key=lambda unit: (unit.system, unit.share, unit.key)))


def by_name(units: Units) -> dict[str, str]:
    """Return the keys of the roster's units by their names, as `plain` gives them; names of several are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        found[plain(unit.name)].append(unit.unit)
    return {name: keys[0] for name, keys in found.items() if len(keys) == 1}


def successor(old: OldUnit, decided: Mapping[str, str], named: Mapping[str, str]) -> str:
    """Return the key of the new unit that an old one became; empty while that is open.

    Args:
        old: the old unit.
        decided: keys of new units by keys of old ones, as people decided.
        named: keys of the roster's units by name, as of `by_name`.
    """
    if old.key in decided:
        return decided[old.key]
    return named.get(plain(old.successors[0]), "") if old.share is Share.WHOLE else ""
