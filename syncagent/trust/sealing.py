"""Passwords sealed to whoever hands them over: HPKE (RFC 9180), which only the owner of the private key opens.

What is sealed is bound to the unit, the plan and the action it was drawn for: taken to another one, or with any bit
changed, it does not open.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from syncagent.errors import Refused
from syncagent.text import Text
from syncagent.trust.keyfile import Use
from syncagent.trust.secret import Secret
from syncagent.trust.signing import key_id, raw_key

_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class Purpose(NamedTuple):
    """What a sealed password was drawn for: the unit whose officer opens it, the plan by its digest, the action."""

    unit: str
    digest: str
    action_id: str

    def info(self) -> bytes:
        """Return the bytes that bind a seal to this; every part is preceded by its length."""
        parts = [part.encode() for part in self]
        return b"syncagent/handover/1" + b"".join(len(part).to_bytes(8, "big") + part for part in parts)


class SealingKey:
    """Seals to its owner; `id` names it, `hex` is the key itself."""

    __slots__ = ("_key", "hex", "id")

    def __init__(self, raw: bytes) -> None:
        """Keep the key.

        Raises:
            ValueError: it has another length, or is one of the few points that give everybody the same secret.
        """
        self._key = X25519PublicKey.from_public_bytes(raw)
        X25519PrivateKey.generate().exchange(self._key)  # a weak point raises ValueError
        self.hex = raw.hex()
        self.id = key_id(raw)

    def __repr__(self) -> str:
        return f"SealingKey({self.id})"

    @classmethod
    def from_hex(cls, text: str) -> SealingKey:
        """Given 64 hexadecimal digits in lower case, return the key.

        Raises:
            ValueError: they are no public key.
        """
        return cls(raw_key(text))

    def seal(self, password: Secret, purpose: Purpose) -> bytes:
        """Return a password that only the owner of this key can open, and only for this purpose."""
        return _SUITE.encrypt(password.octets(), self._key, info=purpose.info())


class OpeningKey:
    """Opens what was sealed to its public half; shows nothing of itself."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        """Keep the key.

        Raises:
            ValueError: the seed has not 32 bytes.
        """
        self._key = X25519PrivateKey.from_private_bytes(seed)
        self.public = SealingKey(self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"OpeningKey({self.public.id})"

    def open(self, sealed: bytes, purpose: Purpose) -> Secret:
        """Return the password that was sealed.

        Raises:
            Refused: it was sealed to another key or for another purpose, or was changed.
        """
        try:
            return Secret(_SUITE.decrypt(sealed, self._key, info=purpose.info()))
        except InvalidTag as error:
            raise Refused(
                Text(
                    f"Không mở được mật khẩu niêm phong của thao tác {purpose.action_id}: nó được niêm phong cho khóa, "
                    "đơn vị hoặc kế hoạch khác, hoặc đã bị sửa. Hãy yêu cầu đặt lại mật khẩu (reset_password).",
                    f"The sealed password of action {purpose.action_id} does not open: it was sealed to another key, "
                    "unit or plan, or was changed. Ask for a new password (reset_password).",
                )
            ) from error


OPENING = Use("syncagent/opening-key/1", lambda seed: OpeningKey(seed).public.hex, SealingKey.from_hex)
"""Key files of those who hand passwords over."""
