"""Where names meet: the old systems' with one another, and with every new address, alias and unit name."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.addresses import fold_address
from syncagent.core.unit import unit_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from syncagent.core.merger import Population
    from syncagent.core.pairing import Pairings
    from syncagent.core.survey import View

NEW, UNITS = "new", "units"
"""The namespaces beside those of the old systems: the addresses wanted on the new one, and the names of its units."""


class Held(NamedTuple):
    """An address in one namespace, whose it is, and whether it is the holder's second name."""

    space: str
    address: str
    owner: str
    alias: bool


class Collision(NamedTuple):
    """One name before the @ that different holders have; `same` if it is one and the same address."""

    name: str
    held: tuple[Held, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class Collisions:
    """Every name with several holders; `matrix` counts them for each two namespaces, one of them twice included."""

    spaces: tuple[str, ...]
    found: tuple[Collision, ...]
    matrix: Mapping[tuple[str, str], int]


def collisions(population: Population, pairings: Pairings, view: View) -> Collisions:
    """Given all old accounts, whose they are, and what the new system is to hold, return where names meet.

    A name of one person in several systems is no collision: they keep it, or get a new one.
    """
    by_name: dict[str, list[Held]] = defaultdict(list)
    for held in (*_old(population, pairings), *_new(view)):
        by_name[fold_address(held.address).partition("@")[0]].append(held)
    found: list[Collision] = []
    matrix: Counter[tuple[str, str]] = Counter()
    for name, all_held in sorted(by_name.items()):
        if len({one.owner for one in all_held}) > 1:
            theirs = tuple(sorted(all_held))
            owners: dict[str, set[str]] = defaultdict(set)
            for one in theirs:
                owners[fold_address(one.address)].add(one.owner)
            found.append(Collision(name, theirs, any(len(several) > 1 for several in owners.values())))
            matrix.update(_meeting(theirs))
    spaces = (*sorted(population.addresses), NEW, UNITS)
    return Collisions(spaces, tuple(found), dict(matrix))


def _meeting(held: Iterable[Held]) -> set[tuple[str, str]]:
    """Return the pairs of namespaces in which different holders have this name."""
    return {(one.space, other.space) for one, other in combinations(held, 2) if one.owner != other.owner}


def _old(population: Population, pairings: Pairings) -> Iterator[Held]:
    for name, account in population.accounts.items():
        pairing = pairings.proved.get(name)
        owner = pairing.subject if pairing else f"{name.system}:{name.guid}"
        for number, address in enumerate(account.addresses):
            yield Held(name.system, address, owner, alias=number > 0 or not account.address)
    for system, addresses in population.addresses.items():
        for address, dn in addresses.items():
            yield Held(system, address, f"{system}:{dn}", alias=False)


def _new(view: View) -> Iterator[Held]:
    domain = view.policy.regulation.naming.domain
    for subject, address in view.addresses.items():
        if address.address:
            yield Held(NEW, address.address, subject, alias=False)
    for subject, owned in view.matches.current.items():
        for alias in owned.account.aliases:
            yield Held(NEW, alias, subject, alias=True)
    for unit in view.roster.units:
        if unit.abbreviation:
            yield Held(UNITS, f"{unit.abbreviation}@{domain}", unit_key(unit.unit), alias=False)
