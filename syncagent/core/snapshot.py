"""All accounts of one target, proved complete."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.dn import folded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.account import Account
    from syncagent.core.password_policy import PasswordPolicy


class Right(NamedTuple):
    """That somebody's name stands in an attribute of another entry: a member of a group, a delegate of a mailbox.

    `entry` is the identity of that entry and `dn` its name; `others` counts the other values where the entry must
    have one, None where it need not.
    """

    entry: str
    dn: str
    attribute: str
    others: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one target holds now. Only a complete read becomes one; anything else is `Doubtful`.

    `containers` are the entries that can hold accounts; `others` are the DNs of all entries but accounts, in folded
    form, `addresses` and `logins` what these hold (groups, contacts, computers), each with the DN of its holder.
    `password_policies` are what the directory itself enforces on passwords, the fine-grained ones included.
    `rights` are those of accounts on other entries under the base, by the holder's DN as `core.dn.same` gives it;
    `shared` are the names of the entries that can give rights, by identity. `watermark` says which state of
    which server was read.
    """

    target: str
    accounts: tuple[Account, ...]
    containers: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    addresses: Mapping[str, str] = field(default_factory=dict)
    logins: Mapping[str, str] = field(default_factory=dict)
    password_policies: tuple[PasswordPolicy, ...] = ()
    rights: Mapping[str, tuple[Right, ...]] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    watermark: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Return the DNs of all entries in folded form."""
        return {folded(account.dn) for account in self.accounts} | self.others
