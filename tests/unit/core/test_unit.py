"""Units: the tree, what addresses are named after, and the closed sets of the contract."""

from __future__ import annotations

from dataclasses import replace

import pytest
import world

from syncagent.core.unit import Unit, UnitKind, Units, UnitStatus, unit_key
from syncagent.core.where import Where

HALL = Unit("to1", "Tổ 1", Where("units.csv", 9), "t1", parent="ttcdstt", kind=UnitKind.DEPARTMENT)
LOST = Unit("lac", "Phòng lạc", Where("units.csv", 10), "lac", kind=UnitKind.DEPARTMENT)


def _units(**changed: str) -> Units:
    found = {unit.unit: unit for unit in (*world.UNITS, HALL, LOST)}
    return Units({key: replace(unit, suffix=changed.get(key, unit.suffix)) for key, unit in found.items()})


def test_the_words_are_the_closed_sets_of_the_contract() -> None:
    """Contract §4: the words of the columns `kind` and `status`."""
    assert [str(kind) for kind in UnitKind] == ["agency", "department", "commune"]
    assert [str(status) for status in UnitStatus] == ["active", "dissolved", "merged"]


def test_a_units_mailbox_has_a_key_no_person_can_have() -> None:
    """NB-04: people's keys hold no colon, so the two kinds of subject cannot be taken for each other."""
    assert unit_key("snv") == "unit:snv"
    assert world.UNITS[0].key == "unit:skhcn"


def test_the_line_leads_from_a_unit_to_its_agency() -> None:
    """Contract §4: `parent`; nearest first."""
    units = _units()

    assert [unit.unit for unit in units.line("to1")] == ["to1", "ttcdstt", "skhcn"]
    assert units.line("không-có") == ()
    assert units.full_name("to1") == "Sở Khoa học và Công nghệ › Trung tâm Chuyển đổi số và Truyền thông › Tổ 1"


@pytest.mark.parametrize(
    ("unit", "suffix"),
    [("skhcn", "skhcn"), ("skhcn-vp", "skhcn"), ("to1", "skhcn"), ("giaothuy", "giaothuy"), ("lac", "")],
)
def test_personal_addresses_carry_the_nearest_agency(unit: str, suffix: str) -> None:
    """NB-12 and contract §4: moving between rooms of one agency changes no address."""
    assert _units().suffix(unit) == suffix


def test_a_suffix_of_its_own_goes_before_the_agency() -> None:
    """Contract §4: `suffix` is what personal addresses carry; those below the unit carry it, too."""
    units = _units(ttcdstt="ttcds.skhcn")

    assert units.suffix("ttcdstt") == units.suffix("to1") == "ttcds.skhcn"
    assert units.suffix("skhcn-vp") == "skhcn"
    named_after = units.names("to1")
    assert named_after
    assert named_after.unit == "ttcdstt"


def test_a_departments_mailbox_is_named_with_its_agency() -> None:
    """NB-11: <abbreviation>.<agency>; a room of a room is named with the agency, too."""
    units = _units()

    assert units.parent_abbreviation("ttcdstt") == "skhcn"
    assert units.parent_abbreviation("to1") == "skhcn"
    assert units.parent_abbreviation("lac") == ""
    assert units.agency("lac") is None


def test_units_are_found_by_their_keys_only() -> None:
    """A unit that was not admitted is not there."""
    units = _units()

    assert "snv" in units
    assert units["snv"].name == "Sở Nội vụ"
    assert "SNV" not in units
    with pytest.raises(KeyError):
        _ = units["SNV"]
    assert [unit.unit for unit in units][:2] == ["skhcn", "skhcn-vp"]


def test_a_contact_is_not_in_a_unit_as_text() -> None:
    """Law 11: telephone numbers reach no log by way of repr."""
    assert "0912345678" not in repr(replace(HALL, contact="0912345678"))
