"""From `mappings/calendar/*.yaml` and the library `holidays` to a Calendar."""

from __future__ import annotations

import re
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from syncagent.core.periods import Calendar, Special
from syncagent.mapping.source import Strict, load
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SWAPPED = re.compile(r"(\d\d)/(\d\d)/(\d{4})")


class Day(Strict):
    """One day off or make-up day: what it is, and the document that decides it."""

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)
    document: str = Field(min_length=1, description="Number and date, as “12729/VPCP-KGVX ngày 25/12/2025”")

    def special(self) -> Special:
        """Return what the day is."""
        return Special(Text(self.vi, self.en), self.document)


class CalendarFile(Strict):
    """Corrections of the national calendar, each day with the document that decides it."""

    version: Literal[1]
    confirmed: list[int]
    off: dict[date, Day] = {}
    work: dict[date, Day] = {}


def read_calendar(text: str, file: str, years: Iterable[int]) -> Calendar:
    """Given the text of a calendar file and the years that matter, return the calendar.

    Raises:
        Misconfigured: the file has faults; each is named with its line.
    """
    import holidays  # noqa: PLC0415 - a fifth of a second that only deciding needs

    found = load(text, file, CalendarFile)
    known = sorted(set(years))
    national = holidays.country_holidays("VN", years=known, language="vi")
    english = holidays.country_holidays("VN", years=known, language="en_US")
    swapped = frozenset(getattr(national, "weekend_workdays", ()))
    off = (frozenset(national) | frozenset(found.off)) - frozenset(found.work)
    special = dict(_named(national, english)) | {day: what.special() for day, what in (found.off | found.work).items()}
    return Calendar(
        off=off,
        work=(swapped | frozenset(found.work)) - frozenset(found.off),
        confirmed=frozenset(found.confirmed),
        version=f"holidays {version('holidays')}, {file}",
        years=frozenset(known),
        special=special,
    )


def _named(national: Mapping[date, str], english: Mapping[date, str]) -> Iterator[tuple[date, Special]]:
    """Yield what the library says of each day; of a swapped day it tells the make-up day in its name."""
    for day, name in national.items():
        swap = _SWAPPED.search(name)
        if swap is None:
            yield day, Special(Text(name, english[day]))
            continue
        made_up = date(int(swap[3]), int(swap[2]), int(swap[1]))
        yield day, Special(Text(f"Nghỉ hoán đổi, làm bù ngày {vi(made_up)}", f"Day off, made up on {made_up}"))
        yield made_up, Special(Text(f"Làm bù cho ngày {vi(day)}", f"Makes up for {day}"))
