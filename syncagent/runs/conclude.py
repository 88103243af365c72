"""What an outcome means: kept in the journal and, where something was written, in the ledger, in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from syncagent.core.deed import facts_of
from syncagent.core.outcome import Outcome, Result
from syncagent.store import audit, handovers, journal
from syncagent.store import lease as leases
from syncagent.store import ledger as ledgers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def resolved(outcome: Outcome) -> Outcome:
    """Return what was read of an interrupted action: if it was done, then with the password that was sealed last."""
    return outcome._replace(password_set=outcome.result is Result.DONE)


def conclude(
    agent: Agent,
    lease: Lease,
    envelope: Envelope,
    actions: Sequence[Action],
    outcomes: Sequence[Outcome],
    day: date,
    *,
    recovered: bool = False,
) -> None:
    """Keep the outcomes, what they mean for the ledger, and a record of each; `recovered`: found by reading.

    Raises:
        LeaseHeld: another agent has taken over and settles what was begun; only what was carried out is kept.
        Unavailable: the state cannot be written; nothing was kept.
    """
    by_id = {action.id: action for action in actions}
    with agent.store.writing() as connection:
        now = agent.clock()
        mine = leases.current(connection) == lease.epoch
        kept = journal.acceptable(connection, envelope.plan_id, outcomes, lease)
        for target, ended in groupby(kept, key=lambda outcome: by_id[outcome.action_id].target):
            handovers.settle(connection, envelope.plan_id, target, [(by_id[one.action_id], one) for one in ended], now)
        journal.conclude(connection, envelope.plan_id, kept, now, lease.epoch)
        done = [(by_id[one.action_id], one) for one in kept if one.result is Result.DONE]
        _remember(connection, [*done, *_marked(agent, by_id, kept)], day)
        for action, _ in done:
            ledgers.fulfil(connection, envelope.plan_id, action, day)
        audit.extend(connection, _records(envelope.plan_id, by_id, kept, day, recovered=recovered), now)
    if not mine:
        raise leases.overtaken(agent.store.name)


def _records(
    plan_id: str, actions: Mapping[str, Action], outcomes: Sequence[Outcome], day: date, *, recovered: bool
) -> Iterator[tuple[str, dict[str, object]]]:
    if recovered:
        yield "recover", {"plan_id": plan_id, **Counter(str(outcome.result) for outcome in outcomes)}
    for outcome in outcomes:
        yield str(outcome.result), facts_of(plan_id, actions[outcome.action_id], outcome, day)


def _marked(
    agent: Agent, actions: Mapping[str, Action], outcomes: Iterable[Outcome]
) -> Iterator[tuple[Action, Outcome]]:
    """Yield what actions that did not succeed have done all the same, where the account bears their mark by now."""
    for outcome in outcomes:
        action = actions[outcome.action_id]
        if action.stamp and outcome.written:
            mark = agent.policy.targets[action.target].directory.stamp.lower()
            if any(name.lower() == mark for change in outcome.written for name in change.attributes):
                yield replace(action, changes=outcome.written), outcome


def _remember(connection: Connection, done: Sequence[tuple[Action, Outcome]], day: date) -> None:
    """Keep what actions made of their accounts: the stamps, and every address they were given."""
    made = [
        (action, outcome.guid or (action.account.guid if action.account else ""), action.stamp)
        for action, outcome in done
    ]
    ledgers.remember_accounts(connection, {(action.target, guid): stamp for action, guid, stamp in made if stamp})
    standing = [(guid, action) for action, guid, stamp in made if stamp]
    ledgers.remember_rights(connection, standing)
    ledgers.remember_kept(connection, standing)
    ledgers.issue_addresses(connection, [(action.address, action.subject) for action, _, stamp in made if stamp])
    for action, guid, stamp in made:
        if stamp is None:
            ledgers.account_deleted(connection, action.target, guid, day)
