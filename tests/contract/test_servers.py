"""The servers the other tests rely on are what they say: real, of one's own, verified, with the rules of the law."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from servers import crowd
from servers.client import Server, ldap, load
from servers.fixtures import FreshBase, FreshSamba, FreshSlapd
from servers.place import own_address
from servers.samba import Samba
from servers.samba_template import Template
from servers.slapd import Slapd

from syncagent.sample.accounts import Entry

pytestmark = pytest.mark.server

MAIL = "hoatt.snv@ninhbinh.gov.vn"
PASSWORD = "Mat.khau.2026"  # noqa: S105 - of a server that lives as long as a test
NEW_PASSWORD = "Mat.khau.2027"  # noqa: S105 - same
SHOW_DELETED = ("-E", "!1.2.840.113556.1.4.417")


def _user(base: str) -> Entry:
    return Entry(
        f"CN=hoatt,{base}",
        {
            "objectClass": ("top", "person", "organizationalPerson", "user"),
            "sAMAccountName": ("hoatt",),
            "userPrincipalName": (MAIL,),
            "displayName": ("Trần Thị Hòa",),
            "title": ("Chuyên viên",),
            "mail": (MAIL,),
            "proxyAddresses": (f"SMTP:{MAIL}",),
            "mailNickname": ("hoatt",),
            "mDBOverHardQuotaLimit": ("2097152",),
            "msExchGenericForwardingAddress": ("smtp:hoa@example.vn",),
            "extensionAttribute15": ("x",),
            "userAccountControl": ("512",),
            "unicodePwd": (f'"{PASSWORD}"'.encode("utf-16-le"),),
        },
    )


def _person(base: str) -> Entry:
    return Entry(
        f"uid=hoatt,{base}",
        {
            "objectClass": ("inetOrgPerson", "obmUser"),
            "uid": ("hoatt",),
            "cn": ("Trần Thị Hòa",),
            "sn": ("Trần Thị",),
            "mail": (MAIL,),
            "mailAlias": ("hoa@ninhbinh.gov.vn",),
            "mailBox": ("hoatt@ninhbinh.gov.vn",),
            "mailAccess": ("PERMIT",),
            "hiddenUser": ("FALSE",),
            "userPassword": (PASSWORD,),
        },
    )


def _account(server: Server, base: str) -> Entry:
    return _user(base) if isinstance(server, Samba) else _person(base)


def _found(server: Server, base: str, condition: str = f"(mail={MAIL})", *words: str) -> str:
    found = ldap(server, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", *words, "-b", base, condition, "*", "+")
    return re.sub(r"^# refldaps:.*\n\n", "", found, flags=re.MULTILINE)


@pytest.fixture(params=["samba", "slapd"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two shared servers."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["samba", "slapd"])
def fresh(request: pytest.FixtureRequest) -> Samba | Slapd:
    """Each of the two servers, new."""
    start: FreshSamba | FreshSlapd = request.getfixturevalue(f"fresh_{request.param}")
    return start()


def test_a_user_is_created_found_and_deleted(server: Server, fresh_base: FreshBase) -> None:
    """Both take an account with the attributes of its mail system, show it, and let it go."""
    base = fresh_base(server)
    entry = _account(server, base)

    load(server, [entry])

    found = _found(server, base)
    assert found.lower().startswith(f"dn: {entry.dn}".lower())
    firsts = {name: values[0] for name, values in entry.attributes.items()}
    del firsts["objectClass"], firsts["unicodePwd" if isinstance(server, Samba) else "userPassword"]
    plain = {f"{name}: {value!s}" for name, value in firsts.items() if value.isascii()}
    assert plain <= set(found.splitlines())
    ldap(server, "ldapdelete", entry.dn)
    assert _found(server, base) == ""


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_an_empty_base_of_its_own(server: Server, fresh_base: FreshBase, time: str) -> None:
    """Log-ins and addresses, unique on the whole server, are free again when a test has ended: this runs twice."""
    base, other = fresh_base(server), fresh_base(server)

    load(server, [_account(server, base)])

    assert (base != other, time) == (True, time)
    assert [line.lower() for line in _found(server, server.base_dn).splitlines() if line.startswith("dn: ")] == [
        f"dn: {_account(server, base).dn}".lower()
    ]


def test_nobody_binds_in_the_clear(server: Samba | Slapd) -> None:
    """A password over plain LDAP is refused: 8 strongerAuthRequired by Samba, 13 confidentialityRequired by slapd."""
    code = 8 if isinstance(server, Samba) else 13

    ldap(server, "ldapsearch", "-b", "", "-s", "base", url=server.ldap_url, code=code)


def test_what_was_written_outlives_a_stop_and_a_kill(fresh: Samba | Slapd) -> None:
    """A server that ended, by its operator or by a power cut, comes back at its address with what it was told."""
    load(fresh, [_account(fresh, fresh.base_dn)])

    for end in (fresh.stop, fresh.kill):
        end()
        assert not fresh.runs()
        fresh.restart()
        assert fresh.runs()
        assert _found(fresh, fresh.base_dn) != ""


def test_a_copy_of_the_database_brings_the_past_back(fresh: Samba | Slapd, tmp_path: Path) -> None:
    """A server restored from a snapshot does not know what came after it; a running one is not copied."""
    with pytest.raises(RuntimeError, match="stop the server first"):
        fresh.copy_database(tmp_path / "copy")
    fresh.stop()
    fresh.copy_database(tmp_path / "copy")
    fresh.restart()
    load(fresh, [_account(fresh, fresh.base_dn)])
    fresh.stop()

    fresh.restore_database(tmp_path / "copy")

    fresh.restart()
    assert _found(fresh, fresh.base_dn) == ""


def _highest_usn(server: Samba) -> int:
    found = ldap(server, "ldapsearch", "-LLL", "-b", "", "-s", "base", "(objectClass=*)", "highestCommittedUSN")
    return int(found.split("highestCommittedUSN: ")[1].split()[0])


def test_a_restored_samba_lives_through_the_same_numbers_again(fresh_samba: FreshSamba, tmp_path: Path) -> None:
    """USN rollback: after the restore, other changes get the update numbers that were already given out."""
    server = fresh_samba()
    server.stop()
    server.copy_database(tmp_path / "copy")
    server.restart()
    before = _highest_usn(server)
    load(server, [_user(server.base_dn)])
    after = _highest_usn(server)
    server.stop()

    server.restore_database(tmp_path / "copy")

    server.restart()
    assert before <= _highest_usn(server) < after


@pytest.mark.parametrize(("template", "kept"), [(Template.RECYCLE_BIN, True), (Template.PLAIN, False)])
def test_what_a_deleted_entry_keeps(fresh_samba: FreshSamba, template: Template, *, kept: bool) -> None:
    """With the Recycle Bin a deleted account keeps its attributes, without it most are gone (MS-ADTS 3.1.1.5.5)."""
    server = fresh_samba(template)
    load(server, [_user(server.base_dn)])

    ldap(server, "ldapdelete", f"CN=hoatt,{server.base_dn}")

    deleted = _found(server, server.base_dn, "(sAMAccountName=hoatt)", *SHOW_DELETED)
    assert "isDeleted: TRUE" in deleted
    assert (f"mail: {MAIL}" in deleted, "isRecycled: TRUE" in deleted) == (kept, not kept)


def test_two_sambas_run_side_by_side(fresh_samba: FreshSamba) -> None:
    """Each has its address and its entries."""
    first, second = fresh_samba(), fresh_samba()

    load(first, [_user(first.base_dn)])

    assert first.address != second.address
    assert (_found(first, first.base_dn) != "", _found(second, second.base_dn)) == (True, "")


def test_an_address_that_is_held_is_not_given_twice() -> None:
    """Servers of other workers and checkouts never get an address that is in use."""
    with own_address() as first:
        with own_address() as second:
            assert first != second

        with own_address() as third:
            assert third == second


HOST = """
import sys, time
from pathlib import Path
from servers.daemon import Daemon

address = sys.argv[1]
Daemon((sys.executable, "-m", "http.server", "--bind", address, "8099"), (address, 8099), Path("log")).start()
print("started", flush=True)
time.sleep(60)
"""


def test_a_server_dies_with_the_one_who_started_it(tmp_path: Path) -> None:
    """A worker that is killed leaves no server behind."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with own_address() as address:
        command = [sys.executable, "-c", HOST, address]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as host:
            assert host.stdout is not None
            assert host.stdout.readline() == "started\n"

            host.kill()
        until = time.monotonic() + 5
        while time.monotonic() < until and _listens(address, 8099):
            time.sleep(0.01)

        assert not _listens(address, 8099)


def _listens(address: str, port: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex((address, port)) == 0


def test_a_kerberos_log_on_is_evidence_of_use_and_a_bind_is_not(samba: Samba, fresh_base: FreshBase) -> None:
    """LastLogon counts Kerberos log-ons only; a simple bind leaves it as it was."""
    base = fresh_base(samba)
    load(samba, [_user(base)])
    ldap(samba, "ldapsearch", "-b", "", "-s", "base", who=MAIL, password=PASSWORD)
    bound = _found(samba, base)

    samba.log_on("hoatt", PASSWORD)

    assert "lastLogon: 0\n" in bound
    assert re.search(r"^lastLogon: 1\d{17}$", _found(samba, base), re.MULTILINE)


def test_a_password_can_be_changed_at_once_and_does_not_expire(samba: Samba) -> None:
    """The policy of the laboratory does not get in the way of tests."""
    policy = _found(samba, samba.base_dn, "(objectClass=*)", "-s", "base")

    assert {"minPwdAge: 0", "maxPwdAge: -9223372036854775808", "pwdProperties: 1"} <= set(policy.splitlines())


def test_the_agent_must_ask_for_pages(slapd: Slapd, fresh_base: FreshBase) -> None:
    """Who reads more than 500 entries at once is stopped (4 sizeLimitExceeded), who asks for pages gets all."""
    base = fresh_base(slapd)
    load(
        slapd, (Entry(f"ou={n},{base}", {"objectClass": ("organizationalUnit",), "ou": (f"{n}",)}) for n in range(600))
    )
    search = ("ldapsearch", "-LLL", "-b", base, "-s", "one")

    ldap(slapd, *search, "(ou=*)", "1.1", who=slapd.agent, code=4)
    paged = ldap(slapd, *search, "-E", "pr=200/noprompt", "(ou=*)", "1.1", who=slapd.agent)

    assert paged.count("dn: ") == 600


def test_slapd_keeps_the_rules_of_a_site(slapd: Slapd, fresh_base: FreshBase) -> None:
    """Addresses are unique, passwords have a history; last use, memberships and changes are written down."""
    base = fresh_base(slapd)
    person = _person(base)
    group = Entry(f"cn=g,{base}", {"objectClass": ("groupOfNames",), "cn": ("g",), "member": (person.dn,)})
    double = Entry(f"cn=s,{base}", {"objectClass": ("obmMailShare",), "cn": ("s",), "mail": (MAIL,)})
    load(slapd, [person, group])

    with pytest.raises(RuntimeError, match="non-unique attributes found"):
        load(slapd, [double])
    ldap(slapd, "ldappasswd", "-a", PASSWORD, "-s", NEW_PASSWORD, who=person.dn, password=PASSWORD)
    with pytest.raises(RuntimeError, match="Password is in history"):
        ldap(slapd, "ldappasswd", "-a", NEW_PASSWORD, "-s", PASSWORD, who=person.dn, password=NEW_PASSWORD)

    found = _found(slapd, base)
    assert f"memberOf: {group.dn}".lower() in found.lower()
    assert re.search(r"^pwdLastSuccess: \d{14}", found, re.MULTILINE)
    assert person.dn.lower() in _found(slapd, "cn=accesslog", f"(reqDN={person.dn})").lower()


@pytest.mark.parametrize(
    ("mapping", "stamp"), [("active-directory", "msDS-cloudExtensionAttribute20"), ("openldap", "description")]
)
def test_a_province_lives_on_either_server(
    fresh_samba: FreshSamba, fresh_slapd: FreshSlapd, mapping: str, stamp: str
) -> None:
    """Benchmarks find every account of the sample, with its address and its stamp, beside the roster it came with."""
    entries = [entry.attributes for entry in crowd.province(mapping, 120).entries]
    accounts = [entry for entry in entries if entry["objectClass"][-1] in {"user", "obmUser"}]
    server: Server = (
        fresh_samba(crowd.of_samba(120)) if mapping == "active-directory" else fresh_slapd(tree=crowd.of_slapd(120))
    )

    shown = _found(server, f"OU=Mail,{server.base_dn}", "(|(objectClass=user)(objectClass=inetOrgPerson))").splitlines()

    assert len(accounts) > 120
    for name in ("mail", stamp):
        expected = sorted(f"{name}: {value!s}" for entry in accounts for value in entry.get(name, ()))
        assert sorted(line for line in shown if line.startswith(f"{name}: ")) == expected
