"""When a job is due: cron lines with weekdays by name, intervals, windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from syncagent.service.schedule import Schedule, Window

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 3, 16, 9, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    "text",
    [
        "0 2 * * 1",
        "0 2 * * 0-4",
        "0 2 * *",
        "0 2 * * * *",
        "0 2 1 * mon",
        "every minute",
        "every 0 minutes",
        "61 * * * *",
    ],
)
def test_a_schedule_that_two_programs_read_differently_is_refused(text: str) -> None:
    """Weekdays as numbers (0 is Sunday or Monday), a day of the month beside a weekday, and nonsense."""
    with pytest.raises(ValueError, match=r"\S"):
        Schedule.parse(text, ZONE)


def test_a_weekday_by_name_is_that_weekday() -> None:
    """“mon” fires on Mondays, in the configured zone."""
    schedule = Schedule.parse("30 5 * * mon", ZONE)

    first = schedule.first_after(MONDAY, MONDAY)

    assert first == datetime(2026, 3, 23, 5, 30, tzinfo=ZONE)


def test_a_cron_line_counts_from_the_last_success_and_an_interval_as_well() -> None:
    """What was missed since then is due; nothing is, where the job was never due yet; an interval begins at once."""
    daily, hourly = Schedule.parse("0 5 * * *", ZONE), Schedule.parse("every 1 hour", ZONE)
    long_ago = MONDAY - timedelta(days=9)

    assert daily.first_after(long_ago, MONDAY) == datetime(2026, 3, 8, 5, tzinfo=ZONE)
    assert daily.first_after(None, MONDAY) == datetime(2026, 3, 17, 5, tzinfo=ZONE)
    assert hourly.first_after(long_ago, MONDAY) == long_ago + timedelta(hours=1)
    assert hourly.first_after(None, MONDAY) == MONDAY
    assert daily.first_after(datetime(2026, 3, 8, 5, tzinfo=ZONE), MONDAY) == datetime(2026, 3, 9, 5, tzinfo=ZONE)


@pytest.mark.parametrize(
    "text", ["mon-fri", "mon-fri 25:00-26:00", "2-6 17:00-18:00", "lundi 01:00-02:00", "mon 05:00-05:00"]
)
def test_what_is_no_window_is_refused(text: str) -> None:
    """Weekdays by name, two hours that differ."""
    with pytest.raises(ValueError, match=r"\S"):
        Window.parse(text)


def test_a_window_holds_its_hours_and_no_others() -> None:
    """From its first minute to the one before its end, on its days; over midnight on the day after as well."""
    evening, night, all_week = (
        Window.parse(one) for one in ("mon-fri 17:30-21:00", "fri,sun 22:00-02:00", "sat-mon 00:00-23:59")
    )
    hours = [datetime(2026, 3, 16, tzinfo=ZONE) + timedelta(minutes=30 * n) for n in range(7 * 48)]

    in_evening = {(one.weekday(), one.hour + one.minute / 60) for one in hours if evening.holds(one)}
    in_night = {(one.weekday(), one.hour + one.minute / 60) for one in hours if night.holds(one)}

    assert in_evening == {(day, 17.5 + n / 2) for day in range(5) for n in range(7)}
    assert in_night == {(day, 22 + n / 2) for day in (4, 6) for n in range(4)} | {
        (day, n / 2) for day in (5, 0) for n in range(4)
    }
    assert {one.weekday() for one in hours if all_week.holds(one)} == {5, 6, 0}


def test_moments_are_the_same_in_every_zone() -> None:
    """What the state remembers is in UTC, what people write in their own zone."""
    schedule = Schedule.parse("0 5 * * *", ZONE)

    assert schedule.first_after(MONDAY.astimezone(UTC), MONDAY) == schedule.first_after(MONDAY, MONDAY)
