"""A session is opened with a server that proves its name, as the account that was meant, or not at all."""

from __future__ import annotations

import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest
from servers.client import ldap, load
from servers.fixtures import FreshBase, FreshSlapd
from servers.pdu import Op, Way
from servers.pki import Authority, Certificate
from servers.place import own_address
from servers.samba import Samba
from servers.slapd import Slapd
from servers.wire import Code, Drop, Reset, Rule, Truncate, Wire

from syncagent.connectors.ldap.requests import ASSERTION, PAGED
from syncagent.connectors.ldap.server import External, Server, Simple
from syncagent.connectors.ldap.session import open_session
from syncagent.errors import Misconfigured, SyncError, Unavailable
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server


def at(place: Slapd | Samba, *urls: str, start_tls: bool = False) -> Server:
    """How to reach a server, with little patience."""
    return Server(
        urls or (place.ldaps_url,), place.ca, start_tls, connect_timeout=2, receive_timeout=2, total_timeout=20
    )


def admin(place: Slapd | Samba) -> Simple:
    return Simple(place.admin, Secret(place.password))


@contextmanager
def overheard(slapd: Slapd) -> Iterator[tuple[str, bytearray]]:
    """Stand before the plain port of a server, and give the URL of this place and what the client says there."""
    octets = bytearray()
    with socket.socket() as listener:
        listener.bind((slapd.address, 0))
        listener.listen()
        port = listener.getsockname()[1]

        def pass_on() -> None:
            url = urlsplit(slapd.ldap_url)
            with listener.accept()[0] as caller, socket.create_connection((url.hostname, url.port)) as server:
                while True:
                    ready, _, _ = select.select((caller, server), (), ())
                    for end in ready:
                        block = end.recv(65536)
                        if not block:
                            return
                        if end is caller:
                            octets.extend(block)
                        (server if end is caller else caller).sendall(block)

        relay = threading.Thread(target=pass_on)
        relay.start()
        yield f"ldap://{slapd.address}:{port}", octets
        relay.join()


def client_certificate(authority: Authority, folder: Path) -> tuple[Path, Path]:
    """A certificate for the agent as a client, and its key."""
    certificate, key, request, extensions = (folder / f"client.{end}" for end in ("pem", "key", "csr", "ext"))
    extensions.write_text("extendedKeyUsage = clientAuth\n", encoding="utf-8")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=syncagent")
    signer = ("-CA", authority.path, "-CAkey", authority.path.with_name("ca.key"), "-CAcreateserial")
    for command in (
        ("req", *new, "-keyout", key, "-out", request),
        ("x509", "-req", "-in", request, *signer, "-days", "2", "-extfile", extensions, "-out", certificate),
    ):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True, timeout=60)
    return certificate, key


@contextmanager
def deaf() -> Iterator[str]:
    """Listen, and never say a word."""
    with own_address() as address, socket.socket() as listener:
        listener.bind((address, 0))
        listener.listen()
        yield f"{address}:{listener.getsockname()[1]}"


def refusal(server: Server, bind: Simple | External) -> SyncError:
    """The error with which a session is not opened."""
    with pytest.raises(SyncError) as caught, open_session(server, bind):
        raise AssertionError
    return caught.value


# ── who is there ──


def test_openldap_says_who_we_are(slapd: Slapd) -> None:
    """LDAPS, a simple bind, and the identity as the server sees it (RFC 4532)."""
    with open_session(at(slapd), admin(slapd)) as session:
        assert session.identity == f"dn:{slapd.admin}"
        assert slapd.base_dn in session.root_dse["namingContexts"]
        assert session.supports(ASSERTION)
        assert session.supports(PAGED)


def test_active_directory_is_opened_by_a_principal_name(samba: Samba) -> None:
    """Samba does not say who we are; that it lets us read is the proof."""
    with open_session(at(samba), admin(samba)) as session:
        assert session.identity == samba.admin
        assert session.root_dse["defaultNamingContext"] == (samba.base_dn,)
        assert int(session.root_dse["highestCommittedUSN"][0])
        assert not session.supports(ASSERTION)


@pytest.mark.parametrize("kind", ["slapd", "samba"])
def test_start_tls_before_anything_else(kind: str, request: pytest.FixtureRequest) -> None:
    """On the plain port TLS is started before the bind."""
    place = request.getfixturevalue(kind)

    with open_session(at(place, place.ldap_url, start_tls=True), admin(place)) as session:
        assert session.url == place.ldap_url


def test_nothing_is_sent_in_the_clear(slapd: Slapd) -> None:
    """On the plain port only the request for TLS can be read on the way; not the name, not the password."""
    with overheard(slapd) as (url, octets):
        with open_session(at(slapd, url, start_tls=True), admin(slapd)) as session:
            assert session.find(slapd.base_dn)

        assert b"1.3.6.1.4.1.1466.20037" in octets[:40]
        assert len(octets) > 500
        assert not any(word.encode() in octets for word in (slapd.password, slapd.admin, slapd.base_dn))


def test_start_tls_that_is_refused_ends_the_session(slapd: Slapd) -> None:
    """A server, or somebody between, that says no to StartTLS gets no password."""
    with own_address() as address, Wire(address, slapd.ldap_url, slapd.ca) as wire:
        wire.script(Rule(Code(2), Way.ANSWER, Op.EXTENDED_ANSWER))
        error = refusal(at(slapd, wire.ldap_url, start_tls=True), admin(slapd))

        assert type(error) is Unavailable
        assert not any(pdu.op is Op.BIND for pdu in wire.seen)


def test_the_owner_of_the_process_is_known_on_a_local_socket(slapd: Slapd) -> None:
    """SASL EXTERNAL over ldapi needs no password."""
    with open_session(at(slapd, slapd.ldapi_url), External()) as session:
        assert session.identity.startswith("dn:gidNumber=0+uidNumber=0,cn=peercred")


def test_the_holder_of_a_client_certificate_is_known(
    fresh_slapd: FreshSlapd, authority: Authority, tmp_path: Path
) -> None:
    """SASL EXTERNAL over LDAPS: the server takes us for the subject of our certificate, and nobody without one in."""
    place = fresh_slapd()
    certificate, key = client_certificate(authority, tmp_path)
    ldap(place, "ldapmodify", who="cn=config", ldif="dn: cn=config\nchangetype: modify\nreplace: olcTLSVerifyClient\n"
         "olcTLSVerifyClient: demand\n")  # fmt: skip

    with open_session(at(place), External(certificate, key)) as session:
        assert session.identity == "dn:cn=syncagent"
    assert type(refusal(at(place), admin(place))) is Unavailable


def test_a_simple_bind_works_on_a_local_socket(slapd: Slapd) -> None:
    """What never leaves the machine needs no TLS."""
    with open_session(at(slapd, slapd.ldapi_url), admin(slapd)) as session:
        assert session.identity == f"dn:{slapd.admin}"


# ── certificates ──


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (lambda authority, _, address: authority.issue(address, days=-1), "certificate has expired"),
        (lambda authority, *_: authority.issue("dc2.ninhbinh.gov.vn", "127.0.0.1"), "mismatch"),
        (lambda _, folder, address: Authority.make(folder, "Other CA").issue(address), "unable to get local issuer"),
    ],
    ids=["expired", "wrong name", "unknown authority"],
)
def test_a_certificate_that_proves_nothing_is_refused(
    slapd: Slapd, authority: Authority, tmp_path: Path, certificate: Callable[..., Certificate], words: str
) -> None:
    """Expired, for somebody else, or from somebody else: no bind, and the configuration is named."""
    with (
        own_address() as address,
        Wire(address, slapd.ldaps_url, slapd.ca, certificate(authority, tmp_path, address)) as wire,
    ):
        error = refusal(at(slapd, wire.ldap_url), admin(slapd))

        assert type(error) is Misconfigured
        assert error.where == wire.ldap_url
        assert words in error.says.vi
        assert wire.seen == []


def test_without_a_ca_file_the_system_is_asked(slapd: Slapd) -> None:
    """No CA file does not mean no check: the system does not know our authority."""
    error = refusal(replace(at(slapd), ca_file=None), admin(slapd))

    assert type(error) is Misconfigured


def test_old_tls_is_refused(slapd: Slapd, authority: Authority) -> None:
    """A server that speaks nothing newer than TLS 1.1 is not spoken to."""
    with own_address() as address, socket.socket() as listener:
        listener.bind((address, 0))
        listener.listen()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue(address))
        context.set_ciphers("ALL:@SECLEVEL=0")
        versions: list[str | None] = []

        def serve() -> None:
            with listener.accept()[0] as caller, pytest.raises(OSError, match=r"(?i)version|alert|protocol"):
                versions.append(context.wrap_socket(caller, server_side=True).version())

        with pytest.warns(DeprecationWarning, match="TLSv1"):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            context.minimum_version = ssl.TLSVersion.TLSv1
        server = threading.Thread(target=serve)
        server.start()
        error = refusal(at(slapd, f"ldaps://{address}:{listener.getsockname()[1]}"), admin(slapd))
        server.join()

        assert type(error) in {Misconfigured, Unavailable}
        assert versions == []


# ── accounts ──


@pytest.mark.parametrize("kind", ["slapd", "samba"])
def test_a_wrong_password_is_refused_once(kind: str, request: pytest.FixtureRequest) -> None:
    """The other servers are not tried: each try counts towards the lock."""
    place = request.getfixturevalue(kind)
    with own_address() as address, Wire(address, place.ldaps_url, place.ca) as wire:
        error = refusal(
            at(place, place.ldaps_url, wire.ldap_url.replace("ldap://", "ldaps://")), Simple(place.admin, Secret("x1"))
        )

        assert type(error) is Misconfigured
        assert error.where == place.ldaps_url
        assert "wrong name or password" in error.says.en or "invalidCredentials" in error.says.en
        assert wire.seen == []


def test_an_account_that_is_locked_is_named(samba: Samba, fresh_base: FreshBase) -> None:
    """Active Directory's reason in the diagnostic is told: the account is disabled, not the password wrong."""
    base = fresh_base(samba)
    load(samba, f"dn: CN=agent,{base}\nobjectClass: user\nsAMAccountName: agent-off\nuserAccountControl: 514\n")

    error = refusal(at(samba), Simple(f"agent-off@{samba.realm}", Secret("Passw0rd.Lab1")))

    assert type(error) is Misconfigured
    assert "disabled" in error.says.en or "wrong name" in error.says.en


def test_whoever_we_are_is_compared_as_names_are(slapd: Slapd) -> None:
    """The identity after the bind is the one that was meant, whatever its case; anybody else is refused."""
    with open_session(at(slapd), Simple(slapd.agent.upper(), Secret(slapd.password))) as session:
        assert session.identity == f"dn:{slapd.agent}"


# ── which server ──


def test_a_server_that_is_down_is_passed_over(slapd: Slapd, fresh_slapd: FreshSlapd) -> None:
    """The next one is taken, and why the first was not is told."""
    other = fresh_slapd()
    other.stop()

    with open_session(at(slapd, other.ldaps_url, slapd.ldaps_url), admin(slapd)) as session:
        assert session.url == slapd.ldaps_url
        assert [(type(error), error.where) for error in session.passed_over] == [(Unavailable, other.ldaps_url)]


def test_a_server_that_says_nothing_is_passed_over_in_time(slapd: Slapd) -> None:
    """An open port without an answer costs the time configured, no more."""
    with deaf() as silent:
        started = monotonic()
        with open_session(at(slapd, f"ldaps://{silent}", slapd.ldaps_url), admin(slapd)) as session:
            assert session.url == slapd.ldaps_url
        assert monotonic() - started < 10


def test_a_server_that_cannot_prove_its_name_is_passed_over(slapd: Slapd, authority: Authority) -> None:
    """One expired certificate does not stop the work while another server is sound."""
    with (
        own_address() as address,
        Wire(address, slapd.ldaps_url, slapd.ca, authority.issue(address, days=-1)) as wire,
        open_session(at(slapd, wire.ldap_url, slapd.ldaps_url), admin(slapd)) as session,
    ):
        assert session.url == slapd.ldaps_url
        assert type(session.passed_over[0]) is Misconfigured


def test_when_no_server_answers_all_reasons_are_told(slapd: Slapd, authority: Authority) -> None:
    """What must be edited comes first; the others stand beside it."""
    with (
        own_address() as address,
        Wire(address, slapd.ldaps_url, slapd.ca, authority.issue(address, days=-1)) as wire,
        deaf() as silent,
    ):
        error = refusal(at(slapd, f"ldaps://{silent}", wire.ldap_url), admin(slapd))

        assert (type(error), error.where) == (Misconfigured, wire.ldap_url)
        assert [(type(other), other.where) for other in error.also] == [(Unavailable, f"ldaps://{silent}")]


@pytest.mark.parametrize("fault", [Drop(), Reset(), Truncate(1), Truncate(9), Code(51), Code(52)])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_fault_while_opening_never_opens_a_session(
    slapd: Slapd, authority: Authority, fault: Drop | Reset | Truncate | Code, number: int
) -> None:
    """Bind, root DSE, identity: whichever answer is spoilt, there is no session."""
    with own_address() as address, Wire(address, slapd.ldaps_url, slapd.ca, authority.issue(address)) as wire:
        ops = {1: Op.BOUND, 2: Op.DONE, 3: Op.EXTENDED_ANSWER}
        wire.script(Rule(fault, Way.ANSWER, ops[number]))
        error = refusal(at(slapd, wire.ldap_url), admin(slapd))

        assert isinstance(error, SyncError)


def test_a_bind_that_answers_a_little_at_a_time_is_cut_off(slapd: Slapd, authority: Authority) -> None:
    """ldap3 waits anew for every octet; the whole opening still ends."""
    with own_address() as address, socket.socket() as listener:
        listener.bind((address, 0))
        listener.listen()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*authority.issue(address))
        ended = threading.Event()

        def drip() -> None:
            with listener.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as caller:
                caller.recv(1000)
                caller.sendall(b"\x30\x84\x00\x00\x10\x00")
                while not ended.wait(0.3):
                    try:
                        caller.sendall(b"\x02")
                    except OSError:
                        return

        server = threading.Thread(target=drip)
        server.start()
        started = monotonic()
        error = refusal(at(slapd, f"ldaps://{address}:{listener.getsockname()[1]}"), admin(slapd))
        ended.set()
        server.join()

        assert type(error) is Unavailable
        assert monotonic() - started < 8


def test_leaving_is_said(slapd: Slapd, authority: Authority) -> None:
    """A session ends with an unbind, so that a server need not wait for us."""
    with own_address() as address, Wire(address, slapd.ldaps_url, slapd.ca, authority.issue(address)) as wire:
        with open_session(at(slapd, wire.ldap_url), admin(slapd)):
            pass
        ldap(slapd, "ldapwhoami", url=wire.ldap_url)

        assert [pdu.op for pdu in wire.seen if pdu.way is Way.REQUEST][:4] == [
            Op.BIND, Op.SEARCH, Op.EXTENDED, Op.UNBIND
        ]  # fmt: skip
