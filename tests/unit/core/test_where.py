"""Where a fact was read."""

from __future__ import annotations

from syncagent.core.where import Where


def test_a_place_is_written_as_editors_write_it() -> None:
    """Contract §4: a finding names file and line; line 0 is the file as a whole."""
    assert str(Where("people.csv", 10)) == "people.csv:10"
    assert str(Where("people.csv")) == "people.csv"
