"""What is cited stands in the texts: the phrases of the catalogue, and every article, clause and point."""

from __future__ import annotations

import pytest
import world
from docs.rules import RULE, catalogue
from docs.texts import Place, cited, text

REGULATIONS = sorted({rule.regulation for rule in catalogue()})


def test_the_parts_of_a_text_are_told_apart() -> None:
    """The decision has articles of its own; Đà Nẵng's text has two points h in one clause."""
    ninh_binh, da_nang = text("ninhbinh-2025"), text("danang-2017")

    assert "10 tháng 12 năm 2025" in ninh_binh[Place(decision=True, article=2)]
    assert "10 tháng 12 năm 2025" not in ninh_binh[Place(decision=False, article=2)]
    first, second = (da_nang[Place(decision=False, article=11, clause=2, point="h", nth=nth)] for nth in (1, 2))
    assert first != second
    assert da_nang[Place(decision=False, article=11, clause=2, point="h")] == f"{first} {second}"
    assert second in da_nang[Place(decision=False, article=11, clause=2)]


@pytest.mark.parametrize(
    ("citation", "places"),
    [
        ("Điều 2, 3 QĐ", [(True, 2), (True, 3)]),
        ("Điều 2.1, 4", [(False, 2, 1), (False, 4)]),
        ("Điều 4.1-4.3, 4.6", [(False, 4, 1), (False, 4, 2), (False, 4, 3), (False, 4, 6)]),
        ("Điều 7.2-3", [(False, 7, 2), (False, 7, 3)]),
        ("Điều 8.2.a-c", [(False, 8, 2, "a"), (False, 8, 2, "b"), (False, 8, 2, "c")]),
        ("Điều 11.2.h (2nd)", [(False, 11, 2, "h", 2)]),
        ("Điều 4 khoản 1 điểm b và khoản 2", [(False, 4, 1, "b"), (False, 4, 2)]),
        ("Điều 6 khoản 2 điểm a và Điều 7 khoản 4", [(False, 6, 2, "a"), (False, 7, 4)]),
        ("Điều 8 khoản 1 điểm c đến đ, Điều 9", [*((False, 8, 1, point) for point in "cdđ"), (False, 9)]),
    ],
)
def test_a_citation_is_read(citation: str, places: list[tuple[bool, int]]) -> None:
    """Both notations lead to the same places."""
    assert cited(citation) == [Place(*place) for place in places]


@pytest.mark.parametrize("regulation", REGULATIONS)
def test_every_phrase_of_the_catalogue_stands_at_its_article(regulation: str) -> None:
    """An auditor finds the words of a rule where the rule says they are."""
    places = text(regulation)
    rules = [rule for rule in catalogue() if rule.regulation == regulation]

    assert [rule.id for rule in rules if not any(rule.phrase in places[place] for place in cited(rule.article))] == []


@pytest.mark.parametrize("regulation", REGULATIONS)
def test_every_article_a_clause_cites_is_in_the_text_and_is_its_rules(regulation: str) -> None:
    """What a plan cites exists, down to the point, and is where the rule stands that it names."""
    places = text(regulation)
    articles = {rule.id: {place[:2] for place in cited(rule.article)} for rule in catalogue()}
    cites = world.regulation(regulation).cites()
    assert cites

    assert [cite.article for cite in cites if not all(place in places for place in cited(cite.article))] == []
    assert [
        (cite.rule, cite.article)
        for cite in cites
        if not any(place[:2] in articles[rule] for rule in RULE.findall(cite.rule) for place in cited(cite.article))
    ] == []
