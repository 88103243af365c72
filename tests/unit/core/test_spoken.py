"""The words for what people see."""

from __future__ import annotations

from syncagent.core.outcome import Result
from syncagent.core.spoken import RESULTS


def test_every_result_has_a_word_in_both_languages() -> None:
    """However an action ends, `apply` and `status` can say it."""
    assert set(RESULTS) == set(Result)
    assert all(word.vi and word.en for word in RESULTS.values())
