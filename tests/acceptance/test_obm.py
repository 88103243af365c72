"""The main job on OBM, through the installed command: its API, its LDAP directory and its mail server."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from live import TODAY, Province, working
from obm import mail_lines, mailboxes_of
from servers.client import ldap
from servers.obm import Obm
from servers.obm_database import Domain, User
from servers.obm_http import Fate
from servers.obm_tree import domain_dn, user_dn
from signers import BOTH, give_key

from syncagent.connectors.obm.boxes import open_boxes

pytestmark = pytest.mark.server

PEOPLE = 8
DEPARTMENT, OTHER = "skhcn", "snv"


@dataclass
class Site:
    """A province on one domain of OBM."""

    province: Province
    obm: Obm
    domain: Domain

    def user(self, person: str) -> User | None:
        """Return the user of a person, None if there is none."""
        users = self.domain.users.values()
        return next((user for user in users if user.columns.get("direction") == person), None)

    def named(self, person: str) -> User:
        """Return the user of a person who has one."""
        user = self.user(person)
        assert user
        return user

    def entry(self, login: str) -> str:
        """Return the LDAP entry of a login, empty if there is none."""
        dn = user_dn(login, self.domain.name)
        found = ldap(
            self.obm.slapd, "ldapsearch", "-LLL", "-b", domain_dn(self.domain.name), f"(uid={login})", "*", "+"
        )
        return found if dn.lower() in found.lower() else ""

    def route(self, address: str) -> str:
        """Return the mailbox to which mail for an address goes, empty if it is refused."""
        return self.obm.worker.maps.get(self.domain.name, {}).get(address, "")

    def box(self, login: str) -> bool:
        """Whether there is a mailbox of this login."""
        with open_boxes(mailboxes_of(self.obm)) as boxes:
            return bool(boxes.names(login, self.domain.name))

    def carry_out(self) -> None:
        """Approve and apply the newest plan; the next one must be empty (law 1)."""
        desk = self.province.desk
        desk.run("approve", "latest", *give_key(desk, BOTH[0]), "--order", "45/SKHCN")
        desk.run("apply", "latest")
        assert desk.plan(TODAY.isoformat())["actions"] == []

    def since(self, person: str, days: int) -> None:
        """Let everything that was remembered of an account have happened so many days earlier."""
        columns = self.named(person).columns
        columns["description"] = self.province.remembered_earlier(columns["description"], days)


@pytest.fixture
def site(obm: Obm, tmp_path: Path) -> Site:
    """An empty domain of OBM, whose mail domain is the province's."""
    domain = obm.domain()
    domain.aliases = ("ninhbinh.gov.vn",)
    base = f"ou=users,{domain_dn(domain.name)}"
    folder, secrets = tmp_path / "desk", {"obm": obm.password, "cyrus": obm.cyrus.password}
    province = Province.make(folder, 100, obm.slapd, base, "openldap", "", mail_lines(obm, domain), **secrets)
    _write(folder / "people.csv", _few(folder / "people.csv"))
    _write(folder / "requests.csv", [])
    units = _rows(folder / "units.csv")
    _write(folder / "units.csv", [one if one["unit"] == DEPARTMENT else {**one, "mailbox": "no"} for one in units])
    return Site(province, obm, domain)


def _few(path: Path) -> list[dict[str, str]]:
    """Return the rows of some people of one agency who work there: hundreds are looked at elsewhere."""
    rows = _rows(path)
    elsewhere = {
        one["person_id"] for one in rows if not one["unit"].startswith(DEPARTMENT) or one["status"] != "working"
    }
    people = list(dict.fromkeys(one["person_id"] for one in rows if one["person_id"] not in elsewhere))[:PEOPLE]
    return [one for one in rows if one["person_id"] in people]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    header = path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        writer.writerows(rows)


def _kinds(plan: dict[str, Any]) -> list[str]:
    return sorted(str(action["kind"]) for action in plan["actions"])


def test_a_life_on_obm(site: Site) -> None:
    """Issue, leave, move, return, deletion after three months; each plan after is empty (law 1).

    Obm.md §1.2, §4: an archived user keeps the mailbox and has no entry, no route and no log-in; logins never change.
    An answer that is lost is settled by reading, in the same apply or the next.
    """
    here = site.province
    examined = here.desk.run("--lang", "en", "doctor").stdout
    leaver, mover, gone = working(here, 3)  # which makes the first plan
    site.carry_out()
    issued = len(site.domain.users)
    login = {person: site.named(person).login for person in (leaver, mover, gone)}
    address = {person: site.named(person).mails[0] for person in login}
    here.row(leaver, status="left", event="retired", effective_date=str(TODAY - timedelta(days=1)))
    here.row(gone, status="left", event="resigned")
    here.row(mover, unit=OTHER, event="transferred")
    second = here.desk.plan(TODAY.isoformat())
    site.carry_out()
    shut = site.named(leaver).archived, site.entry(login[leaver]), site.route(address[leaver])
    kept = site.box(login[leaver])
    moved = dict(site.named(mover).columns)
    here.row(leaver, status="working", event="recruited", decision_number="78/QĐ")
    site.since(gone, (TODAY - date(2026, 1, 1)).days)
    third = here.desk.plan(TODAY.isoformat())
    here.approve_all()
    for _ in range(2):  # the commit of the first operation, and what would clear it up
        site.obm.fails(Fate.DROPPED_AFTER, "PUT", r"/batches/\d+$")
    lost = here.desk.run("apply", "latest", expect=6)
    site.obm.well()
    here.desk.run("apply", "latest")
    left = here.desk.plan(TODAY.isoformat())["actions"]

    assert "Provisioning API" in examined
    assert issued == PEOPLE + 2  # the agent is there, and one unit has a mailbox
    assert _kinds(second) == ["disable", "disable", "readdress"]
    assert (shut, kept) == ((True, "", ""), True)
    assert moved["mails"][0].partition("@")[0].endswith(OTHER)
    assert moved["mails"][1:] == [address[mover]]
    assert moved["login"] == login[mover]
    assert _kinds(third) == ["delete", "restore"]
    assert "unknown" in lost.stderr
    assert left == []
    assert "mailAccess: PERMIT" in site.entry(login[leaver])
    assert site.route(address[leaver]) == f"{login[leaver]}@{site.domain.name}"
    assert (site.user(gone), site.entry(login[gone]), site.box(login[gone])) == (None, "", False)
    assert len(site.obm.database.batches) <= 2  # those whose end nobody told
