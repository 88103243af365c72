"""What changed since a cookie (RFC 4533): the answer that names what is gone counts, and no other."""

from __future__ import annotations

from uuid import UUID

import messages
import pytest
from other_end import OtherEnd
from pyasn1.codec.ber.decoder import decode

from syncagent.connectors.ldap import answers, sync
from syncagent.connectors.ldap.answers import Names
from syncagent.errors import Doubtful


def tlv(kind: int, *parts: bytes) -> bytes:
    """Tag, length, value, as RFC 4511 §5.1 wants them, of short values."""
    content = b"".join(parts)
    assert len(content) < 128
    return bytes((kind, len(content))) + content


def ids(count: int, *, gone: bool) -> bytes:
    """A syncIdSet: [3] { cookie, refreshDeletes DEFAULT FALSE, SET OF syncUUID }."""
    deletes = tlv(0x01, b"\xff") if gone else b""
    named = tlv(0x31, *(tlv(0x04, UUID(int=number).bytes) for number in range(count)))
    return tlv(0xA3, tlv(0x04, b"rid=000"), deletes, named)


def end(*, deletes: bool, cookie: bool = True) -> bytes:
    """A syncDoneValue: { cookie OPTIONAL, refreshDeletes DEFAULT FALSE }."""
    return tlv(0x30, tlv(0x04, b"rid=000,csn=1") if cookie else b"", tlv(0x01, b"\xff") if deletes else b"")


COOKIE_ONLY = tlv(0x80, b"rid=000")
ENTRY = messages.entry(1, "cn=a", {"cn": [b"a"]})


def asked(there: OtherEnd, *said: bytes) -> sync.Changes | None:
    there.says(*said)
    return sync.changes(there.line, 1, there.soon)


def test_a_cookie_is_asked_about_once() -> None:
    """The control is critical, asks for a refresh only, and carries the cookie (§2.2)."""
    control = sync.since("rid=000,csn=1")

    asks = decode(control.value)[0]

    assert (control.oid, control.critical) == ("1.3.6.1.4.1.4203.1.9.1.1", True)
    assert (int(asks[0]), bytes(asks[1])) == (1, b"rid=000,csn=1")


def test_what_changed_and_how_many_are_gone(there: OtherEnd) -> None:
    """Entries are those that changed; sets of identities that are gone are counted; referrals say nothing."""
    found = asked(
        there,
        ENTRY,
        messages.reference(1, "ldap://elsewhere"),
        messages.informed(1, COOKIE_ONLY),
        messages.informed(1, ids(3, gone=True)),
        messages.informed(1, ids(2, gone=True)),
        messages.synchronized(1, end(deletes=True)),
    )

    assert found
    assert [answers.entry(body, Names(())).dn for body in found.changed] == ["cn=a"]
    assert found.gone == 5


@pytest.mark.parametrize(
    "said",
    [
        (messages.informed(1, ids(3, gone=False)), messages.synchronized(1, end(deletes=True))),
        (messages.synchronized(1, end(deletes=False)),),
        (messages.synchronized(1, end(deletes=False, cookie=False)),),
        (messages.done(1),),
        (messages.synchronized(1, end(deletes=True), code=53),),
        (messages.done(1, 4096),),
    ],
    ids=["present", "not-deletes", "empty", "no-control", "unwilling", "refresh-required"],
)
def test_a_server_that_does_not_say_is_no_answer(there: OtherEnd, said: tuple[bytes, ...]) -> None:
    """A list of all that are there, a new beginning (4096), a refusal: nothing follows from these."""
    assert asked(there, ENTRY, *said) is None


@pytest.mark.parametrize(
    "said",
    [
        messages.modified(1),
        messages.done(2),
        messages.informed(1, ids(1, gone=True)[:-1]),
        messages.informed(1, ids(1, gone=True)[:1]),
        messages.synchronized(1, end(deletes=True)[:-1]),
        messages.synchronized(1, b"\x30"),
    ],
)
def test_what_cannot_be_understood_is_doubtful(there: OtherEnd, said: bytes) -> None:
    """Another answer, the answer to another question, or a damaged one: nothing of it counts."""
    with pytest.raises(Doubtful):
        asked(there, ENTRY, said)
