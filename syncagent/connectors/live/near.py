"""What a few actions concern, read right before they are carried out: their accounts and whoever is in their way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.entries import Entries
from syncagent.connectors.ldap.escape import equal
from syncagent.connectors.ldap.requests import Scope
from syncagent.connectors.live.read import by_identity
from syncagent.connectors.live.remains import remains
from syncagent.connectors.live.step import Seen
from syncagent.core import dn as names_of
from syncagent.core.account import Account
from syncagent.core.action import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.kind import Kind
    from syncagent.core.action import Action, Change
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values
    from syncagent.text import Text

_PLACED = frozenset({Operation.ENSURE_CONTAINER, Operation.ADD, Operation.RENAME, Operation.UNDELETE})
_GRANTED = frozenset({Operation.GRANT, Operation.REVOKE})
_GROUPS = "(objectClass=group)"


class Listed(NamedTuple):
    """That an entry's name stands in a group: the group, the attribute, and the value as the server holds it."""

    guid: str
    dn: str
    attribute: str
    value: bytes


@dataclass(slots=True)
class Near:
    """The neighbourhood of a few actions.

    `entries` is the picture on which they are tried, `found` the entries it is made from, by identity, and `values`
    theirs as plans show them; `containers` are those that were there; `below` the entries below an account that is to
    be deleted and `protected` why it may not be, by its identity.
    """

    branch: Branch
    entries: Entries
    found: dict[str, Entry]
    values: dict[str, Mapping[str, Values]]
    containers: frozenset[str]
    below: dict[str, list[Entry]] = field(default_factory=dict)
    protected: dict[str, Text] = field(default_factory=dict)

    def seen(self, guid: str) -> Seen | None:
        """Return an account as it was just read, None if it is not there."""
        found = self.found.get(guid)
        return Seen(guid, found.dn, self.values[guid], found.attributes) if found else None

    def made(self, action: Action) -> Account | None:
        """Return the account that a create has made already: it carries the very stamp."""
        if action.account or not action.stamp:
            return None
        return next((one for one in self.entries.accounts.values() if one.stamp == action.stamp), None)

    def listed(self, dn: str) -> list[Listed]:
        """Return where groups list a name."""
        name = names_of.same(dn)
        return [
            Listed(guid, entry.dn, attribute, value)
            for guid, entry in self.found.items()
            for attribute in self.branch.directory.rights
            for value in entry.attributes.get(attribute, ())
            if names_of.same(value.decode(errors="replace")) == name
        ]


def near(session: Session, kind: Kind, branch: Branch, actions: Sequence[Action]) -> Near:
    """Read what actions concern.

    Raises:
        Doubtful: not everything came.
        Unavailable: the connection is lost or time is up.
        Misconfigured: an entry cannot be understood.
    """
    found: dict[str, Entry] = {}
    names: set[str] = set()
    for entry in _places(session, branch, actions):
        found.setdefault(branch.guid(entry) or entry.dn, entry)
    for entry in (
        *by_identity(session, branch, _identities(branch, actions)),
        *_others(session, kind, branch, actions),
    ):
        found.setdefault(branch.guid(entry) or entry.dn, entry)
    for parent in sorted({names_of.parent(dn) for dn in _named(actions)}):
        if names_of.same(parent) in {names_of.same(entry.dn) for entry in found.values()}:
            everyone = session.read(parent, f"({branch.identity}=*)", scope=Scope.LEVEL)
            names.update(names_of.folded(entry.dn) for entry in everyone)
    below = {guid: _below(session, branch, found[guid]) for guid in _deleted(actions) if guid in found}
    names.update(names_of.folded(one.dn) for ones in below.values() if not kind.swept(ones) for one in ones)
    planned = {action.account.guid: action.account.dn for action in actions if action.account}
    values = {
        guid: branch.gathered(_as_planned(kind, planned, guid, one), number)
        for number, (guid, one) in enumerate(found.items(), 1)
    }
    snapshot = branch.snapshot(values.values())
    snapshot = replace(snapshot, others=snapshot.others | names)
    entries = Entries.of(snapshot, branch.directory, branch.base, branch.zone)
    entries.remains |= _remains(session, kind, branch, actions)
    protected = {account.guid: account.protected for account in snapshot.accounts if account.protected}
    shown = {guid: one.values for guid, one in values.items()}
    return Near(branch, entries, found, shown, frozenset(entries.containers), below, protected)


def _as_planned(kind: Kind, planned: dict[str, str], guid: str, entry: Entry) -> Entry:
    """Return an account that stands where its deletion has put it as if it stood where the plan saw it."""
    if guid in planned and names_of.same(entry.dn) == names_of.same(kind.parked(guid)):
        return entry._replace(dn=planned[guid])
    return entry


def _places(session: Session, branch: Branch, actions: Sequence[Action]) -> Iterator[Entry]:
    """Yield the base and, as far as they are there, the containers that actions make or put something into."""
    wanted = {names_of.same(branch.base): branch.base}
    for action in actions:
        for change in action.changes:
            if change.operation is Operation.ENSURE_CONTAINER:
                wanted.setdefault(names_of.same(change.dn), change.dn)
    wanted |= {names_of.same(parent): parent for dn in _named(actions) if (parent := names_of.parent(dn))}
    for dn in wanted.values():
        if entry := session.find(dn, branch.asked):
            yield entry


def _named(actions: Sequence[Action]) -> list[str]:
    """Return the names that actions give."""
    return [
        change.new_dn or change.dn for action in actions for change in action.changes if change.operation in _PLACED
    ]


def _deleted(actions: Sequence[Action]) -> set[str]:
    return {
        action.account.guid
        for action in actions
        if action.account and any(change.operation is Operation.DELETE for change in action.changes)
    }


def _remains(session: Session, kind: Kind, branch: Branch, actions: Sequence[Action]) -> dict[str, Account]:
    """Return the deleted accounts that actions bring back, as far as that can be done."""
    asked = [
        (action.account.guid, change.dn)
        for action in actions
        for change in action.changes
        if action.account and change.operation is Operation.UNDELETE
    ]
    found = {guid: remains(session, kind, branch, guid, dn) for guid, dn in asked}
    return {guid: one for guid, one in found.items() if isinstance(one, Account)}


def _below(session: Session, branch: Branch, account: Entry) -> list[Entry]:
    found = session.read(account.dn, f"({branch.identity}=*)", ("objectClass",))
    return [entry for entry in found if names_of.same(entry.dn) != names_of.same(account.dn)]


def _identities(branch: Branch, actions: Sequence[Action]) -> set[bytes]:
    """Return the identities of the accounts of actions, and of the entries they give rights on."""
    accounts = {action.account.guid for action in actions if action.account}
    granted = {change.entry for action in actions for change in action.changes if change.operation in _GRANTED}
    return {branch.raw_identity(guid) for guid in accounts | granted}


def _others(session: Session, kind: Kind, branch: Branch, actions: Sequence[Action]) -> Iterator[Entry]:
    """Yield whoever holds what actions take, and the groups that must be followed or that protect somebody."""
    if terms := _terms(kind, branch, actions):
        yield from session.read(branch.context, f"(|{''.join(sorted(terms))})", branch.asked)


def _terms(kind: Kind, branch: Branch, actions: Sequence[Action]) -> set[str]:
    terms: set[str] = set()
    for action in actions:
        for change in action.changes:
            if change.operation in {Operation.ADD, Operation.MODIFY, Operation.UNDELETE}:
                terms |= _holding(branch, change)
            elif change.operation in {Operation.RENAME, Operation.DELETE} and kind.follows and action.account:
                terms |= {equal(attribute, action.account.dn) for attribute in branch.directory.rights}
            if change.operation is Operation.DELETE and branch.directory.protected_groups:
                terms.add(_GROUPS)
    return terms


def _holding(branch: Branch, change: Change) -> set[str]:
    """Return filters for whoever holds a log-in name or an address that a change gives."""
    directory = branch.directory
    terms: set[str] = set()
    taken: set[str] = set()
    for name, (before, after) in change.attributes.items():
        new = set(after) - set(before)
        if name == directory.login.attribute:
            terms |= {equal(name, value) for value in new}
        if name in _address_attributes(directory):
            taken |= {value.rpartition(":")[2].lower() for value in new if "@" in value}
    rules = directory.addresses
    for address in taken:
        listed = {prefix.lower() + address for prefix in (rules.primary, rules.other, rules.held)}
        terms |= {equal(rules.attribute, value) for value in listed}
        terms |= {equal(name, address) for name in _address_attributes(directory) - {rules.attribute}}
    return terms


def _address_attributes(directory: Directory) -> set[str]:
    principal = {directory.principal.attribute} if directory.principal else set()
    return {directory.address, directory.addresses.attribute, *principal}
