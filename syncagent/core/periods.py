"""Terms and days, as the page on time says (contract §6; Civil Code 2015, Điều 147-148).

The day of the event is not counted. A term ends at 24:00 of its last day; a day that the month does not
have becomes the last day of that month; a last day that is a day off becomes the next working day. What
the text orders after the term is due on the day after the last day.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5
ONE_DAY = timedelta(days=1)

_IN_EVERY_MONTH = 28


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off and make-up working days of Viet Nam; weekends are off unless `work` says otherwise.

    `confirmed` are the years whose swaps the government has published; `version` names the sources, for logs.
    """

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    confirmed: frozenset[int] = frozenset()
    version: str = ""

    def is_working(self, day: date) -> bool:
        """Whether offices work on `day`."""
        if day in self.work:
            return True
        return day.weekday() < SATURDAY and day not in self.off

    def next_working(self, day: date) -> date:
        """Return `day` if it is a working day, else the first working day after it."""
        while not self.is_working(day):
            day += ONE_DAY
        return day


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time in the law's own unit; exactly one of the three is not zero."""

    months: int = 0
    days: int = 0
    working_days: int = 0

    def __post_init__(self) -> None:
        """Refuse a term with no unit or with two.

        Raises:
            ValueError: not exactly one positive unit.
        """
        parts = (self.months, self.days, self.working_days)
        if sorted(parts)[:2] != [0, 0] or max(parts) <= 0:
            message = f"a term has exactly one positive unit, not {parts}"
            raise ValueError(message)


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month if it is shorter."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= _IN_EVERY_MONTH:
        return date(year, month0 + 1, day.day)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def last_day(event: date, term: Term, calendar: Calendar) -> date:
    """Given the day of an event and a term, return the last day of the term."""
    if term.working_days:
        day = event
        for _ in range(term.working_days):
            day = calendar.next_working(day + ONE_DAY)
        return day
    end = add_months(event, term.months) if term.months else event + timedelta(days=term.days)
    return calendar.next_working(end)


def due_after(event: date, term: Term, calendar: Calendar) -> date:
    """Given the day of an event and a term, return the day on which what follows the term is due."""
    return last_day(event, term, calendar) + ONE_DAY


def working_days_after(day: date, until: date, calendar: Calendar) -> int:
    """Return how many working days there are after `day`, `until` itself counted; none if it is not later."""
    return sum(calendar.is_working(day + count * ONE_DAY) for count in range(1, (until - day).days + 1))
