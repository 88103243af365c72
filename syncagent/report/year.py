"""A year as offices keep it: days off, make-up days, and what falls due on which day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncagent.core.duties import Report
from syncagent.report.due import ground, way
from syncagent.report.table import NONE, Table, counted, on_day, open_years, period_name, said, title_of
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.duties import Duty
    from syncagent.core.periods import Special
    from syncagent.core.policy import Policy

WEEKDAYS = tuple(
    Text(*pair)
    for pair in (
        ("Thứ Hai", "Monday"), ("Thứ Ba", "Tuesday"), ("Thứ Tư", "Wednesday"), ("Thứ Năm", "Thursday"),
        ("Thứ Sáu", "Friday"), ("Thứ Bảy", "Saturday"), ("Chủ nhật", "Sunday"),
    )
)  # fmt: skip

OFF = Text("ngày nghỉ", "day off")
MADE_UP = Text("ngày làm bù", "make-up day")
REPORT = Text("hạn báo cáo", "report due")
DELETION = Text("xóa hộp thư", "deletion due")


@dataclass(frozen=True, slots=True)
class Year:
    """A year to print: `duties` and how many mailboxes are deleted on which `deletions` day fall in it."""

    year: int
    policy: Policy
    duties: tuple[Duty, ...]
    deletions: Mapping[date, int]

    @property
    def title(self) -> Text:
        """Return what the year is called."""
        name = title_of(Report.CALENDAR)
        return Text(f"{name.vi} năm {self.year}", f"{name.en} of {self.year}")

    def special(self) -> list[tuple[date, Text, Special]]:
        """Return the days off and make-up days of the year, whether they are one or the other, and what they are."""
        calendar = self.policy.calendar
        ours = (day for day in sorted(calendar.special) if day.year == self.year)
        return [(day, MADE_UP if day in calendar.work else OFF, calendar.special[day]) for day in ours]


def what_of(duty: Duty) -> Text:
    """Return what a duty is: the reports, their period, who makes them for whom."""
    names, period, parties = (
        [title_of(one) for one in duty.clause.served_by],
        period_name(duty.period),
        way(duty.clause),
    )
    return Text(
        f"{'; '.join(name.vi for name in names)}, {period.vi}: {parties.vi}",
        f"{'; '.join(name.en for name in names)}, {period.en}: {parties.en}",
    )


def listed(found: Year) -> Table:
    """Return the special days of a year, and what falls due in it, one a row, in the order of days."""
    rows = [(day, kind, what.name, said(what.document or "–")) for day, kind, what in found.special()]
    rows += [(duty.day, REPORT, what_of(duty), ground(duty.clause)) for duty in found.duties]
    for day, count in found.deletions.items():
        number = counted(count)
        rows.append((day, DELETION, Text(f"{number.vi} hộp thư", f"{number.en} mailboxes"), NONE))
    columns = (
        Text("Ngày", "Day"), Text("Thứ", "Weekday"), Text("Loại", "Kind"), Text("Nội dung", "What"),
        Text("Văn bản, căn cứ", "Document or ground"),
    )  # fmt: skip
    cells = [(on_day(day), WEEKDAYS[day.weekday()], *rest) for day, *rest in sorted(rows, key=lambda row: row[0])]
    return Table(found.title, columns, tuple(cells), open_years(found.policy, {found.year}))
