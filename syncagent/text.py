"""A sentence in both languages, written side by side.

Users read Vietnamese and English. A message that exists in one language only does not type-check,
and a translator never has to guess the context: it stands on the next line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import date

Language = Literal["vi", "en"]


class Text(NamedTuple):
    """What a person reads: Vietnamese first, English beside it."""

    vi: str
    en: str

    def within(self, language: Language) -> str:
        """Return the sentence in `language`."""
        return self.vi if language == "vi" else self.en


def vi(day: date) -> str:
    """Return a date as Vietnamese readers write it: dd/mm/yyyy."""
    return f"{day:%d/%m/%Y}"
