"""The periodic reports a regulation orders, and the days on which they are due (contract §6).

“Before day D” means that the day before D is the last good day. “On day N of the last month of a quarter” means that
day. The texts do not say what happens where it is a day off, so the last working day before it is named beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.core.action import Cite
from syncagent.core.periods import ONE_DAY, Length, Period
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from syncagent.core.periods import Calendar, Term
    from syncagent.core.person import PersonType

_LAST = 31


class Report(StrEnum):
    """The reports there are."""

    ADDRESSES = "addresses"
    DEFAULT_PASSWORDS = "default-passwords"
    OLD_PASSWORDS = "old-passwords"
    COUNTS = "counts"
    CHANGES = "changes"
    USAGE = "usage"
    REVIEW = "review"
    DELETIONS = "deletions"
    DUE = "due"
    CALENDAR = "calendar"


class Before(NamedTuple):
    """Before this day of each year, so that the day before it is the last good one."""

    month: int
    day: int


class OnDay(NamedTuple):
    """On this day of the last month of each period; a day that month does not have is its last."""

    day: int


class Due(NamedTuple):
    """When a report is due, and for which period: the one that is running then, or the last that has ended."""

    when: Before | OnDay
    covers: Length
    ended: bool = False


@dataclass(frozen=True, slots=True)
class ReportClause:
    """A report that is ordered: by whom it is made, to whom it goes, which of our reports serve it, and when.

    `due` is empty where the text names no day. `after` is how long something stands before it is listed. `types` are
    the people it counts, empty for everybody.
    """

    cite: Cite
    by: Text
    to: Text
    served_by: tuple[Report, ...]
    due: tuple[Due, ...] = ()
    after: Term | None = None
    types: frozenset[PersonType] = frozenset()


class IncidentClause(NamedTuple):
    """Within how many hours of its occurrence an incident is reported, by whom and to whom; people do it."""

    cite: Cite
    by: Text
    to: Text
    hours: int


class Duty(NamedTuple):
    """One report due on one day: the last good day, and the last day not after it on which offices work."""

    day: date
    working: date
    period: Period
    clause: ReportClause

    def made_on(self, report: Report, made: Mapping[tuple[str, str], date]) -> date | None:
        """Given on which day each report was last made for a period, return that of one that serves this duty.

        None is not made yet: a report on a period that has ended by the day it is due must be made after its end.
        """
        on = made.get((str(report), str(self.period)))
        return None if on is None or on <= self.period.last < self.day else on

    def missing(self, made: Mapping[tuple[str, str], date]) -> tuple[Report, ...]:
        """Return the reports that serve this duty and are not made yet."""
        return tuple(report for report in self.clause.served_by if self.made_on(report, made) is None)


_REVIEW: Final = Cite(
    "TCVN 14423:2026",
    "rà soát danh sách tài khoản",
    Text(
        "Danh sách tài khoản được rà soát định kỳ: sáu tháng một lần với hệ thống cấp độ 3.",
        "The list of accounts is reviewed periodically: every six months for systems of level 3.",
    ),
)


def review_every(length: Length) -> ReportClause:
    """Given how often accounts are reviewed, return that as a report due on the last day of each period.

    It stands in no regulation of mail accounts but in the standard for systems by their level, so the operator
    chooses the length.
    """
    operator = Text("Đơn vị vận hành", "The operator")
    head = Text("Người quản lý hệ thống", "whoever answers for the system")
    return ReportClause(_REVIEW, operator, head, (Report.REVIEW,), (Due(OnDay(_LAST), length),))


def duties(clauses: Iterable[ReportClause], first: date, last: date, calendar: Calendar) -> tuple[Duty, ...]:
    """Given clauses and a span of days, return every report due in it, in the order of days and rules."""
    found = [
        Duty(day, calendar.previous_working(day), period, clause)
        for clause in clauses
        for due in clause.due
        for day, period in _days(due, range(first.year, last.year + 2))
        if first <= day <= last
    ]
    return tuple(sorted(found, key=lambda duty: (duty.day, duty.clause.cite.rule, duty.period)))


def _days(due: Due, years: Iterable[int]) -> Iterator[tuple[date, Period]]:
    """Yield the last good day of each of these years with the period that is reported on."""
    for year in years:
        if isinstance(due.when, Before):
            end = date(year, due.when.month, due.when.day)
            running = Period.of(end - ONE_DAY, due.covers)
            yield end - ONE_DAY, Period.of(end, due.covers).before() if due.ended else running
            continue
        for number in range(1, 12 // due.covers.months + 1):
            period = Period(year, due.covers, number)
            day = period.last.replace(day=min(due.when.day, period.last.day))
            yield day, period.before() if due.ended else period


def usual_length(clauses: Iterable[ReportClause], report: Report) -> Length:
    """Return the shortest period for which a report is ordered, a year where no day is set for it."""
    ordered = [due.covers for clause in clauses if report in clause.served_by for due in clause.due]
    return min(ordered, key=lambda length: length.months, default=Length.YEAR)
