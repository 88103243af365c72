"""The shape of the sample province: repeatable, of the wanted size, and like the real one."""

from __future__ import annotations

import cProfile
import csv
import hashlib
import io
import os
import pstats
import subprocess
import sys
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from syncagent.core import dn as names_of
from syncagent.core.addresses import fold_address
from syncagent.core.names import folded_syllables
from syncagent.mapping.directory import read_directory
from syncagent.sample import people, units
from syncagent.sample.accounts import Entry
from syncagent.sample.office import REQUEST_COLUMNS
from syncagent.sample.province import generate
from syncagent.sample.scheme import NINH_BINH
from syncagent.sample.situations import Rates, Situation

if TYPE_CHECKING:
    from syncagent.core.directory import Directory
    from syncagent.sample.sample import Sample

REPOSITORY = Path(__file__).parents[3]
TODAY = date(2026, 3, 16)


@cache
def directory(name: str = "active-directory") -> Directory:
    file = REPOSITORY / f"mappings/directories/{name}.yaml"
    return read_directory(file.read_text(encoding="utf-8"), file.name)


@cache
def communes() -> str:
    return (REPOSITORY / "mappings/mergers/ninhbinh-2025/communes.csv").read_text(encoding="utf-8")


@cache
def province(size: int = 2000, seed: int = 2025) -> Sample:
    return generate(size, seed, as_of=TODAY, directory=directory(), communes=communes())


def texts(sample: Sample) -> tuple[str, ...]:
    return sample.people_csv(), sample.units_csv(), sample.requests_csv(), sample.ldif()


def values(entry: Entry, attribute: str) -> tuple[str, ...]:
    return tuple(str(value) for value in entry.attributes.get(attribute, ()))


def users(sample: Sample) -> list[Entry]:
    """Return the accounts: user entries that are no computers."""
    return [
        entry
        for entry in sample.entries
        if "user" in entry.attributes["objectClass"] and "computer" not in entry.attributes["objectClass"]
    ]


# ── repeatable ───────────────────────────────────────────────────────────────

_DIGEST = """
import hashlib, sys
from datetime import date
from pathlib import Path
from syncagent.mapping.directory import read_directory
from syncagent.sample.province import generate
root = Path(sys.argv[1])
mapping = (root / "directories/active-directory.yaml").read_text(encoding="utf-8")
communes = (root / "mergers/ninhbinh-2025/communes.csv").read_text(encoding="utf-8")
found = generate(600, 7, as_of=date(2026, 3, 16), directory=read_directory(mapping, "ad"), communes=communes)
text = found.people_csv() + found.units_csv() + found.requests_csv() + found.ldif() + str(found.expected)
print(hashlib.sha256(text.encode()).hexdigest())
"""


def digest(hash_seed: str) -> str:
    """Generate in a process of its own, whose sets and dicts of strings are ordered by another secret."""
    done = subprocess.run(
        [sys.executable, "-c", _DIGEST, str(REPOSITORY / "mappings")],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_equal_arguments_give_equal_bytes() -> None:
    """The same seed gives the same files in every process, whatever the hash seed."""
    sample = generate(600, 7, as_of=TODAY, directory=directory(), communes=communes())
    here = hashlib.sha256(("".join(texts(sample)) + str(sample.expected)).encode()).hexdigest()

    assert digest("1") == digest("2") == here


def test_another_seed_gives_other_people() -> None:
    """A seed changes who is there, never how many are in which situation."""
    one, other = province(500, 1), province(500, 2)

    assert one.people_csv() != other.people_csv()
    assert one.expected == other.expected


def test_the_work_grows_with_the_size() -> None:
    """Four times the people take about four times the function calls: nothing is quadratic."""

    def calls(size: int) -> int:
        profile = cProfile.Profile()
        profile.runcall(generate, size, as_of=TODAY, directory=directory(), communes=communes()).ldif()
        return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # missing in typeshed

    assert calls(8000) < 4.4 * calls(2000)


# ── of the wanted size and shape ─────────────────────────────────────────────


@pytest.mark.parametrize("size", [100, 101, 257, 1599, 2000])
def test_the_roster_names_exactly_so_many_people(size: int) -> None:
    """`size` counts people, not rows; the missing are not among them."""
    assert len({row["person_id"] for row in province(size).people}) == size


def test_fewer_than_a_hundred_people_are_refused() -> None:
    """A province that small cannot hold the situations."""
    with pytest.raises(ValueError, match="at least 100"):
        generate(99, as_of=TODAY, directory=directory(), communes=communes())


def test_more_situations_than_people_are_refused() -> None:
    """Rates beyond everybody are an error, not an endless search."""
    with pytest.raises(ValueError, match="rates"):
        generate(200, as_of=TODAY, directory=directory(), communes=communes(), rates=Rates(leaver=990))


def test_the_columns_are_those_of_the_contract() -> None:
    """Rosters have the canonical columns in the order of the documentation, and nothing else."""
    assert " ".join(people.COLUMNS) == (
        "person_id full_name given_name birth_date type unit position rank primary status event "
        "effective_date decision_number decision_date signed_by received_on phone contact agreed_address "
        "previous_address"
    )
    assert " ".join(units.COLUMNS) == (
        "unit name abbreviation suffix parent kind status successor effective_date decision_number "
        "decision_date signed_by mailbox mailbox_holder contact"
    )
    assert " ".join(REQUEST_COLUMNS) == (
        "request_id received_on channel from_unit from_address kind subject value reason document_number "
        "document_date until"
    )
    sample = province()
    for rows, columns in (
        (sample.people, people.COLUMNS),
        (sample.units, units.COLUMNS),
        (sample.requests, REQUEST_COLUMNS),
    ):
        assert all(tuple(row) == columns for row in rows)


def test_the_tables_come_back_from_their_text() -> None:
    """A plain CSV reader gets every cell back, the odd characters included."""
    sample = province()

    for text, rows in (
        (sample.people_csv(), sample.people),
        (sample.units_csv(), sample.units),
        (sample.requests_csv(), sample.requests),
    ):
        assert list(csv.DictReader(io.StringIO(text))) == list(rows)
        assert text.endswith("\n")
        assert "\r" not in text


def test_the_planted_counts_at_two_thousand() -> None:
    """The province of the demonstration has what its description promises."""
    assert province().expected == {
        "admin": 1, "alias_ended": 3, "appointed": 5, "forwards_inside": 1, "forwards_outside": 2,
        "in_step": 2053, "joiner": 14, "joiner_agreed": 1, "joiner_clash": 3, "joiner_given_name": 1,
        "joiner_later": 1, "joiner_rival": 2, "joiner_unnamed": 1, "leaver": 14, "leaver_admin": 1,
        "leaver_due": 6, "leaver_later": 1, "leaver_undocumented": 3, "leaver_waiting": 8,
        "lock_asked": 1, "locked": 2, "locked_by_hand": 1, "lockout_differs": 1, "missing": 2,
        "mover": 10, "mover_clash": 1, "mover_lately": 4, "mover_room": 4, "mover_undocumented": 2,
        "name_lost_letter": 1, "name_repairable": 4, "on_leave": 4, "password_default": 6,
        "password_fresh": 4, "renamed": 2, "reset_asked": 1, "returner": 2, "rotated": 1,
        "row_contradiction": 1, "row_repeated": 2, "row_rival_posts": 1, "row_unknown_unit": 1,
        "seconded": 2, "several_posts": 6, "small_quota": 3, "suspended": 1, "unit_cleared": 3,
        "unit_dissolved": 1, "unit_left_behind": 2, "unit_merged": 1, "unit_opened": 1,
        "unlock_asked": 2, "unmanaged": 6, "unmarked": 5,
    }  # fmt: skip


@pytest.mark.parametrize("size", [100, 2000])
def test_every_situation_occurs(size: int) -> None:
    """Even the smallest province has one of each."""
    assert set(province(size).situations.values()) == set(Situation)


def test_without_rates_only_the_units_have_something_to_do() -> None:
    """A rate of zero plants nothing."""
    nothing = Rates(**dict.fromkeys(Rates.__dataclass_fields__, 0))

    sample = generate(300, as_of=TODAY, directory=directory(), communes=communes(), rates=nothing)

    assert set(sample.expected) == {
        "in_step", "lockout_differs", "unit_cleared", "unit_dissolved", "unit_left_behind", "unit_merged",
        "unit_opened",
    }  # fmt: skip


# ── like the real one ────────────────────────────────────────────────────────


def test_the_communes_are_the_129_of_the_resolution() -> None:
    """97 xã and 32 phường; every abbreviation is the folded name, and no two are alike."""
    rows = list(csv.DictReader(communes().splitlines()))

    assert Counter(row["type"] for row in rows) == {"Xã": 97, "Phường": 32}
    assert all(row["abbreviation"] == "".join(folded_syllables(row["name"])) for row in rows)
    assert all(row["full_name"] == f"{row['type']} {row['name']}" for row in rows)
    assert len({row["abbreviation"] for row in rows}) == len({row["code"] for row in rows}) == 129


def test_the_province_has_its_agencies_and_communes() -> None:
    """At two thousand people all agencies are there, each with three to eight rooms of its own names."""
    rows = province().units
    rooms = Counter(row["parent"] for row in rows if row["kind"] == "department" and row["status"] == "active")

    kinds = Counter(row["kind"] for row in rows)
    assert (kinds["agency"], kinds["commune"]) == (16, 129)
    assert {rooms[row["unit"]] for row in rows if row["kind"] == "agency"} <= set(range(3, 9))
    assert {rooms[row["unit"]] for row in rows if row["kind"] == "commune"} == {3, 4}
    named = [(row["parent"], row["abbreviation"]) for row in rows]
    assert len(set(named)) == len(named)
    assert {row["unit"] for row in rows} > {"skhcn", "skhcn-ttcdstt", "giaothuy", "hoalu"}


def test_agencies_are_larger_than_communes_and_none_is_empty() -> None:
    """People are spread as in a province: a sở has several times the people of a commune."""
    parents = {row["unit"]: row["parent"] or row["unit"] for row in province().units}
    where = {row["person_id"]: parents.get(row["unit"], "") for row in province().people}
    sizes = Counter(where.values())

    kinds = {row["unit"]: row["kind"] for row in province().units}
    agencies = [sizes[unit] for unit, kind in kinds.items() if kind == "agency"]
    local = [sizes[unit] for unit, kind in kinds.items() if kind == "commune"]
    assert min(local) >= 5
    assert sum(agencies) / len(agencies) > 2.5 * sum(local) / len(local)


def test_mailboxes_of_units_have_holders() -> None:
    """Every working mailbox of an agency has somebody who answers for it (Điều 9 khoản 2)."""
    sample = province()
    known = {row["person_id"] for row in sample.people}

    holders = [row["mailbox_holder"] for row in sample.units if not row["parent"]]
    assert set(holders) <= known


def test_names_are_as_frequent_as_they_are() -> None:
    """About a third are called Nguyễn, a ninth Trần; the Mường communes have their own names."""
    sample = province(8000)
    first = Counter(
        name.split(" ")[0] for name in {row["person_id"]: row["full_name"] for row in sample.people}.values()
    )
    parents = {row["unit"]: row["parent"] or row["unit"] for row in sample.units}
    nho_quan = Counter(
        row["full_name"].split(" ")[0] for row in sample.people if parents.get(row["unit"]) in {"cucphuong", "nhoquan"}
    )

    assert 0.28 < first["Nguyễn"] / 8000 < 0.35
    assert 0.09 < first["Trần"] / 8000 < 0.13
    assert (nho_quan["Bùi"] + nho_quan["Đinh"] + nho_quan["Quách"]) / nho_quan.total() > 0.3


def test_clashes_were_settled_by_agreement() -> None:
    """Namesakes of one agency hold different addresses; half of them have the agreement in the roster."""
    agreed = {row["person_id"] for row in province(8000).people if row["agreed_address"]}

    assert 40 < len(agreed) < 800


def test_people_joined_as_adults() -> None:
    """Nobody's first row is older than their twenty-second birthday."""
    for row in province().people:
        born, began = date.fromisoformat(row["birth_date"]), date.fromisoformat(row["effective_date"])
        assert (began - born).days >= 22 * 365, row["person_id"]


# ── the directory ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [2000, 8000])
def test_addresses_logins_and_names_are_unique(size: int) -> None:
    """No two entries share an address in any spelling, a log-in, or a name within one container."""
    sample = province(size)
    addresses = [
        fold_address(value.partition(":")[2]) for entry in sample.entries for value in values(entry, "proxyAddresses")
    ]
    logins = [value.casefold() for entry in sample.entries for value in values(entry, "sAMAccountName")]
    entries = [names_of.folded(entry.dn) for entry in sample.entries]

    for found in (addresses, logins, entries):
        assert [one for one, count in Counter(found).items() if count > 1] == []
    assert max(len(login) for login in logins if "$" not in login and " " not in login) <= 20


def test_entries_come_after_their_parents() -> None:
    """Whoever loads the file from top to bottom never lacks a parent."""
    seen: set[str] = set()
    for entry in province().entries:
        assert entry.dn == NINH_BINH.root or names_of.parent(entry.dn) in seen, entry.dn
        seen.add(entry.dn)


def test_protected_groups_are_named_by_their_identifier() -> None:
    """Domain Admins has relative identifier 512; both administrators are in it: one by an inner group."""
    sample = province()
    groups = {entry.dn: entry for entry in sample.entries if "group" in entry.attributes["objectClass"]}
    admins = {entry.dn for entry in users(sample) if values(entry, "adminCount") == ("1",)}

    top = next(entry for dn, entry in groups.items() if dn.startswith("CN=Domain Admins,"))
    sid = top.attributes["objectSid"][0]
    assert isinstance(sid, bytes)
    assert int.from_bytes(sid[-4:], "little") == 512
    assert (sid[0], sid[1], len(sid)) == (1, 5, 28)
    members = set(values(top, "member"))
    inner = members & groups.keys()
    assert len(inner) == 1
    assert members - inner | set(values(groups[inner.pop()], "member")) == admins
    assert len(admins) == 2


def test_distractors_stand_beside_the_accounts() -> None:
    """Contacts, computers and a group with an address are there, also below the base of the accounts."""
    below = [entry for entry in province().entries if names_of.under(entry.dn, NINH_BINH.base)]

    for kind in ("contact", "computer", "group"):
        assert any(kind in entry.attributes["objectClass"] for entry in below), kind


def test_values_that_the_directory_keeps_for_itself_are_plausible() -> None:
    """Identities are sixteen different bytes each; nobody logged on before the account was made."""
    found = users(province())

    assert len({entry.attributes["objectGUID"][0] for entry in found}) == len(found)
    for entry in found:
        assert len(entry.attributes["objectGUID"][0]) == 16
        made = date.fromisoformat(values(entry, "whenCreated")[0][:8])
        for moment in (*values(entry, "pwdLastSet"), *values(entry, "lastLogonTimestamp")):
            day = date.fromordinal(date(1601, 1, 1).toordinal() + int(moment) // (86400 * 10**7))
            assert moment == "0" or made <= day <= TODAY, entry.dn


def test_identity_numbers_stay_out_of_the_directory() -> None:
    """With 12-digit keys, numbers nobody can have, the directory holds what the caller makes of them."""

    def pseudonym(key: str) -> str:
        return "P" + hashlib.sha256(key.encode()).hexdigest()[:15]

    sample = generate(
        300,
        as_of=TODAY,
        directory=directory(),
        communes=communes(),
        identity_numbers=True,
        pseudonym=pseudonym,
    )

    keys = {row["person_id"] for row in sample.people}
    assert all(len(key) == 12 and key.startswith("999") for key in keys)
    text = sample.ldif()
    assert not any(key in text for key in keys)
    assert {pseudonym(key) for key in keys} <= set(sample.situations)


def test_another_directory_gets_accounts_in_its_own_terms() -> None:
    """Accounts follow the mapping: OpenLDAP's attribute names, identities as text, generalised times."""
    sample = generate(100, as_of=TODAY, directory=directory("openldap"), communes=communes())

    account = next(entry for entry in sample.entries if "employeeNumber" in entry.attributes)
    assert account.dn.startswith("uid=")
    assert len(values(account, "entryUUID")[0]) == 36
    assert values(account, "pwdChangedTime")[0].endswith("Z")
    assert "inetOrgPerson" in account.attributes["objectClass"]
