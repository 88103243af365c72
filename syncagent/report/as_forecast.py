"""A forecast as text: the days on which something happens, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
