"""The order of a plan: what is needed first, closing before opening, deletion last."""

from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind
from syncagent.errors import Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncagent.core.action import Action

_TURN = {
    kind: turn
    for turn, kind in enumerate(
        (
            ActionKind.LOCK,
            ActionKind.DISABLE,
            ActionKind.WITHDRAW,
            ActionKind.ADOPT,
            ActionKind.READDRESS,
            ActionKind.MOVE,
            ActionKind.UPDATE,
            ActionKind.UNLOCK,
            ActionKind.RESTORE,
            ActionKind.CREATE,
            ActionKind.RESET_PASSWORD,
            ActionKind.HAND_OVER,
            ActionKind.DELETE,
        )
    )
}


def in_order(actions: Iterable[Action], last: Sequence[str] = ()) -> tuple[Action, ...]:
    """Given actions whose `id` and `needs` are provisional names, return them in order, numbered from a0001.

    What is done on the targets of `last` follows after everything else, one target after the other.

    Raises:
        Refused: actions need each other in a circle.
    """
    by_name = {action.id: action for action in actions}
    sorter = TopologicalSorter({name: action.needs for name, action in by_name.items()})
    ordered: list[Action] = []
    ready: list[tuple[tuple[int, int, str, str, str], str]] = []
    turns = {target: number for number, target in enumerate(last, start=1)}
    try:
        sorter.prepare()
        while sorter.is_active():
            for name in sorter.get_ready():
                heappush(ready, (_turn(by_name[name], turns), name))
            _, name = heappop(ready)
            ordered.append(by_name[name])
            sorter.done(name)
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise Refused(
            Text(
                f"Các thao tác chờ nhau thành vòng: {circle}. Hãy tách chúng bằng cách sửa danh sách.",
                f"These actions wait for each other in a circle: {circle}. Part them in the roster.",
            )
        ) from error
    numbers = {action.id: f"a{number:04d}" for number, action in enumerate(ordered, start=1)}
    return tuple(
        replace(action, id=numbers[action.id], needs=tuple(numbers[name] for name in action.needs))
        for action in ordered
    )


def _turn(action: Action, turns: Mapping[str, int]) -> tuple[int, int, str, str, str]:
    return (turns.get(action.target, 0), _TURN[action.kind], action.unit, action.subject, action.id)
