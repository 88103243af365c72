"""What an approved action does to the entries of a directory in memory.

An action is carried out whole or not at all: everything it expects is looked at before anything is changed.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, assert_never
from uuid import UUID, uuid5

from syncagent.connectors.entries import claims
from syncagent.core import dn as names_of
from syncagent.core.action import Operation
from syncagent.core.notation import Syntax
from syncagent.core.outcome import Outcome, Result
from syncagent.core.privacy import hide_identity_numbers
from syncagent.core.snapshot import Right
from syncagent.errors import Conflict, Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncagent.connectors.entries import Entries
    from syncagent.core.account import Account
    from syncagent.core.action import Action, Change
    from syncagent.core.notation import Values

_NAMESPACE = UUID("5f0c6b0e-4d55-5b0a-9c53-1d6f6f3f0a86")
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

_ON_OTHERS = frozenset({Operation.GRANT, Operation.REVOKE})

_Containers = dict[str, dict[str, "Values"]]


def identity(marker: str, name: str) -> str:
    """Given a plan's marker and the id of a create, return the identity of what it creates.

    It is the same whenever the same action is carried out, so that an interrupted create is found again.
    """
    return str(uuid5(_NAMESPACE, f"{marker}\n{name}"))


def carry_out(entries: Entries, actions: Sequence[Action], marker: str) -> list[Outcome]:
    """Carry out the actions in order and return what became of each, in the same order."""
    together = {action.id for action in actions}
    done: set[str] = set()
    outcomes: list[Outcome] = []
    for action in actions:
        lacking = [need for need in action.needs if need in together and need not in done]
        outcome = not_tried(action, lacking[0]) if lacking else attempted(entries, action, marker)
        if outcome.result is Result.DONE:
            done.add(action.id)
        outcomes.append(outcome)
    return outcomes


# ── one action ───────────────────────────────────────────────────────────────


def attempted(entries: Entries, action: Action, marker: str) -> Outcome:
    """Carry out one action, whole or not at all, and return what became of it."""
    try:
        return _carry_out(entries, action, marker)
    except Conflict as error:
        return unsuccessful(action, error.says)
    except Rejected as error:
        return unsuccessful(action, error.says, Result.FAILED)


def _carry_out(entries: Entries, action: Action, marker: str) -> Outcome:
    guid = action.account.guid if action.account else identity(marker, action.id)
    before = entries.accounts.get(guid)
    if before and action.account is None:  # this very action made it and was interrupted
        return done(action, guid, before.dn)
    if before is None and action.account and guid not in entries.remains:
        raise Conflict(gone(action.account.dn))
    made: _Containers = {}
    account = _walked(entries, action, guid, before, marker, made)
    _check_held(entries, before, account)
    for dn, attributes in made.items():
        entries.make(dn, attributes)
    for change in action.changes:
        if before and change.operation in _ON_OTHERS:
            _regrant(entries, before, change)
    entries.put(before, account)
    if account and not before:
        entries.classes[guid] = _classes(entries, action)
    last = account or before
    return done(action, guid, last.dn if last else "")


def _walked(
    entries: Entries, action: Action, guid: str, before: Account | None, marker: str, made: _Containers
) -> Account | None:
    """Return the account as the changes leave it, and collect the containers they make; nothing is kept yet."""
    account = before
    for change in action.changes:
        match change.operation:
            case Operation.ENSURE_CONTAINER:
                _ensure(entries, change, marker, made)
            case Operation.ADD:
                _check_free(entries, change.dn, made)
                account = _added(entries, change, guid, action)
            case Operation.MODIFY | Operation.ENABLE | Operation.PURGE:
                account = _modified(entries, _standing(account, before, change), change)
            case Operation.RENAME:
                account = _renamed(entries, _standing(account, before, change), change, made)
            case Operation.DELETE:
                _check_leaf(entries, _standing(account, before, change), change)
                account = None
            case Operation.UNDELETE:
                account = _undeleted(entries, change, guid, before, made)
            case Operation.GRANT | Operation.REVOKE:
                _check_shared(entries, change)
            case _:
                assert_never(change.operation)
    return account


def _check_shared(entries: Entries, change: Change) -> None:
    """Refuse a right on an entry that is gone; taking one that nobody has any more is done already."""
    if change.entry not in entries.shared:
        raise Conflict(
            Text(
                f"Không còn {change.dn}, nơi ghi quyền; hãy lập kế hoạch mới.",
                f"{change.dn}, where the right stands, is gone; plan again.",
            )
        )


def _regrant(entries: Entries, account: Account, change: Change) -> None:
    right = Right(change.entry, entries.shared[change.entry], next(iter(change.attributes)))
    entries.regrant(account, right, given=change.operation is Operation.GRANT)


def _ensure(entries: Entries, change: Change, marker: str, made: _Containers) -> None:
    if entries.holds(change.dn) or change.dn in made:
        return
    _check_free(entries, change.dn, made)
    made[change.dn] = {name: after for name, (_, after) in change.attributes.items() if after}
    made[change.dn][entries.directory.identity] = (identity(marker, names_of.same(change.dn)),)


def _added(entries: Entries, change: Change, guid: str, action: Action) -> Account:
    directory = entries.directory
    values = {
        entries.spelling(name): after
        for name, (_, after) in change.attributes.items()
        if after and name != "objectClass"
    }
    values[directory.identity] = (guid,)
    if directory.created:
        issued = (action.stamp.issued if action.stamp else None) or action.due
        midnight = datetime.combine(issued, time(), entries.zone)
        values[directory.created.attribute] = (_written(midnight, directory.created.syntax),)
    return entries.decoded(change.dn, values, None)


def _undeleted(entries: Entries, change: Change, guid: str, before: Account | None, made: _Containers) -> Account:
    """Return the account as it comes back, if it is still what the plan saw among the deleted."""
    found = entries.remains.get(guid)
    if before or found is None:
        raise Conflict(not_deleted(change.dn))
    for name, (_, after) in change.attributes.items():
        if set(found.attributes.get(entries.spelling(name), ())) != set(after):
            raise Conflict(edited(change.dn, name))
    _check_free(entries, change.dn, made)
    return found


def _classes(entries: Entries, action: Action) -> Values:
    """Return the object classes a create asks for."""
    added = (change.attributes for change in action.changes if change.operation is Operation.ADD)
    return next((attributes["objectClass"][1] for attributes in added if "objectClass" in attributes), ()) or (
        entries.directory.add_classes
    )


def _modified(entries: Entries, account: Account, change: Change) -> Account:
    _check_before(entries, account, change)
    values = dict(account.attributes)
    for name, (_, after) in change.attributes.items():
        values.pop(entries.spelling(name), None)
        if after:
            values[entries.spelling(name)] = after
    return entries.decoded(account.dn, values, account)


def _renamed(entries: Entries, account: Account, change: Change, made: _Containers) -> Account:
    """Return the account under its new name, the attribute that bears the name in step with it."""
    _check_before(entries, account, change)
    if names_of.folded(change.new_dn) != names_of.folded(account.dn):
        _check_free(entries, change.new_dn, made)
    values = dict(account.attributes)
    bearer = entries.spelling(names_of.split(change.new_dn)[0].partition("=")[0].strip())
    old, new = names_of.rdn_value(account.dn), names_of.rdn_value(change.new_dn)
    present = values.get(bearer, ())
    values[bearer] = (new, *(value for value in present if len(present) > 1 and value not in {old, new}))
    return entries.decoded(change.new_dn, values, account)


# ── what an action expects ───────────────────────────────────────────────────


def _standing(account: Account | None, before: Account | None, change: Change) -> Account:
    """Return the account if it stands where the change expects it, by its name before or within the action."""
    if account is None:
        raise Conflict(gone(change.dn))
    here = {names_of.same(one.dn) for one in (account, before) if one}
    if names_of.same(change.dn) not in here:
        raise Conflict(
            Text(
                f"{change.dn} nay là {account.dn}; giữ nguyên, hãy lập kế hoạch mới.",
                f"{change.dn} is now {account.dn}; left alone, plan again.",
            )
        )
    return account


def _check_before(entries: Entries, account: Account, change: Change) -> None:
    for spelled, (before, _) in change.attributes.items():
        name = entries.spelling(spelled)
        if set(account.attributes.get(name, ())) != set(before):
            raise Conflict(edited(account.dn, name))


def _check_free(entries: Entries, dn: str, made: _Containers) -> None:
    """Refuse a name that is taken, or that has no place."""
    if entries.takes(dn) or names_of.folded(dn) in {names_of.folded(one) for one in made}:
        raise Conflict(taken(dn))
    above = names_of.parent(dn)
    if not entries.holds(above) and names_of.same(above) not in {names_of.same(one) for one in made}:
        raise Conflict(
            Text(
                f"{dn}: không còn nơi chứa {above}; hãy lập kế hoạch mới.",
                f"{dn}: the container {above} is gone; plan again.",
            )
        )


def _check_held(entries: Entries, before: Account | None, after: Account | None) -> None:
    """Refuse a log-in name or an address that another entry holds."""
    for claim in sorted(claims(after) - claims(before)):
        holder = entries.holder(claim)
        if holder and after and holder != after.guid:
            at = entries.accounts[holder].dn if holder in entries.accounts else holder
            name = claim.partition(" ")[2]
            raise Conflict(
                Text(
                    f"{after.dn}: {name} đang do {at} giữ; giữ nguyên, hãy lập kế hoạch mới.",
                    f"{after.dn}: {name} is held by {at}; left alone, plan again.",
                )
            )


def _check_leaf(entries: Entries, account: Account, change: Change) -> None:
    _check_before(entries, account, change)
    if below := entries.below(account.dn):
        raise Rejected(
            Text(
                f"{account.dn} còn {len(below)} mục con nên không xóa; hãy xử lý các mục con trước.",
                f"{account.dn} has {len(below)} entries below it and is not deleted; deal with those first.",
            )
        )


def _written(moment: datetime, syntax: Syntax) -> str:
    if syntax is Syntax.FILETIME:
        return str((moment - _FILETIME_EPOCH) // timedelta(microseconds=1) * 10)
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


# ── what became of it ────────────────────────────────────────────────────────


def done(action: Action, guid: str, dn: str) -> Outcome:
    """Return the outcome of an action that succeeded, and where its account is."""
    return Outcome(action.id, Result.DONE, guid=guid, dn=_shown(dn))


def unsuccessful(action: Action, says: Text, result: Result = Result.CONFLICT) -> Outcome:
    """Return the outcome of an action that did not succeed; its account is where the plan saw it."""
    return Outcome(action.id, result, Text(*map(_shown, says)), *(action.account[1:] if action.account else ()))


def _shown(text: str) -> str:
    """Return a name or a sentence as outcomes keep it: somebody may have put a number into a name a moment ago."""
    return hide_identity_numbers(text, lambda _: "…")


def not_tried(action: Action, need: str) -> Outcome:
    """Return the outcome of an action that needs one that did not succeed."""
    says = Text(
        f"Chưa thực hiện: cần thao tác {need} xong trước, mà thao tác đó không thành công.",
        f"Not tried: it needs action {need}, which did not succeed.",
    )
    return unsuccessful(action, says, Result.NOT_TRIED)


def gone(dn: str) -> Text:
    """Return the sentence about an account that is not there."""
    return Text(
        f"Không còn tài khoản {dn} trong thư mục; hãy lập kế hoạch mới.",
        f"The account {dn} is no longer in the directory; plan again.",
    )


def not_deleted(dn: str) -> Text:
    """Return the sentence about an account that is not among the deleted ones."""
    return Text(
        f"{dn} không có trong các mục đã xóa, hoặc không đọc được; hãy lập kế hoạch mới.",
        f"{dn} is not among the deleted entries, or cannot be read there; plan again.",
    )


def edited(dn: str, attribute: str) -> Text:
    """Return the sentence about an account that is no longer as the plan saw it."""
    return Text(
        f"{dn}: {attribute} đã bị sửa sau khi lập kế hoạch; giữ nguyên, hãy lập kế hoạch mới.",
        f"{dn}: {attribute} was changed after the plan was made; left alone, plan again.",
    )


def taken(dn: str) -> Text:
    """Return the sentence about a name that another entry bears."""
    return Text(
        f"Tên {dn} đã có mục khác mang (so không phân biệt dấu, chữ hoa); hãy lập kế hoạch mới.",
        f"The name {dn} belongs to another entry (compared without marks and case); plan again.",
    )
