"""Approvals: one digest, enough different people, an order number, brakes by their exact count (design §5, law 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize

import plans
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.action import Action, ActionKind, Review
from syncagent.core.approval import (
    ACCEPTANCE_GOOD_FOR,
    APPROVAL_GOOD_FOR,
    Decision,
    check,
    chosen,
    counting,
    permits,
    said,
)
from syncagent.core.plan import BrakeState, Plan
from syncagent.errors import Refused

DIGEST = "sha256:" + "0" * 64
NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
TRIPS = {trip.name: trip.count for trip in plans.TRIPPED.tripped}


def _action(number: int, **parts: Any) -> Action:
    plain = replace(plans.action(number, ActionKind.DISABLE), needs_order=False)
    return replace(plain, **parts)


def _yes(by: str, *actions: str, **parts: Any) -> Decision:
    digest, at = parts.pop("digest", DIGEST), parts.pop("at", NOW)
    return Decision("p-1", digest, approves=True, by=by, at=at, actions=frozenset(actions), **parts)


def _waits(plan: Plan, *decisions: Decision) -> dict[str, str]:
    return {key: why.en for key, why in permits(plan, DIGEST, decisions).waiting.items()}


@st.composite
def _plans(draw: st.DrawFn) -> Plan:
    """A plan in order: each action needs some of those before it."""
    found: list[Action] = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        found.append(
            _action(
                number,
                review=draw(st.sampled_from(Review)),
                needs_order=draw(st.booleans()),
                alone=draw(st.booleans()),
                needs=tuple(one.id for one in found if draw(st.integers(0, 3)) == 0),
            )
        )
    return plans.plan(found)


_IDS = st.frozensets(st.sampled_from([f"a000{number}" for number in range(1, 6)]))
_DECISIONS = st.lists(
    st.builds(
        lambda by, actions, named, order: _yes(by, *actions, named=named & actions, order_number=order),
        st.sampled_from(["Lan", " lan ", "LAN", "Hòa", "Huệ"]),
        _IDS,
        _IDS,
        st.sampled_from(["", "12/SKHCN"]),
    ),
    max_size=4,
)
_PEOPLE = {"Lan": 1, " lan ": 1, "LAN": 1, "Hòa": 2, "Huệ": 3}


def _allowed(action: Action, plan: Plan, decisions: Sequence[Decision]) -> bool:
    """Say it once more in plain words: the oracle."""
    by_id = {one.id: one for one in plan.actions}
    if not all(_allowed(by_id[needed], plan, decisions) for needed in action.needs):
        return False
    if action.review is Review.NONE:
        return True
    counting = [d for d in decisions if action.id in (d.named if action.alone else d.actions)]
    enough = len({_PEOPLE[d.by] for d in counting}) >= (2 if action.review is Review.TWO else 1)
    ordered = not action.needs_order or any(d.order_number != "" for d in counting)
    return enough and ordered


@given(_plans(), _DECISIONS)
def test_an_action_is_permitted_iff_all_that_must_be_said_was_said(plan: Plan, decisions: list[Decision]) -> None:
    """Design §5 and contract §6: enough different people, an order number, its own name, and all that it needs."""
    found = permits(plan, DIGEST, decisions)

    assert list(found.permitted) == [one.id for one in plan.actions if _allowed(one, plan, decisions)]
    assert {*found.permitted, *found.waiting} == {one.id for one in plan.actions}
    assert not set(found.permitted) & set(found.waiting)


@given(_plans(), _DECISIONS)
def test_nothing_runs_that_needs_what_waits(plan: Plan, decisions: list[Decision]) -> None:
    """Contract §5, `needs`: an action is never carried out before what it needs."""
    found = permits(plan, DIGEST, decisions)

    for action in plan.actions:
        assert action.id in found.waiting or set(action.needs) <= set(found.permitted)


@given(_plans(), _DECISIONS)
def test_another_approval_takes_no_permission_away(plan: Plan, decisions: list[Decision]) -> None:
    """Design §5: approvals add up; only a rejection takes back."""
    fewer, more = permits(plan, DIGEST, decisions[:-1]), permits(plan, DIGEST, decisions)

    assert set(fewer.permitted) <= set(more.permitted)


def test_each_waiting_action_says_what_it_lacks() -> None:
    """Contract §2, `apply`: whoever must still decide reads what is missing."""
    plan = plans.plan(
        [
            _action(1, review=Review.TWO),
            _action(2, needs_order=True),
            _action(3, alone=True),
            _action(4, needs=("a0001",)),
            _action(5, review=Review.NONE, needs_order=True),
        ]
    )

    assert _waits(plan, _yes("Lan", "a0001", "a0002", "a0003", "a0004")) == {
        "a0001": "needs 2 approvers, has 1",
        "a0002": "the number of the written order is missing",
        "a0003": "needs an approval that names it (--only)",
        "a0004": "waits for another action to be approved",
    }


def test_one_person_is_never_two() -> None:
    """Design §5, second approver: different people, however the name is typed."""
    plan = plans.plan([_action(1, review=Review.TWO)])

    assert _waits(plan, _yes("Đặng Hòa", "a0001"), _yes(" đặng HÒA ", "a0001"))
    assert _waits(plan, _yes("Đặng Hòa", "a0001"), _yes(normalize("NFD", "Đặng  Hòa"), "a0001"))
    assert not _waits(plan, _yes("Đặng Hòa", "a0001"), _yes("Đặng Huệ", "a0001"))


# ── what an approver names ───────────────────────────────────────────────────


def _closed(plan: Plan, ids: set[str]) -> set[str]:
    """The largest part of the ids in which everything needed is there: the oracle."""
    while dropped := {one.id for one in plan.actions if one.id in ids and not set(one.needs) <= ids}:
        ids = ids - dropped
    return ids


def _choices(plan: Plan) -> st.SearchStrategy[tuple[Plan, list[str], list[str]]]:
    """A plan, and what somebody names of it; now and then what it does not hold."""
    ids = st.sampled_from([*(one.id for one in plan.actions), *(one.id for one in plan.actions), "a0009"])
    return st.tuples(st.just(plan), st.lists(ids, max_size=3), st.lists(ids, max_size=2))


@given(_plans().flatmap(_choices))
def test_what_depends_on_an_excepted_action_goes_with_it(choice: tuple[Plan, list[str], list[str]]) -> None:
    """Contract §2, `--only` and `--except`: never half a chain, and nothing somebody named is dropped silently."""
    plan, only, but = choice
    known = {one.id for one in plan.actions}
    closed = _closed(plan, set(only or known) - set(but))

    if {*only, *but} - known or set(only) - set(but) - closed:
        with pytest.raises(Refused):
            chosen(plan, only, but)
    else:
        assert chosen(plan, only, but) == closed


def test_a_chain_falls_as_a_whole() -> None:
    """Contract §2: `--except` drops what depends on the excepted, and what depends on that."""
    plan = plans.plan([_action(1), _action(2, needs=("a0001",)), _action(3, needs=("a0002",)), _action(4)])

    assert chosen(plan, [], ["a0001"]) == {"a0004"}
    assert chosen(plan, [], []) == {"a0001", "a0002", "a0003", "a0004"}
    assert chosen(plan, ["a0001", "a0002"], []) == {"a0001", "a0002"}


def test_a_choice_that_cannot_be_carried_out_is_explained() -> None:
    """Contract §2: the message names the ids that are wrong or lacking."""
    plan = plans.plan([_action(1), _action(2, needs=("a0001",))])

    with pytest.raises(Refused, match="The plan has no action a0009, a0010"):
        chosen(plan, ["a0010"], ["a0009"])
    with pytest.raises(Refused, match="a0002 needs a0001 to be approved with it"):
        chosen(plan, ["a0002"], [])


# ── what an approval must say ────────────────────────────────────────────────


def test_the_number_of_the_order_is_asked_for_when_approving() -> None:
    """NB-38: an action that needs a written order is not approved without its number; others are."""
    plan = plans.plan([_action(1, needs_order=True), _action(2)])

    check(plan, _yes("Lan", "a0002"))
    check(plan, _yes("Lan", "a0001", order_number="12/SKHCN"))
    with pytest.raises(Refused, match=r"1 actions need the number of the written order \(such as a0001\)"):
        check(plan, _yes("Lan", "a0001", "a0002"))


def test_without_approvals_no_order_is_asked_for() -> None:
    """Contract §6: `approval: none` also satisfies order numbers."""
    plan = plans.plan([_action(1, needs_order=True, review=Review.NONE)])

    check(plan, _yes("Lan", "a0001"))
    assert permits(plan, DIGEST, []).permitted == ("a0001",)


@given(st.dictionaries(st.sampled_from([*TRIPS, "create-count"]), st.sampled_from([0, 9, 37, 38]), max_size=3))
def test_a_tripped_brake_lets_pass_its_exact_count_only(accepted: Mapping[str, int]) -> None:
    """Design §5: the way past names every tripped brake with its exact count, and nothing that did not trip."""
    plan = plans.plan([_action(1)], brakes=plans.TRIPPED)
    said = _yes("Lan", "a0001", accepted=accepted)

    if accepted == TRIPS:
        check(plan, said)
        assert permits(plan, DIGEST, [said]).permitted == ("a0001",)
    else:
        with pytest.raises(Refused):
            check(plan, said)
        with pytest.raises(Refused):
            permits(plan, DIGEST, [said])


def test_a_tripped_brake_holds_the_plan_and_says_the_way_out() -> None:
    """Law 4: nobody having accepted it, nothing is carried out, not even what nobody needs to approve."""
    plan = plans.plan([_action(1, review=Review.NONE)], brakes=plans.TRIPPED)

    with pytest.raises(Refused) as refused:
        permits(plan, DIGEST, [])

    assert "--accept-brake disable-count=37 --accept-brake unit-share:snv=9" in refused.value.says.en
    assert "37 thao tác khóa gửi/nhận" in refused.value.says.vi


def test_a_brake_that_asks_for_a_second_approver_holds_nothing() -> None:
    """Design §5: above the first limit two people approve, the plan is not stopped."""
    plan = plans.plan([_action(1)], brakes=BrakeState(second=plans.TRIPPED.second))

    assert permits(plan, DIGEST, [_yes("Lan", "a0001")]).permitted == ("a0001",)


def test_a_brake_that_did_not_trip_cannot_be_accepted() -> None:
    """Design §5: accepting brakes beforehand is switching them off."""
    with pytest.raises(Refused, match="Brake disable-count is not tripped in this plan"):
        check(plans.plan([_action(1)]), _yes("Lan", "a0001", accepted={"disable-count": 3}))


# ── decisions that end a plan ────────────────────────────────────────────────


def test_a_rejected_plan_is_never_carried_out() -> None:
    """Contract §2, `reject`: one no outweighs every yes, whatever their order; it names who and why."""
    plan = plans.plan([_action(1)])
    no = Decision("p-1", DIGEST, approves=False, by="Hòa", at=NOW, reason="sai đơn vị")

    for decisions in ([no, _yes("Lan", "a0001")], [_yes("Lan", "a0001"), no]):
        with pytest.raises(Refused, match="Hòa rejected this plan: sai đơn vị"):
            permits(plan, DIGEST, decisions)


def test_an_approval_fits_one_digest_only() -> None:
    """Law 5: an approval of other contents permits nothing, even beside one that fits."""
    plan = plans.plan([_action(1)])

    with pytest.raises(Refused, match="The approval of Lan is for other contents"):
        permits(plan, DIGEST, [_yes("Hòa", "a0001"), _yes("Lan", "a0001", digest="sha256:other")])


def test_what_nobody_reviews_needs_no_order_beside_what_somebody_does() -> None:
    """Contract §6: `approval: none` also satisfies order numbers, whatever else stands in the plan."""
    plan = plans.plan(
        [replace(plans.action(1, ActionKind.DELETE), review=Review.NONE), plans.action(2, ActionKind.CREATE)]
    )

    check(plan, Decision("p-1", "d", approves=True, by="Lan", at=NOW, actions=frozenset({"a0001"})))


# ── in time ──────────────────────────────────────────────────────────────────


def _signed(by: str, at: datetime = NOW, **parts: Any) -> Decision:
    return _yes(by, "a0001", key_id=f"key of {by}", at=at, **parts)


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (NOW, ""),
        (NOW + APPROVAL_GOOD_FOR - timedelta(microseconds=1), ""),
        (NOW + APPROVAL_GOOD_FOR, "the approval of Lan is older than 24 hours"),
        (NOW + timedelta(days=400), "the approval of Lan is older than 24 hours"),
        (NOW - timedelta(seconds=60), ""),
        (NOW - timedelta(seconds=61), "the approval of Lan is dated in the future"),
    ],
)
def test_a_signed_approval_is_good_for_a_day(now: datetime, says: str) -> None:
    """Reliability §3.5: not a microsecond longer, nor before its time but for the spread of two clocks."""
    found = counting([_signed("Lan")], now, None)

    assert [text.en for text in found.lapsed] == ([says] if says else [])
    assert found.decisions == (() if says else (_signed("Lan"),))


@pytest.mark.parametrize(
    ("now", "used", "says"),
    [
        (NOW + ACCEPTANCE_GOOD_FOR - timedelta(microseconds=1), None, ""),
        (NOW + ACCEPTANCE_GOOD_FOR, None, "that Lan let brakes pass is older than 4 hours"),
        (NOW, NOW, "that Lan let brakes pass was used, and is good for once"),
        (NOW, NOW + timedelta(seconds=1), "that Lan let brakes pass was used, and is good for once"),
        (NOW, NOW - timedelta(seconds=1), ""),
    ],
)
def test_a_brake_is_let_pass_for_four_hours_and_once(now: datetime, used: datetime | None, says: str) -> None:
    """Design §5: afterwards the approval itself still stands, and the brake holds the plan again."""
    yes = _signed("Lan", accepted=TRIPS)
    plan = plans.plan([_action(1)], brakes=plans.TRIPPED)

    found = counting([yes], now, used)

    assert [text.en for text in found.lapsed] == ([says] if says else [])
    assert found.decisions == (replace(yes, accepted={}) if says else yes,)
    if says:
        with pytest.raises(Refused, match=f"No longer good: {says}"):
            permits(plan, DIGEST, found.decisions, lapsed=found.lapsed)
    else:
        assert permits(plan, DIGEST, found.decisions).permitted == ("a0001",)


def test_a_no_and_a_name_without_a_key_do_not_grow_old() -> None:
    """A no stands for good; rehearsals on files know no 24 hours (contract §6), so neither do their approvals."""
    no = Decision("p-1", DIGEST, approves=False, by="Hòa", at=NOW, key_id="k")
    name = _yes("Lan", "a0001", accepted=TRIPS)

    assert counting([no, name], NOW + timedelta(days=400), NOW).decisions == (no, name)


def test_what_lapsed_is_said_with_what_is_permitted() -> None:
    """Whoever waits for an approval that is too old is told so."""
    lapsed = counting([_signed("Lan")], NOW + APPROVAL_GOOD_FOR, None).lapsed
    allowed = permits(plans.plan([_action(1)]), DIGEST, (), lapsed=lapsed)

    assert allowed.lapsed == lapsed
    assert said(allowed.lapsed).vi == " Không còn hiệu lực: phê duyệt của Lan đã quá 24 giờ."
    assert said(()).en == ""


# ── whoever asked ────────────────────────────────────────────────────────────


def _deletion(**parts: Any) -> Action:
    return _action(1, kind=ActionKind.DELETE, review=Review.TWO, name="Trần Thị Hoà", **parts)


@pytest.mark.parametrize("interested", ["Văn thư Bình", "van thu binh", "Trần Thị Hòa", "TRẦN THỊ HOÀ"])
def test_nobody_approves_a_deletion_he_asked_for_or_that_is_his_own(interested: str) -> None:
    """F32: neither the asker nor the holder counts, however the name is written; two others do."""
    plan, askers = plans.plan([_deletion()]), {"a0001": frozenset({"van thu binh"})}

    with_one = permits(plan, DIGEST, [_yes("Lan", "a0001"), _yes(interested, "a0001")], askers)
    with_two = permits(plan, DIGEST, [_yes(by, "a0001") for by in ("Lan", "Huệ", interested)], askers)

    assert with_one.waiting["a0001"].en == (
        "needs 2 approvers who neither asked for it nor lose their mailbox by it, has 1"
    )
    assert with_two.permitted == ("a0001",)


def test_what_deletes_nothing_may_be_approved_by_whoever_asked() -> None:
    """The rule is for deletions; anything else waits for nobody else, and a missing approver is said plainly."""
    askers = {"a0001": frozenset({"lan"})}

    assert permits(plans.plan([_action(1)]), DIGEST, [_yes("Lan", "a0001")], askers).permitted == ("a0001",)
    assert permits(plans.plan([_deletion()]), DIGEST, [_yes("Huệ", "a0001")], askers).waiting["a0001"].en == (
        "needs 2 approvers, has 1"
    )
