"""A table that people read, print or open in a spreadsheet: every cell is a text in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from syncagent.report import words
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from syncagent.core.action import Cite
    from syncagent.core.survey import View

Row = tuple[Text, ...]

NONE: Final = Text("–", "–")


@dataclass(frozen=True, slots=True)
class Table:
    """One report: what it is, the heading of each column, the cells row by row, and what must be known to read it."""

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[Row, ...]
    notes: tuple[Text, ...]


def titled(view: View, title: Text, columns: tuple[Text, ...], rows: Iterable[Row], notes: tuple[Text, ...]) -> Table:
    """Return a table that says for which day it is, and whether its regulation is in force by then."""
    regulation, today = view.policy.regulation, view.today
    if today < regulation.in_force:
        early = Text(
            f"{regulation.document} có hiệu lực từ {vi(regulation.in_force)}.",
            f"{regulation.document} is in force from {regulation.in_force}.",
        )
        notes = (*notes, early)
    return Table(Text(f"{title.vi}, ngày {vi(today)}", f"{title.en}, on {today}"), columns, tuple(rows), notes)


def basis(view: View, rules: frozenset[str]) -> tuple[Text, ...]:
    """Return the clauses of this regulation that order a report; none where it orders none."""
    cites = view.policy.regulation.cites()
    return tuple(cited(view, cite) for cite in cites if rules.intersection(cite.rule.split(", ")))


def cited(view: View, cite: Cite) -> Text:
    """Return what a clause orders, as the ground of a report."""
    of = view.policy.regulation.document
    return Text(
        f"Căn cứ {cite.article} {of} ({cite.rule}): {cite.text.vi}",
        f"{cite.article} {of} ({cite.rule}): {cite.text.en}",
    )


def said(text: str) -> Text:
    """Return a name, an address or a number of a document: the same in both languages."""
    return Text(text, text)


def on_day(day: date | None) -> Text:
    """Return a day as each language writes it, a dash where it is not known."""
    return Text(vi(day), f"{day}") if day else NONE


def counted(count: int) -> Text:
    """Return a count as each language writes it."""
    return Text(words.number(count, "vi"), words.number(count, "en"))


def span(least: str, most: str) -> Text:
    """Return two bounds as a range, one number where they agree."""
    return said(least if least == most else f"{least}–{most}")
