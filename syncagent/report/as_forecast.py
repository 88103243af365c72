"""A forecast as text or a table: the days on which something happens, to whom, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.report.table import Table, on_day, said
from syncagent.report.words import kind_of
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncagent.core.plan import Plan
    from syncagent.text import Language


def render(days: Sequence[Plan], language: Language) -> str:
    """Given the plans of the days ahead, return them as lines of text in one language."""
    return "\n".join(line.within(language) for line in _lines(days))


def _lines(days: Sequence[Plan]) -> Iterator[Text]:
    if not days:
        yield Text("Không có gì đến hạn.", "Nothing falls due.")
    for plan in days:
        yield Text(f"{vi(plan.as_of)}  {len(plan.actions)} thao tác", f"{plan.as_of}  {len(plan.actions)} actions")
        for trip in plan.brakes.tripped:
            yield Text(f"  phanh: {trip.says.vi}", f"  brake: {trip.says.en}")
        for action in plan.actions:
            rules = ", ".join(reason.rule for reason in action.because)
            who = f"{action.subject:<12} {action.address}  {rules}"
            yield Text(f"  {kind_of(action, 'vi'):<24} {who}", f"  {kind_of(action, 'en'):<24} {who}")


def table(days: Sequence[Plan]) -> Table:
    """Given the plans of the days ahead, return a row for each action; brakes that would hold a day are notes."""
    columns = (
        Text("Ngày", "Day"), Text("Thao tác", "Action"), Text("Đơn vị", "Unit"), Text("Người", "Person"),
        Text("Mã người, đơn vị", "Key"), Text("Hộp thư", "Mailbox"), Text("Quy tắc", "Rules"),
        Text("Điều, khoản", "Articles"),
    )  # fmt: skip
    rows = [
        (
            on_day(plan.as_of), Text(kind_of(action, "vi"), kind_of(action, "en")),
            said(action.unit), said(action.name), said(action.subject),
            said(action.address), said(", ".join(reason.rule for reason in action.because)),
            said("; ".join(dict.fromkeys(reason.article for reason in action.because))),
        )
        for plan in days
        for action in plan.actions
    ]  # fmt: skip
    notes = tuple(
        Text(f"{vi(plan.as_of)}: phanh: {trip.says.vi}", f"{plan.as_of}: brake: {trip.says.en}")
        for plan in days
        for trip in plan.brakes.tripped
    )
    title = Text("Dự báo, nếu không có gì thay đổi", "Forecast, if nothing else changes")
    return Table(title, columns, tuple(rows), notes)
