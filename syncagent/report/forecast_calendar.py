"""A forecast as one page: months with what happens on which day, then each day with whom it concerns and why.

Colour is never the only sign: a day on which something happens carries its count, a deletion ✕, a brake ■.
"""

from __future__ import annotations

from calendar import Calendar as Weeks
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.core.action import ActionKind
from syncagent.core.periods import SATURDAY
from syncagent.core.privacy import hide_identity_numbers
from syncagent.report import words
from syncagent.report.markup import environment
from syncagent.report.outline import counts_of
from syncagent.report.visible import visible
from syncagent.report.year import WEEKDAYS
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncagent.core.periods import Calendar
    from syncagent.core.plan import Plan
    from syncagent.text import Language

MOST: Final = 18
"""How many months are drawn in a row; beyond, only those in which something happens."""
_YEAR: Final = 12
_SAYS: Final[Mapping[str, Text]] = {
    "title": Text("Dự báo, nếu không có gì thay đổi", "Forecast, if nothing else changes"),
    "is-no-plan": Text(
        "Dự báo không phải kế hoạch: mỗi việc sẽ có kế hoạch và duyệt riêng vào ngày của nó.",
        "A forecast is no plan: each of these gets a plan and an approval of its own when its day comes.",
    ),
    "nothing": Text("Không có gì đến hạn.", "Nothing falls due."),
    "days": Text("Từng ngày", "Day by day"),
    "brake": Text("phanh", "brake"),
    "deletion": Text("xóa hộp thư", "deletion"),
    "count": Text("số việc trong ngày", "how many that day"),
    "off": Text("ngày nghỉ", "day off"),
    "rules": Text("Quy tắc, điều khoản", "Rule, article"),
}


class Cell(NamedTuple):
    """One day of a month: its number, whether offices are closed, how many things happen, deletions, brakes."""

    on: date
    off: bool
    amount: int
    deletes: bool
    held: bool


class Month(NamedTuple):
    """A month by its first day, and its weeks from Monday on; None is a day of another month."""

    first: date
    weeks: tuple[tuple[Cell | None, ...], ...]


def page(days: Sequence[Plan], start: date, until: date, calendar: Calendar, language: Language) -> str:
    """Given the plans of the days ahead, the days it is from and to, and the days off, return one HTML page.

    The page needs no script, no network and no other file, and prints on A4.
    """

    def text(label: Text) -> str:
        return visible(hide_identity_numbers(label.within(language), lambda _: "…"))

    return environment("syncagent.report").get_template("forecast.html.jinja").render(
        lang=language,
        text=text,
        plain=lambda value: text(Text(value, value)),
        says=lambda name: _SAYS[name].within(language),
        say=partial(words.say, language=language),
        day=partial(words.day, language=language),
        month_of=partial(words.month, language=language),
        number=partial(words.number, language=language),
        kind_of=partial(words.kind_of, language=language),
        weekdays=WEEKDAYS,
        kinds=words.KINDS,
        marks=words.MARKS,
        start=start,
        until=until,
        months=months(days, start, until, calendar),
        days=days,
        counts=counts_of(action for plan in days for action in plan.actions),
    )  # fmt: skip


def months(days: Sequence[Plan], start: date, until: date, calendar: Calendar) -> list[Month]:
    """Return the months from a day to another, of a long time only those in which something happens."""
    by_day = {plan.as_of: plan for plan in days}
    first, last = start.year * _YEAR + start.month - 1, until.year * _YEAR + until.month - 1
    every = [date(number // _YEAR, number % _YEAR + 1, 1) for number in range(first, last + 1)]
    if len(every) > MOST:
        busy = {day.replace(day=1) for day in by_day}
        every = [month for month in every if month in busy]
    return [Month(month, _weeks(month, by_day, calendar)) for month in every]


def _weeks(month: date, by_day: Mapping[date, Plan], calendar: Calendar) -> tuple[tuple[Cell | None, ...], ...]:
    def cell(on: date) -> Cell:
        plan = by_day.get(on)
        actions = plan.actions if plan else ()
        deletes = any(action.kind is ActionKind.DELETE for action in actions)
        off = on.weekday() >= SATURDAY if on.year not in calendar.years else not calendar.is_working(on)
        return Cell(on, off, len(actions), deletes, bool(plan and plan.brakes.tripped))

    weeks = Weeks().monthdatescalendar(month.year, month.month)
    return tuple(tuple(cell(on) if on.month == month.month else None for on in week) for week in weeks)
