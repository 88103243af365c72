"""A regulation as data, read from the shipped file of Ninh Bình."""

from __future__ import annotations

from dataclasses import replace

import pytest
import world

from syncagent.core.action import Cite
from syncagent.core.password_policy import Setting
from syncagent.core.regulation import Bound, Effect, Enforced, QuotaRules
from syncagent.text import Text

CITE = Cite("NB-19", "Điều 7", Text("x", "x"))


@pytest.mark.parametrize(
    ("bound", "holding"), [(Bound.MINIMUM, {13, 14}), (Bound.EXACT, {13}), (Bound.MAXIMUM, {0, 12, 13})]
)
def test_a_number_is_compared_as_the_text_means_it(bound: Bound, holding: set[int]) -> None:
    """Domain §1.7: at least, exactly, at most; the same for the size of a mailbox and the settings of a directory."""
    kept = {
        number
        for number in (0, 12, 13, 14)
        if Enforced(Setting.SHORTEST_PASSWORD, 13, bound, CITE).satisfied_by(number)
    }
    sizes = {size for size in (0, 12, 13, 14) if QuotaRules(13, bound, 30, CITE).satisfied_by(size)}

    assert kept == sizes == holding


@pytest.mark.parametrize(
    ("setting", "value", "bound"),
    [
        (Setting.LOCKOUT_THRESHOLD, 13, Bound.EXACT),
        (Setting.LOCKOUT_THRESHOLD, 20, Bound.MAXIMUM),
        (Setting.LOCKOUT_DURATION, 30, Bound.MAXIMUM),
        (Setting.PASSWORD_AGE, 184, Bound.MAXIMUM),
    ],
)
def test_no_limit_at_all_is_never_within_a_limit(setting: Setting, value: int, bound: Bound) -> None:
    """A directory writes 0 for “never locks”, “never ends”, “never expires”: the largest number, not the least."""
    assert not Enforced(setting, value, bound, CITE).satisfied_by(0)
    assert Enforced(setting, 0, Bound.EXACT, CITE).satisfied_by(0)


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
