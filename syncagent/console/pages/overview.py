"""What happened lately and what waits: runs, jobs, plans, the calendar of deletions, what was set up."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from syncagent.console.asked import file
from syncagent.console.frame import page
from syncagent.console.rights import Right
from syncagent.console.words import SAYS
from syncagent.errors import Refused
from syncagent.store import decisions, plans, runs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import Connection

    from syncagent.console.asked import Answer, Ask
    from syncagent.console.desk import Desk
    from syncagent.runs.status import Deletion
    from syncagent.store.plans import PlanRow

_PLANS = 40


class Listed(NamedTuple):
    """A plan in a list: the row, who decided what about it, when it was applied last."""

    row: PlanRow
    approved: tuple[str, ...]
    rejected: tuple[str, ...]
    changed: bool
    applied: datetime | None


def overview(desk: Desk, ask: Ask) -> Answer:
    """Show how things stand."""
    agent = desk.agent()
    found = desk.status(agent)
    return page(
        desk,
        ask,
        "overview",
        found=found,
        plans=_listed(desk, 5),
        deletions=len(_mine(desk, ask, found.deletions)),
        soon=sum(one.on <= found.today + timedelta(days=7) for one in _mine(desk, ask, found.deletions)),
        everywhere=ask.person.everywhere(Right.OVERVIEW),
    )


def listed(desk: Desk, ask: Ask) -> Answer:
    """Show the newest plans."""
    return page(desk, ask, "plans", plans=_listed(desk, _PLANS))


def _listed(desk: Desk, count: int) -> list[Listed]:
    found = _standings(desk, count)
    if found:
        desk.warm(found[0].row.plan_id)
    return found


def _standings(desk: Desk, count: int) -> list[Listed]:
    with desk.parts.store.reading() as connection:
        return [_standing(connection, row) for row in plans.recent(connection, count)]


def _standing(connection: Connection, row: PlanRow) -> Listed:
    try:
        kept = [one.decision for one in decisions.on(connection, row.plan_id)]
    except Refused:
        return Listed(row, (), (), changed=True, applied=None)
    said = {yes: tuple(dict.fromkeys(one.by for one in kept if one.approves is yes)) for yes in (True, False)}
    return Listed(row, said[True], said[False], changed=False, applied=runs.last_apply(connection, row.plan_id))


def _mine(desk: Desk, ask: Ask, found: Iterable[Deletion]) -> list[Deletion]:
    """Return the deletions in the units of whoever asks; one whose unit nobody knows is for those who have all."""
    holds = ask.person.within(Right.CALENDAR, desk.above)
    everywhere = ask.person.everywhere(Right.CALENDAR)
    return [one for one in found if everywhere or (one.unit and holds(one.unit))]


def calendar(desk: Desk, ask: Ask) -> Answer:
    """Show which mailboxes are to be deleted when."""
    found = desk.status(desk.agent())
    months: dict[date, list[Deletion]] = defaultdict(list)
    for one in _mine(desk, ask, found.deletions):
        months[one.on.replace(day=1)].append(one)
    return page(desk, ask, "calendar", months=sorted(months.items()), names=desk.units(), today=found.today)


def calendar_file(desk: Desk, ask: Ask) -> Answer:
    """Return the same as a calendar (RFC 5545): one entry a day, with counts and no names."""
    found = desk.status(desk.agent())
    days: dict[date, int] = defaultdict(int)
    for one in _mine(desk, ask, found.deletions):
        days[one.on] += 1
    stamp = f"{desk.now():%Y%m%dT%H%M%SZ}"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//syncagent//console//VI"]
    for day, count in sorted(days.items()):
        says = SAYS["ics"].within(ask.language).format(count=count)
        lines += [
            "BEGIN:VEVENT",
            f"UID:deletions-{day}@{found.lineage}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{says}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return file("".join(f"{line}\r\n" for line in lines).encode(), "text/calendar; charset=utf-8", "syncagent.ics")


def settings(desk: Desk, ask: Ask) -> Answer:
    """Show the configuration, of which secrets are no part."""
    return page(desk, ask, "settings", lines=desk.options.settings)
