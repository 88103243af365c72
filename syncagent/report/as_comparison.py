"""Two regulations side by side, as text: how many each treats how, and whom they treat differently."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from syncagent.report.visible import visible
from syncagent.report.words import KINDS, kind_of
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncagent.core.action import Action
    from syncagent.core.plan import Plan
    from syncagent.text import Language

Row = tuple[str, str, "Sequence[Action]", "Sequence[Action]"]


def render(first: Plan, second: Plan, differences: Sequence[Row], language: Language, *, naming: bool = False) -> str:
    """Given two plans of one day and the subjects they differ in, return them as lines of text in one language.

    Args:
        first: the plan by the one regulation.
        second: the plan by the other.
        differences: subject, name, and the actions of each, per difference.
        language: of the reader.
        naming: whether each built addresses its own way; otherwise all addresses are the first one's.
    """
    lines = [*_lines(first, second, differences), *([] if naming else [_shared(first, second)])]
    return "\n".join(visible(line.within(language)) for line in lines)


def _shared(first: Plan, second: Plan) -> Text:
    one, two = first.regulation, second.regulation
    return Text(
        f"Địa chỉ ở cả hai bên đặt theo {one}, để chỉ thấy khác biệt về xử lý; muốn thấy địa chỉ theo {two}: "
        "--with-naming",
        f"Addresses of both sides are built the way of {one}, so that only what is done differs; for those of {two}: "
        "--with-naming",
    )


def _lines(first: Plan, second: Plan, differences: Sequence[Row]) -> Iterator[Text]:
    one, two = first.regulation, second.regulation
    yield Text(f"{one} | {two} – ngày {vi(first.as_of)}", f"{one} | {two} – on {first.as_of}")
    counts = [Counter(action.kind for action in plan.actions) for plan in (first, second)]
    for kind, label in KINDS.items():
        if counts[0][kind] or counts[1][kind]:
            numbers = f"{counts[0][kind]:>7} | {counts[1][kind]:<7}"
            yield Text(f"  {label.vi:<26}{numbers}", f"  {label.en:<26}{numbers}")
    yield Text(f"Xử lý khác nhau: {len(differences)}", f"Treated differently: {len(differences)}")
    for subject, name, ours, theirs in differences:
        yield Text(f"  {subject} {name}", f"  {subject} {name}")
        for regulation, actions in ((one, ours), (two, theirs)):
            yield Text(f"    {regulation}: {_done(actions, 'vi')}", f"    {regulation}: {_done(actions, 'en')}")


def _done(actions: Sequence[Action], language: Language) -> str:
    if not actions:
        return Text("giữ nguyên", "nothing").within(language)
    parts = []
    for action in actions:
        reasons = "; ".join(dict.fromkeys(f"{reason.rule}, {reason.article}" for reason in action.because))
        parts.append(f"{kind_of(action, language)} {action.address} ({reasons})")
    return ", ".join(parts)
