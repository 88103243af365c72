"""From the entries of a directory to a Snapshot."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.attribute import attributes, pseudonymous, shown
from syncagent.connectors.entries import unseen
from syncagent.connectors.groups import Groups
from syncagent.connectors.object_classes import Kinds
from syncagent.connectors.policies import Governed, governing
from syncagent.core import dn as names_of
from syncagent.core.addresses import fold_address
from syncagent.core.directory import decode
from syncagent.core.password_policy import decode_policy
from syncagent.core.privacy import hide_identity_numbers, holds_identity_number
from syncagent.core.snapshot import Right, Snapshot
from syncagent.core.stamp import AccountKind
from syncagent.errors import Misconfigured
from syncagent.text import Text
from syncagent.trust.pseudonyms import is_identity_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import tzinfo

    from syncagent.connectors.object_classes import Kind
    from syncagent.connectors.source import Source
    from syncagent.core.account import Account
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values
    from syncagent.core.password_policy import PasswordPolicy, PolicySource


class Entry(NamedTuple):
    """An entry: its line (on a server, a number), its name, the values that are read, whether it is open."""

    line: int
    dn: str
    values: Mapping[str, Values]
    aside: dict[str, Values]
    is_open: bool = False


class Contents(NamedTuple):
    """What a directory holds, and the line at which the record of each account begins, by its identity."""

    snapshot: Snapshot
    lines: Mapping[str, int]


class _Shared(NamedTuple):
    """An entry that can give rights: its identity and name, who is listed there, and whether somebody must be."""

    entry: str
    dn: str
    listed: Mapping[str, Values]
    never_empty: bool


class _Found(NamedTuple):
    """An account before it is decoded: that needs the whole directory to be read."""

    line: int
    dn: str
    values: Mapping[str, Values]
    member_of: Values
    primary: Values
    is_open: bool
    named: bool
    policy: Values


@dataclass(slots=True)
class Gathering:
    """Takes in the entries of one directory and knows in the end what they are together.

    `pseudonym` turns a personal identification number into the name it has outside (contract §4); without it, a
    directory that holds such numbers is refused.
    """

    target: str
    directory: Directory
    base: str
    source: Source
    pseudonym: Callable[[str], str] | None
    _accounts: list[_Found] = field(default_factory=list)
    _lines: dict[str, int] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)
    _others: set[str] = field(default_factory=set)
    _containers: set[str] = field(default_factory=set)
    _addresses: dict[str, str] = field(default_factory=dict)
    _logins: dict[str, str] = field(default_factory=dict)
    _shared: list[_Shared] = field(default_factory=list)
    _policies: list[PasswordPolicy] = field(default_factory=list)
    _chosen_by: tuple[str, ...] = ()
    _nameless: list[Entry] = field(default_factory=list)
    _kinds: Kinds = field(init=False)
    _shown: tuple[str, ...] = ()
    decoded: Mapping[str, Account] = field(default_factory=dict)
    """Accounts of an earlier snapshot, by identity: whoever has the same values is not decoded again."""

    def __post_init__(self) -> None:
        """Note the attributes whose values stand in plans: names of an account, and where its mail goes."""
        directory = self.directory
        self._shown = shown(directory)
        self._kinds = Kinds(directory)
        self._chosen_by = tuple(one.chosen_by for one in directory.password_policies if one.chosen_by)

    def contents(self, entries: Iterable[Entry], zone: tzinfo) -> Contents:
        """Given all entries, return what the directory holds.

        Raises:
            Misconfigured: two entries are one, an account has no identity, a value does not follow its syntax, or
                nothing lies under the base; the message names the line or the DN and what to do.
        """
        groups = Groups(self.directory, self.source.lacking)
        for entry in entries:
            self._take(entry, groups)
        self._check()
        rights = self._rights(groups)
        listed = {self._names[name]: reason for name, reason in groups.members() if name in self._names}
        self._names.clear()
        absent = unseen(self.directory, [found.values for found in self._accounts])
        accounts = tuple(
            self._decoded(found, self._reason(found, listed, groups), zone, absent) for found in self._accounts
        )
        snapshot = Snapshot(
            self.target,
            accounts,
            containers=frozenset(self._containers),
            others=frozenset(self._others),
            addresses=self._addresses,
            logins=self._logins,
            rights=rights,
            shared={one.entry: one.dn for one in self._shared} | _unit_mailboxes(accounts),
            password_policies=governing(self._policies, self._governed(), groups),
        )
        return Contents(snapshot, self._lines)

    # ── one entry ──

    def _take(self, entry: Entry, groups: Groups) -> None:
        values, aside = entry.values, entry.aside
        classes = aside.get("objectClass", ())
        if not classes:
            out = self.source.no_class
            raise self._refused(
                entry,
                f"{entry.dn} không có objectClass. {out.vi}",
                f"{entry.dn} has no objectClass. {out.en}",
            )
        name = names_of.same(entry.dn)
        self._once(self._names, name, entry, "tên", "name")
        identity = values.get(self.directory.identity, ())
        for one in identity:
            self._once(self._lines, one, entry, self.directory.identity, self.directory.identity)
        kind = self._kinds.of(classes)
        if kind.fused:
            out = self.source.fused
            raise self._refused(
                entry,
                f"{entry.dn} trông như hai mục dính vào nhau {out.vi}",
                f"{entry.dn} looks like two entries run into one {out.en}",
            )
        if not kind.account:
            if entry.is_open:
                raise self._refused(
                    entry,
                    f"tệp kết thúc giữa mục {entry.dn}, có thể đã bị cắt. Hãy xuất lại; nếu mục này chắc chắn đầy "
                    "đủ, hãy thêm một dòng trống ở cuối tệp.",
                    f"the file ends inside {entry.dn} and may be cut. Export it again; if this entry is surely "
                    "complete, add a blank line at the end of the file.",
                )
            self._others.add(names_of.folded(entry.dn))
            self._take_other(entry, name, kind, groups)
        elif len(identity) != 1:
            self._nameless.append(entry)
        else:
            entry = self._without_key(entry)
            member_of, primary = aside.get("memberOf", ()), aside.get("primaryGroupID", ())
            dn, values, named = self._without_numbers(entry)
            self._share(entry, dn, kind, identity)
            policy = (
                tuple(chain.from_iterable(aside.get(name, ()) for name in self._chosen_by)) if self._chosen_by else ()
            )
            self._accounts.append(_Found(entry.line, dn, values, member_of, primary, entry.is_open, named, policy))

    def _share(self, entry: Entry, dn: str, kind: Kind, identity: Values) -> None:
        listed = {name: entry.aside[name] for name in self.directory.rights if name in entry.aside}
        if (listed or kind.group) and len(identity) == 1 and names_of.under(dn, self.base):
            self._shared.append(_Shared(identity[0], dn, listed, kind.never_empty))

    def _rights(self, groups: Groups) -> dict[str, tuple[Right, ...]]:
        """Return what the accounts have on other entries, by the holder's name compared."""
        accounts = {found.line for found in self._accounts} if self._shared else set()
        found: dict[str, list[Right]] = defaultdict(list)
        for one in self._shared:
            for attribute, values in one.listed.items():
                others = len(values) - 1 if one.never_empty else None
                for value in values:
                    holder = groups.compared(value)
                    if self._names.get(holder) in accounts:
                        found[holder].append(Right(one.entry, one.dn, attribute, others))
        return {holder: tuple(sorted(set(theirs))) for holder, theirs in found.items()}

    def _take_other(self, entry: Entry, name: str, kind: Kind, groups: Groups) -> None:
        directory, values = self.directory, {**entry.values, **entry.aside}
        self._share(entry, entry.dn, kind, entry.values.get(directory.identity, ()))
        if kind.place:
            self._containers.add(name)
        for login in values.get(directory.login.attribute, ()):
            self._logins.setdefault(fold_address(login), entry.dn)
        for address in _addresses(directory, values):
            self._addresses.setdefault(address, entry.dn)
        if kind.policy:
            self._take_policy(kind.policy, entry, values)
        groups.add(entry.dn, values)

    def _take_policy(self, source: PolicySource, entry: Entry, values: Mapping[str, Values]) -> None:
        try:
            policy = decode_policy(source, entry.dn, values)
        except ValueError as error:
            raise self._misspelt(entry, error) from error
        if policy.settings:
            self._policies.append(policy)

    def _without_key(self, entry: Entry) -> Entry:
        """Return an entry with a pseudonym for an identification number in its key attribute."""
        key = entry.values.get(self.directory.key, ())
        if not any(is_identity_number(value.strip()) for value in key):
            return entry
        if self.pseudonym is None:
            raise self._refused(
                entry,
                f"{self.directory.key} chứa số định danh cá nhân nhưng chưa có khóa để thay số bằng bí danh. Hãy đặt "
                "roster.identity_key trong cấu hình.",
                f"{self.directory.key} holds personal identification numbers, but there is no key to replace them by "
                "pseudonyms. Set roster.identity_key in the configuration.",
            )
        return entry._replace(values={**entry.values, self.directory.key: pseudonymous(key, self.pseudonym)})

    def _without_numbers(self, entry: Entry) -> tuple[str, Mapping[str, Values], bool]:
        """Return DN and values without identification numbers, and whether there was one in it or in another name."""
        names = [entry.dn]
        for name in self._shown:
            names += entry.values.get(name, ())
        if not holds_identity_number("\n".join(names)):
            return entry.dn, entry.values, False
        shown = {name: entry.values[name] for name in self._shown if name in entry.values}
        values = {**entry.values, **{name: tuple(map(self._masked, values)) for name, values in shown.items()}}
        elsewhere = self.directory.forwarding  # somebody else's number, and no name of this account
        named = any(holds_identity_number("\n".join(values)) for name, values in shown.items() if name not in elsewhere)
        return self._masked(entry.dn), values, named or holds_identity_number(entry.dn)

    def _masked(self, text: str) -> str:
        return hide_identity_numbers(text, self.pseudonym or (lambda _: "…"))

    def _once(self, known: dict[str, int], key: str, entry: Entry, vietnamese: str, english: str) -> None:
        first = known.setdefault(key, entry.line)
        if first != entry.line:
            out, other = self.source.twice, self.source.other(first, key)
            raise self._refused(
                entry,
                f"{entry.dn} trùng {vietnamese} với {other.vi}. {out.vi}",
                f"{entry.dn} has the same {english} as {other.en}. {out.en}",
            )

    # ── all of them ──

    def _check(self) -> None:
        if self._nameless:
            identity, out = self.directory.identity, self.source.no_identity
            raise self._refused(
                self._nameless[0],
                f"có {len(self._nameless)} tài khoản không có đúng một {identity}. {out.vi}",
                f"accounts without exactly one {identity}: {len(self._nameless)}. {out.en}",
            )
        base, out = names_of.same(self.base), self.source.no_branch
        if not any(name == base or name.endswith("," + base) for name in self._names):
            raise self._refused(
                Entry(1, self.base, {}, {}),
                f"không có mục nào thuộc {self.base}. {out.vi}",
                f"nothing lies under {self.base}. {out.en}",
            )

    def _governed(self) -> Iterator[Governed]:
        directory = self.directory
        for one in self._accounts:
            guid = one.values[directory.identity][0]
            yield Governed(guid, one.dn, one.member_of, one.primary, one.policy)

    def _reason(self, found: _Found, listed: Mapping[int, Text], groups: Groups) -> Text | None:
        """Return why an account may not be touched, None if it may."""
        if found.is_open:
            return Text(
                "mục cuối của tệp, có thể bị cắt: phải có dòng trống sau nó",
                "last entry of the file, may be cut: a blank line must follow it",
            )
        if found.named:
            return Text(
                "có số định danh cá nhân trong tên; hãy đổi tên trước",
                "a personal identification number stands in its name; rename it first",
            )
        return listed.get(found.line) or groups.reason(found.member_of, found.primary)

    def _decoded(self, found: _Found, reason: Text | None, zone: tzinfo, absent: frozenset[str]) -> Account:
        before = self.decoded.get(found.values[self.directory.identity][0])
        if before and before.attributes is found.values and (before.dn, before.protected) == (found.dn, reason):
            return before
        try:
            account = decode(self.directory, self.target, found.dn, found.values, zone, absent)
        except (ValueError, OverflowError) as error:  # a time beyond the calendar
            raise self._misspelt(found, error) from error
        return replace(account, protected=reason) if reason and not account.protected else account

    def _misspelt(self, entry: Entry | _Found, error: Exception) -> Misconfigured:
        named = str(error).partition(":")[0]  # the value itself may be somebody's number
        shown = f" ({named})" if named.lower() in attributes(self.directory) else ""
        out = self.source.wrong
        return self._refused(
            entry,
            f"{entry.dn}: có giá trị sai cú pháp{shown}. {out.vi}",
            f"{entry.dn}: a value does not follow its syntax{shown}. {out.en}",
        )

    def _refused(self, entry: Entry | _Found, vietnamese: str, english: str) -> Misconfigured:
        called = self.source.called
        says = Text(*(hide_identity_numbers(text, lambda _: "…") for text in (vietnamese, english)))
        return Misconfigured(
            Text(f"{called.vi}: {says.vi}", f"{called.en}: {says.en}"), where=self.source.where(entry.line, entry.dn)
        )


def _unit_mailboxes(accounts: Iterable[Account]) -> dict[str, str]:
    """Return the mailboxes of units that are ours, by identity: people can be given rights on them."""
    return {one.guid: one.dn for one in accounts if is_of_unit(one)}


def is_of_unit(account: Account) -> bool:
    """Whether an account is a unit's mailbox that is ours."""
    return account.stamp is not None and account.stamp.kind is not AccountKind.PERSONAL


def _addresses(directory: Directory, values: Mapping[str, Values]) -> Iterator[str]:
    """Yield the addresses an entry of any kind holds, in lower case."""
    rules = directory.addresses
    prefixes = {rules.primary.lower(), rules.other.lower(), rules.held.lower()}
    for value in values.get(rules.attribute, ()):
        prefix, colon, address = value.rpartition(":")
        if f"{prefix}{colon}".lower() in prefixes and "@" in address:
            yield address.lower()
    for value in values.get(directory.address, ()):
        if "@" in value:
            yield value.lower()
