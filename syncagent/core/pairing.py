"""Whose is an account of an old system? Proof pairs it with somebody; a likeness only suggests, and people decide.

Proof is the personal identifier, a staff number under the same name, the old address that the roster gives, or what a
unit head ruled. A score never pairs anybody: two people may share a name, a birthday and an office.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.addresses import fold_address
from syncagent.core.crosswalk import by_name, successor
from syncagent.core.names import folded_syllables
from syncagent.core.person import Status
from syncagent.core.questions import Choice
from syncagent.core.unit import unit_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.account import Account
    from syncagent.core.merger import AccountId, Merger, Population
    from syncagent.core.person import Person, PersonRow
    from syncagent.core.questions import Ruling
    from syncagent.core.roster import Roster

_PSEUDONYM = "id-"
_APART = str.maketrans(dict.fromkeys(",;", " "))
_MOST_SUGGESTED = 3
_NAME, _BIRTH, _UNIT = 60, 30, 10
"""How much a name, a day of birth and a unit that agree count, of 100."""
_LEAST_ALIKE = 0.85
_LEAST_SCORE = 50


class Proof(StrEnum):
    """What pairs an account with somebody."""

    RULED = "ruled"
    IDENTIFIER = "identifier"
    STAFF_NUMBER = "staff-number"
    PREVIOUS_ADDRESS = "previous-address"
    UNIT_ADDRESS = "unit-address"


class Likeness(StrEnum):
    """What agrees between an account and somebody it could belong to."""

    NAME = "name"
    SIMILAR_NAME = "similar-name"
    BIRTH_DATE = "birth-date"
    UNIT = "unit"


class Pairing(NamedTuple):
    """An account of an old system belongs to a person or a unit (`unit:KEY`)."""

    subject: str
    proof: Proof


class Suggestion(NamedTuple):
    """Somebody whom an account could belong to, by a score of at most 100, and what agrees."""

    subject: str
    score: int
    agrees: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True)
class Pairings:
    """Who has which account of the old systems.

    An account is `proved`, or `contested` (several subjects, or one whose proof another fact contradicts), or neither;
    then `suggested` holds whoever resembles its holder. `old_units` and `units` are the old unit of each account and
    the key of the new one, where they are known; `mailboxes` are the accounts that are an old unit's mailbox. `without`
    are people who work and have no account in any old system.
    """

    proved: Mapping[AccountId, Pairing]
    contested: Mapping[AccountId, tuple[str, ...]]
    suggested: Mapping[AccountId, tuple[Suggestion, ...]]
    old_units: Mapping[AccountId, str]
    units: Mapping[AccountId, str]
    mailboxes: frozenset[AccountId]
    without: tuple[str, ...]


def pair(merger: Merger, population: Population, roster: Roster, rulings: Iterable[Ruling]) -> Pairings:
    """Given all accounts of the old systems and the new roster, return whose each account is."""
    ruled = {(one.system, one.about): one for one in rulings}
    places = _places(merger, population, roster, ruled.values())
    people = _People.of(roster)
    proved: dict[AccountId, Pairing] = {}
    contested: dict[AccountId, tuple[str, ...]] = {}
    suggested: dict[AccountId, tuple[Suggestion, ...]] = {}
    for name, account in population.accounts.items():
        ruling = ruled.get((name.system, fold_address(account.address)))
        if account.protected:
            continue
        if ruling and ruling.choice in {Choice.BELONGS, Choice.ISSUE}:
            proved[name] = Pairing(ruling.subject, Proof.RULED)
            continue
        full_name = merger.shown(name.system, account).name
        claims, doubted = people.proof(account, full_name)
        if unit := places.mailboxes.get(name):
            claims[unit_key(unit)] = Proof.UNIT_ADDRESS
        if len(claims) == 1 and doubted <= set(claims):
            proved[name] = Pairing(*next(iter(claims.items())))
        elif claims or doubted:
            contested[name] = tuple(sorted({*claims, *doubted}))
        elif name not in places.mailboxes and (found := people.alike(account, full_name, places.units.get(name, ""))):
            suggested[name] = found
    holders = {pairing.subject for pairing in proved.values()}
    working = (key for key, person in roster.people.items() if person.current.status is Status.WORKING)
    without = tuple(sorted(key for key in working if key not in holders))
    return Pairings(proved, contested, suggested, places.old, places.units, frozenset(places.mailboxes), without)


class _Places(NamedTuple):
    """The old unit of each account and its new one, and whose mailbox an account is: empty while that is open."""

    old: Mapping[AccountId, str]
    units: Mapping[AccountId, str]
    mailboxes: Mapping[AccountId, str]


def _places(merger: Merger, population: Population, roster: Roster, rulings: Iterable[Ruling]) -> _Places:
    """Return where each account belongs, by the crosswalk and by what people decided of it."""
    decided = {one.about: one.subject for one in rulings if one.choice is Choice.BECAME}
    named = by_name(roster.units)
    old: dict[AccountId, str] = {}
    units: dict[AccountId, str] = {}
    mailboxes: dict[AccountId, str] = {}
    for name, account in population.accounts.items():
        if place := merger.old_unit(name.system, account):
            old[name] = place.key
            if unit := successor(place, decided, named):
                units[name] = unit
        mailbox, is_own = merger.crosswalk.said(name.system, account.address)
        if mailbox and is_own:
            mailboxes[name] = successor(mailbox, decided, named)
    return _Places(old, units, mailboxes)


class _Known(NamedTuple):
    """Somebody of the roster as they are compared: folded syllables of the name, the nearest agency."""

    row: PersonRow
    name: tuple[str, ...]
    agency: str


@dataclass(frozen=True, slots=True)
class _People:
    """Everybody of the roster, by what an account may share with them.

    `named` are those of one name, by key, and `unborn` those among them whose day of birth is not known: of people who
    agree in the name alone the first few are as good as all.
    """

    known: Mapping[str, _Known]
    spelled: Mapping[str, str]
    addresses: Mapping[str, frozenset[str]]
    named: Mapping[tuple[str, ...], tuple[str, ...]]
    unborn: Mapping[tuple[str, ...], tuple[str, ...]]
    born: Mapping[object, tuple[str, ...]]
    beside: Mapping[tuple[tuple[str, ...], str], tuple[str, ...]]
    agencies: Mapping[str, str]

    @classmethod
    def of(cls, roster: Roster) -> _People:
        agencies = {unit.unit: found.unit for unit in roster.units if (found := roster.units.agency(unit.unit))}
        known: dict[str, _Known] = {}
        addresses: dict[str, set[str]] = defaultdict(set)
        named: dict[tuple[str, ...], list[str]] = defaultdict(list)
        unborn: dict[tuple[str, ...], list[str]] = defaultdict(list)
        born: dict[object, list[str]] = defaultdict(list)
        beside: dict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
        rows = {**roster.coming, **{key: person.current for key, person in roster.people.items()}}
        for key, row in sorted(rows.items()):
            one = _Known(row, folded_syllables(row.full_name), agencies.get(row.unit, ""))
            known[key] = one
            named[one.name].append(key)
            if row.birth_date:
                born[row.birth_date].append(key)
            else:
                unborn[one.name].append(key)
            beside[one.name[-1:], one.agency].append(key)
            for address in _previous(roster.people.get(key), row):
                addresses[address].add(key)
        return cls(
            known,
            {key.casefold(): key for key in (*roster.quarantined, *known)},
            {address: frozenset(keys) for address, keys in addresses.items()},
            {name: tuple(keys) for name, keys in named.items()},
            {name: tuple(keys) for name, keys in unborn.items()},
            {day: tuple(keys) for day, keys in born.items()},
            {place: tuple(keys) for place, keys in beside.items()},
            agencies,
        )

    def proof(self, account: Account, name: str) -> tuple[dict[str, Proof], frozenset[str]]:
        """Return everybody to whom something proves that the account belongs, and whose number it bears in doubt.

        What the roster says by itself goes before numbers: it tells which of several accounts is in use.

        Three provinces numbered their staff each for itself, so one number may be of three people: it proves nothing
        where name or day of birth say otherwise. A personal identifier is nobody else's.
        """
        found = {key: Proof.PREVIOUS_ADDRESS for one in account.addresses for key in self._gave(one)}
        key = self.spelled.get(account.key.casefold(), "") if account.key else ""
        if key.startswith(_PSEUDONYM):
            found.setdefault(key, Proof.IDENTIFIER)
        elif key and self._is_of(key, account, name):
            found.setdefault(key, Proof.STAFF_NUMBER)
        elif key:
            return found, frozenset({key})
        return found, frozenset()

    def alike(self, account: Account, name: str, unit: str) -> tuple[Suggestion, ...]:
        """Return those who resemble the account's holder, the most alike first, at most three."""
        syllables, agency = folded_syllables(name), self.agencies.get(unit, "")
        if not syllables:
            return ()
        born = account.birth_date
        near = {*(self.unborn if born else self.named).get(syllables, ())[:_MOST_SUGGESTED]}
        near.update(self.beside.get((syllables[-1:], agency), ()), self.born.get(born, ()) if born else ())
        spelled = SequenceMatcher(b=" ".join(syllables))  # one for all: it indexes the name it compares with
        found = (self._likeness(key, account, spelled, agency) for key in near)
        best = sorted((one for one in found if one), key=lambda one: (-one.score, one.subject))
        return tuple(best[:_MOST_SUGGESTED])

    def _likeness(self, key: str, account: Account, spelled: SequenceMatcher[str], agency: str) -> Suggestion | None:
        one = self.known[key]
        known_days = account.birth_date is not None and one.row.birth_date is not None
        if known_days and account.birth_date != one.row.birth_date:
            return None
        alike = _alike(" ".join(one.name), spelled)
        if alike < _LEAST_ALIKE:
            return None
        agrees = [Likeness.NAME if alike == 1.0 else Likeness.SIMILAR_NAME]
        score = alike * _NAME
        if known_days:
            agrees.append(Likeness.BIRTH_DATE)
            score += _BIRTH
        if agency and one.agency == agency:
            agrees.append(Likeness.UNIT)
            score += _UNIT
        return Suggestion(key, int(score), tuple(agrees)) if score >= _LEAST_SCORE else None

    def _gave(self, address: str) -> frozenset[str]:
        return self.addresses.get(fold_address(address), frozenset())

    def _is_of(self, key: str, account: Account, name: str) -> bool:
        """Whether name and day of birth agree with somebody; who is quarantined cannot be compared."""
        one = self.known.get(key)
        if one is None or folded_syllables(name) != one.name:
            return False
        return None in {account.birth_date, one.row.birth_date} or account.birth_date == one.row.birth_date


def _alike(name: str, spelled: SequenceMatcher[str]) -> float:
    """Return how alike two names are, 1.0 for one and the same; 0.0 where it is cheaply seen that they are not."""
    spelled.set_seq1(name)
    bounds = (spelled.real_quick_ratio, spelled.quick_ratio)
    return spelled.ratio() if all(bound() >= _LEAST_ALIKE for bound in bounds) else 0.0


def _previous(person: Person | None, row: PersonRow) -> set[str]:
    """Return the old addresses that the rows of a person give, folded; one cell may hold several."""
    rows = (*person.earlier, person.current, *person.others, *person.upcoming) if person else (row,)
    return {fold_address(one) for row in rows for one in row.previous_address.translate(_APART).split()}
