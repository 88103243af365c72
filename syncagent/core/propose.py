"""From steps and addresses to actions: the exact changes, the reasons, what follows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from syncagent.core import compare, rights
from syncagent.core import dn as names_of
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.addresses import fold_address, login_for
from syncagent.core.case import Step, because
from syncagent.core.directory import Shape, encode, too_long
from syncagent.core.finding import Finding, FindingCode
from syncagent.core.mailbox import modifies
from syncagent.core.names import parted
from syncagent.core.orders import moot
from syncagent.core.proposed import action_of, display_name
from syncagent.core.regulation import InternalMove
from syncagent.core.reissue import not_now, obstacle_to
from syncagent.core.relocate import came_back, moved_away, relocation
from syncagent.core.stamp import Reason, State
from syncagent.core.terms import STATE_AFTER, then
from syncagent.core.wanted import Address
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.account import Account
    from syncagent.core.case import Case
    from syncagent.core.mailbox import Difference
    from syncagent.core.person import Person, PersonRow
    from syncagent.core.policy import Target
    from syncagent.core.survey import View


_AT_ONCE = frozenset({ActionKind.ADOPT, ActionKind.RESTORE})
"""Actions that bring an account fully in step by themselves (contract §5), a new address included."""


@dataclass(slots=True)
class Proposal:
    """The actions proposed so far and what stood in the way of others."""

    actions: list[Action] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Taken:
    """One target while the plan grows: names in use, in folded form, and where each unit's accounts live."""

    entries: set[str]
    logins: set[str]
    containers: Mapping[str, str]
    owners: rights.Ownership


def actions(view: View) -> Proposal:
    """Given the view of today, return the actions that bring everything in step, in provisional order."""
    proposal = Proposal()
    lines = {unit.unit: tuple(above.unit for above in view.roster.units.line(unit.unit)) for unit in view.roster.units}
    taken = {}
    for name, snapshot in view.snapshots.items():
        containers = {unit: compare.container_of(view.policy.targets[name], line) for unit, line in lines.items()}
        logins = {fold_address(account.login) for account in snapshot.accounts} | set(snapshot.logins)
        taken[name] = _Taken(snapshot.names, logins, containers, rights.Ownership.of(snapshot, containers))
    for subject, case in view.cases.items():
        step = view.steps[subject]
        if case.account:
            _existing(view, case, step, case.account, taken, proposal)
        elif step.kind is ActionKind.CREATE:
            _create(view, case, step, view.addresses[subject], taken, proposal)
    for case, step in view.former:
        if case.account and (step.kind or _closed_with_rights(view, case, case.account)):
            _existing(view, case, step, case.account, taken, proposal)
    return proposal


# ── accounts that exist ──────────────────────────────────────────────────────


def _existing(
    view: View, case: Case, step: Step, account: Account, everywhere: Mapping[str, _Taken], proposal: Proposal
) -> None:
    taken = everywhere[account.target]
    if case.stamp is None and step.kind is None:
        return
    target = view.policy.targets[account.target]
    address = (view.addresses.get(case.subject) if step.sync else None) or Address(account.address)
    if step.kind is ActionKind.DELETE:
        mailbox = target.directory.mailbox
        purge = mailbox.purge(account.dn, account.attributes) if mailbox else None
        change = Change(Operation.DELETE, account.dn, {target.directory.stamp: (_stamp_values(target, account), ())})
        gone = (purge, change) if purge else (change,)
        proposal.actions.append(action_of(view, case, step, step.kind, account.address, gone, None))
        return
    home = _elsewhere(view, case, account)
    person = None if home else case.person
    another = bool(address.new and account.address) and fold_address(address.address) != fold_address(account.address)
    mover = address.order.mover
    if person and mover and another and step.kind not in _AT_ONCE and _orders_reissue(view, person):
        obstacle = obstacle_to(view, case, mover, address) if step.state is State.ACTIVE else None
        if step.state is State.ACTIVE and obstacle is None:
            _reissue(view, case, mover, step, account, address, everywhere, proposal)
            return
        proposal.findings.extend([obstacle] if obstacle else [not_now(case)] if step.kind is None else [])
        address = Address(account.address, findings=(obstacle,) if obstacle else ())
    synced = step.sync and not address.findings
    if home:
        if synced and _relocated(view, case, step, account, address, home, everywhere, proposal):
            return
        synced = False
    if step.kind is None and not synced and not _lapsed(case, step) and not _closed_with_rights(view, case, account):
        return
    facts = _facts(view, case) if synced else None
    shape = compare.shape_of(case, step if synced else replace(step, sync=False), address, facts)
    changed = compare.differences(target.directory, shape, account)
    if oversize := too_long(target.directory, {name: after for name, (_, after) in changed.items()}):
        proposal.findings.append(_oversize(case, oversize))
        changed = {name: values for name, values in changed.items() if name not in oversize}
    moved = _place(view, case, target, account, changed, taken) if synced else ()
    snapshot = view.snapshots[target.name]
    owned = rights.moved(case, step, account, shape.stamp, snapshot, taken.owners, view.roster.units)
    proposal.findings.extend(owned.findings)
    kind = compare.kind_of(
        step,
        readdressed=bool(address.new and account.address),
        renamed=bool(moved),
        changed=bool(changed or owned.changes),
    )
    if kind is None:
        return
    box = target.directory.mailbox
    modified = modifies(box, account.dn, account.attributes, changed, sets_password=step.default_password)
    changes = (*modified, *owned.changes, *moved)
    step = replace(step, because=(*step.because, *owned.because)) if owned.because else step
    proposal.actions.append(action_of(view, case, step, kind, address.address, changes, shape.stamp, address))


def _lapsed(case: Case, step: Step) -> bool:
    """Whether a former address is past its last day: its term runs out whatever else waits."""
    former = case.stamp.aliases if case.stamp and step.state.receives else ()
    return any(alias.last_day < case.today for alias in former)


def _closed_with_rights(view: View, case: Case, account: Account) -> bool:
    """Whether a closed mailbox still has rights elsewhere: whoever gave them, they end with the service."""
    closed = case.stamp is not None and not case.stamp.state.receives
    return closed and names_of.same(account.dn) in view.snapshots[account.target].rights


def _stamp_values(target: Target, account: Account) -> tuple[str, ...]:
    return account.attributes.get(target.directory.stamp, ())


def _place(
    view: View, case: Case, target: Target, account: Account, changed: Difference, taken: _Taken
) -> tuple[Change, ...]:
    moved = compare.rename(target.directory, account, taken.containers[case.unit.unit], changed, taken.entries)
    if moved is None:
        return ()
    present = view.snapshots[target.name].containers
    return (*compare.missing_containers(names_of.parent(moved.new_dn), target, present), moved)


# ── another system ───────────────────────────────────────────────────────────


def _elsewhere(view: View, case: Case, account: Account) -> str:
    """Return the system where the unit of an account lives, empty if that is where the account is, or nowhere."""
    home = view.homes[case.unit.unit]
    return home.name if home and home.name != account.target else ""


def _relocated(
    view: View,
    case: Case,
    step: Step,
    account: Account,
    address: Address,
    home: str,
    everywhere: Mapping[str, _Taken],
    proposal: Proposal,
) -> bool:
    """Move an account to the system of its unit, by order and on one approval; say why if it must wait."""
    found = relocation(view, case, step, account, address, home)
    if isinstance(found, Finding):
        proposal.findings.append(found)
        return False
    close = replace(_closed(view, case, found.closing, account, everywhere, proposal), needs_order=True)
    opened = Proposal()
    bare = replace(case, account=None, stamp=None)
    _create(view, bare, found.opening, Address(account.address), everywhere, opened, needs=(close.id,))
    proposal.findings.extend(opened.findings)
    proposal.actions.extend([close, *opened.actions] if opened.actions else [])
    return bool(opened.actions)


# ── a new issue ──────────────────────────────────────────────────────────────


def _orders_reissue(view: View, person: Person) -> bool:
    return view.policy.internal_move is InternalMove.REISSUE and not person.current.agreed_address


def _reissue(
    view: View,
    case: Case,
    mover: PersonRow,
    step: Step,
    account: Account,
    address: Address,
    everywhere: Mapping[str, _Taken],
    proposal: Proposal,
) -> None:
    """Close the old mailbox, take its rights, and issue a new one: the literal reading of a move (domain §1.8 row 4 b).

    `mover` is the row by which the person moved; its decision closes and opens.
    """
    regulation = view.policy.regulation
    document = mover.document.number
    closes = regulation.mover.closes
    row = case.person.current.takes_effect if case.person else None
    closing = Step(
        STATE_AFTER[closes],
        closes,
        why=Reason.REISSUED,
        because=(because(regulation.mover.reissued, document=document),),
        due=mover.takes_effect,
        document=document,
        row=row,
        then=then(case, STATE_AFTER[closes], Reason.REISSUED, case.today),
    )
    close = _closed(view, case, closing, account, everywhere, proposal)
    opening = Step(
        State.ACTIVE,
        ActionKind.CREATE,
        why=Reason.ISSUED,
        because=(because(regulation.joiner, document=document), because(regulation.passwords.must_change)),
        due=mover.takes_effect,
        document=document,
        row=row,
        deadline=step.deadline,
        then=then(case, State.ACTIVE, Reason.ISSUED, case.today),
        default_password=True,
        sync=True,
        fulfils=moot(case),
    )
    proposal.actions.append(close)
    bare = replace(case, account=None, stamp=None)
    _create(view, bare, opening, address, everywhere, proposal, needs=(close.id,))


def _closed(
    view: View, case: Case, closing: Step, account: Account, everywhere: Mapping[str, _Taken], proposal: Proposal
) -> Action:
    """Return the action that closes a mailbox its holder is moved away from, with the rights it had elsewhere."""
    shape = compare.shape_of(case, closing, Address(account.address), None)
    directory = view.policy.targets[account.target].directory
    changed = compare.differences(directory, shape, account)
    snapshot, owners = view.snapshots[account.target], everywhere[account.target].owners
    owned = rights.moved(case, closing, account, shape.stamp, snapshot, owners, view.roster.units)
    proposal.findings.extend(owned.findings)
    closing = replace(closing, because=(*closing.because, *owned.because))
    changes = (*modifies(directory.mailbox, account.dn, account.attributes, changed), *owned.changes)
    kind = closing.kind or ActionKind.WITHDRAW
    return action_of(view, case, closing, kind, account.address, changes, shape.stamp)


def _create(
    view: View,
    case: Case,
    step: Step,
    address: Address,
    taken: Mapping[str, _Taken],
    proposal: Proposal,
    needs: tuple[str, ...] = (),
) -> None:
    target = view.homes[case.unit.unit]
    if not address.address:
        return
    if target is None or target.name not in taken:
        proposal.findings.append(_homeless(case))
        return
    if not needs and moved_away(view, case.subject, target.name):
        proposal.findings.append(came_back(case, target.name))
        return
    directory = target.directory
    names = taken[target.name]
    local = address.address.partition("@")[0]
    login = login_for(local, names.logins)
    stamp = compare.stamp_after(case, step, address)
    shape = Shape(
        stamp=stamp,
        address=address.address,
        aliases=tuple(alias.address for alias in stamp.aliases),
        login=login,
        key=case.person.person_id if case.person else None,
        facts=_facts(view, case),
        default_password=True,
        quota_mb=view.policy.regulation.quota.size_mb if view.policy.regulation.quota else None,
    )
    wanted = encode(directory, shape, {})
    if oversize := too_long(directory, wanted):
        proposal.findings.append(_oversize(case, oversize))
        return
    container = names.containers[case.unit.unit]
    dn = compare.entry_name(directory, container, display_name(case), login, names.entries)
    names.logins.add(fold_address(login))
    names.entries.add(names_of.folded(dn))
    added: Difference = {name: ((), values) for name, values in sorted(wanted.items()) if values}
    entry, own = directory.mailbox.parted(added) if directory.mailbox else (added, {})
    entry = {"objectClass": ((), directory.add_classes), **entry, directory.rdn: ((), (names_of.rdn_value(dn),))}
    changes = (
        *compare.missing_containers(container, target, view.snapshots[target.name].containers),
        Change(Operation.ADD, dn, entry, sets_password=True),
        *modifies(directory.mailbox, dn, {}, own),
    )
    made = action_of(
        view,
        case,
        step,
        ActionKind.CREATE,
        address.address,
        changes,
        shape.stamp,
        address,
        target=target.name,
    )
    proposal.actions.append(replace(made, needs=needs))


def _facts(view: View, case: Case) -> dict[str, str]:
    """Return what the templates of a directory mapping may show of a person or a unit."""
    facts = {
        "full_name": display_name(case),
        "given_name": "",
        "surname": "",
        "position": "",
        "unit": case.unit.unit,
        "unit_name": case.unit.name,
        "agency_name": view.words[case.subject]["agency_name"],
        "mail_nickname": view.addresses[case.subject].address.partition("@")[0],
    }
    if case.person:
        row = case.person.current
        facts["surname"], facts["given_name"] = parted(row.full_name, row.given_name)
        facts["position"] = row.position
    facts["surname_or_name"] = facts["surname"] or facts["full_name"]
    return facts


def _homeless(case: Case) -> Finding:
    return case.finding(
        FindingCode.MANUAL_STEPS,
        Text(
            f"Không có đích nào nhận tài khoản của đơn vị “{case.unit.unit}”; hãy bổ sung targets.*.units trong cấu "
            "hình.",
            f"No target takes accounts of unit “{case.unit.unit}”; add it to targets.*.units in the configuration.",
        ),
    )


def _oversize(case: Case, oversize: Mapping[str, int]) -> Finding:
    listed = ", ".join(f"{name} ≤ {limit}" for name, limit in sorted(oversize.items()))
    return case.finding(
        FindingCode.MANUAL_STEPS,
        Text(
            f"Giá trị của {case.subject} dài quá mức thư mục cho phép ({listed}); hãy rút ngắn trong danh sách.",
            f"Values of {case.subject} are longer than the directory allows ({listed}); shorten them in the roster.",
        ),
    )
