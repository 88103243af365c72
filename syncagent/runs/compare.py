"""Compare: how many and which people two regulations treat differently today. Nothing is written anywhere."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.decide import decide
from syncagent.runs.plan import read_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from syncagent.core.action import Action
    from syncagent.core.plan import Plan
    from syncagent.core.policy import Policy
    from syncagent.core.regulation import Regulation
    from syncagent.runs.agent import Agent


class Difference(NamedTuple):
    """One person or unit mailbox, and what each regulation does with it today."""

    subject: str
    name: str
    first: tuple[Action, ...]
    second: tuple[Action, ...]


class Comparison(NamedTuple):
    """Two plans for one day from the same roster, directory and state, and those they treat differently."""

    first: Plan
    second: Plan
    differences: tuple[Difference, ...]


def compare(
    agent: Agent, first: Regulation, second: Regulation, as_of: date | None = None, *, naming: bool = False
) -> Comparison:
    """Given two regulations, decide by both and return the difference.

    Args:
        agent: the parts.
        first: the one regulation.
        second: the other.
        as_of: the day; None is today.
        naming: whether each builds addresses its own way. Otherwise both use the first one's names and domain: with
            two domains everybody's address would differ, and nothing else could be seen.

    Raises:
        Misconfigured: a file must be edited.
        Doubtful: the roster or a snapshot cannot be trusted.
        TargetError: a target does not answer.
    """
    day = as_of or agent.today()
    read = read_all(agent, day)
    other = second if naming else replace(second, naming=first.naming)
    plans = [
        decide(read.roster, read.snapshots, read.ledger, _under(agent.policy, regulation), day)
        for regulation in (first, other)
    ]
    return Comparison(plans[0], plans[1], tuple(_differences(*plans)))


def _under(policy: Policy, regulation: Regulation) -> Policy:
    allowed = regulation.mover.readings
    reading = policy.internal_move if policy.internal_move in allowed else allowed[0]
    return replace(policy, regulation=regulation, internal_move=reading)


def _differences(first: Plan, second: Plan) -> Sequence[Difference]:
    ours, theirs = _by_subject(first), _by_subject(second)
    found = []
    for subject in sorted({*ours, *theirs}):
        mine, yours = ours.get(subject, ()), theirs.get(subject, ())
        if [_order(action) for action in mine] != [_order(action) for action in yours]:
            found.append(Difference(subject, (*mine, *yours)[0].name, mine, yours))
    return found


def _order(action: Action) -> tuple[str, str, str]:
    return str(action.kind), action.address, str(action.stamp.state) if action.stamp else ""


def _by_subject(plan: Plan) -> Mapping[str, tuple[Action, ...]]:
    found: dict[str, list[Action]] = defaultdict(list)
    for action in plan.actions:
        found[action.subject].append(action)
    return {subject: tuple(actions) for subject, actions in found.items()}
