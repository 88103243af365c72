"""A whole merger on real directories: Samba AD, OpenLDAP with OBM's schema and an LDIF export become one Samba AD."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from desk import COMMAND
from live import TODAY, Province
from servers.client import Server, ldap, load
from servers.fixtures import FreshSamba
from servers.samba import Samba
from servers.slapd import Slapd
from sqlalchemy import create_engine, text

from syncagent.wiring import shipped_directory

pytestmark = pytest.mark.server

FreshBase = Callable[[Server], str]
SYSTEMS = ("hanam", "namdinh", "ninhbinh")
LONG_AGO = (TODAY - TODAY.replace(year=TODAY.year - 1)).days
MIGRATION = """\
migration:
  merger: ninhbinh-2025
  aliases_until: 2099-12-31
  legacy:
    hanam:
      directory:
        kind: active-directory
        servers: ["{samba}"]
        base: "{hanam}"
        quarantine: "OU=Quarantine,{hanam}"
        bind: {{name: "{samba_admin}", password: {{file: secret-hanam}}}}
        ca: ca-hanam.pem
      domain: hanam.gov.vn
      writes: true
    namdinh:
      directory: {{kind: ldif, path: namdinh.ldif, schema: openldap, base: "ou=users,dc=namdinh,dc=gov,dc=vn"}}
      domain: namdinh.gov.vn
      writes: true
    ninhbinh:
      directory:
        kind: openldap
        servers: ["{slapd}"]
        base: "{ninhbinh}"
        bind: {{name: "{slapd_admin}", password: {{file: secret-slapd}}}}
        ca: ca-slapd.pem
      domain: ninhbinh.gov.vn
      writes: true
  waves:
    - {{units: ["s*"]}}
    - {{units: ["x*", "p*"]}}
    - {{units: ["*"]}}
"""


@dataclass
class Three:
    """A new system and three old ones; `kept` are people of the roster by old system, with the address there.

    The agent is killed now and then while it carries a wave out, `kills` times so far, and always ends what it began.
    """

    here: Province
    samba: Samba
    slapd: Slapd
    hanam: str
    ninhbinh: str
    kept: dict[str, dict[str, str]]
    chance: Random = field(default_factory=lambda: Random(2025))  # noqa: S311 - a fixed sample
    kills: int = 0

    def wave(self, number: int) -> dict[str, Any]:
        """Plan a wave; carry it out if there is anything in it."""
        self.here.desk.run("migrate", "plan", "--wave", str(number))
        plan: dict[str, Any] = json.loads(self.here.desk.run("show", "latest", "--format", "json").stdout)
        if plan["actions"]:
            self.here.approve_all()
            for _ in range(self.chance.choice((0, 1, 2))):
                self.kills += self._killed()
            command = [str(COMMAND), "apply", "latest"]
            subprocess.run(command, cwd=self.here.desk.folder, capture_output=True, check=False)
        return plan

    def _killed(self) -> bool:
        """Start `apply` and kill it at a moment; return whether it was still there."""
        command = [str(COMMAND), "apply", "latest"]
        running = subprocess.Popen(
            command, cwd=self.here.desk.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with suppress(subprocess.TimeoutExpired):
            running.wait(self.chance.uniform(0.6, 3))
        running.kill()
        return running.wait() < 0

    def addresses(self, system: str) -> set[str]:
        """Return the old addresses of accounts that are still there."""
        if system == "namdinh":
            found = (self.here.desk.folder / "namdinh.ldif").read_text(encoding="utf-8")
        else:
            server, base = (self.samba, self.hanam) if system == "hanam" else (self.slapd, self.ninhbinh)
            found = ldap(server, "ldapsearch", "-LLL", "-b", base, "(objectClass=person)", "uid", "sAMAccountName")
        return {f"{login}@{system}.gov.vn" for login in re.findall(r"(?m)^(?:uid|sAMAccountName): (cu\d+)$", found)}

    def years_pass(self) -> None:
        """Let everything that was done on old systems have happened a year earlier, seen by enough runs."""
        with create_engine(f"sqlite:///{self.here.desk.folder / 'syncagent.db'}").connect() as connection:
            rows = connection.execute(text("SELECT target, guid, stamp FROM accounts")).all()
        places = dict(self._entries())
        changed: dict[str, list[str]] = {"hanam": [], "ninhbinh": []}
        for target, guid, stamp in rows:
            if target not in SYSTEMS or "state=disabled" not in stamp:
                continue
            new = self.here.remembered_earlier(stamp, LONG_AGO)
            if target == "namdinh":
                path = self.here.desk.folder / "namdinh.ldif"
                whole = path.read_text(encoding="utf-8").replace("\n ", "")
                path.write_text(whole.replace(stamp, new), encoding="utf-8")
                continue
            name = shipped_directory("active-directory" if target == "hanam" else "openldap").stamp
            changed[target].append(f"dn: {places[guid]}\nchangetype: modify\nreplace: {name}\n{name}: {new}\n")
        ldap(self.samba, "ldapmodify", ldif="\n".join(changed["hanam"]))
        ldap(self.slapd, "ldapmodify", ldif="\n".join(changed["ninhbinh"]))

    def _entries(self) -> Iterator[tuple[str, str]]:
        log = self.here.desk.run("audit", "log", "--format", "json").stdout.splitlines()
        for record in map(json.loads, log):
            if record["kind"] == "done":
                yield record["facts"]["guid"], record["facts"]["dn"]


@pytest.fixture(params=[100, pytest.param(1000, marks=pytest.mark.long)])
def three(
    request: pytest.FixtureRequest,
    samba: Samba,
    slapd: Slapd,
    fresh_samba: FreshSamba,
    fresh_base: FreshBase,
    tmp_path: Path,
) -> Three:
    new, ninhbinh = fresh_base(samba), fresh_base(slapd)
    other = fresh_samba()
    hanam = f"OU=Mail,{other.base_dn}"
    ldap(other, "ldapadd", ldif=f"dn: {hanam}\nobjectClass: organizationalUnit\n")
    secrets = {"secret-slapd": slapd.password, "secret-hanam": other.password}
    here = Province.make(tmp_path / "desk", request.param, samba, new, "active-directory", **secrets)
    folder = here.desk.folder
    (folder / "ca-slapd.pem").write_bytes(slapd.ca.read_bytes())
    (folder / "ca-hanam.pem").write_bytes(other.ca.read_bytes())
    with (folder / "syncagent.yaml").open("a", encoding="utf-8") as file:
        file.write(
            MIGRATION.format(
                samba=other.ldaps_url, slapd=slapd.ldaps_url, hanam=hanam, ninhbinh=ninhbinh,
                samba_admin=other.admin, slapd_admin=slapd.admin,
            )
        )  # fmt: skip
    with (folder / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "working" and not row["event"]]
    theirs = {system: rows[n::3] for n, system in enumerate(SYSTEMS)}
    ldap(other, "ldapadd", ldif=f"dn: OU=Quarantine,{hanam}\nobjectClass: organizationalUnit\n")
    load(other, "\n".join(_in_ad(n, row, hanam) for n, row in enumerate(theirs["hanam"])))
    load(slapd, "\n".join(_in_ldap(n, row, ninhbinh, "ninhbinh") for n, row in enumerate(theirs["ninhbinh"])))
    base = "ou=users,dc=namdinh,dc=gov,dc=vn"
    entries = [f"dn: {base}\nobjectClass: organizationalUnit\nou: users\n"]
    entries += [
        _in_ldap(n, row, base, "namdinh") + f"entryUUID: 33333333-0000-0000-0000-{n:012d}\n"
        for n, row in enumerate(theirs["namdinh"])
    ]
    (folder / "namdinh.ldif").write_text("\n".join(entries), encoding="utf-8")
    kept = {
        system: {row["person_id"]: f"cu{n}@{system}.gov.vn" for n, row in enumerate(found)}
        for system, found in theirs.items()
    }
    return Three(here, other, slapd, hanam, ninhbinh, kept)


def _in_ad(number: int, row: dict[str, str], base: str) -> str:
    address = f"cu{number}@hanam.gov.vn"
    return (
        f"dn: CN=cu{number},{base}\nobjectClass: user\nsAMAccountName: cu{number}\nemployeeID: {row['person_id']}\n"
        f"displayName: {row['full_name']}\nmail: {address}\nproxyAddresses: SMTP:{address}\nuserAccountControl: 544\n"
    )


def _in_ldap(number: int, row: dict[str, str], base: str, system: str) -> str:
    return (
        f"dn: uid=cu{number},{base}\nobjectClass: inetOrgPerson\nobjectClass: obmUser\nuid: cu{number}\n"
        f"cn: {row['full_name']}\nsn: {row['full_name']}\ndisplayName: {row['full_name']}\n"
        f"employeeNumber: {row['person_id']}\nmail: cu{number}@{system}.gov.vn\nmailAccess: PERMIT\n"
    )


def test_three_systems_become_one(three: Three) -> None:
    """Waves, a year later deletions, certificate: the sums stay what they were, and a second run finds nothing."""
    desk = three.here.desk
    first = [three.wave(number) for number in (1, 2, 3)]
    before = desk.run("--lang", "en", "migrate", "status").stdout
    again = [three.wave(number)["actions"] for number in (1, 2, 3)]
    day = desk.plan(TODAY.isoformat())["actions"]
    closed = [one for plan in first for one in plan["actions"] if one["target"] in SYSTEMS]
    rows = [f"{one['target']},{one['address']},not-kept,8/QĐ-SKHCN" for one in closed]
    three.years_pass()
    held = [one for number in (1, 2, 3) for one in three.wave(number)["actions"]]
    (desk.folder / "mail.csv").write_text("\n".join(["system,about,how,document", *rows]) + "\n", encoding="utf-8")
    desk.run("migrate", "mail", "record", "mail.csv", "--by", "Lê Văn Bình")
    deleted = [one for number in (1, 2, 3) for one in three.wave(number)["actions"]]
    after = desk.run("--lang", "en", "migrate", "status").stdout
    last = [three.wave(number)["actions"] for number in (1, 2, 3)]
    desk.run("migrate", "certify", "c.json")

    assert three.kills
    assert {one["target"] for one in closed} == set(SYSTEMS)
    assert len(closed) > 0.8 * sum(map(len, three.kept.values()))
    assert (again, day) == ([[], [], []], [])
    assert [one for one in held if one["kind"] == "delete"] == []
    assert Counter((one["target"], one["kind"]) for one in deleted) == Counter(
        (one["target"], "delete") for one in closed
    )
    gone = {one["address"] for one in closed}
    for system in SYSTEMS:
        assert three.addresses(system) == set(three.kept[system].values()) - gone
    assert after == before
    assert last == [[], [], []]
    desk.run("migrate", "verify", "c.json")
    desk.run("audit", "verify", "--against", "main")
