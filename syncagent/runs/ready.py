"""Ready: the plan whose approved actions are to be carried out now, for whoever applies without being told which."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import Review
from syncagent.errors import Refused
from syncagent.runs.approve import open_plan
from syncagent.runs.plan import GOOD_FOR
from syncagent.runs.verdicts import permitted
from syncagent.store import decisions, journal, plans

if TYPE_CHECKING:
    from syncagent.runs.agent import Agent

_LATEST = 200


class Standing(NamedTuple):
    """A plan that still counts: how many of its actions may be carried out, and how many wait for approval."""

    plan_id: str
    ready: int
    waiting: int


def ready(agent: Agent) -> str:
    """Return the id of the newest plan that has approved actions nobody has tried yet, empty if there is none.

    A newer plan on which nobody has decided does not overtake it; one of which anything was begun does, and so does a
    day. Plans that were rejected, changed, or are held by a brake are passed over.

    Raises:
        Unavailable: the state does not answer.
    """
    with agent.store.reading() as connection:
        overtaken, now = journal.last_applied(connection), agent.clock()
        recent, decided = plans.recent(connection, _LATEST), decisions.decided(connection)
    free = Review.NONE in agent.policy.reviews  # otherwise nothing is ready of a plan that nobody has decided on
    for kept in recent:
        if kept.serial < overtaken or now - datetime.fromisoformat(kept.created_at) > GOOD_FOR:
            break
        undecided = not free and kept.plan_id not in decided
        if kept.actions and not undecided and (found := standing(agent, kept.plan_id)) and found.ready:
            return found.plan_id
    return ""


def standing(agent: Agent, plan_id: str) -> Standing | None:
    """Return how far a plan has come, None if it cannot be carried out at all."""
    try:
        plan, envelope = open_plan(agent, plan_id)
        with agent.store.reading() as connection:
            allowed = permitted(agent, connection, plan, envelope)
            finished = journal.outcomes(connection, plan_id)
    except Refused:
        return None
    return Standing(plan_id, sum(1 for one in allowed.permitted if one not in finished), len(allowed.waiting))
