"""Signatures over exact bytes: Ed25519 (RFC 8032), in envelopes as DSSE 1.0 defines them.

What is signed is the type of the contents together with their bytes (DSSE: PAE), so that a signature on an approval
is none on a plan. An envelope is read in the one form in which it is written: a blank, another order, a second
signature or a field that nobody knows, and it is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from syncagent.errors import Misconfigured
from syncagent.text import Text

KEY_BYTES = 32
"""Bytes of a private and of a public key."""

_HEX_KEY = re.compile(r"[0-9a-f]{64}")
_PARTS = {"payload", "payloadType", "signatures"}
_SIGNATURE_PARTS = {"keyid", "sig"}


def key_id(raw: bytes) -> str:
    """Return the name of a public key: the first half of its SHA-256, in hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()[:32]


def raw_key(text: str) -> bytes:
    """Given a key as 64 hexadecimal digits in lower case, return its 32 bytes.

    Raises:
        ValueError: it is written otherwise.
    """
    if not _HEX_KEY.fullmatch(text):
        raise ValueError("a public key has 64 hexadecimal digits in lower case")
    return bytes.fromhex(text)


def pae(kind: str, payload: bytes) -> bytes:
    """Given the type of some contents and their bytes, return what is signed (DSSE, “PAE”)."""
    name = kind.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


class PublicKey:
    """Tells whether its owner signed something; `id` names it, `hex` is the key itself."""

    __slots__ = ("_key", "hex", "id")

    def __init__(self, raw: bytes) -> None:
        """Keep the key.

        Raises:
            ValueError: it has another length.
        """
        self._key = Ed25519PublicKey.from_public_bytes(raw)
        self.hex = raw.hex()
        self.id = key_id(raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.id})"

    @classmethod
    def from_hex(cls, text: str) -> PublicKey:
        """Given 64 hexadecimal digits in lower case, return the key.

        Raises:
            ValueError: they are no public key.
        """
        return cls(raw_key(text))

    def holds(self, kind: str, payload: bytes, signature: str) -> bool:
        """Whether this key's owner signed these very bytes as contents of this type; the signature is in base64."""
        try:
            self._key.verify(_decoded(signature), pae(kind, payload))
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """Signs; shows its public half and nothing of the private one."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        """Keep the key.

        Raises:
            ValueError: the seed has not 32 bytes.
        """
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"SigningKey({self.public.id})"

    @classmethod
    def from_secret(cls, secret: bytes, where: str) -> SigningKey:
        """Given a secret as it is kept, 64 hexadecimal digits in lower case, return the key.

        Raises:
            Misconfigured: the secret is something else; the message does not repeat it.
        """
        if not _HEX_KEY.fullmatch(secret.decode("ascii", "replace")):
            raise Misconfigured(
                Text(
                    "Khóa ký phải gồm đúng 64 chữ số thập lục phân viết thường; hãy đặt lại khóa từ bản sao lưu.",
                    "A signing key has exactly 64 hexadecimal digits in lower case; put the key back from a backup.",
                ),
                where=where,
            )
        return cls(bytes.fromhex(secret.decode("ascii")))

    def signature(self, kind: str, payload: bytes) -> str:
        """Return the signature, in base64, of contents of a type."""
        return base64.b64encode(self._key.sign(pae(kind, payload))).decode()

    def seal(self, kind: str, payload: bytes) -> str:
        """Return an envelope (JSON) with contents of a type and this key's signature."""
        return Sealed(kind, payload, self.public.id, self.signature(kind, payload)).written()


class Sealed(NamedTuple):
    """An envelope: the type of the contents, their bytes, whose key signed them, the signature in base64."""

    kind: str
    payload: bytes
    key_id: str
    signature: str

    @classmethod
    def read(cls, text: str, kind: str) -> Sealed:
        """Given an envelope as it was written, return its parts; whether the signature holds is not looked at.

        Raises:
            ValueError: it is none, has not exactly one signature, holds something of another type, or is written
                in another way than `written` writes it.
        """
        try:
            found = json.loads(text)
        except RecursionError as error:
            raise ValueError("this is no envelope") from error
        if not isinstance(found, dict) or found.keys() != _PARTS or not isinstance(found["signatures"], list):
            raise ValueError("an envelope has the parts payload, payloadType and signatures")
        if len(found["signatures"]) != 1:
            raise ValueError(f"an envelope has one signature, this one has {len(found['signatures'])}")
        (by,) = found["signatures"]
        if not isinstance(by, dict) or by.keys() != _SIGNATURE_PARTS:
            raise ValueError("a signature has the parts keyid and sig")
        if found["payloadType"] != kind:
            raise ValueError(f"the contents are not of type {kind}")
        if not all(isinstance(part, str) for part in (found["payload"], by["keyid"], by["sig"])):
            raise ValueError("the parts of an envelope are texts")
        read = cls(kind, _decoded(found["payload"]), by["keyid"], by["sig"])
        if read.written() != text:
            raise ValueError("the envelope is not written in its one form")
        return read

    def written(self) -> str:
        """Return the one way in which this envelope is written."""
        parts = {
            "payload": base64.b64encode(self.payload).decode(),
            "payloadType": self.kind,
            "signatures": [{"keyid": self.key_id, "sig": self.signature}],
        }
        return json.dumps(parts, ensure_ascii=True, separators=(",", ":"))

    def signed_by(self, key: PublicKey) -> bool:
        """Whether the owner of this key signed the contents, and the envelope says so."""
        return self.key_id == key.id and key.holds(self.kind, self.payload, self.signature)


def _decoded(text: str) -> bytes:
    """Return what a base64 text says.

    Raises:
        ValueError: it is none, or not in the one form in which it is written.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("this is no base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ValueError("the base64 is not in its one form")
    return raw
