"""Whether the clocks can be believed: a wrong one would bring deletions forward (F11; contract §6, law 6).

Nothing is written while clocks differ, and nothing while time runs backwards. A jump forward leaves everything
possible but deletions, which then need an approval that names them, until runs have come at their usual pace again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from syncagent.errors import Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FARTHEST = timedelta(seconds=60)
"""How far two clocks may be apart, and how far back time may seem to run, before nothing is written."""

_LATE = timedelta(hours=26)
_MOST_RUNS = 60
_LIFTED_BY = 2


class Beat(NamedTuple):
    """What is remembered of time between runs.

    `last` is the last run that counted. `normal` is how many runs came at their usual pace since time jumped
    forward, None if it did not, or if that is settled.
    """

    last: datetime | None = None
    normal: int | None = None

    @property
    def jumped(self) -> bool:
        """Whether time jumped forward and the runs since then are not enough to believe it."""
        return self.normal is not None


def together(clocks: Mapping[str, datetime]) -> None:
    """Given what each clock shows, make sure that they agree.

    Raises:
        Refused: two are more than a minute apart.
    """
    first, last = min(clocks, key=lambda name: clocks[name]), max(clocks, key=lambda name: clocks[name])
    apart = clocks[last] - clocks[first]
    if apart > FARTHEST:
        seconds = int(apart.total_seconds())
        raise Refused(
            Text(
                f"Đồng hồ của {last} nhanh hơn {first} {seconds} giây (cho phép {FARTHEST.seconds}); không ghi gì. "
                "Hãy đồng bộ giờ (NTP) rồi chạy lại.",
                f"The clock of {last} is {seconds} seconds ahead of {first} ({FARTHEST.seconds} are allowed); nothing "
                "is written. Synchronize the clocks (NTP) and run again.",
            )
        )


def forwards(last: datetime | None, now: datetime) -> None:
    """Make sure that time does not run backwards: what was recorded last was recorded before now.

    Raises:
        Refused: it does, by more than clocks may differ.
    """
    if last and last - now > FARTHEST:
        recorded, shown = f"{last:%Y-%m-%d %H:%M:%S} UTC", f"{now:%Y-%m-%d %H:%M:%S} UTC"
        raise Refused(
            Text(
                f"Đồng hồ chạy lùi: bản ghi gần nhất lúc {recorded}, bây giờ là {shown}. Không làm gì; hãy chỉnh lại "
                "giờ máy.",
                f"The clock runs backwards: the last record is of {recorded}, now it is {shown}. Nothing is done; set "
                "the machine's clock right.",
            )
        )


def beat(before: Beat, now: datetime, every: timedelta) -> Beat:
    """Given what was remembered and how often the agent is meant to run, return what to remember of a run now.

    A run soon after another one changes nothing: time must pass for a run to count, so that nobody lifts the
    suspension by running three times in a minute.
    """
    if before.last is None:
        return Beat(now)
    passed = now - before.last
    if passed > every + _LATE:
        return Beat(now, 0)
    if passed < every / 2:
        return before
    if before.normal is None or before.normal + 1 >= _LIFTED_BY:
        return Beat(now)
    return Beat(now, before.normal + 1)


def runs_needed(days: int, every: timedelta) -> int:
    """Return how many runs must have seen an account closed before it is deleted after a term of so many days."""
    return max(0, min(_MOST_RUNS, timedelta(days=days) // every - 1))
