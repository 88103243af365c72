"""What each job does. Only `apply` writes to a target, and only what was approved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

import structlog

from syncagent.core.examination import Health
from syncagent.core.outcome import Result
from syncagent.errors import Refused
from syncagent.runs.apply import apply
from syncagent.runs.audit import checkpoint, look, read_only
from syncagent.runs.believed import believed
from syncagent.runs.doctor import doctor
from syncagent.runs.plan import make_plan
from syncagent.runs.ready import ready, standing
from syncagent.runs.requests import unanswered
from syncagent.runs.status import deletions, reports_due
from syncagent.service.schedule import Job
from syncagent.store import handovers, plans
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.base import RosterSource
    from syncagent.core.roster import RosterRows
    from syncagent.runs.agent import Agent

Figures = dict[str, float]
"""What a job found, by name; kept with how it fared, and shown as metrics."""

_SOON = 7


Post = Callable[["Agent", Figures], None]
"""What sends the digest."""


def nobody(_: Agent, __: Figures) -> None:
    """Send nothing: the configuration names no mail server."""


def do(job: Job, agent: Agent, figures: Figures, post: Post = nobody) -> None:
    """Do a job, and put what it found into `figures`; `post` sends the digest.

    Raises:
        SyncError: it failed.
    """
    match job:
        case Job.PLAN:
            _plan(agent, figures)
        case Job.APPLY:
            _apply(agent, figures)
        case Job.DELETIONS:
            _deletions(agent, figures)
        case Job.REPORTS:
            _reports(agent, figures)
        case Job.REQUESTS:
            figures["waiting"], figures["late"] = unanswered(agent)
        case Job.CHECKPOINT:
            _checkpoint(agent, figures)
        case Job.RETENTION:
            with agent.store.writing() as connection:
                handovers.forget_expired(connection, agent.clock())
        case Job.SELF_CHECK:
            _self_check(agent, figures)
        case Job.DIGEST:
            post(agent, figures)
        case _:
            assert_never(job)


@dataclass(slots=True)
class _Noted:
    """A roster that remembers when it was exported, whatever becomes of the plan."""

    source: RosterSource
    figures: Figures

    def read(self) -> RosterRows:
        rows = self.source.read()
        self.figures["roster_exported_at"] = rows.exported_at.timestamp()
        return rows


def _plan(agent: Agent, figures: Figures) -> None:
    plan, envelope = make_plan(replace(agent, roster=_Noted(agent.roster, figures)))
    figures |= {
        "actions": len(plan.actions),
        "findings": len(plan.findings),
        "brakes": len(plan.brakes.tripped),
        "made_at": envelope.created_at.timestamp(),
    }
    structlog.get_logger().info(
        "planned",
        plan_id=envelope.plan_id,
        actions=len(plan.actions),
        findings=len(plan.findings),
        brakes="tripped" if plan.brakes.tripped else "clear",
    )


def _apply(agent: Agent, figures: Figures) -> None:
    plan_id = ready(agent)
    figures["applied"] = 0
    if not plan_id:
        return
    done = apply(agent, plan_id)
    counted = Counter(outcome.result for outcome in done.outcomes)
    figures["applied"] = counted[Result.DONE]
    figures["failed"] = counted.total() - counted[Result.DONE]
    structlog.get_logger().info(
        "applied",
        plan_id=plan_id,
        stopped=done.stopped.en if done.stopped else "",
        **{result.replace("-", "_"): count for result, count in counted.items()},
    )


def _deletions(agent: Agent, figures: Figures) -> None:
    with agent.store.reading() as connection:
        found = deletions(agent, believed(connection, agent.signer.public))
    days = [(one.on - agent.today()).days for one in found]
    figures.pop("next_in_days", None)
    if days:
        figures["next_in_days"] = min(days)
    figures |= {
        "calendar": len(days),
        "by_tomorrow": sum(1 for day in days if day <= 1),
        "within_a_week": sum(1 for day in days if day <= _SOON),
    }


def _reports(agent: Agent, figures: Figures) -> None:
    with agent.store.reading() as connection:
        found = reports_due(agent, connection)
    days = [(one.duty.day - agent.today()).days for one in found]
    figures |= {"late": sum(1 for day in days if day < 0), "soon": sum(1 for day in days if 0 <= day <= _SOON)}


def _checkpoint(agent: Agent, figures: Figures) -> None:
    """Check the audit log, and sign where it stands if it has grown."""
    found = look(agent)
    agent.notices.extend(found.unread)
    figures |= {"records": found.head.size, "unread_copies": len(found.unread)}
    if found.doubts:
        raise read_only(found.doubts)
    if found.newest is None or found.newest.size < found.head.size:
        checkpoint(agent)


def _self_check(agent: Agent, figures: Figures) -> None:
    with agent.store.reading() as connection:
        newest = plans.recent(connection, 1)
    plan = standing(agent, newest[0].plan_id) if newest else None
    figures["waiting"] = plan.waiting if plan else 0
    found = [(name, one) for name, seen in doctor(agent).found.items() for one in seen]
    faults = [(name, one) for name, one in found if one.health is Health.FAULT]
    figures |= {"faults": len(faults), "doubts": sum(1 for _, one in found if one.health is Health.DOUBT)}
    if faults:
        says = [
            Text(
                f"{name or 'syncagent'}, {one.what.vi}: {one.says.vi}",
                f"{name or 'syncagent'}, {one.what.en}: {one.says.en}",
            )
            for name, one in faults
        ]
        raise Refused(Text("; ".join(one.vi for one in says), "; ".join(one.en for one in says)))
