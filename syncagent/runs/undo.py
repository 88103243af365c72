"""Undo: propose the plan that takes an applied one back. Nothing outside the state is written."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind
from syncagent.core.outcome import Result
from syncagent.core.undo import undone
from syncagent.errors import Refused
from syncagent.runs import watch
from syncagent.runs.approve import find_plan
from syncagent.runs.audit import assured
from syncagent.runs.conclude import acting_day
from syncagent.runs.migrate import merging, with_old_systems
from syncagent.runs.plan import keep, read_all
from syncagent.runs.recover import recover
from syncagent.store import journal, runs
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from syncagent.core.account import Account, AccountRef
    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent
    from syncagent.runs.plan import Readings


def make_undo(agent: Agent, name: str) -> tuple[Plan, Envelope]:
    """Given the id of an applied plan, a unique prefix or `latest`, keep the plan that takes it back.

    Raises:
        Misconfigured: there is no such plan, or a file must be edited.
        Refused: nothing of it was carried out.
        Doubtful: the roster or a snapshot cannot be trusted; nothing was planned.
        TargetError: a target does not answer.
        LeaseHeld: an apply is running that has not said yet what became of its actions.
    """
    started = agent.clock()
    assured(agent)
    watch.pass_time(agent)
    recover(agent)
    with agent.store.reading() as connection:
        done, envelope = find_plan(agent, connection, runs.last_applied(connection) if name == "latest" else name)
    day = acting_day(agent, done)
    read = read_to_undo(agent, envelope.plan_id, day)
    plan = take_back(agent, envelope.plan_id, read, day)
    return plan, keep(agent, plan, read, started, "undo")


def read_to_undo(agent: Agent, plan_id: str, day: date) -> Readings:
    """Return what must be read to take a plan back: what a day reads, and the old systems where it moved a wave.

    Raises:
        Misconfigured: a file must be edited.
        Doubtful: the roster or a snapshot cannot be trusted.
        TargetError: a target does not answer.
    """
    with agent.store.reading() as connection:
        done, _ = find_plan(agent, connection, plan_id)
    return with_old_systems(merging(agent, day, planned=True)) if done.wave else read_all(agent, day, planned=True)


def take_back(agent: Agent, plan_id: str, read: Readings, day: date) -> Plan:
    """Return what takes a plan back, as things stand.

    Raises:
        Misconfigured: there is no such plan.
        Refused: nothing of it was carried out.
    """
    with agent.store.reading() as connection:
        plan, envelope = find_plan(agent, connection, plan_id)
        outcomes = journal.outcomes(connection, envelope.plan_id)
    done = {action_id: outcome for action_id, outcome in outcomes.items() if outcome.result is Result.DONE}
    if not done:
        raise Refused(
            Text(
                f"Kế hoạch {plan_id} chưa thực hiện thao tác nào; không có gì để đảo lại.",
                f"Nothing of plan {plan_id} was carried out; there is nothing to take back.",
            )
        )
    old = [shot for shot in read.snapshots if shot.target in agent.old_systems]
    new = [shot for shot in read.snapshots if shot.target not in agent.old_systems]
    parts = read.roster, new, read.ledger, agent.policy, day, read.inputs(agent.policy.brakes)
    return undone(plan_id, plan, done, *parts, _remains(agent, plan, done), old)


def _remains(agent: Agent, plan: Plan, done: Collection[str]) -> dict[tuple[str, str], Account | Text]:
    """Return by target and identity what is left of the accounts that a plan deleted, or why nothing is."""
    deleted: dict[str, list[AccountRef]] = defaultdict(list)
    for action in plan.actions:
        if action.kind is ActionKind.DELETE and action.id in done and action.account:
            deleted[action.target].append(action.account)
    return {
        (name, guid): found
        for name, accounts in deleted.items()
        for guid, found in agent.targets[name].remains(accounts).items()
    }
