"""Who gets in by the directory: passwords and groups of people, on a real Active Directory and OpenLDAP."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from servers.client import ldap
from servers.fixtures import FreshBase
from servers.samba import Samba
from servers.slapd import Slapd

from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.log_on import LogOn
from syncagent.errors import Misconfigured, Unavailable
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

_PASSWORD = "Mat.khau-cua.1"  # noqa: S105 - of servers that live as long as a test
_RIGHT = Secret(_PASSWORD)


def _on_samba(server: Samba, base: str) -> LogOn:
    """Binh is in the group through another one, Dung in none, Khoa is disabled; two people share a principal name."""
    written = base64.b64encode(f'"{_PASSWORD}"'.encode("utf-16-le")).decode()
    name = base64.b64encode("Lê Văn Bình".encode()).decode()
    people = [("binh", 512, f"displayName:: {name}\n"), ("dung", 512, ""), ("khoa", 514, "")]
    for login, state, more in people:
        ldap(
            server, "ldapadd",
            ldif=f"dn: CN={login},{base}\nobjectClass: user\nsAMAccountName: {login}\nuserPrincipalName: {login}@x.vn\n"
            f"unicodePwd:: {written}\nuserAccountControl: {state}\n{more}",
        )  # fmt: skip
    ldap(
        server, "ldapadd",
        ldif=f"dn: CN=trong,{base}\nobjectClass: group\nmember: CN=binh,{base}\n\n"
        f"dn: CN=duyet,{base}\nobjectClass: group\nmember: CN=trong,{base}\nmember: CN=khoa,{base}\n",
    )  # fmt: skip
    groups = (f"cn=duyet, {base}", f"CN=khong-co,{base}")
    return LogOn(
        Server((server.ldaps_url,), server.ca),
        Simple(server.admin, Secret(server.password)),
        "active-directory",
        base,
        groups,
    )


def _on_slapd(server: Slapd, base: str) -> LogOn:
    for login in ("binh", "dung"):
        shown = base64.b64encode("Lê Văn Bình".encode()).decode() if login == "binh" else "RHVuZw=="
        ldap(
            server, "ldapadd",
            ldif=f"dn: uid={login},{base}\nobjectClass: inetOrgPerson\nuid: {login}\ncn: {login}\nsn: {login}\n"
            f"displayName:: {shown}\nuserPassword: {_PASSWORD}\n",
        )  # fmt: skip
    ldap(
        server, "ldapadd", ldif=f"dn: cn=duyet,{base}\nobjectClass: groupOfNames\ncn: duyet\nmember: uid=binh,{base}\n"
    )
    groups = (f"cn=duyet, {base}", f"cn=khong-co,{base}")
    return LogOn(
        Server((server.ldaps_url,), server.ca), Simple(server.admin, Secret(server.password)), "openldap", base, groups
    )


@pytest.fixture(params=["samba", "slapd"])
def door(request: pytest.FixtureRequest, fresh_base: FreshBase) -> LogOn:
    """The same people on either server."""
    server = request.getfixturevalue(request.param)
    return (_on_samba if request.param == "samba" else _on_slapd)(server, fresh_base(server))


def test_a_password_opens_its_own_account_with_its_groups(door: LogOn) -> None:
    """Name, identity and groups come from the entry that was bound; case does not matter; nobody else's do."""
    binh, dung = door.enter("BINH", _RIGHT), door.enter("dung", _RIGHT)

    assert binh
    assert dung
    assert (binh.login, binh.name) == ("binh", "Lê Văn Bình")
    assert [group.partition(",")[0] for group in binh.groups] == ["cn=duyet"]
    assert dung.groups == frozenset()
    assert binh.guid != dung.guid
    assert door.look("binh") == binh


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("binh", "sai"), ("binh", ""), ("binh", " "), ("binh", "\0"), ("khong-ai", _PASSWORD), ("", _PASSWORD),
        ("*", _PASSWORD), ("bin*", _PASSWORD), ("binh)(|(cn=*", _PASSWORD), ("binh)(!(cn=x", _PASSWORD),
        ("x\\2a", _PASSWORD), ("a" * 257, _PASSWORD), ("binh\n", _PASSWORD), ("khoa", _PASSWORD),
    ],
)  # fmt: skip
def test_nothing_else_opens_anything(door: LogOn, login: str, password: str) -> None:
    """Wrong and empty passwords (RFC 4513 §5.1.2), wildcards, filters in a name, disabled accounts: nobody."""
    assert door.enter(login, Secret(password)) is None


def test_a_directory_that_does_not_answer_is_no_wrong_password(samba: Samba, fresh_base: FreshBase) -> None:
    """That the server is away, or refuses the agent's own account, is an error and no verdict on anybody."""
    base = fresh_base(samba)
    away = Server(("ldaps://127.0.0.1:1",), samba.ca, connect_timeout=1.0)
    agent = Simple(samba.admin, Secret(samba.password))
    with pytest.raises(Unavailable):
        LogOn(away, agent, "active-directory", base, ()).enter("binh", _RIGHT)
    with pytest.raises(Misconfigured):
        LogOn(
            replace(away, urls=(samba.ldaps_url,)), Simple(samba.admin, Secret("sai")), "active-directory", base, ()
        ).enter("binh", _RIGHT)
