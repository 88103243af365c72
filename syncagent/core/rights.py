"""Rights on agency mailboxes and groups end with the service, and come back with the mailbox (NB-50, Điều 10.2.b).

A leaver loses every right under the base of the mail accounts; a mover those on what belongs to units they no longer
stand under. What was taken when a mailbox was closed is remembered and given back when it is restored.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core import dn as names_of
from syncagent.core.action import ActionKind, Change, Operation
from syncagent.core.case import because
from syncagent.core.finding import FindingCode, Severity
from syncagent.core.snapshot import Right
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncagent.core.account import Account
    from syncagent.core.action import Action, Because
    from syncagent.core.case import Case, Step
    from syncagent.core.finding import Finding
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.stamp import Stamp
    from syncagent.core.unit import Units


class Ownership(NamedTuple):
    """Which entries of one target give rights that the agent may take, and to which unit each belongs.

    A unit's mailbox belongs to the unit its stamp names, a group to the unit in whose container it lies. The accounts
    in `foreign` are not ours or are protected: nothing on them is touched. `taken` counts what this plan has taken so
    far, by entry and attribute: where several leave at once, an entry that must have a member keeps its last one.
    """

    by_entry: Mapping[str, str]
    by_container: Mapping[str, str]
    foreign: frozenset[str]
    taken: Counter[tuple[str, str]]

    @classmethod
    def of(cls, snapshot: Snapshot, containers: Mapping[str, str]) -> Ownership:
        """Given a snapshot and the container of each unit, return whose everything is."""
        found = [account for account in snapshot.accounts if account.guid in snapshot.shared] if snapshot.shared else []
        ours = {account.guid: account.stamp for account in found if account.stamp and not account.protected}
        return cls(
            {guid: stamp.unit or stamp.key for guid, stamp in ours.items()},
            {names_of.same(dn): unit for unit, dn in containers.items()},
            frozenset(account.guid for account in found if account.guid not in ours),
            Counter(),
        )

    def may_take(self, right: Right) -> bool:
        """Whether a right may be taken, and note that it is."""
        place = (right.entry, right.attribute)
        if right.others is not None and right.others <= self.taken[place]:
            return False
        self.taken[place] += 1
        return True

    def unit(self, right: Right) -> str:
        """Return the unit that an entry belongs to, empty if it belongs to none."""
        if right.entry in self.by_entry:
            return self.by_entry[right.entry]
        above = names_of.same(names_of.parent(right.dn))
        while above and above not in self.by_container:
            above = names_of.parent(above)
        return self.by_container.get(above, "")


class Moved(NamedTuple):
    """What happens to somebody's rights: the changes, the reason, and what a person must see to."""

    changes: tuple[Change, ...] = ()
    because: tuple[Because, ...] = ()
    findings: tuple[Finding, ...] = ()


_NOTHING = Moved()


def moved(
    case: Case, step: Step, account: Account, after: Stamp, snapshot: Snapshot, owners: Ownership, units: Units
) -> Moved:
    """Return the rights that are taken from an account or given back to it by what is done today."""
    clause = case.policy.regulation.rights
    leaves = not after.state.receives
    before = case.stamp.unit if case.stamp else ""
    moves = before not in {"", after.unit}
    if clause is None or case.person is None or not (leaves or moves or step.kind is ActionKind.RESTORE):
        return _NOTHING
    held = [right for right in _held(snapshot, account) if right.entry not in owners.foreign]
    lost: list[Right] = []
    changes: list[Change] = []
    if step.kind is ActionKind.RESTORE:
        here = {"", *(unit.unit for unit in units.line(after.unit))}
        changes = [
            change
            for change in _given_back(case, account, held, snapshot, owners)
            if owners.unit(_right(change)) in here
        ]
    elif leaves:
        lost = held
    else:
        gone = {unit.unit for unit in units.line(before)} - {unit.unit for unit in units.line(after.unit)}
        lost = [right for right in held if owners.unit(right) in gone]
    takes = [right for right in lost if owners.may_take(right)]
    changes += [_change(Operation.REVOKE, right, account.dn) for right in takes]
    only = [right for right in lost if right not in takes]
    return Moved(
        tuple(changes),
        (because(clause, document=step.document),) if changes else (),
        (_only_member(case, account, only),) if only else (),
    )


def after_action(before: tuple[Right, ...], action: Action) -> tuple[Right, ...]:
    """Given the rights to be given back to an account, return them as they are once an action is carried out.

    An open mailbox has nothing to be given back: a restore gives what it can, and what a move takes stays taken.
    """
    if action.stamp and action.stamp.state.receives:
        return ()
    taken = {_right(change) for change in action.changes if change.operation is Operation.REVOKE}
    return tuple(sorted({*before, *taken}))


def _held(snapshot: Snapshot, account: Account) -> tuple[Right, ...]:
    return snapshot.rights.get(names_of.same(account.dn), ()) if snapshot.rights else ()


def _given_back(
    case: Case, account: Account, held: Sequence[Right], snapshot: Snapshot, owners: Ownership
) -> list[Change]:
    has = {(right.entry, right.attribute) for right in held}
    return [
        _change(Operation.GRANT, right._replace(dn=snapshot.shared[right.entry]), account.dn)
        for right in case.rights
        if right.entry in snapshot.shared
        and right.entry not in owners.foreign
        and (right.entry, right.attribute) not in has
    ]


def _change(operation: Operation, right: Right, holder: str) -> Change:
    values = ((), (holder,)) if operation is Operation.GRANT else ((holder,), ())
    return Change(operation, right.dn, {right.attribute: values}, entry=right.entry)


def _right(change: Change) -> Right:
    return Right(change.entry, change.dn, next(iter(change.attributes)))


def _only_member(case: Case, account: Account, only: Sequence[Right]) -> Finding:
    listed = "; ".join(right.dn for right in only)
    return case.finding(
        FindingCode.MANUAL_STEPS,
        Text(
            f"{account.dn} là thành viên cuối cùng của {listed}; nhóm không được phép trống nên phần mềm không gỡ. Hãy "
            "thêm người khác rồi gỡ, hoặc xóa nhóm.",
            f"{account.dn} is the last member of {listed}, which must not be empty, so the agent takes nothing. Add "
            "somebody else first, or delete the group.",
        ),
        Severity.WARNING,
        tuple(right.dn for right in only),
    )
