"""A regulation as data, read from the shipped file of Ninh Bình."""

from __future__ import annotations

from dataclasses import replace

import pytest
import world

from syncagent.core.action import Cite
from syncagent.core.regulation import Effect, Enforced
from syncagent.text import Text

CITE = Cite("NB-19", "Điều 7", Text("x", "x"))


@pytest.mark.parametrize(
    ("found", "exactly", "at_least"),
    [("13", True, True), ("14", False, True), ("12", False, False), ("", False, False), ("mười ba", False, False)],
)
def test_a_directorys_own_number_is_compared_as_the_text_means_it(found: str, *, exactly: bool, at_least: bool) -> None:
    """NB-19 wants the thirteenth failure exactly; NB-31 wants at least so many characters; no number is neither."""
    assert Enforced(13, at_least=False, cite=CITE).satisfied_by(found) is exactly
    assert Enforced(13, at_least=True, cite=CITE).satisfied_by(found) is at_least


def test_a_negative_number_is_a_number() -> None:
    """Active Directory writes intervals as negative numbers."""
    assert Enforced(-5, at_least=False, cite=CITE).satisfied_by("-5")


def test_every_clause_is_listed_once_in_the_order_of_its_rule() -> None:
    """Contract §2, `explain`: for every rule why it does or does not apply, with the article."""
    cites = world.regulation().cites()

    assert len(cites) == len(set(cites))
    assert list(cites) == sorted(cites, key=lambda cite: (cite.rule, cite.article, cite.text.en))
    assert {"NB-01", "NB-08", "NB-12", "NB-16", "NB-18", "NB-23", "NB-27", "NB-28", "NB-38"} <= {
        cite.rule for cite in cites
    }
    assert all(cite.article.startswith("Điều") and cite.text.vi and cite.text.en for cite in cites)


def test_a_regulation_without_a_rule_on_forwarding_lists_none() -> None:
    """Domain §1.7: only some texts forbid automatic forwarding."""
    silent = replace(world.regulation(), forwarding=None)

    assert "NB-08" not in {cite.rule for cite in silent.cites()}


def test_ninh_binh_regulates_exactly_the_events_its_article_lists() -> None:
    """Domain §4.3 and §1.8 row 6: what Điều 6.2.a does not list waits for a person or changes nothing."""
    effects = {str(event): clause.effect for event, clause in world.regulation().events.items()}

    assert {event for event, effect in effects.items() if effect is Effect.LEAVE} == {
        "retired", "resigned", "dismissed", "died", "moved_out",
    }  # fmt: skip
    assert {event for event, effect in effects.items() if effect is Effect.CREATE} == {
        "recruited", "received", "contracted",
    }  # fmt: skip
    assert effects["transferred"] is Effect.TRANSFER
    assert {event for event, effect in effects.items() if effect is Effect.REVIEW} == {
        "rotated", "seconded", "suspended", "renamed",
    }  # fmt: skip
