"""Days in a year whose days off are not certain never come silently (contract §6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import world

from syncagent.core.periods import Calendar
from syncagent.core.remarks import of_open_years, on_calendar

KNOWN = Calendar(confirmed=frozenset({2025, 2026}), years=frozenset(range(2024, 2030)))


@pytest.mark.parametrize(
    ("years", "listed"),
    [
        ([2025, 2026], []),
        ([2026, 2027], ["2027"]),
        ([2026, 2031], ["2031"]),
        ([2031, 2028, 2027], ["2027, 2028", "2031"]),
    ],
)
def test_a_year_is_certain_not_confirmed_or_not_known(years: list[int], listed: list[str]) -> None:
    """What the government has not published follows the general rule; beyond that not even holidays are known."""
    found = of_open_years(KNOWN, years)

    assert [one.years for one in found] == listed
    assert [one.text.en.startswith("No holidays are known") for one in found] == [one == "2031" for one in listed]


def test_a_calendar_that_names_no_years_counts_none_as_unknown() -> None:
    """A calendar made of single days says nothing about years, but for those it confirms."""
    assert [one.years for one in of_open_years(replace(KNOWN, years=frozenset()), [2026, 2031])] == ["2031"]
    assert on_calendar(world.policy(calendar=Calendar()), date(2031, 1, 1), ()) == []


@pytest.mark.parametrize(
    ("today", "told", "subjects"),
    [
        (date(2026, 8, 31), [], []),
        (date(2026, 9, 1), [], ["calendar 2027"]),
        (date(2026, 5, 4), [date(2026, 12, 31), date(2027, 1, 4)], ["calendar 2027"]),
        (date(2026, 5, 4), [date(2040, 1, 4)], ["calendar 2040"]),
    ],
)
def test_the_plan_names_the_open_years_of_the_days_it_tells(today: date, told: list[date], subjects: list[str]) -> None:
    """Terms that begin today and days on which something follows, whatever the length of the term."""
    assert [one.subject for one in on_calendar(world.policy(), today, told)] == subjects


def test_a_mailbox_that_waits_for_the_next_year_says_so() -> None:
    """What a plan says depends on the years its terms reach: next year's, and those no holidays are known of."""
    policy = world.policy("hcmc-quan4-2013")

    def subjects(day: date) -> list[str]:
        accounts, ledger = world.settled([world.row()], today=day, with_policy=policy)
        plan = world.plan_of([world.row()], accounts, ledger=ledger, today=day, with_policy=policy)
        return [one.subject for one in plan.findings if one.subject.startswith("calendar")]

    assert subjects(date(2026, 7, 20)) == []
    assert subjects(date(2026, 12, 14)) == ["calendar 2027"]
    assert subjects(date(2029, 12, 14)) == ["calendar 2029, 2030"]
    assert subjects(date(2030, 12, 14)) == ["calendar 2030", "calendar 2031"]
