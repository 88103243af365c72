"""From units of old provinces to those of the new one: by name, by address, and only where one is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from world import UNITS

from syncagent.core.crosswalk import AddressForm, Crosswalk, by_name, plain, successor
from syncagent.core.unit import Unit, Units
from syncagent.core.where import Where
from syncagent.mapping.merger import FILE, TABLES, read_merger

FOLDER = Path(__file__).parents[3] / "mappings/mergers/ninhbinh-2025"
ROSTER = Units({unit.unit: unit for unit in UNITS})


@pytest.fixture(scope="module")
def crosswalk() -> Crosswalk:
    texts = {name: (FOLDER / name).read_text(encoding="utf-8") for name in (FILE, *TABLES)}
    return read_merger(texts[FILE], FILE, texts)


@pytest.mark.parametrize(
    ("system", "text", "key"),
    [
        ("hanam", "UBND phường Châu Cầu", "hanam/13294"),
        ("hanam", "Ủy ban nhân dân Phường Châu Cầu", "hanam/13294"),
        ("hanam", "chaucau", "hanam/13294"),
        ("hanam", "Sở Nội vụ tỉnh Hà Nam", "hanam/so-noi-vu"),
        ("namdinh", "sotttt", "namdinh/so-thong-tin-va-truyen-thong"),
        ("hanam", "Sở Nội vụ tỉnh Nam Định", ""),
        ("hanam", "Phòng Tổ chức", ""),
    ],
)
def test_an_old_unit_is_known_by_every_usual_spelling(crosswalk: Crosswalk, system: str, text: str, key: str) -> None:
    """Directories write names in full, short or as in addresses; what names nothing is nothing."""
    found = crosswalk.named(system, text)

    assert (found.key if found else "") == key


def test_a_name_of_several_units_names_none(crosswalk: Crosswalk) -> None:
    """Nghĩa Hưng is a district and Nghĩa Hùng a commune of Nam Định: `nghiahung` alone is neither."""
    assert crosswalk.named("namdinh", "Huyện Nghĩa Hưng") is not None
    assert crosswalk.named("namdinh", "nghiahung") is None


def test_an_address_says_its_unit_and_whether_it_is_the_units_own(crosswalk: Crosswalk) -> None:
    """A form without a name is a unit's mailbox; an address of no form says nothing."""
    own, is_own = crosswalk.said("namdinh", "stttt@namdinh.gov.vn")
    persons, is_persons = crosswalk.said("namdinh", "an.stttt@namdinh.gov.vn")

    assert own is not None
    assert own is persons
    assert (is_own, is_persons) == (True, False)
    assert crosswalk.said("namdinh", "nguyen.van.an@gmail.com") == (None, False)


def test_a_whole_unit_leads_to_the_rosters_unit_of_that_name(crosswalk: Crosswalk) -> None:
    """One that was divided, abolished or is to be decided leads nowhere until somebody decides."""
    named = by_name(ROSTER)
    units = {unit.key: unit for unit in crosswalk.units}

    assert successor(units["hanam/so-thong-tin-va-truyen-thong"], {}, named) == "skhcn"
    assert successor(units["hanam/so-y-te"], {}, named) == ""
    assert successor(units["hanam/13285"], {}, named) == ""
    assert successor(units["hanam/13285"], {"hanam/13285": "giaothuy"}, named) == "giaothuy"
    assert successor(units["hanam/347"], {}, named) == ""


def test_a_name_of_two_units_of_the_roster_is_left_out() -> None:
    """Two rooms called Văn phòng cannot be told apart by name."""
    rooms = {key: Unit(key, "Văn phòng", Where("units.csv")) for key in ("a", "b")}

    assert by_name(Units({**ROSTER.by_key, **rooms})).get("van phong") is None


def test_what_waits_is_listed(crosswalk: Crosswalk) -> None:
    """Six divided communes, 22 districts, and the agencies marked TO DECIDE."""
    waiting = crosswalk.waiting()

    assert len(waiting) == 6 + 22 + sum(unit.share == "to-decide" for unit in crosswalk.units)
    assert [unit.system for unit in waiting] == sorted(unit.system for unit in waiting)


@pytest.mark.parametrize("text", ["{name}@x.vn", "{unit}", "{unit}.{unit}@x.vn", "{who}.{unit}@x.vn", "{unit@x.vn"])
def test_a_form_names_one_unit(text: str) -> None:
    """Anything else would read units out of nothing."""
    with pytest.raises(ValueError, match="no form"):
        AddressForm.parse(text)


def test_names_are_compared_without_what_varies() -> None:
    """Marks, case, commas and “Ủy ban nhân dân” aside."""
    assert plain("Sở Văn hóa, Thể thao và Du lịch") == "so van hoa the thao va du lich"
    assert plain("ỦY BAN NHÂN DÂN xã  Giao Thủy") == plain("xã Giao Thuỷ")
