"""The service, as the configuration file describes it: what runs when, where it listens, whom it writes to."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Literal

from pydantic import Field, field_validator, model_validator

from syncagent.mapping.source import Strict
from syncagent.secret_ref import SecretRef

_PLACE = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}|localhost):(\d{1,5})")
_HIGHEST_PORT = 65535
_ADDRESS = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")


def _schedule(text: str) -> str:
    # APScheduler takes a sixth of a second to import: only for those who configure a service
    from syncagent.service.schedule import Schedule  # noqa: PLC0415 - see above

    Schedule.parse(text, UTC)
    return text


class ApplySettings(Strict):
    """When the service carries out what was approved. Without this it only plans."""

    window: str = Field(description="Weekdays by name and hours, such as “mon-fri 17:30-21:00”")
    when: str = Field("every 5 minutes", description="How often it looks for approved actions in that window")

    @field_validator("window")
    @classmethod
    def _is_window(cls, text: str) -> str:
        from syncagent.service.schedule import Window  # noqa: PLC0415 - as above

        Window.parse(text)
        return text

    @field_validator("when")
    @classmethod
    def _is_schedule(cls, text: str) -> str:
        return _schedule(text)


class ScheduleSettings(Strict):
    """When the jobs run: “every 15 minutes”, or a cron line with weekdays by name, such as “30 5 * * mon-fri”."""

    plan: str | None = Field(None, description="Read everything and make a plan; as `every` says if not given")
    deletions: str = Field("0 7 * * *", description="Look at the calendar of deletions")
    reports: str = Field("0 7 * * *", description="Look which reports of the regulation are due")
    requests: str = Field("0 7 * * *", description="Look which written requests wait for an answer")
    checkpoint: str = Field("every 15 minutes", description="Check the audit log, and sign where it stands")
    retention: str = Field("0 3 * * *", description="Forget sealed passwords whose days are over")
    self_check: str = Field("every 1 hour", alias="self-check", description="What `doctor` does")
    digest: str = Field("0 8 * * *", description="Write to the administrators, if `mail` says how")

    @field_validator("*")
    @classmethod
    def _is_schedule(cls, text: str | None) -> str | None:
        return _schedule(text) if text else text


class PostSettings(Strict):
    """The mail server that takes the digest for administrators."""

    server: str = Field(min_length=1)
    port: int = Field(587, gt=0, le=_HIGHEST_PORT)
    tls: Literal["starttls", "implicit"] = Field("starttls", description="implicit: TLS from the first octet, port 465")
    ca: str | None = Field(None, description="PEM file of the authorities that are trusted; else those of the system")
    name: str = Field("", description="Who the agent is to the server; nobody if empty")
    password: SecretRef | None = None
    sender: str = Field(description="Address the digest comes from")
    to: list[str] = Field(min_length=1, description="Addresses of the administrators")

    @field_validator("sender")
    @classmethod
    def _is_address(cls, text: str) -> str:
        if not _ADDRESS.fullmatch(text):
            message = f"{text!r} is not an address"
            raise ValueError(message)
        return text

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, texts: list[str]) -> list[str]:
        return [cls._is_address(text) for text in texts]

    @model_validator(mode="after")
    def _whole(self) -> PostSettings:
        if bool(self.name) != bool(self.password):
            message = "name and password belong together"
            raise ValueError(message)
        return self


class ServiceSettings(Strict):
    """What `syncagent serve` does by itself."""

    schedule: ScheduleSettings = ScheduleSettings()
    apply: ApplySettings | None = Field(None, description="Without this the service only plans")
    quarantine_after: int = Field(3, gt=0, description="Failures in a row until a job is tried rarely")
    listen: str = Field("127.0.0.1:9464", description="ADDRESS:PORT for /healthz, /readyz, /metrics; none: nowhere")
    mail: PostSettings | None = Field(None, description="Where the digest goes; without this there is none")

    @field_validator("listen")
    @classmethod
    def _is_place(cls, text: str) -> str:
        found = _PLACE.fullmatch(text)
        if text != "none" and not (found and int(found[2]) <= _HIGHEST_PORT):
            message = f"{text!r} is not ADDRESS:PORT, such as 127.0.0.1:9464, or none"
            raise ValueError(message)
        return text

    @property
    def place(self) -> tuple[str, int] | None:
        """Return address and port of `listen`, None if it is nowhere."""
        found = _PLACE.fullmatch(self.listen)
        return (found[1], int(found[2])) if found else None
