"""The five regulations as they were published, and where in them a citation leads.

A text is the decision (QĐ) and, behind its heading “QUY CHẾ”, the regulation it issues. An article (Điều) has clauses
(khoản, “1.”), a clause has points (điểm, “a)”). A citation is written `Điều 6 khoản 2 điểm a và Điều 7 khoản 4` in the
regulations' files, `Điều 6.2.a, 7.4` in the catalogue; `4.1-4.3`, `c-d` and `đến` are all from the first to the last.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

TEXTS = Path(__file__).parent.parent.parent / "docs" / "regulations"

_ARTICLE = re.compile(r"Điều (\d+)\.")
_CLAUSE = re.compile(r"(\d{1,2})\.(?!\d)")
_POINT = re.compile(r"([a-zđ])\)")
_POINTS = "abcdđeghiklm"
"""Points in the order of Vietnamese law: there is no f and no j."""
_WORD = re.compile(r"Điều|khoản|điểm|QĐ|thứ (?:nhất|hai)|\((?:1st|2nd)\)|đến|-|\d+|\b[a-zđ]\b")
_NTH = {"thứ nhất": 1, "(1st)": 1, "thứ hai": 2, "(2nd)": 2}


class Place(NamedTuple):
    """A place of a text; `clause` and `point` are empty for a whole article, `nth` tells points of one letter apart."""

    decision: bool
    article: int
    clause: int = 0
    point: str = ""
    nth: int = 0


@cache
def text(regulation: str) -> dict[Place, str]:
    """Return what stands at each place; an article holds its clauses, a clause its points; white space is one space."""
    found: dict[Place, list[str]] = {}
    place = Place(decision=True, article=0)
    for line in (TEXTS / f"{regulation}.txt").read_text(encoding="utf-8").splitlines():
        if line == "QUY CHẾ":
            place = Place(decision=False, article=0)
        elif article := _ARTICLE.match(line):
            place = Place(place.decision, int(article[1]))
        elif place.article and (clause := _CLAUSE.match(line)):
            place = Place(place.decision, place.article, int(clause[1]))
        elif place.clause and (point := _POINT.match(line)):
            place = _next(found, Place(place.decision, place.article, place.clause, point[1]))
        for one in {place, place._replace(nth=0), place._replace(point="", nth=0), Place(*place[:2])}:
            found.setdefault(one, []).append(line)
    return {place: " ".join(" ".join(lines).split()) for place, lines in found.items()}


def _next(found: dict[Place, list[str]], place: Place) -> Place:
    nth = next(n for n in (1, 2, 3) if place._replace(nth=n) not in found)
    return place._replace(nth=nth)


def cited(citation: str) -> list[Place]:
    """Return the places a citation names; raise ValueError if it is not one."""
    decision = "QĐ" in citation
    found: list[Place] = []
    level, until = "", False
    spoken = citation if "khoản" in citation else _in_words(citation)
    for word in _WORD.findall(spoken):
        if word in {"Điều", "khoản", "điểm"}:
            level = word
        elif word in {"đến", "-"}:
            until = True
        elif word in _NTH:
            found[-1] = found[-1]._replace(nth=_NTH[word])
        elif word != "QĐ":
            found = _with(found, level if word.isdigit() else "điểm", word, decision=decision, until=until)
            until = False
    if not found:
        raise ValueError(citation)
    return found


def _in_words(citation: str) -> str:
    """Turn the notation of the catalogue into words."""
    short = re.sub(r"(\d+)\.(\d+)-\1\.(\d+)", r"\1.\2-\3", citation).replace(", ", ", Điều ")
    return re.sub(r"(\d+)\.(\d+)(?:\.([a-zđ]))?", _one_in_words, short)


def _one_in_words(match: re.Match[str]) -> str:
    return f"{match[1]} khoản {match[2]}" + (f" điểm {match[3]}" if match[3] else "")


def _with(found: list[Place], level: str, word: str, *, decision: bool, until: bool) -> list[Place]:
    """Add a place, within the last one where that is on a higher level, beside it on the same one."""
    last = found[-1] if found else Place(decision, 0)
    if level == "Điều":
        between = range(last.article + 1, int(word)) if until else ()
        new = [Place(decision, number) for number in (*between, int(word))]
        return [*found, *new]
    if level == "khoản":
        between = range(last.clause + 1, int(word)) if until else ()
        new = [Place(decision, last.article, number) for number in (*between, int(word))]
        return [*(found if last.clause else found[:-1]), *new]
    letters = _POINTS[_POINTS.index(last.point) + 1 : _POINTS.index(word)] if until else ""
    new = [Place(decision, last.article, last.clause, letter) for letter in (*letters, word)]
    return [*(found if last.point else found[:-1]), *new]
