"""The faulty wire before a real slapd: a sound wire changes nothing, each fault does what it says."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

import pytest
from servers.client import ldap, load
from servers.fixtures import FreshBase
from servers.pdu import PAGED_RESULTS, Op, Pdu, Way, joined, parts, whole
from servers.pki import Authority, Certificate
from servers.place import own_address
from servers.samba import Samba
from servers.slapd import Slapd
from servers.wire import (
    Code,
    Cookie,
    Delay,
    Drop,
    Duplicate,
    LoseAnswer,
    Reorder,
    Reset,
    Rule,
    StripControls,
    Truncate,
    Wire,
)

from syncagent.sample.accounts import Entry

pytestmark = pytest.mark.server

PAGED = ("-E", "pr=2/noprompt")
_NUMBER, _OCTETS, _ENUMERATED, _SEQUENCE, _SET, _CONTROLS = 0x02, 0x04, 0x0A, 0x30, 0x31, 0xA0


@dataclass(slots=True)
class Client:
    """Speaks LDAP by itself, message by message, so that a test sees exactly what comes through."""

    stream: socket.socket
    _sent: Iterator[int] = field(default_factory=lambda: count(1))
    rest: bytearray = field(default_factory=bytearray)

    def add(self, dn: str) -> int:
        """Ask for a new organizational unit, and return the number of the message."""
        value = joined([(_OCTETS, b"objectClass"), (_SET, joined([(_OCTETS, b"organizationalUnit")]))])
        return self.send(Op.ADD, [(_OCTETS, dn.encode()), (_SEQUENCE, joined([(_SEQUENCE, value)]))])

    def search(self, base: str, size: int = 0, cookie: bytes = b"") -> int:
        """Ask for the names of what is one level below; `size` entries a page if it is not 0."""
        asked = [
            (_OCTETS, base.encode()), (_ENUMERATED, b"\1"), (_ENUMERATED, b"\0"), (_NUMBER, b"\0"), (_NUMBER, b"\0"),
            (0x01, b"\0"), (0x87, b"objectClass"), (_SEQUENCE, joined([(_OCTETS, b"1.1")])),
        ]  # fmt: skip
        page = joined([(_SEQUENCE, joined([(_NUMBER, bytes([size])), (_OCTETS, cookie)]))])
        control = joined([(_OCTETS, PAGED_RESULTS.encode()), (_OCTETS, page)])
        return self.send(Op.SEARCH, asked, [(_CONTROLS, joined([(_SEQUENCE, control)]))] if size else [])

    def send(self, op: Op, content: list[tuple[int, bytes]], controls: Sequence[tuple[int, bytes]] = ()) -> int:
        number = next(self._sent)
        message = joined([(_NUMBER, bytes([number])), (op, joined(content)), *controls])
        self.stream.sendall(joined([(_SEQUENCE, message)]))
        return number

    def answers(self) -> Iterator[Pdu]:
        """Yield the answers as they come, until the connection ends.

        Raises:
            TimeoutError: nothing came for five seconds.
        """
        self.stream.settimeout(5)
        while block := self.stream.recv(65536):
            self.rest += block
            yield from (Pdu.read(Way.ANSWER, raw) for raw in whole(self.rest))

    def results(self, number: int = 1) -> list[tuple[int, Op, int]]:
        """Return message, operation and result code of the next results."""
        found = ((pdu.message, pdu.op, pdu.code) for pdu in self.answers() if pdu.code is not None)
        return list(islice(found, number))


@pytest.fixture
def wire(slapd: Slapd, authority: Authority) -> Iterator[Wire]:
    """A wire to the shared slapd, TLS on both sides."""
    with own_address() as address, Wire(address, slapd.ldaps_url, slapd.ca, authority.issue(address)) as found:
        yield found


@pytest.fixture
def open_wire(slapd: Slapd) -> Iterator[Wire]:
    """A wire to the shared slapd, TLS on the side of the server only: the client sees what TLS would hide."""
    with own_address() as address, Wire(address, slapd.ldaps_url, slapd.ca) as found:
        yield found


@pytest.fixture
def client(slapd: Slapd, open_wire: Wire) -> Iterator[Client]:
    """A client that has bound through the open wire (message 1)."""
    with socket.create_connection((open_wire.address, open_wire.port)) as stream:
        found = Client(stream)
        name, password = slapd.agent.encode(), slapd.password.encode()
        found.send(Op.BIND, [(_NUMBER, b"\3"), (_OCTETS, name), (0x80, password)])
        assert found.results() == [(1, Op.BOUND, 0)]
        yield found


@pytest.fixture
def base(slapd: Slapd, fresh_base: FreshBase) -> str:
    """A place with five rooms in it."""
    found = fresh_base(slapd)
    load(slapd, (_room(found, f"phòng {number}") for number in range(5)))
    return found


def _room(base: str, name: str) -> Entry:
    return Entry(f"ou={name},{base}", {"objectClass": ("organizationalUnit",), "ou": (name,)})


def _search(slapd: Slapd, url: str, base: str, *options: str, code: int = 0) -> str:
    return ldap(slapd, "ldapsearch", "-LLL", *options, "-b", base, "-s", "one", url=url, code=code)


def _there(slapd: Slapd, dn: str) -> bool:
    return "dn: " in ldap(slapd, "ldapsearch", "-LLL", "-b", dn.partition(",")[2], f"({dn.partition(',')[0]})")


@pytest.mark.parametrize("options", [(), PAGED, ("-E", "sync=ro")])
def test_a_sound_wire_changes_nothing(slapd: Slapd, wire: Wire, base: str, options: tuple[str, ...]) -> None:
    """Searches, in pages or not, answer through the wire as they do without it."""
    assert _search(slapd, wire.ldap_url, base, *options) == _search(slapd, slapd.ldaps_url, base, *options)

    assert [pdu.op for pdu in wire.seen][:3] == [Op.BIND, Op.BOUND, Op.SEARCH]
    assert [pdu.code for pdu in wire.seen if pdu.op is Op.DONE][-1] == 0
    assert wire.seen[-1].op is Op.UNBIND


def test_a_wire_leads_to_samba_as_well(samba: Samba, authority: Authority) -> None:
    """Its messages are cut where they end, though it writes their lengths in another form."""
    base = f"CN=Configuration,{samba.base_dn}"
    with own_address() as address, Wire(address, samba.ldaps_url, samba.ca, authority.issue(address)) as wire:
        found = ldap(samba, "ldapsearch", "-LLL", "-E", "pr=500/noprompt", "-b", base, "1.1", url=wire.ldap_url)

    assert found == ldap(samba, "ldapsearch", "-LLL", "-E", "pr=500/noprompt", "-b", base, "1.1")
    assert {pdu.code for pdu in wire.seen} == {None, 0}
    assert len([pdu for pdu in wire.seen if pdu.op is Op.DONE]) > 2


def test_all_operations_pass(slapd: Slapd, wire: Wire, base: str) -> None:
    """Adding, changing, renaming, comparing, deleting, asking who one is: each is seen with its answer."""
    dn = f"ou=a,{base}"
    ldap(slapd, "ldapadd", ldif=f"dn: {dn}\nobjectClass: organizationalUnit\n", url=wire.ldap_url)
    ldif = f"dn: {dn}\nchangetype: modify\nreplace: l\nl: x\n"
    ldap(slapd, "ldapmodify", ldif=ldif, url=wire.ldap_url)
    ldap(slapd, "ldapcompare", dn, "l:x", url=wire.ldap_url, code=6)
    ldap(slapd, "ldapmodrdn", dn, "ou=b", url=wire.ldap_url)
    ldap(slapd, "ldapwhoami", url=wire.ldap_url)
    ldap(slapd, "ldapdelete", f"ou=b,{base}", url=wire.ldap_url)

    session = {Op.BIND, Op.BOUND, Op.UNBIND}
    assert [(pdu.op, pdu.code) for pdu in wire.seen if pdu.op not in session] == [
        (Op.ADD, None), (Op.ADDED, 0), (Op.MODIFY, None), (Op.MODIFIED, 0), (Op.COMPARE, None), (Op.COMPARED, 6),
        (Op.RENAME, None), (Op.RENAMED, 0), (Op.EXTENDED, None), (Op.EXTENDED_ANSWER, 0), (Op.DELETE, None),
        (Op.DELETED, 0),
    ]  # fmt: skip


def test_thousands_of_messages_pass(slapd: Slapd, wire: Wire, base: str) -> None:
    """A long answer, in many TLS records, arrives whole and in order."""
    load(slapd, (_room(base, f"{number} {'x' * 200}") for number in range(3000)))

    assert _search(slapd, wire.ldap_url, base) == _search(slapd, slapd.ldaps_url, base)


def test_a_plain_client_may_stand_before_a_server_with_tls(slapd: Slapd, open_wire: Wire, base: str) -> None:
    """Without a certificate the wire speaks LDAP to the client, still LDAPS to the server."""
    assert open_wire.ldap_url.startswith("ldap://")
    assert _search(slapd, open_wire.ldap_url, base) == _search(slapd, slapd.ldaps_url, base)


def test_clients_do_not_disturb_each_other(slapd: Slapd, wire: Wire, base: str) -> None:
    """A client that says nothing, and one that is cut off, leave the others alone."""
    wire.script(Rule(Reset(), Way.ANSWER, Op.DONE))
    with socket.create_connection((wire.address, wire.port)):
        _search(slapd, wire.ldap_url, base, code=255)

        assert _search(slapd, wire.ldap_url, base) == _search(slapd, slapd.ldaps_url, base)


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (lambda authority, _, address: authority.issue(address, days=-1), "certificate has expired"),
        (lambda authority, *_: authority.issue("dc2.ninhbinh.gov.vn", "127.0.0.1"), "IP address mismatch"),
        (lambda _, folder, address: Authority.make(folder, "Other CA").issue(address), "unable to get local issuer"),
    ],
    ids=["expired", "wrong name", "unknown authority"],
)
def test_a_wire_may_show_a_bad_certificate(
    slapd: Slapd, authority: Authority, tmp_path: Path, certificate: Callable[..., Certificate], words: str
) -> None:
    """Clients that verify refuse a certificate that has expired, is for somebody else, or from somebody else."""
    trusting_ca = ssl.create_default_context(cafile=slapd.ca)
    with (
        own_address() as address,
        Wire(address, slapd.ldaps_url, slapd.ca, certificate(authority, tmp_path / "pki", address)) as wire,
    ):
        with pytest.raises(RuntimeError, match="Can't contact LDAP server"):
            ldap(slapd, "ldapwhoami", url=wire.ldap_url)
        with (
            socket.create_connection((address, wire.port)) as plain,
            pytest.raises(ssl.SSLCertVerificationError, match=words),
        ):
            trusting_ca.wrap_socket(plain, server_hostname=address)

    assert wire.seen == []


def test_a_lost_request_was_never_made(slapd: Slapd, open_wire: Wire, client: Client, base: str) -> None:
    """No answer comes, and the server knows nothing; the connection goes on."""
    open_wire.script(Rule(Drop(), Way.REQUEST, Op.ADD))
    client.add(f"ou=a,{base}")
    client.add(f"ou=b,{base}")

    assert client.results() == [(3, Op.ADDED, 0)]
    assert (_there(slapd, f"ou=a,{base}"), _there(slapd, f"ou=b,{base}")) == (False, True)


def test_a_lost_answer_is_of_work_done(slapd: Slapd, open_wire: Wire, client: Client, base: str) -> None:
    """No answer comes, but the server has done the work; the connection goes on."""
    open_wire.script(Rule(Drop(), Way.ANSWER, Op.ADDED))
    client.add(f"ou=a,{base}")
    while Op.ADDED not in {pdu.op for pdu in open_wire.seen}:
        time.sleep(0.01)
    client.add(f"ou=b,{base}")

    assert client.results() == [(3, Op.ADDED, 0)]
    assert _there(slapd, f"ou=a,{base}")


def test_the_connection_may_be_lost_with_the_answer(slapd: Slapd, open_wire: Wire, client: Client, base: str) -> None:
    """The server does the work, then the client sees a reset: the case that must never be repeated blindly."""
    open_wire.script(Rule(LoseAnswer(), Way.REQUEST, Op.ADD))
    client.add(f"ou=a,{base}")

    with pytest.raises(ConnectionResetError):
        client.results()

    assert _there(slapd, f"ou=a,{base}")
    assert [(pdu.op, pdu.code) for pdu in open_wire.seen][-2:] == [(Op.ADD, None), (Op.ADDED, 0)]


def test_a_reset_comes_instead_of_the_message(slapd: Slapd, open_wire: Wire, client: Client, base: str) -> None:
    """The request that is hit does not reach the server, and the client sees a reset."""
    open_wire.script(Rule(Reset(), Way.REQUEST, Op.ADD))
    client.add(f"ou=a,{base}")

    with pytest.raises(ConnectionResetError):
        client.results()

    assert not _there(slapd, f"ou=a,{base}")


def test_a_message_may_be_late(open_wire: Wire, client: Client, base: str) -> None:
    """It comes after the delay, not before, and as it was."""
    open_wire.script(Rule(Delay(0.4), Way.ANSWER, Op.ADDED))
    started = time.monotonic()
    client.add(f"ou=a,{base}")

    assert client.results() == [(2, Op.ADDED, 0)]
    assert time.monotonic() - started >= 0.4


def test_a_message_may_come_twice(open_wire: Wire, client: Client, base: str) -> None:
    """An answer twice is an answer twice; a request twice is done twice, and the second fails."""
    open_wire.script(Rule(Duplicate(), Way.ANSWER, Op.ADDED))
    client.add(f"ou=a,{base}")
    assert client.results(2) == [(2, Op.ADDED, 0)] * 2
    open_wire.script(Rule(Duplicate(), Way.REQUEST, Op.ADD))
    client.add(f"ou=b,{base}")

    assert sorted(client.results(2)) == [(3, Op.ADDED, 0), (3, Op.ADDED, 68)]  # slapd answers in any order


def test_two_answers_may_change_places(open_wire: Wire, client: Client, base: str) -> None:
    """The answer that is hit comes after the next one."""
    open_wire.script(Rule(Reorder(), Way.ANSWER, Op.ADDED))
    client.add(f"ou=a,{base}")
    client.add(f"ou=b,{base}")

    assert [message for message, *_ in client.results(2)] == [3, 2]


def test_a_message_may_end_in_the_middle(open_wire: Wire, client: Client, base: str) -> None:
    """Its first bytes come, then the end of the connection."""
    open_wire.script(Rule(Truncate(5), Way.ANSWER, Op.ADDED))
    client.add(f"ou=a,{base}")

    assert client.results() == []
    assert bytes(client.rest) == open_wire.seen[-1].raw[:5]


@pytest.mark.parametrize("code", [51, 122, 4096])
def test_an_answer_may_say_something_else(slapd: Slapd, open_wire: Wire, client: Client, base: str, code: int) -> None:
    """The client reads another result code, though the work was done; the record shows what the server said."""
    open_wire.script(Rule(Code(code), Way.ANSWER, Op.ADDED))
    client.add(f"ou=a,{base}")

    assert client.results() == [(2, Op.ADDED, code)]
    assert open_wire.seen[-1].code == 0
    assert _there(slapd, f"ou=a,{base}")


def _cookie(done: Pdu) -> bytes | None:
    """The cookie of a page, None without the control."""
    found = parts(parts(done.raw)[0][1])
    if len(found) < 3:
        return None
    value = parts(parts(found[2][1])[0][1])[-1][1]
    return parts(parts(value)[0][1])[1][1]


def test_a_cookie_may_be_changed_or_lost(open_wire: Wire, client: Client, base: str) -> None:
    """The end of a page can say that it was the last one, give a cookie of nobody's, or say nothing of pages."""
    seen = []
    for fault in (Cookie(b""), Cookie(b"junk" * 40), StripControls()):
        open_wire.script(Rule(fault, Way.ANSWER, Op.DONE))
        client.search(base, size=2)
        *entries, done = islice(client.answers(), 3)
        assert ([pdu.op for pdu in entries], done.code) == ([Op.ENTRY] * 2, 0)
        seen.append(_cookie(done))

    assert seen == [b"", b"junk" * 40, None]
    assert all(_cookie(pdu) for pdu in open_wire.seen if pdu.op is Op.DONE)


def test_a_rule_hits_the_message_it_names_and_no_other(open_wire: Wire, client: Client, base: str) -> None:
    """Number three of the additions that fit is hit, once; what was before the script does not count."""
    client.add(f"ou=before,{base}")
    assert client.results() == [(2, Op.ADDED, 0)]
    open_wire.script(
        Rule(Code(80), Way.ANSWER, Op.ADDED, nth=3), Rule(Drop(), Way.REQUEST, fits=lambda pdu: b"ou=x" in pdu.raw)
    )
    for name in ("a", "x", "b", "c", "d", "x"):
        client.add(f"ou={name},{base}")

    assert [code for _, _, code in client.results(5)] == [0, 0, 80, 0, 0]


def test_messages_are_cut_where_they_end() -> None:
    """However the bytes arrive, whole messages come out, with lengths of any form (X.690 8.1.3)."""
    short = joined([(0x30, joined([(0x02, b"\1"), (Op.DELETE, b"cn=a")]))])
    padded = bytes([0x30, 0x84, 0, 0, 0, len(short) - 2]) + short[2:]
    long = joined([(0x30, joined([(0x02, b"\2"), (Op.DELETE, b"cn=" + b"a" * 300)]))])
    buffer = bytearray()
    found = []
    for byte in short + padded + long:
        buffer.append(byte)
        found += list(whole(buffer))

    assert found == [short, padded, long]
    assert [Pdu.read(Way.REQUEST, raw).message for raw in found] == [1, 1, 2]
