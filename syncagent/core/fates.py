"""What becomes of each account of the old systems: exactly one of six ends, and the new address (Điều 13.2).

Everybody's new address is decided for the whole population at once, by the same survey as any day's plan, so that no
later wave can meet an earlier one. Nothing here orders a deletion: Điều 13 allows none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.addresses import fold_address
from syncagent.core.finding import FindingCode
from syncagent.core.holds import Standing, known_by, names_of_account
from syncagent.core.merger import AccountId, Fate
from syncagent.core.pairing import Proof
from syncagent.core.questions import Choice, Question
from syncagent.core.unit import unit_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.account import Account
    from syncagent.core.ledger import Ledger
    from syncagent.core.merger import Merger, Population
    from syncagent.core.pairing import Pairings
    from syncagent.core.questions import Ruling
    from syncagent.core.survey import View


class Why(StrEnum):
    """Why an account has its fate."""

    MAIN = "main"
    SECOND = "second"
    RULED_NEW = "ruled-new"
    UNUSED = "unused"
    LEFT = "left"
    UNIT_CLOSED = "unit-closed"
    PROTECTED = "protected"
    RULED_OUT = "ruled-out"
    ON_HOLD = "on-hold"
    STILL_ASKED = "still-asked"
    CONTESTED = "contested"
    NO_OWNER = "no-owner"
    NO_SUCCESSOR = "no-successor"
    UNKNOWN = "unknown"
    QUARANTINED = "quarantined"
    UNDOCUMENTED = "undocumented"
    NO_ADDRESS = "no-address"
    NOT_SERVED = "not-served"


ASKS = {
    Why.CONTESTED: Question.CONTESTED,
    Why.NO_OWNER: Question.OWNER,
    Why.UNKNOWN: Question.OWNER,
    Why.NO_SUCCESSOR: Question.MAILBOX,
    Why.NO_ADDRESS: Question.ADDRESS,
}
"""What is asked of a unit head about an account that waits; the other reasons wait for documents, not for answers."""

_RULED = {
    Choice.EXCLUDE: (Fate.EXCLUDED, Why.RULED_OUT),
    Choice.HOLD: (Fate.HELD, Why.STILL_ASKED),
    Choice.RETIRE: (Fate.RETIRED, Why.UNUSED),
}
_NOT_PROVED = frozenset({FindingCode.LEAVER_WITHOUT_DOCUMENT, FindingCode.NEEDS_ORDER})
_OF_OLD = "legacy:"
"""Begins the owner of an address that nobody of the new roster is known to have had; no key of a person does."""
_LONGEST_OWNER = 200
"""As the state keeps it."""
_LEAVES_NOTHING = frozenset({Fate.RETIRED, Fate.EXCLUDED})


@dataclass(frozen=True, slots=True)
class Fated:
    """An account of an old system and its end.

    `subject` is whose it is, empty while nobody knows; `unit` the key of their new unit, empty if unknown; `wave` is 0
    for none; `new` is the address on the new system, `aliases` the old addresses that lead there until their date,
    `into` the account that this one is merged into.
    """

    name: AccountId
    account: Account
    fate: Fate
    why: Why
    subject: str = ""
    unit: str = ""
    wave: int = 0
    new: str = ""
    aliases: tuple[str, ...] = ()
    into: AccountId | None = None

    @property
    def question(self) -> Question | None:
        """Return what a unit head is asked about it, None if nothing is."""
        return ASKS.get(self.why)


class Newcomer(NamedTuple):
    """Somebody, or a unit, that gets an account on the new system and has none in an old one."""

    subject: str
    unit: str
    wave: int
    new: str


@dataclass(frozen=True, slots=True)
class Fates:
    """What becomes of everybody: accounts of the old systems, and those who have none there."""

    accounts: tuple[Fated, ...]
    newcomers: tuple[Newcomer, ...]

    def of_wave(self, wave: int) -> Fates:
        """Return those of one wave; 0 are those of none."""
        return Fates(
            tuple(one for one in self.accounts if one.wave == wave),
            tuple(one for one in self.newcomers if one.wave == wave),
        )

    def counts(self) -> Counter[Fate]:
        """Return how many accounts have each fate."""
        return Counter(one.fate for one in self.accounts)


def remembering(ledger: Ledger, population: Population, pairings: Pairings) -> Ledger:
    """Return the memory with every address of the old systems in it: issued once, never issued to anybody else.

    What the agent issued itself stays as it is known; an address of two holders is nobody's. What an earlier run knew
    of the old systems gives way to what is known now.
    """
    theirs: dict[str, str] = {}
    for name, account in population.accounts.items():
        for address in (*account.addresses, *account.also):
            _take(theirs, address, _owner(name, pairings))
    for system, addresses in population.addresses.items():
        for address in addresses:
            _take(theirs, address, f"{_OF_OLD}{system}")
    ours = {address: owner for address, owner in ledger.issued.items() if not owner.startswith(_OF_OLD)}
    return replace(ledger, issued={**ledger.issued, **theirs, **ours})


def _take(taken: dict[str, str], address: str, owner: str) -> None:
    folded = fold_address(address)
    if taken.setdefault(folded, owner) != owner:
        taken[folded] = f"{_OF_OLD}several"


def _owner(name: AccountId, pairings: Pairings) -> str:
    pairing = pairings.proved.get(name)
    return pairing.subject if pairing else f"{_OF_OLD}{name.system}:{name.guid}"[:_LONGEST_OWNER]


def fates(
    merger: Merger,
    population: Population,
    pairings: Pairings,
    rulings: Iterable[Ruling],
    view: View,
    ledger: Ledger,
    mains: Mapping[str, AccountId] | None = None,
) -> Fates:
    """Given whose every account is and what a plan wants for everybody, return the end of each account.

    Args:
        merger: how it is set up.
        population: all accounts of the old systems.
        pairings: whose they are.
        rulings: what unit heads decided.
        view: the survey of the whole new roster, with every old address in its ledger (`remembering`).
        ledger: what the agent remembers, every old address in it.
        mains: the account of each subject that an earlier plan converted, there still or deleted since.
    """
    standing = Standing.of(ledger, view.roster, view.today)
    ruled = {(one.system, one.about): one.choice for one in rulings}
    waiting: dict[AccountId, Fated] = {}
    moving: dict[str, list[Fated]] = defaultdict(list)
    for name, account in population.accounts.items():
        pairing = pairings.proved.get(name)
        subject = pairing.subject if pairing else ""
        unit = _unit_of(subject, view) or pairings.units.get(name, "")
        one = Fated(name, account, Fate.HELD, Why.NO_OWNER, subject, unit, merger.wave_of(unit, view.roster.units))
        choice = ruled.get((name.system, fold_address(account.address)))
        if account.protected:
            waiting[name] = replace(one, fate=Fate.EXCLUDED, why=Why.PROTECTED)
        elif _bound(one, standing, view):
            waiting[name] = replace(one, why=Why.ON_HOLD)
        elif choice in _RULED:
            fate, why = _RULED[choice]
            waiting[name] = replace(one, fate=fate, why=why)
        elif end := _end(one, pairings, view):
            fate, why = end
            waiting[name] = replace(one, fate=fate, why=why)
        elif choice is Choice.ISSUE:
            waiting[name] = replace(one, fate=Fate.ISSUED, why=Why.RULED_NEW, new=view.addresses[subject].address)
        else:
            moving[subject].append(one)
    moved: dict[AccountId, Fated] = {}
    for subject, theirs in moving.items():
        before = (mains or {}).get(subject)
        stands = before not in population.accounts or any(one.name == before for one in theirs)
        moved |= {one.name: one for one in _joined(theirs, pairings, view, before if stands else None)}
    ends = {**waiting, **moved}
    accounts = tuple(_with_aliases(ends[name], ledger) for name in population.accounts)
    served = {one.subject for one in accounts if one.fate not in _LEAVES_NOTHING}
    return Fates(accounts, _newcomers(merger, served, view))


def _with_aliases(one: Fated, ledger: Ledger) -> Fated:
    """Return an account that moves with the old addresses it keeps: those that nobody else ever held."""
    if not one.new:
        return one
    kept = (old for old in one.account.addresses if ledger.issued.get(fold_address(old)) == one.subject)
    return replace(one, aliases=tuple(old for old in kept if old != one.new))


def _end(one: Fated, pairings: Pairings, view: View) -> tuple[Fate, Why] | None:
    """Return why an account does not move, None if it does."""
    if one.name in pairings.contested:
        return Fate.HELD, Why.CONTESTED
    if not one.subject:
        return Fate.HELD, Why.NO_SUCCESSOR if one.name in pairings.mailboxes else Why.NO_OWNER
    case = view.cases.get(one.subject)
    if case is None:
        known = one.subject in {*view.roster.quarantined, *view.roster.coming, *view.matches.doubtful}
        return Fate.HELD, Why.QUARANTINED if known else Why.UNKNOWN
    step = view.steps[one.subject]
    if (case.person and case.person.left) or (case.person is None and case.unit_closed):
        if any(finding.code in _NOT_PROVED for finding in step.findings):
            return Fate.HELD, Why.UNDOCUMENTED
        return Fate.RETIRED, Why.LEFT if case.person else Why.UNIT_CLOSED
    wanted = view.addresses.get(one.subject)
    if wanted is None:
        return Fate.HELD, Why.NOT_SERVED
    return None if wanted.address else (Fate.HELD, Why.NO_ADDRESS)


def _joined(theirs: list[Fated], pairings: Pairings, view: View, before: AccountId | None) -> Iterable[Fated]:
    """Yield the accounts of one subject: one is converted, the others are merged into it.

    The one that an earlier plan converted stays it, though it was deleted since. Then the one that the roster names as
    the old address goes before the others, then the one used last.
    """

    def rank(one: Fated) -> tuple[bool, bool, int, bool, AccountId]:
        named = pairings.proved[one.name].proof is Proof.PREVIOUS_ADDRESS
        use = one.account.last_use.on if one.account.last_use else None
        return (one.name != before, not named, -(use.toordinal() if use else 0), not one.account.enabled, one.name)

    ranked = sorted(theirs, key=rank)
    new = view.addresses[ranked[0].subject].address
    main = before or ranked[0].name
    for one in ranked:
        if one.name == main:
            yield replace(one, fate=Fate.CONVERTED, why=Why.MAIN, new=new)
        else:
            yield replace(one, fate=Fate.MERGED, why=Why.SECOND, new=new, into=main)


def _newcomers(merger: Merger, served: set[str], view: View) -> tuple[Newcomer, ...]:
    """Return those who are given an account although none of an old system moves: new staff, new units."""
    units = view.roster.units
    return tuple(
        Newcomer(subject, unit, merger.wave_of(unit, units), address.address)
        for subject, address in sorted(view.addresses.items())
        if subject not in served and subject not in view.matches.current
        for unit in (view.cases[subject].unit.unit,)
    )


def _unit_of(subject: str, view: View) -> str:
    case = view.cases.get(subject)
    return case.unit.unit if case else ""


def _bound(one: Fated, standing: Standing, view: View) -> bool:
    """Whether a hold binds an account: by any name of it, of its holder, of its unit or of one above."""
    if not standing.holds:
        return False
    keys = [above.unit for above in view.roster.units.line(one.unit)]
    named = {one.subject, *keys, *map(unit_key, keys)} - {""}
    names = names_of_account(one.account, view.roster.units)
    return standing.over(names | frozenset(map(known_by, named))) is not None
