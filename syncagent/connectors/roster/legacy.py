"""Vietnamese text from before Unicode: TCVN3 (ABC) and VNI, decoded only where the column map says so.

Such text arrives as the Latin-1 characters whose codes its fonts redraw. Decode before cleaning: the ư of
TCVN3 is the soft hyphen, which cleaning removes. Sources: TCVN 5712:1993 (VN3), the VNI-Windows code page.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncagent.mapping.columns import Encoding

_SMALL = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
LETTERS = _SMALL + _SMALL.upper()
"""The letters of Vietnamese beside ASCII, in NFC."""

_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉËÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ®¡¢£¤¥¦§",
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđĂÂÊÔƠƯĐ",
)
"""One character each. Toned capitals have no code: capital fonts draw the small letters as capitals."""

_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX = {"â": "", "à": "\u0300", "á": "\u0301", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BREVE = {"ê": "", "è": "\u0300", "é": "\u0301", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_VNI_ALONE = {"ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ"}


def _vni() -> dict[str, str]:
    """Return the sequences of VNI: a letter and the mark after it; small marks may follow capitals."""
    vowels = dict(zip("aeouyôö", "aeouyơư", strict=True))
    marked = {base + mark: vowel + tone for base, vowel in vowels.items() for mark, tone in _TONES.items()}
    del marked["yï"]  # ỵ has a character of its own
    marked |= {base + mark: f"{base}\u0302{tone}" for base in "aeo" for mark, tone in _CIRCUMFLEX.items()}
    marked |= {f"a{mark}": f"a\u0306{tone}" for mark, tone in _BREVE.items()}
    table = dict(_VNI_ALONE)
    for sequence, letter in marked.items():
        table[sequence] = letter
        table[sequence.capitalize()] = letter.upper()
    table |= {sequence.upper(): letter.upper() for sequence, letter in table.items()}
    return {sequence: unicodedata.normalize("NFC", letter) for sequence, letter in table.items()}


_VNI = _vni()
_VNI_SEQUENCE = re.compile("|".join(sorted(_VNI, key=len, reverse=True)))

_WORD = re.compile(r"[^\W\d_]+")
_SYMBOL = re.compile(r"[\u00a1-\u00ac\u00ae-\u00bf×÷]")
_FOREIGN = re.compile(r"(?<=\w)[øûïåäëüöñîæØÛÏÅÄËÜÖÑÎÆ]")
_LOST = re.compile(r"\?\w|\w\?[/-]")
_SHARE = 5
"""One name in so many may hold foreign letters; ö and ñ occur in names of foreign and of highland origin."""

_SAMPLES = 5


def decode(text: str, encoding: Encoding) -> str:
    """Given text of one encoding, return it in Unicode (NFC).

    Names in capital fonts of TCVN3 come out in mixed case (NGUYễN); `recase` mends them.
    """
    if text.isascii():
        return text
    if encoding == "tcvn3":
        return unicodedata.normalize("NFC", text.translate(_TCVN3))
    return unicodedata.normalize("NFC", _VNI_SEQUENCE.sub(lambda found: _VNI[found[0]], text))


def recase(name: str) -> str:
    """Given a decoded name, return it with one capital per word if its case is mixed up or all small.

    >>> recase("NGUYễN VăN AN")
    'Nguyễn Văn An'
    """
    mixed = any(word[1:] != word[1:].lower() and word != word.upper() for word in _WORD.findall(name))
    if mixed or name.islower():
        return _WORD.sub(lambda word: word[0].capitalize(), name)
    return name


def garbled(name: str) -> bool:
    """Whether a name holds symbols that only undeclared TCVN3 or a wrong conversion puts there."""
    return not name.isascii() and _SYMBOL.search(name) is not None


def lost(text: str) -> bool:
    """Whether letters were lost when a text was saved in an encoding that lacks them: a question mark in a word."""
    return _LOST.search(text) is not None


def undeclared(names: Iterable[str]) -> bool:
    """Whether so many names look like TCVN3, VNI or a wrong conversion that the file as a whole is."""
    total = odd = 0
    for name, times in Counter(names).items():
        total += times
        odd += times * (garbled(name) or _FOREIGN.search(name) is not None)
    return odd * _SHARE > total


def sample(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Given cells before and after decoding, return the first few different ones that decoding changed."""
    found: dict[str, str] = {}
    for before, after in pairs:
        if before != after:
            found[before] = after
        if len(found) == _SAMPLES:
            break
    return tuple(found.items())
