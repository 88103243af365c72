"""The front door of the core: who should be there, who is there, what must change and why.

`decide` is a function: the same inputs give the same plan, byte for byte, whatever their order. It knows no
clock, no chance, no file and no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core import brakes, propose, remarks
from syncagent.core.action import Skip
from syncagent.core.finding import Severity
from syncagent.core.guard import Guard
from syncagent.core.order import in_order
from syncagent.core.plan import BrakeState, Plan
from syncagent.core.survey import survey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from syncagent.core.action import Action
    from syncagent.core.finding import Finding
    from syncagent.core.ledger import Ledger
    from syncagent.core.policy import Policy
    from syncagent.core.roster import Roster
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.survey import View

_SEVERITIES = {Severity.REVIEW: 0, Severity.WARNING: 1, Severity.INFO: 2}


def decide(
    roster: Roster,
    snapshots: Sequence[Snapshot],
    ledger: Ledger,
    policy: Policy,
    today: date,
    inputs: Mapping[str, object] | None = None,
) -> Plan:
    """Given everything known, return the plan for today.

    Args:
        roster: the admitted roster.
        snapshots: one complete snapshot per target.
        ledger: what the agent remembers.
        policy: the regulation, the targets, the brakes, the calendar.
        today: the day for which is decided.
        inputs: what the plan was made from, for its header.
    """
    if today < policy.regulation.in_force:
        early = (remarks.on_force(policy.regulation),)
        return Plan(today, policy.regulation.id, policy.digest, (), early, BrakeState(), (), inputs or {})
    view = survey(roster, snapshots, ledger, policy, today)
    found = propose.actions(view)
    kept, held_back = Guard(view, ledger).sift(found.actions)
    ordered = in_order(kept)
    managed = [view.cases[subject].unit.unit for subject in view.matches.current if subject in view.cases]
    told = {action.then.on for action in ordered if action.then}
    told |= {step.next for step in view.steps.values() if step.next}
    state = brakes.check(ordered, managed, roster.units, policy.brakes, ledger.recent)
    return Plan(
        as_of=today,
        regulation=policy.regulation.id,
        policy=policy.digest,
        actions=brakes.reviewed(ordered, state),
        findings=_sorted(
            (*roster.findings, *view.findings, *found.findings, *held_back, *remarks.on_calendar(policy, today, told))
        ),
        brakes=state,
        skips=_skips(view, ordered),
        inputs=inputs or {},
    )


def _skips(view: View, actions: Sequence[Action]) -> tuple[Skip, ...]:
    """Return whoever was considered and left alone, with the reason (contract §5)."""
    acted = {action.subject for action in actions}
    found = [
        Skip(subject, step.skip if step.kind is None else "held-back", step.next)
        for subject, step in view.steps.items()
        if subject not in acted
    ]
    found += [Skip(subject, "quarantined") for subject in view.roster.quarantined]
    found += [Skip(subject, "not-yet", row.takes_effect) for subject, row in view.roster.coming.items()]
    found += [Skip(owned.account.dn, "missing-from-roster") for owned in view.matches.orphans]
    found += [Skip(account.dn, "unmanaged") for account in view.matches.unmatched]
    return tuple(sorted(found, key=lambda skip: (skip.subject, skip.reason)))


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings most urgent first, each once."""
    unique = {(f.code, f.subject, f.message.en, f.candidates): f for f in findings}
    return tuple(
        sorted(
            unique.values(),
            key=lambda f: (_SEVERITIES[f.severity], f.code, f.subject, f.candidates, f.message.en),
        )
    )
