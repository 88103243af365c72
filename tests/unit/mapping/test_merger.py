"""A folder of a merger is read strictly: the totals of the resolutions, and every fault with its line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from syncagent.core.crosswalk import Crosswalk, Share
from syncagent.errors import Misconfigured
from syncagent.mapping.merger import FILE, TABLES, read_merger

FOLDER = Path(__file__).parents[3] / "mappings/mergers/ninhbinh-2025"
TEXTS = {name: (FOLDER / name).read_text(encoding="utf-8") for name in (FILE, *TABLES)}


def read(**changed: tuple[str, str]) -> Crosswalk:
    """The shipped merger, with something replaced in the files whose stems are given."""
    texts = dict(TEXTS)
    for stem, (before, after) in changed.items():
        (name,) = [one for one in texts if one.partition(".")[0] == stem.replace("_", "-")]
        assert before in texts[name]
        texts[name] = texts[name].replace(before, after, 1)
    return read_merger(texts[FILE], FILE, texts)


def test_the_totals_are_those_of_the_resolutions() -> None:
    """98 old communes of Hà Nam, 175 of Nam Định, 125 of Ninh Bình; 392 whole, 6 divided; 22 districts; 129 new."""
    units = read().units
    communes = [unit for unit in units if unit.within]
    successors = {name for unit in communes for name in unit.successors}

    assert Counter(unit.system for unit in communes) == {"hanam": 98, "namdinh": 175, "ninhbinh": 125}
    assert Counter(unit.share for unit in communes) == {Share.WHOLE: 392, Share.DIVIDED: 6}
    assert len(successors) == 129
    districts = [unit for unit in units if unit.share is Share.ABOLISHED]
    assert Counter(unit.system for unit in districts) == {"hanam": 6, "namdinh": 9, "ninhbinh": 7}


def test_the_six_divided_communes_have_no_default() -> None:
    """Whoever worked there is placed by a decision (domain §3.3); both parts are named."""
    divided = {unit.code: set(unit.successors) for unit in read().units if unit.share is Share.DIVIDED}

    assert divided == {
        "13285": {"Phường Phủ Lý", "Phường Hà Nam"},
        "13324": {"Phường Duy Tiên", "Phường Duy Tân"},
        "13357": {"Phường Duy Hà", "Phường Hà Nam"},
        "13354": {"Phường Hà Nam", "Phường Tiên Sơn"},
        "13363": {"Phường Hà Nam", "Phường Tiên Sơn"},
        "14503": {"Xã Gia Vân", "Phường Tây Hoa Lư"},
    }


def test_what_nobody_has_decided_says_so() -> None:
    """An agency marked TO DECIDE waits with its candidates; a row of one system goes before one of all of them."""
    found = {unit.key: unit for unit in read().units}

    assert found["hanam/so-van-hoa-the-thao-va-du-lich"].share is Share.UNDECIDED
    assert found["hanam/so-van-hoa-the-thao-va-du-lich"].successors == ("Sở Văn hóa và Thể thao", "Sở Du lịch")
    assert found["ninhbinh/so-du-lich"].share is Share.WHOLE
    assert "hanam/so-du-lich" not in found


def test_a_row_of_one_system_goes_before_one_of_all() -> None:
    """Hà Nam may say what became of its own agency without writing the other two anew."""
    mine = "*,Sở Y tế,syt;soyte,whole,Sở Y tế,Nghị định 150/2025/NĐ-CP\n"
    found = read(agencies=(mine, mine + "hanam,Sở Y tế,,TO DECIDE,Sở Y tế;Sở Nội vụ,x\n"))
    shares = {unit.system: unit.share for unit in found.units if unit.name == "Sở Y tế"}

    assert shares == {"ninhbinh": Share.WHOLE, "hanam": Share.UNDECIDED, "namdinh": Share.WHOLE}


@pytest.mark.parametrize(
    ("changed", "where", "says"),
    [
        ({"merger": ("}@hanam.gov.vn", "}@{x}")}, "merger.yaml:17", "no form of addresses"),
        ({"merger": ("  owner: 5 ", "  whose: 5 ")}, "merger.yaml:28", "name each of"),
        ({"districts": ("hanam,347", "hànam,347")}, "districts.csv:2", "no system"),
        ({"old_communes": ("hanam,13285", "*,13285")}, "old-communes.csv:2", "no system"),
        ({"old_communes": ("13366,Phường Hà Nam", "13366,Phường Phủ Lý")}, "old-communes.csv:3", "not so in"),
        ({"old_communes": (",part\n", ",whole\n")}, "old-communes.csv:2", "what is divided"),
        ({"old_communes": (",whole\n", ",all\n")}, "old-communes.csv:4", "whole or part"),
        ({"old_communes": ("2025-06-30,13291", "30/06/2025,13291")}, "old-communes.csv:4", "is not a day"),
        ({"old_communes": ("2025-07-01", "1/7/2025")}, "old-communes.csv:2", "is not a day"),
        ({"districts": ("hanam,347", "hanam,349")}, "districts.csv:2", "stands there twice"),
        ({"districts": ("system,code", "code,system")}, "districts.csv:1", "columns: system"),
        ({"districts": ("hanam,347,", "hanam,347,x,")}, "districts.csv:2", "a row has 4 cells"),
        ({"districts": ("hanam,347,", 'hanam,3"4"7",')}, "", ""),
        ({"agencies": ("whole,Sở Nội vụ", "whole,Sở Nội vụ;Sở Y tế")}, "agencies.csv:3", "exactly one"),
        ({"agencies": ("whole,Sở Nội vụ", "later,Sở Nội vụ")}, "agencies.csv:3", "share: whole or TO DECIDE"),
    ],
)
def test_every_fault_is_named_with_its_line(changed: dict[str, tuple[str, str]], where: str, says: str) -> None:
    """Nothing is bent into shape, and nothing further is read."""
    if not where:  # a quotation mark inside a cell is a character as any other; the code then holds it
        assert any('"' in unit.code for unit in read(**changed).units)
        return

    with pytest.raises(Misconfigured) as caught:
        read(**changed)

    assert caught.value.where == where
    assert says in caught.value.says.en


def test_a_cut_table_is_refused() -> None:
    """An empty table, and one that ends inside quotation marks, say nothing of anybody."""
    for table in ("", 'system,code,name,abolished_after\nhanam,347,"Thành phố'):
        with pytest.raises(Misconfigured) as caught:
            read_merger(TEXTS[FILE], FILE, {**TEXTS, "districts.csv": table})

        assert caught.value.where.startswith("districts.csv:")
