"""The configuration: `syncagent.yaml`, read once, frozen, with a line for every fault (contract §3)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PrivateAttr, field_validator, model_validator

from syncagent.console_settings import ConsoleSettings
from syncagent.core import dn as names_of
from syncagent.directory_settings import ServerSettings
from syncagent.files import FILE_NAME, read_text
from syncagent.mail_settings import MailSettings, MailSideSettings, NoMailSettings, ObmSettings
from syncagent.mapping.brakes import BrakesPart
from syncagent.mapping.source import Strict, faulty, load, where_each, where_of
from syncagent.secret_ref import SecretRef, SecretsSettings
from syncagent.service_settings import ServiceSettings

if TYPE_CHECKING:
    from pathlib import Path

_SPACE = re.compile(r"\d+ (MB|GB)")
_SPAN = re.compile(r"([1-9]\d*) (day|days|hour|hours)")
_SYSLOG = re.compile(r"(udp|tcp)://(\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):([1-9][0-9]{0,4})")
_Count = Literal["none", "one", "two"]


def _span_text(text: str) -> str:
    if not _SPAN.fullmatch(text):
        message = f"{text!r} is not a span such as “3 days” or “12 hours”"
        raise ValueError(message)
    return text


def _span(text: str) -> timedelta:
    count, unit = text.split()
    return timedelta(hours=int(count)) if unit.startswith("hour") else timedelta(days=int(count))


_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@")


class Source(Strict):
    """One part of the roster."""

    source: Literal["csv", "xlsx"]
    path: str


class SqlSource(Strict):
    """One part of the roster that a database holds."""

    source: Literal["sql"]
    url: str = Field(description="As SQLAlchemy writes it, without a password: postgresql+psycopg://hr@db.local/nhansu")
    password: SecretRef | None = None
    query: str = Field(description="A SELECT whose columns are headed like those of a file")

    @field_validator("url")
    @classmethod
    def _has_no_password(cls, url: str) -> str:
        if _PASSWORD.search(url):
            message = "a password does not stand in the configuration: name it in `password`"
            raise ValueError(message)
        return url


class RosterSettings(Strict):
    """Where the roster comes from and how old it may be."""

    people: Source | SqlSource = Field(discriminator="source")
    units: Source | SqlSource = Field(discriminator="source")
    requests: Source | None = None
    columns: str = Field("canonical", description="A name under mappings/rosters/, or a path")
    freshness: str = Field("3 days", description="An export older than this is doubtful")
    identity_key: SecretRef | None = Field(None, description="Key of the pseudonyms of identity numbers")

    @field_validator("freshness")
    @classmethod
    def _is_span(cls, text: str) -> str:
        return _span_text(text)

    @property
    def greatest_age(self) -> timedelta:
        """Return the span of `freshness`."""
        return _span(self.freshness)


class LdifSettings(Strict):
    """A directory that is one LDIF file."""

    kind: Literal["ldif"]
    path: str
    schema_: str = Field(alias="schema", description="A name under mappings/directories/, or a path")
    base: str = Field(description="The DN under which accounts live")


class CsvSettings(Strict):
    """An export of the accounts of an old mail system, one a line."""

    kind: Literal["csv"]
    path: str
    schema_: str = Field("csv-export", alias="schema", description="A name under mappings/directories/, or a path")


DirectorySettings = Annotated[LdifSettings | ServerSettings, Field(discriminator="kind")]
"""One directory: a file or a server."""


class TargetSettings(Strict):
    """A directory, the mail system behind it, and the units whose accounts live there."""

    directory: DirectorySettings
    mail: MailSettings = NoMailSettings()
    units: list[str] = Field(
        ["*"], min_length=1, description="Units whose accounts live here, with those below; `*`: all that nothing names"
    )
    containers: dict[str, str] = Field({}, description="The place of single units: key → DN")

    @model_validator(mode="after")
    def _obm_has_its_directory(self) -> TargetSettings:
        mail = self.mail
        if not isinstance(mail, ObmSettings):
            return self
        if self.directory.kind != "openldap":
            kind = self.directory.kind
            raise faulty(f"OBM chỉ đi với openldap, không phải {kind}", f"OBM stands behind openldap only, not {kind}")
        users = f"ou=users,dc={names_of.escape(mail.domain)},dc=local"
        if names_of.same(self.directory.base) != names_of.same(users):
            raise faulty(
                f"người dùng của miền {mail.domain} trong OBM nằm dưới {users}, không phải {self.directory.base}",
                f"the users of OBM's domain {mail.domain} are below {users}, not {self.directory.base}",
            )
        return self

    @model_validator(mode="after")
    def _exchange_has_its_directory(self) -> TargetSettings:
        if self.mail.kind == "exchange" and self.directory.kind != "active-directory":
            message = f"Exchange stands behind active-directory only, not {self.directory.kind}"
            raise ValueError(message)
        return self


class LegacySettings(Strict):
    """An old mail system of a merger; it is only read, unless waves are to be carried out there, too."""

    directory: Annotated[LdifSettings | ServerSettings | CsvSettings, Field(discriminator="kind")]
    domain: str = Field(description="The domain of its addresses, one of those of the merger")
    regulation: str = Field(
        "none", description="The text it was run under: a name under mappings/regulations/, or none"
    )
    writes: bool = Field(False, description="Whether a wave locks and deletes accounts there; else they are listed")  # noqa: FBT003 - a default

    imap: MailSideSettings | None = Field(None, description="Where its mail is read, to be compared with the copy")

    @model_validator(mode="after")
    def _can_be_written(self) -> LegacySettings:
        if self.writes and isinstance(self.directory, CsvSettings):
            raise faulty(
                "không ghi được vào tệp csv; bỏ dòng writes", "a csv export cannot be written; leave writes out"
            )
        return self


class WaveSettings(Strict):
    """What moves together: the new units, and how many accounts of each kind that is."""

    units: list[str] = Field(min_length=1, description="Keys of new units, `*` and `?` as in targets")
    counts: dict[Literal["converted", "merged-into", "newly-issued", "retired", "held", "excluded"], int] = Field(
        {}, description="Declared numbers of accounts; what differs stops the wave"
    )


class MigrationSettings(Strict):
    """The merger of provinces: what is joined, from where, into which target, in which waves."""

    merger: str = Field(description="A folder under mappings/mergers/, or a path")
    target: str | None = Field(None, description="The target that takes over; needed if there are several")
    legacy: dict[str, LegacySettings] = Field(min_length=1)
    aliases_until: date | None = Field(None, description="The last day on which old addresses still receive")
    forward_until: date | None = Field(
        None,
        description="The last day on which old systems send mail on by themselves; else accounts are closed at once",
    )
    imap: MailSideSettings | None = Field(None, description="Where the mail of the new system is read")
    waves: list[WaveSettings] = []

    @property
    def written(self) -> dict[str, LegacySettings]:
        """Return the old systems in which waves are carried out."""
        return {name: legacy for name, legacy in sorted(self.legacy.items()) if legacy.writes}


class ApprovalSettings(Strict):
    """How many different people approve an action."""

    delete: _Count = "two"
    disable: _Count = "one"
    others: _Count = "one"


class OwnershipSettings(Strict):
    """Whether taking over an account that is not marked as ours waits for a person."""

    adopt: Literal["review", "auto"] = "review"


class OfficeSettings(Strict):
    """Who answers requests: what stands at the head and the foot of a letter."""

    name: str = Field(min_length=1, description="The agency that runs the mail system")
    above: str | None = Field(None, description="The agency above it, in the line over its name")
    symbol: str | None = Field(None, description="What follows the number of its letters, as SKHCN-CĐS")
    place: str | None = Field(None, description="Where letters are dated from")
    signer: str | None = Field(None, description="Who signs, as Giám đốc")


class CopySettings(Strict):
    """A second place of checkpoints. Exactly one of the two."""

    file: str | None = Field(None, description="A file that only grows, best on another host's mount")
    syslog: str | None = Field(None, description="udp://HOST:PORT or tcp://HOST:PORT (RFC 5424)")

    @model_validator(mode="after")
    def _one_place(self) -> CopySettings:
        if bool(self.file) == bool(self.syslog):
            message = "give exactly one of file, syslog"
            raise ValueError(message)
        if self.syslog and not _SYSLOG.fullmatch(self.syslog):
            message = f"{self.syslog!r} is not udp://HOST:PORT or tcp://HOST:PORT"
            raise ValueError(message)
        return self

    @property
    def server(self) -> tuple[str, str, int] | None:
        """Return transport, host and port of `syslog`; None if the place is a file."""
        found = _SYSLOG.fullmatch(self.syslog or "")
        return (found[1], found[2].strip("[]"), int(found[3])) if found else None


class AuditSettings(Strict):
    """Where checkpoints of the audit log are kept beside the state."""

    copies: list[CopySettings] = []


class Settings(Strict):
    """The whole configuration file."""

    version: Literal[1]
    regulation: str = Field(description="A name under mappings/regulations/, or a path")
    timezone: str = "Asia/Ho_Chi_Minh"
    language: Literal["vi", "en"] = "vi"
    roster: RosterSettings
    targets: dict[str, TargetSettings] = Field(min_length=1)
    state: str = Field(
        "sqlite:///syncagent.db",
        description="sqlite:///FILE, or postgresql+psycopg://USER@HOST/DATABASE for several hosts",
    )
    state_password: SecretRef | None = Field(
        None, description="Password of the user on the PostgreSQL server, where it asks for one"
    )
    stop_file: str | None = Field(
        None, description="While this file is there, nothing is applied; STATE.stop, or syncagent.stop, if not given"
    )
    free_space: str = Field("256 MB", description="Nothing is applied with less space than this beside the state")
    signing_key: SecretRef | None = Field(None, description="The agent's key, 64 hexadecimal digits; signs plans")
    secrets: SecretsSettings = SecretsSettings()
    approval: ApprovalSettings = ApprovalSettings()
    ownership: OwnershipSettings = OwnershipSettings()
    brakes: BrakesPart = BrakesPart()
    audit: AuditSettings = AuditSettings()
    internal_move: Literal["readdress", "reissue"] | None = Field(
        None,
        description="How a move inside the system is carried out; ninhbinh-2025 allows both, bentre-2016 reissue, the "
        "other texts readdress; the regulation's usual reading if not given",
    )
    office: OfficeSettings | None = Field(None, description="The letterhead of answers to requests")
    every: str = Field("1 day", description="How often a plan is made; deletions wait for as many runs as that gives")
    migration: MigrationSettings | None = Field(None, description="The merger of provinces")
    service: ServiceSettings = ServiceSettings()
    console: ConsoleSettings | None = Field(None, description="Where people review in a browser; else nowhere")
    calendar: str = Field("vn", description="A name under mappings/calendar/, or a path")
    account_review: Literal["none", "year", "half-year", "quarter", "month"] = Field(
        "half-year", description="How often the list of accounts is reviewed; by the system's level (TCVN 14423:2026)"
    )

    _source: tuple[str, str] = PrivateAttr(("", FILE_NAME))

    @field_validator("free_space")
    @classmethod
    def _is_space(cls, text: str) -> str:
        if not _SPACE.fullmatch(text):
            message = f"{text!r} is not a space such as “256 MB” or “1 GB”"
            raise ValueError(message)
        return text

    @property
    def reserve(self) -> int:
        """Return the bytes of `free_space`."""
        count, unit = self.free_space.split(" ")
        return int(count) << (30 if unit == "GB" else 20)

    @field_validator("approval", mode="before")
    @classmethod
    def _one_word(cls, value: Any) -> Any:  # noqa: ANN401 - what the file says, before it is understood
        return {"delete": value, "disable": value, "others": value} if isinstance(value, str) else value

    @field_validator("every")
    @classmethod
    def _is_span(cls, text: str) -> str:
        return _span_text(text)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"unknown time zone {name!r}"
            raise ValueError(message) from error
        return name

    @model_validator(mode="after")
    def _somebody_approves(self) -> Settings:
        old = self.migration.written if self.migration else {}
        directories = {name: one.directory for name, one in self.targets.items()}
        directories |= {name: one.directory for name, one in old.items() if not isinstance(one.directory, CsvSettings)}
        servers = [name for name, directory in directories.items() if isinstance(directory, ServerSettings)]
        reviews = self.approval
        if servers and "none" in {reviews.delete, reviews.disable, reviews.others}:
            message = f"approval: none is for ldif files only; {', '.join(servers)} is a server"
            raise ValueError(message)
        return self

    @property
    def pace(self) -> timedelta:
        """Return the span of `every`."""
        return _span(self.every)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone whose calendar days count."""
        return ZoneInfo(self.timezone)

    @model_validator(mode="after")
    def _console_logs_in_somewhere(self) -> Settings:
        named = self.console.login.target if self.console else None
        if named and not isinstance(self.targets[named].directory if named in self.targets else None, ServerSettings):
            raise faulty(
                f"console.login.target: {named} không phải một đích là máy chủ thư mục",
                f"console.login.target: {named} is no target that is a directory server",
            )
        return self

    @model_validator(mode="after")
    def _old_and_new_differ(self) -> Settings:
        if both := sorted(self.targets.keys() & (self.migration.legacy.keys() if self.migration else ())):
            listed = ", ".join(both)
            raise faulty(f"{listed} vừa ở targets vừa ở migration.legacy", f"{listed}: both a target and an old system")
        return self

    @model_validator(mode="after")
    def _one_target_takes_over(self) -> Settings:
        named = self.migration.target if self.migration else None
        if self.migration and named not in self.targets and (named or len(self.targets) > 1):
            message = f"migration.target names one of {', '.join(sorted(self.targets))}"
            raise ValueError(message)
        return self

    def read_from(self, text: str, file: str) -> Settings:
        """Return the settings, which know from now on the file they were read from."""
        self._source = text, file
        return self

    @property
    def file(self) -> str:
        """Return the name of the file they were read from."""
        return self._source[1]

    def where(self, *keys: str) -> str:
        """Return `file:line` of a setting, for faults that show only beside another file."""
        return where_of(*self._source, keys)

    def routes(self) -> dict[str, dict[str, str]]:
        """Return `file:line` of every unit that a target names, by target; a single target with all of them is none."""
        if all(target.units == ["*"] for target in self.targets.values()) and len(self.targets) == 1:
            return {name: {} for name in self.targets}
        paths = [(name, place) for name, target in self.targets.items() for place in range(len(target.units))]
        places = where_each(*self._source, [("targets", name, "units", place) for name, place in paths])
        found: dict[str, dict[str, str]] = {name: {} for name in self.targets}
        for (name, place), where in zip(paths, places, strict=True):
            found[name].setdefault(self.targets[name].units[place], where)
        return found


def read_settings(path: Path) -> Settings:
    """Return the settings of a file.

    Raises:
        Misconfigured: the file cannot be read or has faults; each is named with its line.
    """
    text = read_text(path)
    return load(text, path.name, Settings).read_from(text, path.name)
