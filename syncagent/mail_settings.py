"""The mail system behind a directory, as the configuration file names it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from syncagent.mapping.source import Strict
from syncagent.secret_ref import SecretRef


class NoMailSettings(Strict):
    """No mail system of its own: whatever delivers mail reads the addresses from the directory."""

    kind: Literal["none"] = "none"


class SignInSettings(Strict):
    """Who the agent is to the management host.

    `ntlm` seals messages and `basic` needs https, both take a name and a password; `kerberos` takes a principal whose
    tickets are at hand; `certificate` is one that the host maps to a local account.
    """

    method: Literal["ntlm", "basic", "kerberos", "certificate"] = "ntlm"
    name: str = ""
    password: SecretRef | None = None
    certificate: str | None = Field(None, description="PEM file of the client certificate")
    key: str | None = Field(None, description="PEM file of its key")

    @model_validator(mode="after")
    def _whole(self) -> SignInSettings:
        needs = {"certificate": bool(self.certificate and self.key), "kerberos": bool(self.name)}
        if not needs.get(self.method, bool(self.name and self.password)):
            lacking = {"certificate": "certificate and key", "kerberos": "name"}.get(self.method, "name and password")
            message = f"{self.method} needs {lacking}"
            raise ValueError(message)
        return self


class ArchiveSettings(Strict):
    """What is kept of a mailbox before it is purged. Exactly one of the two."""

    share: str | None = Field(None, description="UNC path to which Exchange copies the mailbox as PST")
    decision: str | None = Field(None, description="Number and date of the document by which no copy is kept")

    @model_validator(mode="after")
    def _one_of_them(self) -> ArchiveSettings:
        if bool(self.share) == bool(self.decision):
            message = "give exactly one of share, decision"
            raise ValueError(message)
        return self


class ExchangeSettings(Strict):
    """Exchange behind an Active Directory, reached by a management host over WinRM. Times are seconds."""

    kind: Literal["exchange"]
    management_host: str = Field(
        pattern=r"^https?://[^/\s]+/\S*$", description="https://NAME:5986/wsman, or http://NAME:5985/wsman (sealed)"
    )
    sign_in: SignInSettings
    ca: str | None = Field(None, description="PEM file of the authorities that are trusted; else those of the system")
    sessions: str = Field(
        pattern=r"^https?://[^/\s]+/\S*$", description="Where Exchange opens sessions: http://SERVER/PowerShell/"
    )
    account: str = Field(min_length=1, description="Who opens them, as DOMAIN\\name")
    password: SecretRef
    domain_controller: str = Field(
        min_length=1, description="The controller to which every cmdlet is pinned; best the first of directory.servers"
    )
    nobody: str = Field(
        min_length=1,
        description="A recipient that never sends, by its canonical name (ninhbinh.gov.vn/He thong/Khong ai): a "
        "disabled mailbox accepts mail from it alone",
    )
    archive: ArchiveSettings
    inbox_rules: bool = Field(
        default=False,
        description="Whether rules that send mail on are read as well; Exchange opens each mailbox for that",
    )
    schema_: str = Field(
        "exchange", alias="schema", description="A name under mappings/mailboxes/, or a path; exchange if not given"
    )
    deadline: float = Field(1800.0, gt=0)


class ImapSettings(Strict):
    """OBM's mail server (Cyrus), by TLS, and its administrator, who lists mailboxes and writes nothing."""

    server: str = Field(min_length=1)
    port: int = Field(993, ge=1, le=65535)
    account: str = Field("cyrus", min_length=1)
    password: SecretRef
    ca: str | None = Field(None, description="PEM file of the authorities that are trusted; that of mail if not given")
    timeout: float = Field(60.0, gt=0)


class MailSideSettings(Strict):
    """Where the mail of one side of a merger is read by IMAP over TLS, folder by folder; nothing is written there.

    The account may hold {login} and {address}: whoever signs in for one mailbox, as Dovecot's “{address}*master”.
    """

    server: str = Field(min_length=1)
    port: int = Field(993, ge=1, le=65535)
    account: str = Field(pattern=r"\{(login|address)\}", description="Who signs in, with {login} or {address} in it")
    password: SecretRef
    ca: str | None = Field(None, description="PEM file of the authorities that are trusted; else those of the system")
    timeout: float = Field(60.0, gt=0)


class ObmArchiveSettings(Strict):
    """By what mailboxes are destroyed; OBM's API makes no copies."""

    decision: str = Field(min_length=1, description="Number and date of the document by which no copy is kept")


class ObmSettings(Strict):
    """OBM behind its provisioning API; its LDAP directory is read, and written for locks alone. Times are seconds."""

    kind: Literal["obm"]
    url: str = Field(
        pattern=r"^https://[^/\s@?#]+/[^\s?#]*$",
        description="https://HOST/provisioning/v1, or https://HOST/obm-sync/provisioning/v1 before 3.1.3; TLS is that "
        "of a reverse proxy",
    )
    version: Literal["3.0", "3.1.3"] = Field(
        "3.1.3", description="3.1.3 or later, or 3.0 for all before: those take nobody back from the archive"
    )
    domain: str = Field(pattern=r"^[^\s@/]+$", description="The name of the domain in OBM")
    account: str = Field(
        pattern=r"^[^\s@]+$", description="The agent's user of that domain, without @; its profile is admin"
    )
    password: SecretRef
    own: str = Field(
        "",
        pattern=r"^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?$",
        description="The extId of that user: by it the agent sees whether OBM shows passwords as they are, without "
        "which addresses are changed only together with the password",
    )
    mail_server: str = Field(min_length=1, description="The name of the OBM host on which new mailboxes are made")
    ca: str | None = Field(None, description="PEM file of the authorities that are trusted; else those of the system")
    imap: ImapSettings
    archive: ObmArchiveSettings | None = Field(None, description="Without it no mailbox is destroyed")
    connect_timeout: float = Field(10.0, gt=0)
    receive_timeout: float = Field(60.0, gt=0)
    patience: float = Field(300.0, gt=0, description="How long a batch may wait behind others")


MailSettings = Annotated[NoMailSettings | ExchangeSettings | ObmSettings, Field(discriminator="kind")]
"""The mail system behind one directory."""
