"""The difference between an account as found and as it should be: attributes, name, place, and what to call it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core import dn as names_of
from syncagent.core.action import ActionKind, Change, Operation
from syncagent.core.directory import Shape, encode
from syncagent.core.holders import holders_after
from syncagent.core.names import fold
from syncagent.core.periods import last_day
from syncagent.core.stamp import Alias, Reason, Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.account import Account
    from syncagent.core.case import Case, Step
    from syncagent.core.directory import Directory
    from syncagent.core.mailbox import Difference
    from syncagent.core.policy import Target
    from syncagent.core.wanted import Address

_KEEP_THE_STATE = frozenset({ActionKind.RESET_PASSWORD, ActionKind.HAND_OVER})
_OPENING = frozenset({Reason.UNLOCKED, Reason.RETURNED})
"""Why a lock of the directory's own ends, too: the agency has written, and the password is new."""


def stamp_after(case: Case, step: Step, address: Address) -> Stamp:
    """Given the step taken today and the address decided, return the stamp the account carries afterwards.

    An address that is given up stays an alias to the last day of the regulation's term; one that is taken back
    is an alias no longer. The day on which a state began moves only when the state is set anew.
    """
    before = case.stamp
    if before and step.kind is None and not address.new and _still_true(case, step, before):
        return before
    held = case.account.address if case.account else ""
    sets_state = step.kind is not None and step.kind not in _KEEP_THE_STATE
    row, document = step.row, step.document
    if address.new:
        row = row or (case.person.current.takes_effect if case.person else case.unit.effective_date)
        document = document or address.order.document
    issued = before.issued if before else None
    if issued is None:
        issued = case.account.created if case.account else case.today
    fresh = Stamp(
        kind=case.kind,
        key=case.person.person_id if case.person else case.unit.unit,
        state=step.state,
        since=case.today if sets_state or before is None else before.since,
        why=step.why or (before.why if before else ""),
        unit=case.unit.unit if case.person and step.sync else "",
        issued=issued,
        password=case.today if step.default_password else None,
        row=row,
        document=document,
        aliases=_dated_aliases(case, step, held, address.address),
        holders=holders_after(case, before, new_password=step.default_password),
    )
    if before is None:
        return fresh
    return replace(
        fresh,
        unit=fresh.unit or before.unit,
        password=fresh.password or before.password,
        row=fresh.row or before.row,
        document=fresh.document or before.document,
    )


def _still_true(case: Case, step: Step, before: Stamp) -> bool:
    """Whether a stamp says what it would say again: same unit, no former address past its last day."""
    here = case.unit.unit if case.person and step.sync else before.unit
    if not set(_inherited(case, step)) <= set(before.aliases):
        return False
    if step.sync and before.holders != holders_after(case, before, new_password=step.default_password):
        return False
    return before.unit == here and all(alias.last_day >= case.today for alias in before.aliases)


def _inherited(case: Case, step: Step) -> tuple[Alias, ...]:
    """Return the addresses of old systems that lead here from now on; a mailbox that is closed takes none over."""
    return tuple(alias for alias in case.inherits if alias.last_day >= case.today) if step.sync else ()


def _dated_aliases(case: Case, step: Step, held: str, address: str) -> tuple[Alias, ...]:
    before = case.stamp.aliases if case.stamp else ()
    kept = {alias.address: alias.last_day for alias in before if alias.last_day >= case.today}
    kept |= dict(_inherited(case, step))
    if held and address != held:
        kept[held] = last_day(case.today, case.policy.regulation.alias_term, case.policy.calendar)
    kept.pop(address, None)
    return tuple(Alias(former, kept[former]) for former in sorted(kept))


def aliases_after(account: Account | None, before: Stamp | None, after: Stamp, address: str) -> tuple[str, ...]:
    """Return the aliases an account has afterwards: those nobody dated stay, the dated ones while they last."""
    dated = {alias.address for alias in (before.aliases if before else ())}
    found = set(account.aliases if account else ()) - dated
    found |= {alias.address for alias in after.aliases}
    return tuple(sorted(found - {address}))


def differences(directory: Directory, shape: Shape, account: Account) -> Difference:
    """Return the attributes that change, each with its values before and after.

    With a new address stands that the log-in name stays, where it can never follow.
    """
    found = account.attributes
    wanted = encode(directory, shape, found, account.stamp)
    login = directory.login
    if login.stays and wanted.get(directory.address, ()) != found.get(directory.address, ()):
        wanted[login.attribute] = found.get(login.attribute, ())
    told = [name for name, after in wanted.items() if found.get(name, ()) != after or name == login.attribute]
    return {name: (found.get(name, ()), wanted[name]) for name in sorted(told)}


def container_of(target: Target, line: tuple[str, ...]) -> str:
    """Given the keys of a unit and those above it, nearest first, return the DN where its accounts live.

    A directory without containers keeps all of them in one place.
    """
    if not target.directory.container_rdn:
        return target.base
    depth = next((n for n, unit in enumerate(line) if unit in target.containers), len(line))
    place = target.containers[line[depth]] if depth < len(line) else target.base
    for unit in reversed(line[:depth]):
        place = names_of.child(target.directory.container_rdn, unit, place)
    return place


def missing_containers(container: str, target: Target, present: frozenset[str]) -> tuple[Change, ...]:
    """Return the containers that must be made first, outermost first."""
    lacking: list[str] = []
    base = names_of.same(target.base)
    while container and names_of.same(container) != base and names_of.same(container) not in present:
        lacking.append(container)
        container = names_of.parent(container)
    rdn = target.directory.container_rdn
    return tuple(
        Change(
            Operation.ENSURE_CONTAINER,
            dn,
            {
                "objectClass": ((), (target.directory.container_class,)),
                rdn: ((), (names_of.rdn_value(dn),)),
            },
        )
        for dn in reversed(lacking)
    )


def entry_name(directory: Directory, container: str, name: str, login: str, taken: set[str]) -> str:
    """Return a free DN for a new or moved entry: the name, with the log-in beside it where the name is taken.

    Active Directory compares names without case and marks; so does this.
    """
    if directory.rdn.lower() == directory.login.attribute.lower():
        return names_of.child(directory.rdn, login, container)
    wished = names_of.child(directory.rdn, name, container)
    if names_of.folded(wished) in taken:
        wished = names_of.child(directory.rdn, f"{name} ({login})", container)
    return wished


def rename(
    directory: Directory, account: Account, container: str, changed: Difference, taken: set[str]
) -> Change | None:
    """Return the move or rename an account needs: its unit's place, and its new name if people see one.

    `taken` are the folded names in use; the old one becomes free and the new one taken.
    """
    here = names_of.parent(account.dn)
    before, after = changed.get(directory.display, ((), ()))
    stays = here == container or names_of.same(here) == names_of.same(container)
    if stays and not (before and after):
        return None
    name = names_of.rdn_value(account.dn)
    if before and after and fold(name) in {fold(before[0]), fold(f"{before[0]} ({account.login})")}:
        name = after[0]
    bare = name.removesuffix(f" ({account.login})")
    taken.discard(names_of.folded(account.dn))
    new_dn = entry_name(directory, here if stays else container, bare, account.login, taken)
    taken.add(names_of.folded(new_dn))
    if names_of.spelled_alike(new_dn, account.dn):
        return None
    return Change(Operation.RENAME, account.dn, {}, new_dn=new_dn)


def kind_of(step: Step, *, readdressed: bool, renamed: bool, changed: bool) -> ActionKind | None:
    """Return what to call the change: the step's own name, else the largest part of it."""
    if step.kind:
        return step.kind
    if readdressed:
        return ActionKind.READDRESS
    if renamed:
        return ActionKind.MOVE
    return ActionKind.UPDATE if changed else None


def shape_of(case: Case, step: Step, address: Address, facts: Mapping[str, str] | None) -> Shape:
    """Given the step and the address decided, return how an existing account should be."""
    account = case.account
    after = stamp_after(case, step, address)
    key = None
    if account and case.person and account.key != case.person.person_id:
        key = case.person.person_id
    return Shape(
        stamp=after,
        address=address.address,
        aliases=aliases_after(account, case.stamp, after, address.address),
        key=key,
        facts=facts,
        default_password=step.default_password,
        opens=step.why in _OPENING and step.kind is not ActionKind.RESET_PASSWORD,
        kept=case.kept,
    )
