"""Recover: find out by reading what became of actions that an interrupted apply had begun (laws 9 and 12).

A new plan must not be made over an open question: it would take our own deletion for somebody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.outcome import Outcome, Result
from syncagent.runs.conclude import acting_day, conclude
from syncagent.store import journal, plans
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.runs.agent import Agent


def recover(agent: Agent) -> int:
    """Settle every action that was begun and never concluded; return how many there were.

    Raises:
        LeaseHeld: the apply that began them is still running.
        TargetError: a target does not answer, so nobody can tell.
    """
    with agent.store.reading() as connection:
        interrupted = journal.interrupted(connection)
    if not interrupted:
        return 0
    settled = 0
    with agent.store.lease():
        for plan_id in interrupted:
            with agent.store.reading() as connection:
                plan, envelope = plans.find(connection, plan_id)
                begun = journal.unresolved(connection, plan_id)
            actions = [action for action in plan.actions if action.id in begun and action.target in agent.targets]
            outcomes = [
                agent.targets[action.target].resolve(action, envelope.digest) or _never_happened(action.id)
                for action in actions
            ]
            conclude(agent, envelope, actions, outcomes, acting_day(agent, plan), recovered=True)
            settled += len(outcomes)
    return settled


def _never_happened(action_id: str) -> Outcome:
    says = Text("bị gián đoạn trước khi thực hiện; hãy lập kế hoạch mới", "interrupted before it happened; plan again")
    return Outcome(action_id, Result.NOT_TRIED, says)
