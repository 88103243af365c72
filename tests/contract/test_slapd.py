"""The real OpenLDAP of Debian: what its ldapsearch writes is read, what we write its slapadd and ldapadd take.

The server is configured as a site's is; nothing outside the test's folder is touched.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers.client import ldap
from servers.fixtures import FreshSlapd
from servers.slapd import SUFFIX, Slapd

from syncagent.core.action import ActionKind
from syncagent.core.outcome import Result
from syncagent.core.stamp import State
from syncagent.errors import Doubtful
from syncagent.mapping.directory import read_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contract.conftest import Desk

    from syncagent.core.directory import Directory

pytestmark = pytest.mark.server

MAPPING = Path(__file__).parents[2] / "mappings/directories/openldap.yaml"

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


def _search(server: Slapd, *options: str, code: int = 0) -> str:
    return ldap(server, "ldapsearch", "-b", SUFFIX, *options, "(objectClass=*)", "*", "+", code=code)


@pytest.fixture
def server(fresh_slapd: FreshSlapd) -> Slapd:
    return fresh_slapd(tree=TREE)


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
    server: Slapd, tmp_path: Path, desk_over: Callable[[Path], Desk], options: Sequence[str]
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


def test_an_export_that_ended_early_is_doubtful(
    server: Slapd, tmp_path: Path, desk_over: Callable[[Path], Desk]
) -> None:
    """A size limit is seen in what ldapsearch writes (F3)."""
    part = _kept(tmp_path / "part.ldif", _search(server, "-z", "3", code=4))

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
    server: Slapd,
    fresh_slapd: FreshSlapd,
    tmp_path: Path,
    desk_over: Callable[[Path], Desk],
    options: Sequence[str],
) -> None:
    """A file we changed loads into a new server, and that server's export shows the same accounts."""
    desk = desk_over(_kept(tmp_path / "directory.ldif", _search(server, *options)))
    _lived(desk)
    expected = desk.opened().read()
    text = (tmp_path / "directory.ldif").read_text(encoding="utf-8").partition("# search result")[0]
    second = fresh_slapd(tree="")
    second.stop()

    second.slapadd(text, "-u")
    second.slapadd(text)

    second.restart()
    found = desk_over(_kept(tmp_path / "third.ldif", _search(second))).opened().read()
    assert sorted(found.accounts, key=str) == sorted(expected.accounts, key=str)
    assert (found.names, found.containers) == (expected.names, expected.containers)
    assert [account.address for account in found.accounts if account.stamp] != []


def test_what_we_write_is_taken_by_ldapadd(server: Slapd, tmp_path: Path, desk_over: Callable[[Path], Desk]) -> None:
    """The new entries of a file can be added to the running server as they are, identities included."""
    path = _kept(tmp_path / "directory.ldif", _search(server, "-LLL"))
    before = path.read_text(encoding="utf-8")
    desk = desk_over(path)
    create = desk.create("P1", "Nguyễn Ngọc Thành", "thanhnn")
    desk.apply(create)
    added = path.read_text(encoding="utf-8").removeprefix(before)

    ldap(server, "ldapadd", "-e", "!relax", ldif=added)

    found = desk_over(_kept(tmp_path / "again.ldif", _search(server))).account("P1")
    assert found == desk.account("P1")
    assert found.stamp == create.stamp
