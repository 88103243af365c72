"""From the changes of an action to the writes that carry them out, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from syncagent.connectors import changes
from syncagent.connectors.attribute import as_bytes
from syncagent.connectors.ldap.requests import Add, Edit, Modify, Rename
from syncagent.connectors.live.step import (
    CLASS_VIOLATION,
    ENTRY_EXISTS,
    NO_SUCH_ATTRIBUTE,
    VALUE_EXISTS,
    Seen,
    Step,
    nothing_differs,
)
from syncagent.core import dn as names_of
from syncagent.core.action import Operation
from syncagent.errors import Conflict, Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syncagent.connectors.ldap.requests import Write
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.kind import Edits, Kind
    from syncagent.connectors.live.near import Listed, Near
    from syncagent.core.action import Action, Change
    from syncagent.core.notation import Values
    from syncagent.trust.secret import Secret


@dataclass(frozen=True, slots=True)
class Steps:
    """Makes the steps of one action; `password` is what its changes set, None if they set none."""

    session: Session
    kind: Kind
    branch: Branch
    near: Near
    password: Secret | None

    def of(self, action: Action) -> Iterator[Step]:
        """Yield the steps of an action, in order.

        Raises:
            Rejected: a change may not be carried out on this server.
        """
        for change in map(self._spelled, action.changes):
            match change.operation:
                case Operation.ENSURE_CONTAINER:
                    if names_of.same(change.dn) not in self.near.containers:
                        yield self._container(change)
                case Operation.ADD | Operation.MODIFY | Operation.UNDELETE:
                    yield from _completing(change, self._written(action, change))
                case Operation.RENAME:
                    yield from _completing(change, [self._renamed(change)])
                    yield from self._followed(action, change.new_dn)
                case Operation.DELETE:
                    deleting = self._deleted(action, change)
                    yield from self._followed(action, "")  # first: cut off, the account is still there to start from
                    yield from _completing(change, deleting)
                case Operation.GRANT | Operation.REVOKE:
                    yield from _completing(change, [self._shared(change)])
                case Operation.ENABLE | Operation.PURGE:
                    raise Rejected(
                        Text(
                            f"Đích này không có hệ thống thư “{change.system}”; hãy lập kế hoạch mới.",
                            f"There is no mail system “{change.system}” behind this target; plan again.",
                        ),
                        where=change.dn,
                    )
                case _:
                    assert_never(change.operation)

    def _spelled(self, change: Change) -> Change:
        """Return a change with attributes as the mapping spells them."""
        known = self.branch.directory.attributes()
        named = {known.get(name.lower(), name): values for name, values in change.attributes.items()}
        return replace(change, attributes=named)

    # ── one change ──

    def _container(self, change: Change) -> Step:
        attributes = self._octets({name: after for name, (_, after) in change.attributes.items()})
        add = Add(change.dn, attributes)
        return Step(lambda _: add, nothing_differs, frozenset({ENTRY_EXISTS}))

    def _written(self, action: Action, change: Change) -> list[Step]:
        if change.operation is Operation.ADD:
            return self._created(change)
        if change.operation is Operation.UNDELETE and action.account:
            return self.kind.undeleting(self.session, self.branch, change, action.account.guid)
        return [self._modified(change)]

    def _created(self, change: Change) -> list[Step]:
        attributes = {name: after for name, (_, after) in change.attributes.items() if after}
        attributes.setdefault("objectClass", self.branch.directory.add_classes)
        password = self.password if change.sets_password else None
        first, *others = self.kind.creating(self.branch.directory, change, self._octets(attributes), password)
        return [first._replace(sets_password=password is not None), *others]

    def _modified(self, change: Change) -> Step:
        def write(seen: Seen | None) -> Write | None:
            here = expected(seen, change)
            edits: Edits = [*self._edits(here, change)]
            edits += self.kind.beside(
                self.branch.directory, here, change, self.password if change.sets_password else None
            )
            at = self.kind.at(here.guid, here.dn)
            return Modify(at, edits, self.kind.conditions(self.session, here)) if edits else None

        sets = change.sets_password and self.password is not None
        return Step(write, lambda seen: differing(seen, change.attributes, self.kind.orders), sets_password=sets)

    def _renamed(self, change: Change) -> Step:
        def write(seen: Seen | None) -> Write | None:
            here = expected(seen, change)
            rdn, above = names_of.split(change.new_dn)
            stays = names_of.same(above) == names_of.same(names_of.parent(here.dn))
            if stays and names_of.spelled_alike(here.dn, change.new_dn):
                return None
            return Rename(here.dn, rdn, None if stays else above, self.kind.conditions(self.session, here))

        def differs(seen: Seen | None) -> str:
            return "" if seen and names_of.spelled_alike(seen.dn, change.new_dn) else self.branch.directory.rdn

        return Step(write, differs)

    def _deleted(self, action: Action, change: Change) -> list[Step]:
        guid = action.account.guid if action.account else ""
        if why := self.near.protected.get(guid):
            raise Rejected(
                Text(
                    f"{change.dn} được bảo vệ ({why.vi}) nên không xóa.",
                    f"{change.dn} is protected ({why.en}) and is not deleted.",
                )
            )
        return self.kind.deleting(self.session, self.branch, change, self.near.below.get(guid, ()))

    def _shared(self, change: Change) -> Step:
        entry = self.near.found[change.entry]
        attribute = next(iter(change.attributes))
        edit = Edit.ADD if change.operation is Operation.GRANT else Edit.DELETE
        at = self.kind.at(change.entry, entry.dn)

        def write(seen: Seen | None) -> Write | None:
            return Modify(at, [(edit, attribute, [_standing(seen, change.dn).dn.encode()])])

        settled = frozenset({VALUE_EXISTS if edit is Edit.ADD else NO_SUCH_ATTRIBUTE})
        return Step(write, nothing_differs, settled, on=entry.dn)

    def _followed(self, action: Action, new_dn: str) -> Iterator[Step]:
        """Yield writes that bring the names in groups in step, where the server may not do so itself."""
        if self.kind.follows and action.account:
            for listed in self.near.listed(action.account.dn):
                yield self._follow(listed, new_dn)

    def _follow(self, listed: Listed, new_dn: str) -> Step:
        new: Edits = [(Edit.ADD, listed.attribute, [new_dn.encode()])] if new_dn else []
        edits: Edits = [(Edit.DELETE, listed.attribute, [listed.value]), *new]
        modify = Modify(self.kind.at(listed.guid, listed.dn), edits)
        last_one_stays = frozenset() if new_dn else frozenset({CLASS_VIOLATION})
        settled = last_one_stays | {NO_SUCH_ATTRIBUTE, VALUE_EXISTS}
        return Step(lambda _: modify, nothing_differs, settled, on=listed.dn)

    # ── values ──

    def _octets(self, attributes: Mapping[str, Values]) -> dict[str, Sequence[bytes]]:
        return {
            name: [as_bytes(self.branch.directory, name, value) for value in values]
            for name, values in attributes.items()
        }

    def _edits(self, seen: Seen, change: Change) -> Iterator[tuple[Edit, str, Sequence[bytes]]]:
        """Yield for each attribute that its old values go, as the server holds them, and the new ones come.

        One that stays as it is goes and comes, too: the server then refuses the whole if it is no longer so.
        """
        for name, (before, after) in change.attributes.items():
            if name.lower() in self.kind.orders:
                yield Edit.REPLACE, name, self._octets({name: after})[name]
                continue
            stays = set(before) == set(after)
            raw = zip(seen.values.get(name, ()), seen.raw.get(name, ()), strict=True)
            old = [octets for text, octets in raw if stays or text not in after]
            new = old if stays else self._octets({name: tuple(text for text in after if text not in before)})[name]
            if old:
                yield Edit.DELETE, name, old
            if new:
                yield Edit.ADD, name, new


def _completing(change: Change, steps: Sequence[Step]) -> Iterator[Step]:
    """Yield the steps of a change; it stands after the last."""
    *first, last = steps
    yield from first
    yield last._replace(change=change)


def differing(seen: Seen | None, attributes: Mapping[str, tuple[Values, Values]], orders: Mapping[str, str]) -> str:
    """Return the attributes that do not hold what they should; a value that somebody added meanwhile is none of ours.

    `orders` are attributes of which one value, once written, turns into another.
    """
    if seen is None:
        return "dn"
    wrong = []
    for name, (before, after) in attributes.items():
        shown = set(seen.values.get(name, ()))
        is_so = set(after) <= shown and not shown.intersection(set(before) - set(after))
        if not is_so and name != "objectClass" and after != (orders.get(name.lower()),):
            wrong.append(name)
    return ", ".join(sorted(wrong))


def _standing(seen: Seen | None, dn: str) -> Seen:
    if seen is None:
        raise Conflict(changes.gone(dn))
    return seen


def expected(seen: Seen | None, change: Change) -> Seen:
    """Given the account as it was just read, return it if all that a change touches is what the plan saw.

    Raises:
        Conflict: it is not, or the account is gone.
    """
    here = _standing(seen, change.dn)
    for name, (before, _) in change.attributes.items():
        if set(here.values.get(name, ())) != set(before):
            raise Conflict(changes.edited(here.dn, name))
    return here
