"""docs/reference/files.md describes the files that the code reads: every column, every word, the limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from syncagent.connectors.roster.archive import MOST_COLUMNS, MOST_ENTRIES, MOST_UNPACKED
from syncagent.connectors.roster.file import LARGEST
from syncagent.mapping.columns import read_columns

if TYPE_CHECKING:
    from syncagent.mapping.columns import Columns

_ROOT = Path(__file__).parent.parent.parent
_PAGE = (_ROOT / "docs" / "reference" / "files.md").read_text(encoding="utf-8")
_MAP = read_columns("version: 1\nname: bare\n", "bare.yaml")
_PARTS = (_MAP.people, _MAP.units, _MAP.requests)


def _section(part: str) -> str:
    return _PAGE.split(f"\n## {part}.csv\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("columns", _PARTS, ids=lambda columns: columns.part)
def test_every_column_has_a_row_that_says_whether_it_is_required(columns: Columns) -> None:
    """The table of a file has exactly its columns, and a dot where the reader asks for a value."""
    rows = [line.split("|") for line in _section(columns.part).splitlines() if line.startswith("| `")]
    dotted = {cells[1].strip(" `"): cells[2].strip() == "•" for cells in rows if cells[2].strip() in {"•", ""}}

    assert dotted == {column: column in columns.required for column in columns.headings.values()}


@pytest.mark.parametrize("columns", _PARTS, ids=lambda columns: columns.part)
def test_every_word_of_a_column_is_explained(columns: Columns) -> None:
    """Whatever a cell of few words may say stands in the section of its file."""
    words = {(column, str(word)) for column, known in columns.words.items() for word in known.values()}
    section = _section(columns.part)

    assert [(column, word) for column, word in sorted(words) if f"`{word}`" not in section] == []


@pytest.mark.parametrize("limit", [LARGEST, MOST_UNPACKED, MOST_ENTRIES, MOST_COLUMNS])
def test_the_limits_are_those_of_the_reader(limit: int) -> None:
    """Both languages name each limit, as numbers are written in them."""
    vietnamese, english = _PAGE.split("\n## Quy định chung\n")[1].split("\n## General rules\n")

    assert f"{limit:,}".replace(",", ".") in vietnamese
    assert f"{limit:,}" in english
