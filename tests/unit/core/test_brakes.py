"""Brakes over a whole plan, with the numbers of design §5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import plans
import pytest
import world
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.action import Action, ActionKind, Change, Operation, Review
from syncagent.core.brakes import check, counted_as, hold, reviewed
from syncagent.core.plan import BrakeState
from syncagent.core.policy import Brakes, Limit
from syncagent.core.stamp import State
from syncagent.core.unit import Units
from syncagent.errors import Refused

UNITS = Units({unit.unit: unit for unit in world.UNITS})
ROOMY = replace(world.brakes(), unit_percent=100, unit_count=1000)
"""The shipped brakes without the one per unit."""


def _many(kind: ActionKind, count: int, unit: str = "skhcn") -> list[Action]:
    return [plans.action(number, kind, unit=unit) for number in range(1, count + 1)]


def _names(state: BrakeState) -> tuple[list[str], list[str]]:
    return [trip.name for trip in state.tripped], [trip.name for trip in state.second]


def _state(actions: Sequence[Action], managed: int, brakes: Brakes = ROOMY) -> BrakeState:
    return check(actions, ["skhcn"] * managed, UNITS, brakes)


@pytest.mark.parametrize(
    ("kind", "count", "managed", "trips", "asks"),
    [
        (ActionKind.DISABLE, 5, 100, False, False),
        (ActionKind.DISABLE, 6, 100, False, True),
        (ActionKind.DISABLE, 10, 100, False, True),
        (ActionKind.DISABLE, 11, 100, True, True),
        (ActionKind.DISABLE, 10, 1000, False, False),
        (ActionKind.DISABLE, 11, 1000, False, True),
        (ActionKind.DISABLE, 50, 1000, False, True),
        (ActionKind.DISABLE, 51, 1000, True, True),
        (ActionKind.WITHDRAW, 11, 100, True, True),
        (ActionKind.DELETE, 3, 100, False, False),
        (ActionKind.DELETE, 4, 100, False, True),
        (ActionKind.DELETE, 5, 100, False, True),
        (ActionKind.DELETE, 6, 100, True, True),
        (ActionKind.DELETE, 5, 1000, False, False),
        (ActionKind.DELETE, 20, 1000, False, True),
        (ActionKind.DELETE, 21, 1000, True, True),
        (ActionKind.CREATE, 50, 100, False, False),
        (ActionKind.CREATE, 51, 100, False, True),
        (ActionKind.CREATE, 100, 1000, False, False),
        (ActionKind.CREATE, 101, 1000, False, True),
        (ActionKind.LOCK, 40, 100, False, False),
    ],
)
def test_the_limits_are_those_of_the_design(
    kind: ActionKind, count: int, managed: int, *, trips: bool, asks: bool
) -> None:
    """Design §5, defaults: exactly at the limit nothing happens, one more asks for the second approver or trips."""
    state = _state(_many(kind, count), managed)

    assert _names(state) == ([f"{kind}-count"] * trips, [f"{kind}-count"] * asks)
    for trip in (*state.tripped, *state.second):
        assert trip.count == count
        assert trip.limit < count
        assert f"{count} " in trip.says.vi
        assert f"limit is {trip.limit} (of {managed} managed accounts)" in trip.says.en


_LIMITS = st.builds(Limit, st.integers(0, 6), st.sampled_from([0, 0.5, 1, 2, 5, 10, 20, 50, 100]))
_COUNTED = st.sampled_from([ActionKind.DISABLE, ActionKind.WITHDRAW, ActionKind.DELETE, ActionKind.CREATE])


@given(_COUNTED, st.integers(0, 12), st.integers(0, 250), _LIMITS, _LIMITS)
def test_a_brake_trips_iff_the_count_exceeds_the_limit(
    kind: ActionKind, count: int, managed: int, trip: Limit, second: Limit
) -> None:
    """Design §5: more than the count and more than the share of managed accounts, computed in fractions."""
    state = _state(_many(kind, count), managed, replace(ROOMY, trip={kind: trip}, second={kind: second}))

    def exceeds(limit: Limit) -> bool:
        return count > limit.count and count > Fraction(limit.percent) * managed / 100

    assert bool(state.tripped) is exceeds(trip)
    assert bool(state.second) is exceeds(second)


_PLACES = st.sampled_from(["skhcn", "skhcn-vp", "ttcdstt", "snv", "giaothuy", "không-có"])
_ABOVE = {"skhcn-vp": "skhcn", "ttcdstt": "skhcn"}


@given(
    st.lists(st.tuples(st.sampled_from(ActionKind), _PLACES), max_size=9),
    st.lists(_PLACES, max_size=40),
    st.sampled_from([0, 5, 20, 50]),
    st.integers(1, 4),
)
def test_a_unit_trips_iff_too_large_a_part_of_it_loses_its_mailboxes(
    done: list[tuple[ActionKind, str]], managed: list[str], percent: int, least: int
) -> None:
    """Design §5: more than a share and at least so many destructive actions in a unit with all below it."""
    actions = [plans.action(number, kind, unit=unit) for number, (kind, unit) in enumerate(done, start=1)]
    brakes = replace(world.brakes(), trip={}, second={}, unit_percent=percent, unit_count=least)

    state = check(actions, managed, UNITS, brakes)

    taken = {ActionKind.DISABLE, ActionKind.WITHDRAW, ActionKind.DELETE}
    expected = {}
    for unit in ("skhcn", "skhcn-vp", "ttcdstt", "snv", "giaothuy", "không-có"):
        hit = sum(1 for kind, place in done if kind in taken and unit in {place, _ABOVE.get(place)})
        size = sum(1 for place in managed if unit in {place, _ABOVE.get(place)})
        if hit >= least and 100 * hit > percent * size:
            expected[f"unit-share:{unit}"] = hit
    assert {trip.name: trip.count for trip in state.tripped} == expected
    assert [trip.unit for trip in state.tripped] == sorted(trip.unit for trip in state.tripped)


@pytest.mark.parametrize(("size", "count", "trips"), [(3, 2, False), (3, 3, True), (15, 3, False), (10, 3, True)])
def test_no_unit_is_too_small_for_its_brake(size: int, count: int, *, trips: bool) -> None:
    """Design §5: over twenty percent and at least three within one unit; small units have no exemption."""
    state = check(_many(ActionKind.DISABLE, count, "snv"), ["snv"] * size, UNITS, world.brakes())

    assert _names(state)[0] == ["unit-share:snv"] * trips
    assert [trip.limit for trip in state.tripped] == [size // 5] * trips


def _overwriting(count: int, before: str = "Chuyên viên", after: str = "Phó phòng") -> list[Action]:
    values = ((before,) if before else (), (after,))
    change = Change(Operation.MODIFY, "CN=x", {"title": values})
    return [replace(action, changes=(change,)) for action in _many(ActionKind.UPDATE, count)]


@pytest.mark.parametrize(("count", "managed", "asks"), [(50, 100, False), (51, 100, True), (101, 1100, False)])
def test_one_attribute_overwritten_widely_asks_for_a_second_approver(count: int, managed: int, *, asks: bool) -> None:
    """Design §5: one attribute overwritten for more than max(50, 10 %)."""
    state = _state(_overwriting(count), managed)

    assert _names(state) == ([], ["overwrite:title"] * asks)
    assert [trip.count for trip in state.second] == [count] * asks


def test_only_what_is_lost_counts_as_overwritten() -> None:
    """Design §5: a value where nothing was, an equal value and the values of a new entry overwrite nothing."""
    new = Change(Operation.ADD, "CN=x", {"title": (("Chuyên viên",), ("Phó phòng",))})
    added = [replace(action, changes=(new,)) for action in _overwriting(60)]

    for harmless in (_overwriting(60, before=""), _overwriting(60, after="Chuyên viên"), added):
        assert _state(harmless, 100).second == ()


def _adoption(state: State) -> Action:
    made = plans.action(1, ActionKind.ADOPT)
    assert made.stamp
    return replace(made, stamp=replace(made.stamp, state=state))


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.ACTIVE, ActionKind.ADOPT),
        (State.LOCKED, ActionKind.ADOPT),
        (State.DISABLED, ActionKind.DISABLE),
        (State.WITHDRAWN, ActionKind.DISABLE),
    ],
)
def test_an_adoption_that_closes_a_mailbox_counts_as_a_disable(state: State, kind: ActionKind) -> None:
    """Design §5 and §3: what takes a mailbox away is counted, whatever it is called; a locked one still receives."""
    assert counted_as(_adoption(state)) is kind


def test_a_second_approver_is_asked_of_the_actions_concerned_and_of_no_others() -> None:
    """Design §5 and contract §6: two people approve what exceeds; `approval: none` satisfies this brake, too."""
    disables, others = _many(ActionKind.DISABLE, 6), _many(ActionKind.LOCK, 2)
    overwrites = _overwriting(51)
    free = replace(disables[0], review=Review.NONE)
    closing = _adoption(State.DISABLED)
    found = [*disables, *others, *overwrites, free, closing]

    seen = reviewed(found, _state(found, 100))

    assert {action.review for action in seen[:6]} == {Review.TWO}
    assert {action.review for action in seen[6:8]} == {Review.ONE}
    assert {action.review for action in seen[8:59]} == {Review.TWO}
    assert [action.review for action in seen[59:]] == [Review.NONE, Review.TWO]
    assert [replace(action, review=Review.ONE) for action in seen] == [
        replace(action, review=Review.ONE) for action in found
    ]


def test_a_brake_never_changes_the_plan() -> None:
    """Design §5: a tripped plan is shown all the same, and below every limit nothing is asked."""
    few = _many(ActionKind.DISABLE, 5)

    assert reviewed(few, _state(few, 100)) == tuple(few)
    assert len(reviewed(_many(ActionKind.DELETE, 20), _state(_many(ActionKind.DELETE, 20), 20))) == 20


@pytest.mark.parametrize(
    ("recent", "count", "name"),
    [
        ({1: 10}, 10, ""),
        ({1: 11}, 10, "disable-within-1d"),
        ({7: 30}, 10, ""),
        ({7: 31}, 10, "disable-within-7d"),
        ({30: 70}, 10, ""),
        ({30: 71}, 10, "disable-within-30d"),
        ({30: 500}, 0, ""),
    ],
)
def test_many_small_plans_are_one_large_one(recent: dict[int, int], count: int, name: str) -> None:
    """Design §5 and F7: 2, 4 and 8 times the limit of one plan within a day, a week and a month, this plan included."""
    lately = {ActionKind.DISABLE: {1: 0, 7: 0, 30: 0} | recent}

    state = check(_many(ActionKind.DISABLE, count), ["skhcn"] * 100, UNITS, ROOMY, lately)

    assert [trip.name for trip in state.tripped] == [name] * bool(name)
    assert [trip.count for trip in state.tripped] == [count + sum(recent.values())] * bool(name)


def test_many_small_plans_ask_for_a_second_approver_first() -> None:
    """Above twice the limit for the second approver, below twice the one that trips: two people for all of them."""
    actions = _many(ActionKind.CREATE, 1)

    state = check(actions, ["skhcn"] * 100, UNITS, ROOMY, {ActionKind.CREATE: {1: 100, 7: 100, 30: 100}})

    assert _names(state) == ([], ["create-within-1d"])
    assert [action.review for action in reviewed(actions, state)] == [Review.TWO]


@given(
    st.integers(0, 60),
    st.tuples(st.integers(0, 200), st.integers(0, 400), st.integers(0, 800)),
    st.integers(0, 2000),
    st.sampled_from([ActionKind.DISABLE, ActionKind.WITHDRAW, ActionKind.DELETE]),
)
def test_the_windows_equal_an_independent_count(
    count: int, recent: tuple[int, int, int], managed: int, kind: ActionKind
) -> None:
    """F7: for any plan and any past, the windows that trip are those that a naive count finds."""
    share, least = {ActionKind.DELETE: (Fraction(2, 100), 5)}.get(kind, (Fraction(5, 100), 10))
    limit = max(least, int(managed * share))
    days = dict(zip((1, 7, 30), recent, strict=True))

    state = check(_many(kind, count), ["skhcn"] * managed, UNITS, ROOMY, {kind: days})

    assert {trip.name for trip in state.tripped if "within" in trip.name} == {
        f"{kind}-within-{window}d"
        for window, times in ((1, 2), (7, 4), (30, 8))
        if count and days[window] and count + days[window] > times * limit
    }


def test_brakes_that_tightened_since_the_plan_stop_the_first_write() -> None:
    """Looked at again right before writing: more than was accepted, or a second approver nobody asked for, refuses."""
    planned = _state(_many(ActionKind.DISABLE, 11), 100)
    said = {"disable-count": 11}
    worse = _state(_many(ActionKind.DISABLE, 12), 100)

    hold(planned, planned, said)
    hold(BrakeState(), planned, {})
    for now, accepted in ((worse, said), (planned, {}), (replace(planned, tripped=()), {})):
        with pytest.raises(Refused) as refused:
            hold(now, BrakeState() if now.tripped == () else planned, accepted)
        assert "make a new plan" in refused.value.says.en


@pytest.mark.parametrize("count", [1, 3, 4, 200])
def test_a_brake_names_the_first_three_whom_it_is_about(count: int) -> None:
    """Design §5: whoever reviews it sees whom it concerns, by address or else subject; the others by number."""
    one, *others = _many(ActionKind.DELETE, count)
    actions = [replace(one, address=""), *others]
    told = ", ".join([one.subject, *(action.address for action in others[:2])])
    none = replace(ROOMY, trip={ActionKind.DELETE: Limit(0, 0)})

    [trip] = _state(actions, 1000, none).tripped

    assert trip.says.vi.endswith(f": {told} và {count - 3} tài khoản khác." if count > 3 else f": {told}.")
    assert trip.says.en.endswith(f": {told} and {count - 3} more." if count > 3 else f": {told}.")


@pytest.mark.parametrize(("unit", "named"), [("snv", "Sở Nội vụ"), ("không-có", "không-có")])
def test_the_brake_of_a_unit_says_its_name(unit: str, named: str) -> None:
    """Design §5, F6: the unit whose sheet is wrong is found by its name; one that is in no list, by its key."""
    [trip] = check(_many(ActionKind.DISABLE, 3, unit), [unit] * 10, UNITS, world.brakes()).tripped

    assert trip.says.vi.startswith(f"Đơn vị “{named}” ({unit}): 3 trên 10 tài khoản")
    assert trip.says.en.startswith(f"Unit “{named}” ({unit}): 3 of 10 accounts")
    assert trip.limit == 2


def test_the_size_of_an_agency_is_that_of_all_below_it() -> None:
    """Design §5: three of an agency's own three are few, if twenty more work in its rooms."""
    closing = _many(ActionKind.DISABLE, 3, "skhcn")

    with_rooms = check(closing, [*["skhcn"] * 3, *["skhcn-vp"] * 20], UNITS, world.brakes())
    alone = check(closing, ["skhcn"] * 3, UNITS, world.brakes())

    assert (_names(with_rooms)[0], _names(alone)[0]) == ([], ["unit-share:skhcn"])


def test_a_single_action_that_nobody_accepted_stops_the_first_write() -> None:
    """Design §5: what nobody let pass does not pass, and be it one; what was accepted exactly does."""
    none = replace(ROOMY, trip={ActionKind.DELETE: Limit(0, 0)}, second={})
    state = _state(_many(ActionKind.DELETE, 1), 10, none)

    with pytest.raises(Refused):
        hold(state, state, {})
    hold(state, state, {"delete-count": 1})
