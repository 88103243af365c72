"""One plan as one person may see it: their units' part of it, filtered, a page at a time, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.console.words import SAYS
from syncagent.core.names import fold
from syncagent.errors import Refused
from syncagent.report.inputs import unit_names
from syncagent.runs.verdicts import keyed, permitted, verdicts
from syncagent.store import journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from syncagent.console.asked import Words
    from syncagent.console.desk import Desk
    from syncagent.console.rights import Person, Right
    from syncagent.core.action import Action
    from syncagent.core.approval import Decision
    from syncagent.core.finding import Finding
    from syncagent.core.outcome import Outcome
    from syncagent.core.plan import Envelope, Plan, Trip
    from syncagent.runs.agent import Agent
    from syncagent.text import Text

PAGE: Final = 50
"""Actions on a page."""


@dataclass(frozen=True, slots=True)
class Review:
    """A plan, what of it lies in somebody's units, and how far it is.

    `waiting` is what each action lacks; `held` why nothing of the plan may be carried out. `outcomes` are those of
    actions that were tried. `decisions` count now, `lapsed` says why others do not. `whole` is whether all of the plan
    lies in their units, `signed` whether a decision needs a key.
    """

    plan: Plan
    envelope: Envelope
    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    tripped: tuple[Trip, ...]
    second: tuple[Trip, ...]
    waiting: Mapping[str, Text]
    held: Text | None
    outcomes: Mapping[str, Outcome]
    decisions: tuple[Decision, ...]
    lapsed: tuple[Text, ...]
    whole: bool
    signed: bool
    names: Mapping[str, str]
    searched: Mapping[str, str]

    @property
    def rejected(self) -> bool:
        """Whether somebody said no."""
        return any(not decision.approves for decision in self.decisions)

    @property
    def open(self) -> tuple[Action, ...]:
        """Return the actions that can still be decided on."""
        return () if self.rejected else tuple(one for one in self.actions if one.id not in self.outcomes)


def review(desk: Desk, agent: Agent, name: str, person: Person, right: Right) -> Review:
    """Return a plan as far as somebody has a right in its units.

    Raises:
        Misconfigured: there is no such plan.
        Refused: it was changed after it was made.
    """
    plan, envelope, ordered, searched = desk.plan(agent, name)
    holds, everywhere = person.within(right, desk.above), person.everywhere(right)
    actions = tuple(action for action in ordered if everywhere or holds(action.unit))
    of = {action.subject: action.unit for action in plan.actions}
    held: Text | None = None
    waiting: Mapping[str, Text] = {}
    counted: tuple[Decision, ...] = ()
    lapsed: tuple[Text, ...] = ()
    with agent.store.reading() as connection:
        outcomes = journal.outcomes(connection, envelope.plan_id)
        try:
            counting = verdicts(agent, connection, plan, envelope)
            counted, lapsed = counting
            waiting = permitted(agent, connection, plan, envelope, counting).waiting
        except Refused as refusal:
            held = refusal.says

    def shown(unit: str) -> bool:
        return everywhere or (bool(unit) and holds(unit))

    return Review(
        plan=plan,
        envelope=envelope,
        actions=actions,
        findings=tuple(
            one for one in plan.findings if everywhere or shown(of.get(one.subject) or desk.home(one.subject))
        ),
        tripped=tuple(_seen(trip, shown) for trip in plan.brakes.tripped),
        second=tuple(_seen(trip, shown) for trip in plan.brakes.second),
        waiting=waiting,
        held=held if everywhere or held is None else SAYS["held-by-brakes"],
        outcomes=outcomes,
        decisions=counted,
        lapsed=lapsed,
        whole=len(actions) == len(plan.actions),
        signed=keyed(agent, plan),
        names={**desk.units(), **unit_names(plan)},
        searched=searched,
    )


def _seen(trip: Trip, shown: Callable[[str], bool]) -> Trip:
    """Return a brake as somebody may see it: whom it concerns is said only of their units."""
    return trip if shown(trip.unit) else replace(trip, says=SAYS["brake-elsewhere"])


class Filter(NamedTuple):
    """What somebody wants to see of a plan; as words of a query."""

    unit: str = ""
    kind: str = ""
    q: str = ""
    hard: str = ""
    open: str = ""

    @classmethod
    def of(cls, words: Words) -> Filter:
        """Return the filter that a query names."""
        return cls(*(words.one(name) for name in cls._fields))

    def passes(self, found: Review, above: Callable[[str], Iterable[str]]) -> list[Action]:
        """Return the actions of a review that match, in the order of their units, gravest first."""
        wanted = fold(self.q)
        return [
            action
            for action in found.actions
            if (not self.unit or self.unit == action.unit or self.unit in above(action.unit))
            and (not self.kind or self.kind == action.kind)
            and (not self.hard or action.destructive)
            and (not self.open or action.id in found.waiting)
            and (not wanted or wanted in found.searched.get(action.id, ""))
        ]
