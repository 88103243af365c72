"""Which clocks are believed, and what a wrong one may not do (F11; law 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.clocks import Beat, beat, forwards, runs_needed, together
from syncagent.errors import Refused

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("seconds", [0, 1, 60])
def test_clocks_may_differ_by_a_minute(seconds: int) -> None:
    """Issue “Safe apply”, clocks: sixty seconds are allowed."""
    together({"syncagent": NOW, "main": NOW + timedelta(seconds=seconds), "state": NOW})


@pytest.mark.parametrize("seconds", [61, -61, 3600, -86_400])
def test_clocks_further_apart_write_nothing(seconds: int) -> None:
    """More than sixty seconds apart, in either direction: refused, naming both clocks and how far."""
    with pytest.raises(Refused) as refused:
        together({"syncagent": NOW, "main": NOW + timedelta(seconds=seconds)})

    ahead, behind = ("main", "syncagent") if seconds > 0 else ("syncagent", "main")
    assert f"The clock of {ahead} is {abs(seconds)} seconds ahead of {behind}" in refused.value.says.en


def test_time_does_not_run_backwards() -> None:
    """Backwards: stop; by no more than clocks may differ is no matter, and neither is a first run."""
    forwards(None, NOW)
    forwards(NOW + timedelta(seconds=60), NOW)
    with pytest.raises(Refused) as refused:
        forwards(NOW + timedelta(seconds=61), NOW)

    assert "2026-03-10 09:01:01 UTC" in refused.value.says.vi


@pytest.mark.parametrize(
    ("hours", "jumped"),
    [(24, False), (50, False), (50.01, True), (24 * 90, True)],
)
def test_a_jump_is_more_than_twenty_six_hours_beyond_the_usual_pace(hours: float, *, jumped: bool) -> None:
    """Daily runs: fifty hours after the last one nothing is wrong, a moment later deletions are suspended."""
    assert beat(Beat(NOW), NOW + timedelta(hours=hours), DAY).jumped is jumped


def test_two_runs_at_the_usual_pace_lift_the_suspension() -> None:
    """Not the run that noticed it, and not one that follows in a minute; a second jump begins anew."""
    first = beat(Beat(), NOW, DAY)
    noticed = beat(first, NOW + 10 * DAY, DAY)
    hurried = beat(noticed, NOW + 10 * DAY + timedelta(minutes=1), DAY)
    once = beat(hurried, NOW + 11 * DAY, DAY)
    twice = beat(once, NOW + 12 * DAY, DAY)
    again = beat(once, NOW + 20 * DAY, DAY)

    assert [one.jumped for one in (first, noticed, hurried, once, twice, again)] == [
        False, True, True, True, False, True,
    ]  # fmt: skip
    assert hurried == noticed


@pytest.mark.parametrize(
    ("days", "every", "needed"),
    [(90, DAY, 60), (61, DAY, 60), (60, DAY, 59), (2, DAY, 1), (1, DAY, 0), (0, DAY, 0), (90, 7 * DAY, 11)],
)
def test_how_many_runs_must_have_seen_it_closed(days: int, every: timedelta, needed: int) -> None:
    """min(60, floor(window / interval) - 1), never less than none."""
    assert runs_needed(days, every) == needed


@given(
    st.lists(st.floats(min_value=0.5, max_value=400, allow_nan=False), max_size=30),
    st.sampled_from([timedelta(hours=6), DAY, 7 * DAY]),
)
def test_after_a_jump_real_time_passes_before_deletions_come_back(hours: list[float], every: timedelta) -> None:
    """Whatever the runs: between noticing a jump and believing time again at least one whole usual pace passes."""
    state, now = Beat(NOW), NOW
    noticed: datetime | None = None
    for passed in hours:
        now += timedelta(hours=passed)
        before, state = state, beat(state, now, every)
        if before.last and now - before.last > every + timedelta(hours=26):
            noticed = now
        if noticed and not state.jumped:
            assert now - noticed >= every
            noticed = None
        assert state.jumped is (noticed is not None)
