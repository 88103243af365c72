"""One plan put in reading order: by unit, by finding, by month of deletion. All reports share it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import ActionKind, Operation
from syncagent.core.finding import Severity
from syncagent.core.names import fold
from syncagent.core.unit import WITHIN
from syncagent.report.weight import Weight, weight_of
from syncagent.report.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from syncagent.core.action import Action
    from syncagent.core.finding import Finding, FindingCode
    from syncagent.core.plan import Plan
    from syncagent.text import Language


_GRAVEST_FIRST = {kind: rank for rank, kind in enumerate(KINDS)}
_DONE = frozenset(map(str, (*ActionKind, *Operation)))
_WEIGHTS = {weight: rank for rank, weight in enumerate(Weight)}


@dataclass(frozen=True, slots=True)
class UnitPart:
    """The actions of one unit, gravest first; `name` is the unit's key where its name is not known."""

    unit: str
    name: str
    actions: tuple[Action, ...]

    @property
    def room(self) -> str:
        """Return the name below the agency's, empty for the agency itself."""
        return self.name.partition(WITHIN)[2]

    @property
    def counts(self) -> tuple[tuple[ActionKind, int], ...]:
        """Return how many actions of each kind there are, gravest first, none that is zero."""
        return counts_of(self.actions)


@dataclass(frozen=True, slots=True)
class AgencyPart:
    """The units of one agency that have actions, the agency itself first."""

    name: str
    units: tuple[UnitPart, ...]

    @property
    def key(self) -> str:
        """Return the agency's own key, empty where only its rooms have actions or the key is its name."""
        first = self.units[0]
        return "" if first.room or first.unit == self.name else first.unit

    @property
    def actions(self) -> tuple[Action, ...]:
        """Return the actions of all its units."""
        return tuple(action for unit in self.units for action in unit.actions)

    @property
    def counts(self) -> tuple[tuple[ActionKind, int], ...]:
        """Return how many actions of each kind there are, gravest first, none that is zero."""
        return counts_of(self.actions)

    @property
    def weights(self) -> tuple[int, ...]:
        """Return how many actions of each weight there are, gravest first."""
        counted = Counter(weight_of(action) for action in self.actions)
        return tuple(counted[weight] for weight in Weight)


@dataclass(frozen=True, slots=True)
class CodePart:
    """All findings of one code and severity."""

    severity: Severity
    code: FindingCode
    findings: tuple[Finding, ...]


class Sentence(NamedTuple):
    """A finding as it is read: whom it is about, what is said of them, and what else it concerns."""

    subject: str
    rest: str
    concerns: tuple[str, ...]


class Deletion(NamedTuple):
    """A mailbox that is destroyed on a day: by an action of this plan, or later if nothing else changes."""

    on: date
    action: Action

    @property
    def now(self) -> bool:
        """Whether this very plan deletes it."""
        return self.action.kind is ActionKind.DELETE


class MonthPart(NamedTuple):
    """The deletions of one month; `first` is its first day."""

    first: date
    deletions: tuple[Deletion, ...]


def counts_of(actions: Iterable[Action]) -> tuple[tuple[ActionKind, int], ...]:
    """Return how many actions of each kind there are, gravest first, none that is zero."""
    counted = Counter(action.kind for action in actions)
    return tuple((kind, counted[kind]) for kind in KINDS if counted[kind])


def by_unit(actions: Iterable[Action], names: Mapping[str, str]) -> tuple[UnitPart, ...]:
    """Given a plan's actions and the names of units, return them by unit in the order of the units' names."""
    found: dict[str, list[Action]] = defaultdict(list)
    for action in actions:
        found[action.unit].append(action)
    parts = [
        UnitPart(unit, names.get(unit) or unit, tuple(sorted(theirs, key=_rank))) for unit, theirs in found.items()
    ]
    return tuple(sorted(parts, key=lambda part: ([fold(name) for name in part.name.split(WITHIN)], part.unit)))


def by_agency(units: Iterable[UnitPart]) -> tuple[AgencyPart, ...]:
    """Given units in the order of their names, return them by agency."""
    found: dict[str, list[UnitPart]] = defaultdict(list)
    for unit in units:
        found[unit.name.partition(WITHIN)[0]].append(unit)
    return tuple(AgencyPart(name, tuple(theirs)) for name, theirs in found.items())


def _rank(action: Action) -> tuple[int, int, str]:
    return (_WEIGHTS[weight_of(action)], _GRAVEST_FIRST[action.kind], action.id)


def by_code(plan: Plan) -> tuple[CodePart, ...]:
    """Return a plan's findings by severity and code, most urgent first."""
    found: dict[tuple[Severity, FindingCode], list[Finding]] = defaultdict(list)
    for finding in plan.findings:
        found[finding.severity, finding.code].append(finding)
    return tuple(
        CodePart(severity, code, tuple(theirs))
        for urgency in Severity
        for (severity, code), theirs in sorted(found.items())
        if severity is urgency
    )


def sentence_of(finding: Finding, language: Language) -> Sentence:
    """Return what a finding says, so that nothing is read twice: its subject, what it concerns, what would be done."""
    says = finding.message.within(language)
    rest = says.removeprefix(finding.subject)
    concerns = tuple(one for one in finding.candidates if one not in says and one not in _DONE)
    return Sentence(finding.subject, rest if rest != says else f": {says}", concerns)


def deletions(plan: Plan) -> tuple[MonthPart, ...]:
    """Return which mailboxes are destroyed when: by this plan, and after it if nothing else changes."""
    found: dict[date, list[Deletion]] = defaultdict(list)
    for action in plan.actions:
        if action.kind is ActionKind.DELETE:
            day = max(action.due, plan.as_of)
        elif action.then and action.then.kind is ActionKind.DELETE:
            day = action.then.on
        else:
            continue
        found[day.replace(day=1)].append(Deletion(day, action))
    return tuple(
        MonthPart(first, tuple(sorted(theirs, key=lambda one: (one.on, one.action.id))))
        for first, theirs in sorted(found.items())
    )


def to_decide(plan: Plan) -> int:
    """Return how many findings wait for a person's decision."""
    return sum(finding.severity is Severity.REVIEW for finding in plan.findings)
