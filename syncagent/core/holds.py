"""What binds an account whatever the regulation says: holds, and orders that cannot be read (law 3).

Somebody who writes a hold spells the subject as they know it: a key, an address, a log-in name, a unit, a DN.
Every such spelling binds.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core import dn as names_of_entries
from syncagent.core.addresses import fold_address
from syncagent.core.compare import container_of
from syncagent.core.ledger import Hold
from syncagent.core.request import RequestKind
from syncagent.core.stamp import AccountKind
from syncagent.core.unit import unit_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.action import Action, Change
    from syncagent.core.ledger import Ledger
    from syncagent.core.policy import Policy, Target
    from syncagent.core.request import Request
    from syncagent.core.roster import Roster
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.unit import Units


_BY_GUID = "account:"
"""What stands before the identity of an account that was never matched, where an address was issued to it."""


class Standing(NamedTuple):
    """The holds that stand, and whom faulty requests concern, both by the name compared (`known_by`)."""

    holds: Mapping[str, Hold]
    doubted: frozenset[str]

    @classmethod
    def of(cls, ledger: Ledger, roster: Roster, today: date) -> Standing:
        """Given holds recorded in the state, written requests and faulty ones, return what binds.

        An address stands for the person it was ever issued to, though they bear another one by now; that of a unit
        stands for its mailbox alone.
        """
        holds = requested_holds(roster.requests, today)
        holds |= {known_by(hold.subject): hold for hold in ledger.holds.values()}
        doubted = {known_by(subject) for subject, _ in roster.doubted}
        owners = {name: ledger.issued.get(name, "") for name in (*holds, *doubted)}
        owners = {
            name: known_by(owner.removeprefix(_BY_GUID))
            for name, owner in owners.items()
            if owner and not owner.startswith(unit_key(""))
        }
        holds = {owners[name]: hold for name, hold in holds.items() if name in owners} | holds
        return cls(holds, frozenset({*doubted, *(owners[name] for name in doubted if name in owners)}))

    def over(self, names: Iterable[str]) -> Hold | None:
        """Return the hold on one of these names, None if there is none."""
        return next((self.holds[name] for name in sorted(names) if name in self.holds), None)

    def over_right(self, action: Action, change: Change, around: Around) -> Hold | None:
        """Return the hold on the mailbox or group on which a change gives or takes a right, None if there is none."""
        return self.over(around.names_at(action.target, change)) if change.entry and self.holds else None


class Around(NamedTuple):
    """What stands around the accounts that a plan acts on: by which names groups and units' mailboxes are known.

    `called` are addresses and log-in names by the DN of their entry, `homes` the unit of each container, by target.
    """

    snapshots: Mapping[str, Snapshot]
    accounts: Mapping[tuple[str, str], Account]
    called: Mapping[tuple[str, str], tuple[str, ...]]
    homes: Mapping[str, Mapping[str, str]]
    units: Units

    @classmethod
    def of(cls, snapshots: Iterable[Snapshot], policy: Policy, units: Units) -> Around:
        """Given what was read of all targets, return what may be named there."""
        found = {snapshot.target: snapshot for snapshot in snapshots}
        called: dict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
        for target, snapshot in found.items():
            for name, dn in (*snapshot.addresses.items(), *snapshot.logins.items()):
                called[target, dn] += (name,)
        lines = {unit.unit: tuple(above.unit for above in units.line(unit.unit)) for unit in units}
        homes = {name: _homes(policy.targets[name], lines) for name in found}
        accounts = {(one.target, one.guid): one for shot in found.values() for one in shot.accounts}
        return cls(found, accounts, called, homes, units)

    def names_at(self, target: str, change: Change) -> frozenset[str]:
        """Return everything by which somebody may name the entry of a change, as `known_by` gives it.

        A group is named by its DN, name, identity, log-in or mail address, and by the units in whose container it lies.
        """
        if account := self.accounts.get((target, change.entry)):
            return names_of_account(account, self.units)
        dn = self.snapshots[target].shared.get(change.entry, change.dn)
        found = (dn, change.dn, change.entry, names_of_entries.rdn_value(dn), *self.called.get((target, dn), ()))
        return frozenset(map(known_by, found)) | names_of_unit(self._home(target, dn), self.units)

    def names_of(self, action: Action) -> frozenset[str]:
        """Return everything by which somebody may name what an action touches, as `known_by` gives it.

        An account lies in the container of its unit and in those above it, whatever the roster says of them today: a
        hold on a unit binds those who were there when it was placed.
        """
        account = self.account(action)
        named = names_of(action, account, self.units)
        if account is None:
            return named
        homes, above = self.homes[account.target], names_of_entries.same(names_of_entries.parent(account.dn))
        while above:
            named |= names_of_unit(homes.get(above, ""), self.units)
            above = names_of_entries.parent(above)
        return named

    def account(self, action: Action) -> Account | None:
        """Return the account of an action as it was read, None if it has none or it is gone."""
        return self.accounts.get((action.target, action.account.guid)) if action.account else None

    def _home(self, target: str, dn: str) -> str:
        above = names_of_entries.same(names_of_entries.parent(dn))
        while above and above not in self.homes[target]:
            above = names_of_entries.parent(above)
        return self.homes[target].get(above, "")


def _homes(target: Target, lines: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return whose container each is, by its DN; a place that several units share is nobody's."""
    places: dict[str, list[str]] = defaultdict(list)
    for unit, line in lines.items():
        places[names_of_entries.same(container_of(target, line))].append(unit)
    return {dn: units[0] for dn, units in places.items() if len(units) == 1}


def known_by(name: str) -> str:
    """Return the form in which names are compared: case, marks and blanks around separators aside."""
    return names_of_entries.folded(name) if "=" in name else fold_address(name)


def names_of(action: Action, account: Account | None, units: Units) -> frozenset[str]:
    """Return everything by which somebody may name what an action touches, as `known_by` gives it.

    A unit stands for everybody in it and below it, and for those who were in it when the agent last acted.
    """
    found = (action.subject, action.address, action.previous_address, *(action.account[1:] if action.account else ()))
    named = frozenset(known_by(name) for name in found if name) | names_of_unit(action.unit, units)
    return named | names_of_account(account, units) if account else named


def names_of_groups(snapshot: Snapshot) -> Iterator[str]:
    """Yield everything by which somebody may name what gives rights in one target, as `known_by` gives it."""
    called = (snapshot.addresses.items(), snapshot.logins.items())
    groups = frozenset(snapshot.shared.values())
    for entry, dn in snapshot.shared.items():
        yield from map(known_by, (entry, dn, names_of_entries.rdn_value(dn)))
    yield from (known_by(name) for names in called for name, dn in names if dn in groups)


def names_of_account(account: Account, units: Units) -> frozenset[str]:
    """Return everything by which somebody may name an account, as `known_by` gives it."""
    found = frozenset(known_by(name) for name in spellings(account))
    stamp = account.stamp
    home = "" if stamp is None else stamp.unit if stamp.kind is AccountKind.PERSONAL else stamp.key
    return found | names_of_unit(home, units)


def spellings(account: Account) -> Iterator[str]:
    """Yield what an account itself is called: DN, identity, key, log-in and principal name, addresses old and new."""
    names = (account.dn, account.login, account.guid, account.key, *account.addresses, *account.also)
    stamped = (account.stamp.subject, *(alias.address for alias in account.stamp.aliases)) if account.stamp else ()
    yield from (name for name in (*names, *stamped) if name)


def names_of_unit(unit: str, units: Units) -> frozenset[str]:
    """Return everything by which somebody may name a unit or one above it, as `known_by` gives it."""
    line = {unit, *(above.unit for above in units.line(unit))} if unit else set()
    return frozenset(known_by(name) for one in line for name in (one, unit_key(one)))


def requested_holds(requests: Iterable[Request], today: date) -> dict[str, Hold]:
    """Return the holds that written requests have placed by today and not released, by the name compared.

    A release that bears the number of its document lifts what was asked for on an earlier day; on one day nobody knows
    which came first, so the hold stands. What anybody may ask for, nobody lifts without a document.
    """
    asked = [request for request in requests if request.received_on <= today]
    released: dict[str, date] = {}
    for request in asked:
        if request.kind is RequestKind.RELEASE and request.document_number:
            subject = known_by(request.subject)
            released[subject] = max(request.received_on, released.get(subject, request.received_on))
    standing: dict[str, Hold] = {}
    for request in sorted(asked, key=lambda one: (one.received_on, one.request_id)):
        subject = known_by(request.subject)
        lifted = subject in released and released[subject] > request.received_on
        over = request.until is not None and request.until < today
        if request.kind is RequestKind.HOLD and not lifted and not over:
            standing[subject] = Hold(request.subject, request.document, request.from_unit, requested=True)
    return standing
