"""Values of mailboxes: how they are written, when they are the same, how they travel."""

from __future__ import annotations

import base64
import json

import pytest
from exchange_states import LOCKED, OPEN, back, disabled, towards
from hypothesis import given
from hypothesis import strategies as st

from syncagent.connectors.exchange.document import LARGEST, Reader, octets, sealed, values
from syncagent.connectors.exchange.driver import Call, Status
from syncagent.connectors.exchange.mailbox import batches, of_answer
from syncagent.connectors.exchange.properties import PROPERTIES, Kind, Values, canonical, parameter, primary, same
from syncagent.errors import Rejected, Unknown
from syncagent.trust.secret import Secret


@pytest.mark.parametrize(
    ("name", "given", "written"),
    [
        ("MaxSendSize", ("10 MB (10,485,760 bytes)",), ("10MB",)),
        ("MaxSendSize", ("1.5 GB (1.610.612.736 bytes)",), ("1536MB",)),
        ("MaxSendSize", ("1000",), ("1KB",)),
        ("MaxSendSize", ("0",), ("0KB",)),
        ("MaxSendSize", ("1024TB",), ("1024TB",)),
        ("ProhibitSendQuota", ("unlimited",), ("Unlimited",)),
        ("RecipientLimits", ("0200",), ("200",)),
        ("RecipientLimits", ("Unlimited",), ("Unlimited",)),
        ("OWAEnabled", ("true",), ("True",)),
        ("EmailAddresses", ("smtp:b@x", "X500:/o=a", "SMTP:c@x"), ("SMTP:c@x", "smtp:b@x", "X500:/o=a")),
        ("DistinguishedName", ("CN=a",), ("CN=a",)),
    ],
)
def test_a_value_has_one_spelling(name: str, given: Values, written: Values) -> None:
    """Exchange shows and takes sizes, flags and lists in several ways; here each stands in one."""
    assert canonical(name, given) == written
    assert same(name, given, written)


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("EmailAddresses", ("SMTP:An@x", "smtp:b@x"), ("smtp:B@x", "SMTP:an@x"), True),
        ("EmailAddresses", ("SMTP:an@x",), ("smtp:an@x",), False),
        ("AcceptMessagesOnlyFromSendersOrMembers", ("x/A", "x/B"), ("x/b", "x/a"), True),
        ("ForwardingSmtpAddress", ("smtp:A@x",), ("smtp:a@x",), True),
        ("Alias", ("an",), ("An",), False),
        ("EwsEnabled", (), ("False",), False),
    ],
)
def test_what_is_the_same_to_exchange(name: str, one: Values, other: Values, expected: object) -> None:
    """Order and case of letters do not count where Exchange does not count them; the case of a prefix does."""
    assert same(name, one, other) == expected


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("OWAEnabled", ("yes",)), ("OWAEnabled", ()), ("OWAEnabled", ("True", "False")), ("RecipientLimits", ("-1",)),
        ("RecipientLimits", ("٣",)), ("MaxSendSize", ("big",)), ("MaxSendSize", ()), ("EmailAddresses", ()),
        ("Alias", ("",)), ("Alias", ("a", "b")), ("Alias", ("a\0b",)), ("Alias", ("\ud800",)),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused(name: str, wrong: Values) -> None:
    """Before anything is sent."""
    with pytest.raises(Rejected):
        parameter(name, wrong)


def test_states_are_whole_and_can_be_taken_back() -> None:
    """LOCKED and DISABLED close every protocol; turned round, a change gives the values before."""
    protocols = {name for name, known in PROPERTIES.items() if known.kind in {Kind.FLAG, Kind.CHOICE}} & OPEN.keys()
    changes = towards(disabled("x/y"), OPEN)

    assert protocols == LOCKED.keys() == OPEN.keys()
    assert LOCKED.items() <= disabled("x/y").items()
    assert back(back(changes)) == changes
    assert towards(OPEN, OPEN) == {}
    assert back(towards(LOCKED, OPEN)) == towards(OPEN, LOCKED)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)))
def test_values_travel_as_they_are(texts: list[str]) -> None:
    """Whatever letters: base64 of UTF-8, joined by commas."""
    assert values(",".join(map(octets, texts))) == tuple(texts)


def test_a_mailbox_with_values_that_are_none_is_not_known() -> None:
    """A size that Exchange never shows, or octets that are no text: nothing is concluded."""
    for raw in ({"MaxSendSize": octets("huge")}, {"Alias": base64.b64encode(b"\xff").decode()}):
        with pytest.raises(Unknown):
            of_answer("guid", raw)


# ── output ──


def _line(nonce: str, **told: object) -> bytes:
    return f"@@{nonce}@@{base64.b64encode(json.dumps(told).encode()).decode()}\r\n".encode()


def test_only_marked_and_whole_lines_are_answers() -> None:
    """Another nonce, a line without its end, broken base64, JSON that is none, noise of a profile: no answer."""
    reader = Reader("n1")
    whole = _line("n1", id="1", status="done", after={"Alias": octets("an")})

    reader.feed(b"WARNING: profile\r\n" + _line("n2", id="2", status="done"))
    reader.feed(_line("n1", id="3", status="done")[:-2])
    reader.feed(b"*\r\n" + b"@@n1@@e30=\r\n" + _line("n1", id="4", status="done", after={"x": "*"}))
    for octet in whole:
        reader.feed(bytes([octet]))

    assert list(reader.answers) == ["1"]
    assert reader.answers["1"].status is Status.DONE
    assert not reader.has_ended


def test_parts_belong_to_the_answer_that_follows() -> None:
    """Objects come on lines of their own before the end of their operation."""
    reader = Reader("n")
    reader.feed(_line("n", id="1", status="part", after={"Name": octets("a")}))
    reader.feed(_line("n", id="2", status="part", after={"Name": octets("b")}))
    reader.feed(_line("n", id="1", status="done") + _line("n", id="end", status="done", count=1))

    assert [part["Name"] for part in reader.answers["1"].parts] == [octets("a")]
    assert "2" not in reader.answers
    assert reader.has_ended


def test_a_document_holds_so_much_and_no_more() -> None:
    """Windows PowerShell reads no longer JSON: calls are divided, a single one that is too long is refused."""
    calls = [Call(str(n), "read", {"guid": "g" * 4000}) for n in range(700)]
    batched = list(batches(calls))
    there = {"uri": "u", "dc": "d", "user": "u", "password": Secret("p")}

    assert [call for batch in batched for call in batch] == calls
    assert max(map(len, batched)) <= 300
    for batch in batched:
        assert len(sealed(batch, "n", **there)) < 2 * LARGEST  # type: ignore[arg-type]
    with pytest.raises(Rejected):
        sealed([Call("1", "read", {"guid": "g" * LARGEST})], "n", **there)  # type: ignore[arg-type]


def test_the_primary_address_is_the_one_in_capitals() -> None:
    """SMTP: marks it."""
    assert primary(("smtp:a@x", "SMTP:b@x")) == "b@x"
    assert primary(("smtp:a@x",)) == ""
