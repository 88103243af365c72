"""What never stands in a plan, report or log: personal identification numbers (law 11; Luật 91/2025/QH15)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_APART = r"(?:[^\S\n]|[.\-_'’·．－\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff])"
"""What people, spreadsheets and web pages put between the digits of one number; never the end of a line."""
_BETWEEN = re.compile(_APART)
_DIGIT = re.compile(r"\d")
_INSIDE = re.compile(
    rf"(?<!\d)(?:\d{{12}}|[0０](?:{_APART}{{0,3}}\d){{9}}{_APART}{{0,3}}\d\d|[0０](?:{_APART}{{1,3}}\d){{11}})(?!\d)"
)
"""Twelve digits together; or parted, beginning with the 0 of the province (001 to 096), which keeps telephones with a
country code and addresses of machines out, and not ending in one digit alone, which is a second line of a telephone."""


def holds_identity_number(text: str) -> bool:
    """Whether twelve digits of one number stand in the text: an identification number, as far as anybody can tell."""
    return _DIGIT.search(text) is not None and _INSIDE.search(text) is not None


def hide_identity_numbers(text: str, name_for: Callable[[str], str]) -> str:
    """Return the text with every identification number replaced by what `name_for` makes of its twelve digits."""
    return _INSIDE.sub(lambda found: name_for(digits_of(found.group())), text)


def digits_of(text: str) -> str:
    """Return the digits of a number as 0 to 9, together; empty if anything stands there that is in no number."""
    digits = _BETWEEN.sub("", text)
    if not digits.isdecimal():
        return ""
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)
