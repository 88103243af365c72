"""The header of a plan: for which directories it is, under which limits, made with what."""

from __future__ import annotations

import re
from dataclasses import replace

import plans
import pytest

from syncagent.core.action import ActionKind
from syncagent.core.policy import Brakes, Limit
from syncagent.errors import Refused
from syncagent.runs.header import limits, same_directories, tools

_OURS = "S-1-5-21-1-2-3"


def _told(inputs: dict[str, object], now: str, *, begun: bool = False) -> None:
    plan = replace(plans.plan([]), inputs=inputs)
    same_directories(plan, plans.envelope(plan), {"main": now}, begun=begun)


@pytest.mark.parametrize("now", ["S-1-5-21-1-2-4", ""])
@pytest.mark.parametrize(("begun", "way_out"), [(False, "make a new plan"), (True, "only that directory tells")])
def test_a_plan_is_for_one_directory(now: str, way_out: str, *, begun: bool) -> None:
    """Reliability §3.5: another one, or one that does not say which it is, is refused, with the way out."""
    with pytest.raises(Refused, match=_OURS) as caught:
        _told({"targets": {"main": {"directory": _OURS}}}, now, begun=begun)
    assert way_out in caught.value.says.en
    assert caught.value.where == "main"


@pytest.mark.parametrize(
    ("inputs", "now"),
    [
        ({"targets": {"main": {"directory": _OURS}}}, _OURS),
        ({"targets": {"main": {"file": "directory.ldif"}}}, ""),  # the configuration says which file it is
        ({"targets": {"other": {"directory": "x"}}}, _OURS),
        ({"targets": {"main": {"server": "dc1"}}}, _OURS),  # by a version that did not ask
        ({}, _OURS),
    ],
)
def test_the_same_directory_passes(inputs: dict[str, object], now: str) -> None:
    """Whatever server of it answers; nothing is asked of a directory that the plan says nothing of."""
    _told(inputs, now)


def test_the_limits_stand_in_the_header() -> None:
    """Reliability §3.5: thresholds; whoever reads the signed record need not look for the configuration of that day."""
    found = limits(Brakes(trip={ActionKind.DELETE: Limit(5, 0.5)}, rolling={30: 8, 1: 2.5}))

    assert found["trip"] == {"delete": "5, 0.5 %"}
    assert found["rolling"] == {"1": "2.5", "30": "8"}
    assert found["unit"] == "3, 20 %"
    assert found["roster"] == {"shrink": "5 %", "unit": "3, 20 %", "faulty_rows": "10, 5 %"}


def test_the_tools_stand_in_the_header() -> None:
    """Reliability §3.5: the versions of what reads, decides (days off) and signs."""
    found = tools()

    assert {"python", "cryptography", "holidays", "ldap3"} <= found.keys()
    assert all(re.match(r"\d+\.", version) for version in found.values())
