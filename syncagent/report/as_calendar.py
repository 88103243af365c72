"""A year as one page to print: twelve months, the days off with their documents, and what falls due in it.

Colour is never the only sign: a day off is set in a box, a make-up day in a frame, and what falls due has its mark.
"""

from __future__ import annotations

from calendar import Calendar as Weeks
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.core.periods import SATURDAY
from syncagent.core.privacy import hide_identity_numbers
from syncagent.report.due import ground, working_day
from syncagent.report.markup import environment
from syncagent.report.table import counted, open_years, said
from syncagent.report.visible import visible
from syncagent.report.year import DELETION, MADE_UP, OFF, REPORT, WEEKDAYS, what_of
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from jinja2 import Template

    from syncagent.report.year import Year
    from syncagent.text import Language

_SHORT = tuple(Text(*pair) for pair in zip(("T2", "T3", "T4", "T5", "T6", "T7", "CN"), "MTWTFSS", strict=True))
_SAYS: Final[Mapping[str, Text]] = {
    "off": OFF,
    "made-up": MADE_UP,
    "report": REPORT,
    "deletion": DELETION,
    "days": Text("Ngày nghỉ và ngày làm bù", "Days off and make-up days"),
    "reports": Text("Hạn báo cáo (ngày cuối còn đúng hạn)", "Reports due (the last good day)"),
    "deletions": Text(
        "Lịch xóa hộp thư (số hộp thư đến hạn, nếu không có gì thay đổi)",
        "Deletions (mailboxes that fall due if nothing changes)",
    ),
    "working": Text("ngày làm việc cuối", "last working day"),
    "unconfirmed": Text("CHƯA XÁC NHẬN", "NOT CONFIRMED"),
    "none": Text("Không có.", "None."),
}


class Cell(NamedTuple):
    """One day of a month: its number, how it is drawn, and whether something falls due."""

    number: int
    drawn: str
    report: bool
    deletion: bool


def page(year: Year, language: Language) -> str:
    """Given a year, return one HTML page that needs no script, no network and no other file, and prints on A4."""

    def say(text: Text) -> str:
        return visible(hide_identity_numbers(text.within(language), lambda _: "…"))

    regulation = year.policy.regulation
    return _template().render(
        lang=language,
        say=say,
        says={name.replace("-", "_"): say(text) for name, text in _SAYS.items()},
        title=year.title,
        subtitle=Text(f"{regulation.title.vi}, {regulation.document}", f"{regulation.title.en}, {regulation.document}"),
        open_years=open_years(year.policy, {year.year}),
        weekdays=_SHORT,
        months=[(_month_name(month), _weeks(year, month)) for month in range(1, 13)],
        special=[(_on(day), what) for day, _, what in year.special()],
        duties=[(_on(duty.day), what_of(duty), duty, working_day(duty)) for duty in year.duties],
        ground=ground,
        document=lambda what: said(what.document),
        deletions=_by_month(year, say),
    )


def _weeks(year: Year, month: int) -> list[list[Cell | None]]:
    """Return the weeks of a month, Monday first; None is a day of another month."""
    calendar, due = year.policy.calendar, {duty.day for duty in year.duties}

    def cell(day: date) -> Cell:
        works = calendar.is_working(day)
        drawn = ("made-up" if works else "off") if day in calendar.special else ""
        weekend = " weekend" if day.weekday() >= SATURDAY and not works else ""
        return Cell(day.day, f"{drawn}{weekend}".strip(), day in due, day in year.deletions)

    weeks = Weeks().monthdatescalendar(year.year, month)
    return [[cell(day) if day.month == month else None for day in week] for week in weeks]


def _by_month(year: Year, say: Callable[[Text], str]) -> list[tuple[Text, str]]:
    """Return the deletions of each month on a line: 16/04 (3), 17/04 (1)."""
    found = []
    for month, days in groupby(sorted(year.deletions.items()), key=lambda item: item[0].month):
        listed = [f"{say(_short(day))} ({say(counted(count))})" for day, count in days]
        found.append((_month_name(month), ", ".join(listed)))
    return found


def _month_name(month: int) -> Text:
    return Text(f"Tháng {month}", _MONTHS[month - 1])


def _short(day: date) -> Text:
    return Text(f"{day:%d/%m}", f"{day.day} {_MONTHS[day.month - 1][:3]}")


def _on(day: date) -> Text:
    weekday, short = WEEKDAYS[day.weekday()], _short(day)
    return Text(f"{weekday.vi} {short.vi}", f"{weekday.en} {short.en}")


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@cache
def _template() -> Template:
    return environment("syncagent.report").get_template("year.html.jinja")
