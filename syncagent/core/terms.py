"""Terms of the regulation: what is ordered once enough time has passed, and on which day that is.

A window of an account that is older than the regulation starts on the day it came into force (contract §6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import ActionKind, Then
from syncagent.core.case import Step, because
from syncagent.core.periods import ONE_DAY, Term, due_after
from syncagent.core.regulation import Anchor, Condition
from syncagent.core.stamp import State
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.case import Case
    from syncagent.core.regulation import TermClause
    from syncagent.core.stamp import Stamp

_STATE_AFTER = {
    ActionKind.LOCK: State.LOCKED,
    ActionKind.WITHDRAW: State.WITHDRAWN,
    ActionKind.DISABLE: State.DISABLED,
    ActionKind.DELETE: State.DELETED,
}


class Running(NamedTuple):
    """A clause whose term runs for this account: since when, and the day on which it is due."""

    clause: TermClause
    since: date
    due: date


def step(case: Case, stamp: Stamp, document: str = "") -> Step | None:
    """Return what a term orders today, if one has passed. `document` is the decision that still stands."""
    for clause, since, due in _running(case, stamp):
        passed = case.today >= due
        case.consider(
            clause.cite,
            Text(f"tính từ {vi(since)}, đến hạn {vi(due)}", f"from {since}, due {due}"),
            applies=passed,
        )
        if passed:
            state = _STATE_AFTER[clause.does]
            return Step(
                state,
                clause.does,
                why=clause.id,
                because=(
                    because(
                        clause.cite,
                        Text(
                            f"{clause.cite.text.vi} Tính từ {vi(since)}, đến hạn {vi(due)}.",
                            f"{clause.cite.text.en} Counted from {since}, due {due}.",
                        ),
                        document or stamp.document,
                    ),
                ),
                due=due,
                document=document or stamp.document,
                then=then(case, state, clause.id, case.today),
                two=clause.does is ActionKind.DELETE,
            )
    return None


def next_day(case: Case, stamp: Stamp) -> date | None:
    """Return the day on which the next term of this account passes, the end of a former address included."""
    days = [running.due for running in _running(case, stamp)]
    days += [alias.last_day + ONE_DAY for alias in stamp.aliases if stamp.state.receives]
    return min((day for day in days if day > case.today), default=None)


def then(case: Case, state: State, why: str, since: date) -> Then | None:
    """Return what follows if an account enters `state` today and nothing else changes."""
    found = [
        Then(clause.does, _due(case, clause, since))
        for clause in case.policy.regulation.terms
        if state in clause.states and (not clause.reasons or why in clause.reasons)
    ]
    return min(found, key=lambda after: (after.on, after.kind), default=None)


def password_due(case: Case, password_set: date) -> date:
    """Return the first day on which a password of that day is too old."""
    rules = case.policy.regulation.passwords
    start = max(password_set, case.policy.regulation.in_force)
    return due_after(start, Term(months=rules.longest_months), case.policy.calendar)


def _running(case: Case, stamp: Stamp) -> list[Running]:
    found = []
    for clause in case.policy.regulation.terms:
        if stamp.state not in clause.states or (clause.reasons and stamp.why not in clause.reasons):
            continue
        if clause.condition is Condition.DEFAULT_PASSWORD and not (case.account and case.account.must_change):
            continue
        since = max(_anchor(case, stamp, clause), case.policy.regulation.in_force)
        found.append(Running(clause, since, _due(case, clause, since)))
    return sorted(found, key=lambda running: (running.due, running.clause.id))


def _anchor(case: Case, stamp: Stamp, clause: TermClause) -> date:
    """Return the day a term runs from; a mailbox whose issue nobody recorded counts from the in-force date."""
    if clause.anchor is Anchor.STATE:
        return stamp.since
    created = case.account.created if case.account else None
    known = [day for day in (stamp.password, stamp.issued, created) if day]
    return max(known, default=case.policy.regulation.in_force)


def _due(case: Case, clause: TermClause, since: date) -> date:
    return due_after(since, clause.term, case.policy.calendar)
