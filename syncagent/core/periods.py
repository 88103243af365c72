"""Terms, days and reporting periods, as the page on time says (contract §6; Civil Code 2015, Điều 147-148).

The day of the event is not counted. A term ends at 24:00 of its last day; a day that the month does not
have becomes the last day of that month; a last day that is a day off becomes the next working day. What
the text orders after the term is due on the day after the last day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.text import Text

SATURDAY = 5
ONE_DAY = timedelta(days=1)

_IN_EVERY_MONTH = 28
_PERIOD = re.compile(r"(20[0-9]{2})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?")


class Special(NamedTuple):
    """What makes a day off or a make-up day one, and the document that decides it, empty for the general rule."""

    name: Text
    document: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off and make-up working days of Viet Nam; weekends are off unless `work` says otherwise.

    `confirmed` are the years whose swaps the government has published, `years` all that are known; `version` names
    the sources, for logs; `special` says what each day off or make-up day is.
    """

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    confirmed: frozenset[int] = frozenset()
    version: str = ""
    years: frozenset[int] = frozenset()
    special: Mapping[date, Special] = field(default_factory=dict)

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

    def previous_working(self, day: date) -> date:
        """Return `day` if it is a working day, else the last working day before it."""
        while not self.is_working(day):
            day -= ONE_DAY
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


# ── reporting periods ────────────────────────────────────────────────────────


class Length(StrEnum):
    """How long a reporting period is."""

    YEAR = "year"
    HALF_YEAR = "half-year"
    QUARTER = "quarter"
    MONTH = "month"

    @property
    def months(self) -> int:
        """Return its length in months."""
        return _MONTHS[self]


_MONTHS = {Length.YEAR: 12, Length.HALF_YEAR: 6, Length.QUARTER: 3, Length.MONTH: 1}


class Period(NamedTuple):
    """A year, or the half-year, quarter or month of that number in it; written 2026, 2026-H1, 2026-Q3, 2026-11."""

    year: int
    length: Length = Length.YEAR
    number: int = 1

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period a text names.

        Raises:
            ValueError: it names none.
        """
        found = _PERIOD.fullmatch(text)
        if not found:
            message = f"{text!r} is not a period such as 2026, 2026-H1, 2026-Q3 or 2026-11"
            raise ValueError(message)
        year, half, quarter, month = found.groups()
        length = Length.HALF_YEAR if half else Length.QUARTER if quarter else Length.MONTH if month else Length.YEAR
        return cls(int(year), length, int(half or quarter or month or 1))

    @classmethod
    def of(cls, day: date, length: Length) -> Period:
        """Return the period of this length in which a day lies."""
        return cls(day.year, length, (day.month - 1) // length.months + 1)

    @property
    def first(self) -> date:
        """Return its first day."""
        return date(self.year, (self.number - 1) * self.length.months + 1, 1)

    @property
    def last(self) -> date:
        """Return its last day."""
        return add_months(self.first, self.length.months) - ONE_DAY

    def before(self) -> Period:
        """Return the period of the same length before it."""
        return Period.of(self.first - ONE_DAY, self.length)

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        sign = {Length.YEAR: "", Length.HALF_YEAR: f"-H{self.number}", Length.QUARTER: f"-Q{self.number}"}
        return f"{self.year}{sign.get(self.length, f'-{self.number:02d}')}"
