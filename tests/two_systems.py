"""Đà Nẵng with both of its mail systems: Exchange behind an Active Directory, and OBM with its own LDAP; one agent."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import exchange_desk
import obm as obm_desk
from desk import Desk
from live import OFFICER, TODAY
from live import _guid as guid_of
from servers.client import Server, ldap
from servers.exchange import Organization
from servers.obm import Obm
from servers.obm_database import Domain, User
from servers.obm_tree import domain_dn
from servers.pki import Authority
from servers.samba import Samba
from signers import BOTH, PASSPHRASE, approve_newest, register

from syncagent.wiring import shipped_directory

EXCHANGE, OBM = "exchange", "obm"
DOMAIN = "danang.gov.vn"
STAMP = shipped_directory("active-directory").stamp


@dataclass
class City:
    """A working folder whose two targets are real servers."""

    desk: Desk
    samba: Samba
    base: str
    exchange: Organization
    obm: Obm
    domain: Domain

    def on_exchange(self) -> dict[str, str]:
        """Return the addresses of the accounts on Active Directory that are ours, by staff number or unit."""
        return {key: one["mail"] for key, one in self._entries().items()}

    def stamps(self) -> dict[str, tuple[str, str]]:
        """Return the objectGUID and the mark of these accounts."""
        return {key: (guid_of(one["objectGUID"]), one[STAMP]) for key, one in self._entries().items()}

    def _entries(self) -> dict[str, dict[str, str]]:
        found = ldap(
            self.samba, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", self.base, f"({STAMP}=syncagent/*)",
            "mail", "objectGUID", STAMP,
        )  # fmt: skip
        entries = (dict(re.findall(r"(?m)^(\w[\w-]*)::? (.*)$", one)) for one in found.split("\n\n"))
        return {_key(one[STAMP]): one for one in entries if STAMP in one}

    def on_obm(self) -> dict[str, User]:
        """Return the users of OBM that are ours, by staff number or unit."""
        users = [user for user in self.domain.users.values() if "syncagent/" in str(user.columns.get("description"))]
        return {_key(str(user.columns["description"])): user for user in users}

    def plan(self) -> dict[str, Any]:
        return self.desk.plan(TODAY.isoformat())

    def in_step(self) -> list[tuple[str, str, str]]:
        """Plan, approve and apply; return what was done where and to whom. The next plan must be empty (law 1)."""
        plan = self.plan()
        if plan["actions"]:
            self.approve()
            self.desk.run("apply", "latest")
        assert self.plan()["actions"] == []
        return did(plan)

    def approve(self) -> None:
        """Two people sign the newest plan, with the order, and what its brakes count."""
        approve_newest(self.desk, "45/STTTT")

    def row(self, person: str, **columns: str) -> None:
        """Add a row of a person that takes effect today."""
        path = self.desk.folder / "people.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        known = [one for one in rows if one["person_id"] == person]
        last = known[-1] if known else dict.fromkeys(rows[0], "")
        decision = {"decision_number": "77/QĐ-SNV", "decision_date": TODAY.isoformat(), "signed_by": "Giám đốc"}
        fresh = {"person_id": person, "effective_date": TODAY.isoformat(), "received_on": "", **decision, **columns}
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows([*rows, {**last, **fresh}])


def did(plan: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what a plan does where and to whom, sorted."""
    return sorted((one["kind"], one["target"], one["person_id"] or f"unit:{one['unit']}") for one in plan["actions"])


def _key(description: str) -> str:
    found = re.search(r"syncagent/1 kind=(\w+) key=(\S+)", description)
    assert found
    return found[2] if found[1] == "personal" else f"unit:{found[2]}"


@contextmanager
def city(
    folder: Path, samba: Samba, fresh_base: Callable[[Server], str], obm: Obm, authority: Authority, on_obm: str
) -> Iterator[City]:
    """Give a city whose units `on_obm` (as YAML) live on OBM, all others on Exchange; its roster is the starter's."""
    base = fresh_base(samba)
    domain = obm.domain()
    domain.aliases = (DOMAIN,)
    with exchange_desk.behind(samba, base, folder, authority) as mail:
        Desk(folder).run("init", "desk", "--regulation", "danang-2017")
        desk = Desk(folder / "desk")
        targets = (
            _target(EXCHANGE, "active-directory", samba, base, mail.quarantine, "samba")
            + f'    mail:{mail.mail}    units: ["*"]\n'
            + _target(OBM, "openldap", obm.slapd, f"ou=users,{domain_dn(domain.name)}", "", "slapd")
            + f"    mail:{obm_desk.mail_lines(obm, domain)}    units: {on_obm}\n"
        )
        _configure(desk.folder, targets)
        secrets = {
            "samba": samba.password, "winrm": mail.service.password, "exchange": mail.service.host.password,
            "slapd": obm.slapd.password, "obm": obm.password, "cyrus": obm.cyrus.password,
            "passphrase": PASSPHRASE,
        }  # fmt: skip
        for name, secret in secrets.items():
            (desk.folder / name).write_text(secret, encoding="utf-8")
            (desk.folder / name).chmod(0o600)
        (desk.folder / "ca.pem").write_bytes(samba.ca.read_bytes())
        desk.run("handover", "officer", "add", "office", "Trần Thị Sáu", *OFFICER)
        register(desk, *BOTH)
        yield City(desk, samba, base, mail.exchange, obm, domain)


def _target(name: str, kind: str, server: Server, base: str, more: str, secret: str) -> str:
    return f"""\
  {name}:
    directory:
      kind: {kind}
      servers: ["{server.ldaps_url}"]
      base: "{base}"
      bind: {{name: "{server.admin}", password: {{file: {secret}}}}}
      ca: ca.pem
{more}"""


def _configure(folder: Path, targets: str) -> None:
    """Put both targets into the starter's configuration."""
    path = folder / "syncagent.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("  main:\n"), text.index("state: ")
    path.write_text(f"{text[:start]}{targets}\n{text[end:]}", encoding="utf-8")
