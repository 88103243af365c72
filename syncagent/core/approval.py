"""People's decisions on a plan, and which of its actions they permit.

An approval fits one digest only. What is not understood, not named, or not approved by enough different
people is not permitted: doubt refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncagent.core.action import Review
from syncagent.core.names import fold
from syncagent.errors import Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncagent.core.action import Action
    from syncagent.core.plan import Plan

_APPROVERS = {Review.NONE: 0, Review.ONE: 1, Review.TWO: 2}


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's yes or no to a plan.

    `actions` are the ids approved, `named` those the person named one by one, `accepted` the exact counts of the
    tripped brakes that the person lets pass.
    """

    plan_id: str
    digest: str
    approves: bool
    by: str
    order_number: str = ""
    reason: str = ""
    actions: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    accepted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Permits:
    """The actions that may be carried out, and why each of the others may not."""

    permitted: tuple[str, ...]
    waiting: Mapping[str, Text]


def chosen(plan: Plan, only: Sequence[str], but: Sequence[str]) -> frozenset[str]:
    """Given what an approver names, return the ids approved; what depends on an excepted action goes with it.

    Raises:
        Refused: an id is not in the plan, or a chosen action needs one that is left out.
    """
    known = {action.id for action in plan.actions}
    if strange := sorted({*only, *but} - known):
        raise Refused(
            Text(
                f"Kế hoạch không có thao tác {', '.join(strange)}.",
                f"The plan has no action {', '.join(strange)}.",
            )
        )
    ids = set(only) if only else set(known)
    ids -= set(but)
    for action in plan.actions:
        lacking = set(action.needs) - ids
        if action.id in ids and lacking:
            if action.id in only:
                raise Refused(
                    Text(
                        f"Thao tác {action.id} cần {', '.join(sorted(lacking))} được duyệt cùng.",
                        f"Action {action.id} needs {', '.join(sorted(lacking))} to be approved with it.",
                    )
                )
            ids.discard(action.id)
    return frozenset(ids)


def check(plan: Plan, decision: Decision) -> None:
    """Given an approval about to be recorded, make sure that it says everything it must.

    Raises:
        Refused: the order's number is missing, or a tripped brake is not accepted with its exact count.
    """
    unordered = [
        action.id
        for action in plan.actions
        if action.id in decision.actions and action.needs_order and action.review is not Review.NONE
    ]
    if unordered and not decision.order_number:
        raise Refused(
            Text(
                f"{len(unordered)} thao tác cần số văn bản yêu cầu (ví dụ {unordered[0]}); hãy thêm --order SỐ.",
                f"{len(unordered)} actions need the number of the written order (such as {unordered[0]}); add --order.",
            )
        )
    _check_brakes(plan, decision.accepted)


def _check_brakes(plan: Plan, accepted: Mapping[str, int]) -> None:
    trips = {trip.name: trip for trip in plan.brakes.tripped}
    if strange := sorted(set(accepted) - set(trips)):
        raise Refused(
            Text(
                f"Phanh {', '.join(strange)} không bị kích hoạt trong kế hoạch này.",
                f"Brake {', '.join(strange)} is not tripped in this plan.",
            )
        )
    open_trips = [trip for name, trip in trips.items() if accepted.get(name) != trip.count]
    if open_trips:
        way_out = " ".join(f"--accept-brake {trip.name}={trip.count}" for trip in open_trips)
        raise Refused(
            Text(
                f"Phanh đang giữ kế hoạch: {' '.join(trip.says.vi for trip in open_trips)} Nếu đúng là như vậy: "
                f"{way_out}",
                f"Brakes hold this plan: {' '.join(trip.says.en for trip in open_trips)} If that is right: {way_out}",
            )
        )


def permits(plan: Plan, digest: str, decisions: Sequence[Decision]) -> Permits:
    """Given the decisions on a plan, return what may be carried out now.

    Raises:
        Refused: somebody rejected the plan, a decision fits another digest, or a tripped brake was accepted by nobody.
    """
    for decision in decisions:
        if not decision.approves:
            raise Refused(
                Text(
                    f"Kế hoạch đã bị {decision.by} từ chối: {decision.reason}. Hãy lập kế hoạch mới.",
                    f"{decision.by} rejected this plan: {decision.reason}. Make a new plan.",
                )
            )
        if decision.digest != digest:
            raise Refused(
                Text(
                    f"Phê duyệt của {decision.by} dành cho một nội dung khác của kế hoạch.",
                    f"The approval of {decision.by} is for other contents of this plan.",
                )
            )
    accepted = {name: count for decision in decisions for name, count in decision.accepted.items()}
    _check_brakes(plan, accepted)
    permitted: list[str] = []
    waiting: dict[str, Text] = {}
    for action in plan.actions:
        if any(needed in waiting for needed in action.needs):
            waiting[action.id] = Text("chờ một thao tác khác được duyệt", "waits for another action to be approved")
        elif reason := _lacks(action, decisions):
            waiting[action.id] = reason
        else:
            permitted.append(action.id)
    return Permits(tuple(permitted), waiting)


def _lacks(action: Action, decisions: Sequence[Decision]) -> Text | None:
    """Return what an action still lacks, None if it may be carried out."""
    wanted = _APPROVERS[action.review]
    if not wanted:
        return None
    approving = [decision for decision in decisions if action.id in decision.actions]
    if action.alone:
        approving = [decision for decision in approving if action.id in decision.named]
        if not approving:
            return Text("cần phê duyệt riêng, nêu đích danh (--only)", "needs an approval that names it (--only)")
    people = {fold(decision.by) for decision in approving}
    if len(people) < wanted:
        return Text(
            f"cần {wanted} người duyệt, mới có {len(people)}",
            f"needs {wanted} approvers, has {len(people)}",
        )
    if action.needs_order and not any(decision.order_number for decision in approving):
        return Text("chưa có số văn bản yêu cầu", "the number of the written order is missing")
    return None
