"""A value that shows itself to nobody who does not ask for it by name, and how a text is freed of such values."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from hmac import compare_digest
from typing import TYPE_CHECKING, Final, Never, SupportsIndex
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN: Final = "***"
"""What stands wherever a secret would."""

_SHORTEST: Final = 4  # octets; whoever masks less masks half of every word

_KNOWN: WeakValueDictionary[int, Secret] = WeakValueDictionary()  # all that live, by identity: equal ones die apart


class Secret:
    """A password, a passphrase or a key, from where it is read or drawn to where it is used.

    Its repr, str and format are `***`; it cannot be pickled or copied, and JSON does not know it. While it lives,
    `redacted` takes its value out of any text.
    """

    __slots__ = ("__weakref__", "_octets")

    def __init__(self, value: str | bytes) -> None:
        self._octets = value.encode() if isinstance(value, str) else value
        _KNOWN[id(self)] = self

    def reveal(self) -> str:
        """Return the value as text.

        Raises:
            UnicodeDecodeError: it is no text (UTF-8).
        """
        return self._octets.decode()

    def octets(self) -> bytes:
        """Return the value as it was given, text as UTF-8."""
        return self._octets

    def __bool__(self) -> bool:
        return bool(self._octets)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and compare_digest(self._octets, other._octets)

    def __hash__(self) -> int:
        return hash(self._octets)

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __reduce_ex__(self, protocol: SupportsIndex) -> Never:
        raise TypeError("a secret is not written anywhere")

    def spellings(self) -> Iterator[str]:
        """Yield the ways in which the value may stand in a text: itself, as octets, base64 or hex, and each escaped."""
        found = [base64.b64encode(self._octets).decode(), self._octets.hex(), repr(self._octets)[2:-1]]
        with suppress(UnicodeDecodeError):
            text = self._octets.decode()
            found += [repr(text)[1:-1], text]
        for one in found:
            yield from (one, json.dumps(one)[1:-1], json.dumps(one, ensure_ascii=False)[1:-1])


def redacted(text: str) -> str:
    """Return a text in which `***` stands for the value of every living secret, however it is spelled."""
    for secret in list(_KNOWN.values()):
        if len(secret.octets()) >= _SHORTEST:
            for spelling in sorted(set(secret.spellings()), key=len, reverse=True):
                text = text.replace(spelling, HIDDEN)
    return text
