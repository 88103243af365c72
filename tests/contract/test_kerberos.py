"""The agent's account is bound by a Kerberos ticket instead of a password (RFC 4752), with the extra `kerberos`."""

from __future__ import annotations

import os
import socket
import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers.client import load
from servers.fixtures import FreshBase
from servers.samba import Samba
from servers.samba_template import HOST, REALM

from syncagent.connectors.ldap import connection
from syncagent.connectors.ldap.server import Kerberos, Server, Simple
from syncagent.connectors.ldap.session import open_session
from syncagent.errors import Misconfigured
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

NAME = f"{HOST}.{REALM}"
PASSWORD = "Kerberos.Lab-2026"  # noqa: S105 - of an account that lives as long as a test
Enlist = Callable[[str], Kerberos]


@pytest.fixture
def named(samba: Samba, monkeypatch: pytest.MonkeyPatch) -> None:
    """The domain controller's name, as the domain's name server would tell it: tickets are for names."""
    known = socket.getaddrinfo

    def told(host: Any, *words: Any, **more: Any) -> Any:
        return known(samba.address if host == NAME else host, *words, **more)

    monkeypatch.setattr(socket, "getaddrinfo", told)
    monkeypatch.setenv("KRB5_CONFIG", str(samba.krb5_conf()))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{samba.folder}/nobody.ccache")


@pytest.fixture
def enlist(samba: Samba, fresh_base: FreshBase) -> Enlist:
    """Make an account for the agent, and its key table."""
    base = fresh_base(samba)

    def make(login: str) -> Kerberos:
        secret = f'"{PASSWORD}"'.encode("utf-16-le")
        load(
            samba,
            f"dn: CN={login},{base}\nobjectClass: user\nsAMAccountName: {login}\nuserAccountControl: 512\n"
            f"userPrincipalName: {login}@{REALM}\nunicodePwd:: {b64encode(secret).decode()}\n",
        )
        return Kerberos(f"{login}@{REALM.upper()}", samba.keytab(login, PASSWORD))

    return make


def whoever_asks(samba: Samba, bind: Kerberos, url: str = f"ldaps://{NAME}") -> set[bytes]:
    """Whom the server takes somebody for: the account and its groups (MS-ADTS 3.1.1.3.2.30)."""
    with open_session(Server((url,), samba.ca, start_tls=True), bind) as session:
        found = session.find("", ("tokenGroups",))
        assert session.identity == bind.principal
    return set(found.attributes["tokenGroups"]) if found else set()


def sid(samba: Samba, login: str) -> bytes:
    with open_session(Server((samba.ldaps_url,), samba.ca), Simple(samba.admin, Secret(samba.password))) as session:
        (found,) = session.read(samba.base_dn, f"(sAMAccountName={login})", ("objectSid",))
    return found.attributes["objectSid"][0]


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("url", "login"), [(f"ldaps://{NAME}", "krb-ldaps"), (f"ldap://{NAME}", "krb-tls")], ids=["LDAPS", "StartTLS"]
)
def test_a_key_table_opens_a_session(samba: Samba, enlist: Enlist, url: str, login: str) -> None:
    """A ticket for the server's name, inside TLS and bound to it (RFC 5929): the server takes us for the account."""
    bind = enlist(login)

    assert sid(samba, login) in whoever_asks(samba, bind, url)


@pytest.mark.usefixtures("named")
def test_a_ticket_at_hand_opens_a_session(
    samba: Samba, enlist: Enlist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key table whoever has logged on with `kinit` is meant."""
    principal = enlist("krb-kinit").principal
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/tickets")
    subprocess.run(["kinit", principal], input=f"{PASSWORD}\n", text=True, env=os.environ, timeout=30, check=True)

    assert sid(samba, "krb-kinit") in whoever_asks(samba, Kerberos(principal))


@pytest.mark.usefixtures("named")
def test_a_key_table_of_an_old_password_is_named(samba: Samba, enlist: Enlist) -> None:
    """Whoever set a new password and forgot the key table is told where to look; no password is asked for."""
    bind = enlist("krb-old")
    samba.keytab("krb-old", "Kerberos.Lab-2025")

    with pytest.raises(Misconfigured, match="keytab") as caught:
        whoever_asks(samba, bind)

    assert caught.value.where == f"ldaps://{NAME}"


def test_without_the_extra_it_is_named(samba: Samba, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the packages are not installed, nothing is sent, and the message says what to install."""
    monkeypatch.setattr(connection, "find_spec", lambda _: None)

    with (
        pytest.raises(Misconfigured, match=r"syncagent\[kerberos\]"),
        open_session(Server((samba.ldaps_url,), samba.ca), Kerberos()),
    ):
        raise AssertionError
