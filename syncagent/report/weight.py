"""How much an action weighs for whoever holds the mailbox."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind

if TYPE_CHECKING:
    from syncagent.core.action import Action

_OPENS = frozenset({ActionKind.CREATE, ActionKind.RESTORE, ActionKind.UNLOCK})


class Weight(StrEnum):
    """Five classes of actions, gravest first: a summary by unit has these columns, a page these colours."""

    DELETE = "delete"
    CLOSE = "close"
    LOCK = "lock"
    CHANGE = "change"
    OPEN = "open"


def weight_of(action: Action) -> Weight:
    """Return the weight of an action; an adoption that closes a mailbox weighs as closing it."""
    if action.kind is ActionKind.DELETE:
        return Weight.DELETE
    if action.destructive:
        return Weight.CLOSE
    if action.kind is ActionKind.LOCK:
        return Weight.LOCK
    return Weight.OPEN if action.kind in _OPENS else Weight.CHANGE
