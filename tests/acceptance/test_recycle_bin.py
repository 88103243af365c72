"""`undo` of a deletion: what the Recycle Bin of an Active Directory still holds comes back, approved like any plan."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from live import TODAY, Province, working
from servers.client import Server, ldap
from servers.fixtures import FreshBase
from servers.pdu import Op, Pdu, Way
from servers.pki import Authority
from servers.place import own_address
from servers.quirky import quirky_wire
from servers.samba import Samba
from servers.slapd import Slapd
from servers.wire import LoseAnswer, Rule, Wire
from signers import BOTH, give_key

pytestmark = pytest.mark.server

_TERM = (TODAY - date(2026, 1, 1)).days


@pytest.fixture
def windows(samba: Samba, authority: Authority) -> Iterator[Wire]:
    """A Samba that undeletes as Windows does."""
    with own_address() as at, quirky_wire(samba, at, authority.issue(at)) as wire:
        yield wire


def _deleted(here: Province) -> tuple[str, str, dict[str, str]]:
    """Let one mailbox live and be closed, stand in a group, and be deleted; return whose, the group, how it was."""
    (gone,) = working(here, 1)
    _do(here)
    here.row(gone, status="left", event="resigned")
    assert _do(here) == ["disable"]
    group = _group(here, gone)
    here.back_by(gone, _TERM)
    closed = here.entry(gone)
    assert _do(here) == ["delete"]
    assert here.entry(gone) == {}
    return gone, group, closed


def _do(here: Province) -> list[str]:
    """Plan, approve and apply; return the kinds of what was done, issues aside."""
    plan = here.desk.plan(TODAY.isoformat())
    _approve(here)
    here.desk.run("apply", "latest")
    return [str(action["kind"]) for action in plan["actions"] if action["kind"] != "create"]


def _approve(here: Province) -> None:
    for by in BOTH:
        here.desk.run("approve", "latest", *give_key(here.desk, by), "--order", "45/SKHCN")


def _group(here: Province, person: str) -> str:
    """Put somebody into a group of whose doings the agent knows nothing."""
    if here.kind == "openldap":
        return ""
    group = f"CN=Tin,{here.base}"
    dn = b64encode(_dn(here, person).encode()).decode()
    ldap(here.server, "ldapadd", ldif=f"dn: {group}\nobjectClass: group\nmember:: {dn}\n")
    return group


def _undo(here: Province) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(here.desk.run("undo", "latest", "--format", "json").stdout)
    return plan


def _undeletes(pdu: Pdu) -> bool:
    return b"isDeleted" in pdu.raw


@pytest.mark.parametrize("lost", [pytest.param(False, marks=pytest.mark.long), True], ids=["calm", "answer lost"])
def test_a_deleted_mailbox_comes_back(
    samba: Samba, windows: Wire, fresh_base: FreshBase, tmp_path: Path, *, lost: bool
) -> None:
    """Laws 6, 8, 9 and 12: identity, values and groups as before, closed since today; once, and on record."""
    base = fresh_base(samba)
    quarantine = f"OU=Quarantine,{base}"
    ldap(samba, "ldapadd", ldif=f"dn: {quarantine}\nobjectClass: organizationalUnit\n")
    here = Province.make(tmp_path / "desk", 100, samba, base, "active-directory", f'      quarantine: "{quarantine}"\n')
    gone, group, closed = _deleted(here)
    here.desk.edit("syncagent.yaml", samba.ldaps_url, windows.ldap_url)

    plan = _undo(here)
    here.desk.run("apply", "latest", expect=5)
    _approve(here)
    if lost:
        windows.script(Rule(LoseAnswer(), Way.REQUEST, Op.MODIFY, fits=_undeletes))
        assert "chưa rõ kết quả" in here.desk.run("apply", "latest", expect=6).stderr
    here.desk.run("apply", "latest")
    here.desk.run("apply", "latest", expect=5)

    [action] = plan["actions"]
    back = here.entry(gone)
    stamp = "msDS-cloudExtensionAttribute20"
    assert (action["kind"], action["review"], action["account"]["guid"] != "") == ("restore", "two", True)
    assert [change["operation"] for change in action["changes"]] == ["undelete", "modify"]
    assert {name: value for name, value in back.items() if name != stamp} == {
        name: value for name, value in closed.items() if name != stamp
    }
    assert f"since={TODAY}" in back[stamp]
    assert "state=disabled" in back[stamp]
    assert group in ldap(samba, "ldapsearch", "-LLL", "-b", base, f"(&(cn=Tin)(member={_dn(here, gone)}))", "cn")
    assert {one["kind"] for one in here.desk.plan(TODAY.isoformat())["actions"]} <= {"update"}  # days were set back
    listed = here.desk.run("audit", "verify", "--against", "main", expect=5).stdout
    assert "1 điều không có bản ghi nào giải thích" in listed
    assert f"{group} member" in listed  # put there by hand


def _dn(here: Province, person: str) -> str:
    dn = here.entry(person)["dn"]
    return dn if "=" in dn.rstrip("=") else b64decode(dn).decode()


@pytest.mark.long
def test_openldap_keeps_nothing_of_a_deleted_mailbox(slapd: Slapd, fresh_base: FreshBase, tmp_path: Path) -> None:
    """What cannot be undone is listed with the reason and the way out; nothing is proposed."""
    server: Server = slapd
    here = Province.make(tmp_path / "desk", 100, server, fresh_base(slapd), "openldap")
    _deleted(here)

    plan = _undo(here)

    assert plan["actions"] == []
    [finding] = plan["findings"]
    assert "OpenLDAP keeps nothing of a deleted entry" in finding["message"]["en"]
