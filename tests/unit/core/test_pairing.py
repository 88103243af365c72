"""Whose an old account is: proof pairs, likeness suggests, contradiction waits for people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from merging import merge, old, ruling
from world import leaver, row

from syncagent.core.merger import AccountId
from syncagent.core.pairing import Likeness, Pairing, Proof

BORN = date(1980, 1, 31)
AN = row("NB1", "Nguyễn Văn An", birth_date=BORN)
ID = "id-abcdefghijklm"
AN_OLD = "an.stttt@hanam.gov.vn"
NAME = AccountId("hanam", AN_OLD)


def test_a_personal_identifier_is_proof_whatever_else_differs() -> None:
    """Nobody else has it: the account is theirs, even under an earlier name."""
    found = merge([row(ID, "Nguyễn Thị Bình")], [old("hanam", AN_OLD, "Nguyễn Thị B", staff_number=ID)]).pairings

    assert found.proved == {NAME: Pairing(ID, Proof.IDENTIFIER)}
    assert found.without == ()


def test_a_staff_number_is_proof_under_the_same_name_only() -> None:
    """Three provinces counted each for itself: NB1 of Hà Nam may be another person than NB1 of Ninh Bình."""
    same = old("hanam", AN_OLD, "NGUYỄN VĂN AN", staff_number="nb1")
    other = old("namdinh", "b@namdinh.gov.vn", "Trần Thị Bình", staff_number="NB1")
    younger = old("ninhbinh", "c@ninhbinh.gov.vn", "Nguyễn Văn An", staff_number="NB1", birth_date="1990-01-01")

    found = merge([AN], [same, other, younger]).pairings

    assert found.proved == {NAME: Pairing("NB1", Proof.STAFF_NUMBER)}
    assert set(found.contested.values()) == {("NB1",)}
    assert len(found.contested) == 2


def test_the_old_address_that_the_roster_gives_is_proof() -> None:
    """One person may give several, and have an account in each system; an alias counts, letter case does not."""
    gives = replace(AN, previous_address="A@HANAM.gov.vn; an@namdinh.gov.vn")
    first = old("hanam", AN_OLD, "An", aliases="a@hanam.gov.vn")
    second = old("namdinh", "an@namdinh.gov.vn")

    found = merge([gives], [first, second]).pairings

    assert set(found.proved.values()) == {Pairing("NB1", Proof.PREVIOUS_ADDRESS)}
    assert len(found.proved) == 2


def test_two_who_give_one_address_wait_for_people() -> None:
    """Both may be wrong; nobody is paired."""
    people = [replace(AN, previous_address=AN_OLD), row("NB2", "Trần Thị Bình", previous_address=AN_OLD)]

    assert merge(people, [old("hanam", AN_OLD)]).pairings.contested == {NAME: ("NB1", "NB2")}


def test_a_number_in_doubt_does_not_outweigh_the_rosters_own_word() -> None:
    """The roster gives the address, and the number is the same person's: two facts agree, the name was misspelt."""
    gives = replace(AN, previous_address=AN_OLD)

    found = merge([gives], [old("hanam", AN_OLD, "Nguyễn Vawn An", staff_number="NB1")]).pairings

    assert found.proved == {NAME: Pairing("NB1", Proof.PREVIOUS_ADDRESS)}


def test_likeness_suggests_and_never_pairs() -> None:
    """Name, day of birth and unit agree in everything: still somebody decides (design §4)."""
    account = old("hanam", AN_OLD, "Nguyễn Văn An", unit="Sở Thông tin và Truyền thông", birth_date="31/01/1980")

    found = merge([AN], [account]).pairings

    assert found.proved == {}
    (suggestion,) = found.suggested[NAME]
    assert suggestion == ("NB1", 100, (Likeness.NAME, Likeness.BIRTH_DATE, Likeness.UNIT))
    assert found.without == ("NB1",)


@pytest.mark.parametrize(
    ("name", "born", "unit", "scores"),
    [
        ("Nguyễn Văn An", "", "", [60]),
        ("Nguyễn Văn An", "1980-01-31", "", [90]),
        ("Nguyễn Văn An", "1981-01-31", "", []),
        ("Nguyễn Vân An", "", "", [60]),
        ("Nguyen Vam An", "1980-01-31", "", [85]),
        ("Nguyen Vam An", "", "stttt", [65]),
        ("Trần Thị Bình", "1980-01-31", "", []),
        ("Lê Đức An", "", "stttt", []),
        ("", "1980-01-31", "stttt", []),
    ],
)
def test_the_score_says_how_much_agrees(name: str, born: str, unit: str, scores: list[int]) -> None:
    """Who was born on another day is another person; a name that differs much is not made up for by a birthday."""
    account = old("hanam", "x@hanam.gov.vn", name, birth_date=born, unit=unit)

    found = merge([AN], [account]).pairings.suggested

    assert [one.score for theirs in found.values() for one in theirs] == scores


def test_two_people_of_one_name_are_both_suggested() -> None:
    """At most three, the most alike first, then by key; a unit breaks the tie but pairs nobody."""
    people = [replace(AN, person_id=f"NB{n}", birth_date=None, unit="skhcn" if n == 4 else "snv") for n in range(1, 6)]

    found = merge(people, [old("hanam", AN_OLD, "Nguyễn Văn An")]).pairings

    assert [one.subject for one in found.suggested[NAME]] == ["NB4", "NB1", "NB2"]
    assert found.proved == {}


def test_among_many_of_one_name_those_who_agree_in_more_are_found() -> None:
    """The last of a hundred namesakes was born that day: she is suggested, whoever stands before her."""
    crowd = [row(f"NB{n:03}", "Nguyễn Văn An", birth_date=date(1970, 1, 1)) for n in range(100)]
    unknown = row("NB998", "Nguyễn Văn An")
    account = old("hanam", AN_OLD, "Nguyễn Văn An", birth_date="1980-01-31")

    found = merge([*crowd, unknown, replace(AN, person_id="NB999")], [account]).pairings

    assert [(one.subject, one.score) for one in found.suggested[NAME]] == [("NB999", 100), ("NB998", 70)]


def test_an_agencys_mailbox_belongs_to_what_became_of_the_agency() -> None:
    """stttt@ of two provinces is the new Sở Khoa học và Công nghệ's; a divided commune's waits for a decision."""
    boxes = [
        old("hanam", "stttt@hanam.gov.vn"), old("namdinh", "sotttt@namdinh.gov.vn"),
        old("hanam", "quangtrung@hanam.gov.vn", "UBND phường Quang Trung"),
    ]  # fmt: skip

    found = merge([AN], boxes).pairings

    assert set(found.proved.values()) == {Pairing("unit:skhcn", Proof.UNIT_ADDRESS)}
    assert len(found.proved) == 2
    assert AccountId("hanam", "quangtrung@hanam.gov.vn") in found.mailboxes
    decided = merge([AN], boxes, ruling("hanam", "hanam/13285", "became", "giaothuy")).pairings
    assert Pairing("unit:giaothuy", Proof.UNIT_ADDRESS) in decided.proved.values()


def test_a_mailbox_that_bears_a_persons_number_is_contested() -> None:
    """An address like an agency's proves nothing against a number."""
    found = merge([AN], [old("hanam", "stttt@hanam.gov.vn", "Nguyễn Văn An", staff_number="NB1")]).pairings

    assert list(found.contested.values()) == [("NB1", "unit:skhcn")]


def test_a_ruling_goes_before_everything_but_protection() -> None:
    """The head of the unit signs for it; an account of the system's own is nobody's all the same."""
    gives = replace(AN, previous_address=AN_OLD)
    belongs = ruling("hanam", AN_OLD, "belongs", "NB2")

    found = merge([gives, row("NB2", "Trần Thị Bình")], [old("hanam", AN_OLD)], belongs).pairings
    protected = merge([gives], [old("hanam", AN_OLD, kind="system")], belongs).pairings

    assert found.proved == {NAME: Pairing("NB2", Proof.RULED)}
    assert protected.proved == {}


def test_those_who_are_quarantined_or_still_to_come_are_known() -> None:
    """Their accounts are theirs and wait with them; a number alone cannot be compared with a faulty row."""
    coming = row("NB3", "Lê Thị Cúc", effective_date=date(2026, 6, 1), previous_address="c@hanam.gov.vn")
    faulty = row(ID, "Phạm Văn Dũng", "nowhere")
    unclear = row("NB5", "Phạm Văn Em", "nowhere")
    accounts = [
        old("hanam", "c@hanam.gov.vn"), old("hanam", "d@hanam.gov.vn", staff_number=ID),
        old("hanam", "e@hanam.gov.vn", "Phạm Văn Em", staff_number="NB5"),
    ]  # fmt: skip

    found = merge([coming, faulty, unclear, *[row(f"P{n}", "Nguyễn Văn An") for n in range(40)]], accounts).pairings

    assert {pairing.subject for pairing in found.proved.values()} == {"NB3", ID}
    assert list(found.contested.values()) == [("NB5",)]


def test_leavers_are_paired_but_not_missed() -> None:
    """Who left needs no account; who works and has none is listed."""
    people = [leaver("NB7", full_name="Lê Văn Bảy"), AN]

    found = merge(people, [old("hanam", "b@hanam.gov.vn", "Lê Văn Bảy", staff_number="NB7")]).pairings

    assert [pairing.subject for pairing in found.proved.values()] == ["NB7"]
    assert found.without == ("NB1",)
