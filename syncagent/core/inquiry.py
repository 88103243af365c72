"""What each unit head is asked before a merger, and what that costs the unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.crosswalk import Share
from syncagent.core.finding import FindingCode
from syncagent.core.questions import Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.crosswalk import OldUnit
    from syncagent.core.fates import Fated, Fates
    from syncagent.core.merger import Merger, Population
    from syncagent.core.pairing import Pairings, Suggestion
    from syncagent.core.questions import Ruling
    from syncagent.core.survey import View


class Asked(NamedTuple):
    """One question to the head of a new unit; `unit` is empty where only those who run the mail system can answer.

    `about` is the old address, `name` what the old system shows, `old_unit` the key of the unit there. `suggestions`
    are people who resemble the holder, `candidates` the subjects that contradict each other or the free addresses.
    """

    unit: str
    question: Question
    system: str
    about: str
    name: str
    old_unit: str
    subject: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    candidates: tuple[str, ...] = ()


class Effort(NamedTuple):
    """How many questions a unit has, and how many minutes they are estimated to take."""

    unit: str
    questions: Mapping[Question, int]
    minutes: int


def asked(merger: Merger, found: Fates, pairings: Pairings, view: View) -> tuple[Asked, ...]:
    """Given what becomes of everybody, return every question, by unit, kind and address.

    Somebody who works and had no account anywhere is a question, too: the head says where the old one is, or that
    there was none.
    """
    clashes = {one.subject: one.candidates for one in view.findings if one.code is FindingCode.ADDRESS_CLASH}
    of_accounts = [_about(merger, one, question, pairings, clashes, view) for one, question in _open(found)]
    of_people = [
        Asked(_agency(view.cases[key].unit.unit, view), Question.MISSING, "", "", _name(key, view), "", key)
        for key in pairings.without
        if key in view.cases
    ]
    return tuple(sorted((*of_accounts, *of_people), key=lambda one: (one.unit, one.question, one.about, one[2:7])))


def _open(found: Fates) -> Iterable[tuple[Fated, Question]]:
    return ((one, one.question) for one in found.accounts if one.question)


def _about(
    merger: Merger,
    one: Fated,
    question: Question,
    pairings: Pairings,
    clashes: Mapping[str, tuple[str, ...]],
    view: View,
) -> Asked:
    return Asked(
        unit=_agency(one.unit, view),
        question=question,
        system=one.name.system,
        about=one.account.address or one.name.guid,
        name=merger.shown(one.name.system, one.account).name,
        old_unit=pairings.old_units.get(one.name, ""),
        subject=one.subject,
        suggestions=pairings.suggested.get(one.name, ()),
        candidates=pairings.contested.get(one.name, clashes.get(one.subject, ())),
    )


def effort(questions: Iterable[Asked], minutes: Mapping[str, int]) -> tuple[Effort, ...]:
    """Given all questions and what each kind costs, return the effort of each unit, the largest first."""
    counts: dict[str, Counter[Question]] = defaultdict(Counter)
    for one in questions:
        counts[one.unit][one.question] += 1
    found = [
        Effort(unit, dict(kinds), sum(minutes[kind] * n for kind, n in kinds.items())) for unit, kinds in counts.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.minutes, one.unit)))


def undecided(merger: Merger, population: Population, pairings: Pairings, rulings: Iterable[Ruling]) -> list[OldUnit]:
    """Return the old units whose successor nobody has decided and that have accounts, or that are marked TO DECIDE."""
    ruled = {one.about for one in rulings}
    met = {pairings.old_units[name] for name in population.accounts if name in pairings.old_units}
    return [
        unit
        for unit in merger.crosswalk.waiting()
        if unit.key not in ruled
        and unit.system in merger.legacies
        and (unit.key in met or unit.share is not Share.ABOLISHED)
    ]


def _agency(unit: str, view: View) -> str:
    found = view.roster.units.agency(unit)
    return found.unit if found else ""


def _name(subject: str, view: View) -> str:
    person = view.cases[subject].person
    return person.current.full_name if person else ""
