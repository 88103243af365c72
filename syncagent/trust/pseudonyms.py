"""Pseudonyms of personal identification numbers: the number itself goes no further than the reader.

There are few enough such numbers to try them all, so a plain hash would hide nothing; only the key does
(Luật 91/2025/QH15). Roster and directory are hashed the same way and compared by the result.
"""

from __future__ import annotations

import base64
import hmac
import re

from syncagent.core.privacy import digits_of
from syncagent.errors import Misconfigured
from syncagent.text import Text
from syncagent.trust.secret import Secret

SHORTEST_KEY = 32
"""Bytes of a key; as many as the hash has."""

_NUMBER = re.compile(r"[0-9]{12}")
_DIGITS = 12
_LETTERS = 13
"""With `id-` sixteen characters, the most that employeeID holds in Active Directory; 65 bits."""


def is_identity_number(text: str) -> bool:
    """Whether the text is a personal identification number: exactly twelve digits."""
    return _NUMBER.fullmatch(text) is not None


def identity_number(text: str) -> str:
    """Return the identification number that a text is, however its digits are parted; empty if it is none."""
    digits = digits_of(text)
    return digits if len(digits) == _DIGITS else ""


class Pseudonyms:
    """Gives each identification number a name of its own; shows neither its key nor any number."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Keep the key.

        Raises:
            Misconfigured: the key is shorter than `SHORTEST_KEY`.
        """
        if len(key) < SHORTEST_KEY:
            raise Misconfigured(
                Text(
                    f"Khóa tạo bí danh (roster.identity_key) chỉ dài {len(key)} byte, cần ít nhất "
                    f"{SHORTEST_KEY}; hãy tạo khóa mới.",
                    f"The key for pseudonyms (roster.identity_key) has {len(key)} bytes, at least "
                    f"{SHORTEST_KEY} are needed; make a new one.",
                )
            )
        self._key = Secret(key)

    def __repr__(self) -> str:
        return "Pseudonyms()"

    def of(self, number: str) -> str:
        """Given an identification number, return its pseudonym: `id-` and 13 letters or digits.

        Raises:
            ValueError: the text is not an identification number; the message does not repeat it.
        """
        if not is_identity_number(number):
            raise ValueError("not an identification number")
        return f"id-{self._name(b'number', number.encode())}"

    def mark(self, text: str) -> str:
        """Return what stands for any text where only its being the same matters; nobody gets the text back from it."""
        return self._name(b"mark", text.encode("utf-8", "replace"))

    def fingerprint(self) -> str:
        """Return a name of the key that does not tell it; under another key nobody would be recognised."""
        return self._name(b"fingerprint", b"")

    def _name(self, purpose: bytes, message: bytes) -> str:
        digest = hmac.digest(self._key.octets(), b"syncagent/" + purpose + b"/1:" + message, "sha256")
        return base64.b32encode(digest[:10]).decode().lower()[:_LETTERS]
