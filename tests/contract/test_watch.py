"""What runs have seen, kept in a real state (F7, F11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from syncagent.core.action import ActionKind
from syncagent.core.clocks import Beat
from syncagent.core.stamp import AccountKind, Stamp, State
from syncagent.store import audit, watch
from syncagent.store.store import Store, open_store

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = ("main", "g1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty state."""
    found = open_store("sqlite:///state.db", tmp_path, "L1")
    yield found
    found.close()


def _stamp(since: str = "2026-01-15") -> Stamp:
    return Stamp(AccountKind.PERSONAL, "P1", State.DISABLED, date.fromisoformat(since), "left")


def _runs(store: Store, *seen: tuple[datetime, Stamp | None]) -> int:
    for moment, stamp in seen:
        with store.writing() as connection:
            watch.note(connection, {KEY: stamp} if stamp else {}, moment, DAY)
    with store.reading() as connection:
        return watch.seen(connection).get(KEY, 0)


def test_a_run_counts_once_however_often_it_is_repeated(store: Store) -> None:
    """Sixty plans in an hour are one sighting: time must pass between two that count."""
    hurried = [(NOW + timedelta(minutes=minute), _stamp()) for minute in range(60)]

    assert _runs(store, *hurried) == 1
    assert _runs(store, *((NOW + day * DAY, _stamp()) for day in range(1, 5))) == 5


def test_whoever_was_open_meanwhile_begins_again(store: Store) -> None:
    """Given back and closed anew, closed for another reason on another day, or not seen: the count starts from one."""
    assert _runs(store, (NOW, _stamp()), (NOW + DAY, _stamp())) == 2
    assert _runs(store, (NOW + 2 * DAY, None), (NOW + 3 * DAY, _stamp())) == 1
    assert _runs(store, (NOW + 4 * DAY, _stamp(since="2026-03-12"))) == 1
    assert _runs(store, (NOW + 5 * DAY, replace(_stamp(), state=State.LOCKED))) == 1


def test_the_beat_is_kept(store: Store) -> None:
    """What is remembered of time is what was told last; nothing before the first run."""
    with store.writing() as connection:
        first = watch.beat(connection)
        watch.keep_beat(connection, Beat(NOW, 1))
        watch.keep_beat(connection, Beat(NOW + DAY))
        kept = watch.beat(connection)
        watch.keep_beat(connection, Beat())

        assert (first, kept, watch.beat(connection)) == (Beat(), Beat(NOW + DAY), Beat())


def test_what_was_done_lately_is_counted_from_the_audit_log(store: Store) -> None:
    """Exactly a day ago is outside, a second less is inside; other records, older ones, other targets do not."""
    with store.writing() as connection:
        assert watch.last_record(connection) is None
        for ago, kind in (
            (timedelta(days=30), "delete"), (timedelta(days=29), "delete"), (timedelta(days=7), "disable"),
            (timedelta(days=1), "disable"), (timedelta(seconds=86_399), "disable"),
        ):  # fmt: skip
            day = (NOW - ago).date().isoformat()
            audit.append(connection, "done", {"target": "main", "counts_as": kind, "day": day}, NOW - ago)
        old = {"target": "hanam", "counts_as": "disable", "day": "2026-03-10"}
        audit.append(connection, "done", old, NOW)
        audit.append(connection, "conflict", old | {"target": "main"}, NOW)

        assert watch.last_record(connection) == NOW
        assert watch.done_within(connection, (7, 1, 30), NOW, None, frozenset({"hanam"})) == {
            ActionKind.DISABLE: {1: 1, 7: 2, 30: 3},
            ActionKind.DELETE: {1: 0, 7: 0, 30: 1},
        }
        rehearsed = watch.done_within(connection, (1, 30), NOW + 400 * DAY, date(2026, 3, 10), frozenset({"hanam"}))
        assert rehearsed[ActionKind.DISABLE] == {1: 0, 30: 3}
        assert watch.done_within(connection, (1,), NOW, None)[ActionKind.DISABLE] == {1: 2}
