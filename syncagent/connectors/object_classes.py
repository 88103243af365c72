"""What the object classes of an entry say: whether it is an account, a place, a group, a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values
    from syncagent.core.password_policy import PolicySource

_PLACES = frozenset({"domain", "domaindns", "dcobject", "organization", "container", "locality", "country"})
_NEVER_EMPTY = frozenset({"groupofnames", "groupofuniquenames"})


class Kind(NamedTuple):
    """What the object classes of an entry say.

    `fused` says that they are those of two entries run into one, `never_empty` that it must have members.
    """

    account: bool
    place: bool
    policy: PolicySource | None
    fused: bool
    group: bool
    never_empty: bool


class Kinds:
    """The kinds of the entries of one directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._known: dict[Values, Kind] = {}

    def of(self, classes: Values) -> Kind:
        """Given the object classes of an entry, return what they say; the same classes come many times."""
        if classes not in self._known:
            directory, names = self._directory, {name.lower() for name in classes}
            account = directory.account_class.lower() in names and not names & directory.not_classes
            place = bool(names & _PLACES) or directory.container_class.lower() in names
            fused = len(names) < len(classes) or (account and place)
            policies = (one for one in directory.password_policies if one.object_class.lower() in names)
            self._known[classes] = Kind(
                account,
                place,
                next(policies, None),
                fused,
                any("group" in name for name in names),
                bool(names & _NEVER_EMPTY),
            )
        return self._known[classes]
