"""The order of a plan: what is needed first, closing before opening, no circles."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import plans
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.action import Action, ActionKind
from syncagent.core.order import in_order
from syncagent.errors import Refused


@st.composite
def _proposed(draw: st.DrawFn) -> list[Action]:
    """Actions under provisional names, each needing some of those before it."""
    found: list[Action] = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        made = plans.action(number, draw(st.sampled_from(ActionKind)))
        needs = tuple(one.id for one in found if draw(st.booleans()))
        found.append(replace(made, id=f"tạm-{number}", needs=needs))
    return found


def _subjects(actions: tuple[Action, ...]) -> dict[str, str]:
    return {action.id: action.subject for action in actions}


@given(_proposed(), st.randoms(use_true_random=False))
def test_whatever_is_needed_comes_first_whatever_the_order_of_proposals(found: list[Action], chance: Random) -> None:
    """Law 2 and contract §5, `needs`: one order, numbered from a0001, in which every need stands before."""
    shuffled = list(found)
    chance.shuffle(shuffled)

    ordered = in_order(shuffled)

    assert ordered == in_order(found)
    assert [action.id for action in ordered] == [f"a{number:04d}" for number in range(1, len(found) + 1)]
    assert all(needed < action.id for action in ordered for needed in action.needs)
    names, provisional = _subjects(ordered), {action.id: action.subject for action in found}
    assert {action.subject: [names[one] for one in action.needs] for action in ordered} == {
        action.subject: [provisional[one] for one in action.needs] for action in found
    }


def test_closing_stands_before_opening_and_deletion_last() -> None:
    """Law 7: an address is let go before it is given; of actions that wait for nothing, deletions come last."""
    found = in_order(plans.action(number, kind) for number, kind in enumerate(ActionKind, start=1))

    kinds = [action.kind for action in found]
    assert set(kinds) == set(ActionKind)
    assert kinds[-1] is ActionKind.DELETE
    for closing in (ActionKind.LOCK, ActionKind.DISABLE, ActionKind.WITHDRAW):
        assert kinds.index(closing) < min(kinds.index(ActionKind.RESTORE), kinds.index(ActionKind.CREATE))


def test_actions_of_one_kind_stand_by_unit_and_subject() -> None:
    """Law 2: nothing but what the actions say decides their order."""
    made = plans.action(1, ActionKind.CREATE)
    found = in_order([replace(made, id="x", unit="b"), replace(made, id="z", subject="P2"), replace(made, id="y")])

    assert [(action.unit, action.subject) for action in found] == [("b", "P1"), ("skhcn", "P1"), ("skhcn", "P2")]


def test_a_circle_is_refused_and_named() -> None:
    """Design §6, Refused: actions that wait for each other are never carried out half."""
    one, two = plans.action(1, ActionKind.READDRESS), plans.action(2, ActionKind.READDRESS)
    circle = [replace(one, needs=("a0002",)), replace(two, needs=("a0001",))]

    with pytest.raises(Refused) as refused:
        in_order([*circle, plans.action(3, ActionKind.CREATE)])

    assert refused.value.exit_code == 5
    assert "a0001" in refused.value.says.vi
    assert "a0002" in refused.value.says.en
    assert "a0003" not in refused.value.says.en


def test_deletion_stands_last_even_if_others_wait() -> None:
    """The order of a plan: a deletion that waits for nothing still comes after a creation that waits."""
    one, two = plans.action(1, ActionKind.READDRESS), replace(plans.action(2, ActionKind.CREATE), needs=("a0001",))

    assert [a.kind for a in in_order([one, two, plans.action(3, ActionKind.DELETE)])][-1] is ActionKind.DELETE
