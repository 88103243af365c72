"""All accounts of one target, proved complete."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.account import Account
    from syncagent.core.password_policy import PasswordPolicy


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one target holds now. Only a complete read becomes one; anything else is `Doubtful`.

    `containers` are the entries that can hold accounts, `names` all DNs in folded form, `addresses` and
    `logins` what entries other than accounts hold (groups, contacts, computers), each with the DN of its holder.
    `password_policies` are what the directory itself enforces on passwords, the fine-grained ones included.
    `watermark` says which state of which server was read.
    """

    target: str
    accounts: tuple[Account, ...]
    containers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    addresses: Mapping[str, str] = field(default_factory=dict)
    logins: Mapping[str, str] = field(default_factory=dict)
    password_policies: tuple[PasswordPolicy, ...] = ()
    watermark: Mapping[str, str | int] = field(default_factory=dict)
