"""The mail accounts of the sample province, as entries of its directory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core import compare
from syncagent.core import dn as names_of
from syncagent.core.addresses import is_local_part, login_for
from syncagent.core.directory import Shape, encode
from syncagent.core.names import fold, parted, syllables
from syncagent.core.notation import Syntax
from syncagent.core.policy import Target
from syncagent.core.stamp import AccountKind, State, parse
from syncagent.core.unit import UnitKind
from syncagent.sample.scheme import NINH_BINH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from syncagent.core.addresses import Pattern
    from syncagent.core.directory import Directory
    from syncagent.core.names import Syllables
    from syncagent.core.notation import TimeField
    from syncagent.core.stamp import Stamp
    from syncagent.core.unit import Units
    from syncagent.sample.scheme import Scheme

_SMALLEST_QUOTA_MB = 2048
_FILETIME_EPOCH = date(1601, 1, 1)
_OFFICE_HOURS = (1 * 3600, 10 * 3600)
"""Seconds of a day in UTC between which moments lie: 8 to 17 o'clock in Viet Nam, the same day in both."""

Values = tuple[str | bytes, ...]


class Entry(NamedTuple):
    """An entry of the directory; binary values are bytes, all others text."""

    dn: str
    attributes: dict[str, Values]


@dataclass(slots=True)
class Mailbox:
    """An account as found. `stamp` also says in which state it is; `marked` whether it carries the stamp.

    `unit` and `position` are what the directory shows, which may lag behind the roster. `key` is empty for
    the mailbox of a unit. `password` is the day the holder last changed it, None while the default one is in
    force; `used` the day of the last logon.
    """

    name: str
    unit: str
    address: str
    stamp: Stamp
    created: date
    key: str = ""
    given_name: str = ""
    position: str = ""
    password: date | None = None
    used: date | None = None
    marked: bool = True
    locked_by_hand: bool = False
    quota_mb: int = _SMALLEST_QUOTA_MB
    forwards_to: str = ""
    admin: bool = False


@dataclass(slots=True)
class Registry:
    """Every address, log-in and name that is taken in the directory, and the accounts made so far.

    `taken` also holds the addresses that newcomers and movers will ask for, so that only planted clashes
    clash. All addresses here are folded as they are.
    """

    directory: Directory
    units: Units
    rng: Random
    scheme: Scheme = NINH_BINH
    target: Target = field(init=False)
    taken: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    _logins: set[str] = field(default_factory=set)
    _names: set[tuple[str, str]] = field(default_factory=set)
    _containers: dict[str, str] = field(default_factory=dict)
    _syllables: dict[tuple[str, str], Syllables] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reserve what units are called: a person's address must not be one of theirs."""
        self.target = Target("main", self.directory, self.scheme.base, live=False)
        for unit in self.units:
            self.take(self.unit_address(unit.unit))

    def take(self, address: str) -> None:
        """Note that an address is taken."""
        self.taken.add(address)

    def is_free(self, address: str) -> bool:
        """Whether nobody has or asks for an address."""
        return address not in self.taken

    def unit_address(self, unit: str) -> str:
        """Return the address of a unit's mailbox (Ninh Bình: Điều 5.1 and 5.2)."""
        found = self.units[unit]
        words = {"abbreviation": found.abbreviation, "parent": self.units.parent_abbreviation(unit)}
        form = self.scheme.department if found.kind is UnitKind.DEPARTMENT else self.scheme.agency
        return f"{form.render(None, words)}@{self.scheme.domain}"

    def built(self, name: str, given_name: str, unit: str) -> str:
        """Return the address the regulation builds for a name in a unit, taken or not."""
        return self._render(self.scheme.personal, self._parts(name, given_name), unit)

    def grant(self, name: str, given_name: str, unit: str) -> tuple[str, bool]:
        """Take an address for somebody who has long had one, and say whether people had to agree on it."""
        parts = self._parts(name, given_name)
        address = ""
        for form in (self.scheme.personal, *self.scheme.agreed):
            address = self._render(form, parts, unit)
            if self.is_free(address) and is_local_part(address.partition("@")[0]):
                self.take(address)
                return address, form is not self.scheme.personal
        return self._last_resort(address), True

    def container(self, unit: str) -> str:
        """Return the DN of a unit's container."""
        if unit not in self._containers:
            line = tuple(one.unit for one in self.units.line(unit))
            self._containers[unit] = compare.container_of(self.target, line)
        return self._containers[unit]

    def open(self, mailbox: Mailbox) -> None:
        """Make the account of a mailbox."""
        directory, stamp = self.directory, mailbox.stamp
        login = login_for(mailbox.address.partition("@")[0], self._logins)
        self._logins.add(login)
        dn = self._dn(mailbox, login)
        for alias in stamp.aliases:
            self.take(alias.address)
        shape = Shape(
            stamp=replace(stamp, state=State.LOCKED) if mailbox.locked_by_hand else stamp,
            address=mailbox.address,
            aliases=tuple(alias.address for alias in stamp.aliases),
            login=login,
            key=mailbox.key or None,
            facts=self._facts(mailbox),
            default_password=mailbox.password is None,
            quota_mb=mailbox.quota_mb,
        )
        attributes: dict[str, Values] = {"objectClass": directory.add_classes}
        attributes[directory.rdn] = (names_of.rdn_value(dn),)
        attributes |= {name: values for name, values in encode(directory, shape, {}).items() if values}
        self._observe(mailbox, attributes)
        self.entries.append(Entry(dn, attributes))

    def name_holders(self, holders: Mapping[str, str]) -> None:
        """Write on each unit's mailbox that is marked as ours who holds it, by unit."""
        attribute = self.directory.stamp
        for entry in self.entries:
            values = entry.attributes.get(attribute, ())
            stamp = parse(str(values[0])) if values else None
            if stamp and stamp.kind is not AccountKind.PERSONAL and stamp.key in holders:
                entry.attributes[attribute] = (str(replace(stamp, holders=(holders[stamp.key],))), *values[1:])

    def time(self, field: TimeField, day: date) -> str:
        """Return some moment of a day as this directory writes it."""
        second = self.rng.randrange(*_OFFICE_HOURS)
        if field.syntax is Syntax.FILETIME:
            return str(((day - _FILETIME_EPOCH).days * 86400 + second) * 10**7)
        return f"{day:%Y%m%d}{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}.0Z"

    def identity(self) -> str | bytes:
        """Return a permanent identity as this directory keeps it."""
        raw = self.rng.randbytes(16)
        if self.directory.identity_syntax is Syntax.GUID:
            return raw
        return "-".join((raw[:4].hex(), raw[4:6].hex(), raw[6:8].hex(), raw[8:10].hex(), raw[10:].hex()))

    def _dn(self, mailbox: Mailbox, login: str) -> str:
        """Return a free name in the unit's container: the log-in stands beside a name that is taken."""
        shown = mailbox.name
        folded = (mailbox.unit, fold(shown))
        if self.directory.rdn.lower() == self.directory.login.attribute.lower():
            shown = login
        elif folded in self._names:
            shown = f"{mailbox.name} ({login})"
        self._names.add(folded)
        return names_of.child(self.directory.rdn, shown, self.container(mailbox.unit))

    def _observe(self, mailbox: Mailbox, attributes: dict[str, Values]) -> None:
        """Add what the directory itself notes, and what somebody did by hand."""
        directory = self.directory
        attributes[directory.identity] = (self.identity(),)
        if directory.created:
            attributes[directory.created.attribute] = (self.time(directory.created, mailbox.created),)
        if mailbox.password and directory.password_set:
            attributes[directory.password_set.attribute] = (self.time(directory.password_set, mailbox.password),)
        if mailbox.used and directory.last_use:
            attributes[directory.last_use[0].attribute] = (self.time(directory.last_use[0], mailbox.used),)
        if not mailbox.marked:
            del attributes[directory.stamp]
        elif mailbox.locked_by_hand:
            attributes[directory.stamp] = (str(mailbox.stamp),)
        if mailbox.forwards_to and directory.forwarding:
            attributes[directory.forwarding[0]] = (f"smtp:{mailbox.forwards_to}",)
        if mailbox.admin:
            attributes |= {name: (value,) for name, value in directory.protected}

    def _facts(self, mailbox: Mailbox) -> dict[str, str]:
        unit = self.units[mailbox.unit]
        agency = self.units.agency(mailbox.unit)
        surname, given = parted(mailbox.name, mailbox.given_name) if mailbox.key else ("", "")
        return {
            "full_name": mailbox.name,
            "given_name": given,
            "surname": surname,
            "surname_or_name": surname or mailbox.name,
            "position": mailbox.position,
            "unit": unit.unit,
            "unit_name": unit.name,
            "agency_name": agency.name if agency else unit.name,
            "mail_nickname": mailbox.address.partition("@")[0],
        }

    def _parts(self, name: str, given_name: str) -> Syllables:
        known = (name, given_name)
        if known not in self._syllables:
            found = syllables(name, given_name)
            if found is None:
                raise ValueError(f"{name!r} cannot stand in an address")
            self._syllables[known] = found
        return self._syllables[known]

    def _render(self, form: Pattern, name: Syllables, unit: str) -> str:
        words = {"suffix": self.units.suffix(unit), "abbreviation": self.units[unit].abbreviation}
        return f"{form.render(name, words)}@{self.scheme.domain}"

    def _last_resort(self, address: str) -> str:
        """Several namesakes in one room: they agreed on a letter behind the name, as people do."""
        stem, dot, rest = address.partition(".")
        number = 1
        while not self.is_free(f"{stem}-{_letters(number)}{dot}{rest}"):
            number += 1
        found = f"{stem}-{_letters(number)}{dot}{rest}"
        self.take(found)
        return found


def _letters(number: int) -> str:
    """Return b, c, …, z, bb, … as numbers go up from 1."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 25)
        found = chr(ord("b") + rest) + found
    return found
