"""The main job on real servers through the installed command: from an empty OU to in step, and on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from live import TODAY, Province, working
from servers.client import Server, ldap
from servers.fixtures import FreshSamba, FreshSlapd
from servers.pki import Authority
from servers.samba import Samba
from servers.samba_template import provisioned
from servers.slapd import Slapd
from signers import BOTH, give_key

from syncagent.core.periods import Calendar, Term, due_after
from syncagent.files import shipped_mappings
from syncagent.mapping.calendar import read_calendar

pytestmark = pytest.mark.server

FreshBase = Callable[[Server], str]


def _calendar() -> Calendar:
    path = shipped_mappings() / "calendar/vn.yaml"
    return read_calendar(path.read_text(encoding="utf-8"), path.name, range(2025, 2028))


@pytest.mark.parametrize("size", [150, pytest.param(2000, marks=pytest.mark.long)])
def test_active_directory(samba: Samba, fresh_base: FreshBase, tmp_path: Path, size: int) -> None:
    """Issue, leave, move, return, deletion after three months: each planned, approved, applied, and then in step."""
    base = fresh_base(samba)
    quarantine = f"OU=Quarantine,{base}"
    ldap(samba, "ldapadd", ldif=f"dn: {quarantine}\nobjectClass: organizationalUnit\n")
    more = f'      quarantine: "{quarantine}"\n'
    here = Province.make(tmp_path / "desk", size, samba, base, "active-directory", more)
    examined = here.desk.run("doctor").stdout
    leaver, mover, gone = working(here, 3)
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
    assert due_after(date(2026, 1, 1), Term(months=3), _calendar()) <= TODAY
    assert fourth == ["delete"]
    assert here.entry(gone) == {}


def test_openldap(slapd: Slapd, fresh_base: FreshBase, tmp_path: Path) -> None:
    """The same on OpenLDAP: identity stays, a closed mailbox receives nothing and its holder cannot log in."""
    here = Province.make(tmp_path / "desk", 120, slapd, fresh_base(slapd), "openldap")
    examined = here.desk.run("doctor").stdout
    leaver, mover = working(here, 2)
    first = here.in_step()
    before = {person: here.entry(person) for person in (leaver, mover)}
    here.row(leaver, status="left", event="retired", effective_date=str(TODAY - timedelta(days=1)))
    here.row(mover, unit="snv", event="transferred")
    second = here.in_step()
    left, moved = here.entry(leaver), here.entry(mover)
    here.row(leaver, status="working", event="recruited", decision_number="78/QĐ")
    third = here.in_step()
    back = here.entry(leaver)

    assert "lỗi" not in examined
    assert first.count("create") == len(first) > 70
    assert all(entry["pwdReset"] == "TRUE" and "pwdAccountLockedTime" not in entry for entry in before.values())
    assert second == ["disable", "readdress"]
    assert left["pwdAccountLockedTime"] == "000001010000Z"
    assert moved["entryUUID"] == before[mover]["entryUUID"]
    assert moved["mail"].partition("@")[0].endswith(".snv")
    assert third == ["restore"]
    assert (back["entryUUID"], back["mail"]) == (before[leaver]["entryUUID"], before[leaver]["mail"])
    assert "pwdAccountLockedTime" not in back


@pytest.mark.parametrize("kind", ["active-directory", pytest.param("openldap", marks=pytest.mark.long)])
def test_a_plan_is_taken_back(kind: str, request: pytest.FixtureRequest, fresh_base: FreshBase, tmp_path: Path) -> None:
    """`undo`: leavers log in again, movers have their address back, whoever was issued a mailbox is disabled."""
    server: Samba | Slapd = request.getfixturevalue("samba" if kind == "active-directory" else "slapd")
    here = Province.make(tmp_path / "desk", 100, server, fresh_base(server), kind)
    leaver, mover, joiner = working(here, 3)
    rows = here.drop(joiner)
    here.in_step()
    before = {person: here.entry(person) for person in (leaver, mover)}
    here.row(leaver, status="left", event="retired", effective_date=str(TODAY - timedelta(days=1)))
    here.row(mover, unit="snv", event="transferred")
    here.put(rows)
    done = here.in_step()

    back = here.take_back()

    assert done == ["create", "disable", "readdress"]
    assert back == ["disable", "readdress", "restore"]
    assert {person: here.entry(person) for person in before} == before
    made = here.entry(joiner)
    closed = {"userAccountControl": "514"} if kind == "active-directory" else {"pwdAccountLockedTime": "000001010000Z"}
    assert closed.items() <= made.items()
    assert "mail" not in made or kind == "openldap"


@pytest.mark.long
@pytest.mark.parametrize("kind", ["samba", "slapd"])
def test_a_server_that_was_put_back_stops_the_run_until_somebody_lets_it_pass(
    kind: str, fresh_samba: FreshSamba, fresh_slapd: FreshSlapd, tmp_path: Path
) -> None:
    """F10: exit 4 with the way out; accepted once, the next plan is made, and the same acceptance is good no more."""
    server = fresh_samba() if kind == "samba" else fresh_slapd()
    mapping = {"samba": "active-directory", "slapd": "openldap"}[kind]
    base = f"ou=Mail,{server.base_dn}"
    ldap(server, "ldapadd", ldif=f"dn: {base}\nobjectClass: organizationalUnit\n")
    here = Province.make(tmp_path / "desk", 100, server, base, mapping)
    (leaver,) = working(here, 1)
    here.in_step()
    server.stop()
    server.copy_database(tmp_path / "copy")
    server.restart()
    here.row(leaver, status="left", event="retired", effective_date=str(TODAY - timedelta(days=1)))
    done = here.in_step()
    server.stop()
    server.restore_database(tmp_path / "copy")
    server.restart()

    refused = here.desk.run("--lang", "en", "plan", expect=4).stderr
    again = here.desk.run("plan", expect=4).stderr
    digest = refused.partition("directory accept ")[2].split()[0]
    words = ("directory", "accept", digest, "--reason", "đã phục hồi, đã xem lại", *give_key(here.desk, BOTH[0]))
    here.desk.run(*words)
    here.desk.run("plan")
    here.desk.run("plan")

    assert done == ["disable"]
    assert "change numbers went back" in refused
    assert digest in again
    assert "chép mã mà thông báo nêu" in here.desk.run(*words, expect=5).stderr


def _another(server: Samba | Slapd, folder: Path, authority: Authority) -> Samba | Slapd:
    """Start a directory of the same name and the same agent in the place of one that was stopped."""
    if isinstance(server, Slapd):
        return Slapd.start(folder / "another", server.address, authority)
    return Samba.start(folder / "another", server.address, provisioned(folder / "made", "S-1-5-21-1-2-3"), authority)


def _begin(here: Province, plan_id: str, action_id: str) -> None:
    """Leave behind what an apply leaves that was killed right after it wrote down what it was about to do."""
    with closing(sqlite3.connect(here.desk.folder / "syncagent.db")) as state, state:
        words = "plan_id, action_id, state, at, says_vi, says_en, guid, dn, epoch"
        row = (plan_id, action_id, "intent", datetime.now(UTC).isoformat(), "", "", "", "", 1)
        state.execute(f"INSERT INTO journal ({words}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 - our words


@pytest.mark.parametrize("kind", ["active-directory", pytest.param("openldap", marks=pytest.mark.long)])
def test_a_plan_is_not_applied_to_another_directory(
    kind: str, fresh_samba: FreshSamba, fresh_slapd: FreshSlapd, authority: Authority, tmp_path: Path
) -> None:
    """Reliability §3.5: the header names the domain; where another answers, nothing is written, settled or lost."""
    server = fresh_samba() if kind == "active-directory" else fresh_slapd()
    base = f"ou=Mail,{server.base_dn}"
    ldap(server, "ldapadd", ldif=f"dn: {base}\nobjectClass: organizationalUnit\n")
    here = Province.make(tmp_path / "desk", 100, server, base, kind)
    plan = here.desk.plan(TODAY.isoformat())
    here.approve_all()
    server.stop()
    another = _another(server, tmp_path, authority)
    try:
        ldap(another, "ldapadd", ldif=f"dn: {base}\nobjectClass: organizationalUnit\n")
        refused = here.desk.run("--lang", "en", "apply", "latest", expect=5).stderr
        _begin(here, plan["plan_id"], plan["actions"][0]["id"])
        open_question = here.desk.run("--lang", "en", "plan", expect=5).stderr
        entries = ldap(another, "ldapsearch", "-LLL", "-b", base, "(objectClass=person)", "dn")
    finally:
        another.kill()
    server.restart()
    again = here.desk.plan(TODAY.isoformat())
    first = plan["inputs"]["targets"]["main"]["directory"]

    assert (f"made for directory {first}" in refused, "make a new plan" in refused) == (True, True)
    assert "only that directory tells what was written" in open_question
    assert entries == ""
    assert [one["kind"] for one in again["actions"]] == [one["kind"] for one in plan["actions"]]
