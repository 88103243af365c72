"""TCVN3 and VNI become Unicode, names their case again, and what is undeclared is noticed."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from syncagent.connectors.roster.legacy import LETTERS, decode, garbled, recase, sample, undeclared

if TYPE_CHECKING:
    from syncagent.mapping.columns import Encoding


@pytest.mark.parametrize(
    ("text", "encoding", "means"),
    [
        ("NguyÔn V¨n Dòng", "tcvn3", "Nguyễn Văn Dũng"),
        ("NguyÔn ThÞ H­¬ng", "tcvn3", "Nguyễn Thị Hương"),
        ("§Æng Ngäc ¸nh", "tcvn3", "Đặng Ngọc ánh"),
        ("Së Khoa häc vµ C«ng nghÖ", "tcvn3", "Sở Khoa học và Công nghệ"),
        ("Nguyeãn Vaên Duõng", "vni", "Nguyễn Văn Dũng"),
        ("Ñoã Thò Höông", "vni", "Đỗ Thị Hương"),
        ("ÑAËNG NGOÏC AÙNH", "vni", "ĐẶNG NGỌC ÁNH"),
        ("Sôû Khoa hoïc vaø Coâng ngheä", "vni", "Sở Khoa học và Công nghệ"),
        ("Mai", "vni", "Mai"),
    ],
)
def test_words_of_both_encodings(text: str, encoding: Encoding, means: str) -> None:
    """Words as exports show them come out as they were meant, in NFC."""
    decoded = decode(text, encoding)

    assert decoded == means
    assert unicodedata.is_normalized("NFC", decoded)


@pytest.mark.parametrize(
    ("name", "recased"),
    [
        ("NGUYễN VăN AN", "Nguyễn Văn An"),
        ("nguyễn văn an", "Nguyễn Văn An"),
        ("NGUYỄN VĂN AN", "NGUYỄN VĂN AN"),
        ("Nguyễn Văn An", "Nguyễn Văn An"),
        ("H'Hen Niê", "H'Hen Niê"),
        ("Đỗ-Nguyễn Anna", "Đỗ-Nguyễn Anna"),
        ("LÊ VăN Ư", "Lê Văn Ư"),
        ("", ""),
    ],
)
def test_names_of_capital_fonts_get_their_case(name: str, recased: str) -> None:
    """Fonts that draw small letters as capitals leave names in mixed case; others keep theirs."""
    assert recase(name) == recased


def test_the_letters_are_those_of_the_alphabet() -> None:
    """Twelve vowels, six tones, two cases, and đ: 134 letters beside ASCII (a e i o u y are ASCII)."""
    assert len(set(LETTERS)) == len(LETTERS) == 12 * 6 * 2 + 2 - 6 * 2
    assert unicodedata.is_normalized("NFC", LETTERS)


@pytest.mark.parametrize("name", ["NguyÔn V¨n An", "Bïi ThÞ B×nh", "Nguyá»…n VÄƒn An", "Tr­¬ng V¨n"])
def test_symbols_in_a_name_are_noticed(name: str) -> None:
    """A symbol inside a name is a sign of TCVN3 or of a conversion gone wrong."""
    assert garbled(name)


@pytest.mark.parametrize("name", ["Nguyễn Văn An", "H’Hen Niê", "Y Ƀăm Êƀan", "François Müller", "An", "Tôn-Nữ Ưu Đàm"])
def test_names_are_not_taken_for_garbage(name: str) -> None:
    """Vietnamese, highland and foreign names are none, and a few of them do not make a file suspect."""
    assert not garbled(name)
    assert not undeclared(["Nguyễn Văn An"] * 10 + [name] * 2)


@pytest.mark.parametrize("name", ["NguyÔn V¨n An", "Ñoã Thò Höông", "Nguyeãn Thò Ñaøo", "Nguyá»…n VÄƒn An"])
def test_a_file_of_undeclared_text_is_noticed(name: str) -> None:
    """More than a fifth of names with such signs is no accident; nobody at all is no sign."""
    assert undeclared([name])
    assert undeclared([name] * 3 + ["An"] * 11)
    assert not undeclared([name] * 2 + ["An"] * 10)
    assert not undeclared([])


def test_a_sample_shows_a_few_changes() -> None:
    """At most five different cells that decoding changed, in order."""
    pairs = [("An", "An"), *[(f"b{n // 2}", f"a{n // 2}") for n in range(30)]]

    assert sample(pairs) == tuple((f"b{n}", f"a{n}") for n in range(5))
    assert sample([("An", "An")]) == ()
