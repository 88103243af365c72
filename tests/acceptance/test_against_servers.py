"""Law 12 on real servers: every change of the agent is explained by one record, every change of others is listed."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from live import OFFICER, TODAY, Province, working
from servers.client import Server, ldap
from servers.postgresql import PostgreSql
from servers.samba import Samba
from servers.slapd import Slapd
from signers import BOTH, register

from syncagent.core import dn as names
from syncagent.wiring import shipped_directory

pytestmark = pytest.mark.server

_TITLE, _LOG_IN, _MOVED, _DELETED, _LEAVER = range(5)
_SAID = re.compile(r"(?m)^(\S.*?)(?:  (\S+))?: (\D+?)(?: \(record \d+\))?$")


@dataclass
class Hands:
    """Somebody who works on the server with another program."""

    here: Province

    def change(self, dn: str, *lines: str) -> None:
        ldif = "\n".join((f"dn: {dn}", "changetype: modify", *lines, ""))
        ldap(self.here.server, "ldapmodify", ldif=ldif)

    def close(self, dn: str) -> None:
        if self.here.kind == "openldap":
            self.change(dn, "add: pwdAccountLockedTime", "pwdAccountLockedTime: 000001010000Z")
        else:
            self.change(dn, "replace: userAccountControl", "userAccountControl: 514")

    def move(self, dn: str) -> str:
        """Put an entry right under the base, under its name."""
        rdn = names.split(dn)[0]
        lines = (
            f"dn: {dn}",
            "changetype: modrdn",
            f"newrdn: {rdn}",
            "deleteoldrdn: 1",
            f"newsuperior: {self.here.base}",
        )
        ldap(self.here.server, "ldapmodify", ldif="\n".join((*lines, "")))
        return f"{rdn},{self.here.base}"

    def create(self, name: str, *more: str) -> str:
        """Make an account under the base."""
        if self.here.kind == "openldap":
            dn = f"uid={name},{self.here.base}"
            lines = ["objectClass: inetOrgPerson", "objectClass: obmUser", f"uid: {name}", f"cn: {name}", f"sn: {name}"]
        else:
            dn = f"CN={name},{self.here.base}"
            lines = ["objectClass: user", f"cn: {name}", f"sAMAccountName: {name}"]
        ldap(self.here.server, "ldapadd", ldif="\n".join((f"dn: {dn}", *lines, *more, "")))
        return dn

    def group(self, *members: str) -> str:
        """Make a group under the base, with members."""
        sort = "groupOfNames" if self.here.kind == "openldap" else "group"
        dn = f"cn=Ban tin,{self.here.base}"
        lines = [f"dn: {dn}", f"objectClass: {sort}", "cn: Ban tin", *(f"member: {member}" for member in members), ""]
        ldap(self.here.server, "ldapadd", ldif="\n".join(lines))
        return dn


def _dn(here: Province, person: str) -> str:
    """Where the account of a person stands."""
    key = shipped_directory(here.kind).key
    found = ldap(here.server, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", here.base, f"({key}={person})", "1.1")
    colons, value = re.findall(r"(?m)^dn(::?) (.*)$", found)[0]
    return b64decode(value).decode() if colons == "::" else str(value)


def _listed(here: Province, expect: int) -> tuple[dict[tuple[str, str], str], str]:
    """What nothing explains, by entry and reason, and the whole text."""
    said = here.desk.run("--lang", "en", "audit", "verify", "--against", "main", expect=expect).stdout
    return {(names.same(dn), why): who for dn, who, why in _SAID.findall(said) if "=" in dn}, said


def _done(here: Province) -> Counter[tuple[str, str]]:
    """How often each action is recorded as done."""
    lines = here.desk.run("audit", "log", "--kind", "done", "--format", "json").stdout.splitlines()
    return Counter((facts["plan_id"], facts["action_id"]) for facts in (json.loads(line)["facts"] for line in lines))


@pytest.fixture(params=["active-directory", "openldap"])
def here(
    request: pytest.FixtureRequest, fresh_base: Callable[[Server], str], postgresql: PostgreSql, tmp_path: Path
) -> Province:
    """A province on Samba with its state in a file, and one on OpenLDAP with its state in PostgreSQL."""
    server: Samba | Slapd = request.getfixturevalue("samba" if request.param == "active-directory" else "slapd")
    made = Province.make(tmp_path / "desk", 100, server, fresh_base(server), request.param)
    if request.param == "openldap":
        state = postgresql.url(postgresql.fresh())
        (made.desk.folder / "agent.key").write_text("ab" * 32, encoding="ascii")
        (made.desk.folder / "agent.key").chmod(0o600)
        keys = f"state: {state}\nsigning_key: {{file: agent.key}}"
        made.desk.edit("syncagent.yaml", "state: sqlite:///syncagent.db", keys)
        made.desk.run("handover", "officer", "add", "office", "Trần Thị Sáu", *OFFICER)
        register(made.desk, *BOTH)
    return made


@pytest.mark.long
def test_what_others_did_on_a_server_is_listed_and_nothing_else(here: Province) -> None:
    """A human edits, closes, moves, deletes, creates, copies our mark and gives a right back; the agent goes on."""
    hands, mapping = Hands(here), shipped_directory(here.kind)
    before = hands.create("tu.truoc")  # it was there before the agent ever looked
    people = working(here, 5)
    here.in_step()
    calm, _ = _listed(here, 0)
    where = [_dn(here, person) for person in people]
    group = hands.group(where[_LEAVER], where[_TITLE])
    here.row(people[_LEAVER], status="left", event="retired")
    here.in_step()
    again, _ = _listed(here, 5)
    where[_LEAVER] = _dn(here, people[_LEAVER])

    hands.change(where[_TITLE], "replace: title", "title: Tu phong")
    hands.close(where[_LOG_IN])
    moved = hands.move(where[_MOVED])
    ldap(here.server, "ldapdelete", where[_DELETED])
    new = hands.create("ke.gian")
    marked = hands.create("mao.danh", f"{mapping.stamp}: {here.entry(people[_TITLE])[mapping.stamp]}")
    hands.change(group, "add: member", f"member: {where[_LEAVER]}")
    found, said = _listed(here, 5)

    in_the_group = {(names.same(where[_TITLE]), "rights changed by somebody else"): people[_TITLE]}
    assert calm == {}
    assert again == in_the_group
    assert found == {
        **in_the_group,
        (names.same(where[_TITLE]), "attributes changed by somebody else"): people[_TITLE],
        (names.same(where[_LOG_IN]), "attributes changed by somebody else"): people[_LOG_IN],
        (names.same(moved), "moved or renamed by somebody else"): people[_MOVED],
        (names.same(where[_DELETED]), "gone, and not by our doing"): people[_DELETED],
        (names.same(new), "created by somebody else, without our mark"): "",
        (names.same(marked), "bears our mark, and no record knows it"): people[_TITLE],
        (names.same(where[_LEAVER]), "rights changed by somebody else"): people[_LEAVER],
    }
    assert " → Tu phong" in said
    assert "not explained by any record: 8" in said
    assert before not in said

    ldap(here.server, "ldapdelete", marked)
    plan = here.desk.plan(TODAY.isoformat())
    here.approve_all()
    here.desk.run("apply", "latest")
    mended, said = _listed(here, 5)

    touched = {str(one["person_id"]) for one in plan["actions"]}
    assert people[_TITLE] in touched
    reason = "attributes changed by somebody else before this deed"
    assert mended[names.same(where[_TITLE]), reason] == people[_TITLE]
    assert (names.same(where[_TITLE]), "attributes changed by somebody else") not in mended
    assert (names.same(where[_DELETED]), "gone, and not by our doing") in mended
    recorded = _done(here)
    assert set(recorded.values()) == {1}
    assert f"recorded deeds: {len(recorded)}" in said
    assert {(plan["plan_id"], one["id"]) for one in plan["actions"]} <= set(recorded)
