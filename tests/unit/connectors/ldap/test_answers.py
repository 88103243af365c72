"""Answers are decoded as pyasn1 decodes them by ldap3's grammar, or refused; damage is never another entry."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import messages
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.connectors.ldap import answers, ber
from syncagent.connectors.ldap.answers import Entry, Names, Result
from syncagent.connectors.ldap.ber import Malformed, element, octets

kinds = st.sampled_from(["objectClass", "cn", "mail", "member;range=0-1499", "userCertificate;binary", "2.5.4.3"])
values = st.lists(st.binary(max_size=300) | st.text(max_size=40).map(str.encode), max_size=4)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
attributes = st.dictionaries(kinds, values, max_size=6)


def decoded(data: bytes) -> answers.Message:
    """Cut a message as the stream is cut: where its length says."""
    size = ber.size_of_message(data, 0)
    if size != len(data):
        raise Malformed(ber.CUT)
    return answers.message(data, 0, size)


def entry(data: bytes) -> Entry:
    found = decoded(data)
    assert found.operation == answers.ENTRY
    return answers.entry(found.body, Names(()))


def as_pyasn1(data: bytes) -> tuple[int, str, dict[str, tuple[bytes, ...]]]:
    """The same by the other decoder."""
    found: Any = messages.read(data)
    body = found["protocolOp"]["searchResEntry"]
    listed = [(str(one["type"]), tuple(bytes(value) for value in one["vals"])) for one in body["attributes"]]
    if len({name for name, _ in listed}) < len(listed):
        raise ValueError("an attribute twice")
    return int(found["messageID"]), str(body["object"]), {name: theirs for name, theirs in listed if theirs}


@given(names, attributes)
def test_an_entry_is_what_another_decoder_reads(dn: str, theirs: dict[str, list[bytes]]) -> None:
    """Name, attributes and values of an entry come through byte for byte; attributes without values are left out."""
    data = messages.entry(7, dn, theirs)

    found = entry(data)

    assert (7, found.dn, found.attributes) == as_pyasn1(data)
    assert answers.name(decoded(data).body) == found.dn


@given(names, attributes, st.data())
def test_an_entry_that_is_cut_is_refused(dn: str, theirs: dict[str, list[bytes]], draw: st.DataObject) -> None:
    """No beginning of a message is a message, whatever length its head pretends to."""
    data = messages.entry(7, dn, theirs)
    cut = draw.draw(st.integers(0, len(data) - 1))

    with pytest.raises(Malformed):
        entry(data[:cut])
    body = decoded(data).body
    for decode in (answers.name, lambda body: answers.entry(body, Names(()))):
        with pytest.raises(Malformed):
            decode(body[: min(cut, len(body) - 1)])


@given(names, attributes, st.data())
def test_a_damaged_entry_is_refused_or_read_as_another_decoder_reads_it(
    dn: str, theirs: dict[str, list[bytes]], draw: st.DataObject
) -> None:
    """Whatever octets are changed: Malformed, or the very entry that the bytes now spell."""
    data = bytearray(messages.entry(7, dn, theirs))
    for _ in range(draw.draw(st.integers(1, 3))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    damaged = bytes(data)

    try:
        message = decoded(damaged)
        found = answers.entry(message.body, Names(())) if message.operation == answers.ENTRY else None
    except Malformed:
        return

    if found is not None:
        assert (message.number, found.dn, found.attributes) == as_pyasn1(damaged)


def test_every_octet_of_an_entry_with_every_value() -> None:
    """The same for each place of one entry and each of the 256 values, with long and short lengths in it."""
    whole = messages.entry(7, "cn=Hòa", {"cn": [b"Hoa"], "mail": [b"a@b", b""], "title": [], "photo": [b"x" * 130]})
    read = 0
    for place in range(len(whole) - 128):
        for octet in range(256):
            damaged = whole[:place] + bytes((octet,)) + whole[place + 1 :]
            with suppress(Malformed):
                message = decoded(damaged)
                found = answers.entry(message.body, Names(()))
                if message.operation == answers.ENTRY:
                    assert (message.number, found.dn, found.attributes) == as_pyasn1(damaged), (place, octet)
                    read += 1

    assert read > 1000


@given(st.binary(max_size=200))
def test_noise_is_refused_or_a_message(noise: bytes) -> None:
    """Random octets raise nothing but Malformed, in whatever place they are decoded."""
    message = answers.Message(1, answers.DONE, noise, noise)
    for decode in (
        lambda: answers.message(noise, 0, len(noise)),
        lambda: answers.entry(noise, Names(())),
        lambda: answers.name(noise),
        lambda: answers.result(message),
        lambda: answers.addresses(noise),
        lambda: answers.cookie(noise),
        lambda: Result(0, controls={"1.3.6.1.1.13.2": noise}).after(),
    ):
        with suppress(Malformed):
            decode()


@given(st.sampled_from([0, 4, 10, 49, 122]), st.text(max_size=80), st.none() | st.binary(max_size=20))
def test_a_result_is_what_was_written(code: int, diagnostic: str, cookie: bytes | None) -> None:
    """Code, diagnostic and cookie of a searchResDone come through."""
    found = answers.result(decoded(messages.done(3, code, cookie, diagnostic)))

    assert (found.code, found.diagnostic) == (code, diagnostic)
    assert cookie == (answers.cookie(found.controls[messages.PAGED]) if found.controls else None)


def test_references_and_referrals_give_their_addresses() -> None:
    """Places elsewhere are told, from a searchResRef and from a referral as the result."""
    uris = ("ldap://a/dc=x", "ldap://b/dc=x")
    referral = element(ber.ENUMERATED, b"\x0a") + octets("") + octets("") + element(0xA3, b"".join(map(octets, uris)))

    reference = answers.addresses(decoded(messages.reference(2, *uris)).body)
    found = answers.result(answers.Message(1, answers.DONE, referral, b""))

    assert reference == found.referrals == uris


def test_an_extended_answer_has_name_and_value() -> None:
    """The name and the value of an extendedResp come through."""
    found = answers.result(decoded(messages.extended(2, "1.2.3", b"dn:cn=x")))

    assert (found.name, found.value) == ("1.2.3", b"dn:cn=x")


def test_active_directory_writes_every_length_in_four_octets() -> None:
    """A long form of a small length is the same message (RFC 4511 §5.1 allows it)."""

    def long(tag: int, content: bytes) -> bytes:
        return bytes((tag, 0x84)) + len(content).to_bytes(4, "big") + content

    value = long(0x31, long(0x04, b"a"))
    body = long(0x04, b"cn=a") + long(0x30, long(0x30, long(0x04, b"cn") + value))

    found = entry(long(0x30, element(0x02, b"\x07") + long(0x64, body)))

    assert found == Entry("cn=a", {"cn": (b"a",)})


@pytest.mark.parametrize(
    "body",
    [
        octets("cn=a") + element(0x30, b"") + b"\x05\x00",  # something after the attributes
        octets("cn=a") + element(0x30, element(0x30, octets("cn") + element(0x31, octets("a"))) * 2),  # one twice
        octets("cn=a") + element(0x30, element(0x30, octets("cn") + element(0x31, b"") + b"\x04\x00")),
        octets("cn=a") + element(0x30, element(0x30, octets("cn") + element(0x31, b"\x05\x00"))),  # not a value
        octets("cn=a") + b"\x30\x80\x00\x00",  # an indefinite length
        octets("cn=a") + element(0x30, element(0x30, octets("cn") + element(0x31, b"\x04\x7f"))),
        octets(b"cn=\xff") + element(0x30, b""),
        octets("cn=a") + element(0x30, element(0x30, octets("tên") + element(0x31, octets("a")))),
    ],
)
def test_what_is_no_entry_is_refused(body: bytes) -> None:
    """Each form that RFC 4511 §4.5.2 and §5.1 do not allow is refused by name."""
    with pytest.raises(Malformed):
        answers.entry(body, Names(()))


def test_a_name_that_is_no_utf_8_is_refused() -> None:
    """A DN is text (RFC 4514); what is not cannot be compared."""
    with pytest.raises(Malformed):
        answers.name(octets(b"cn=\xff") + element(0x30, b""))


def test_attributes_are_named_as_they_were_asked_for() -> None:
    """Whatever case a server answers in, the caller finds the name it used; ranges are noted."""
    asked = Names(["sAMAccountName", "member", "userCertificate;binary"])

    found = [asked[name] for name in (b"SAMACCOUNTNAME", b"MEMBER;range=0-1499", b"usercertificate;Binary", b"other")]

    assert found == ["sAMAccountName", "member;range=0-1499", "userCertificate;binary", "other"]
    assert asked.ranges == {"member;range=0-1499"}


def test_the_entry_after_a_write_is_read_from_its_control() -> None:
    """A post-read control (RFC 4527) holds the entry as the write left it; without one there is none."""
    whole = messages.entry(1, "cn=a", {"entryCSN": [b"1"]})
    inner = whole[ber.size_of_message(whole, 0) - len(whole) + 5 :]

    found = Result(0, controls={"1.3.6.1.1.13.2": inner}).after()

    assert found == Entry("cn=a", {"entryCSN": (b"1",)})
    assert Result(0).after() is None
    with pytest.raises(Malformed):
        Result(0, controls={"1.3.6.1.1.13.2": inner + b"\0"}).after()
