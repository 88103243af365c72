"""What became of an action that was begun and never concluded: found out by reading, never by repeating.

Each change of an action is looked at by itself. One write of a server is whole or not at all, and they go out in order;
so an action that was cut off shows its first changes done and the others as before. Anything else was somebody else.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from syncagent.connectors import changes
from syncagent.core import dn as names_of
from syncagent.core.action import Operation
from syncagent.core.outcome import Outcome, Result
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncagent.connectors.entries import Entries
    from syncagent.core.account import Account
    from syncagent.core.action import Action, Change

_RIGHTS = frozenset({Operation.GRANT, Operation.REVOKE})


class _Side(Enum):
    """Which state a change shows; `BOTH` if it would change nothing."""

    BEFORE = "before"
    AFTER = "after"
    BOTH = "both"
    NEITHER = "neither"


def resolve(entries: Entries, action: Action, marker: str) -> Outcome | Action:
    """Return what became of an action as far as the entries show it, or what is left of it to do.

    That is the action itself where they show the state before: then nothing has happened.
    """
    if action.account is None:
        return _resolve_create(entries, action, marker)
    account = entries.accounts.get(action.account.guid)
    own = [change for change in action.changes if change.operation not in {Operation.ENSURE_CONTAINER, *_RIGHTS}]
    if account is None:
        if any(change.operation is Operation.DELETE for change in own):
            return changes.done(action, *action.account[1:])
        if any(change.operation is Operation.UNDELETE for change in own):
            return action  # it is still among the deleted; if it is not, carrying out will say so
        return changes.unsuccessful(action, changes.gone(action.account.dn))
    renamed = any(change.new_dn for change in own)
    if not renamed and names_of.same(account.dn) != names_of.same(action.account.dn):
        return _for_a_person(action, account, [account.dn])
    sides = [_side(entries, account, change) for change in own]
    begun = [side is _Side.AFTER for side in sides if side is not _Side.BOTH]
    if _Side.NEITHER in sides or begun != sorted(begun, reverse=True):
        return _for_a_person(action, account, _strange(entries, account, own, sides))
    if begun and True not in begun:
        return action
    left = _left(entries, account, action, dict(zip(map(id, own), sides, strict=True)))
    return left or changes.done(action, account.guid, account.dn)


def _resolve_create(entries: Entries, action: Action, marker: str) -> Outcome | Action:
    made = entries.accounts.get(changes.identity(marker, action.id))
    if made:
        return changes.done(action, made.guid, made.dn)
    marked = [one for one in entries.accounts.values() if action.stamp and one.stamp == action.stamp]
    if len(marked) > 1:
        listed = ", ".join(sorted(one.dn for one in marked))
        return changes.unsuccessful(
            action,
            Text(
                f"Có {len(marked)} tài khoản mang dấu của thao tác này: {listed}. Hãy giữ tài khoản đúng, xóa hoặc bỏ "
                "dấu tài khoản kia, rồi lập kế hoạch mới.",
                f"{len(marked)} accounts carry the mark of this action: {listed}. Keep the right one, delete the other "
                "or take its mark away, then plan again.",
            ),
            Result.NEEDS_HUMAN,
        )
    if marked:
        return changes.done(action, marked[0].guid, marked[0].dn)
    for change in action.changes:
        if change.operation is Operation.ADD and entries.takes(change.dn):
            return changes.unsuccessful(action, changes.taken(change.dn))
    return action


# ── one change ──


def _side(entries: Entries, account: Account, change: Change) -> _Side:
    """Return which state a change of the account itself shows; that one brought back is there is all it shows."""
    if change.operation is Operation.UNDELETE:
        return _Side.AFTER
    here = {name: set(account.attributes.get(entries.spelling(name), ())) for name in change.attributes}
    before = all(here[name] == set(values[0]) for name, values in change.attributes.items())
    after = all(here[name] == set(values[1]) for name, values in change.attributes.items())
    if change.operation is Operation.DELETE:
        after = False  # the account is there
    if change.operation is Operation.RENAME:
        after = after and names_of.spelled_alike(account.dn, change.new_dn)
        before = before and not after and names_of.same(account.dn) == names_of.same(change.dn)
    if before and after:
        return _Side.BOTH
    return _Side.AFTER if after else _Side.BEFORE if before else _Side.NEITHER


def _left(entries: Entries, account: Account, action: Action, sides: dict[int, _Side]) -> Action | None:
    """Return what is left of an action that was begun, under the name that the account has now; None if nothing is."""
    has = {(right.entry, right.attribute) for right in entries.rights.get(names_of.same(account.dn), ())}
    left: list[Change] = []
    happened = False
    for change in action.changes:
        if change.operation in _RIGHTS:
            given = (change.entry, next(iter(change.attributes))) in has
            if given is (change.operation is Operation.GRANT):
                happened = True
            else:
                left.append(change)
        elif sides.get(id(change)) is _Side.BEFORE:
            left.append(replace(change, dn=account.dn))
        elif sides.get(id(change)) is _Side.AFTER:
            happened = True
    if not left:
        return None
    if not happened:
        return action
    made = [change for change in action.changes if change.operation is Operation.ENSURE_CONTAINER]
    return replace(action, changes=(*made, *left))


def _strange(entries: Entries, account: Account, own: Sequence[Change], sides: Sequence[_Side]) -> list[str]:
    """Return what does not fit: attributes that show neither state, or `dn`; those of every change if none does."""
    found: list[str] = []
    doubted = [change for change, side in zip(own, sides, strict=True) if side is _Side.NEITHER] or list(own)
    for change in doubted:
        found += [
            name
            for name, (before, after) in change.attributes.items()
            if set(account.attributes.get(entries.spelling(name), ())) not in (set(before), set(after))
        ]
        if change.new_dn and not names_of.spelled_alike(account.dn, change.new_dn):
            found.append("dn")
    return sorted(set(found)) or sorted({name for change in doubted for name in change.attributes})


def _for_a_person(action: Action, account: Account, strange: Sequence[str]) -> Outcome:
    listed = ", ".join(strange)
    return changes.unsuccessful(
        action,
        Text(
            f"{account.dn} không còn như trước thao tác, cũng không như sau đó ({listed}): thao tác bị cắt ngang và "
            "có người khác đã sửa. Chưa ghi thêm gì. Hãy xem mục này trong thư mục, sửa cho đúng hoặc để nguyên, rồi "
            "lập kế hoạch mới.",
            f"{account.dn} shows neither the state before the action nor the one after it ({listed}): the action was "
            "cut off and somebody else changed it. Nothing further was written. Look at the entry in the directory, "
            "put it right or leave it, then plan again.",
        ),
        Result.NEEDS_HUMAN,
    )
