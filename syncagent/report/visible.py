"""Text that a person can trust: what would be invisible, or change how the rest is read, is spelled out.

Names and values come from rosters and directories. A bidirectional mark turns an address around, a control
character moves a terminal's cursor, a zero-width letter makes two names look alike. A report shows each of
them as its code point, in HTML as on a terminal.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_SUSPECT = re.compile(r"[^\x20-\x7eÀ-ɏ\u0300-\u036fḀ-ỿ]")


def visible(text: str) -> str:
    """Return the text with every control, format and unassigned character as `⟨U+202E⟩`."""
    return _SUSPECT.sub(_spelled, text)


def _spelled(found: re.Match[str]) -> str:
    char = found.group()
    return f"⟨U+{ord(char):04X}⟩" if unicodedata.category(char) in _HIDDEN else char
