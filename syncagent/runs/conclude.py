"""What an outcome means: kept in the journal and, where it succeeded, in the ledger, in one transaction."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from syncagent.core.deed import facts_of
from syncagent.core.outcome import Outcome, Result
from syncagent.store import audit, journal
from syncagent.store import ledger as ledgers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from syncagent.core.action import Action
    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent


def acting_day(agent: Agent, plan: Plan) -> date:
    """Return the day that counts as today: on files it is the plan's own (contract §6)."""
    return plan.as_of if is_rehearsal(agent, plan) else agent.today()


def is_rehearsal(agent: Agent, plan: Plan) -> bool:
    """Whether all targets of the plan are files."""
    return not any(agent.policy.targets[name].live for name in {action.target for action in plan.actions})


def conclude(
    agent: Agent,
    envelope: Envelope,
    actions: Sequence[Action],
    outcomes: Sequence[Outcome],
    day: date,
    *,
    recovered: bool = False,
) -> None:
    """Keep the outcomes, what they mean for the ledger, and a record of each; `recovered`: found by reading."""
    by_id = {action.id: action for action in actions}
    with agent.store.writing() as connection:
        now = agent.clock()
        for outcome in outcomes:
            journal.conclude(connection, envelope.plan_id, outcome, now)
            if outcome.result is Result.DONE:
                action = by_id[outcome.action_id]
                _remember(connection, action, outcome, day)
                ledgers.fulfil(connection, action.fulfils, envelope.plan_id, action.id, day)
        audit.extend(connection, _records(envelope.plan_id, by_id, outcomes, recovered=recovered), now)


def _records(
    plan_id: str, actions: Mapping[str, Action], outcomes: Sequence[Outcome], *, recovered: bool
) -> Iterator[tuple[str, dict[str, object]]]:
    if recovered:
        yield "recover", {"plan_id": plan_id, **Counter(str(outcome.result) for outcome in outcomes)}
    for outcome in outcomes:
        yield str(outcome.result), facts_of(plan_id, actions[outcome.action_id], outcome)


def _remember(connection: Connection, action: Action, outcome: Outcome, day: date) -> None:
    """Keep what an action made of its account: the stamp, and every address it was given."""
    guid = outcome.guid or (action.account.guid if action.account else "")
    if action.stamp:
        ledgers.remember_account(connection, action.target, guid, action.stamp)
        ledgers.remember_rights(connection, action.target, guid, action)
        ledgers.issue_address(connection, action.address, action.subject)
    else:
        ledgers.account_deleted(connection, action.target, guid, day)
