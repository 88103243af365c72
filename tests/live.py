"""A province whose directory is a real server, and the installed command in its folder."""

from __future__ import annotations

import csv
import io
import json
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from desk import Desk
from servers.client import Server, ldap
from signers import BOTH, PASSPHRASE, approve_newest, register
from sqlalchemy import create_engine, text

from syncagent.cli.starting import sample_files
from syncagent.sample.province import generate
from syncagent.wiring import communes, now, shipped_directory

TODAY = now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
SHOWN = (
    "dn", "mail", "userAccountControl", "objectGUID", "entryUUID", "pwdLastSet", "pwdReset", "pwdAccountLockedTime",
)  # fmt: skip


OFFICER = ("--key-file", "office.key", "--passphrase-file", "passphrase")


@dataclass
class Province:
    """A working folder whose directory is a server of a kind: `active-directory` or `openldap`."""

    desk: Desk
    server: Server
    base: str
    kind: str

    @classmethod
    def make(
        cls,
        folder: Path,
        size: int,
        server: Server,
        base: str,
        kind: str,
        more: str = "",
        mail: str = "{kind: none}",
        **secrets: str,
    ) -> Province:
        """Make a province of so many people whose directory is empty.

        `more` are further lines of the directory's settings, `mail` are those of its mail system, `secrets` are put
        into files of these names.
        """
        folder.mkdir()
        sample = generate(size, as_of=TODAY, directory=shipped_directory(kind), communes=communes())
        files = sample_files(sample, "{delete: two, disable: one, others: one}")
        files |= {"secret": server.password, **secrets}
        for name in files.keys() - {"directory.ldif"}:
            (folder / name).write_text(files[name], encoding="utf-8")
            (folder / name).chmod(0o600)
        (folder / "ca.pem").write_bytes(server.ca.read_bytes())
        lines = f"""\
    directory:
      kind: {kind}
      servers: ["{server.ldaps_url}"]
      base: "{base}"
      bind: {{name: "{server.admin}", password: {{file: secret}}}}
      ca: ca.pem
{more}"""
        path = folder / "syncagent.yaml"
        written = path.read_text(encoding="utf-8")
        none = "    mail: {kind: none}"
        start, end = written.index("    directory:"), written.index(none)
        after = written[end + len(none) :]
        path.write_text(f"{written[:start]}{lines}    mail: {mail}{after}", encoding="utf-8")
        (folder / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
        (folder / "passphrase").chmod(0o600)
        desk = Desk(folder)
        desk.run("handover", "officer", "add", "office", "Trần Thị Sáu", *OFFICER)
        register(desk, *BOTH)
        return cls(desk, server, base, kind)

    def approve_all(self) -> None:
        """Two people sign the newest plan, with the order, and what its brakes count."""
        approve_newest(self.desk, "45/SKHCN")

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
        mapping = shipped_directory(self.kind)
        found = ldap(
            self.server, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", self.base, f"({mapping.key}={person})",
            *SHOWN, mapping.stamp,
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
        self._write(rows)

    def drop(self, person: str) -> str:
        """Take a person out of the roster and return the roster as it was; it has not been planned with yet."""
        path = self.desk.folder / "people.csv"
        whole = path.read_text(encoding="utf-8")
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [one for one in csv.DictReader(file) if one["person_id"] != person]
        self._write(rows)
        return whole

    def put(self, roster: str) -> None:
        """Add to the roster whoever a roster of before has and it has not."""
        path = self.desk.folder / "people.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        known = {one["person_id"] for one in rows}
        before = csv.DictReader(io.StringIO(roster.removeprefix("\ufeff"), newline=""))
        self._write([*rows, *(one for one in before if one["person_id"] not in known)])

    def take_back(self) -> list[str]:
        """Propose the inverse of what was applied last, approve and apply it; return the kinds of what was done."""
        plan = json.loads(self.desk.run("undo", "latest", "--format", "json").stdout)
        self.approve_all()
        self.desk.run("apply", "latest")
        return sorted(str(action["kind"]) for action in plan["actions"])

    def _write(self, rows: list[dict[str, str]]) -> None:
        path = self.desk.folder / "people.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    def back_by(self, person: str, days: int) -> None:
        """Let everything that was remembered of an account have happened so many days earlier, seen by enough runs."""
        entry, attribute = self.entry(person), shipped_directory(self.kind).stamp
        old = entry[attribute]
        new = self.remembered_earlier(old, days)
        dn = f"<GUID={_guid(entry['objectGUID'])}>" if "objectGUID" in entry else entry["dn"]
        ldap(
            self.server, "ldapmodify",
            ldif=f"dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {new}\n",
        )  # fmt: skip

    def remembered_earlier(self, old: str, days: int) -> str:
        """Let what the agent remembers of an account have happened so many days earlier; return its stamp then."""
        new = re.sub(
            r"(since|row|password|issued)=(\d{4}-\d\d-\d\d)",
            lambda m: f"{m[1]}={date.fromisoformat(m[2]) - timedelta(days=days)}",
            old,
        )
        with create_engine(f"sqlite:///{self.desk.folder / 'syncagent.db'}").begin() as connection:
            done = connection.execute(
                text("UPDATE accounts SET stamp = :new WHERE stamp = :old"), {"new": new, "old": old}
            )
            connection.execute(
                text(
                    "INSERT OR REPLACE INTO sightings SELECT target, guid, :state, :since, 60, :now FROM accounts "
                    "WHERE stamp = :new"
                ),
                {"state": _word(new, "state"), "since": _word(new, "since"), "now": now().isoformat(), "new": new},
            )
        assert done.rowcount == 1
        return new


def _word(stamp: str, name: str) -> str:
    """Return one word of a stamp."""
    return next(word.partition("=")[2] for word in stamp.split(" ") if word.startswith(f"{name}="))


def _guid(encoded: str) -> str:
    """Return an objectGUID as text."""
    return str(UUID(bytes_le=b64decode(encoded)))


def working(province: Province, count: int) -> list[str]:
    """Return people who will be issued a mailbox today."""
    plan = province.desk.plan(TODAY.isoformat())
    made = [
        str(action["person_id"]) for action in plan["actions"] if action["kind"] == "create" and action["person_id"]
    ]
    return made[:: max(1, len(made) // count)][:count]
