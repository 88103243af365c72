"""Bringing a deleted account back, as far as its directory still holds it: where it stood, with what it held, closed.

An account that was closed before it was deleted is closed since today: no later deletion comes sooner (law 6).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core import compare
from syncagent.core import dn as names_of
from syncagent.core.action import Change, Operation
from syncagent.core.privacy import holds_identity_number
from syncagent.text import Text

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.action import Action
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values
    from syncagent.core.policy import Target
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.stamp import Stamp

_KEPT_NOWHERE = Text(
    "đã xóa, đích này không giữ lại gì. Khôi phục từ bản sao lưu, rồi lập kế hoạch mới",
    "it is deleted, and this target keeps nothing of it. Restore it from a backup, then make a new plan",
)
_PURGED = Text(
    "hộp thư và thư đã bị hủy; mục trong thư mục không trả lại được thư. Khôi phục cả hai từ bản sao lưu nếu cần",
    "its mailbox is purged, and the entry alone brings no mail back. Restore both from a backup if need be",
)
_CHANGED = Text(
    "mục đã xóa không mang dấu của phần mềm như trước khi xóa; hãy xem lại trong thư mục",
    "the deleted entry does not bear our mark as it did; look at it in the directory",
)
_NUMBERED = Text(
    "có số định danh cá nhân trong thuộc tính nên kế hoạch không nêu ra được; quản trị viên khôi phục bằng tay",
    "an identification number stands in an attribute, which no plan may show; an administrator restores it by hand",
)
_TAKEN = Text(
    "tên của nó đã có mục khác mang; hãy đổi tên mục đó rồi đảo lại",
    "another entry bears its name; rename that one, then undo again",
)


class Return(NamedTuple):
    """How an account comes back: the mark it bears then, and the changes in order."""

    stamp: Stamp
    changes: tuple[Change, ...]


def returned(
    action: Action, remains: Account | Text | None, target: Target, snapshot: Snapshot, today: date
) -> Return | Text:
    """Given a deletion that was carried out and what is left of its account, return the way back, or why there is none.

    Args:
        action: the deletion.
        remains: the account as it would come back, or why it cannot; None if its directory keeps nothing.
        target: the target it was deleted on.
        snapshot: the target as it is now.
        today: the day that counts.
    """
    if any(change.operation is Operation.PURGE for change in action.changes):
        return _PURGED
    if remains is None or isinstance(remains, Text):
        return remains or _KEPT_NOWHERE
    if remains.stamp is None:
        return _CHANGED
    if names_of.folded(remains.dn) in snapshot.names:
        return _TAKEN
    directory = target.directory
    held = _held(directory, remains)
    if any(holds_identity_number(value) for values in held.values() for value in values):
        return _NUMBERED
    before = remains.stamp
    stamp = before if before.state.can_log_in else replace(before, since=today)
    changes = [
        *compare.missing_containers(names_of.parent(remains.dn), target, snapshot.containers),
        Change(Operation.UNDELETE, remains.dn, {name: ((), values) for name, values in sorted(held.items())}),
    ]
    if stamp != before:
        mark = {directory.stamp: (remains.attributes[directory.stamp], (str(stamp),))}
        changes.append(Change(Operation.MODIFY, remains.dn, mark))
    return Return(stamp, tuple(changes))


def _held(directory: Directory, remains: Account) -> dict[str, Values]:
    """Return what a deleted account holds, without what the server gives it and what changes by itself."""
    read = directory.attributes()
    moving = directory.technical() - {directory.log_in.attribute}
    return {
        name: values
        for name, values in remains.attributes.items()
        if name.lower() in read and name not in moving and name.lower() != directory.rdn.lower()
    }
