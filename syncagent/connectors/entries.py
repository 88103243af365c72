"""The entries of a directory, held in memory, and what an approved action does to them.

A directory that is a file, and one that exists in memory only, differ in how they are kept, not in what a change
means. An action is carried out whole or not at all: everything it expects is looked at before anything is changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, assert_never
from uuid import UUID, uuid5

from syncagent.core import dn as names_of
from syncagent.core.action import Operation
from syncagent.core.addresses import fold_address
from syncagent.core.directory import Syntax, decode
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Conflict, Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import tzinfo

    from syncagent.core.account import Account
    from syncagent.core.action import Action, Change
    from syncagent.core.directory import Directory, Values
    from syncagent.core.snapshot import Snapshot

WHOLE_PLAN = 1_000_000
"""The batch of a target that takes all actions of a plan at once."""

_NAMESPACE = UUID("5f0c6b0e-4d55-5b0a-9c53-1d6f6f3f0a86")
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def identity(marker: str, name: str) -> str:
    """Given a plan's marker and the id of a create, return the identity of what it creates.

    It is the same whenever the same action is carried out, so that an interrupted create is found again.
    """
    return str(uuid5(_NAMESPACE, f"{marker}\n{name}"))


def unseen(directory: Directory, entries: Iterable[Mapping[str, Values]]) -> frozenset[str]:
    """Return the attributes of last use that no entry carries: their absence proves nothing (contract §6)."""
    found = list(entries)
    return frozenset(
        use.attribute for use in directory.last_use if not any(use.attribute in values for values in found)
    )


@dataclass(slots=True)
class Entries:
    """What one directory holds while actions are carried out on it.

    `accounts` are by identity, in the order of the directory; `containers` and `names` are as in a Snapshot. What
    was made here and is no account stands in `made`: attributes by DN, in order. `classes` are the object
    classes of accounts made here, `carried` the new names of renamed entries that have others below them.
    """

    found: Snapshot
    directory: Directory
    base: str
    zone: tzinfo
    accounts: dict[str, Account]
    containers: set[str]
    names: set[str]
    made: dict[str, dict[str, Values]] = field(default_factory=dict)
    classes: dict[str, Values] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)
    _holders: dict[str, str] = field(default_factory=dict)
    _unseen: frozenset[str] | None = None

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
            names=set(found.names),
        )

    def snapshot(self) -> Snapshot:
        """Return what is there now."""
        return replace(
            self.found,
            accounts=tuple(self.accounts.values()),
            containers=frozenset(self.containers),
            names=frozenset(self.names),
        )

    def carry_out(self, actions: Sequence[Action], marker: str) -> list[Outcome]:
        """Carry out the actions in order and return what became of each, in the same order."""
        together = {action.id for action in actions}
        done: set[str] = set()
        outcomes: list[Outcome] = []
        for action in actions:
            lacking = [need for need in action.needs if need in together and need not in done]
            outcome = _not_tried(action, lacking[0]) if lacking else self._outcome(action, marker)
            if outcome.result is Result.DONE:
                done.add(action.id)
            outcomes.append(outcome)
        return outcomes

    def resolve(self, action: Action, marker: str) -> Outcome | None:
        """Return what became of an action as far as the entries show it; None if they show the state before."""
        if action.account is None:
            return self._resolve_create(action, marker)
        account = self.accounts.get(action.account.guid)
        deleted = any(change.operation is Operation.DELETE for change in action.changes)
        if account is None:
            return _done(action, *action.account[1:]) if deleted else _conflict(action, _gone(action.account.dn))
        new_dn = next((change.new_dn for change in reversed(action.changes) if change.new_dn), "")
        stands = account.dn == new_dn if new_dn else _same(account.dn, action.account.dn)
        if not deleted and stands and self._shows(account, action, after=True):
            return _done(action, account.guid, account.dn)
        if _same(account.dn, action.account.dn) and self._shows(account, action, after=False):
            return None
        return _conflict(
            action,
            Text(
                f"{account.dn} không còn như trước thao tác, cũng không như sau thao tác; hãy lập kế hoạch mới.",
                f"{account.dn} shows neither the state before the action nor the one after it; plan again.",
            ),
        )

    # ── one action ──

    def _outcome(self, action: Action, marker: str) -> Outcome:
        try:
            return self._carry_out(action, marker)
        except Conflict as error:
            return _conflict(action, error.says)
        except Rejected as error:
            return Outcome(action.id, Result.FAILED, error.says, *(action.account[1:] if action.account else ()))

    def _carry_out(self, action: Action, marker: str) -> Outcome:
        guid = action.account.guid if action.account else identity(marker, action.id)
        before = self.accounts.get(guid)
        if before and action.account is None:  # this very action made it, and was interrupted
            return _done(action, guid, before.dn)
        if before is None and action.account:
            raise Conflict(_gone(action.account.dn))
        account = before
        made: dict[str, dict[str, Values]] = {}
        classes: Values = ()
        for change in action.changes:
            match change.operation:
                case Operation.ENSURE_CONTAINER:
                    self._ensure(change, marker, made)
                case Operation.ADD:
                    account, classes = self._added(change, guid, action, made)
                case Operation.MODIFY:
                    account = self._modified(_standing(account, before, change), change)
                case Operation.RENAME:
                    account = self._renamed(_standing(account, before, change), change, made)
                case Operation.DELETE:
                    self._check_leaf(_standing(account, before, change), change)
                    account = None
                case _:
                    assert_never(change.operation)
        self._check_held(before, account)
        self._keep(before, account, made)
        if classes:
            self.classes[guid] = classes
        last = account or before
        return _done(action, guid, last.dn if last else "")

    def _ensure(self, change: Change, marker: str, made: dict[str, dict[str, Values]]) -> None:
        if names_of.same(change.dn) in self.containers or change.dn in made:
            return
        self._check_free(change.dn, made)
        attributes = {name: after for name, (_, after) in change.attributes.items() if after}
        attributes[self.directory.identity] = (identity(marker, names_of.same(change.dn)),)
        made[change.dn] = attributes

    def _added(
        self, change: Change, guid: str, action: Action, made: Mapping[str, object]
    ) -> tuple[Account, Values]:
        self._check_free(change.dn, made)
        directory = self.directory
        wanted = {name: after for name, (_, after) in change.attributes.items() if after}
        classes = wanted.pop("objectClass", directory.add_classes)
        values: dict[str, Values] = {self._known(name, change.dn): after for name, after in wanted.items()}
        values[directory.identity] = (guid,)
        if directory.created:
            issued = (action.stamp.issued if action.stamp else None) or action.due
            midnight = datetime.combine(issued, time(), self.zone)
            values[directory.created.attribute] = (_written(midnight, directory.created.syntax),)
        return self._decoded(change.dn, values, None), classes

    def _modified(self, account: Account, change: Change) -> Account:
        values = dict(account.attributes)
        for spelling, (_, after) in change.attributes.items():
            name = self._known(spelling, change.dn)
            if after:
                values[name] = after
            else:
                values.pop(name, None)
        self._check_before(account, change)
        return self._decoded(account.dn, values, account)

    def _renamed(self, account: Account, change: Change, made: Mapping[str, object]) -> Account:
        self._check_before(account, change)
        if names_of.folded(change.new_dn) != names_of.folded(account.dn):
            self._check_free(change.new_dn, made)
        values = dict(account.attributes)
        name = names_of.split(change.new_dn)[0].partition("=")[0]
        known = self.directory.attributes().get(name.strip().lower())
        if known:
            old, new = names_of.rdn_value(account.dn), names_of.rdn_value(change.new_dn)
            present = values.get(known, ())
            kept = [value for value in present if value not in {old, new}] if len(present) > 1 else []
            values[known] = (new, *kept)
        return self._decoded(change.new_dn, values, account)

    def _check_leaf(self, account: Account, change: Change) -> None:
        self._check_before(account, change)
        if below := self._below(account.dn):
            raise Rejected(
                Text(
                    f"{account.dn} còn {len(below)} mục con nên không xóa; hãy xử lý các mục con trước.",
                    f"{account.dn} has {len(below)} entries below it and is not deleted; deal with those first.",
                )
            )

    # ── what an action expects ──

    def _check_before(self, account: Account, change: Change) -> None:
        for spelling, (before, _) in change.attributes.items():
            name = self._known(spelling, change.dn)
            if set(account.attributes.get(name, ())) != set(before):
                raise Conflict(
                    Text(
                        f"{account.dn}: {name} đã bị sửa sau khi lập kế hoạch; giữ nguyên, hãy lập kế hoạch mới.",
                        f"{account.dn}: {name} was changed after the plan was made; left alone, plan again.",
                    )
                )

    def _check_free(self, dn: str, made: Mapping[str, object]) -> None:
        """Refuse a name that is taken, as Active Directory compares names, or that has no place."""
        folded = names_of.folded(dn)
        if folded in self.names or any(names_of.folded(one) == folded for one in made):
            raise Conflict(
                Text(
                    f"Tên {dn} đã có trong thư mục (so không phân biệt dấu và chữ hoa); hãy lập kế hoạch mới.",
                    f"The name {dn} is taken (compared without marks and case); plan again.",
                )
            )
        above = names_of.parent(dn)
        if names_of.same(above) not in self.containers and not any(_same(one, above) for one in made):
            raise Conflict(
                Text(f"Không còn nơi chứa {above}; hãy lập kế hoạch mới.", f"The container {above} is gone; plan again.")
            )

    def _check_held(self, before: Account | None, after: Account | None) -> None:
        """Refuse a log-in name or an address that another entry holds."""
        if after is None:
            return
        for claim in sorted(_claims(after) - _claims(before)):
            holder = self._holder(claim)
            if holder and holder != after.guid:
                at = self.accounts[holder].dn if holder in self.accounts else holder
                raise Conflict(
                    Text(
                        f"{after.dn}: {claim.partition(' ')[2]} đang do {at} giữ; giữ nguyên, hãy lập kế hoạch mới.",
                        f"{after.dn}: {claim.partition(' ')[2]} is held by {at}; left alone, plan again.",
                    )
                )

    def _holder(self, claim: str) -> str:
        if not self._holders:
            self._holders |= {f"login {login}": dn for login, dn in self.found.logins.items()}
            self._holders |= {f"address {fold_address(address)}": dn for address, dn in self.found.addresses.items()}
            for account in self.accounts.values():
                self._holders |= dict.fromkeys(_claims(account), account.guid)
        return self._holders.get(claim, "")

    def _known(self, attribute: str, dn: str) -> str:
        name = self.directory.attributes().get(attribute.lower())
        if name is None:
            raise Rejected(
                Text(
                    f"{dn}: thuộc tính {attribute} không có trong tệp ánh xạ “{self.directory.name}”; hãy khai báo rồi thử lại.",
                    f"{dn}: attribute {attribute} is not in the mapping “{self.directory.name}”; name it there and try again.",
                )
            )
        return name

    def _below(self, dn: str) -> list[str]:
        ending = "," + names_of.folded(dn)
        return [name for name in self.names if name.endswith(ending)]

    # ── keeping ──

    def _keep(self, before: Account | None, after: Account | None, made: dict[str, dict[str, Values]]) -> None:
        self.made |= made
        self.containers.update(names_of.same(dn) for dn in made)
        self.names.update(names_of.folded(dn) for dn in made)
        if before:
            self.names.discard(names_of.folded(before.dn))
            self._release(before)
        if before and after and before.dn != after.dn:
            self._carry(before.dn, after.dn)
        if after:
            self.names.add(names_of.folded(after.dn))
            self.accounts[after.guid] = after
            if self._holders:
                self._holders |= dict.fromkeys(_claims(after), after.guid)
        elif before:
            del self.accounts[before.guid]
            self.classes.pop(before.guid, None)

    def _release(self, account: Account) -> None:
        for claim in _claims(account):
            if self._holders.get(claim) == account.guid:
                del self._holders[claim]

    def _carry(self, old: str, new: str) -> None:
        """Give the entries below a renamed one their new names."""
        below = self._below(old)
        if not below:
            return
        self.carried[old] = new
        self.names.difference_update(below)
        ending = len(names_of.folded(old))
        self.names.update(name[:-ending] + names_of.folded(new) for name in below)
        for guid, account in self.accounts.items():
            if names_of.under(account.dn, old) and not _same(account.dn, old):
                self.accounts[guid] = replace(account, dn=moved(account.dn, old, new))

    def _decoded(self, dn: str, values: Mapping[str, Values], before: Account | None) -> Account:
        if self._unseen is None:
            self._unseen = unseen(self.directory, [account.attributes for account in self.accounts.values()])
        try:
            found = decode(self.directory, self.found.target, dn, values, self.zone, self._unseen)
        except ValueError as error:
            raise Rejected(
                Text(f"{dn}: giá trị sai cú pháp ({error}).", f"{dn}: a value does not follow its syntax ({error}).")
            ) from error
        return replace(found, protected=found.protected or (before.protected if before else ""))

    # ── what became of it ──

    def _resolve_create(self, action: Action, marker: str) -> Outcome | None:
        made = self.accounts.get(identity(marker, action.id))
        if made is None and action.stamp:  # restored from elsewhere under another identity
            made = next((one for one in self.accounts.values() if one.stamp == action.stamp), None)
        if made:
            return _done(action, made.guid, made.dn)
        for change in action.changes:
            if change.operation is Operation.ADD and names_of.folded(change.dn) in self.names:
                return _conflict(
                    action,
                    Text(
                        f"Tên {change.dn} đã do một mục khác mang; hãy lập kế hoạch mới.",
                        f"The name {change.dn} belongs to another entry; plan again.",
                    ),
                )
        return None

    def _shows(self, account: Account, action: Action, *, after: bool) -> bool:
        return all(
            set(account.attributes.get(self._known(name, change.dn), ())) == set(values[after])
            for change in action.changes
            if change.operation is not Operation.ENSURE_CONTAINER
            for name, values in change.attributes.items()
        )


def moved(dn: str, old: str, new: str) -> str:
    """Given the DN of an entry below `old`, return its DN once `old` is called `new`."""
    first, rest = names_of.split(dn)
    return f"{first},{new if not rest or _same(rest, old) else moved(rest, old, new)}"


def _standing(account: Account | None, before: Account | None, change: Change) -> Account:
    """Return the account if it stands where the change expects it, by its name before or within the action."""
    if account is None:
        raise Conflict(_gone(change.dn))
    if not any(_same(change.dn, one.dn) for one in (account, before) if one):
        raise Conflict(
            Text(
                f"{change.dn} nay là {account.dn}; giữ nguyên, hãy lập kế hoạch mới.",
                f"{change.dn} is now {account.dn}; left alone, plan again.",
            )
        )
    return account


def _claims(account: Account | None) -> set[str]:
    if account is None:
        return set()
    claims = {f"address {fold_address(address)}" for address in account.addresses}
    return claims | {f"login {fold_address(account.login)}"} if account.login else claims


def _same(one: str, other: str) -> bool:
    return names_of.same(one) == names_of.same(other)


def _written(moment: datetime, syntax: Syntax) -> str:
    if syntax is Syntax.FILETIME:
        return str((moment - _FILETIME_EPOCH) // timedelta(microseconds=1) * 10)
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


def _gone(dn: str) -> Text:
    return Text(
        f"Không còn tài khoản {dn} trong thư mục; hãy lập kế hoạch mới.",
        f"The account {dn} is no longer in the directory; plan again.",
    )


def _done(action: Action, guid: str, dn: str) -> Outcome:
    return Outcome(action.id, Result.DONE, guid=guid, dn=dn)


def _conflict(action: Action, says: Text) -> Outcome:
    return Outcome(action.id, Result.CONFLICT, says, *(action.account[1:] if action.account else ()))


def _not_tried(action: Action, need: str) -> Outcome:
    return Outcome(
        action.id,
        Result.NOT_TRIED,
        Text(
            f"Chưa thực hiện vì cần thao tác {need} xong trước, mà thao tác đó không thành công.",
            f"Not tried: it needs action {need}, which did not succeed.",
        ),
    )
