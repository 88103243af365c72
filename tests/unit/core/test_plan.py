"""Plans and the brakes they carry."""

from __future__ import annotations

import pytest

from syncagent.core.plan import Trip
from syncagent.text import Text


@pytest.mark.parametrize(
    ("brake", "unit", "name"),
    [("disable-count", "", "disable-count"), ("unit-share", "snv", "unit-share:snv")],
)
def test_a_trip_is_accepted_by_one_name(brake: str, unit: str, name: str) -> None:
    """Design §5: the way past names the brake; two units over their limit are two brakes to name."""
    assert Trip(brake, Text("x", "x"), 7, 3, unit).name == name
