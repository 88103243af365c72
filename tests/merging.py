"""A small merger for tests: accounts of three old systems, the shipped crosswalk, what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from world import EMPTY, MAPPINGS, TODAY, UNITS, ZONE, admitted, policy, snapshot

from syncagent.core.account import Account
from syncagent.core.crosswalk import Crosswalk
from syncagent.core.directory import Directory, decode
from syncagent.core.fates import Fated, Fates, fates, remembering
from syncagent.core.ledger import Ledger
from syncagent.core.merger import Legacy, Merger, Population, Wave
from syncagent.core.pairing import Pairings, pair
from syncagent.core.person import PersonRow
from syncagent.core.questions import Choice, Ruling
from syncagent.core.request import Request
from syncagent.core.roster import Roster
from syncagent.core.snapshot import Snapshot
from syncagent.core.survey import View, survey
from syncagent.core.unit import Unit
from syncagent.mapping.directory import read_directory
from syncagent.mapping.merger import FILE, TABLES, read_merger

FOLDER = MAPPINGS / "mergers/ninhbinh-2025"
SYSTEMS = ("hanam", "namdinh", "ninhbinh")
CONFIG = """\
version: 1
regulation: ninhbinh-2025
roster:
  people: {source: csv, path: people.csv}
  units: {source: csv, path: units.csv}
  freshness: 3000 days
  identity_key: {file: identity.key}
targets:
  main:
    directory: {kind: ldif, path: new.ldif, schema: active-directory, base: "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"}
approval: {delete: two, disable: one, others: one}
migration:
  merger: ninhbinh-2025
  aliases_until: 2027-12-31
  forward_until: 2027-06-30
  legacy:
    hanam: {directory: {kind: csv, path: hanam.csv}, domain: hanam.gov.vn}
    namdinh:
      directory: {kind: ldif, path: namdinh.ldif, schema: zimbra, base: "ou=people,dc=namdinh,dc=gov,dc=vn"}
      domain: namdinh.gov.vn
      writes: true
    ninhbinh:
      directory: {kind: ldif, path: ninhbinh.ldif, schema: openldap, base: "ou=users,dc=ninhbinh,dc=gov,dc=vn"}
      domain: ninhbinh.gov.vn
      writes: true
  waves:
    - {units: [skhcn]}
    - {units: [snv]}
    - {units: ["*"]}
"""
"""Three exports, two of which may be written, and a new system in a file."""
NEW = """\
dn: OU=Mail,DC=ninhbinh,DC=gov,DC=vn
objectClass: organizationalUnit
OU: Mail

"""


@cache
def export() -> Directory:
    return read_directory((MAPPINGS / "directories/csv-export.yaml").read_text(encoding="utf-8"), "csv-export.yaml")


@cache
def crosswalk(folder: Path = FOLDER) -> Crosswalk:
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in (FILE, *TABLES)}
    return read_merger(texts[FILE], FILE, texts)


def merger(*waves: Wave, until: date | None = date(2026, 12, 31)) -> Merger:
    legacies = {name: Legacy(name, f"{name}.gov.vn", export()) for name in SYSTEMS}
    return Merger(crosswalk(), "main", legacies, waves, until)


def old(system: str, address: str, name: str = "", **columns: str) -> Account:
    """An account of an old system, as its export says it; `unit` and the like are columns of csv-export.yaml."""
    values = {"address": address, "name": name, **columns}
    found = {column: tuple(value.split(";")) for column, value in values.items() if value}
    return decode(export(), system, f"address={address},ou=accounts", found, ZONE)


class Merged(NamedTuple):
    """A small merger, decided."""

    merger: Merger
    population: Population
    roster: Roster
    pairings: Pairings
    view: View
    fates: Fates

    def of(self, address: str) -> Fated:
        """The end of the account with this address."""
        return next(one for one in self.fates.accounts if one.account.address == address)


def population(accounts: Iterable[Account], others: dict[str, dict[str, str]] | None = None) -> Population:
    theirs: dict[str, list[Account]] = {name: [] for name in SYSTEMS}
    for account in accounts:
        theirs[account.target].append(account)
    taken = others or {}
    return Population.of(
        {
            name: Snapshot(name, tuple(found), addresses=taken.get(name, {}), watermark={"entries": len(found)})
            for name, found in theirs.items()
        }
    )


def merge(
    people: Iterable[PersonRow],
    accounts: Iterable[Account],
    *rulings: Ruling,
    units: Iterable[Unit] = UNITS,
    requests: Iterable[Request] = (),
    ledger: Ledger = EMPTY,
    with_merger: Merger | None = None,
    there: Iterable[Account] = (),
    others: dict[str, dict[str, str]] | None = None,
    today: date = TODAY,
) -> Merged:
    """Decide a small merger; `there` are accounts that the new system has already."""
    chosen = with_merger or merger()
    roster = admitted(people, units, requests, ledger, today)
    found = population(accounts, others)
    pairings = pair(chosen, found, roster, rulings)
    known = remembering(ledger, found, pairings)
    view = survey(roster, [snapshot(*there)], known, policy(), today, moved_by=chosen.crosswalk.document)
    return Merged(chosen, found, roster, pairings, view, fates(chosen, found, pairings, rulings, view, known))


def ruling(system: str, about: str, choice: str, subject: str = "", **parts: Any) -> Ruling:
    return Ruling(system, about, Choice(choice), subject, **parts)
