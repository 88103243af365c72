"""What the charts of a plan show: bars by kind, by agency, by week of deletion. A table says the same.

A bar carries a short label and its number, so that neither colour nor length alone says anything.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.report import words
from syncagent.report.outline import counts_of
from syncagent.report.visible import visible
from syncagent.report.weight import Weight, weight_of
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncagent.core.plan import Plan
    from syncagent.report.outline import AgencyPart, MonthPart

MOST: Final = 13
"""How many bars a chart has at most; what is left over is one number more."""
LONGEST: Final = 40
"""How many letters of a label fit above a bar."""
_REST: Final = Text("còn lại", "the rest")


class Bar(NamedTuple):
    """One bar: its label in full and short, how many, how long it is drawn of 100, and the weight that colours it."""

    label: Text
    short: Text
    amount: int
    length: float
    weight: Weight | None


class Chart(NamedTuple):
    """A chart: its name on the page, title, what it shows in a sentence, what is counted, its bars."""

    name: str
    title: Text
    says: Text
    of: Text
    bars: tuple[Bar, ...]


def charts(plan: Plan, agencies: Sequence[AgencyPart], months: Iterable[MonthPart]) -> tuple[Chart, ...]:
    """Given a plan, its agencies and its deletions by month, return the charts that have something to show."""
    found = (_by_kind(plan), _by_agency(agencies), _by_week(months))
    return tuple(chart for chart in found if chart.bars)


def _by_kind(plan: Plan) -> Chart:
    weights = {action.kind: weight_of(action) for action in sorted(plan.actions, key=lambda one: not one.destructive)}
    counted = [(words.KINDS[kind], count, weights[kind]) for kind, count in counts_of(plan.actions)]
    return Chart(
        "kind",
        Text("Thao tác theo loại", "Actions by kind"),
        _says(counted, Text("thao tác", "actions"), Text("loại", "kinds")),
        words.HEADINGS["kind"],
        _bars(counted),
    )


def _by_agency(agencies: Sequence[AgencyPart]) -> Chart:
    largest = sorted(agencies, key=lambda one: -len(one.actions))
    counted = [(Text(one.name, one.name), len(one.actions), None) for one in largest]
    return Chart(
        "agency",
        Text("Thao tác theo cơ quan", "Actions by agency"),
        _says(counted, Text("thao tác", "actions"), Text("cơ quan", "agencies")),
        words.HEADINGS["unit"],
        _bars(counted),
    )


def _by_week(months: Iterable[MonthPart]) -> Chart:
    weeks = Counter(one.on - timedelta(days=one.on.weekday()) for month in months for one in month.deletions)
    counted = [
        (Text(f"tuần từ thứ Hai {vi(first)}", f"week of Monday {first}"), weeks[first], Weight.DELETE)
        for first in sorted(weeks)
    ]
    return Chart(
        "week",
        Text("Hộp thư bị xóa theo tuần", "Deletions by week"),
        _says(counted, Text("hộp thư bị xóa, trong kế hoạch này hoặc về sau nếu không có gì thay đổi",
                            "mailboxes are deleted, by this plan or later if nothing changes"),
              Text("tuần", "weeks")),
        Text("Tuần", "Week"),
        _bars(counted),
    )  # fmt: skip


def _says(counted: Sequence[tuple[Text, int, Weight | None]], what: Text, over: Text) -> Text:
    """Return a chart in a sentence, for whoever hears it: how many over how many, and the most of one."""
    total = sum(count for _, count, _ in counted)
    label, most, _ = max(counted, key=lambda one: one[1], default=(_REST, 0, None))
    return Text(
        f"{words.number(total, 'vi')} {what.vi}, {len(counted)} {over.vi}; nhiều nhất: {label.vi}, "
        f"{words.number(most, 'vi')}.",
        f"{words.number(total, 'en')} {what.en}, {len(counted)} {over.en}; most: {label.en}, "
        f"{words.number(most, 'en')}.",
    )


def _bars(counted: Sequence[tuple[Text, int, Weight | None]]) -> tuple[Bar, ...]:
    """Return bars in the order given; those beyond the most are one number, which would dwarf the others as a bar."""
    longest = max((count for _, count, _ in counted[:MOST]), default=1)
    bars = [
        Bar(label, Text(_short(label.vi), _short(label.en)), count, round(100 * count / longest, 1), weight)
        for label, count, weight in counted[:MOST]
    ]
    if rest := counted[MOST:]:
        left = Text(f"{len(rest)} mục {_REST.vi}", f"{_REST.en}, {len(rest)} of them")
        bars.append(Bar(left, left, sum(count for _, count, _ in rest), 0, None))
    return tuple(bars)


def _short(label: str) -> str:
    """Return a label as it fits above a bar, cut where it is longer; what is spelled out counts as it is written."""
    written = visible(label)
    return written if len(written) <= LONGEST else f"{written[: LONGEST - 1]}…"
