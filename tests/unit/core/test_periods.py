"""Terms and days as contract §6 and Civil Code 147-148 order them; the examples are those of the texts."""

from __future__ import annotations

from datetime import date

import pytest
import world

from syncagent.core.periods import (
    Calendar,
    Length,
    Period,
    Special,
    Term,
    add_months,
    due_after,
    last_day,
    working_days_after,
)
from syncagent.text import Text

PLAIN = Calendar()


@pytest.mark.parametrize(
    ("disabled", "last", "due"),
    [
        (date(2026, 1, 15), date(2026, 4, 15), date(2026, 4, 16)),
        (date(2026, 11, 30), date(2027, 3, 1), date(2027, 3, 2)),
        (date(2025, 11, 30), date(2026, 3, 2), date(2026, 3, 3)),
        (date(2026, 1, 31), date(2026, 5, 4), date(2026, 5, 5)),
    ],
    ids=["ordinary", "28/02/2027 is a Sunday", "28/02/2026 is a Saturday", "30/04 and 01/05 are holidays"],
)
def test_three_months_after_a_lock_as_in_the_examples_of_the_texts(disabled: date, last: date, due: date) -> None:
    """Contract §6, domain §1.8 row 2 and §5.2: a missing day is the month's last, a day off the next working day."""
    term = Term(months=3)

    assert last_day(disabled, term, world.calendar()) == last
    assert due_after(disabled, term, world.calendar()) == due


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2025, 12, 30), date(2026, 1, 6)),
        (date(2026, 2, 13), date(2026, 2, 25)),
        (date(2026, 8, 20), date(2026, 8, 24)),
    ],
    ids=["02/01/2026 was swapped", "over Tết", "the make-up Saturday 22/08 counts"],
)
def test_three_working_days_know_holidays_swaps_and_make_up_days(received: date, last: date) -> None:
    """NB-16 with domain §5.1: working days skip holidays and swapped days, and count make-up Saturdays."""
    assert last_day(received, Term(working_days=3), world.calendar()) == last


def test_the_day_of_the_event_is_not_counted() -> None:
    """Civil Code 147.2: a term of one day from Monday ends on Tuesday and is passed on Wednesday."""
    monday = date(2026, 3, 9)

    assert last_day(monday, Term(days=1), PLAIN) == date(2026, 3, 10)
    assert due_after(monday, Term(days=1), PLAIN) == date(2026, 3, 11)


def test_a_term_of_days_that_ends_on_a_weekend_ends_on_monday() -> None:
    """Civil Code 148.5: a last day that is a day off becomes the next working day, for calendar days, too."""
    assert last_day(date(2026, 3, 9), Term(days=5), PLAIN) == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2026, 1, 28), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
    ],
)
def test_a_day_the_month_does_not_have_is_its_last_day(start: date, months: int, end: date) -> None:
    """Civil Code 148.4, leap years and the turn of the year included."""
    assert add_months(start, months) == end


@pytest.mark.parametrize(
    ("months", "days", "working_days"), [(0, 0, 0), (1, 1, 0), (0, 1, 1), (-1, 0, 0), (3, 0, -1), (0, -5, 5)]
)
def test_a_term_has_exactly_one_positive_unit(months: int, days: int, working_days: int) -> None:
    """A term with no unit, two units or less than nothing is no term."""
    with pytest.raises(ValueError, match="exactly one positive unit"):
        Term(months, days, working_days)


def test_lengths_are_called_as_the_settings_call_them() -> None:
    """`account_review` is set in these words."""
    assert list(map(str, Length)) == ["year", "half-year", "quarter", "month"]


def test_what_is_not_said_is_nothing() -> None:
    """A day off by the general rule has no document, a calendar made by hand no source, a year is its first part."""
    assert Special(Text("Tết", "Tet")).document == ""
    assert PLAIN.version == ""
    assert Period(2026).number == 1


def test_a_make_up_day_is_a_working_day_even_if_it_is_a_weekend() -> None:
    """Domain §5.1: make-up Saturdays are working days; swapped weekdays are not."""
    saturday, monday = date(2026, 3, 14), date(2026, 3, 16)
    calendar = Calendar(off=frozenset({monday}), work=frozenset({saturday}))

    assert calendar.is_working(saturday)
    assert not calendar.is_working(monday)
    assert calendar.next_working(date(2026, 3, 15)) == date(2026, 3, 17)


def test_the_last_working_day_not_after_a_day() -> None:
    """A due day that is a day off is preceded by the last day on which offices work."""
    calendar = world.calendar()

    assert calendar.previous_working(date(2026, 12, 14)) == date(2026, 12, 14)
    assert calendar.previous_working(date(2026, 7, 19)) == date(2026, 7, 17)
    assert calendar.previous_working(date(2026, 2, 22)) == date(2026, 2, 13)


@pytest.mark.parametrize(
    ("text", "first", "last", "before"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2025"),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30), "2025-H2"),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31), "2026-H1"),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "2025-Q4"),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30), "2026-Q2"),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29), "2028-01"),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30), "2026-10"),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31), "2026-11"),
    ],
)
def test_a_reporting_period_is_whole_months_of_one_year(text: str, first: date, last: date, before: str) -> None:
    """Contract §2, `report NAME --period`: a year, a half, a quarter or a month, from its first to its last day."""
    period = Period.parse(text)

    assert (period.first, period.last) == (first, last)
    assert str(period) == text
    assert str(period.before()) == before
    assert Period.of(first, period.length) == Period.of(last, period.length) == period


@pytest.mark.parametrize(
    "text",
    ["", "26", "2026-", "2026-H3", "2026-Q0", "2026-Q5", "2026-00", "2026-13", "2026-1", "1926", "2026-H1 ", "²⁰²⁶"],
)
def test_anything_else_is_no_period(text: str) -> None:
    """A period is never guessed."""
    with pytest.raises(ValueError, match="is not a period"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("until", "count"),
    [
        (date(2026, 2, 12), 0),
        (date(2026, 2, 13), 0),
        (date(2026, 2, 14), 0),
        (date(2026, 2, 22), 0),
        (date(2026, 2, 23), 1),
        (date(2026, 3, 2), 6),
    ],
)
def test_working_days_after_a_day_leave_out_tet_and_weekends(until: date, count: int) -> None:
    """Contract §6: the day itself is not counted, the last one is; Tết 2026 is off from 14 to 22 February."""
    assert working_days_after(date(2026, 2, 13), until, world.calendar()) == count


def test_a_make_up_saturday_is_a_working_day_after() -> None:
    """22/08/2026 is worked for 31/08/2026, which is off."""
    assert working_days_after(date(2026, 8, 21), date(2026, 8, 23), world.calendar()) == 1
    assert working_days_after(date(2026, 8, 30), date(2026, 9, 2), world.calendar()) == 0
