"""Whether an account shows what a change expects, or what it leaves behind."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from syncagent.errors import Conflict
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.connectors.obm.user import Attributes, Values


class Side(Enum):
    """On which side of a change an account is."""

    BEFORE = "before"
    AFTER = "after"
    NEITHER = "neither"


def side(fields: Mapping[str, Values], attributes: Attributes) -> Side:
    """Given the fields of an account, return on which side of a change it is; a change of nothing is never after."""
    changes = any(before != after for before, after in attributes.values())
    if changes and not _strange(fields, {name: after for name, (_, after) in attributes.items()}):
        return Side.AFTER
    if not _strange(fields, {name: before for name, (before, _) in attributes.items()}):
        return Side.BEFORE
    return Side.NEITHER


def conflict(fields: Mapping[str, Values], attributes: Attributes, where: str) -> Conflict:
    """Return the error about an account that is no longer as the plan saw it; it names fields, never values."""
    names = ", ".join(_strange(fields, {name: before for name, (before, _) in attributes.items()}))
    return Conflict(
        Text(
            f"trên OBM, {names} đã bị sửa sau khi lập kế hoạch; giữ nguyên, hãy lập kế hoạch mới.",
            f"on OBM, {names} was changed after the plan was made; left alone, plan again.",
        ),
        where=where,
    )


def overtaken(fields: Mapping[str, Values], attributes: Attributes, where: str) -> Conflict:
    """Return the error about an account that OBM says it has changed and that reads otherwise."""
    names = ", ".join(_strange(fields, {name: after for name, (_, after) in attributes.items()}))
    return Conflict(
        Text(
            f"OBM báo đã ghi, nhưng đọc lại thì {names} khác điều vừa ghi: có người sửa cùng lúc. Hãy lập kế hoạch "
            "mới.",
            f"OBM says it is written, but {names} reads otherwise: somebody edited it at the same time. Plan again.",
        ),
        where=where,
    )


def _strange(fields: Mapping[str, Values], expected: Mapping[str, Values]) -> list[str]:
    return sorted(name for name, values in expected.items() if fields.get(name, ()) != values)
