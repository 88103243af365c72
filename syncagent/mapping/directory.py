"""From `mappings/directories/*.yaml` to a Directory."""

from __future__ import annotations

import string
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from syncagent.core.directory import Directory
from syncagent.core.notation import (
    AddressList,
    BitSwitch,
    Follower,
    Forward,
    Megabytes,
    Syntax,
    TimeField,
    ValueSwitch,
)
from syncagent.core.password_policy import Notation, PolicySource, Setting, SettingField
from syncagent.core.provisioning import Provisioning
from syncagent.mapping.source import Strict, load
from syncagent.text import Text

FACTS = frozenset(
    {
        "full_name", "given_name", "surname", "surname_or_name", "position", "unit", "unit_name", "agency_name",
        "mail_nickname",
    }
)  # fmt: skip
"""What a template may show; `surname_or_name` is never empty, as `sn` must not be (RFC 4519, 2.32).

Identity numbers, birth dates and phones are not among them.
"""

_TimeSyntax = Literal["filetime", "generalized-time", "day"]


class _Account(Strict):
    object_class: str
    not_object_classes: list[str] = []
    add_object_classes: list[str] = Field(min_length=1)
    rdn: str
    display: str


class _Container(Strict):
    object_class: str
    rdn: str


class _Identity(Strict):
    attribute: str
    syntax: Literal["guid", "text"]


class _Follower(Strict):
    """One that `stays` can never change: a new address then says so."""

    attribute: str
    longest: int = Field(0, ge=0)
    follows_address: bool = False
    stays: bool = False

    def follower(self) -> Follower:
        """Return it as the core knows it."""
        return Follower(self.attribute, self.longest, self.follows_address, self.stays)


class Addresses(Strict):
    """The attribute with all addresses, and their prefixes."""

    attribute: str
    primary: str = ""
    other: str = ""
    held: str = ""

    def listed(self) -> AddressList:
        """Return it as the core knows it."""
        return AddressList(self.attribute, self.primary, self.other, self.held)


class _Bits(Strict):
    attribute: str
    off: int = Field(gt=0)
    new: int = Field(ge=0)


class Switch(Strict):
    """An attribute that says yes with one value and no with another."""

    attribute: str
    on: str = ""
    off: str = ""

    def switch(self) -> ValueSwitch:
        """Return it as the core knows it."""
        return ValueSwitch(self.attribute, self.on, self.off)


class _Access(Switch):
    also_off: list[str] = Field([], description="Further values that say no; read, never written")

    def switch(self) -> ValueSwitch:
        """Return it as the core knows it."""
        return ValueSwitch(self.attribute, self.on, self.off, tuple(self.also_off))


class Time(Strict):
    """An attribute that holds a moment."""

    attribute: str
    syntax: _TimeSyntax
    accuracy_days: int = Field(0, ge=0)

    def time(self) -> TimeField:
        """Return it as the core knows it."""
        return TimeField(self.attribute, Syntax(self.syntax), self.accuracy_days)


class Marked(Strict):
    """An attribute and a value of it that means something."""

    attribute: str
    value: str


class Bytes(Strict):
    """An attribute that holds a size."""

    attribute: str
    per_mb: int = Field(gt=0)

    def megabytes(self) -> Megabytes:
        """Return it as the core knows it."""
        return Megabytes(self.attribute, self.per_mb)


class _Setting(Strict):
    attribute: str
    notation: Literal["number", "interval", "seconds", "yes-no", "bit"] = "number"
    bit: int = Field(0, ge=0, description="With notation bit: the flag")
    absent: int | None = Field(None, description="What it means that the attribute is missing; else nobody knows")
    needs: Switch | None = Field(None, description="An attribute without which the setting has no effect")

    @model_validator(mode="after")
    def _bit_is_named(self) -> Self:
        if (self.notation == "bit") is not (self.bit > 0):
            message = "a bit goes with notation bit, and with no other"
            raise ValueError(message)
        return self

    def setting_field(self) -> SettingField:
        """Return it as the core knows it."""
        needs = self.needs.switch() if self.needs else None
        return SettingField(self.attribute, Notation(self.notation), self.bit, self.absent, needs)


class _Calls(Strict):
    create: list[str] = []
    archive: list[str] = []
    delete: list[str] = []
    change: str
    others: dict[str, list[str]] = Field({}, description="A call and the attributes that it changes")


class _Provisioning(Strict):
    system: Literal["obm"]
    new: dict[str, str] = Field({}, description="What every new account has; {mail_server} is that of the settings")
    calls: _Calls

    def provisioning(self) -> Provisioning:
        """Return it as the core knows it."""
        named = {name for names in self.calls.others.values() for name in names}
        return Provisioning(
            self.system,
            dict(self.new),
            creates=tuple(self.calls.create),
            archives=tuple(self.calls.archive),
            deletes=tuple(self.calls.delete),
            changes=self.calls.change,
            calls={
                name: tuple(call for call, names in self.calls.others.items() if name in names)
                for name in sorted(named)
            },
        )


class _SetIn(Strict):
    vi: str
    en: str


class _PasswordPolicies(Strict):
    object_class: str
    applies_to: str = Field("", description="The attribute that lists users and groups; else it is for everybody")
    precedence: str = Field("", description="Of several that apply to somebody, the lowest number wins")
    chosen_by: str = Field("", description="The attribute of an account that names its policy")
    set_in: _SetIn = Field(description="Where people change it")
    settings: dict[str, _Setting] = Field(min_length=1)

    @field_validator("chosen_by")
    @classmethod
    def _one_way(cls, attribute: str, info: ValidationInfo) -> str:
        if attribute and info.data.get("applies_to"):
            message = "a policy lists its accounts, or these name it, not both"
            raise ValueError(message)
        return attribute

    @field_validator("settings")
    @classmethod
    def _known_settings(cls, fields: dict[str, _Setting]) -> dict[str, _Setting]:
        return {Setting(name).value: field for name, field in fields.items()}

    def source(self) -> PolicySource:
        """Return it as the core knows it."""
        return PolicySource(
            object_class=self.object_class,
            set_in=Text(self.set_in.vi, self.set_in.en),
            settings={Setting(name): field.setting_field() for name, field in self.settings.items()},
            applies_to=self.applies_to,
            precedence=self.precedence,
            chosen_by=self.chosen_by,
        )


class _Forward(Strict):
    attribute: str
    prefix: str = ""


class DirectoryFile(Strict):
    """How one kind of directory holds mail accounts, as data."""

    version: Literal[1]
    name: str
    account: _Account
    container: _Container | None = Field(
        None, description="What units become; left out where accounts lie side by side"
    )
    identity: _Identity
    key: str
    stamp: str
    login: _Follower
    principal: _Follower | None = None
    address: str
    addresses: Addresses
    log_in: _Bits | _Access
    receives: _Access | None = None
    must_change: Switch | None = None
    password_set: Time | None = None
    last_use: list[Time] = []
    created: Time | None = None
    protected: list[Marked] = []
    protected_groups: list[str] = []
    forwarding: list[str] = []
    forward: _Forward | None = Field(None, description="Where an old system of a merger is told to send mail on")
    quota: Bytes | None = None
    message: Bytes | None = Field(None, description="The largest message the holder may send")
    locked_out: Time | None = Field(None, description="When the directory itself locked the account")
    write: dict[str, str]
    longest: dict[str, int] = {}
    password_policies: list[_PasswordPolicies] = []
    birth_date: str = Field("", description="The attribute with the day of birth, in exports that are merged")
    rights: list[str] = Field([], description="Attributes of groups and mailboxes that list who has a right there")
    closes_log_in: bool = False
    provisioning: _Provisioning | None = Field(None, description="The service that writes the directory")

    @field_validator("write")
    @classmethod
    def _known_facts(cls, templates: dict[str, str]) -> dict[str, str]:
        for attribute, template in templates.items():
            used = [part[1:] for part in string.Formatter().parse(template) if part[1] is not None]
            if any(form or conversion for _, form, conversion in used):
                message = f"{attribute}: a fact stands alone between its braces, without “:” or “!”"
                raise ValueError(message)
            if unknown := sorted({str(name) for name, _, _ in used} - FACTS):
                message = f"{attribute}: unknown facts {', '.join(unknown)}; known are {', '.join(sorted(FACTS))}"
                raise ValueError(message)
        return templates


def read_directory(text: str, file: str) -> Directory:
    """Given the text of a directory file, return the directory.

    Raises:
        Misconfigured: the file has faults; each is named with its line.
    """
    return directory_of(load(text, file, DirectoryFile))


def directory_of(found: DirectoryFile) -> Directory:
    """Given a validated file, return the directory."""
    log_in = found.log_in
    return Directory(
        name=found.name,
        account_class=found.account.object_class,
        not_classes=frozenset(name.lower() for name in found.account.not_object_classes),
        add_classes=tuple(found.account.add_object_classes),
        rdn=found.account.rdn,
        display=found.account.display,
        container_class=found.container.object_class if found.container else "",
        container_rdn=found.container.rdn if found.container else "",
        identity=found.identity.attribute,
        identity_syntax=Syntax(found.identity.syntax),
        key=found.key,
        stamp=found.stamp,
        login=found.login.follower(),
        principal=found.principal.follower() if found.principal else None,
        address=found.address,
        addresses=found.addresses.listed(),
        log_in=(BitSwitch(log_in.attribute, log_in.off, log_in.new) if isinstance(log_in, _Bits) else log_in.switch()),
        receives=found.receives.switch() if found.receives else None,
        must_change=found.must_change.switch() if found.must_change else None,
        password_set=found.password_set.time() if found.password_set else None,
        last_use=tuple(time.time() for time in found.last_use),
        created=found.created.time() if found.created else None,
        protected=tuple((one.attribute, one.value) for one in found.protected),
        protected_groups=frozenset(found.protected_groups),
        forwarding=tuple(found.forwarding),
        quota=found.quota.megabytes() if found.quota else None,
        write=dict(found.write),
        longest=dict(found.longest),
        locked_out=found.locked_out.time() if found.locked_out else None,
        message=found.message.megabytes() if found.message else None,
        password_policies=tuple(source.source() for source in found.password_policies),
        rights=tuple(found.rights),
        birth=found.birth_date,
        provisioning=found.provisioning.provisioning() if found.provisioning else None,
        closes_log_in=found.closes_log_in,
        forward=Forward(found.forward.attribute, found.forward.prefix) if found.forward else None,
    )
