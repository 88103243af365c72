"""What becomes of a job: done once for each moment, tried again after a failure, rarely after many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncagent.service import fared
from syncagent.store.jobs import Standing
from syncagent.text import Text

NOW = datetime(2026, 3, 16, 2, tzinfo=UTC)
WHY = Text("hỏng", "broken")


def _failed(before: Standing, limit: int = 3, regular: datetime | None = None) -> Standing:
    return fared.failed(before, NOW, WHY, limit, regular, 1.0, {})


def test_a_failure_is_tried_again_soon_and_a_third_one_rarely() -> None:
    """1 and 5 minutes later; from the limit on it is quarantined: 1, 2, 4 … hours later, a day at the most."""
    one = Standing()
    waits = []
    for _ in range(12):
        one = _failed(one)
        waits.append(one.next_try - NOW if one.next_try else None)

    hours = [timedelta(hours=count) for count in (1, 2, 4, 8, 16, 24, 24, 24, 24, 24)]
    assert waits == [timedelta(minutes=1), timedelta(minutes=5), *hours]
    assert (one.failures, one.quarantined, one.says) == (12, True, WHY)


def test_the_schedule_comes_first_if_it_is_sooner_but_not_out_of_quarantine() -> None:
    """Whatever is sooner, the next moment or the next try; a job in quarantine waits."""
    soon = NOW + timedelta(seconds=10)

    assert _failed(Standing(), regular=soon).next_try == soon
    assert _failed(Standing(), regular=NOW - timedelta(seconds=9)).next_try == NOW
    assert _failed(Standing(failures=2), regular=soon).next_try == NOW + timedelta(hours=1)


def test_a_success_ends_a_quarantine_and_another_agent_at_work_is_no_failure() -> None:
    """What failed is forgotten but for the counts; who waited is tried again in two minutes."""
    bad = _failed(_failed(_failed(Standing())))

    good = fared.succeeded(bad._replace(taken=NOW), NOW, 2.0, {"actions": 3})
    waited = fared.postponed(good, NOW, WHY)

    assert (good.failures, good.quarantined, good.next_try, good.says) == (0, False, None, Text("", ""))
    assert good.succeeded == NOW
    assert good.counts == {"failed": 3, "done": 1}
    assert (waited.failures, waited.next_try) == (0, NOW + timedelta(minutes=2))


def test_moments_of_a_wrong_clock_are_forgotten() -> None:
    """A job that was done “in 2030” is not left undone until then; an hour that came twice is not done twice."""
    far = NOW + timedelta(days=1400)

    assert fared.believed(Standing(taken=far, succeeded=far, next_try=far), NOW) == Standing()
    twice = Standing(taken=NOW + timedelta(hours=1), succeeded=NOW + timedelta(hours=1))
    assert fared.believed(twice, NOW) == twice
