"""The main job on a real Active Directory through the installed command: from an empty OU to in step, and on."""

from __future__ import annotations

import csv
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from desk import Desk
from servers.client import ldap
from servers.samba import Samba
from sqlalchemy import create_engine, text

from syncagent.cli.starting import sample_files
from syncagent.core.periods import Calendar, Term, due_after
from syncagent.mapping.calendar import read_calendar
from syncagent.sample.province import generate
from syncagent.settings import shipped_mappings
from syncagent.wiring import communes, now, shipped_directory

pytestmark = pytest.mark.server

TODAY = now().date()
_STAMP = "msDS-cloudExtensionAttribute20"


@dataclass
class Province:
    """A working folder whose directory is a domain controller."""

    desk: Desk
    server: Samba
    base: str

    def approve_all(self) -> None:
        """Two people approve the newest plan, with the order, and what its brakes count."""
        shown = self.desk.run("--lang", "en", "show", "latest").stdout
        trips = re.findall(r"--accept-brake (\S+=\d+)", shown)
        words = [word for trip in dict.fromkeys(trips) for word in ("--accept-brake", trip)]
        for by in ("Lê Văn Bình", "Phạm Thị Dung"):
            self.desk.run("approve", "latest", "--by", by, "--order", "45/SKHCN", *words)

    def in_step(self) -> list[str]:
        """Plan, approve and apply; return the kinds of what was done. The next plan must be empty (law 1)."""
        plan = self.desk.plan(TODAY.isoformat())
        if plan["actions"]:
            self.approve_all()
            self.desk.run("apply", "latest")
        assert self.desk.plan(TODAY.isoformat())["actions"] == []
        return sorted(str(action["kind"]) for action in plan["actions"])

    def entry(self, person: str) -> dict[str, str]:
        """Return the entry of a person as the server shows it; empty if it is not there."""
        found = ldap(
            self.server, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", self.base, f"(employeeID={person})",
            "dn", "mail", "userAccountControl", "objectGUID", "pwdLastSet", _STAMP,
        )  # fmt: skip
        return dict(re.findall(r"(?m)^(\w[\w-]*)::? (.*)$", found))

    def row(self, person: str, **columns: str) -> None:
        """Add a row of a person that takes effect today."""
        path = self.desk.folder / "people.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        last = [one for one in rows if one["person_id"] == person][-1]
        decision = {"decision_number": "77/QĐ-SNV", "decision_date": TODAY.isoformat(), "signed_by": "Giám đốc"}
        rows.append({**last, "effective_date": TODAY.isoformat(), "received_on": "", **decision, **columns})
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    def back_by(self, person: str, days: int) -> None:
        """Let everything that was remembered of an account have happened so many days earlier: stamp and ledger."""
        entry = self.entry(person)
        old = entry[_STAMP]
        new = re.sub(
            r"(since|row|password|issued)=(\d{4}-\d\d-\d\d)",
            lambda m: f"{m[1]}={date.fromisoformat(m[2]) - timedelta(days=days)}",
            old,
        )
        ldap(
            self.server, "ldapmodify",
            ldif=f"dn: <GUID={_guid(entry['objectGUID'])}>\nchangetype: modify\nreplace: {_STAMP}\n{_STAMP}: {new}\n",
        )  # fmt: skip
        with create_engine(f"sqlite:///{self.desk.folder / 'syncagent.db'}").begin() as connection:
            done = connection.execute(
                text("UPDATE accounts SET stamp = :new WHERE stamp = :old"), {"new": new, "old": old}
            )
        assert done.rowcount == 1


def _guid(encoded: str) -> str:
    return str(UUID(bytes_le=b64decode(encoded)))


def _configured(folder: Path, server: Samba, base: str) -> None:
    quarantine = f"OU=Quarantine,{base}"
    ldap(server, "ldapadd", ldif=f"dn: {quarantine}\nobjectClass: organizationalUnit\n")
    (folder / "secret").write_text(server.password, encoding="utf-8")
    (folder / "secret").chmod(0o600)
    (folder / "ca.pem").write_bytes(server.ca.read_bytes())
    path = folder / "syncagent.yaml"
    lines = f"""\
    directory:
      kind: active-directory
      servers: ["{server.ldaps_url}"]
      base: "{base}"
      bind: {{name: "{server.admin}", password: {{file: secret}}}}
      ca: ca.pem
      quarantine: "{quarantine}"
"""
    written = path.read_text(encoding="utf-8")
    start, end = written.index("    directory:"), written.index("    mail: {kind: none}")
    path.write_text(written[:start] + lines + written[end:], encoding="utf-8")


@pytest.fixture
def province(samba: Samba, fresh_base: Callable[[Samba], str], tmp_path: Path) -> Callable[[int], Province]:
    """Make a province of so many people whose directory is empty."""

    def make(size: int) -> Province:
        base = fresh_base(samba)
        folder = tmp_path / "desk"
        folder.mkdir()
        sample = generate(size, as_of=TODAY, directory=shipped_directory("active-directory"), communes=communes())
        files = sample_files(sample, "{delete: two, disable: one, others: one}")
        for name, written in files.items():
            (folder / name).write_text(written, encoding="utf-8")
        (folder / "identity.key").chmod(0o600)
        (folder / "directory.ldif").unlink()
        _configured(folder, samba, base)
        return Province(Desk(folder), samba, base)

    return make


def _working(province: Province, count: int) -> list[str]:
    """Return people who have an account that works."""
    plan = province.desk.plan(TODAY.isoformat())
    made = [
        str(action["person_id"]) for action in plan["actions"] if action["kind"] == "create" and action["person_id"]
    ]
    return made[:: max(1, len(made) // count)][:count]


@pytest.mark.parametrize("size", [150, pytest.param(2000, marks=pytest.mark.long)])
def test_from_an_empty_ou_to_in_step_and_on(province: Callable[[int], Province], size: int) -> None:
    """Issue, leave, move, return, deletion after three months: each planned, approved, applied, and then in step."""
    here = province(size)
    examined = here.desk.run("doctor").stdout
    leaver, mover, gone = _working(here, 3)
    first = here.in_step()
    before = {person: here.entry(person) for person in (leaver, mover, gone)}
    here.row(leaver, status="left", event="retired", effective_date=str(TODAY - timedelta(days=1)))
    here.row(gone, status="left", event="resigned")
    here.row(mover, unit="snv", event="transferred")
    second = here.in_step()
    left, moved = here.entry(leaver), here.entry(mover)
    here.row(leaver, status="working", event="recruited", decision_number="78/QĐ")
    third = here.in_step()
    back = here.entry(leaver)
    here.back_by(gone, (TODAY - date(2026, 1, 1)).days)
    due = due_after(date(2026, 1, 1), Term(months=3), _calendar())
    fourth = here.in_step()

    assert "lỗi" not in examined
    assert "chứng thư hợp lệ" in examined
    assert first.count("create") == len(first) > size * 0.6
    assert all(entry["userAccountControl"] == "512" and entry["pwdLastSet"] == "0" for entry in before.values())
    assert second == ["disable", "disable", "readdress"]
    assert left["userAccountControl"] == "514"
    assert "mail" not in left
    assert moved["objectGUID"] == before[mover]["objectGUID"]
    assert moved["mail"].partition("@")[0].endswith(".snv")
    assert third == ["restore"]
    assert (back["objectGUID"], back["mail"]) == (before[leaver]["objectGUID"], before[leaver]["mail"])
    assert back["userAccountControl"] == "512"
    assert due <= TODAY
    assert fourth == ["delete"]
    assert here.entry(gone) == {}


def _calendar() -> Calendar:
    path = shipped_mappings() / "calendar/vn.yaml"
    return read_calendar(path.read_text(encoding="utf-8"), path.name, range(2025, 2028))
