"""A forecast as a page: every day on which something happens is marked in its month and told below."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain

import plans
import pytest
import world

from syncagent.core.periods import Calendar
from syncagent.core.plan import BrakeState, Plan
from syncagent.report import forecast_calendar as forecast
from syncagent.text import Language

START, UNTIL = date(2026, 3, 10), date(2026, 5, 2)
CALENDAR = Calendar(off=frozenset({date(2026, 4, 27)}), work=frozenset({date(2026, 4, 25)}), years=frozenset({2026}))
DAYS = [replace(plans.full(), as_of=START + timedelta(days=days)) for days in (0, 30)]
QUIET = [replace(plans.full(), as_of=START, actions=plans.full().actions[:1], brakes=BrakeState())]


def _html(days: list[Plan], until: date = UNTIL, language: Language = "vi") -> str:
    return forecast.page(days, START, until, CALENDAR, language)


def _cells(days: list[Plan]) -> dict[date, forecast.Cell]:
    months = forecast.months(days, START, UNTIL, CALENDAR)
    return {cell.on: cell for month in months for cell in chain(*month.weeks) if cell}


def test_every_day_stands_once_in_its_month() -> None:
    """March to May, whole months, Monday first; what happens is counted on its day and on no other."""
    cells = _cells(DAYS)

    assert list(cells) == [date(2026, 3, 1) + timedelta(days=day) for day in range(31 + 30 + 31)]
    assert {on: cell.amount for on, cell in cells.items() if cell.amount} == {plan.as_of: 18 for plan in DAYS}
    assert [on for on, cell in cells.items() if cell.deletes and cell.held] == [plan.as_of for plan in DAYS]
    assert not any(cell.deletes or cell.held for cell in _cells(QUIET).values())


def test_days_off_are_those_of_the_calendar_else_weekends() -> None:
    """A swapped Monday is off and its Saturday works; of a year that nobody knows weekends are assumed."""
    cells = _cells([])
    unknown = forecast.months([], date(2031, 3, 1), date(2031, 3, 31), CALENDAR)

    assert cells[date(2026, 4, 27)].off
    assert not cells[date(2026, 4, 25)].off
    assert {cell.on.weekday() for week in unknown[0].weeks for cell in week if cell and cell.off} == {5, 6}


def test_of_a_long_time_only_the_months_are_drawn_in_which_something_happens() -> None:
    """Seventy years are not nine hundred months of nothing."""
    found = forecast.months(DAYS, START, date(2096, 1, 1), CALENDAR)

    assert [month.first for month in found] == [date(2026, 3, 1), date(2026, 4, 1)]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_day_is_told_with_whom_it_concerns_and_why(language: Language) -> None:
    """A link from the month leads to the day; name, address, rule and article of each action; the brakes."""
    page = _html(DAYS, language=language)

    assert set(re.findall(r'href="#(d[^"]*)"', page)) == set(re.findall(r'<section id="([^"]*)"', page))
    assert page[page.index("<h2>") :].count("<tr><td>") == sum(len(plan.actions) for plan in DAYS)
    for action in DAYS[0].actions:
        assert all(part in page for part in (action.name, action.address))
    assert page.count('class="held"') == sum(len(plan.brakes.tripped) for plan in DAYS)
    assert ("Dự báo không phải kế hoạch" in page) == (language == "vi")
    assert ("A forecast is no plan" in page) == (language == "en")


def test_silence_is_said_aloud() -> None:
    """An empty calendar is told as such."""
    assert "Không có gì đến hạn." in _html([])
    assert "Từng ngày" not in _html([])


def test_nothing_becomes_markup_and_no_number_of_a_citizen_is_shown() -> None:
    """F22, F16: only the template's tags; an identity number in a name is replaced; no script."""
    numbered = plans.plan([replace(plans.one_of_each()[0], name="Nguyễn Văn An 037090001234")])
    page = _html([plans.hostile(), replace(numbered, as_of=START + timedelta(days=1))])

    assert set(re.findall(r"<([a-z0-9]+)", page)) <= {
        *("html", "head", "meta", "link", "title", "style", "body", "h1", "h2", "h3", "p", "b", "br", "a", "abbr"),
        *("ul", "li", "span", "div", "section", "table", "caption", "thead", "tbody", "tr", "th", "td"),
    }
    assert "037090001234" not in page
    assert "script-src" not in page


def test_a_real_forecast_is_drawn() -> None:
    """What the core decides of a leaver stands on its day."""
    accounts, ledger = world.settled([world.row()])
    plan = world.plan_of([world.leaver()], accounts, ledger=ledger)

    assert f'href="#d{plan.as_of}"' in forecast.page([plan], plan.as_of, plan.as_of, CALENDAR, "vi")
