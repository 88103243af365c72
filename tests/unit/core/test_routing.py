"""Which system the accounts of a unit live on: the nearest that is named, else the default; one home for each."""

from __future__ import annotations

from dataclasses import replace

import pytest
import world

from syncagent.core.admit_units import admit_units
from syncagent.core.policy import Target
from syncagent.core.routing import admit_routes, homes_of
from syncagent.core.unit import Unit, UnitStatus
from syncagent.errors import Misconfigured

FILE = "syncagent.yaml"


def _targets(**units: tuple[str, ...]) -> dict[str, Target]:
    """Systems with their units, each named on a line of its own."""
    lines = iter(range(11, 99))
    return {
        name: Target(
            name, world.directory(), world.BASE, theirs, where={one: f"{FILE}:{next(lines)}" for one in theirs}
        )
        for name, theirs in units.items()
    }


def _homes(targets: dict[str, Target], units: tuple[Unit, ...] = world.UNITS) -> dict[str, str]:
    found = homes_of(targets, admit_units(units, world.TODAY)[0])
    return {unit: home.name if home else "" for unit, home in found.items()}


def _faults(targets: dict[str, Target], units: tuple[Unit, ...] = world.UNITS) -> list[tuple[str, str]]:
    """Return where each fault is and what it says, none if the routes are admitted."""
    try:
        admit_routes(targets, units, admit_units(units, world.TODAY)[0])
    except Misconfigured as error:
        return [(one.where, one.says.en) for one in (error, *error.also)]
    return []


def test_what_is_named_goes_before_the_default_whatever_the_names_of_the_systems() -> None:
    """Contract §3: targets.*.units; a unit that is named lives there with those below it, all others at the default."""
    for first, second in (("ad", "obm"), ("z", "obm")):
        homes = _homes(_targets(**{first: ("*",), second: ("skhcn",)}))

        assert homes == {
            "skhcn": second, "skhcn-vp": second, "ttcdstt": second, "snv": first, "giaothuy": first,
        }  # fmt: skip


def test_a_room_may_live_elsewhere_than_its_agency() -> None:
    """The nearest unit that is named decides, so that an agency can move room by room."""
    homes = _homes(_targets(ad=("snv", "skhcn", "gia*"), obm=("ttcdstt",)))

    assert homes == {"skhcn": "ad", "skhcn-vp": "ad", "ttcdstt": "obm", "snv": "ad", "giaothuy": "ad"}


def test_a_unit_that_nobody_names_has_no_home() -> None:
    """Nobody is put somewhere by guess."""
    assert _homes(_targets(ad=("snv",)))["giaothuy"] == ""


@pytest.mark.parametrize(
    "targets",
    [
        _targets(main=("*",)),
        _targets(main=("snv",)),  # a pilot on one system: whoever is outside is a finding of the plan
        _targets(ad=("*",), obm=("skhcn", "snv")),
        _targets(ad=("*",), obm=("skhcn",), old=()),  # an old system of a merger takes nobody
    ],
)
def test_routes_with_one_home_for_each_unit_are_admitted(targets: dict[str, Target]) -> None:
    assert _faults(targets) == []


def test_a_unit_that_the_list_has_not_is_named_with_its_line_and_what_may_be_meant() -> None:
    """A misspelt unit would leave its people at the default: a mailbox on the wrong system."""
    faults = _faults(_targets(ad=("*",), obm=("skhnc", "xyz*")))

    assert [where for where, _ in faults] == [f"{FILE}:12", f"{FILE}:13"]
    assert "no “skhnc”; is “skhcn” meant" in faults[0][1]
    assert "no “xyz*”." in faults[1][1]


def test_a_faulty_row_is_a_unit_all_the_same() -> None:
    """Contract §4: a fault of one row quarantines it; it stops nobody else."""
    units = (*world.UNITS[:4], replace(world.UNITS[4], abbreviation="GIAO THỦY"))

    assert _faults(_targets(ad=("*",), obm=("giaothuy",)), units) == []


def test_a_unit_of_two_systems_is_refused_with_both_places() -> None:
    """No account is ever made on both: which one is meant must not depend on the order of names."""
    faults = _faults(_targets(ad=("snv", "sk*", "gia*"), obm=("skhcn", "skhcn-vp"), old=("snv",)))

    assert [where for where, _ in faults] == [f"{FILE}:14", f"{FILE}:16"]
    assert f"skhcn, skhcn-vp stands in several targets: ad ({FILE}:12), obm ({FILE}:14)" in faults[0][1]
    assert f"snv stands in several targets: ad ({FILE}:11), old ({FILE}:16)" in faults[1][1]


def test_two_defaults_are_refused() -> None:
    """Also where a target says nothing: it takes everybody then."""
    silent = Target("obm", world.directory(), world.BASE)

    [(where, says)] = _faults({**_targets(ad=("*",)), "obm": silent})

    assert where == ""
    assert "but ad, obm have it" in says


def test_a_unit_of_no_system_is_named_with_its_row_and_those_below_it_are_not() -> None:
    """The way out is one line for the agency; a unit that was dissolved takes no new accounts and needs none."""
    gone = tuple(replace(one, status=UnitStatus.DISSOLVED) if one.unit == "giaothuy" else one for one in world.UNITS)

    faults = _faults(_targets(ad=("snv",), obm=("skhcn-vp",)), gone)

    assert [where for where, _ in faults] == ["units.csv:2"]
    assert "“skhcn” (Sở Khoa học và Công nghệ)" in faults[0][1]
    assert 'units: ["*"]' in faults[0][1]
