"""Limits and reviews with the numbers of design §5."""

from __future__ import annotations

from datetime import date

import pytest
import world

from syncagent.core.action import ActionKind, Review
from syncagent.core.policy import Brakes, Limit, Reviews, RosterLimits


@pytest.mark.parametrize(
    ("managed", "allowed"), [(0, 10), (199, 10), (200, 10), (219, 10), (220, 11), (1000, 50), (8121, 406)]
)
def test_a_limit_is_the_larger_of_a_count_and_a_share(managed: int, allowed: int) -> None:
    """Design §5: max(10, 5 %); a share that is no whole number allows no more than its whole part."""
    assert Limit(10, 5).of(managed) == allowed


def test_the_numbers_without_configuration_are_those_of_the_design() -> None:
    """Design §5, defaults; the shipped file says the same, so that neither can drift."""
    plain = Brakes()

    assert plain == world.brakes()
    assert plain.second[ActionKind.DISABLE] == Limit(5, 1)
    assert plain.trip[ActionKind.DISABLE] == Limit(10, 5)
    assert plain.second[ActionKind.DELETE] == Limit(3, 0.5)
    assert plain.trip[ActionKind.DELETE] == Limit(5, 2)
    assert plain.second[ActionKind.CREATE] == plain.overwrite == Limit(50, 10)
    assert (plain.unit_percent, plain.unit_count) == (20, 3)
    assert plain.roster == RosterLimits(5, 20, 3, Limit(10, 5))


@pytest.mark.parametrize("kind", list(ActionKind))
def test_who_approves_follows_the_configuration(kind: ActionKind) -> None:
    """Contract §3: `approval: {delete: two, disable: one, others: …}`; withdrawing is reviewed like disabling."""
    reviews = Reviews(delete=Review.TWO, disable=Review.ONE, others=Review.NONE)
    wanted = {ActionKind.DELETE: Review.TWO, ActionKind.DISABLE: Review.ONE, ActionKind.WITHDRAW: Review.ONE}

    assert reviews.of(kind) is wanted.get(kind, Review.NONE)


def test_the_shipped_calendar_confirms_the_years_the_government_has_published() -> None:
    """Domain §5.1: swaps are decided weeks before; a year nobody confirmed follows the general rule."""
    calendar = world.calendar()

    assert calendar.confirmed == {2025, 2026}
    assert not calendar.is_working(date(2026, 1, 2))
    assert calendar.is_working(date(2026, 1, 10))
