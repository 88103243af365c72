"""The review console, as the configuration file describes it: where it listens, who may log in, who may do what."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from syncagent.directory_settings import ServerSettings
from syncagent.mapping.source import Strict, faulty
from syncagent.secret_ref import SecretRef

_PLACE = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}|localhost):(\d{1,5})")
_HIGHEST_PORT = 65535
_SPAN = re.compile(r"([1-9]\d*) (minutes?|hours?)")


def _span(text: str) -> timedelta:
    count, unit = text.split()
    return timedelta(hours=int(count)) if unit.startswith("hour") else timedelta(minutes=int(count))


def _span_text(text: str) -> str:
    if not _SPAN.fullmatch(text):
        message = f"{text!r} is not a span such as “15 minutes” or “8 hours”"
        raise ValueError(message)
    return text


class SessionSettings(Strict):
    """How long somebody stays logged in (TCVN 14423:2026: 15 minutes unused, 5 for those who administer)."""

    idle: str = Field("15 minutes", description="Unused for so long, a session ends")
    approver_idle: str = Field("5 minutes", description="The same, of those who approve")
    longest: str = Field("8 hours", description="Every session ends after so long")

    @field_validator("*")
    @classmethod
    def _is_span(cls, text: str) -> str:
        return _span_text(text)

    @property
    def spans(self) -> tuple[timedelta, timedelta, timedelta]:
        """Return `idle`, `approver_idle` and `longest`."""
        return _span(self.idle), _span(self.approver_idle), _span(self.longest)


class LoginSettings(Strict):
    """The directory in which people have the account they log in with. Exactly one of `target` and `server`."""

    target: str | None = Field(None, description="A target whose directory is a server")
    server: ServerSettings | None = Field(None, description="A directory server of its own")
    base: str | None = Field(None, description="The DN under which people are searched; else all of the directory")
    tries: int = Field(
        3, gt=0, description="Failed log-ins of one account in a `window`; fewer than lock it in the directory"
    )
    address_tries: int = Field(20, gt=0, description="Failed log-ins from one address in a `window`")
    window: str = Field("30 minutes", description="At least as long as the directory counts failures")

    @field_validator("window")
    @classmethod
    def _is_span(cls, text: str) -> str:
        return _span_text(text)

    @model_validator(mode="after")
    def _one_place(self) -> LoginSettings:
        if bool(self.target) == bool(self.server):
            message = "give exactly one of target, server"
            raise ValueError(message)
        return self

    @property
    def span(self) -> timedelta:
        """Return the span of `window`."""
        return _span(self.window)


class GroupSettings(Strict):
    """What the members of a group may do, nested groups included, and in which units."""

    role: Literal["viewer", "operator", "approver", "second-approver", "auditor"]
    units: list[str] = Field(
        ["*"], min_length=1, description="Keys of units, `*` and `?` as in targets; those below them are included"
    )


class ConsoleSettings(Strict):
    """The review console of `syncagent serve`."""

    listen: str = Field("127.0.0.1:8443", description="ADDRESS:PORT; beyond loopback only with a certificate")
    certificate: str | None = Field(None, description="PEM file of the console's certificate and those above it")
    key: str | None = Field(None, description="PEM file of its key")
    url: str | None = Field(
        None, description="What people type, such as https://duyet.tinh.gov.vn, where a proxy stands before it"
    )
    proxy: str | None = Field(None, description="Address of that proxy, whose word about who calls is taken")
    login: LoginSettings
    groups: dict[str, GroupSettings] = Field(min_length=1, description="DN of a group → what its members may do")
    session: SessionSettings = SessionSettings()
    stop_secret: SecretRef | None = Field(
        None, description="Whoever types this can stop every apply without logging in, and nothing else"
    )

    @field_validator("listen")
    @classmethod
    def _is_place(cls, text: str) -> str:
        found = _PLACE.fullmatch(text)
        if not (found and int(found[2]) <= _HIGHEST_PORT):
            message = f"{text!r} is not ADDRESS:PORT, such as 127.0.0.1:8443"
            raise ValueError(message)
        return text

    @field_validator("url")
    @classmethod
    def _is_origin(cls, text: str | None) -> str | None:
        parts = urlsplit(text or "https://nobody")
        if parts.scheme != "https" or not parts.hostname or parts.path not in {"", "/"} or parts.query:
            message = f"{text!r} is not https://NAME"
            raise ValueError(message)
        return text.rstrip("/") if text else text

    @field_validator("proxy")
    @classmethod
    def _is_address(cls, text: str | None) -> str | None:
        if text:
            ip_address(text)
        return text

    @model_validator(mode="after")
    def _nothing_in_the_clear(self) -> ConsoleSettings:
        if bool(self.certificate) != bool(self.key):
            message = "certificate and key belong together"
            raise ValueError(message)
        host = self.place[0]
        if not self.certificate and host != "localhost" and not ip_address(host).is_loopback:
            raise faulty(
                "ngoài loopback phải có certificate và key: mật khẩu không đi qua mạng mà không mã hóa",
                "beyond loopback a certificate and key are needed: no password goes over a network in the clear",
            )
        return self

    @property
    def place(self) -> tuple[str, int]:
        """Return address and port of `listen`."""
        host, _, port = self.listen.rpartition(":")
        return host, int(port)
