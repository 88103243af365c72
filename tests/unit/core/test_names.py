"""Names as domain §2 reads them: cleaned, folded, in syllables; odd ones flagged, never guessed."""

from __future__ import annotations

import unicodedata

import pytest

from syncagent.core.names import (
    clean,
    fold,
    folded_syllables,
    needs_an_eye,
    parted,
    strip_marks,
    syllables,
    unreadable,
)

EXAMPLES = [
    ("Nguyễn Ngọc Thành", "", "thanhnn"),
    ("Nguyễn Văn Dũng", "", "dungnv"),
    ("Ngô Văn Dũng", "", "dungnv"),
    ("Nguyễn Thị Ngọc Ánh", "", "anhntn"),
    ("Đặng Thị Hòa", "", "hoadt"),
    ("Đặng Thị Hoà", "", "hoadt"),
    ("Lê Ư", "", "ul"),
    ("Trần Thuý", "", "thuyt"),
    ("Tôn Nữ Thị Ninh", "", "ninhtnt"),
    ("Công Tằng Tôn Nữ Mỹ Anh", "", "anhcttnm"),
    ("Nguyễn Phúc Bảo Lộc", "", "locnpb"),
    ("Giàng A Páo", "", "paoga"),
    ("Vừ A Dính", "", "dinhva"),
    ("Lò Thị Mai", "", "mailt"),
    ("Đinh Y Nhung", "", "nhungdy"),
    ("Quách Thị Bưởi", "", "buoiqt"),
    ("H'Hen Niê", "", "nieh"),
    ("H'Hen Niê", "H'Hen", "hhenn"),
    ("Y Phôn Êban", "", "ebanyp"),
    ("Y Phôn Êban", "Phôn", "phonye"),
    ("Ksor Phước", "", "phuock"),
    ("K'Brơi", "", "kbroi"),
    ("Y Ƀăm Êƀan", "Ƀăm", "bamye"),
    ("Maria Nguyễn Thị Hương", "", "huongmnt"),
    ("Đỗ-Nguyễn Anna", "", "annadn"),
    ("ÐỖ VĂN ÐÔNG", "", "dongdv"),
]


@pytest.mark.parametrize(("name", "given", "local"), EXAMPLES)
def test_the_worked_examples_of_the_domain_come_out_right(name: str, given: str, local: str) -> None:
    """Domain §2.5: the tên in full, one letter of every other syllable, in order."""
    found = syllables(name, given)

    assert found
    assert found.ten + found.initials == local


def test_two_syllables_of_a_given_name_are_one_ten() -> None:
    """Domain §2.1: given names of two syllables exist; a person writes them into given_name."""
    found = syllables("Trần Thị Bảo Châu", "Bảo Châu")

    assert found
    assert (found.ten, found.others) == ("baochau", ("tran", "thi"))


def test_a_given_name_is_the_last_run_of_its_syllables() -> None:
    """The tên stands last in a Vietnamese name; a họ of the same letters is not meant."""
    found = syllables("An Văn An", "An")

    assert found
    assert (found.ten, found.others) == ("an", ("an", "van"))


@pytest.mark.parametrize(
    ("name", "given"),
    [("", ""), ("Trần 2", ""), ("Trần 🌾", ""), ("Иван Petrov", ""), ("Trần Hòa", "Bình"), ("Trần Hòa", "-")],
    ids=["empty", "a digit", "an emoji", "another script", "not part of the name", "no syllable at all"],
)
def test_a_name_that_cannot_be_folded_is_nobodys_address(name: str, given: str) -> None:
    """Domain §2.2: every syllable is letters a to z after folding, or a person must look; nothing is guessed."""
    assert syllables(name, given) is None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Tra\u0302\u0300n", "Trần"),
        ("Th\u200bành", "Thành"),
        ("Nguyễn\u00a0Văn", "Nguyễn Văn"),
        ("\ufeffNguyễn\u00ad", "Nguyễn"),
        ("Ðỗ ðạt Ɖô ɖi", "Đỗ đạt Đô đi"),
        ("Lê\u3000Ư", "Lê Ư"),
    ],
    ids=["NFD", "zero width", "no-break blank", "BOM and soft hyphen", "look-alikes", "wide blank"],
)
def test_what_can_be_repaired_is_repaired_and_said(raw: str, text: str) -> None:
    """Contract §4: invisible characters, NFD and look-alikes are repaired, with a finding."""
    assert clean(raw) == (text, True)


@pytest.mark.parametrize("text", ["Nguyễn Văn Dũng", "Nguyen Van Dung", "  Lê Ư ", " ascii "])
def test_a_clean_name_is_not_said_to_be_repaired(text: str) -> None:
    """A finding about every row would hide the few that matter; outer blanks are no fault."""
    assert clean(text) == (text.strip(), False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Nguy\ufffdn", "U+FFFD"),
        ("Nguyễn\u202eVăn", "bidirectional mark U+202E"),
        ("Nguyễn\x07", "control character U+0007"),
        ("Nguyễn Вăn", "letter of another script U+0412"),
        ("Nguyễn \ue000", "control character U+E000"),
        ("Nguyễn \u2060x", "control character U+2060"),
    ],
)
def test_what_cannot_be_repaired_without_guessing_is_named(text: str, says: str) -> None:
    """Contract §4: U+FFFD, controls, bidi marks and mixed scripts quarantine the person."""
    problem = unreadable(text)

    assert problem
    assert says in problem.en


@pytest.mark.parametrize(
    "text", ["Nguyễn Văn Dũng", "H'Hen Niê", "HʼHen Niê", "Đỗ-Nguyễn Anna", "Trần 🌾", "Lê Ư (Sơn)", "Y Ƀăm"]
)
def test_letters_marks_and_harmless_signs_are_readable(text: str) -> None:
    """Only what cannot be read quarantines; an odd sign waits for a person at naming time."""
    assert unreadable(text) is None


def test_marks_are_stripped_and_strokes_become_their_letters() -> None:
    """Domain §2.2 steps 3 and 4: đ and ƀ do not decompose, so they are mapped; the rest loses its marks."""
    assert strip_marks("ĐđÐðƀɃẴ ươ") == "DdDdbBA uo"
    assert strip_marks("plain ascii") == "plain ascii"


def test_both_placements_of_a_tone_fold_alike() -> None:
    """Domain §2.3: hoà/hòa and thuý/thúy are one name to an address, composed or not."""
    assert fold("Hoà") == fold("Hòa") == "hoa"
    assert fold(unicodedata.normalize("NFD", "Thuý")) == fold("THÚY") == "thuy"


def test_apostrophes_join_and_hyphens_part() -> None:
    """Domain §2.2 steps 5 and 6: K' Brơi is one syllable, Đỗ-Nguyễn two, M.Văn two."""
    assert folded_syllables("K' Brơi") == ("kbroi",)
    assert folded_syllables("Đỗ-Nguyễn M.Văn") == ("do", "nguyen", "m", "van")


@pytest.mark.parametrize(
    "name",
    ["H'Hen Niê", "H’Hen Niê", "K'Brơi", "Y Phôn Êban", "Y Ƀăm Êƀan", "Ka Brơi", "Nguyễn Thị Niê", "H Hen"],
)
def test_a_name_whose_ten_is_uncertain_is_flagged(name: str) -> None:
    """Domain §2.1: a marker at the start or a clan at the end needs a person's eye."""
    assert needs_an_eye(name)


@pytest.mark.parametrize("name", ["Nguyễn Ngọc Thành", "Giàng A Páo", "Đinh Y Nhung", "Ksor Phước", ""])
def test_ordinary_names_are_not_flagged(name: str) -> None:
    """Domain §2.1: Kinh, Mường, Tày, Thái, Mông and Hrê names follow the rule of the last syllable."""
    assert not needs_an_eye(name)


@pytest.mark.parametrize(
    ("name", "given", "shown"),
    [
        ("Nguyễn Ngọc Thành", "", ("Nguyễn Ngọc", "Thành")),
        ("Trần Thị Bảo Châu", "Bảo Châu", ("Trần Thị", "Bảo Châu")),
        ("Y Phôn Êban", "Phôn", ("Y Êban", "Phôn")),
        ("Sơn", "", ("Sơn", "Sơn")),
        ("Trần Hoà", "Hòa", ("Trần Hoà", "Hòa")),
    ],
    ids=["the last syllable", "two syllables", "in the middle", "one name is both", "written otherwise"],
)
def test_an_address_book_shows_the_name_as_it_is_written(name: str, given: str, shown: tuple[str, str]) -> None:
    """NB-34: họ with họ đệm, and the tên, with all their letters; neither part is ever empty."""
    assert parted(name, given) == shown
