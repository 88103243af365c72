"""Passwords are judged by the letter of each regulation and drawn so that nobody can guess them."""

from __future__ import annotations

import random
import string
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import combinations
from math import log2

import pytest
import world

from syncagent.core.regulation import Hint, PasswordRules
from syncagent.errors import Misconfigured
from syncagent.trust.passwords import LENGTH, Holder, flaws, generate

NINH_BINH = world.regulation().passwords
DA_NANG = replace(
    NINH_BINH,
    shortest=12,
    specials=string.punctuation,
    hints=frozenset({Hint.NAME, Hint.BIRTH_DATE, Hint.PHONE}),
)
QUAN_4 = replace(NINH_BINH, shortest=8, specials=string.punctuation, hints=frozenset())
ALL = replace(NINH_BINH, hints=frozenset(Hint))

LAN = Holder(
    account=("lannt.skhcn", "lannt.skhcn@ninhbinh.gov.vn", "CB00417"),
    full_name="Nguyễn Thị Lan",
    birth_date=date(1988, 3, 7),
    phone="+84 912 345 678",
)
NOBODY = Holder()
UPPER, LOWER, DIGITS, SPECIALS = "ACDEFHJKLMNPRTUVWXY", "acdefhjkmnprtuvwxy", "23456789", "@#$%&*"


def _says(password: str, rules: PasswordRules = ALL, holder: Holder = NOBODY) -> list[str]:
    return [text.en for text in flaws(password, rules, holder)]


def _tells(password: str, holder: Holder = LAN) -> bool:
    """Whether a password, otherwise good under every rule, tells of its holder."""
    padded = f"{password}#Xy#666#"
    assert _says(padded) == []
    return _says(padded, ALL, holder) != []


@pytest.mark.parametrize(
    ("password", "rules"),
    [
        ("MatKhau$789", NINH_BINH),
        ("MatKhau$7", NINH_BINH),
        ("MatKhau-78(9)", DA_NANG),
        ("Mat,Kh.9", QUAN_4),
    ],
)
def test_what_the_texts_allow_has_no_flaw(password: str, rules: PasswordRules) -> None:
    """The example of NB-31 is lawful, and so is the shortest password of each regulation (DN-21, Q4-17)."""
    assert flaws(password, rules, LAN) == ()


@pytest.mark.parametrize("name", ["Nguyễn Văn Khâu", "Trần Thị Mật", "Lê Khẩu", "Lê Ư", "H'Hen Niê"])
def test_the_example_of_the_text_is_lawful_for_everybody_whose_full_name_it_does_not_contain(name: str) -> None:
    """An ordinary syllable inside a word is not the name of its holder; the full name is (NB-31)."""
    assert flaws("MatKhau$789", NINH_BINH, Holder(full_name=name)) == ()
    assert _says("MatKhau$789", NINH_BINH, Holder(full_name="Mật Khẩu")) == [
        "The password must not contain the full name or the given name of the holder."
    ]


@pytest.mark.parametrize(
    ("password", "rules", "says"),
    [
        ("MatKh$78", NINH_BINH, "The password must have at least 9 characters."),
        ("MatKhau$789", DA_NANG, "The password must have at least 12 characters."),
        ("Mat$789", QUAN_4, "The password must have at least 8 characters."),
        ("matkhau$789", NINH_BINH, "The password must have an upper-case letter."),
        ("MATKHAU$789", NINH_BINH, "The password must have a lower-case letter."),
        ("MatKhau$xyz", NINH_BINH, "The password must have a digit."),
        ("MatKhau6789", NINH_BINH, "The password must have a special character from: ! @ # % $ * &"),
    ],
)
def test_each_broken_rule_is_named(password: str, rules: PasswordRules, says: str) -> None:
    """Length and each of the four classes have their own sentence, and only the broken one is said."""
    assert _says(password, rules) == [says]


@pytest.mark.parametrize("stray", ["-", "^", " ", "\t", "ậ", "Đ", "Ａ", "\u0301", "\u200b", "٣", "€"])
def test_the_set_of_specials_is_closed(stray: str) -> None:
    """NB-31 lists seven specials: nothing else is one, nor are letters with marks, blanks or foreign digits."""
    assert _says(f"MatKhau$789{stray}", NINH_BINH) == [
        "The password may only have letters without marks, digits and the special characters: ! @ # % $ * &"
    ]


def test_every_character_of_the_regulation_may_be_used() -> None:
    """All letters, digits and specials of NB-31 together are a lawful password."""
    assert flaws(string.ascii_letters + string.digits + "!@#%$*&", NINH_BINH, NOBODY) == ()


def test_everything_wrong_is_said_at_once_in_both_languages() -> None:
    """An empty password breaks five rules; each sentence is there in Vietnamese, too."""
    found = flaws("", NINH_BINH, LAN)

    assert [text.vi for text in found] == [
        "Mật khẩu phải có ít nhất 9 ký tự.",
        "Mật khẩu phải có ít nhất một chữ hoa.",
        "Mật khẩu phải có ít nhất một chữ thường.",
        "Mật khẩu phải có ít nhất một chữ số.",
        "Mật khẩu phải có ít nhất một ký tự đặc biệt trong số: ! @ # % $ * &",
    ]
    assert all(text.en.endswith((".", "&")) for text in found)


@pytest.mark.parametrize(
    ("hint", "password"),
    [
        (Hint.ACCOUNT, "Xy9#LANNT.skhcn"),
        (Hint.NAME, "Xy9#LanNguyenThi"),
        (Hint.BIRTH_DATE, "Xy#07031988abc"),
        (Hint.PHONE, "Xy#0912345678abc"),
    ],
)
def test_a_hint_counts_only_where_the_regulation_names_it(hint: Hint, password: str) -> None:
    """Đà Nẵng forbids the phone and not the account, Ninh Bình the reverse (DN-22, NB-31)."""
    others = frozenset(Hint) - {hint}
    rules = replace(DA_NANG, hints=frozenset({hint}))

    assert len(flaws(password, rules, LAN)) == 1
    assert flaws(password, replace(rules, hints=others), LAN) == ()


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("xlannt.skhcnx", True),
        ("LANNT-SKHCN", True),
        ("lannt.skhcn@ninhbinh.gov.vn", True),
        ("xcb00417x", True),
        ("XLanntX", True),  # what stands before the dot is the person's own part
        ("skhcn", False),  # the agency is everybody's
        ("ninhbinh", False),
    ],
)
def test_the_account_is_known_by_login_local_part_and_address(password: str, told: bool) -> None:  # noqa: FBT001 - a table
    """Anywhere, in any case, with any separator (NB-31)."""
    rules = replace(DA_NANG, hints=frozenset({Hint.ACCOUNT}))

    assert bool(flaws(f"{password}#Xy6666789", rules, LAN)) is told


@pytest.mark.parametrize(("address", "password"), [("lan.so@x.vn", "xLanSox"), ("a@so.vn", "xa@so.vn")])
def test_an_address_alone_tells_its_local_part(address: str, password: str) -> None:
    """Nobody need give the login twice; and an address counts even if its local part is too short to."""
    rules = replace(DA_NANG, hints=frozenset({Hint.ACCOUNT}))

    assert len(flaws(f"{password}#X6789", rules, Holder((address,)))) == 1


@pytest.mark.parametrize(
    ("name", "password", "told"),
    [
        ("Nguyễn Thị Lan", "NguyenThiLan", True),
        ("Nguyễn Thị Lan", "xxnguyenthilanxx", True),
        ("Nguyễn Thị Lan", "Nguyen#thi%LAN", True),
        ("Nguyễn Thị Lan", "LanThiNguyen", True),
        ("Nguyễn Thị Lan", "LanNguyenThi", True),
        ("Nguyễn Thị Lan", "LanNguyen", True),
        ("Nguyễn Thị Lan", "MyNguyenLan", True),
        ("Nguyễn Thị Lan", "MyThiLan", True),
        ("Nguyễn Thị Lan", "Lan", True),
        ("Nguyễn Thị Lan", "66lan66", True),
        ("Nguyễn Thị Lan", "HaLan", False),  # a syllable inside a word
        ("Nguyễn Thị Lan", "Nguyen", False),  # the họ of every third Vietnamese
        ("Nguyễn Văn An", "An", True),
        ("Nguyễn Văn An", "Hanoi", False),
        ("Trần Quốc Thành", "XinThanhLoi", True),  # long enough to count anywhere
        ("Đỗ Đức Đạo", "DoDucDao", True),
        (unicodedata.normalize("NFD", "Đỗ Đức Đạo"), "xxDODUCDAOxx", True),
        ("NGUYỄN  THỊ\u00a0LAN", "NguyenThiLan", True),
        ("Lê Ư", "xLeUx", True),
        ("Lê Thị Vy", "xVyLeThix", True),
        ("Y A", "Ya", True),
        ("Y A", "xYax", False),  # two letters meet by accident
        ("Lê Ư", "U", False),  # a single letter tells nothing
        ("H'Hen Niê", "H#Hen#Nie", True),
        ("H'Hen Niê", "NieHhen", True),
        ("H'Hen Niê", "Hen", True),  # where the tên is uncertain, each syllable may be it
        ("H'Hen Niê", "Nie", True),
        ("Y Phôn Êban", "Phon", True),
        ("Lý Y", "y", False),
        ("", "Lan", False),
        ("?", "Lan", False),
    ],
)
def test_the_name_is_known_in_every_usual_order_without_marks_and_blanks(
    name: str,
    password: str,
    told: bool,  # noqa: FBT001 - a table
) -> None:
    """The full name anywhere; the tên where it is long or stands alone (NB-31, DN-22)."""
    assert _tells(f"6{password}6", Holder(full_name=name)) is told


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("07031988", True),
        ("x07031988x", True),
        ("9070319889", True),
        ("070388", True),
        ("90703889", True),
        ("19880307", True),
        ("880307", True),
        ("03071988", True),
        ("07#03#1988", True),
        ("7#3#1988", True),
        ("x7*3*88x", True),
        ("731988", True),
        ("x7388x", True),
        ("1988", True),
        ("Lan1988Xy", True),
        ("0703", True),
        ("0307", True),
        ("031988", True),
        ("198803", True),
        ("x1988", True),
        ("9719889", False),  # somewhere in a longer number the year is an accident
        ("973889", False),
        ("1989", False),
        ("88", False),
    ],
)
def test_the_birth_date_is_known_in_every_usual_writing(password: str, told: bool) -> None:  # noqa: FBT001 - a table
    """All of the date anywhere; its year, or day and month, as a number of their own."""
    assert _tells(f"{password}x", replace(NOBODY, birth_date=LAN.birth_date)) is told


@pytest.mark.parametrize(
    "phone",
    ["0912345678", "+84912345678", "+84 912 345 678", "0912.345.678", "(0229) 387 1234 / 0912-345-678", "84912345678"],
)
@pytest.mark.parametrize("password", ["0912345678", "+84912345678", "912#345#678", "x84912345678x", "2345678"])
def test_the_phone_is_known_with_any_prefix(phone: str, password: str) -> None:
    """+84, 0, blanks and dots make no difference on either side, nor does leaving the operator out (DN-22)."""
    rules = replace(DA_NANG, hints=frozenset({Hint.PHONE}))

    assert _says(f"Xy#{password}#Zxcvb", rules, Holder(phone=phone)) == [
        "The password must not contain the telephone number."
    ]
    assert _says("Xy#0912345679#345678#Zxcvb", rules, Holder(phone=phone)) == []


def test_an_extension_counts_as_a_number_of_its_own() -> None:
    """Four digits inside longer ones are an accident, two are no telephone number."""
    holder = Holder(phone="4417, 12")

    assert _tells("x4417x", holder)
    assert not _tells("944179", holder)
    assert not _tells("x12x", holder)


def test_neither_holder_nor_flaws_nor_errors_show_what_they_know() -> None:
    """The repr of a holder is empty, and a sentence about a password repeats none of it nor of the holder."""
    password = "LanNguyenThi#07031988#0912345678#lannt.skhcn"  # noqa: S105 - nobody's
    found = flaws(password, replace(ALL, shortest=99), LAN)
    said = " ".join([*(text.vi for text in found), *(text.en for text in found)])

    assert repr(LAN) == str(LAN) == "Holder()"
    assert len(found) == 6
    assert not any(word in said for word in ("LanNguyen", "Lan ", "1988", "0703", "912", "lannt"))


@pytest.mark.parametrize(
    "unlucky", ["Wy#6lannt%skhcnX", "Wy#6XLanXy%Wxyvk", "Wy#6X07031988%Wx", "Wy#6X2345678%Wxy", "wy#6xxcv%wxyvkk7"]
)
def test_an_unlucky_draw_is_drawn_again(unlucky: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every hint is avoided, named or not, and short syllables of the name even inside a word."""
    fortunate = "Wy#6XcvnK%WxyvkX"
    draws = iter(unlucky + fortunate)
    monkeypatch.setattr("secrets.choice", lambda _: next(draws))

    assert generate(QUAN_4, LAN) == fortunate


def test_rules_without_a_usable_special_are_refused() -> None:
    """Letters, digits and blanks are no specials; the way out is named instead of drawing for ever."""
    with pytest.raises(Misconfigured, match=r"passwords\.specials") as refused:
        generate(replace(NINH_BINH, specials="a1 é"), LAN)

    assert "passwords.specials" in refused.value.says.vi


def test_a_regulation_that_knows_only_look_alikes_is_obeyed() -> None:
    """A special that resembles another character is drawn only where the text leaves no other."""
    password = generate(replace(NINH_BINH, specials="|"), LAN)

    assert "|" in password
    assert set(password) <= set(UPPER + LOWER + DIGITS + "|")


@pytest.mark.parametrize(("shortest", "asked", "length"), [(9, 16, 16), (9, 9, 16), (12, 24, 24), (20, 16, 20)])
def test_the_longest_of_three_lengths_counts(shortest: int, asked: int, length: int) -> None:
    """Never fewer than sixteen characters, than the rules demand, or than the caller wants."""
    assert LENGTH == 16
    assert len(generate(replace(NINH_BINH, shortest=shortest), LAN, asked)) == length


def test_ten_thousand_passwords_differ_and_their_characters_are_drawn_evenly() -> None:
    """One each for 10,000 accounts (DN-32); every class stands everywhere, and no character is preferred."""
    drawn = [generate(NINH_BINH, LAN) for _ in range(10_000)]
    counts = Counter("".join(drawn))

    assert len(set(drawn)) == 10_000
    assert set(counts) == set(UPPER + LOWER + DIGITS + SPECIALS)
    for place in range(LENGTH):
        standing = {password[place] for password in drawn}
        assert all(standing & set(kind) for kind in (UPPER, LOWER, DIGITS, SPECIALS))
    for kind in (UPPER, LOWER, DIGITS, SPECIALS):
        mean = sum(counts[char] for char in kind) / len(kind)
        # seven standard deviations; taking a random byte modulo 51 would be off by eleven
        assert all(abs(counts[char] - mean) < 7 * mean**0.5 for char in kind), kind


def _bits(*kinds: int) -> float:
    """How many bits choose one of all passwords of LENGTH with each class in it, by inclusion and exclusion."""
    missing = [sum(left) for n in range(5) for left in combinations(kinds, n)]
    signs = [(-1) ** n for n in range(5) for _ in combinations(kinds, n)]
    return log2(sum(sign * (sum(kinds) - lost) ** LENGTH for sign, lost in zip(signs, missing, strict=True)))


def test_a_generated_password_is_worth_more_than_eighty_bits() -> None:
    """90.4 bits under Ninh Bình, 86.5 with one special; a holder of whom much is known costs less than one."""
    alphabet = list(UPPER + LOWER + DIGITS + SPECIALS)
    known = replace(LAN, account=(*LAN.account, "ly", "ha"), full_name="H'Hen Y Phôn Kpă Rcăm Niê")
    chance = random.SystemRandom()
    drawn = ["".join(chance.choices(alphabet, k=LENGTH)) for _ in range(5_000)]
    lawful = [password for password in drawn if not _says(password)]
    secret = [password for password in lawful if not _says(password, ALL, known)]

    assert _bits(len(UPPER), len(LOWER), len(DIGITS), len(SPECIALS)) == pytest.approx(90.44, abs=0.01)
    assert _bits(len(UPPER), len(LOWER), len(DIGITS), 1) == pytest.approx(86.54, abs=0.01)
    assert len(secret) > len(lawful) / 2


def test_chance_cannot_be_wound_back() -> None:
    """The generator of ordinary pseudo-random numbers has no part in it: the same seed, another password."""
    drawn = []
    for _ in range(2):
        random.seed(1)
        drawn.append(generate(NINH_BINH, LAN))

    assert drawn[0] != drawn[1]
