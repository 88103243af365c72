"""Which actions may be carried out together: those that do not concern each other."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from syncagent.core import dn as names_of
from syncagent.core.action import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncagent.core.action import Action
    from syncagent.core.directory import Directory

_ON_OTHERS = frozenset({Operation.GRANT, Operation.REVOKE, Operation.ENSURE_CONTAINER})


def waves(actions: Sequence[Action], directory: Directory) -> list[list[Action]]:
    """Given actions in order, return them in groups to be carried out one after the other, each group together.

    An action stands in a later group than every earlier one that it needs, that concerns the same account, name, log-in
    name or address, or that moves the place it puts something into. Who gets a right on a group concerns nobody else.
    """
    claimed = {directory.login.attribute, directory.address, directory.addresses.attribute}
    claimed |= {directory.principal.attribute} if directory.principal else set()
    found: list[list[Action]] = []
    own_until: dict[str, int] = defaultdict(int)  # the wave after which a thing is free again
    used_until: dict[str, int] = defaultdict(int)
    ends: dict[str, int] = defaultdict(int)
    for action in actions:
        own, places = set(_own(action, claimed)), set(_places(action))
        number = max(
            *(own_until[one] for one in own | places),
            *(used_until[one] for one in own),
            *(ends[need] for need in action.needs),
            *(0, 0),
        )
        own_until.update(dict.fromkeys(own, number + 1))
        used_until.update({place: max(used_until[place], number + 1) for place in places})
        ends[action.id] = number + 1
        if number == len(found):
            found.append([])
        found[number].append(action)
    return found


def _own(action: Action, claimed: set[str]) -> Iterator[str]:
    if action.account:
        yield f"account {action.account.guid}"
    for change in action.changes:
        if change.operation not in _ON_OTHERS:
            yield from (f"name {names_of.folded(dn)}" for dn in (change.dn, change.new_dn) if dn)
            for name in claimed.intersection(change.attributes):
                before, after = change.attributes[name]
                yield from (f"value {_bare(value)}" for value in set(before) ^ set(after))


def _bare(value: str) -> str:
    """Return a value so that an address is the same with every prefix and in every attribute."""
    return value.rpartition(":")[2].casefold()


def _places(action: Action) -> Iterator[str]:
    for change in action.changes:
        if change.operation is Operation.ADD:
            yield f"name {names_of.folded(names_of.parent(change.dn))}"
        elif change.new_dn:
            yield f"name {names_of.folded(names_of.parent(change.new_dn))}"
