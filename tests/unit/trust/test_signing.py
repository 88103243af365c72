"""Signatures: what the standards say is signed, one form of envelope, and every change refused."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from syncagent.errors import Misconfigured
from syncagent.trust.signing import PublicKey, Sealed, SigningKey, pae

KIND = "application/vnd.syncagent.approval.v1+json"
KEY = SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
OTHER = SigningKey(bytes(range(32)))
PAYLOAD = '{"name":"Lê Văn Bình"}'.encode()
ENVELOPE = KEY.seal(KIND, PAYLOAD)


def test_what_is_signed_is_what_dsse_says() -> None:
    """The example of the DSSE protocol: type and contents, each with its length before it."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("é", "ế".encode()) == b"DSSEv1 2 \xc3\xa9 3 \xe1\xba\xbf"


def test_a_key_is_the_one_of_the_standard() -> None:
    """RFC 8032, 7.1, test 1: this secret has this public key; its name is the start of the key's SHA-256."""
    assert KEY.public.hex == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert KEY.public.id == "21fe31dfa154a261626bf854046fd227"
    assert PublicKey.from_hex(KEY.public.hex).id == KEY.public.id


def test_another_program_verifies_the_signature(tmp_path: Path) -> None:
    """OpenSSL, given the public key and the bytes of DSSE, agrees; and does not once a byte is another."""
    der = bytes.fromhex("302a300506032b6570032100" + KEY.public.hex)
    (tmp_path / "key.der").write_bytes(der)
    sealed = Sealed.read(ENVELOPE, KIND)
    (tmp_path / "signature").write_bytes(base64.b64decode(sealed.signature))

    def verify(message: bytes) -> int:
        (tmp_path / "message").write_bytes(message)
        words = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in message -sigfile signature"
        return subprocess.run(words.split(), cwd=tmp_path, capture_output=True, check=False).returncode

    assert verify(pae(KIND, PAYLOAD)) == 0
    assert verify(pae(KIND, PAYLOAD + b" ")) != 0


def test_an_envelope_comes_back_as_it_was_sealed() -> None:
    """The contents, their type, whose key; the signature holds for that key and no other, for that type only."""
    sealed = Sealed.read(ENVELOPE, KIND)

    assert (sealed.kind, sealed.payload, sealed.key_id) == (KIND, PAYLOAD, KEY.public.id)
    assert sealed.signed_by(KEY.public)
    assert not sealed.signed_by(OTHER.public)
    assert not sealed._replace(kind="application/vnd.syncagent.plan.v1+json").signed_by(KEY.public)
    assert not sealed._replace(key_id=OTHER.public.id).signed_by(OTHER.public)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda e: e | {"more": 1}, "has the parts"),
        (lambda e: {name: part for name, part in e.items() if name != "payload"}, "has the parts"),
        (lambda e: e | {"signatures": {}}, "has the parts"),
        (lambda e: [e], "has the parts"),
        (lambda e: e | {"signatures": []}, "one signature, this one has 0"),
        (lambda e: e | {"signatures": e["signatures"] * 2}, "one signature, this one has 2"),
        (lambda e: e | {"signatures": ["x"]}, "keyid and sig"),
        (lambda e: e | {"signatures": [e["signatures"][0] | {"more": 1}]}, "keyid and sig"),
        (lambda e: e | {"signatures": [{"sig": "x"}]}, "keyid and sig"),
        (lambda e: e | {"payloadType": "text/plain"}, "not of type"),
        (lambda e: e | {"payload": 1}, "are texts"),
        (lambda e: e | {"signatures": [e["signatures"][0] | {"keyid": None}]}, "are texts"),
        (lambda e: e | {"payload": "ế"}, "ASCII"),
        (lambda e: e | {"payload": "a"}, "no base64"),
        (lambda e: e | {"payload": "YR=="}, "one form"),
        (lambda e: dict(reversed(e.items())), "one form"),
    ],
)
def test_what_is_partly_understood_is_refused(spoil: Any, why: str) -> None:
    """An unknown, missing or double part, another type, another way of writing the same: none is read."""
    with pytest.raises(ValueError, match=why):
        Sealed.read(json.dumps(spoil(json.loads(ENVELOPE)), separators=(",", ":")), KIND)


@pytest.mark.parametrize("text", ["", "x", "[" * 100_000, ENVELOPE + " ", ENVELOPE.replace(":", ": ", 1)])
def test_what_is_no_envelope_or_written_otherwise_is_refused(text: str) -> None:
    """Nothing, no JSON, JSON without an end, a blank more."""
    with pytest.raises(ValueError, match=r"."):
        Sealed.read(text, KIND)


@pytest.mark.parametrize("signature", ["", "ế", "AAAA", "a" * 88, KEY.signature(KIND, PAYLOAD) + "=="])
def test_what_is_no_signature_does_not_hold(signature: str) -> None:
    """Nothing, no base64, another length: it does not hold, and that is all."""
    assert not KEY.public.holds(KIND, PAYLOAD, signature)


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, KEY.public.hex.upper(), "g" * 64, "٠" * 64])
def test_a_public_key_is_64_digits(text: str) -> None:
    """Anything else is none."""
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        PublicKey.from_hex(text)


def test_a_signing_key_is_read_from_a_secret_which_no_message_repeats() -> None:
    """64 hexadecimal digits; what is none is refused without showing it, and no rendering of a key shows it."""
    secret = "00" * 31 + "ab"

    assert (
        SigningKey.from_secret(secret.encode(), "signing_key").public.hex == SigningKey(b"\0" * 31 + b"\xab").public.hex
    )
    for wrong in (secret[1:], secret.upper(), "ế" * 64):
        with pytest.raises(Misconfigured) as refused:
            SigningKey.from_secret(wrong.encode(), "signing_key")
        assert wrong not in str(refused.value)
    assert repr(KEY) == f"SigningKey({KEY.public.id})"
    assert repr(KEY.public) == f"PublicKey({KEY.public.id})"
    assert not hasattr(KEY, "__dict__")
