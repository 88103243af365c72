"""The brakes of design §5 once more, counted naively over plain values; nothing here knows the product.

An action is a tuple: its kind, whether it takes a mailbox away, its unit, the attributes it overwrites. A limit is a
count and a share in tenths of a percent; a number exceeds it if it is more than both. A limit holds several times over,
told in tenths, for everything done within some days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Deed(NamedTuple):
    kind: str
    takes: bool
    unit: str
    overwrites: frozenset[str]


class Share(NamedTuple):
    least: int
    tenths: int

    def most(self, managed: int) -> int:
        part = self.tenths * managed // 1000
        return max(self.least, part)


class Rules(NamedTuple):
    second: Mapping[str, Share]
    trip: Mapping[str, Share]
    unit_tenths: int
    unit_count: int
    overwrite: Share
    times: Mapping[int, int]


Found = set[tuple[str, str, int, int]]
"""What trips: the brake, the unit if it is one of a unit, the count, the limit."""


def counts_as(deed: Deed) -> str:
    return "disable" if deed.kind == "adopt" and deed.takes else deed.kind


def _by_kind(
    deeds: Sequence[Deed], managed: int, limits: Mapping[str, Share], times: Mapping[int, int],
    lately: Mapping[tuple[str, int], int],
) -> Found:  # fmt: skip
    found: Found = set()
    for kind, share in limits.items():
        now = 0
        for deed in deeds:
            now += counts_as(deed) == kind
        most = share.most(managed)
        if now > most:
            found.add((f"{kind}-count", "", now, most))
        for days, tenths in times.items():
            before = lately.get((kind, days), 0)
            together = now + before
            if now and before and together * 10 > most * tenths:
                found.add((f"{kind}-within-{days}d", "", together, most * tenths // 10))
    return found


def _within(units: Iterable[str], above: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for unit in units:
        place = unit
        while place:
            found[place] = found.get(place, 0) + 1
            place = above.get(place, "")
    return found


def trips(
    deeds: Sequence[Deed],
    managed: Sequence[str],
    above: Mapping[str, str],
    rules: Rules,
    lately: Mapping[tuple[str, int], int],
) -> tuple[Found, Found]:
    """Return what stops the plan, and what asks for a second approver."""
    stops = _by_kind(deeds, len(managed), rules.trip, rules.times, lately)
    taken = _within([deed.unit for deed in deeds if deed.takes], above)
    sizes = _within(managed, above)
    for unit, count in taken.items():
        size = sizes.get(unit, 0)
        if count >= rules.unit_count and count * 1000 > rules.unit_tenths * size:
            stops.add(("unit-share", unit, count, rules.unit_tenths * size // 1000))
    asks = _by_kind(deeds, len(managed), rules.second, rules.times, lately)
    most = rules.overwrite.most(len(managed))
    for name in {name for deed in deeds for name in deed.overwrites}:
        count = sum(name in deed.overwrites for deed in deeds)
        if count > most:
            asks.add((f"overwrite:{name}", "", count, most))
    return stops, asks


def needs_two(deed: Deed, asks: Found) -> bool:
    """Whether two people approve an action because of what asks for the second."""
    brakes = {brake for brake, _, _, _ in asks}
    if any(f"overwrite:{name}" in brakes for name in deed.overwrites):
        return True
    kind = counts_as(deed)
    return any(brake.rpartition("-within-")[0] == kind or brake == f"{kind}-count" for brake in brakes)


def refuses(now: tuple[Found, Found], planned: tuple[Found, Found], accepted: Mapping[str, int]) -> bool:
    """Whether nothing may be written, because more trips than people let pass, or more asks than was asked."""
    known = {(brake, unit) for brake, unit, _, _ in planned[1]}
    worse = any(count > accepted.get(f"{brake}:{unit}" if unit else brake, -1) for brake, unit, count, _ in now[0])
    return worse or any((brake, unit) not in known for brake, unit, _, _ in now[1])
