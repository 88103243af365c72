"""A clause as it stands in a regulation file: rule, article, and what it says in both languages."""

from __future__ import annotations

from pydantic import Field

from syncagent.core.action import Cite
from syncagent.mapping.source import Strict
from syncagent.text import Text


class Clause(Strict):
    """One rule of the text; every other part of a regulation file builds on it."""

    rule: str = Field(pattern=r"^[A-Z0-9]+-\d+(, [A-Z0-9]+-\d+)*$", description="Rule id, as NB-28")
    article: str = Field(min_length=1, description="Where the text says it, as “Điều 7 khoản 4”")
    vi: str = Field(min_length=1, description="What it orders, in Vietnamese")
    en: str = Field(min_length=1, description="The same in English")

    def cite(self) -> Cite:
        """Return the clause as the core cites it."""
        return Cite(self.rule, self.article, Text(self.vi, self.en))
