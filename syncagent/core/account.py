"""An account in canonical form, whatever directory holds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.stamp import Stamp
    from syncagent.text import Text


class LastUse(NamedTuple):
    """Evidence of use: the day last seen in use (None: proved never used) and how many days it may be off."""

    on: date | None
    accuracy_days: int


class AccountRef(NamedTuple):
    """What names one account beyond doubt: the target, its permanent identity there, and where it stands."""

    target: str
    guid: str
    dn: str


@dataclass(slots=True)  # frozen by decision 023, not by Python
class Account:
    """A directory entry that is or could be a mailbox account.

    `guid` is objectGUID, entryUUID or extId and never changes; `dn` may. `address` and `aliases` are lower-case
    e-mail addresses. `must_change` and `password_set` are None where the directory does not say; `last_use` is
    None where there is no evidence. `protected` says why the account may not be touched.
    `locked_out` is the day on which the directory itself locked it for wrong passwords; `forwards_to` holds addresses
    and DNs of entries that have some; `message_mb` is the largest message its holder may send.
    `also` are names in use that are no addresses of the mailbox but look like some: a `mail` that differs, the
    principal name; nobody else may have them. `held` says what keeps the mailbox for a court in its mail
    system. `birth_date` is there where an export of accounts says it, to recognise people, and shown nowhere.
    `attributes` holds the mapped attributes as read, under the names of the mapping.
    """

    target: str
    guid: str
    dn: str
    key: str
    login: str
    address: str
    aliases: tuple[str, ...]
    enabled: bool
    receives: bool
    stamp: Stamp | None
    attributes: Mapping[str, tuple[str, ...]]
    must_change: bool | None = None
    password_set: date | None = None
    last_use: LastUse | None = None
    created: date | None = None
    protected: Text | None = None
    forwards_to: tuple[str, ...] = ()
    quota_mb: int | None = None
    message_mb: int | None = None
    locked_out: date | None = None
    stamp_damaged: bool = False
    also: tuple[str, ...] = ()
    held: str = ""
    birth_date: date | None = field(default=None, repr=False)

    @property
    def ref(self) -> AccountRef:
        """Return what names this account."""
        return AccountRef(self.target, self.guid, self.dn)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the primary address and the aliases."""
        return (self.address, *self.aliases) if self.address else self.aliases
