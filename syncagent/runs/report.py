"""Report: read everything, and make one of the periodic reports of it. Nothing outside the state is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from syncagent.core.duties import Report, duties, usual_length
from syncagent.core.outcome import Done, History
from syncagent.core.periods import Period
from syncagent.core.survey import survey
from syncagent.report import due as due_table
from syncagent.report import numbers, passwords, tables
from syncagent.report.year import Year, listed
from syncagent.runs.approve import find_plan
from syncagent.runs.audit import look, read_only
from syncagent.runs.conclude import is_rehearsal
from syncagent.runs.extract import unit_called
from syncagent.runs.plan import read_all
from syncagent.runs.status import deletions
from syncagent.store import audit, journal, plans, runs
from syncagent.store import ledger as ledgers

if TYPE_CHECKING:
    from datetime import date, datetime

    from syncagent.core.periods import Length
    from syncagent.report.table import Table
    from syncagent.runs.agent import Agent


def usual_period(agent: Agent, name: Report, today: date) -> Period:
    """Return the period in which a day lies, as long as the regulation wants it for this report."""
    length: Length = usual_length(agent.policy.reports(), name)
    return Period.of(today, length)


def report(  # noqa: C901 - one line for each report
    agent: Agent, name: Report, today: date, period: Period, *, until: date, with_last_use: bool = False, unit: str = ""
) -> Table:
    """Given which report, the day it is for and its period, return it as a table; what is due is listed to `until`.

    The directories and the ledger are read as they are now: `today` is the day that terms are counted for. What a
    period changed is counted from the journal. `with_last_use` puts the day of last use, which is sensitive, into
    the review. `unit` limits a report of mailboxes to one unit and those below it.

    Raises:
        Misconfigured: a file must be edited, or there is no such unit.
        Doubtful: the roster or a snapshot cannot be trusted.
        TargetError: a target does not answer.
    """
    if name is Report.DUE:
        return due(agent, today, until)
    if name is Report.CALENDAR:
        return listed(year(agent, period.year))
    read = read_all(agent, today)
    view = survey(read.roster, read.snapshots, read.ledger, agent.policy, today)
    view = replace(view, within=unit_called(view.roster.units, agent.known_as(unit))) if unit else view
    match name:
        case Report.ADDRESSES:
            return tables.addresses(view)
        case Report.DEFAULT_PASSWORDS:
            return passwords.default_passwords(view)
        case Report.OLD_PASSWORDS:
            return passwords.old_passwords(view)
        case Report.COUNTS:
            return numbers.counts(view, period, history(agent, period, today))
        case Report.CHANGES:
            return numbers.changes(view, period, history(agent, period, today))
        case Report.USAGE:
            return numbers.usage(view, period)
        case Report.REVIEW:
            return tables.review(view, period, with_last_use=with_last_use)
        case Report.DELETIONS:
            return tables.deletions(view, read.ledger)
    assert_never(name)


def due(agent: Agent, today: date, until: date) -> Table:
    """Return what must be reported from a day to another, and what of it was made already."""
    policy = agent.policy
    with agent.store.reading() as connection:
        made = runs.reported(connection)
    found = duties(policy.reports(), max(today, policy.regulation.in_force), until, policy.calendar)
    return due_table.due(policy, found, made, today, until)


def year(agent: Agent, number: int) -> Year:
    """Return a year to print: its days off, the reports due in it, and how many mailboxes it deletes on which day."""
    whole = Period(number)
    first = max(whole.first, agent.policy.regulation.in_force)
    with agent.store.reading() as connection:
        coming = deletions(agent, ledgers.load(connection))
    counted = Counter(one.on for one in coming if one.on.year == number)
    found = duties(agent.policy.reports(), first, whole.last, agent.policy.calendar)
    return Year(number, agent.policy, found, dict(sorted(counted.items())))


def history(agent: Agent, period: Period, today: date) -> History:
    """Return what was carried out in a period up to a day, by the day that counted as today then."""
    last = min(period.last, today)
    by_plan: dict[str, dict[str, date]] = defaultdict(dict)
    with agent.store.reading() as connection:
        for plan_id, action_id, at, as_of in journal.done(connection):
            on = at.astimezone(agent.zone).date()
            if period.first <= on <= last or period.first <= as_of <= last:
                by_plan[plan_id][action_id] = on
        found = []
        for plan_id, days in by_plan.items():
            plan, _ = find_plan(agent, connection, plan_id)
            rehearsal = is_rehearsal(agent, plan)
            done = [(days[action.id], action) for action in plan.actions if action.id in days]
            found += [Done(plan.as_of if rehearsal else on, action) for on, action in done]
        since = plans.first_day(connection)
    return History(since, tuple(done for done in found if period.first <= done.on <= last))


def remember(agent: Agent, name: Report, period: Period, today: date, started: datetime, rows: int) -> None:
    """Keep that a report was made for a period, so that it is not asked for again; read-only, that is a notice."""
    if doubts := look(agent).doubts:
        agent.notices.append(read_only(doubts))
        return
    with agent.store.writing() as connection:
        now = agent.clock()
        runs.add_report(connection, str(name), str(period), today, started, now, rows)
        facts = {"report": str(name), "period": str(period), "day": today.isoformat(), "rows": rows}
        audit.append(connection, "report", facts, now)
