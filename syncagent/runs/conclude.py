"""What an outcome means: kept in the journal and, where it succeeded, in the ledger, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.outcome import Outcome, Result
from syncagent.store import journal
from syncagent.store import lease as leases
from syncagent.store import ledger as ledgers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

    from syncagent.core.action import Action
    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent
    from syncagent.store.lease import Lease


def acting_day(agent: Agent, plan: Plan) -> date:
    """Return the day that counts as today: on files it is the plan's own (contract §6)."""
    return plan.as_of if is_rehearsal(agent, plan) else agent.today()


def is_rehearsal(agent: Agent, plan: Plan) -> bool:
    """Whether all targets of the plan are files."""
    return not any(agent.policy.targets[name].live for name in {action.target for action in plan.actions})


def conclude(
    agent: Agent,
    lease: Lease,
    envelope: Envelope,
    actions: Sequence[Action],
    outcomes: Sequence[Outcome],
    day: date,
) -> None:
    """Keep the outcomes and what they mean for the ledger.

    Raises:
        LeaseHeld: another agent has taken over and settles what was begun; only what was carried out is kept.
        Unavailable: the state cannot be written; nothing was kept.
    """
    by_id = {action.id: action for action in actions}
    with agent.store.writing() as connection:
        now = agent.clock()
        mine = leases.current(connection) == lease.epoch
        for outcome in journal.acceptable(connection, envelope.plan_id, outcomes, lease):
            journal.conclude(connection, envelope.plan_id, outcome, now, lease.epoch)
            if outcome.result is Result.DONE:
                action = by_id[outcome.action_id]
                _remember(connection, action, outcome, day)
                ledgers.fulfil(connection, action.fulfils, envelope.plan_id, action.id, day)
    if not mine:
        raise leases.overtaken(agent.store.name)


def _remember(connection: Connection, action: Action, outcome: Outcome, day: date) -> None:
    """Keep what an action made of its account: the stamp, and every address it was given."""
    guid = outcome.guid or (action.account.guid if action.account else "")
    if action.stamp:
        ledgers.remember_account(connection, action.target, guid, action.stamp)
        ledgers.remember_rights(connection, action.target, guid, action)
        ledgers.issue_address(connection, action.address, action.subject)
    else:
        ledgers.account_deleted(connection, action.target, guid, day)
