"""What is refused before a single octet goes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncagent.connectors.ldap import connection
from syncagent.connectors.ldap.server import Address, External, Kerberos, Server, Simple, addresses
from syncagent.connectors.ldap.session import open_session
from syncagent.errors import Misconfigured
from syncagent.trust.secret import Secret

AGENT = Simple("cn=agent,dc=vn", Secret("a password"))
NOWHERE = "ldaps://192.0.2.1"  # RFC 5737: nobody is there, so whoever asks would wait


@pytest.mark.parametrize("password", ["", " ", "\0", "\t\n"])
def test_an_empty_password_is_refused(password: str) -> None:
    """A name without a password would be bound as nobody, with success (RFC 4513 §5.1.2)."""
    with (
        pytest.raises(Misconfigured, match="empty"),
        open_session(Server((NOWHERE,)), Simple("cn=agent", Secret(password))),
    ):
        raise AssertionError


def test_an_empty_name_is_refused() -> None:
    """A password without a name would be nobody's."""
    with pytest.raises(Misconfigured, match="empty"):
        addresses(Server((NOWHERE,)), Simple(" ", Secret("a password")))


@pytest.mark.parametrize(
    "url",
    ["dc1", "http://dc1", "ldap://dc1", "ldaps://", "ldaps://dc1/dc=vn", "ldaps://dc1:x", "ldaps://a@dc1", "ldaps://[::1"],
)  # fmt: skip
def test_a_server_is_an_encrypted_place(url: str) -> None:
    """A URL that is malformed, or would send anything in the clear, is refused."""
    with pytest.raises(Misconfigured) as caught:
        addresses(Server((url,)), AGENT)
    assert caught.value.where == url


def test_no_server_at_all_is_refused() -> None:
    """A directory needs a server."""
    with pytest.raises(Misconfigured, match="no directory server"):
        addresses(Server(()), AGENT)


def test_ldap_without_a_scheme_of_its_own_needs_start_tls() -> None:
    """ldap:// is allowed if nothing is said before TLS is started."""
    assert addresses(Server(("ldap://dc1",), start_tls=True), AGENT) == (
        Address("ldap://dc1", "dc1", 389, is_tls=False),
    )


def test_ports_and_sockets_are_understood() -> None:
    """Default ports, named ports, IPv6 and the ways to write a local socket."""
    urls = ("ldaps://dc1", "LDAPS://dc1:6360/", "ldaps://[::1]", "ldapi://%2Frun%2Fx/", "ldapi:///run/x", "ldapi://")

    found = [(one.host, one.port, one.socket) for one in addresses(Server(urls), AGENT)]

    default = "/var/run/slapd/ldapi"
    assert found == [
        ("dc1", 636, ""), ("dc1", 6360, ""), ("::1", 636, ""), ("", 0, "/run/x"), ("", 0, "/run/x"), ("", 0, default)
    ]  # fmt: skip


def test_external_over_a_network_needs_a_certificate() -> None:
    """Without one the server could only say that nobody asks."""
    with pytest.raises(Misconfigured, match="client certificate"):
        addresses(Server((NOWHERE,)), External())
    assert addresses(Server(("ldapi:///run/x",)), External())


def test_kerberos_without_its_packages_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named before the network is touched."""
    monkeypatch.setattr(connection, "find_spec", lambda _: None)

    with pytest.raises(Misconfigured, match=r"syncagent\[kerberos\]"), open_session(Server((NOWHERE,)), Kerberos()):
        raise AssertionError


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_refused(tmp_path: Path, content: str | None) -> None:
    """A CA file that is missing or is no PEM is never replaced by trusting everybody."""
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(Misconfigured) as caught, open_session(Server((NOWHERE,), path), AGENT):
        raise AssertionError
    assert caught.value.where == str(path)


def test_a_password_is_never_shown() -> None:
    """Settings may appear in a log; the password may not."""
    assert "a password" not in repr(AGENT)
