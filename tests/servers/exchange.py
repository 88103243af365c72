"""A model of an Exchange organization: what its cmdlets do to mailboxes, in a directory and in databases.

Sources: Microsoft's documentation of each cmdlet, of recipients, of disconnected mailboxes and of message size limits.
What Exchange stamps on a user is stamped in the directory behind; what the schema of the tests has no attribute for,
and what stands in databases, the model keeps itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from servers.exchange_directory import DirectoryBehind, Entry
from servers.exchange_words import UNLIMITED, not_found, octets
from servers.powershell_values import text_of

NO_GUID: Final = str(UUID(int=0))
PROTOCOLS: Final = {
    "ActiveSyncEnabled": True, "ECPEnabled": True, "EwsEnabled": None, "ImapEnabled": True,
    "MAPIBlockOutlookRpcHttp": False, "MAPIEnabled": True, "MapiHttpEnabled": None, "OWAEnabled": True,
    "OWAforDevicesEnabled": True, "PopEnabled": True,
}  # fmt: skip
KEPT: Final = {
    "RecipientLimits": UNLIMITED, "MaxSendSize": UNLIMITED, "MaxReceiveSize": UNLIMITED,
    "AcceptMessagesOnlyFromSendersOrMembers": [], "RequireSenderAuthenticationEnabled": False,
    "EmailAddressPolicyEnabled": True, "LitigationHoldEnabled": False, "InPlaceHolds": [],
    "RetentionHoldEnabled": False, "ArchiveGuid": NO_GUID, "ArchiveDatabase": "",
}  # fmt: skip
"""What a new mailbox has that the schema of the tests has no attribute for."""
QUOTAS: Final = {
    "IssueWarningQuota": "mDBStorageQuota",
    "ProhibitSendQuota": "mDBOverQuotaLimit",
    "ProhibitSendReceiveQuota": "mDBOverHardQuotaLimit",
}
DATABASE_QUOTAS: Final = {
    "IssueWarningQuota": 2_039_480_320, "ProhibitSendQuota": 2_147_483_648, "ProhibitSendReceiveQuota": 2_469_396_480,
}  # fmt: skip


@dataclass(slots=True)
class Content:
    """A mailbox in a database."""

    reason: str = ""
    last_logon: datetime | None = None
    items: int = 0
    size: int = 0
    lagging: bool = False


@dataclass(slots=True)
class Export:
    """A request for a copy of a mailbox as PST."""

    mailbox: str
    name: str
    batch: str
    path: str
    is_archive: bool
    status: str = "Queued"


@dataclass(slots=True)
class Rule:
    """An inbox rule."""

    name: str
    forward_to: tuple[str, ...] = ()
    redirect_to: tuple[str, ...] = ()
    enabled: bool = True
    hidden: bool = False


@dataclass(slots=True)
class Organization:
    """An organization; `databases` are DNs by name, `policy` is the domain of the e-mail address policy."""

    directory: DirectoryBehind
    databases: dict[str, str]
    policy: str = "ninhbinh.gov.vn"
    now: datetime = datetime(2026, 3, 10, tzinfo=UTC)
    contents: dict[tuple[str, str], Content] = field(default_factory=dict)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    protocols: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    rights: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    exports: list[Export] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    ran: Counter[str] = field(default_factory=Counter)
    """How often each cmdlet was carried out; of Set-Mailbox and Set-CASMailbox, how often each property was set."""

    # ── what the people of the province would see ──

    def receives(self, guid: str) -> bool:
        """Whether mail of an outsider is delivered to the mailbox."""
        entry = self.mailbox(guid, "Transport")
        kept = self.kept[entry.guid]
        closed = kept["AcceptMessagesOnlyFromSendersOrMembers"] or kept["RequireSenderAuthenticationEnabled"]
        return not closed and (octets(kept["MaxReceiveSize"]) or 1 << 40) > 1 << 20 and not self.is_full(guid)

    def sends(self, guid: str) -> bool:
        """Whether mail from the mailbox goes out, if somebody still can log in."""
        kept = self.kept[self.mailbox(guid, "Transport").guid]
        return kept["RecipientLimits"] != "0" and (octets(kept["MaxSendSize"]) or 1 << 40) > 1 << 20

    def opens(self, guid: str) -> bool:
        """Whether any client can open the mailbox."""
        access = {**PROTOCOLS, **self.protocols.get(guid, {})}
        over_http = (access["MapiHttpEnabled"] is not False, not access["MAPIBlockOutlookRpcHttp"])
        return any(
            access[name] is not False for name in PROTOCOLS if name.endswith("Enabled") and name != "MapiHttpEnabled"
        ) or (access["MAPIEnabled"] and any(over_http))

    def is_full(self, guid: str) -> bool:
        """Whether the quota that is in force refuses mail: the database's own while UseDatabaseQuotaDefaults."""
        entry = self.mailbox(guid, "Transport")
        own = entry.first("mDBOverHardQuotaLimit")
        if entry.first("mDBUseDefaults") != "FALSE":
            own = str(DATABASE_QUOTAS["ProhibitSendReceiveQuota"] // 1024)
        content = self.contents.get(self.place(entry))
        return bool(own) and content is not None and content.size > int(own) * 1024

    def log_on(self, guid: str) -> None:
        """Open a mailbox as its holder does: only now it comes to be in its database."""
        content = self.contents.setdefault(self.place(self.mailbox(guid, "Logon")), Content())
        content.last_logon = self.now
        content.items, content.size = max(content.items, 3), max(content.size, 40_960)

    def work(self) -> None:
        """Let the replication service come one step further with the copies."""
        for export in self.exports:
            if export.status == "InProgress":
                export.status = "Completed"
                self.files[export.path] = f"PST of {export.mailbox} {export.is_archive}".encode()
            elif export.status == "Queued":
                export.status = "InProgress"

    # ── where things are ──

    def entry(self, identity: str, cmdlet: str, domain_controller: str = "dc") -> Entry:
        assert domain_controller
        entry = self.directory.find(text_of(identity))
        if entry is None:
            raise not_found(identity, cmdlet)
        return entry

    def mailbox(self, identity: str, cmdlet: str, domain_controller: str = "dc") -> Entry:
        entry = self.entry(identity, cmdlet, domain_controller)
        if not entry.first("msExchMailboxGuid"):
            raise not_found(identity, cmdlet)
        self.kept.setdefault(entry.guid, dict(KEPT))
        return entry

    def database(self, name: str, cmdlet: str) -> str:
        if name not in self.databases:
            raise not_found(name, cmdlet)
        return self.databases[name]

    def place(self, entry: Entry) -> tuple[str, str]:
        name = next(
            (name for name, dn in self.databases.items() if dn.casefold() == entry.first("homeMDB").casefold()), ""
        )
        return name, str(UUID(bytes_le=bytes.fromhex(entry.first("msExchMailboxGuid"))))

    def places(self, entry: Entry) -> list[tuple[str, str]]:
        kept = self.kept[entry.guid]
        archive = [(kept["ArchiveDatabase"], kept["ArchiveGuid"])] if kept["ArchiveGuid"] != NO_GUID else []
        return [self.place(entry), *archive]
