"""The real OpenLDAP of Debian: what its ldapsearch writes is read, what we write its slapadd and ldapadd take.

A throw-away server on loopback with a configuration of its own; nothing outside the test's folder is touched.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from syncagent.core.action import ActionKind
from syncagent.core.outcome import Result
from syncagent.core.stamp import State
from syncagent.errors import Doubtful
from syncagent.mapping.directory import read_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from contract.conftest import Desk

    from syncagent.core.directory import Directory

pytestmark = pytest.mark.server

ENVIRONMENT = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LDAPNOINIT": "1"}
MAPPING = Path(__file__).parents[2] / "mappings/directories/openldap.yaml"
SUFFIX = "dc=ninhbinh,dc=gov,dc=vn"
ADMIN = f"cn=admin,{SUFFIX}"

CONFIG = """\
dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: {folder}/pid

dn: cn=module{{0}},cn=config
objectClass: olcModuleList
cn: module{{0}}
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb
olcModuleLoad: ppolicy

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file:///etc/ldap/schema/core.ldif
include: file:///etc/ldap/schema/cosine.ldif
include: file:///etc/ldap/schema/inetorgperson.ldif

dn: cn=mail,cn=schema,cn=config
objectClass: olcSchemaConfig
cn: mail
olcAttributeTypes: ( 1.3.6.1.4.1.32473.1.1 NAME 'mailAlias' EQUALITY caseIgnoreIA5Match
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
olcAttributeTypes: ( 1.3.6.1.4.1.32473.1.2 NAME 'mailAccess' EQUALITY caseIgnoreIA5Match
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
olcObjectClasses: ( 1.3.6.1.4.1.32473.2.1 NAME 'obmUser' SUP top AUXILIARY MAY ( mailAlias $ mailAccess ) )

dn: olcDatabase={{1}}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {{1}}mdb
olcSuffix: {suffix}
olcRootDN: {admin}
olcRootPW: secret
olcDbDirectory: {folder}/data
olcDbNoSync: TRUE

dn: olcOverlay={{0}}ppolicy,olcDatabase={{1}}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcPPolicyConfig
olcOverlay: {{0}}ppolicy
"""

TREE = f"""\
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: ninhbinh
o: Tỉnh Ninh Bình

dn: ou=Mail,{SUFFIX}
objectClass: organizationalUnit
ou: Mail

dn: ou=snv,ou=Mail,{SUFFIX}
objectClass: organizationalUnit
ou: snv

dn: cn=tintuc,ou=Mail,{SUFFIX}
objectClass: groupOfNames
cn: tintuc
member: uid=hoatt,ou=snv,ou=Mail,{SUFFIX}

dn: uid=hoatt,ou=snv,ou=Mail,{SUFFIX}
objectClass: inetOrgPerson
objectClass: obmUser
uid: hoatt
cn: Trần Thị Hòa
sn: Trần Thị
displayName: Trần Thị Hòa, Phó Trưởng phòng Tổ chức cán bộ của Sở Nội vụ tỉnh Ninh Bình
mail: hoatt.snv@ninhbinh.gov.vn
mailAlias: hoa@ninhbinh.gov.vn
mailAccess: PERMIT
description: Tầng 2
pwdAccountLockedTime: 000001010000Z

dn: uid=nghiemdq,ou=snv,ou=Mail,{SUFFIX}
objectClass: inetOrgPerson
uid: nghiemdq
cn: Đỗ Quang Nghiêm
cn:  có dấu cách ở đầu
sn: Đỗ Quang
"""


def _run(*command: str | Path, expected: int = 0) -> str:
    ended = subprocess.run(
        [str(word) for word in command], env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == expected, ended.stderr
    return ended.stdout


def _made(folder: Path) -> Path:
    """A server's folder with its configuration and an empty database."""
    for part in ("slapd.d", "data"):
        (folder / part).mkdir(parents=True)
    config = folder / "config.ldif"
    config.write_text(CONFIG.format(folder=folder, suffix=SUFFIX, admin=ADMIN), encoding="utf-8")
    _run("slapadd", "-q", "-n", "0", "-F", folder / "slapd.d", "-l", config)
    return folder


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    """Run the server of a folder on loopback and give its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    url = f"ldap://127.0.0.1:{port}/"
    server = subprocess.Popen(
        ["slapd", "-F", str(folder / "slapd.d"), "-h", url, "-d", "0"], env=ENVIRONMENT, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(400):
            assert server.poll() is None, "slapd ended"
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


def _search(url: str, *options: str, expected: int = 0) -> str:
    bind = ("-x", "-H", url, "-D", ADMIN, "-w", "secret", "-b", SUFFIX)
    return _run("ldapsearch", *bind, *options, "(objectClass=*)", "*", "+", expected=expected)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    folder = _made(tmp_path / "server")
    tree = tmp_path / "tree.ldif"
    tree.write_text(TREE, encoding="utf-8")
    _run("slapadd", "-q", "-n", "1", "-F", folder / "slapd.d", "-l", tree)
    with _running(folder) as url:
        yield url


@pytest.fixture
def directory() -> Directory:
    return read_directory(MAPPING.read_text(encoding="utf-8"), MAPPING.name)


def _kept(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-L",),
        ("-LL",),
        ("-LLL",),
        ("-E", "pr=2/noprompt"),
        ("-LLL", "-E", "pr=2/noprompt"),
        ("-o", "ldif-wrap=no"),
    ],
)
def test_whatever_ldapsearch_writes_is_the_same_directory(
    server: str, tmp_path: Path, desk_over: Callable[[Path], Desk], options: Sequence[str]
) -> None:
    """With comments or without, in pages, folded or not: every export reads equal."""
    first = desk_over(_kept(tmp_path / "first.ldif", _search(server, "-LLL"))).opened().read()

    found = desk_over(_kept(tmp_path / "again.ldif", _search(server, *options))).opened().read()

    assert found.accounts == first.accounts
    assert (found.names, found.containers, found.logins) == (first.names, first.containers, first.logins)
    assert len(found.names) == 6
    assert [(a.attributes["cn"][0], a.address, a.enabled) for a in found.accounts] == [
        ("Trần Thị Hòa", "hoatt.snv@ninhbinh.gov.vn", False),
        ("Đỗ Quang Nghiêm", "", True),
    ]


def test_an_export_that_ended_early_is_doubtful(server: str, tmp_path: Path, desk_over: Callable[[Path], Desk]) -> None:
    """A size limit is seen in what ldapsearch writes (F3)."""
    part = _kept(tmp_path / "part.ldif", _search(server, "-z", "3", expected=4))

    with pytest.raises(Doubtful, match="4 Size limit exceeded"):
        desk_over(part).opened().read()


def _lived(desk: Desk) -> None:
    """Put a little of everything into the file: a new account, a move with a new address, a lock, a deletion."""
    stranger = next(a for a in desk.opened().read().accounts if a.login == "nghiemdq")
    create = desk.create("P1", "Nguyễn Ngọc Thành", "thanhnn")
    assert [one.result for one in desk.apply(create, desk.create("P2", "Lê Ư", "ul"))] == [Result.DONE, Result.DONE]
    found = desk.account("P1")
    stamp = desk.marked(found, state=State.LOCKED, aliases=(desk.alias(found.address),))
    to = f"uid=thanhnn,ou=snv,{desk.base}"
    move = desk.change(ActionKind.READDRESS, found, stamp, address="thanhnn.snv@ninhbinh.gov.vn", to=to)
    adopt = desk.change(ActionKind.ADOPT, desk.stranger(), desk.stamp("P7"), key="P7", facts=desk.facts("Trần Thị Hòa"))
    outcomes = desk.apply(move, desk.delete(stranger), desk.delete(desk.account("P2")), adopt)
    assert {one.result for one in outcomes} == {Result.DONE}


@pytest.mark.parametrize("options", [(), ("-LLL",)])
def test_what_we_write_is_taken_by_slapadd(
    server: str, tmp_path: Path, desk_over: Callable[[Path], Desk], options: Sequence[str]
) -> None:
    """A file we changed loads into a new server, and that server's export shows the same accounts."""
    desk = desk_over(_kept(tmp_path / "directory.ldif", _search(server, *options)))
    _lived(desk)
    expected = desk.opened().read()
    loaded = tmp_path / "loaded.ldif"
    text = (tmp_path / "directory.ldif").read_text(encoding="utf-8")
    _kept(loaded, text.partition("# search result")[0])
    folder = _made(tmp_path / "second")

    _run("slapadd", "-u", "-n", "1", "-F", folder / "slapd.d", "-l", loaded)
    _run("slapadd", "-q", "-n", "1", "-F", folder / "slapd.d", "-l", loaded)

    with _running(folder) as url:
        found = desk_over(_kept(tmp_path / "third.ldif", _search(url))).opened().read()
    assert sorted(found.accounts, key=str) == sorted(expected.accounts, key=str)
    assert (found.names, found.containers) == (expected.names, expected.containers)
    assert [account.address for account in found.accounts if account.stamp] != []


def test_what_we_write_is_taken_by_ldapadd(server: str, tmp_path: Path, desk_over: Callable[[Path], Desk]) -> None:
    """The new entries of a file can be added to the running server as they are, identities included."""
    path = _kept(tmp_path / "directory.ldif", _search(server, "-LLL"))
    before = path.read_text(encoding="utf-8")
    desk = desk_over(path)
    create = desk.create("P1", "Nguyễn Ngọc Thành", "thanhnn")
    desk.apply(create)
    added = _kept(tmp_path / "added.ldif", path.read_text(encoding="utf-8").removeprefix(before))

    _run("ldapadd", "-x", "-H", server, "-D", ADMIN, "-w", "secret", "-e", "!relax", "-f", added)

    found = desk_over(_kept(tmp_path / "again.ldif", _search(server))).account("P1")
    assert found == desk.account("P1")
    assert found.stamp == create.stamp
