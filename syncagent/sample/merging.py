"""Three sample provinces that merge: a roster of the new one, and three exports of old mail systems, with what is true.

Hà Nam gives a CSV file, Nam Định Zimbra's LDIF, Ninh Bình an OpenLDAP. Everybody is made up. Whatever is planted must
come out as `ends` says: shared and clashing names, people in two systems, numbers used twice, dirty data.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from io import StringIO
from itertools import count
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.document import Document
from syncagent.core.names import syllables
from syncagent.sample import ldif, names, people, units
from syncagent.sample.accounts import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Plot(StrEnum):
    """What is true of the holder of an old account."""

    NUMBERED = "numbered"
    IDENTIFIED = "identified"
    NAMED = "named"
    TWICE = "twice"
    ALIKE = "alike"
    LEFT = "left"
    UNDOCUMENTED = "undocumented"
    STRANGER = "stranger"
    DEVICE = "device"
    OTHERS_NUMBER = "others-number"
    NAMESAKE = "namesake"


ENDS: Mapping[Plot, tuple[str, str]] = {
    Plot.NUMBERED: ("converted", "main"),
    Plot.IDENTIFIED: ("converted", "main"),
    Plot.NAMED: ("converted", "main"),
    Plot.TWICE: ("merged-into", "second"),
    Plot.ALIKE: ("held", "no-owner"),
    Plot.LEFT: ("retired", "left"),
    Plot.UNDOCUMENTED: ("held", "undocumented"),
    Plot.STRANGER: ("held", "no-owner"),
    Plot.DEVICE: ("excluded", "protected"),
    Plot.OTHERS_NUMBER: ("held", "contested"),
    Plot.NAMESAKE: ("held", "no-address"),
}
"""What must become of each: fate and reason."""

SMALLEST = 20
_MANY = 1000
"""From how many accounts on people work in every agency and commune, not in three."""
_DRAWS = 20
"""How many names are drawn for a person before one more syllable is."""
_SYSTEMS = ("hanam", "namdinh", "ninhbinh")
_HOMES = (
    ("skhcn", "Sở Thông tin và Truyền thông", "stttt"),
    ("snv", "Sở Nội vụ", "snv"),
    ("stc", "Sở Tài chính", "stc"),
)
"""Units of the new province with the old agency that went there, and what stood for it in addresses."""
_STORY = (
    *[Plot.NUMBERED] * 5, *[Plot.IDENTIFIED] * 2, *[Plot.NAMED] * 4, *[Plot.TWICE] * 2, Plot.ALIKE, Plot.LEFT,
    Plot.UNDOCUMENTED, Plot.STRANGER, Plot.DEVICE, Plot.OTHERS_NUMBER,
)  # fmt: skip
"""What is told over and over: of twenty accounts so many each; the last of a province is a namesake."""


class Old(NamedTuple):
    """An account of an old system, before it is written in the form of that system."""

    address: str
    name: str
    unit: str
    key: str = ""
    birth: str = ""
    device: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(slots=True)
class ThreeProvinces:
    """The files of a merger by name, and how each old account must end: fate and reason, by its address."""

    people: list[dict[str, str]] = field(default_factory=list)
    units: list[dict[str, str]] = field(default_factory=list)
    accounts: dict[str, list[Old]] = field(default_factory=lambda: {system: [] for system in _SYSTEMS})
    ends: dict[str, tuple[str, str]] = field(default_factory=dict)

    def files(self) -> dict[str, str]:
        """Return the files: two of the roster, three exports."""
        return {
            "people.csv": _table(people.COLUMNS, self.people),
            "units.csv": _table(units.COLUMNS, self.units),
            "hanam.csv": _csv_export(self.accounts["hanam"]),
            "namdinh.ldif": ldif.render(_zimbra(self.accounts["namdinh"])),
            "ninhbinh.ldif": ldif.render(_openldap(self.accounts["ninhbinh"])),
        }


def three_provinces(size: int, seed: int, communes: str, today: date) -> ThreeProvinces:
    """Given how many accounts each old system has, at least 20, return a merger; equal seeds give equal ones.

    Args:
        size: accounts of people and devices in each system; a few mailboxes of agencies come on top.
        seed: where chance begins.
        communes: CSV text of the new communes, as for the sample province.
        today: the day for which it is true.

    Raises:
        ValueError: fewer than 20 accounts.
    """
    if size < SMALLEST:
        raise ValueError(f"an old system has at least {SMALLEST} accounts, not {size}")
    rng = Random(seed)  # noqa: S311 - a sample must be repeatable, not secret
    made = ThreeProvinces()
    named = {home for home, _, _ in _HOMES}
    agencies = [one for one in units.agencies(size, communes) if one.key in named or size >= _MANY]
    made.units = [units.unit_row(unit) for agency in agencies for unit in agency.units(today, _decision(today))]
    others = tuple((one.key, one.name, one.key) for one in agencies if one.key not in named)
    cast = _Cast(rng, made, today, _HOMES + others)
    for system in _SYSTEMS:
        for number in range(size - 1):
            plot = _STORY[number % len(_STORY)]
            cast.play(Plot.STRANGER if plot is Plot.DEVICE and system == "ninhbinh" else plot, system)
        cast.play(Plot.NAMESAKE, system)
    cast.mailboxes()
    return made


@dataclass(slots=True)
class _Cast:
    rng: Random
    made: ThreeProvinces
    today: date
    homes: tuple[tuple[str, str, str], ...]
    taken: set[str] = field(default_factory=set)
    number: int = 0
    holder: str = ""

    def play(self, plot: Plot, system: str) -> None:
        """Add one account and whoever holds it, if anybody does."""
        self.number += 1
        key = f"9990{self.number:08d}" if plot is Plot.IDENTIFIED else f"CB{self.number:05d}"
        home, old_name, old_unit = self.homes[self.number % len(self.homes)]
        name = "Nguyễn Văn Trùng" if plot is Plot.NAMESAKE else self._name(home)
        home = "snv" if plot is Plot.NAMESAKE else home
        birth = (self.today - timedelta(days=9000 + self.rng.randint(0, 9000))).isoformat()
        address = self._address(name, old_unit, system)
        numbered = plot in {Plot.NUMBERED, Plot.IDENTIFIED, Plot.TWICE, Plot.LEFT, Plot.UNDOCUMENTED, Plot.NAMESAKE}
        shown = self.holder if plot is Plot.OTHERS_NUMBER else key if numbered else ""
        born = birth if plot in {Plot.ALIKE, Plot.IDENTIFIED} else ""
        spoiled = self._dirty(name) if plot is not Plot.ALIKE else name
        old = Old(address, spoiled, old_name, shown, born, plot is Plot.DEVICE, (f"cu{self.number}@{system}.gov.vn",))
        self._add(system, old, plot)
        if plot in {Plot.STRANGER, Plot.DEVICE, Plot.OTHERS_NUMBER}:
            return
        row = dict.fromkeys(people.COLUMNS, "") | {
            "person_id": key, "full_name": name, "birth_date": birth, "unit": home, "status": "working",
        }  # fmt: skip
        if plot is Plot.NUMBERED:
            self.holder = key
        if plot is Plot.NAMED:
            row["previous_address"] = address.upper()
        if plot is Plot.TWICE:
            self._main_of(row, system)
        if plot in {Plot.LEFT, Plot.UNDOCUMENTED}:
            number = "7/QĐ-SNV" if plot is Plot.LEFT else ""
            row |= {
                "status": "left", "event": "retired", "effective_date": self.today.isoformat(),
                "decision_number": number, "decision_date": self.today.isoformat(), "signed_by": "Giám đốc Sở Nội vụ",
            }  # fmt: skip
        self.made.people.append(row)

    def mailboxes(self) -> None:
        """Add the mailboxes of agencies: three become one, one belongs to a divided commune."""
        own = (("hanam", "stttt"), ("namdinh", "stttt"), ("ninhbinh", "skhcn"))
        for system, local in own:
            self._add(system, Old(f"{local}@{system}.gov.vn", "Văn thư", ""), None)
            self.made.ends[f"{local}@{system}.gov.vn"] = ("merged-into", "second")
        self.made.ends["stttt@hanam.gov.vn"] = ("converted", "main")
        self._add("hanam", Old("quangtrung@hanam.gov.vn", "UBND phường Quang Trung", ""), None)
        self.made.ends["quangtrung@hanam.gov.vn"] = ("held", "no-successor")

    def _add(self, system: str, old: Old, plot: Plot | None) -> None:
        self.made.accounts[system].append(old)
        if plot:
            self.made.ends[old.address] = ENDS[plot]

    def _main_of(self, row: dict[str, str], system: str) -> None:
        """Give a person the account that goes before the other one: the roster names it."""
        other = _SYSTEMS[(_SYSTEMS.index(system) + 1) % len(_SYSTEMS)]
        address = self._address(row["full_name"], "chinh", other)
        row["previous_address"] = address
        self._add(other, Old(address, "", ""), Plot.NAMED)

    def _name(self, home: str) -> str:
        """Return a name whose address is free in a unit; where many are taken, one of more syllables."""
        return next(name for drawn in count() if self._free(name := self._drawn(drawn // _DRAWS), home))

    def _drawn(self, more: int) -> str:
        """Return a name with so many middle syllables more than names have."""
        surname, *rest = names.draw(self.rng).text.split()
        middle = (names.draw(self.rng).text.split()[-1] for _ in range(more))
        return " ".join((surname, *middle, *rest))

    def _free(self, name: str, home: str) -> bool:
        found = syllables(name)
        address = f"{found.ten}{found.initials}.{home}" if found else home
        free = found is not None and address not in self.taken
        self.taken.add(address)
        return free

    def _address(self, name: str, unit: str, system: str) -> str:
        found = syllables(name)
        stem = f"{found.ten}{found.initials}" if found else "x"
        address, number = f"{stem}.{unit}@{system}.gov.vn", 1
        while address in self.made.ends:
            number += 1
            address = f"{stem}{number}.{unit}@{system}.gov.vn"
        return address

    def _dirty(self, name: str) -> str:
        """Return a name as old systems have it: in capitals, decomposed, with blanks; folded it is the same."""
        forms = (name, name.upper(), unicodedata.normalize("NFD", name), f" {name.replace(' ', '  ')}")
        return forms[self.number % len(forms)]


def _decision(today: date) -> Document:
    return Document("1/QĐ-UBND", today, "Chủ tịch Ủy ban nhân dân tỉnh")


def _table(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _csv_export(accounts: list[Old]) -> str:
    columns = ("address", "name", "unit", "staff_number", "birth_date", "kind", "aliases", "status")
    rows = [
        {
            "address": old.address, "name": old.name, "unit": old.unit, "staff_number": old.key,
            "birth_date": old.birth, "kind": "system" if old.device else "", "aliases": ";".join(old.aliases),
            "status": "active",
        }
        for old in accounts
    ]  # fmt: skip
    return _table(columns, rows)


def _zimbra(accounts: list[Old]) -> list[Entry]:
    base = "ou=people,dc=namdinh,dc=gov,dc=vn"
    found = [Entry(base, {"objectClass": ("organizationalRole",), "cn": ("people",)})]
    for number, old in enumerate(accounts):
        uid = old.address.partition("@")[0]
        values: dict[str, tuple[str | bytes, ...]] = {
            "objectClass": ("inetOrgPerson", "zimbraAccount"), "zimbraId": (f"z-{number:06d}",), "uid": (uid,),
            "displayName": (old.name,), "ou": (old.unit,), "employeeNumber": (old.key,),
            "zimbraMailDeliveryAddress": (old.address,), "zimbraMailAlias": old.aliases,
            "zimbraAccountStatus": ("active",), "zimbraMailStatus": ("enabled",),
            "zimbraIsSystemResource": ("TRUE",) if old.device else (),
        }  # fmt: skip
        found.append(Entry(f"uid={uid},{base}", {name: tuple(filter(None, theirs)) for name, theirs in values.items()}))
    return found


def _openldap(accounts: list[Old]) -> list[Entry]:
    base = "ou=users,dc=ninhbinh,dc=gov,dc=vn"
    found = [Entry(base, {"objectClass": ("organizationalUnit",), "ou": ("users",)})]
    for number, old in enumerate(accounts):
        uid = old.address.partition("@")[0]
        values: dict[str, tuple[str | bytes, ...]] = {
            "objectClass": ("inetOrgPerson", "obmUser"), "entryUUID": (f"11111111-0000-0000-0000-{number:012d}",),
            "uid": (uid,), "cn": (old.name,), "displayName": (old.name,), "ou": (old.unit,),
            "employeeNumber": (old.key,), "mail": (old.address,), "mailAlias": old.aliases, "mailAccess": ("PERMIT",),
        }  # fmt: skip
        found.append(Entry(f"uid={uid},{base}", {name: tuple(filter(None, theirs)) for name, theirs in values.items()}))
    return found
