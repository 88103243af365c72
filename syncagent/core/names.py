"""Vietnamese names: cleaning, folding, syllables, and names that need a person's eye (domain §2).

The order matters: NFC, invisible characters out, look-alikes mapped, then marks stripped. Folded names are
ASCII. The last syllable is the tên unless the roster says otherwise; odd names are flagged, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from syncagent.text import Text

_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0xFEFF, 0x00AD, 0x2060), None)
_BLANKS = dict.fromkeys((0x00A0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_LOOK_ALIKE = {0x00D0: "Đ", 0x0189: "Đ", 0x00F0: "đ", 0x0256: "đ"}
_REPAIRS = {**_INVISIBLE, **_BLANKS, **_LOOK_ALIKE}
_STROKES = {
    0x0110: "D",
    0x0111: "d",
    0x0243: "B",
    0x0180: "b",
    **{k: "Dd"[v == "đ"] for k, v in _LOOK_ALIKE.items()},
}
_APOSTROPHE = re.compile(r"['’‘ʼ`´′]\s*")
_SEPARATOR = re.compile(r"[-.\s]+")
_SYLLABLE = re.compile(r"[a-z]+")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ORDINARY = re.compile(r"[A-Za-z0-9 .,'’\-À-ɏḀ-ỿ]*")

_PREFIXES = ("h'", "k'")
_MARKERS = frozenset({"y", "ka", "h", "k"})
_CLANS = frozenset(
    [
        "nie",
        "eban",
        "mlo",
        "kbuor",
        "ayun",
        "bya",
        "knul",
        "enuol",
        "adrong",
        "kpa",
        "ksor",
        "siu",
        "nay",
        "rmah",
        "rcom",
    ],
)


class Cleaned(NamedTuple):
    """A text after repair; `repaired` says whether anything but outer blanks changed."""

    text: str
    repaired: bool


class Syllables(NamedTuple):
    """A folded name: the tên, and the other syllables in the order of writing."""

    ten: str
    others: tuple[str, ...]

    @property
    def initials(self) -> str:
        """Return one letter per syllable of họ and họ đệm, in order."""
        return "".join(syllable[0] for syllable in self.others)


def clean(text: str) -> Cleaned:
    """Given a cell, return it in NFC without invisible characters and look-alikes, single blanks between words."""
    if text.isascii():
        tidy = " ".join(text.split())
        return Cleaned(tidy, repaired=False)
    composed = unicodedata.normalize("NFC", text)
    mapped = composed.translate(_REPAIRS)
    return Cleaned(" ".join(mapped.split()), repaired=mapped != text)


def unreadable(text: str) -> Text | None:
    """Return what makes a cleaned name unusable, None if it can be used.

    U+FFFD, control and bidi characters and letters of another script cannot be repaired without guessing.
    """
    if _ORDINARY.fullmatch(text):
        return None
    for char in text:
        if char == "\ufffd":
            return Text("U+FFFD: mất chữ khi chuyển mã", "U+FFFD: a character was lost in conversion")
        if char in _BIDI:
            return Text(f"ký tự đổi chiều chữ U+{ord(char):04X}", f"bidirectional mark U+{ord(char):04X}")
        category = unicodedata.category(char)
        if category in {"Cc", "Cf", "Cs", "Co", "Cn"}:
            return Text(f"ký tự điều khiển U+{ord(char):04X}", f"control character U+{ord(char):04X}")
        if category[0] == "L" and not unicodedata.name(char, "").startswith(("LATIN", "MODIFIER LETTER")):
            return Text(f"chữ của hệ chữ khác U+{ord(char):04X}", f"letter of another script U+{ord(char):04X}")
    return None


def strip_marks(text: str) -> str:
    """Return the text without Vietnamese marks: NFD, combining marks dropped, đ and ƀ to their plain letters."""
    if text.isascii():
        return text
    plain = text.translate(_PLAIN)
    return plain if plain.isascii() else _stripped(text)


def _stripped(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.translate(_STROKES))
    return "".join([char for char in plain if char < "\u0300" or unicodedata.category(char) != "Mn"])


_LATIN = map(chr, (*range(0x00C0, 0x0370), *range(0x1E00, 0x1F00)))
_PLAIN = {ord(char): plain for char in _LATIN if (plain := _stripped(char)).isascii()}
"""The Latin letters and the marks, those of Vietnamese above all, by what is left of each: one look instead of two."""


def fold(text: str) -> str:
    """Return the form in which names are compared: repaired, no marks, lower case, single blanks."""
    return " ".join(strip_marks(clean(text).text).casefold().split())  # a mark may have stood alone between blanks


def folded_syllables(text: str) -> tuple[str, ...]:
    """Return the folded syllables of a name; apostrophes join, hyphens and dots part (domain §2.2)."""
    return tuple(_SEPARATOR.sub(" ", _APOSTROPHE.sub("", fold(text))).split())


def syllables(full_name: str, given_name: str = "") -> Syllables | None:
    """Given a name and, where a person has decided it, the tên, return its folded syllables.

    Returns None where the name cannot be folded to ASCII letters, or where `given_name` is not a run of
    whole syllables of the name.
    """
    words = folded_syllables(full_name)
    if not words or not all(_SYLLABLE.fullmatch(word) for word in words):
        return None
    if not given_name:
        return Syllables(words[-1], words[:-1])
    given = folded_syllables(given_name)
    for start in range(len(words) - len(given), -1, -1):
        if given and words[start : start + len(given)] == given:
            return Syllables("".join(given), words[:start] + words[start + len(given) :])
    return None


def spelled_from(text: str, name: str) -> bool:
    """Whether a text consists of syllables of a name in order, two at least, each whole or by its first letter."""
    words = folded_syllables(name)
    ends = {(0, 0)}
    for word in words:
        ends |= {
            (at + len(part), count + 1) for at, count in ends for part in (word, word[0]) if text.startswith(part, at)
        }
    return any(at == len(text) and count >= min(2, len(words)) for at, count in ends)


_ROOM = "phong"


@lru_cache(maxsize=16_384)
def name_of_room(room: str, agency: str) -> str:
    """Return the folded name of a department as an address bears it, without “phòng” before and its agency after it.

    “Phòng Thanh tra” and “Thanh tra Sở” of a department are `thanhtra` alike (DN-07, Điều 3.1).
    """
    words, of = folded_syllables(room), folded_syllables(agency)
    words = words[1:] if words[:1] == (_ROOM,) and len(words) > 1 else words
    tail = next((tail for tail in (of, of[:1]) if tail and words[-len(tail) :] == tail and len(words) > len(tail)), ())
    return "".join(sign for word in words[: len(words) - len(tail)] for sign in word if sign.isalnum())


def parted(full_name: str, given_name: str = "") -> tuple[str, str]:
    """Given a name as written, return họ with họ đệm, and the tên, as an address book shows them."""
    words = full_name.split(" ")
    given = given_name.split(" ") if given_name else words[-1:]
    for start in range(len(words) - len(given), -1, -1):
        if words[start : start + len(given)] == given:
            rest = words[:start] + words[start + len(given) :]
            return " ".join(rest) or full_name, " ".join(given)
    return full_name, given_name


def needs_an_eye(full_name: str) -> bool:
    """Whether the tên of this name is uncertain: Ê Đê, M'Nông, Gia Rai and Cơ Ho forms (domain §2.1).

    The clan may stand last (H'Hen Niê) or a marker first (Y Phôn Êban, K'Brơi). The list of clans is not
    complete; such a name is flagged for a person, who writes `given_name`.
    """
    plain = fold(full_name).translate(dict.fromkeys(map(ord, "’‘ʼ`´′"), "'"))
    words = folded_syllables(full_name)
    if not words:
        return False
    return plain.startswith(_PREFIXES) or words[0] in _MARKERS or words[-1] in _CLANS
