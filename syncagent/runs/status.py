"""Status: the last runs, what waits for approval, what will be deleted when, who is on hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import ActionKind
from syncagent.core.duties import duties
from syncagent.core.finding import FindingCode
from syncagent.core.periods import due_after
from syncagent.core.regulation import Anchor
from syncagent.errors import Misconfigured, Refused
from syncagent.runs.approve import open_plan
from syncagent.runs.audit import look
from syncagent.runs.believed import believed
from syncagent.runs.requests import Unanswered, unanswered
from syncagent.runs.stop import wanted
from syncagent.runs.verdicts import permitted
from syncagent.store import jobs, journal, plans, runs
from syncagent.store.store import lineage_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from syncagent.core.duties import Duty, Report
    from syncagent.core.ledger import Hold, Ledger
    from syncagent.core.outcome import Outcome
    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent
    from syncagent.runs.audit import Doubt
    from syncagent.store.jobs import Leader, Standing
    from syncagent.store.runs import Run
    from syncagent.text import Text


_BEHIND, _AHEAD, _NEXT = timedelta(days=31), timedelta(days=366), 3


class Deletion(NamedTuple):
    """An account that is disabled and the day on which its deletion falls due."""

    on: date
    subject: str
    since: date
    document: str
    unit: str = ""


class DueReport(NamedTuple):
    """A report that is due, and which of those that serve it were not made yet."""

    duty: Duty
    missing: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What `status` shows. `pending` is what the newest plan waits for, `refused` why it cannot be applied at all.

    `interrupted` are the plans whose apply ended in the middle and has not been settled, `for_people` what only a
    person can settle, each with its plan, and `stopped` why nothing is applied now. `reports` are those of the
    last days that were not made, and the next ones. `doubts` are what contradicts the audit log; as long as there
    are any, nothing is decided or done. `jobs` is how the jobs of the service have fared, `leader` the one
    that last ran them, and `led` whether it still does.
    """

    lineage: str
    applying: bool
    runs: tuple[Run, ...]
    plan_id: str
    pending: Mapping[str, Text]
    ready: int
    refused: Text | None
    deletions: tuple[Deletion, ...]
    reports: tuple[DueReport, ...]
    quarantined: tuple[str, ...]
    holds: tuple[Hold, ...]
    interrupted: tuple[str, ...]
    for_people: tuple[tuple[str, Outcome], ...]
    stopped: Text | None
    today: date
    requests: Unanswered
    doubts: tuple[Doubt, ...]
    jobs: Mapping[str, Standing]
    leader: Leader | None
    led: bool


def status(agent: Agent, count: int = 10) -> Status:
    """Return the state of affairs; nothing is read but the agent's own state, and the roster's file of requests."""
    requests = unanswered(agent)
    doubts, led = look(agent).doubts, agent.store.is_led()
    newest = _newest(agent)
    with agent.store.reading() as connection:
        ledger = believed(connection, agent.signer.public)
        plan_id, pending, ready, refused, quarantined = _standing(agent, connection, newest)
        return Status(
            lineage=lineage_of(connection),
            applying=agent.store.is_applied(),
            runs=tuple(runs.recent(connection, count)),
            plan_id=plan_id,
            pending=pending,
            ready=ready,
            refused=refused,
            deletions=deletions(agent, ledger),
            reports=reports_due(agent, connection),
            today=agent.today(),
            quarantined=quarantined,
            holds=tuple(hold for _, hold in sorted(ledger.holds.items())),
            interrupted=journal.interrupted(connection),
            for_people=tuple(journal.for_people(connection, agent.clock() - _BEHIND)),
            stopped=wanted(agent),
            requests=requests,
            doubts=doubts,
            jobs=jobs.standings(connection),
            leader=jobs.leader(connection),
            led=led,
        )


def _newest(agent: Agent) -> tuple[Plan, Envelope] | Refused | None:
    """Return the newest plan, why it may not be read, or None if there is none."""
    try:
        return open_plan(agent, "latest")
    except Misconfigured:
        return None
    except Refused as refusal:
        return refusal


def _standing(
    agent: Agent, connection: Connection, newest: tuple[Plan, Envelope] | Refused | None
) -> tuple[str, Mapping[str, Text], int, Text | None, tuple[str, ...]]:
    if newest is None:
        return "", {}, 0, None, ()
    if isinstance(newest, Refused):
        return plans.recent(connection, 1)[0].plan_id, {}, 0, newest.says, ()
    plan, envelope = newest
    quarantined = tuple(sorted({f.subject for f in plan.findings if f.code is FindingCode.QUARANTINED}))
    finished = journal.outcomes(connection, envelope.plan_id)
    try:
        allowed = permitted(agent, connection, plan, envelope)
    except Refused as refusal:
        return envelope.plan_id, {}, 0, refusal.says, quarantined
    ready = sum(1 for action_id in allowed.permitted if action_id not in finished)
    return envelope.plan_id, allowed.waiting, ready, None, quarantined


def deletions(agent: Agent, ledger: Ledger) -> tuple[Deletion, ...]:
    """Return the deletion calendar: every account whose state runs towards a deletion, soonest first."""
    regulation, calendar = agent.policy.regulation, agent.policy.calendar
    found = [
        Deletion(
            due_after(max(known.stamp.since, regulation.in_force), clause.term, calendar),
            known.stamp.subject,
            known.stamp.since,
            known.stamp.document,
            known.stamp.unit or (known.stamp.subject.removeprefix("unit:") if ":" in known.stamp.subject else ""),
        )
        for known in ledger.accounts.values()
        for clause in regulation.terms
        if clause.does is ActionKind.DELETE
        and clause.anchor is Anchor.STATE
        and known.stamp.state in clause.states
        and (not clause.reasons or known.stamp.why in clause.reasons)
    ]
    return tuple(sorted(found))


def reports_due(agent: Agent, connection: Connection) -> tuple[DueReport, ...]:
    """Return the reports that were due lately and are not made, and the next few, soonest first."""
    policy, today = agent.policy, agent.today()
    made = runs.reported(connection)
    first = max(today - _BEHIND, policy.regulation.in_force)
    found = [
        DueReport(duty, missing)
        for duty in duties(policy.reports(), first, today + _AHEAD, policy.calendar)
        if (missing := duty.missing(made))
    ]
    behind = [one for one in found if one.duty.day < today]
    return (*behind, *found[len(behind) :][:_NEXT])
