"""TCVN3 and VNI: every letter there and back, alone and in every word."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.connectors.roster.legacy import LETTERS, decode, recase

# The tables as the standards print them, written down a second time, letter by letter.
_TCVN3 = dict(
    zip(
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
        "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\xadõö÷øùúûüýþ¡¢£¤¥¦§",
        strict=True,
    )
)
_VNI_PAIRS = (
    "àaø áaù ảaû ãaõ ạaï ăaê ằaè ắaé ẳaú ẵaü ặaë âaâ ầaà ấaá ẩaå ẫaã ậaä đñ èeø éeù ẻeû ẽeõ ẹeï êeâ ềeà ếeá "
    "ểeå ễeã ệeä ìì íí ỉæ ĩó ịò òoø óoù ỏoû õoõ ọoï ôoâ ồoà ốoá ổoå ỗoã ộoä ơô ờôø ớôù ởôû ỡôõ ợôï ùuø úuù "
    "ủuû ũuõ ụuï ưö ừöø ứöù ửöû ữöõ ựöï ỳyø ýyù ỷyû ỹyõ ỵî"
)
_VNI = {pair[0]: pair[1:] for pair in _VNI_PAIRS.split()}
_VNI |= {letter.upper(): sequence.upper() for letter, sequence in _VNI.items()}
_VOWEL_AND_SMALL_MARK = {
    letter.upper(): sequence.capitalize() for letter, sequence in _VNI.items() if len(sequence) > 1
}
_ASCII = [chr(code) for code in range(0x20, 0x7F)]


def test_the_tables_cover_the_alphabet() -> None:
    """VNI writes every letter; TCVN3 writes all small ones and the untoned capitals."""
    assert set(_VNI) == set(LETTERS)
    assert set(_TCVN3) == {letter for letter in LETTERS if letter.islower()} | set("ĂÂÊÔƠƯĐ")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_letter_comes_back(form: Literal["NFC", "NFD"]) -> None:
    """Each letter in each case that its encoding has, compared in NFC whatever the original's form."""
    for letter in LETTERS:
        meant = unicodedata.normalize("NFC", unicodedata.normalize(form, letter))

        assert decode(_VNI[letter], "vni") == meant
        assert decode(_VOWEL_AND_SMALL_MARK.get(letter, _VNI[letter]), "vni") == meant
        if letter in _TCVN3:
            assert decode(_TCVN3[letter], "tcvn3") == meant


@given(st.text(st.sampled_from([*_TCVN3, *_ASCII])))
def test_every_tcvn3_text_comes_back(text: str) -> None:
    """One character each way: nothing runs into its neighbour."""
    assert decode("".join(_TCVN3.get(char, char) for char in text), "tcvn3") == text


@given(st.lists(st.sampled_from(sorted({*_VNI} - set("ìíỉĩịÌÍỈĨỊ")))))
def test_every_vni_word_comes_back(letters: list[str]) -> None:
    """The longest sequence counts: ô with a tone is no o with two marks, ơ with a tone is one letter."""
    words = " ".join(letters)

    assert decode(" ".join(_VNI[letter] for letter in letters), "vni") == words


@given(st.lists(st.text(st.sampled_from("bcdghklmnpqrstvxaeiouy"), min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_name_in_a_capital_font_is_the_name(syllables: list[str]) -> None:
    """Typed in small letters and drawn as capitals: decoded and re-cased, each syllable has one capital."""
    name = " ".join(syllable + "ễ" for syllable in syllables)

    assert recase(decode(name.replace("ễ", _TCVN3["ễ"]), "tcvn3")) == name.title()
