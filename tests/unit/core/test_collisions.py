"""Where names meet, and what is wrong with the data of old accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from merging import merge, merger, old
from world import UNITS, changed, row, settled

from syncagent.core.collisions import collisions
from syncagent.core.inventory import Flaw, flaws

AN = row("NB1", "Nguyễn Văn An", previous_address="an@hanam.gov.vn, an@namdinh.gov.vn")


def test_one_name_of_several_holders_is_a_collision() -> None:
    """Two strangers called hoa; a unit's name as somebody's alias; a list that has a new address."""
    accounts = [
        old("hanam", "hoa@hanam.gov.vn"), old("namdinh", "hoa@namdinh.gov.vn"),
        old("ninhbinh", "x@ninhbinh.gov.vn", aliases="snv@ninhbinh.gov.vn"),
    ]  # fmt: skip
    nameless = replace(UNITS[3], unit="moi", name="Đơn vị mới", abbreviation="")
    found = merge(
        [AN], accounts, units=(*UNITS, nameless), others={"ninhbinh": {"ANNV.skhcn@ninhbinh.gov.vn": "cn=all"}}
    )

    met = collisions(found.population, found.pairings, found.view)

    assert [(one.name, one.same) for one in met.found] == [("hoa", False), ("snv", True)]
    assert met.matrix == {("hanam", "namdinh"): 1, ("ninhbinh", "units"): 1}
    assert met.spaces == ("hanam", "namdinh", "ninhbinh", "new", "units")
    assert [held.alias for held in met.found[1].held] == [True, False]


def test_one_person_with_one_name_everywhere_is_no_collision() -> None:
    """They are the same holder, paired by proof."""
    found = merge([AN], [old("hanam", "an@hanam.gov.vn"), old("namdinh", "an@namdinh.gov.vn")])

    assert collisions(found.population, found.pairings, found.view).found == ()


def test_a_name_twice_in_one_system_is_counted_there() -> None:
    """Dirty data: one address as an alias of two accounts."""
    accounts = [old("hanam", f"{n}@hanam.gov.vn", aliases="chung@hanam.gov.vn") for n in "ab"]
    found = merge([AN], accounts)

    met = collisions(found.population, found.pairings, found.view)

    assert met.matrix == {("hanam", "hanam"): 1}
    assert met.found[0].same


def test_a_new_address_meets_what_the_new_system_holds() -> None:
    """Aliases there are names, too."""
    there, ledger = settled([AN])
    (account,) = there
    kept = changed(account, proxyAddresses=(*account.attributes["proxyAddresses"], "smtp:cu@ninhbinh.gov.vn"))
    found = merge([AN], [old("hanam", "cu@hanam.gov.vn")], there=[kept], ledger=ledger)

    met = collisions(found.population, found.pairings, found.view)

    assert met.matrix == {("hanam", "new"): 1}


GOOD = {"unit": "Sở Nội vụ", "staff_number": "HN1", "last_use": "2026-01-01"}


@pytest.mark.parametrize(
    ("address", "name", "columns", "wrong"),
    [
        ("an@hanam.gov.vn", "Nguyễn Văn An", {}, []),
        ("", "Nguyễn Văn An", {"aliases": "a@hanam.gov.vn"}, [Flaw.NO_ADDRESS]),
        ("an@gmail.com", "Nguyễn Văn An", {}, [Flaw.OTHER_DOMAIN]),
        ("an@duytien.hanam.gov.vn", "Nguyễn Văn An", {}, []),
        ("an@hanam.gov.vn", "", {}, [Flaw.NO_NAME]),
        ("an@hanam.gov.vn", "Nguy\ufffdn An", {}, [Flaw.UNREADABLE_NAME]),
        ("an@hanam.gov.vn", "An 2", {}, [Flaw.UNREADABLE_NAME]),
        ("an@hanam.gov.vn", "Nguyễn Văn An", {"staff_number": ""}, [Flaw.NO_NUMBER]),
        ("snv@hanam.gov.vn", "Sở Nội vụ 2", {"staff_number": ""}, []),
        ("an@hanam.gov.vn", "Nguyễn Văn An", {"unit": ""}, [Flaw.NO_UNIT]),
        ("an@hanam.gov.vn", "Nguyễn Văn An", {"unit": "Đội 3"}, [Flaw.UNKNOWN_UNIT]),
        ("an@hanam.gov.vn", "Nguyễn Văn An", {"forwards_to": "an@gmail.com"}, [Flaw.FORWARDED_OUTSIDE]),
        ("an@hanam.gov.vn", "Nguyễn Văn An", {"forwards_to": "b@namdinh.gov.vn;cn=x"}, []),
        ("an@hanam.gov.vn", "Nguyễn Văn An", {"last_use": ""}, [Flaw.NEVER_USED]),
        ("an@hanam.gov.vn", "Nguyễn Văn An", {"status": "locked"}, [Flaw.LOCKED]),
        ("an@hanam.gov.vn", "Nguyễn Văn An", {"receives": "no"}, [Flaw.RECEIVES_NOTHING]),
    ],
)
def test_what_is_wrong_with_one_account(address: str, name: str, columns: dict[str, str], wrong: list[Flaw]) -> None:
    """Each flaw by itself, and none where all is there."""
    found = merge([AN], [old("hanam", address, name, **{**GOOD, **columns})])

    assert list(*flaws(merger(), found.population, found.pairings).values()) == wrong


def test_what_two_accounts_share_is_wrong_with_both() -> None:
    """One address, or one staff number, in one system; in two systems it is nobody's fault."""
    accounts = [
        old("hanam", "a@hanam.gov.vn", "Nguyễn Văn An", aliases="c@hanam.gov.vn", **GOOD),
        old("hanam", "b@hanam.gov.vn", "Trần Thị Bình", aliases="C@hanam.gov.vn", **{**GOOD, "staff_number": "hn1"}),
        old("namdinh", "a@namdinh.gov.vn", "Lê Văn Ba", **GOOD),
    ]
    found = merge([AN], accounts)

    wrong = flaws(merger(), found.population, found.pairings)

    assert list(wrong.values()) == [(Flaw.SHARED_ADDRESS, Flaw.SHARED_NUMBER)] * 2
