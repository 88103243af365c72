"""Laws of passwords over arbitrary holders: the generator obeys the verifier, and the verifier a plain reading."""

from __future__ import annotations

import string
import unicodedata
from dataclasses import replace
from datetime import date

import world
from hypothesis import event, given
from hypothesis import strategies as st

from syncagent.core.regulation import Hint, PasswordRules
from syncagent.trust.passwords import LENGTH, Holder, flaws, generate

NINH_BINH = world.regulation().passwords
NAMES = (
    "Nguyễn Thị Lan", "Trần Văn Khâu", "Lê Ư", "Lê Vy", "Đỗ Đức Đạo", "H'Hen Niê", "Y Phôn Êban", "K'Brơi", "An",
    "Ka Hường", "Trương Thị Thùy Dương", "Nguyễn Phước Bảo Nghiêng", "Mật Khẩu", "",
)  # fmt: skip
LETTERS = string.ascii_letters + "ăâđêôơưĂÂĐÊÔƠƯấịỗ"

names = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(NAMES).map(lambda name: unicodedata.normalize("NFD", name)),
    st.lists(st.text(LETTERS, min_size=1, max_size=7), max_size=5).map(" ".join),
)
logins = st.from_regex(r"[a-z]{1,8}[0-9]?(\.[a-z]{1,6})?", fullmatch=True)
accounts = logins.map(lambda login: (login, f"{login}@ninhbinh.gov.vn"))
phones = st.from_regex(r"(|\+84 ?|0)[1-9][0-9]{2}[ .]?[0-9]{3}[ .]?[0-9]{3}|[1-9][0-9]{3}|", fullmatch=True)
holders = st.builds(
    Holder, st.just(()) | accounts, names, st.none() | st.dates(date(1930, 1, 1), date(2020, 1, 1)), phones
)
rules = st.builds(
    lambda shortest, specials, hints: replace(NINH_BINH, shortest=shortest, specials=specials, hints=hints),
    st.integers(4, 24),
    st.sampled_from(["!@#%$*&", string.punctuation, "#", "!@#%&"]),
    st.just(frozenset(Hint)) | st.frozensets(st.sampled_from(Hint)),
)


def _plain(text: str) -> str:
    """Lower case without marks, the long way."""
    apart = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def _bare(text: str) -> str:
    return "".join(char for char in _plain(text) if char in string.ascii_lowercase + string.digits)


def _stands_alone(word: str, text: str) -> bool:
    """Whether `word` is in the text with no letter beside letters and no digit beside digits."""
    kind = string.digits if word.isdigit() else string.ascii_lowercase
    if len(word) < 2 or not set(word) <= set(kind):
        return False
    for written in (f" {_plain(text)} ", f" {_bare(text)} "):
        for at in range(len(written)):
            if written.startswith(word, at) and written[at - 1] not in kind and written[at + len(word)] not in kind:
                return True
    return False


def _known(word: str, password: str, anywhere: int) -> bool:
    return word in _bare(password) if len(word) >= anywhere else _stands_alone(word, password)


def _tells_account(password: str, holder: Holder) -> bool:
    for word in holder.account:
        local = word.split("@")[0]
        if _known(_bare(word), password, 3) or _known(_bare(local), password, 3):
            return True
        if _known(_bare(local.split(".")[0]), password, 5):
            return True
    return False


def _tells_name(password: str, holder: Holder) -> bool:
    words = [_bare(word) for word in holder.full_name.split()]
    if not words:
        return False
    last = words[-1]
    whole = ["".join(words), "".join(reversed(words)), last + "".join(words[:-1])]
    parts = [last, "".join(words[-2:]), words[0] + last, last + words[0]]
    odd = words[0] in {"y", "ka", "h", "k"} or last in {"nie", "eban", "mlo", "siu", "nay", "kpa", "bya"}
    if odd or _plain(holder.full_name).startswith(("h'", "k'")):
        parts += [*words, *_plain(holder.full_name).replace("'", " ").split()]
    return any(_known(word, password, 3) for word in whole) or any(_known(part, password, 5) for part in parts)


def _tells_birth_date(password: str, holder: Holder) -> bool:
    if holder.birth_date is None:
        return False
    born = holder.birth_date
    long = [f"{born:%d|%m}|{born.year}", f"{born:%d|%m|%y}", f"{born.day}|{born.month}|{born.year}"]
    long += [
        f"{born.day}|{born.month}|{born:%y}",
        f"{born:%d}|{born.month}|{born.year}",
        f"{born:%d}|{born.month}|{born:%y}",
    ]
    long += [f"{born.day}|{born:%m}|{born.year}", f"{born.day}|{born:%m|%y}"]
    forms = [f"{born.year}", f"{born:%d%m}", f"{born:%m%d}", f"{born:%m}{born.year}", f"{born.year}{born:%m}"]
    for written in long:
        day, month, year = written.split("|")
        forms += [day + month + year, year + month + day, month + day + year]
    return any(_known(form, password, 6) for form in forms)


def _tells_phone(password: str, holder: Holder) -> bool:
    number = "".join(filter(str.isdigit, holder.phone))
    return len(number) >= 4 and _known(number[-7:], password, 7)


ORACLES = {
    Hint.ACCOUNT: ("account name", _tells_account),
    Hint.NAME: ("full name", _tells_name),
    Hint.BIRTH_DATE: ("birth date", _tells_birth_date),
    Hint.PHONE: ("telephone", _tells_phone),
}


def _expected(password: str, demands: PasswordRules, holder: Holder) -> set[str]:
    """A word of each sentence that a plain reading of the rules calls for."""
    said = {words for hint, (words, tells) in ORACLES.items() if hint in demands.hints and tells(password, holder)}
    if len(password) < demands.shortest:
        said.add("characters.")
    if not any(char in string.ascii_uppercase for char in password):
        said.add("upper-case")
    if not any(char in string.ascii_lowercase for char in password):
        said.add("lower-case")
    if not any(char in string.digits for char in password):
        said.add("a digit")
    if not any(char in demands.specials for char in password):
        said.add("have a special")
    if any(not (char.isascii() and char.isalnum()) and char not in demands.specials for char in password):
        said.add("may only")
    return said


@st.composite
def guessed(draw: st.DrawFn, holder: Holder) -> str:
    """A password that somebody who knows the holder might try."""
    born = holder.birth_date or date(1988, 3, 7)
    name = holder.full_name.split() or ["Lan"]
    pieces = [
        *name, *map(_plain, name), "".join(name), "".join(map(_plain, name[::-1])), _plain(name[-1] + name[0]),
        *holder.account, *(word.split(".")[0] for word in holder.account),
        f"{born:%d%m%Y}", f"{born:%d/%m/%y}", f"{born.day}{born.month}{born.year}", f"{born:%Y}", f"{born:%m%d}",
        f"{born:%y%m%d}", f"{born.day}*{born.month}*{born:%y}", f"{born:%m%Y}",
        holder.phone, holder.phone[-7:], holder.phone.replace("+84", "0"),
        "Mat", "Khau", "$", "#", "7", "x", "", "@", "'",
    ]  # fmt: skip
    chosen = draw(st.lists(st.sampled_from(pieces) | st.text("aK7$.đ", max_size=3), min_size=1, max_size=6))
    tried = draw(st.sampled_from(["", "", "#", "7", "."])).join(chosen)
    return draw(st.sampled_from([tried, tried.upper(), tried.lower(), tried.title(), tried.swapcase()]))


@given(rules, holders)
def test_what_is_generated_never_has_flaws(demands: PasswordRules, holder: Holder) -> None:
    """For any rules and any holder, and even if all hints were forbidden."""
    password = generate(demands, holder)

    assert flaws(password, replace(demands, hints=frozenset(Hint)), holder) == ()
    assert _expected(password, replace(demands, hints=frozenset(Hint)), holder) == set()
    assert len(password) == max(LENGTH, demands.shortest)


@given(rules, holders)
def test_what_is_generated_has_no_look_alikes_and_no_syllable_of_the_name(
    demands: PasswordRules, holder: Holder
) -> None:
    """Nothing that is mistaken for something else on paper, nor what Active Directory takes for the name."""
    password = generate(demands, holder)

    assert not set(password) & set("0OoQ1lIi|!/\\ZzSsBGbgq`'\",.;:-_~^")
    assert not any(word in _bare(password) for word in map(_bare, holder.full_name.split()) if len(word) >= 3)


@given(st.data(), rules, holders)
def test_the_verifier_agrees_with_a_plain_reading_of_the_rules(
    data: st.DataObject, demands: PasswordRules, holder: Holder
) -> None:
    """Every sentence that the rules call for is said, and no other."""
    password = data.draw(guessed(holder))
    expected = _expected(password, demands, holder)
    found = [text.en for text in flaws(password, demands, holder)]
    event("tells" if any(words in expected for words, _ in ORACLES.values()) else "silent")

    assert len(found) == len(expected)
    assert all(any(words in says for says in found) for words in expected)


@given(st.data(), rules, holders)
def test_sentences_depend_on_the_rules_alone(data: st.DataObject, demands: PasswordRules, holder: Holder) -> None:
    """Whatever password and holder: nothing is said that is not said to others under the same rules."""
    lan = Holder(("lannt",), "Lan Lan", date(1988, 3, 7), "0912345678")
    known = replace(demands, hints=frozenset(Hint))
    catalogue = {*flaws("", known, lan), *flaws("é", known, lan)}
    catalogue |= set(flaws("lannt Lan 07031988 0912345678", known, lan))

    assert set(flaws(data.draw(guessed(holder)), demands, holder)) <= catalogue


@given(names, st.data())
def test_the_form_of_unicode_makes_no_difference(name: str, data: st.DataObject) -> None:
    """A name is the same name however its marks are encoded."""
    password = data.draw(guessed(Holder(full_name=name)))
    composed = Holder(full_name=unicodedata.normalize("NFC", name))
    apart = Holder(full_name=unicodedata.normalize("NFD", name))

    assert flaws(password, NINH_BINH, composed) == flaws(password, NINH_BINH, apart)
