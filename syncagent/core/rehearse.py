"""What a plan would leave behind if every action succeeded: for forecasts, and to prove that it suffices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core import dn as names_of
from syncagent.core.action import Operation
from syncagent.core.addresses import fold_address
from syncagent.core.directory import decode
from syncagent.core.ledger import Fulfilled, Known
from syncagent.core.mailbox import kept_after
from syncagent.core.rights import after_action
from syncagent.core.snapshot import Right
from syncagent.core.stamp import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from syncagent.core.account import Account
    from syncagent.core.action import Action, Change
    from syncagent.core.ledger import Ledger
    from syncagent.core.policy import Policy, Target
    from syncagent.core.snapshot import Snapshot


def after(snapshot: Snapshot, actions: Sequence[Action], policy: Policy, zone: tzinfo) -> Snapshot:
    """Given a snapshot and a plan's actions, return the target as it would be read afterwards."""
    target = policy.targets[snapshot.target]
    accounts = {account.guid: account for account in snapshot.accounts}
    containers = set(snapshot.containers)
    others = set(snapshot.others)
    rights = dict(snapshot.rights)
    for action in actions:
        if action.target != snapshot.target:
            continue
        guid = action.account.guid if action.account else f"new:{action.id}:{action.subject}"
        for change in action.changes:
            if change.operation is Operation.ENSURE_CONTAINER:
                containers.add(names_of.same(change.dn))
                others.add(names_of.folded(change.dn))
            elif change.operation in {Operation.GRANT, Operation.REVOKE}:
                _keep_rights(rights, change)
            elif change.operation is Operation.DELETE:
                del accounts[guid]
            else:
                before = accounts.get(guid)
                accounts[guid] = _changed(before, change, target, guid, action, zone)
                if before and before.dn != accounts[guid].dn and names_of.same(before.dn) in rights:
                    rights[names_of.same(accounts[guid].dn)] = rights.pop(names_of.same(before.dn))
    return replace(
        snapshot,
        accounts=tuple(accounts.values()),
        containers=frozenset(containers),
        others=frozenset(others),
        rights=rights,
    )


def _keep_rights(rights: dict[str, tuple[Right, ...]], change: Change) -> None:
    """Take or give one right; the directory lists it by the name of its holder."""
    attribute, (before, given) = next(iter(change.attributes.items()))
    holder = names_of.same((*before, *given)[0])
    others = tuple(one for one in rights.get(holder, ()) if (one.entry, one.attribute) != (change.entry, attribute))
    rights[holder] = (*others, Right(change.entry, change.dn, attribute)) if given else others


def _changed(
    account: Account | None, change: Change, target: Target, guid: str, action: Action, zone: tzinfo
) -> Account:
    directory = target.directory
    known = directory.attributes()
    values: dict[str, tuple[str, ...]] = {directory.identity: (guid,)}
    values |= account.attributes if account else {}
    for name, (_, wanted) in change.attributes.items():
        values.pop(name, None)
        if wanted and name.lower() in known:
            values[name] = wanted
    dn = change.new_dn or change.dn
    unseen = frozenset(use.attribute for use in directory.last_use) if account is None else frozenset[str]()
    found = decode(directory, target.name, dn, values, zone, unseen)
    if account is None:
        return replace(found, created=action.stamp.issued if action.stamp else None)
    return replace(found, last_use=account.last_use, created=account.created, protected=account.protected)


def remembered(ledger: Ledger, actions: Sequence[Action], today: date) -> Ledger:
    """Given the ledger and a plan's actions, return the ledger as it would be afterwards."""
    accounts = dict(ledger.accounts)
    issued = dict(ledger.issued)
    fulfilled = dict(ledger.fulfilled)
    rights = dict(ledger.rights)
    kept = dict(ledger.kept)
    for action in actions:
        guid = action.account.guid if action.account else f"new:{action.id}:{action.subject}"
        fulfilled |= dict.fromkeys(action.fulfils, Fulfilled(today, action.kind))
        for address in filter(None, (action.address, action.previous_address)):
            issued.setdefault(fold_address(address), action.subject)
        if action.stamp:
            accounts[action.target, guid] = Known(action.target, guid, action.stamp)
            rights[action.target, guid] = after_action(rights.get((action.target, guid), ()), action)
            kept[action.target, guid] = kept_after(kept.get((action.target, guid), {}), action)
        elif known := accounts.get((action.target, guid)):
            gone = replace(known.stamp, state=State.DELETED, since=today, aliases=())
            accounts[action.target, guid] = known._replace(stamp=gone)
    return replace(ledger, accounts=accounts, issued=issued, fulfilled=fulfilled, rights=rights, kept=kept)
