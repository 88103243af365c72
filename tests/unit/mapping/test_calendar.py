"""The calendar: what the library knows, what the file adds, and what each day is called."""

from __future__ import annotations

from datetime import date

import pytest
import world

from syncagent.core.periods import Special
from syncagent.errors import Misconfigured
from syncagent.mapping.calendar import read_calendar
from syncagent.text import Text

_DAY = "{vi: Nghỉ, en: Off, document: 1/QĐ}"
_HEAD = "version: 1\nconfirmed: [2026]\n"


def test_the_swap_the_library_misses_stands_with_its_document() -> None:
    """Domain §5.1: Friday 2 January 2026 is off, Saturday 10 January is worked, by 12729/VPCP-KGVX."""
    calendar = world.calendar()
    document = "12729/VPCP-KGVX ngày 25/12/2025"

    assert calendar.special[date(2026, 1, 2)] == Special(
        Text("Nghỉ hoán đổi, làm bù ngày 10/01/2026", "Day off, made up on 2026-01-10"), document
    )
    assert calendar.special[date(2026, 1, 10)] == Special(
        Text("Làm bù cho ngày 02/01/2026", "Makes up for 2026-01-02"), document
    )
    assert date(2026, 1, 2) in calendar.off
    assert date(2026, 1, 10) in calendar.work


@pytest.mark.parametrize(
    ("off", "made_up"), [(date(2025, 5, 2), date(2025, 4, 26)), (date(2026, 8, 31), date(2026, 8, 22))]
)
def test_the_swaps_the_library_knows_name_each_other(off: date, made_up: date) -> None:
    """Domain §5.1: both halves of a swap are named, each with the day of the other."""
    special = world.calendar().special

    assert special[off].name == Text(f"Nghỉ hoán đổi, làm bù ngày {made_up:%d/%m/%Y}", f"Day off, made up on {made_up}")
    assert special[made_up].name == Text(f"Làm bù cho ngày {off:%d/%m/%Y}", f"Makes up for {off}")


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2025, "01-01 01-27 01-28 01-29 01-30 01-31 02-01 04-07 04-30 05-01 05-02 09-01 09-02"),
        (2026, "01-01 01-02 02-16 02-17 02-18 02-19 02-20 04-26 04-27 04-30 05-01 08-31 09-01 09-02 11-24"),
    ],
)
def test_the_days_off_of_the_confirmed_years(year: int, days: str) -> None:
    """Domain §5.1: the days the government published; 24 November is Ngày Văn hóa Việt Nam, new from 2026."""
    calendar = world.calendar()

    assert sorted(f"{day:%m-%d}" for day in calendar.off if day.year == year) == days.split()
    assert {day for day in calendar.off | calendar.work if day.year == year} <= set(calendar.special)


def test_what_the_file_says_goes_before_the_library() -> None:
    """A customer's own file may make any day off or worked; the day is then called what the file calls it."""
    text = f"{_HEAD}off:\n  2026-08-22: {_DAY}\nwork:\n  2026-08-31: {_DAY.replace('Off', 'Worked')}\n"
    calendar = read_calendar(text, "own.yaml", [2026])

    assert calendar.is_working(date(2026, 8, 31))
    assert not calendar.is_working(date(2026, 8, 22))
    assert calendar.special[date(2026, 8, 31)].name.en == "Worked"
    assert calendar.years == {2026}
    assert calendar.version.endswith("own.yaml")


@pytest.mark.parametrize(
    "day", ["hoán đổi", "{vi: Nghỉ, en: Off}", "{vi: Nghỉ, en: Off, document: ''}", "{vi: '', en: Off, document: 1/QĐ}"]
)
def test_a_day_without_its_document_is_refused(day: str) -> None:
    """Each correction names what it is and who decided it; the line is named."""
    with pytest.raises(Misconfigured) as refused:
        read_calendar(f"{_HEAD}off:\n  2026-03-02: {day}\n", "own.yaml", [2026])

    assert refused.value.where == "own.yaml:4"
    assert refused.value.says.en.startswith("off.2026-03-02")
