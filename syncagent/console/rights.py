"""Who may do what in the console, and in which units: the one table, and how a person's groups are read by it."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Role(StrEnum):
    """What a group of the directory is to the console; nobody has a role by themselves."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    SECOND_APPROVER = "second-approver"
    AUDITOR = "auditor"


class Right(StrEnum):
    """What can be seen or done. Nothing in the console writes to a target, and nobody may change the audit log."""

    OVERVIEW = "overview"
    PLAN = "plan"
    APPROVE = "approve"
    SECOND = "second"
    REJECT = "reject"
    PERSON = "person"
    REQUESTS = "requests"
    ENTER_REQUEST = "enter-request"
    CALENDAR = "calendar"
    MIGRATION = "migration"
    AUDIT = "audit"
    SETTINGS = "settings"
    STOP = "stop"


_READ: Final = frozenset({Right.OVERVIEW, Right.PLAN, Right.PERSON, Right.CALENDAR})
_DECIDE: Final = _READ | {Right.REQUESTS, Right.APPROVE, Right.REJECT, Right.STOP}

MATRIX: Final[Mapping[Role, frozenset[Right]]] = {
    Role.VIEWER: _READ,
    Role.OPERATOR: _READ | {Right.REQUESTS, Right.ENTER_REQUEST, Right.MIGRATION, Right.SETTINGS, Right.STOP},
    Role.APPROVER: _DECIDE,
    Role.SECOND_APPROVER: _DECIDE | {Right.SECOND},
    Role.AUDITOR: _READ | {Right.REQUESTS, Right.MIGRATION, Right.AUDIT, Right.SETTINGS},
}

WHOLE: Final = frozenset({Right.REJECT, Right.MIGRATION, Right.AUDIT, Right.SETTINGS, Right.STOP})
"""What concerns all units at once: only those have it whose role is for all of them."""

EVERYWHERE: Final = "*"


class Grant(NamedTuple):
    """A role and the units it is for, as patterns of their keys."""

    role: Role
    units: tuple[str, ...]


class Person(NamedTuple):
    """Somebody who is logged in: their permanent identity, log-in and name in the directory, and their grants."""

    guid: str
    login: str
    name: str
    grants: tuple[Grant, ...]

    def may(self, right: Right) -> bool:
        """Whether this is theirs in some unit; what concerns all units, only where they have all."""
        return any(
            right in MATRIX[grant.role] and (right not in WHOLE or EVERYWHERE in grant.units) for grant in self.grants
        )

    def everywhere(self, right: Right) -> bool:
        """Whether this is theirs in every unit."""
        return any(right in MATRIX[grant.role] and EVERYWHERE in grant.units for grant in self.grants)

    def within(self, right: Right, above: Callable[[str], Iterable[str]]) -> Callable[[str], bool]:
        """Return what says of a unit whether this is theirs there.

        Args:
            right: what is to be seen or done.
            above: gives the keys of a unit and of those above it.
        """
        patterns = {one for grant in self.grants if right in MATRIX[grant.role] for one in grant.units}
        known: dict[str, bool] = {}

        def holds(unit: str) -> bool:
            if unit not in known:
                line = (unit, *above(unit))
                known[unit] = EVERYWHERE in patterns or any(fnmatchcase(key, one) for key in line for one in patterns)
            return known[unit]

        return holds

    @property
    def decides(self) -> bool:
        """Whether they may approve anywhere; their sessions end sooner."""
        return any(Right.APPROVE in MATRIX[grant.role] for grant in self.grants)


def grants_of(groups: Iterable[str], roles: Mapping[str, Grant]) -> tuple[Grant, ...]:
    """Given the groups somebody is in and what each is to the console, return their grants."""
    return tuple(dict.fromkeys(roles[group] for group in sorted(groups) if group in roles))
