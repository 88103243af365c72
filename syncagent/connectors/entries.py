"""The entries of a directory, held in memory: who is there, which names are taken, who holds which address.

A directory that is a file and one that exists in memory only differ in how they are kept; what they hold, and what
a change does to it (`changes.py`), is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from syncagent.core import dn as names_of
from syncagent.core.addresses import fold_address
from syncagent.core.directory import decode
from syncagent.errors import Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

    from syncagent.core.account import Account
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values
    from syncagent.core.snapshot import Right, Snapshot

WHOLE_PLAN = 1_000_000
"""The batch of a target that takes all actions of a plan at once."""


def unseen(directory: Directory, entries: Iterable[Mapping[str, Values]]) -> frozenset[str]:
    """Return the attributes of last use that no entry carries: their absence proves nothing (contract §6)."""
    found = list(entries)
    return frozenset(
        use.attribute for use in directory.last_use if not any(use.attribute in values for values in found)
    )


def moved(dn: str, old: str, new: str) -> str:
    """Given the DN of an entry below `old`, return its DN once `old` is called `new`."""
    first, rest = names_of.split(dn)
    above = new if not rest or names_of.same(rest) == names_of.same(old) else moved(rest, old, new)
    return f"{first},{above}"


@dataclass(slots=True)
class Entries:
    """What one directory holds while actions are carried out on it.

    `accounts` are by identity, in the order of the directory; `containers`, `names`, `rights` and `shared` are as in
    a Snapshot.
    `remains` are deleted accounts that can be brought back, by identity, as they would be then.
    Four things remember what was done since: `made` the attributes of new containers by DN, `classes` the object
    classes of new accounts by identity, `carried` the old and new names, in order, of entries with others below,
    `regranted` the rights given and taken, in order: entry, attribute, account, whether given.
    """

    found: Snapshot
    directory: Directory
    base: str
    zone: tzinfo
    accounts: dict[str, Account]
    containers: set[str]
    names: set[str]
    remains: dict[str, Account] = field(default_factory=dict)
    made: dict[str, dict[str, Values]] = field(default_factory=dict)
    classes: dict[str, Values] = field(default_factory=dict)
    carried: list[tuple[str, str]] = field(default_factory=list)
    regranted: list[tuple[str, str, str, bool]] = field(default_factory=list)
    rights: dict[str, tuple[Right, ...]] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    _spelling: dict[str, str] = field(default_factory=dict)
    _unseen: frozenset[str] = frozenset()
    _holders: dict[str, str] = field(default_factory=dict)
    _parents: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, found: Snapshot, directory: Directory, base: str, zone: tzinfo) -> Entries:
        """Given a snapshot, return its entries; the snapshot stays as it is."""
        return cls(
            found,
            directory,
            base,
            zone,
            accounts={account.guid: account for account in found.accounts},
            containers={*found.containers, names_of.same(base)},
            names=found.names,
            rights=dict(found.rights),
            shared=dict(found.shared),
            _spelling=directory.attributes(),
            _unseen=unseen(directory, [account.attributes for account in found.accounts]),
        )

    def snapshot(self) -> Snapshot:
        """Return what is there now, as reading it anew would show it."""
        absent = unseen(self.directory, [account.attributes for account in self.accounts.values()])
        if absent != self._unseen:  # the first evidence of use came, or the last one went
            self._unseen = absent
            again = {guid: self.decoded(one.dn, one.attributes, one) for guid, one in self.accounts.items()}
            self.accounts.update(again)
        return replace(
            self.found,
            accounts=tuple(self.accounts.values()),
            containers=frozenset(self.containers),
            others=frozenset(self.names.difference(names_of.folded(one.dn) for one in self.accounts.values())),
            rights=dict(self.rights),
            shared=dict(self.shared),
        )

    # ── asking ──

    def spelling(self, attribute: str) -> str:
        """Return an attribute's name as the mapping spells it.

        Raises:
            Rejected: the mapping does not know it, so nobody could tell its value before.
        """
        name = self._spelling.get(attribute.lower())
        if name is None:
            mapping = self.directory.name
            raise Rejected(
                Text(
                    f"Thuộc tính {attribute} không có trong tệp ánh xạ “{mapping}”; hãy khai báo ở đó rồi lập lại "
                    "kế hoạch.",
                    f"Attribute {attribute} is not in the mapping “{mapping}”; name it there and plan again.",
                )
            )
        return name

    def takes(self, dn: str) -> bool:
        """Whether a name is taken, as Active Directory compares names."""
        return names_of.folded(dn) in self.names

    def holds(self, dn: str) -> bool:
        """Whether there is a container of this name."""
        return names_of.same(dn) in self.containers

    def below(self, dn: str) -> list[str]:
        """Return the folded names of the entries below one."""
        if not self._parents:
            for name in self.names:
                self._note_parents(name)
        folded = names_of.folded(dn)
        return [name for name in self.names if name.endswith("," + folded)] if folded in self._parents else []

    def _note_parents(self, name: str) -> None:
        above = names_of.parent(name)
        while above and above not in self._parents:
            self._parents.add(above)
            above = names_of.parent(above)

    def holder(self, claim: str) -> str:
        """Return who holds a log-in name or an address: an identity, or the DN of an entry that is no account."""
        if not self._holders:
            logins, addresses = self.found.logins.items(), self.found.addresses.items()
            self._holders |= {f"login {login}": dn for login, dn in logins}
            self._holders |= {f"address {fold_address(address)}": dn for address, dn in addresses}
            for account in self.accounts.values():
                self._holders |= dict.fromkeys(claims(account), account.guid)
        return self._holders.get(claim, "")

    def decoded(self, dn: str, values: Mapping[str, Values], before: Account | None) -> Account:
        """Given attributes as they should be, return the account they are; protection stays.

        Raises:
            Rejected: a value does not follow its syntax.
        """
        try:
            found = decode(self.directory, self.found.target, dn, values, self.zone, self._unseen)
        except (ValueError, OverflowError) as error:  # a time beyond the calendar
            raise Rejected(
                Text(
                    f"{dn}: có giá trị sai cú pháp ({error}).",
                    f"{dn}: a value does not follow its syntax ({error}).",
                )
            ) from error
        return replace(found, protected=found.protected or (before.protected if before else None))

    # ── changing ──

    def make(self, dn: str, attributes: dict[str, Values]) -> None:
        """Add a container."""
        self.made[dn] = attributes
        self.containers.add(names_of.same(dn))
        self._name(dn)

    def put(self, before: Account | None, after: Account | None) -> None:
        """Put an account in the place of another; one of them may be nobody."""
        if before:
            self.names.discard(names_of.folded(before.dn))
            for claim in claims(before):
                if self._holders.get(claim) == before.guid:
                    del self._holders[claim]
        if before and after and before.dn != after.dn:
            self._carry(before.dn, after.dn)
            self._follow(before, after)
        if after:
            self._name(after.dn)
            self.accounts[after.guid] = after
            if self._holders:
                self._holders |= dict.fromkeys(claims(after), after.guid)
        elif before:
            del self.accounts[before.guid]
            self.rights.pop(names_of.same(before.dn), None)
            self.classes.pop(before.guid, None)

    def regrant(self, account: Account, right: Right, *, given: bool) -> None:
        """Give a right to an account or take it; nothing is done where that is so already."""
        name = names_of.same(account.dn)
        held = self.rights.get(name, ())
        others = tuple(one for one in held if (one.entry, one.attribute) != (right.entry, right.attribute))
        if given is (others == held):
            self.rights[name] = tuple(sorted((*others, right))) if given else others
            self.regranted.append((right.entry, right.attribute, account.guid, given))

    def _follow(self, before: Account, after: Account) -> None:
        """Keep rights with a renamed account: those it has, and those that others have on it."""
        if held := self.rights.pop(names_of.same(before.dn), ()):
            self.rights[names_of.same(after.dn)] = held
        if before.guid in self.shared:
            self.shared[before.guid] = after.dn
            for holder, theirs in self.rights.items():
                self.rights[holder] = tuple(one._replace(dn=self.shared[one.entry]) for one in theirs)

    def _name(self, dn: str) -> None:
        self.names.add(names_of.folded(dn))
        if self._parents:
            self._note_parents(names_of.folded(dn))

    def _carry(self, old: str, new: str) -> None:
        """Give the entries below a renamed one their new names."""
        below = self.below(old)
        if not below:
            return
        self.carried.append((old, new))
        ending = len(names_of.folded(old))
        self.names.difference_update(below)
        for name in below:
            self.names.add(name[:-ending] + names_of.folded(new))
            self._note_parents(name[:-ending] + names_of.folded(new))
        for guid, account in self.accounts.items():
            if names_of.under(account.dn, old) and names_of.same(account.dn) != names_of.same(old):
                self.accounts[guid] = replace(account, dn=moved(account.dn, old, new))


def claims(account: Account | None) -> set[str]:
    """Return what only one entry may hold: `login NAME` and `address ADDRESS`, folded."""
    if account is None:
        return set()
    found = {f"address {fold_address(address)}" for address in (*account.addresses, *account.also)}
    return found | {f"login {fold_address(account.login)}"} if account.login else found
