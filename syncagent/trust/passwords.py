"""Passwords by a regulation's rules: judged as an auditor would, and drawn so that nobody can guess them.

Đà Nẵng forbids what is easily guessed from a person's data (DN-22), Ninh Bình names account, full name and birth
date (NB-31). Both sides are compared without case, Vietnamese marks and separators. Swaps such as `@` for `a` are
not undone: the texts forbid containing, not resembling.

- What names the holder completely counts anywhere in a password: every syllable of the name, the login, a date
  with day, month and year, a telephone number without its prefix.
- A part counts anywhere only if it is long; a short one counts where it stands alone, between other kinds of
  characters. So `Lan@20266202` tells of Lan, while the text's own example `MatKhau$789` stays lawful for
  somebody called Khâu or Mật.
"""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.names import fold, folded_syllables, needs_an_eye
from syncagent.core.regulation import Hint, PasswordRules
from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

LENGTH = 16
"""Characters of a generated password, unless the rules or the caller want more."""

_WHOLE = 3
"""Letters from which a complete name or login counts anywhere; Active Directory passes over shorter ones, too."""

_PART = 5
"""Letters from which a part, such as the tên alone, counts anywhere; shorter ones are ordinary syllables."""

_DATE = 6
"""Digits from which a date counts anywhere: ddmmyy."""

_SUBSCRIBER = 7
"""Digits that end a telephone number after area code or operator; they count anywhere."""

_SHORTEST_NUMBER = 4
"""Digits of an extension; fewer are no telephone number."""

_LOOK_ALIKE = frozenset("0OoQ" "1lIi|!/\\" "Zz" "Ss" "BGb" "gq" "`'\",.;:-_~^" "(){}[]")  # fmt: skip
"""Not drawn: 0 and 1 with all that resembles them, what resembles 2, 5, 6, 8 or 9, and small or paired signs."""

_RUN = re.compile(r"[^\W\d_]+|\d+")
_ASCII_LETTERS = re.compile(r"[a-z]+")
_NUMBER = re.compile("[0-9][0-9 \u00a0.()\u2013-]*")
_LOGIN_END = re.compile(r"[.@_-]")

_TOLD = {
    Hint.ACCOUNT: Text(
        "Mật khẩu không được chứa tên tài khoản hoặc địa chỉ thư điện tử.",
        "The password must not contain the account name or the mail address.",
    ),
    Hint.NAME: Text(
        "Mật khẩu không được chứa họ và tên hoặc tên của người sử dụng.",
        "The password must not contain the full name or the given name of the holder.",
    ),
    Hint.BIRTH_DATE: Text(
        "Mật khẩu không được chứa ngày, tháng, năm sinh, kể cả khi chỉ ghi năm sinh hoặc ngày và tháng sinh.",
        "The password must not contain the birth date, nor its year or its day and month alone.",
    ),
    Hint.PHONE: Text(
        "Mật khẩu không được chứa số điện thoại.",
        "The password must not contain the telephone number.",
    ),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """What others know of the person or unit behind an account; its repr shows none of it.

    `account` are the words of the account: login, local part, full address. All may be empty, as for a mailbox
    of a unit.
    """

    account: tuple[str, ...] = field(default=(), repr=False)
    full_name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    phone: str = field(default="", repr=False)


class _Clue(NamedTuple):
    """Letters and digits that tell of the holder; shorter than `anywhere`, they count only as a run of their own."""

    word: str
    anywhere: int


class _Reading(NamedTuple):
    """A password as people read it: folded without separators, and its runs of letters and of digits."""

    squeezed: str
    runs: frozenset[str]

    def tells(self, clue: _Clue) -> bool:
        """Whether the clue is in the password; a single character tells nothing."""
        if len(clue.word) >= clue.anywhere:
            return clue.word in self.squeezed
        return len(clue.word) > 1 and clue.word in self.runs


def flaws(password: str, rules: PasswordRules, holder: Holder) -> tuple[Text, ...]:
    """Given a password, return a sentence for each rule it breaks; nothing when it may be used.

    Letters are those of ASCII: what bears marks is typed differently from one keyboard to the next. The sentences
    depend on the rules alone, so they repeat neither the password nor the holder's data.
    """
    found = set(password)
    specials = _specials(rules)
    listed = " ".join(sorted(specials, key=rules.specials.index))
    checks = (
        (
            len(password) < rules.shortest,
            Text(
                f"Mật khẩu phải có ít nhất {rules.shortest} ký tự.",
                f"The password must have at least {rules.shortest} characters.",
            ),
        ),
        (
            found.isdisjoint(string.ascii_uppercase),
            Text("Mật khẩu phải có ít nhất một chữ hoa.", "The password must have an upper-case letter."),
        ),
        (
            found.isdisjoint(string.ascii_lowercase),
            Text("Mật khẩu phải có ít nhất một chữ thường.", "The password must have a lower-case letter."),
        ),
        (
            found.isdisjoint(string.digits),
            Text("Mật khẩu phải có ít nhất một chữ số.", "The password must have a digit."),
        ),
        (
            found.isdisjoint(specials),
            Text(
                f"Mật khẩu phải có ít nhất một ký tự đặc biệt trong số: {listed}",
                f"The password must have a special character from: {listed}",
            ),
        ),
        (
            not found <= specials.union(string.ascii_letters, string.digits),
            Text(
                f"Mật khẩu chỉ được gồm chữ cái không dấu, chữ số và các ký tự đặc biệt: {listed}",
                f"The password may only have letters without marks, digits and the special characters: {listed}",
            ),
        ),
    )
    reading = _read(password)
    told = [hint for hint in Hint if hint in rules.hints and any(map(reading.tells, _CLUES[hint](holder)))]
    return (*(says for broken, says in checks if broken), *(_TOLD[hint] for hint in told))


def generate(rules: PasswordRules, holder: Holder, length: int = LENGTH) -> str:
    """Given rules and holder, return a new random password, at least `length`, LENGTH and the rules' shortest long.

    Each character is drawn by the system's source of chance, uniformly from one alphabet without look-alikes, and
    what has flaws is drawn again as a whole; so all remaining passwords are equally likely and no class has a
    place of its own. Under the rules of Ninh Bình (51 characters) that makes 90.4 bits, so that no two accounts
    share a password (DN-32: ten million of them meet once in 10^13 times); with a single special, 86.5 bits.

    All hints are avoided, whether or not the rules name them, and each syllable of the name from three letters on:
    Active Directory refuses such passwords whatever the regulation says.

    Raises:
        Misconfigured: the rules leave no special character to choose from.
    """
    specials = _specials(rules)
    if not specials:
        raise Misconfigured(
            Text(
                "Quy chế không còn ký tự đặc biệt nào dùng được cho mật khẩu; hãy sửa mục passwords.specials.",
                "The regulation leaves no special character for passwords; correct passwords.specials.",
            )
        )
    # a regulation that knows only look-alikes must be obeyed all the same
    drawn = (specials - _LOOK_ALIKE) or specials
    alphabet = sorted(drawn.union(string.ascii_letters, string.digits) - (_LOOK_ALIKE - drawn))
    count = max(length, LENGTH, rules.shortest)
    strict = replace(rules, hints=frozenset(Hint))
    syllables = [word for word in _ASCII_LETTERS.findall(fold(holder.full_name)) if len(word) >= _WHOLE]
    while True:
        password = "".join(secrets.choice(alphabet) for _ in range(count))
        squeezed = _squeezed(password)
        if not any(word in squeezed for word in syllables) and not flaws(password, strict, holder):
            return password


def _specials(rules: PasswordRules) -> frozenset[str]:
    """Return the special characters of the rules; letters, digits and blanks among them are none."""
    return frozenset(rules.specials).intersection(string.punctuation)


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))


def _read(password: str) -> _Reading:
    squeezed = _squeezed(password)
    return _Reading(squeezed, frozenset((*_RUN.findall(fold(password)), *_RUN.findall(squeezed))))


def _account_clues(holder: Holder) -> Iterator[_Clue]:
    """Each word, its local part, and what stands before the first dot, which is the person's own part."""
    for word in holder.account:
        yield _Clue(_squeezed(word), _WHOLE)
        yield _Clue(_squeezed(word.partition("@")[0]), _WHOLE)
        yield _Clue(_squeezed(_LOGIN_END.split(word)[0]), _PART)


def _name_clues(holder: Holder) -> Iterator[_Clue]:
    """All syllables as written, tên first, or backwards; and the tên alone, with the last đệm, or with the họ.

    Where the tên is uncertain (H'Hen Niê), each syllable may be it.
    """
    words = list(filter(None, map(_squeezed, folded_syllables(holder.full_name))))
    if not words:
        return
    ho, ten = words[0], words[-1]
    for order in (words, [ten, *words[:-1]], words[::-1]):
        yield _Clue("".join(order), _WHOLE)
    for part in (ten, "".join(words[-2:]), ho + ten, ten + ho):
        yield _Clue(part, _PART)
    if needs_an_eye(holder.full_name):
        for part in (*words, *_ASCII_LETTERS.findall(fold(holder.full_name))):
            yield _Clue(part, _PART)


def _birth_clues(holder: Holder) -> Iterator[_Clue]:
    """The date in each usual order, with or without leading zeros and century; its year, and its day and month.

    Forms of four or five digits, the year among them, count only where no other digit stands beside them.
    """
    if holder.birth_date is None:
        return
    day, month, year = holder.birth_date.day, holder.birth_date.month, f"{holder.birth_date.year:04}"
    for d, m, y in product((f"{day:02}", f"{day}"), (f"{month:02}", f"{month}"), (year, year[2:])):
        for form in (d + m + y, y + m + d, m + d + y):
            yield _Clue(form, _DATE)
    dd, mm = f"{day:02}", f"{month:02}"
    for form in (year, dd + mm, mm + dd, mm + year, year + mm):
        yield _Clue(form, _DATE)


def _phone_clues(holder: Holder) -> Iterator[_Clue]:
    """The last seven digits of each number: whatever comes before, +84, 0, area or operator, may be left out."""
    for number in _NUMBER.findall(holder.phone):
        digits = _squeezed(number)
        if len(digits) >= _SHORTEST_NUMBER:
            yield _Clue(digits[-_SUBSCRIBER:], _SUBSCRIBER)


_CLUES: dict[Hint, Callable[[Holder], Iterator[_Clue]]] = {
    Hint.ACCOUNT: _account_clues,
    Hint.NAME: _name_clues,
    Hint.BIRTH_DATE: _birth_clues,
    Hint.PHONE: _phone_clues,
}
