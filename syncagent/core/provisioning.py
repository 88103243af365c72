"""A directory that is written by the service which provisions it: how its changes are called there.

OBM's LDAP is made from OBM's database by OBM itself; what the agent wants of an account it asks of OBM's API (decision
051). What a plan says is the same as for any directory, in the names of that API, with the calls that come of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from syncagent.core.action import Change, Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values


@dataclass(frozen=True, slots=True)
class Provisioning:
    """The service that writes a directory, as data.

    `system` is its name in plans. `new` are constants that every new account has. `creates`, `archives` and `deletes`
    are calls for a whole account, `changes` the call for what `calls` does not name.
    """

    system: str
    new: Mapping[str, str]
    creates: Values = ()
    archives: Values = ()
    deletes: Values = ()
    changes: str = ""
    calls: Mapping[str, Values] = field(default_factory=dict)


def provisioned(directory: Directory, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Given the changes of an account, return them as asked of the service that writes the directory, if there is one.

    The entry's name and its object classes are that service's own. A new address says that the log-in name stays, where
    it can never change.
    """
    service = directory.provisioning
    return tuple(_asked(service, directory, change) for change in changes) if service else changes


def _asked(service: Provisioning, directory: Directory, change: Change) -> Change:
    attributes, calls = change.attributes, service.deletes
    if change.operation is Operation.ADD:
        names = {"objectClass", directory.rdn} - {directory.login.attribute}
        wanted = {name: values for name, values in attributes.items() if name not in names}
        attributes = wanted | {name: ((), (value,)) for name, value in service.new.items()}
        calls = service.creates
    elif change.operation is Operation.MODIFY:
        calls = _calls(service, directory, change)
    return replace(change, attributes=dict(sorted(attributes.items())), system=service.system, calls=calls)


def _calls(service: Provisioning, directory: Directory, change: Change) -> Values:
    shut = directory.receives
    found: dict[str, None] = {}
    for name, (before, after) in sorted(change.attributes.items()):
        archives = shut is not None and name == shut.attribute and after == (shut.off,)
        if before != after:
            found |= dict.fromkeys(service.archives if archives else service.calls.get(name, (service.changes,)))
    if change.sets_password:
        found[service.changes] = None
    return tuple(found)
