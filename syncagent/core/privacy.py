"""What never stands in a plan, report or log: personal identification numbers (law 11; Luật 91/2025/QH15)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_APART = r"(?:[^\S\n]|[.\-_'’·．－()~*+|\\\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff])"
"""What people, spreadsheets and web pages put between the digits of one number; never the end of a line."""
_SHORTEST = 12
_BETWEEN = re.compile(rf"{_APART}|[/,;:]")
_DIGIT = re.compile(r"\d")
_ZERO = (
    r"[0\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0de6\u0e50\u0ed0"
    r"\u0f20\u1040\u1090\u17e0\u1810\u1946\u19d0\u1a80\u1a90\u1b50\u1bb0\u1c40\u1c50\ua620\ua8d0\ua900"
    r"\ua9d0\ua9f0\uaa50\uabf0\uff10]"
)
"""Zero in every script of the Basic Multilingual Plane that has digits of its own."""
_THREES = r"\d{3}([/,;:|])\d{3}\1\d{3}\1\d{3}"
_INSIDE = re.compile(
    rf"(?<!\d)(?:\d{{12}}|{_ZERO}(?:{_APART}{{0,3}}\d){{9}}{_APART}{{0,3}}\d\d|{_ZERO}(?:{_APART}{{1,3}}\d){{11}}"
    rf"|{_THREES})(?!\d)"
)
"""Twelve digits together; or parted, beginning with the 0 of the province (001 to 096), which keeps telephones with a
country code and addresses of machines out, and not ending in one digit alone, which is a second line of a telephone;
or four groups of three, which no date is."""


_DRAWN = re.compile(
    r"(?<![0-9a-z])((?=\d*[a-f])[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"
    r"(?![0-9a-z])",
    re.ASCII | re.IGNORECASE,
)
"""An identity drawn at random (RFC 9562 §4, or its 32 digits as in a legacyExchangeDN): in one of a hundred, twelve of
them happen to be decimal, and a leaver's mailbox would stay open for that."""


def holds_identity_number(text: str) -> bool:
    """Whether twelve digits of one number stand in the text: an identification number, as far as anybody can tell."""
    if len(text) < _SHORTEST or _DIGIT.search(text) is None or _INSIDE.search(text) is None:
        return False
    return _INSIDE.search(_DRAWN.sub("#", text)) is not None


def hide_identity_numbers(text: str, name_for: Callable[[str], str]) -> str:
    """Return the text with every identification number replaced by what `name_for` makes of its twelve digits."""
    if not holds_identity_number(text):
        return text
    parts = _DRAWN.split(text)  # what was drawn at random stands between the others
    parts[::2] = [_INSIDE.sub(lambda found: name_for(digits_of(found.group())), part) for part in parts[::2]]
    return "".join(parts)


def digits_of(text: str) -> str:
    """Return the digits of a number as 0 to 9, together; empty if anything stands there that is in no number."""
    digits = _BETWEEN.sub("", text)
    if not digits.isdecimal():
        return ""
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)
