"""A snapshot after edits that concern nobody but the accounts edited: only these are read anew."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from syncagent.connectors.attribute import shown
from syncagent.connectors.entries import unseen
from syncagent.connectors.gathering import is_of_unit
from syncagent.core.directory import decode
from syncagent.core.privacy import holds_identity_number

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import tzinfo

    from syncagent.connectors.gathering import Entry
    from syncagent.core.account import Account
    from syncagent.core.directory import Directory
    from syncagent.core.snapshot import Snapshot


def replaced(
    last: Snapshot,
    edits: Collection[tuple[Entry | None, Entry | None]],
    directory: Directory,
    zone: tzinfo,
) -> Snapshot | None:
    """Given the last snapshot and entries before and after, return the snapshot with the accounts as they are now.

    Return None where an edit bears on more than its account: another name, group, right, policy or object class, an
    entry that came or went or is no account, the first or last evidence of use there is, a fault; then everything must
    be gathered. `zone` is as in `Gathering`.
    """
    if not edits:
        return last
    alone = _alone(edits, directory)
    if alone is None:
        return None
    accounts, shared = list(last.accounts), dict(last.shared)
    changed = [(place, *alone[account.guid]) for place, account in enumerate(accounts) if account.guid in alone]
    if len(changed) < len(alone):
        return None
    values = [account.attributes for account in accounts]
    absent = unseen(directory, values)
    for place, _, new in changed:
        values[place] = new.values
    if unseen(directory, values) != absent:
        return None
    for place, old, new in changed:
        after = _after(last, accounts[place], old, new, directory, zone, absent)
        if after is None:
            return None
        accounts[place] = after
        if is_of_unit(after):
            shared[after.guid] = after.dn
        elif not any(name in new.aside for name in directory.rights):
            shared.pop(after.guid, None)
    return replace(last, accounts=tuple(accounts), shared=shared)


def _alone(
    edits: Collection[tuple[Entry | None, Entry | None]], directory: Directory
) -> dict[str, tuple[Entry, Entry]] | None:
    """Return the edits by identity, None if one of them bears on others."""
    found: dict[str, tuple[Entry, Entry]] = {}
    for old, new in edits:
        if old is None or new is None or not _is_alone(directory, old, new):
            return None
        found[new.values[directory.identity][0]] = old, new
    return found


def _is_alone(directory: Directory, old: Entry, new: Entry) -> bool:
    """Whether an edit says nothing of anybody else, and both states can be shown as they are."""
    alike = old.dn == new.dn and old.aside.keys() == new.aside.keys()
    names = (entry.values.get(name, ()) for entry in (old, new) for name in shown(directory))
    return (
        alike
        and len(new.values.get(directory.identity, ())) == 1
        and all(sorted(old.aside[name]) == sorted(values) for name, values in new.aside.items())
        and not any("group" in name.lower() for name in new.aside.get("objectClass", ()))
        and not holds_identity_number("\n".join((old.dn, *chain.from_iterable(names))))
    )


def _after(
    last: Snapshot,
    before: Account,
    old: Entry,
    new: Entry,
    directory: Directory,
    zone: tzinfo,
    absent: frozenset[str],
) -> Account | None:
    """Return the account as it is now; None if a value is wrong, or nobody knows whether a group protects it."""
    try:
        marked = decode(directory, last.target, old.dn, old.values, zone, absent).protected
        after = decode(directory, last.target, new.dn, new.values, zone, absent)
    except (ValueError, OverflowError):
        return None
    if marked and not after.protected:
        return None
    return after if after.protected else replace(after, protected=before.protected)
