"""From `mappings/calendar/*.yaml` and the library `holidays` to a Calendar."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads it at run time
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from syncagent.core.periods import Calendar
from syncagent.mapping.source import Strict, load

if TYPE_CHECKING:
    from collections.abc import Iterable


class CalendarFile(Strict):
    """Corrections of the national calendar, each day with the document that decides it."""

    version: Literal[1]
    confirmed: list[int]
    off: dict[date, str] = {}
    work: dict[date, str] = {}


def read_calendar(text: str, file: str, years: Iterable[int]) -> Calendar:
    """Given the text of a calendar file and the years that matter, return the calendar.

    Raises:
        Misconfigured: the file has faults; each is named with its line.
    """
    import holidays  # noqa: PLC0415 - a fifth of a second that only deciding needs

    found = load(text, file, CalendarFile)
    national = holidays.country_holidays("VN", years=sorted(set(years)))
    swapped = frozenset(getattr(national, "weekend_workdays", ()))
    return Calendar(
        off=(frozenset(national) | frozenset(found.off)) - frozenset(found.work),
        work=(swapped | frozenset(found.work)) - frozenset(found.off),
        confirmed=frozenset(found.confirmed),
        version=f"holidays {version('holidays')}, {file}",
    )
