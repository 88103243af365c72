"""The brakes equal an oracle that knows nothing of the product, on plans at random and right at every limit."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import brake_oracle
import plans
import pytest
import world
from brake_oracle import Deed, Rules, Share
from figures import Figures

from syncagent.core.action import DESTRUCTIVE, Action, ActionKind, Change, Operation, Review
from syncagent.core.brakes import check, hold, reviewed
from syncagent.core.plan import BrakeState
from syncagent.core.policy import Brakes, Limit
from syncagent.core.stamp import State
from syncagent.core.unit import Units
from syncagent.errors import Refused

PLANS = int(os.environ.get("SYNCAGENT_PLANS", "1000000"))
SHIPPED = Rules(
    second={"disable": Share(5, 10), "withdraw": Share(5, 10), "delete": Share(3, 5), "create": Share(50, 100)},
    trip={"disable": Share(10, 50), "withdraw": Share(10, 50), "delete": Share(5, 20)},
    unit_tenths=200,
    unit_count=3,
    overwrite=Share(50, 100),
    times={1: 20, 7: 40, 30: 80},
)
"""Design §5, defaults."""
_KINDS = [str(kind) for kind in ActionKind]
_LIMITED = ["disable", "withdraw", "delete", "create"]
_ABOVE = {"skhcn-vp": "skhcn", "ttcdstt": "skhcn"}
_PLACES = ["skhcn", "skhcn-vp", "ttcdstt", "snv", "giaothuy", "không-có"]
_NAMES = ["title", "mail", "department"]
_UNITS = Units({unit.unit: unit for unit in world.UNITS})
_OVERWRITES = [frozenset[str](), frozenset[str](), frozenset({"title"}), frozenset({"mail", "title"})]


class Case(NamedTuple):
    """A plan in plain values, what is managed, the rules, and what was done lately."""

    deeds: list[Deed]
    managed: list[str]
    rules: Rules
    lately: dict[tuple[str, int], int]


# ── in the product's words ───────────────────────────────────────────────────


@cache
def _action(deed: Deed) -> Action:
    """Return an action that does this; what it adds, keeps or makes new is no overwriting."""
    found = plans.action(1, ActionKind(deed.kind), unit=deed.unit)
    values = dict.fromkeys(deed.overwrites, (("cũ",), ("mới",))) | {"added": ((), ("x",)), "kept": (("x",), ("x",))}
    made = Change(Operation.ADD, "CN=x", {"made": (("y",), ("x",))})
    state = State.DISABLED if deed.takes else State.LOCKED
    stamp = replace(found.stamp, state=state) if found.stamp else None
    return replace(found, changes=(made, Change(Operation.MODIFY, "CN=x", values)), stamp=stamp, review=Review.ONE)


@cache
def _limits(shares: frozenset[tuple[str, Share]]) -> dict[ActionKind, Limit]:
    return {ActionKind(kind): Limit(share.least, share.tenths / 10) for kind, share in sorted(shares)}


def _brakes(rules: Rules) -> Brakes:
    return Brakes(
        second=_limits(frozenset(rules.second.items())),
        trip=_limits(frozenset(rules.trip.items())),
        unit_percent=rules.unit_tenths / 10,
        unit_count=rules.unit_count,
        overwrite=Limit(rules.overwrite.least, rules.overwrite.tenths / 10),
        rolling={days: tenths / 10 for days, tenths in rules.times.items()},
    )


def _state(case: Case) -> tuple[list[Action], BrakeState]:
    actions = [_action(deed) for deed in case.deeds]
    recent: dict[ActionKind, dict[int, int]] = {}
    for (kind, days), count in case.lately.items():
        recent.setdefault(ActionKind(kind), {})[days] = count
    return actions, check(actions, case.managed, _UNITS, _brakes(case.rules), recent)


def _found(state: BrakeState) -> tuple[brake_oracle.Found, brake_oracle.Found]:
    tripped, second = (
        {(one.brake, one.unit, one.count, one.limit) for one in group} for group in (state.tripped, state.second)
    )
    assert (len(tripped), len(second)) == (len(state.tripped), len(state.second))
    return tripped, second


def _compare(case: Case) -> BrakeState:
    actions, state = _state(case)
    expected = brake_oracle.trips(*case[:2], _ABOVE, case.rules, case.lately)
    assert _found(state) == expected, case
    for deed, action in zip(case.deeds, reviewed(actions, state), strict=True):
        assert (action.review is Review.TWO) is brake_oracle.needs_two(deed, expected[1]), (case, deed)
    return state


# ── plans at random ──────────────────────────────────────────────────────────


def _deed(chance: Random, kind: str) -> Deed:
    takes = kind in {str(one) for one in DESTRUCTIVE} or (kind == "adopt" and chance.random() < 0.5)
    return Deed(kind, takes, chance.choice(_PLACES), chance.choice(_OVERWRITES))


def _share(chance: Random) -> Share:
    return Share(chance.randint(0, 6), chance.choice((0, 5, 10, 13, 20, 33, 50, 100, 200, 333, 500, 1000)))


def _rules(chance: Random) -> Rules:
    if chance.random() < 0.2:
        return SHIPPED
    return Rules(
        second={kind: _share(chance) for kind in _LIMITED if chance.random() < 0.8},
        trip={kind: _share(chance) for kind in _LIMITED if chance.random() < 0.8},
        unit_tenths=chance.choice((0, 50, 200, 333, 500, 1000)),
        unit_count=chance.randint(1, 4),
        overwrite=_share(chance),
        times={1: chance.choice((10, 15, 20)), 7: chance.choice((25, 40)), 30: 80},
    )


def _at_the_limit(chance: Random, case: Case) -> Case:
    """Return the plan with so many actions of one kind that one more or one less makes the difference."""
    near, managed = chance.choice((-1, 0, 1)), len(case.managed)
    what = chance.randrange(4)
    if what == 0 and case.rules.trip:
        kind, share = chance.choice(sorted(case.rules.trip.items()))
        return _with(chance, case, kind, share.most(managed) + near)
    if what == 1 and case.rules.second:
        kind, share = chance.choice(sorted(case.rules.second.items()))
        now = Counter(map(brake_oracle.counts_as, case.deeds))[kind]
        days, tenths = chance.choice(sorted(case.rules.times.items()))
        return case._replace(
            lately={**case.lately, (kind, days): max(0, share.most(managed) * tenths // 10 - now + near)}
        )
    if what == 2:
        unit = chance.choice(_PLACES)
        size = sum(unit in {place, _ABOVE.get(place)} for place in case.managed)
        count = max(0, chance.choice((case.rules.unit_count, case.rules.unit_tenths * size // 1000)) + near)
        others = [deed for deed in case.deeds if not deed.takes]
        return case._replace(
            deeds=[
                *others,
                *(Deed("disable", takes=True, unit=unit, overwrites=frozenset()) for _ in range(min(count, 40))),
            ]
        )
    name = chance.choice(_NAMES)
    count = max(0, case.rules.overwrite.most(managed) + near)
    others = [deed for deed in case.deeds if name not in deed.overwrites]
    return case._replace(
        deeds=[
            *others,
            *(Deed("update", takes=False, unit="snv", overwrites=frozenset({name})) for _ in range(min(count, 60))),
        ]
    )


def _with(chance: Random, case: Case, kind: str, count: int) -> Case:
    others = [deed for deed in case.deeds if brake_oracle.counts_as(deed) != kind]
    return case._replace(deeds=[*others, *(_deed(chance, kind) for _ in range(min(max(count, 0), 60)))])


def _cases(seed: int, number: int) -> Iterator[Case]:
    chance = Random(seed)  # noqa: S311 - a fixed sample
    for _ in range(number):
        case = Case(
            [_deed(chance, kind) for kind in chance.choices(_KINDS, k=chance.randint(0, 8))],
            chance.choices(_PLACES, k=chance.choice((0, 3, 20, 33, 50))),
            _rules(chance),
            {(kind, days): chance.randint(0, 30) for kind in _LIMITED for days in (1, 7, 30) if chance.random() < 0.2},
        )
        yield _at_the_limit(chance, case) if chance.random() < 0.6 else case


def _tried(number: int) -> tuple[int, int]:
    """Compare so many plans; return how many stop, and how many ask for a second approver."""
    stopped = asked = 0
    before = BrakeState()
    for case in _cases(2026, number):
        state = _compare(case)
        stopped += bool(state.tripped)
        asked += bool(state.second)
        _hold(state, before)
        before = state
    return stopped, asked


def _hold(now: BrakeState, planned: BrakeState) -> None:
    """Right before the first write: with the counts that were accepted, and with each one less."""
    for less in (0, 1):
        accepted = {trip.name: trip.count - less for trip in planned.tripped}
        try:
            hold(now, planned, accepted)
            refused = False
        except Refused:
            refused = True
        assert refused is brake_oracle.refuses(_found(now), _found(planned), accepted), (now, planned)


def test_the_brakes_equal_the_oracle() -> None:
    """F4-F7: which brakes trip, with which numbers, who asks for a second approver, and what stops the first write."""
    stopped, asked = _tried(3_000)

    assert min(stopped, asked) > 300


@pytest.mark.long
def test_the_brakes_equal_the_oracle_a_million_times() -> None:
    """The same, on as many plans as issue 5 asks for."""
    stopped, asked = _tried(PLANS)

    assert min(stopped, asked) > PLANS // 10
    figures = Figures(Path(__file__).parents[2] / "build/faults.json")
    figures.note("random plans on which the brakes equal an independent oracle", PLANS, 1_000_000)


# ── right at every limit ─────────────────────────────────────────────────────


def _exactly(kind: str, count: int, managed: int, lately: dict[tuple[str, int], int]) -> Case:
    overwrites = frozenset({"title"}) if kind == "update" else frozenset[str]()
    deed = Deed(kind, kind in {"disable", "withdraw", "delete"}, "snv", overwrites)
    return Case([deed] * count, ["giaothuy"] * managed, SHIPPED._replace(unit_count=10_000), lately)


@pytest.mark.parametrize("managed", [0, 1, 99, 100, 101, 199, 200, 250, 499, 500, 501, 999, 1000, 1001])
def test_one_less_and_one_more_at_every_limit(managed: int) -> None:
    """Boundary ± 1: one below a limit and at it nothing happens, one above it does, for every brake that is shipped."""
    for group, name in ((SHIPPED.trip, "tripped"), (SHIPPED.second, "second")):
        for kind, share in group.items():
            most = share.most(managed)
            assert _over(kind, most, managed, {}, name) == (False, False, True)
            for days, tenths in SHIPPED.times.items():
                so_far = most * tenths // 10 - 1
                lately = {(kind, days): so_far}
                assert _over(kind, 1, managed, lately, name, f"{kind}-within-{days}d") == (False, False, True)
    assert _over("update", SHIPPED.overwrite.most(managed), managed, {}, "second", "overwrite:title") == (
        False,
        False,
        True,
    )


def _over(
    kind: str, most: int, managed: int, lately: dict[tuple[str, int], int], group: str, brake: str = ""
) -> tuple[bool, ...]:
    """Whether a brake says something at one less than a number, at it, and at one more."""
    name = brake or f"{kind}-count"
    found: list[bool] = []
    for count in (most - 1, most, most + 1):
        state = _compare(_exactly(kind, count, managed, lately))
        trips: Sequence[object] = [trip for trip in getattr(state, group) if trip.name == name]
        found.append(bool(trips))
    return tuple(found)


@pytest.mark.parametrize("size", range(41))
def test_one_less_and_one_more_within_a_unit(size: int) -> None:
    """Boundary ± 1: a fifth of a unit and at least three, whatever its size."""
    most = max(2, size // 5)
    for count in (most - 1, most, most + 1):
        deeds = [Deed("delete", takes=True, unit="snv", overwrites=frozenset())] * count
        state = _compare(Case(deeds, ["snv"] * size + ["giaothuy"] * 500, SHIPPED, {}))
        assert [trip.name for trip in state.tripped if trip.unit] == ["unit-share:snv"] * (count > most)
