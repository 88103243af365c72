"""A directory server, as the configuration file names it: where it is, and who the agent is to it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from syncagent.mapping.source import Strict
from syncagent.secret_ref import SecretRef


class BindSettings(Strict):
    """Who the agent is to a directory server.

    `simple` takes a name (a DN, or user@domain) and a password, `external` the owner of the process over ldapi or a
    client certificate, `kerberos` a principal and its key table.
    """

    method: Literal["simple", "external", "kerberos"] = "simple"
    name: str = ""
    password: SecretRef | None = None
    certificate: str | None = Field(None, description="PEM file of the client certificate")
    key: str | None = Field(None, description="PEM file of its key")
    keytab: str | None = Field(None, description="Key table; the tickets at hand if not given")

    @model_validator(mode="after")
    def _whole(self) -> BindSettings:
        if self.method == "simple" and not (self.name and self.password):
            message = "simple needs name and password"
            raise ValueError(message)
        if self.method != "simple" and self.password:
            message = f"{self.method} takes no password"
            raise ValueError(message)
        if bool(self.certificate) != bool(self.key):
            message = "certificate and key belong together"
            raise ValueError(message)
        return self


class ServerSettings(Strict):
    """A directory on servers that all hold the whole of it; the first that answers is kept for a run.

    Times are seconds.
    """

    kind: Literal["active-directory", "openldap"]
    servers: list[str] = Field(min_length=1, description="ldaps://…, ldap://… with start_tls, or ldapi://")
    base: str = Field(description="The DN under which accounts live")
    root: str | None = Field(None, description="Where reading starts; the naming context of base if not given")
    schema_: str | None = Field(
        None, alias="schema", description="A name under mappings/directories/, or a path; that of the kind if not given"
    )
    bind: BindSettings
    ca: str | None = Field(None, description="PEM file of the authorities that are trusted; else those of the system")
    start_tls: bool = False
    quarantine: str | None = Field(
        None, description="active-directory: the DN of the OU in which accounts are deleted; else none is deleted"
    )
    connect_timeout: float = Field(10.0, gt=0)
    receive_timeout: float = Field(60.0, gt=0)
    total_timeout: float = Field(1800.0, gt=0)

    @model_validator(mode="after")
    def _quarantine_of_its_own(self) -> ServerSettings:
        if self.quarantine and self.kind != "active-directory":
            message = "quarantine is for active-directory only"
            raise ValueError(message)
        return self
