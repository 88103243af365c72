"""What became of an action."""

from __future__ import annotations

from syncagent.core.outcome import Outcome, Result


def test_an_outcome_is_one_of_six() -> None:
    """Design §2 and decision 041: done, conflict, unknown, failed, not tried, or for a person to look at."""
    assert {str(result) for result in Result} == {"done", "conflict", "unknown", "failed", "not-tried", "needs-human"}


def test_success_needs_no_sentence() -> None:
    """Only what went wrong is explained."""
    assert Outcome("a0001", Result.DONE).says == ("", "")
