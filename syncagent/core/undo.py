"""The inverse of a plan that was carried out, from the values it found (reviewed and approved like any plan).

What is taken back is what the plan changed and nobody changed since. A created account becomes a disabled one; a
mailbox that is closed again begins its terms anew, so that no deletion comes sooner for it (law 6). A deleted one comes
back as far as its directory still holds it (`undelete`). What cannot be undone is a finding with the steps a person
must take.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from syncagent.core import brakes, compare
from syncagent.core import dn as names_of
from syncagent.core.action import Action, ActionKind, Because, Change, Operation, Review
from syncagent.core.directory import Shape
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.guard import Guard
from syncagent.core.mailbox import modifies
from syncagent.core.order import in_order
from syncagent.core.plan import Plan
from syncagent.core.provisioning import provisioned
from syncagent.core.stamp import Reason, State, parse
from syncagent.core.survey import survey
from syncagent.core.undelete import returned
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from syncagent.core.account import Account, AccountRef
    from syncagent.core.ledger import Ledger
    from syncagent.core.outcome import Outcome
    from syncagent.core.policy import Policy, Target
    from syncagent.core.roster import Roster
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.stamp import Stamp

NOTHING_LEFT: Final[Mapping[tuple[str, str], Account | Text]] = MappingProxyType({})

_Values = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
"""Attributes with their values before and after."""

_CLOSES = {State.LOCKED: ActionKind.LOCK, State.WITHDRAWN: ActionKind.WITHDRAW, State.DISABLED: ActionKind.DISABLE}
_FOR_GOOD = {
    ActionKind.RESET_PASSWORD: Text(
        "mật khẩu cũ không lưu ở đâu; nếu cần hãy cấp lại mật khẩu",
        "the old password is kept nowhere; reset it again if need be",
    ),
    ActionKind.HAND_OVER: Text(
        "mật khẩu cũ không lưu ở đâu; nếu cần hãy bàn giao lại",
        "the old password is kept nowhere; hand the mailbox over again if need be",
    ),
    ActionKind.ADOPT: Text(
        "tài khoản đã thuộc quyền quản lý của phần mềm; nếu không muốn, hãy ghi nó vào brakes.never",
        "the account is ours now; if it should not be, name it in brakes.never",
    ),
}

_CHANGED = Text(
    "tài khoản đã đổi khác từ đó; hãy xem lại và xử lý bằng kế hoạch thường",
    "the account changed since; look at it and settle it with an ordinary plan",
)
_BROUGHT_BACK = Text(
    "tài khoản đã được khôi phục từ Recycle Bin; chỉ xóa lại khi hết thời hạn hoặc có lệnh bằng văn bản",
    "the account came back from the Recycle Bin; it is deleted again when its term is over, or on a written order",
)
_QUARANTINED = Text(
    "danh sách hoặc thư mục đang có lỗi về người hoặc đơn vị này; hãy sửa lỗi rồi đảo lại",
    "the roster or the directory is at fault about this person or unit; mend that, then undo again",
)


def undone(
    plan_id: str,
    plan: Plan,
    outcomes: Mapping[str, Outcome],
    roster: Roster,
    snapshots: Sequence[Snapshot],
    ledger: Ledger,
    policy: Policy,
    today: date,
    inputs: Mapping[str, object] | None = None,
    remains: Mapping[tuple[str, str], Account | Text] = NOTHING_LEFT,
    old: Sequence[Snapshot] = (),
) -> Plan:
    """Given a plan and the actions of it that were carried out, return the plan that takes them back.

    Args:
        plan_id: of the plan to be undone.
        plan: its matter, with the values it found.
        outcomes: the outcomes of what was carried out, by action id.
        roster: the admitted roster.
        snapshots: one complete snapshot per target, as it is now.
        ledger: what the agent remembers.
        policy: the regulation, the targets, the brakes.
        today: the day that counts.
        inputs: what the plan was made from, for its header.
        remains: by target and identity, what is left of the accounts that the plan deleted, or why nothing is.
        old: the old systems of a merger, where the plan moved a wave; nobody of the roster is looked for there.
    """
    found = survey(roster, snapshots, ledger, policy, today)
    by_target = {snapshot.target: snapshot for snapshot in (*snapshots, *old)}
    view = replace(found, snapshots=by_target)
    accounts = {(account.target, account.guid): account for shot in by_target.values() for account in shot.accounts}
    proposed: list[Action] = []
    findings: list[Finding] = []
    for action in plan.actions:
        if action.id not in outcomes:
            continue
        guid = outcomes[action.id].guid or (action.account.guid if action.account else "")
        account = accounts.get((action.target, guid))
        if action.subject in roster.quarantined or action.subject in view.matches.doubtful:
            findings.append(_by_hand(action, _QUARANTINED))
            continue
        shot = by_target[action.target]
        if action.kind is ActionKind.DELETE and account is None:
            back = _given_back(plan_id, action, remains.get((action.target, guid)), shot, policy, today)
        else:
            back = _back(plan_id, action, account, shot, policy, today)
        if isinstance(back, Finding):
            findings.append(back)
        else:
            proposed.append(back)
    kept, held_back = Guard(view, ledger).sift(proposed)
    ordered = in_order(kept)
    managed = [view.cases[subject].unit.unit for subject in view.matches.current if subject in view.cases]
    state = brakes.check(ordered, managed, roster.units, policy.brakes, ledger.recent)
    return Plan(
        as_of=today,
        regulation=policy.regulation.id,
        policy=policy.digest,
        actions=brakes.reviewed(ordered, state),
        findings=tuple(sorted((*findings, *held_back), key=lambda found: (found.code, found.subject))),
        brakes=state,
        skips=(),
        inputs=inputs or {},
        undoes=plan_id,
    )


def _back(
    plan_id: str, action: Action, account: Account | None, snapshot: Snapshot, policy: Policy, today: date
) -> Action | Finding:
    """Return the action that takes one back, or why there is none."""
    target = policy.targets[action.target]
    if action.kind is ActionKind.DELETE:
        return _by_hand(action, _CHANGED)
    if action.undeletes:
        return _by_hand(action, _BROUGHT_BACK)
    if reason := _FOR_GOOD.get(action.kind):
        return _by_hand(action, reason)
    left = _expected(target, action)
    if account is None or account.stamp is None or not _shows(account, action, left):
        return _by_hand(action, _CHANGED)
    if action.kind is ActionKind.CREATE:
        stamp = _closed(account.stamp, State.DISABLED, today)
        shape = Shape(stamp, account.address, account.aliases)
        changes: tuple[Change, ...] = (
            *modifies(
                target.directory.mailbox,
                account.dn,
                account.attributes,
                compare.differences(target.directory, shape, account),
            ),
        )
    else:
        before = _stamp_before(target, left) or _opened(target, account.stamp, left, today)
        stamp = before if before.state is State.ACTIVE else _closed(before, before.state, today)
        changes = _inverse(target, action, account, snapshot, stamp, left)
    kind = _kind(action.kind, stamp.state)
    return _inverted(plan_id, action, kind, account.ref, stamp, provisioned(target.directory, changes), policy, today)


def _given_back(
    plan_id: str, action: Action, remains: Account | Text | None, snapshot: Snapshot, policy: Policy, today: date
) -> Action | Finding:
    """Return the action that brings a deleted account back, or why there is none."""
    way = returned(action, remains, policy.targets[action.target], snapshot, today)
    if isinstance(way, Text):
        return _by_hand(action, way)
    return _inverted(plan_id, action, ActionKind.RESTORE, action.account, way.stamp, way.changes, policy, today)


def _inverted(
    plan_id: str,
    action: Action,
    kind: ActionKind,
    account: AccountRef | None,
    stamp: Stamp,
    changes: tuple[Change, ...],
    policy: Policy,
    today: date,
) -> Action:
    """Return an action as its inverse: what it does, to which account, and how strictly that is reviewed."""
    review = max((policy.reviews.of(kind), action.review), key=list(Review).index)
    return replace(
        action,
        id=f"{kind}:{action.subject}:{account.guid if account else ''}",
        kind=kind,
        address=action.previous_address or action.address,
        previous_address=action.address if action.previous_address else "",
        account=account,
        due=today,
        review=review,
        because=(_because(plan_id, action),),
        changes=changes,
        stamp=stamp,
        needs=(),
        then=None,
        deadline=None,
        fulfils=(),
    )


def _kind(done: ActionKind, state: State) -> ActionKind:
    """Return what to call the inverse, given the state it leads to."""
    if done in {ActionKind.READDRESS, ActionKind.MOVE, ActionKind.UPDATE}:
        return done
    if state is State.ACTIVE:
        return ActionKind.UNLOCK if done is ActionKind.LOCK else ActionKind.RESTORE
    return _CLOSES[state]


def _closed(stamp: Stamp, state: State, today: date) -> Stamp:
    """Return a stamp whose state begins today: a term that ran before does not run on."""
    return replace(stamp, state=state, since=today, why=Reason.UNDONE if stamp.state is not state else stamp.why)


def _opened(target: Target, stamp: Stamp, left: _Values, today: date) -> Stamp:
    """Return the mark of an account whose mark the action left alone; one that it found unmarked is open again."""
    if target.directory.stamp not in left:
        return stamp
    return replace(stamp, state=State.ACTIVE, since=today, why=Reason.UNDONE)


def _expected(target: Target, action: Action) -> _Values:
    """Return what the action's modifies found and left, without what only the holder of a password changes."""
    switch = target.directory.must_change
    return {
        name: values
        for change in action.changes
        if change.operation is Operation.MODIFY
        for name, values in change.attributes.items()
        if switch is None or name != switch.attribute
    }


def _shows(account: Account, action: Action, left: _Values) -> bool:
    """Whether an account is as the action left it."""
    if action.kind is ActionKind.CREATE:
        return account.stamp == action.stamp
    moved = next((change.new_dn for change in reversed(action.changes) if change.new_dn), "")
    at = moved or (action.account.dn if action.account else "")
    return names_of.same(account.dn) == names_of.same(at) and all(
        set(account.attributes.get(name, ())) == set(after) for name, (_, after) in left.items()
    )


def _stamp_before(target: Target, left: _Values) -> Stamp | None:
    found = left.get(target.directory.stamp, ((), ()))[0]
    return next(filter(None, map(parse, found)), None)


def _inverse(
    target: Target,
    action: Action,
    account: Account,
    snapshot: Snapshot,
    stamp: Stamp,
    left: _Values,
) -> tuple[Change, ...]:
    """Return the changes that give back what an action found: values, rights that can still be given, and the name."""
    mark = target.directory.stamp
    values = {name: (after, before) for name, (before, after) in left.items()}
    if mark in values:
        values[mark] = (values[mark][0], (str(stamp),))
    changes = list(modifies(target.directory.mailbox, account.dn, account.attributes, values))
    has = {(right.entry, right.attribute) for right in snapshot.rights.get(names_of.same(account.dn), ())}
    for change in action.changes:
        name = next(iter(change.attributes), "")
        if change.operation is Operation.GRANT and (change.entry, name) in has:
            changes.append(replace(change, operation=Operation.REVOKE, attributes={name: ((account.dn,), ())}))
        elif (
            change.operation is Operation.REVOKE and change.entry in snapshot.shared and (change.entry, name) not in has
        ):
            changes.append(replace(change, operation=Operation.GRANT, attributes={name: ((), (account.dn,))}))
    if action.account and names_of.same(action.account.dn) != names_of.same(account.dn):
        above = names_of.parent(action.account.dn)
        changes += compare.missing_containers(above, target, snapshot.containers)
        changes.append(Change(Operation.RENAME, account.dn, {}, new_dn=action.account.dn))
    return tuple(changes)


def _because(plan_id: str, action: Action) -> Because:
    return Because(
        "undo",
        "",
        Text(
            f"Đảo lại thao tác {action.id} của kế hoạch {plan_id}, trả về giá trị trước đó",
            f"Takes back action {action.id} of plan {plan_id}, with the values it found",
        ),
    )


def _by_hand(action: Action, why: Text) -> Finding:
    return Finding(
        FindingCode.MANUAL_STEPS,
        Severity.REVIEW,
        action.subject,
        Text(
            f"Không đảo lại được {action.id} ({action.address}): {why.vi}.",
            f"Action {action.id} ({action.address}) cannot be taken back: {why.en}.",
        ),
        candidates=(action.id,),
    )
