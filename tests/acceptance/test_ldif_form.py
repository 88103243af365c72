"""`plan --format ldif` on real servers: OpenLDAP's command takes it whole; a directory that moved on refuses it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from live import TODAY, Province, working
from servers.client import Server, ldap
from servers.samba import Samba
from servers.slapd import Slapd

from syncagent.wiring import shipped_directory

pytestmark = pytest.mark.server

FreshBase = Callable[[Server], str]
_NO_SUCH_ATTRIBUTE = 16


@pytest.mark.parametrize("kind", ["active-directory", "openldap"])
def test_ldapmodify_does_what_the_plan_says(
    kind: str, request: pytest.FixtureRequest, fresh_base: FreshBase, tmp_path: Path
) -> None:
    """Somebody's edit since the plan refuses the file; without one, issue, leave and move are carried out."""
    server: Samba | Slapd = request.getfixturevalue("samba" if kind == "active-directory" else "slapd")
    here = Province.make(tmp_path / "desk", 100, server, fresh_base(server), kind)
    leaver, mover, joiner = working(here, 3)
    rows = here.drop(joiner)
    here.in_step()
    here.row(leaver, status="left", event="retired", effective_date=str(TODAY - timedelta(days=1)))
    before = {person: here.entry(person) for person in (leaver, mover)}
    stamp = shipped_directory(kind).stamp
    leaves = _changes(here)
    _set(here, leaver, stamp, "somebody")
    ldap(server, "ldapmodify", ldif=leaves, code=_NO_SUCH_ATTRIBUTE)
    untouched = here.entry(leaver)
    _set(here, leaver, stamp, before[leaver][stamp])
    here.row(mover, unit="snv", event="transferred")
    here.put(rows)

    changes = _changes(here)
    ldap(server, "ldapmodify", ldif=changes)

    after = {person: here.entry(person) for person in (leaver, mover, joiner)}
    identity = "objectGUID" if kind == "active-directory" else "entryUUID"
    assert untouched == before[leaver] | {stamp: "somebody"}
    assert changes.isascii()
    assert all(after[person][identity] == before[person][identity] for person in before)
    assert after[mover]["mail"].partition("@")[0].endswith(".snv")
    if kind == "active-directory":
        assert "mail" not in after[leaver]
        assert (after[leaver]["userAccountControl"], after[joiner]["userAccountControl"]) == ("514", "514")
        assert after[joiner]["pwdLastSet"] == "0"
    else:
        assert after[leaver]["pwdAccountLockedTime"] == "000001010000Z"
        assert after[joiner]["pwdReset"] == "TRUE"


def _changes(here: Province) -> str:
    """Plan, and return the changes as LDIF."""
    here.desk.run("plan", "--format", "ldif", "--out", "changes.ldif")
    return (here.desk.folder / "changes.ldif").read_text(encoding="utf-8")


def _set(here: Province, person: str, attribute: str, value: str) -> None:
    """Change one attribute of somebody's entry, as an administrator would."""
    entry = here.entry(person)
    name = f"dn: {entry['dn']}" if "," in entry["dn"] else f"dn:: {entry['dn']}"  # base64 has no comma
    ldap(here.server, "ldapmodify", ldif=f"{name}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n")
