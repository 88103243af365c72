"""What never stands in a plan, report or log: personal identification numbers (law 11; Luật 91/2025/QH15)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TWELVE = re.compile("[0-9]{12}")
_INSIDE = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


def holds_identity_number(text: str) -> bool:
    """Whether twelve digits stand together in the text: an identification number, as far as anybody can tell."""
    return _TWELVE.search(text) is not None and _INSIDE.search(text) is not None


def hide_identity_numbers(text: str, name_for: Callable[[str], str]) -> str:
    """Return the text with every identification number replaced by what `name_for` makes of it."""
    return _INSIDE.sub(lambda found: name_for(found.group()), text)
