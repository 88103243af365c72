"""Recover: find out by reading what became of actions that an interrupted apply had begun (laws 9 and 12).

A new plan must not be made over an open question: it would take our own deletion for somebody else's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syncagent.core.action import Operation
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Refused
from syncagent.runs.approve import find_plan
from syncagent.runs.conclude import acting_day, conclude, resolved
from syncagent.runs.header import same_directories
from syncagent.store import journal
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from syncagent.core.action import Action, Change
    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent
    from syncagent.store.lease import Lease

_ON_OTHERS = frozenset({Operation.ENSURE_CONTAINER, Operation.GRANT, Operation.REVOKE})
_FORGOTTEN = timedelta(hours=1)  # twice what a batch may take on a server


def recover(agent: Agent) -> int:
    """Settle every action that was begun and never concluded; return how many there were.

    Raises:
        LeaseHeld: the apply that began them is still running.
        Refused: the plan of one is not to the byte what was signed, or another directory answers.
        TargetError: a target does not answer, so nobody can tell.
    """
    with agent.store.reading() as connection:
        interrupted = journal.interrupted(connection)
    if not interrupted:
        return 0
    settled = 0
    with agent.store.lease() as lease:
        for plan_id in interrupted:
            with agent.store.reading() as connection:
                plan, envelope = _as_begun(agent, connection, plan_id)
                begun = journal.unresolved(connection, plan_id)
            actions = [action for action in plan.actions if action.id in begun and action.target in agent.targets]
            told = {action.target: agent.targets[action.target].directory_id() for action in actions}
            same_directories(plan, envelope, told, begun=True)
            wait_for_requests(agent, lease, envelope, actions)
            outcomes = [_settled(agent, envelope, action) for action in actions]
            conclude(agent, lease, envelope, actions, outcomes, acting_day(agent, plan), recovered=True)
            settled += len(outcomes)
    return settled


def _as_begun(agent: Agent, connection: Connection, plan_id: str) -> tuple[Plan, Envelope]:
    """Return a plan whose apply was interrupted; what of it was sent can be told by its own bytes only."""
    try:
        return find_plan(agent, connection, plan_id)
    except Refused as error:
        raise Refused(
            Text(
                f"{error.says.vi} Lần áp dụng kế hoạch này bị gián đoạn nên phải có đúng kế hoạch ấy mới biết đã ghi "
                "được gì: hãy đặt lại khóa ký cũ, hoặc khôi phục trạng thái từ bản sao lưu.",
                f"{error.says.en} Its apply was interrupted, and what was written can only be told by that very "
                "plan: put the signing key used so far back, or restore the state from a backup.",
            )
        ) from error


def wait_for_requests(agent: Agent, lease: Lease, envelope: Envelope, actions: Iterable[Action]) -> None:
    """Wait until no request of an earlier lease can be under way any more, where its holder may still be alive.

    On one host the lock ends with the process, and with it its connections.
    """
    if not agent.store.shared:
        return
    with agent.store.reading() as connection:
        begun = journal.others(connection, envelope.plan_id, lease.epoch)
    now = agent.clock()
    recent = [one for one in actions if one.id in begun and now - begun[one.id] < _FORGOTTEN]
    patience = max((agent.targets[one.target].patience for one in recent), default=0.0)
    if patience:
        agent.pause(patience)


def cut_off(action: Action, left: Action, why: Text | None = None) -> Outcome:
    """Return the outcome of an action of which only the first writes have happened, and that is not gone on with."""
    vi, en = (f": {why.vi}", f": {why.en}") if why else ("", "")
    says = Text(
        f"bị gián đoạn giữa chừng, một phần đã ghi{vi}; kế hoạch mới sẽ làm tiếp từ đó",
        f"cut off in the middle, part of it is written{en}; a new plan goes on from there",
    )
    account = action.account
    written = _written_before(action, left)
    return Outcome(
        action.id,
        Result.FAILED,
        says,
        account.guid if account else "",
        next((change.new_dn for change in reversed(written) if change.new_dn), account.dn if account else ""),
        _password_went_before(action, left),
        written,
    )


def went_on(actions: Sequence[Action], left: Sequence[Action], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes of what was left of actions as those of the actions: part of each may be written already."""
    whole = {action.id: action for action in actions}
    rest = {one.id: one for one in left}
    return [_as_a_whole(whole[one.action_id], rest[one.action_id], one) for one in outcomes]


def _as_a_whole(action: Action, left: Action, outcome: Outcome) -> Outcome:
    password_set = outcome.password_set or _password_went_before(action, left)
    if outcome.result in {Result.DONE, Result.UNKNOWN}:
        return outcome._replace(password_set=password_set)
    return outcome._replace(password_set=password_set, written=(*_written_before(action, left), *outcome.written))


def _written_before(action: Action, left: Action) -> tuple[Change, ...]:
    """Return the changes of an action that are not left, whatever the name of the account is by now."""
    rest = [replace(change, dn="") for change in left.changes if change.operation not in _ON_OTHERS]
    rest += [change for change in left.changes if change.operation in _ON_OTHERS]
    return tuple(
        change
        for change in action.changes
        if (change if change.operation in _ON_OTHERS else replace(change, dn="")) not in rest
    )


def _password_went_before(action: Action, left: Action) -> bool:
    return action.sets_password and not left.sets_password


def _settled(agent: Agent, envelope: Envelope, action: Action) -> Outcome:
    found = agent.targets[action.target].resolve(action, envelope.digest)
    if isinstance(found, Outcome):
        return resolved(found)
    if found != action:
        return cut_off(action, found)
    says = Text("bị gián đoạn trước khi thực hiện; hãy lập kế hoạch mới", "interrupted before it happened; plan again")
    return Outcome(action.id, Result.NOT_TRIED, says)
