"""Admission of units: a tree without cycles, abbreviations that can stand in an address (contract §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import world
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.admit_units import admit_units
from syncagent.core.finding import Fault, FindingCode
from syncagent.core.unit import Unit, UnitKind, UnitStatus
from syncagent.core.where import Where
from syncagent.text import Text


def _unit(unit: str, parent: str = "", abbreviation: str = "a", *, suffix: str = "", line: int = 2) -> Unit:
    kind = UnitKind.DEPARTMENT if parent else UnitKind.AGENCY
    return Unit(unit, f"Đơn vị {unit}", Where("units.csv", line), abbreviation, suffix, parent, kind)


def _told(rows: Sequence[Unit]) -> dict[str, list[str]]:
    """What is wrong with which unit, without its name."""
    units, broken = admit_units(rows, world.TODAY)
    assert not {unit.unit for unit in units} & set(broken)
    assert {unit.unit for unit in units} | set(broken) == {row.unit for row in rows}
    return {key: [fault.says.en.partition("” ")[2] for fault in faults] for key, faults in broken.items()}


def test_sound_units_are_admitted_as_they_are() -> None:
    """Contract §4: nothing is wrong with the units of the small province."""
    units, broken = admit_units(world.UNITS, world.TODAY)

    assert broken == {}
    assert set(units) == set(world.UNITS)


def test_a_fault_names_the_line_of_the_unit() -> None:
    """Contract §4, a fault of one row: a finding with file and line."""
    _, broken = admit_units([_unit("b", "không-có", line=5)], world.TODAY)

    assert [(fault.code, str(fault.where)) for fault in broken["b"]] == [(FindingCode.UNKNOWN_UNIT, "units.csv:5")]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([_unit("a"), _unit("a", line=3)], "stands in the list more than once."),
        ([_unit("a", "không-có")], "has an unknown parent “không-có”."),
        ([replace(_unit("a"), kind=UnitKind.DEPARTMENT)], "is a department without a parent."),
        ([_unit("a", "a")], "is part of a cycle of parents."),
        ([_unit("a", "b"), _unit("b", "c"), _unit("c", "a")], "is part of a cycle of parents."),
    ],
)
def test_what_is_no_tree_is_faulty(rows: list[Unit], told: str) -> None:
    """Contract §4: duplicate key, unknown unit, contradiction; every unit of a cycle is faulty."""
    assert _told(rows) == {row.unit: [told] for row in rows}


def test_the_way_up_ends_even_if_the_unit_is_not_part_of_the_cycle() -> None:
    """Contract §4: a room below two units that are each other's parent has no agency."""
    assert set(_told([_unit("a", "b"), _unit("b", "a"), _unit("c", "a")])) == {"a", "b", "c"}


@pytest.mark.parametrize("word", ["skhcn", "vp.skhcn", "so-1", "1", "", "a-b.c"])
def test_an_abbreviation_of_letters_digits_dot_and_hyphen_is_sound(word: str) -> None:
    """NB-10, NB-11: it becomes the local part of an address; one that is not approved yet is empty."""
    assert _told([_unit("a", abbreviation=word, suffix=word)]) == {}


@pytest.mark.parametrize("word", ["SKHCN", "sở", "a b", ".a", "a.", "a..b", "-a", "a_b", "a@b", "a\n"])
def test_an_abbreviation_that_cannot_stand_in_an_address_is_faulty(word: str) -> None:
    """NB-10, NB-12: neither an abbreviation nor a suffix may make an address that is none."""
    says = f"has an abbreviation “{word}” that cannot stand in an address (a-z, 0-9, dot, hyphen only)."

    assert _told([_unit("a", abbreviation=word)]) == {"a": [says]}
    assert _told([_unit("a", suffix=word)]) == {"a": [says]}


def test_whatever_stands_below_a_faulty_unit_is_faulty() -> None:
    """Contract §4: its people's addresses would be named after the faulty one; units beside it are not touched."""
    rows = [_unit("a", abbreviation="Sở"), _unit("b", "a"), _unit("c", "b"), _unit("d")]

    told = _told(rows)

    assert set(told) == {"a", "b", "c"}
    assert told["b"] == told["c"] == ["stands below the faulty unit “a”."]


def test_faults_of_the_reader_and_of_every_repetition_count() -> None:
    """Contract §4: all that is wrong is told at once."""
    read = Fault(FindingCode.QUARANTINED, Text("lạ", "Unit “a” is strange."), Where("units.csv", 3))

    assert _told([_unit("a"), replace(_unit("a"), faults=(read,))]) == {
        "a": ["is strange.", "stands in the list more than once."]
    }


@pytest.mark.parametrize("status", ["dissolved", "merged"])
def test_a_closing_that_takes_effect_later_has_not_happened(status: str) -> None:
    """NB-27 and law 6: nothing is closed before its day; on that day it is."""
    for days, expected in ((1, UnitStatus.ACTIVE), (0, UnitStatus(status)), (-1, UnitStatus(status))):
        units, _ = admit_units(world.closed("snv", status, world.TODAY + timedelta(days=days)), world.TODAY)

        assert units["snv"].status is expected


_KEYS = st.sampled_from("abcdef")


@given(st.lists(st.builds(_unit, _KEYS, st.sampled_from(["", *"abcdef", "không-có"]), st.sampled_from(["x", "X"]))))
def test_every_unit_is_admitted_or_faulty_and_the_admitted_are_a_tree(rows: list[Unit]) -> None:
    """Contract §4: each key is in one place, and from each admitted unit the way up ends at a listed agency."""
    units, broken = admit_units(rows, world.TODAY)
    again, _ = admit_units(rows[::-1], world.TODAY)

    assert {unit.unit for unit in units} ^ set(broken) == {row.unit for row in rows}
    assert {unit.unit for unit in again} == {unit.unit for unit in units}
    for unit in units:
        assert len(units.line(unit.unit)) <= len(units.by_key)
        assert units.line(unit.unit)[-1].parent == ""
        assert units.line(unit.unit)[-1].abbreviation == "x"
