"""Actions: the closed set, and which of them take a mailbox from somebody."""

from __future__ import annotations

from dataclasses import replace

import plans
import pytest

from syncagent.core.action import DESTRUCTIVE, ActionKind, Review
from syncagent.core.stamp import State


def test_the_kinds_are_the_closed_set_of_the_contract() -> None:
    """Contract §5: scripts rely on these words, and on there being no others."""
    listed = "adopt create update readdress move lock unlock disable restore withdraw delete reset_password hand_over"

    assert [str(kind) for kind in ActionKind] == listed.split()
    assert [str(review) for review in Review] == ["none", "one", "two"]


@pytest.mark.parametrize("kind", list(ActionKind))
def test_closing_withdrawing_and_deleting_take_a_mailbox_away(kind: ActionKind) -> None:
    """Design §5: brakes per unit count disable, withdraw and delete; a temporary lock still receives (NB-18)."""
    assert plans.action(1, kind).destructive is (kind in {"disable", "withdraw", "delete"})
    assert (kind in DESTRUCTIVE) is plans.action(1, kind).destructive


@pytest.mark.parametrize("state", [State.ACTIVE, State.LOCKED, State.WITHDRAWN, State.DISABLED])
def test_an_adoption_that_ends_in_a_closed_mailbox_is_destructive(state: State) -> None:
    """Design §4.4: adopting brings fully in step at once, so it may close; then it counts as what it does."""
    made = plans.action(1, ActionKind.ADOPT)
    assert made.stamp

    assert replace(made, stamp=replace(made.stamp, state=state)).destructive is not state.receives
    assert not replace(made, stamp=None).destructive
