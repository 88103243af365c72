"""OBM's tables as far as its provisioning API shows them: domains, users, batches and their operations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

LENGTHS = {
    "login": 80, "password": 64, "profile": 254, "id": 36, "kind": 64, "commonname": 256, "lastname": 64,
    "firstname": 64, "title": 256, "company": 64, "direction": 64, "service": 64, "town": 64, "zipcode": 14,
    "business_zipcode": 16, "country": 2, "mobile": 32, "description": 255, "delegation": 256, "delegation_target": 256,
}  # fmt: skip
"""How many characters a column takes."""

LISTS = {"addresses": 3, "phones": 2, "faxes": 2}
"""Lists that are columns of a fixed number."""

FLAGS = ("archived", "hidden", "nomad_enabled", "nomad_allowed", "nomad_local_copy", "samba_allowed")
SHOWN = (
    "id", "login", "lastname", "profile", "firstname", "commonname", "password", "kind", "title", "description",
    "company", "service", "direction", "addresses", "town", "zipcode", "business_zipcode", "country", "phones",
    "mobile", "faxes", "archived", "mail_quota", "mail_server", "mails", "effectiveMails", "hidden",
    "nomad_enabled", "nomad_mail", "nomad_allowed", "nomad_local_copy", "timecreate", "timeupdate",
    "expiration_date", "delegation", "delegation_target", "groups", "samba_allowed", "samba_home_drive",
    "samba_home_folder", "samba_logon_script",
)  # fmt: skip
"""The keys of a user in their order."""
READ_ONLY = frozenset({"effectiveMails", "timecreate", "timeupdate", "groups"})
TEXTS = tuple(name for name in SHOWN if name not in {*FLAGS, *LISTS, *READ_ONLY, "mails", "mail_quota"})

PROFILES = {1: "admin", 2: "admin_delegue", 3: "editor", 4: "user"}


@dataclass
class User:
    """A row of UserObm; `columns` are named as the JSON names them, lists and flags included."""

    columns: dict[str, Any]
    uid: int
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __getattr__(self, name: str) -> Any:
        try:
            return self.columns[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass
class Domain:
    """A domain: its users by extId, and the addresses of its groups and shares."""

    uuid: str
    name: str
    aliases: tuple[str, ...] = ()
    users: dict[str, User] = field(default_factory=dict)
    other_addresses: set[str] = field(default_factory=set)

    def effective(self, mails: list[str]) -> list[str]:
        """Return the addresses that a list of stored ones stands for."""
        return list(dict.fromkeys(one for mail in mails for one in self._expanded(mail)))

    def _expanded(self, mail: str) -> Iterator[str]:
        if "@" in mail:
            yield mail
        else:
            yield from (f"{mail}@{name}" for name in (self.name, *self.aliases))

    def shown(self, user: User, echo: str) -> dict[str, Any]:
        """Return the JSON of a user as GET gives it: every key, the quota as a string, the password echoed."""
        columns = user.columns
        told: dict[str, Any] = {name: columns.get(name) for name in SHOWN}
        told |= {name: bool(columns.get(name)) for name in FLAGS}
        told |= {name: columns.get(name) or [] for name in (*LISTS, "mails")}
        told["mail_quota"] = str(columns.get("mail_quota") or 0)
        told["effectiveMails"] = self.effective(told["mails"])
        told["timecreate"], told["timeupdate"] = _written(user.created), _written(user.updated)
        told["groups"] = [{"id": "1", "url": f"/{self.uuid}/groups/1"}]
        if echo != "NONE" and told["password"] is not None:
            told["password"] = hashlib.new(echo, told["password"].encode()).hexdigest()
        return told


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"


@dataclass
class Operation:
    """A row of batch_operation; `body` as it is stored."""

    id: int
    verb: str
    entity_type: str
    parameters: dict[str, str]
    body: str | None
    status: str = "IDLE"
    error: str | None = None

    def shown(self) -> dict[str, Any]:
        """Return its JSON; a body that is no JSON is shown as null."""
        entity: Any = {name: value for name, value in self.parameters.items() if name != "expunge"}
        if self.body is not None:
            try:
                entity = json.loads(self.body)
            except ValueError:
                entity = None
        return {
            "status": self.status,
            "entityType": self.entity_type,
            "entity": entity,
            "operation": self.verb,
            "error": self.error,
        }


@dataclass
class Batch:
    """A row of batch with its operations; it is idle until it has ended."""

    id: int
    domain: str
    status: str = "IDLE"
    operations: list[Operation] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return self.status in {"SUCCESS", "ERROR"}

    def shown(self, *, running: bool) -> dict[str, Any]:
        """Return its JSON."""
        return {
            "id": self.id,
            "status": "RUNNING" if running else self.status,
            "operationCount": len(self.operations),
            "operationDone": sum(one.status == "SUCCESS" for one in self.operations),
            "operations": [one.shown() for one in self.operations],
        }


@dataclass
class Database:
    """All tables."""

    domains: dict[str, Domain] = field(default_factory=dict)
    batches: dict[int, Batch] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    uids: Iterator[int] = field(default_factory=lambda: count(1001))
