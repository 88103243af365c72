"""Watch: what the agent saw over time, given to a decision, and the clocks, looked at before anything is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core import clocks
from syncagent.core.ledger import Watch
from syncagent.core.stamp import State
from syncagent.store import watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from syncagent.core.ledger import Ledger
    from syncagent.core.snapshot import Snapshot
    from syncagent.runs.agent import Agent

_HERE = "syncagent"


def remembered(agent: Agent, connection: Connection, ledger: Ledger, today: date) -> Ledger:
    """Given what is remembered, return it with what was done lately and, where a target is live, with the runs seen.

    On files `--as-of` is the clock: there days count, and no clock can be wrong (contract §6).
    """
    spans, old = tuple(agent.policy.brakes.rolling), agent.old_systems
    if not agent.live:
        return replace(ledger, recent=watch.done_within(connection, spans, agent.clock(), today, old))
    found = Watch(watch.seen(connection), agent.policy.every, watch.beat(connection).jumped)
    return replace(ledger, recent=watch.done_within(connection, spans, agent.clock(), None, old), watch=found)


def saw(agent: Agent, connection: Connection, snapshots: Sequence[Snapshot]) -> None:
    """Record what a plan's run saw: which accounts are closed."""
    if not agent.live:
        return
    now, every = agent.clock(), agent.policy.every
    closed = {
        (account.target, account.guid): account.stamp
        for snapshot in snapshots
        if agent.policy.targets[snapshot.target].live
        for account in snapshot.accounts
        if account.stamp and account.stamp.state is not State.ACTIVE
    }
    watch.note(connection, closed, now, every)


def pass_time(agent: Agent) -> None:
    """Look at the time before a plan is made, and remember it.

    Raises:
        Refused: time runs backwards.
    """
    if not agent.live:
        return
    with agent.store.writing() as connection:
        now = agent.clock()
        clocks.forwards(watch.last_record(connection), now)
        watch.keep_beat(connection, clocks.beat(watch.beat(connection), now, agent.policy.every))


def trust_clocks(agent: Agent, names: Sequence[str]) -> None:
    """Make sure, before anything is written, that time does not run backwards and that all clocks agree.

    Args:
        agent: the parts.
        names: the targets that are to be written.

    Raises:
        Refused: a clock cannot be believed; nothing is written.
        TargetError: a target does not answer.
    """
    live = [name for name in names if agent.policy.targets[name].live]
    if not live:
        return
    with agent.store.reading() as connection:
        clocks.forwards(watch.last_record(connection), agent.clock())
    readings: dict[str, datetime] = {}
    start = agent.clock()
    readings[_HERE] = start
    for name in live:
        before = agent.clock()
        told = agent.targets[name].clock()
        if told:
            readings[name] = start + (told - before)
    clocks.together(readings)
