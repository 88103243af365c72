"""People's decisions on a plan, and which of its actions they permit.

An approval fits one digest only. What is not understood, not named, or not approved by enough different
people is not permitted: doubt refuses. A signed approval is good for a day, and lets a brake pass for four hours
and once; nobody approves a deletion that he asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import ActionKind, Review
from syncagent.core.names import fold
from syncagent.errors import Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from syncagent.core.action import Action
    from syncagent.core.plan import Plan

APPROVAL_GOOD_FOR = timedelta(hours=24)
ACCEPTANCE_GOOD_FOR = timedelta(hours=4)
"""Of a brake; design §5."""

_AHEAD = timedelta(seconds=60)
"""How far clocks of two hosts of one agent may be apart."""

_APPROVERS = {Review.NONE: 0, Review.ONE: 1, Review.TWO: 2}


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's yes or no to a plan, at a moment (UTC).

    `actions` are the ids approved, `named` those the person named one by one, `accepted` the exact counts of the
    tripped brakes that the person lets pass. `key_id` is the key that signed it, empty if only a name was given.
    """

    plan_id: str
    digest: str
    approves: bool
    by: str
    at: datetime
    order_number: str = ""
    reason: str = ""
    actions: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    accepted: Mapping[str, int] = field(default_factory=dict)
    key_id: str = ""


class Counting(NamedTuple):
    """The decisions that count now, and why others, or parts of them, count no longer."""

    decisions: tuple[Decision, ...]
    lapsed: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Permits:
    """The actions that may be carried out, why each of the others may not, and which decisions count no longer.

    `accepted` are the brakes that people let pass, with the exact counts.
    """

    permitted: tuple[str, ...]
    waiting: Mapping[str, Text]
    lapsed: tuple[Text, ...] = ()
    accepted: Mapping[str, int] = field(default_factory=dict)


def counting(decisions: Iterable[Decision], now: datetime, used: datetime | None) -> Counting:
    """Given the decisions on a plan, return those that count now; a no counts for good.

    Names without a key are for rehearsals on files, where the plan's day is today and nothing grows old.

    Args:
        decisions: as recorded.
        now: the moment (UTC).
        used: when an apply of the plan ended last; what let brakes pass before then is used up.
    """
    counted: list[Decision] = []
    lapsed: list[Text] = []
    for decision in decisions:
        if not decision.approves or not decision.key_id:
            counted.append(decision)
        elif reason := _out_of_time(decision.at, now, APPROVAL_GOOD_FOR):
            lapsed.append(
                Text(
                    f"phê duyệt của {decision.by} {reason.vi}",
                    f"the approval of {decision.by} {reason.en}",
                )
            )
        elif decision.accepted and (reason := _used_up(decision.at, now, used)):
            counted.append(replace(decision, accepted={}))
            lapsed.append(
                Text(
                    f"việc {decision.by} cho qua phanh {reason.vi}",
                    f"that {decision.by} let brakes pass {reason.en}",
                )
            )
        else:
            counted.append(decision)
    return Counting(tuple(counted), tuple(lapsed))


def _used_up(at: datetime, now: datetime, used: datetime | None) -> Text | None:
    if used and at <= used:
        return Text("đã được dùng, chỉ dùng một lần", "was used, and is good for once")
    return _out_of_time(at, now, ACCEPTANCE_GOOD_FOR)


def _out_of_time(at: datetime, now: datetime, good_for: timedelta) -> Text | None:
    if now >= at + good_for:
        hours = good_for // timedelta(hours=1)
        return Text(f"đã quá {hours} giờ", f"is older than {hours} hours")
    if at > now + _AHEAD:
        return Text("ghi thời điểm ở tương lai", "is dated in the future")
    return None


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


def _check_brakes(plan: Plan, accepted: Mapping[str, int], lapsed: Sequence[Text] = ()) -> None:
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
        also = said(lapsed)
        raise Refused(
            Text(
                f"Phanh đang giữ kế hoạch: {' '.join(trip.says.vi for trip in open_trips)}{also.vi} Nếu đúng là như "
                f"vậy: {way_out}",
                f"Brakes hold this plan: {' '.join(trip.says.en for trip in open_trips)}{also.en} If that is right: "
                f"{way_out}",
            )
        )


def said(lapsed: Sequence[Text]) -> Text:
    """Return what is to be added to a refusal about decisions that count no longer; nothing if there are none."""
    if not lapsed:
        return Text("", "")
    return Text(
        f" Không còn hiệu lực: {'; '.join(text.vi for text in lapsed)}.",
        f" No longer good: {'; '.join(text.en for text in lapsed)}.",
    )


def permits(
    plan: Plan,
    digest: str,
    decisions: Sequence[Decision],
    askers: Mapping[str, frozenset[str]] | None = None,
    lapsed: Sequence[Text] = (),
) -> Permits:
    """Given the decisions on a plan that count, return what may be carried out now.

    Args:
        plan: the plan.
        digest: what an approval must fit.
        decisions: those that count.
        askers: who asked for a deletion, by its id, as names are compared (`fold`).
        lapsed: why others count no longer; a refusal says it.

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
    _check_brakes(plan, accepted, lapsed)
    permitted: list[str] = []
    waiting: dict[str, Text] = {}
    for action in plan.actions:
        if any(needed in waiting for needed in action.needs):
            waiting[action.id] = Text("chờ một thao tác khác được duyệt", "waits for another action to be approved")
        elif reason := _lacks(action, decisions, (askers or {}).get(action.id, frozenset())):
            waiting[action.id] = reason
        else:
            permitted.append(action.id)
    return Permits(tuple(permitted), waiting, tuple(lapsed), accepted)


def _lacks(action: Action, decisions: Sequence[Decision], askers: frozenset[str]) -> Text | None:
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
    if action.kind is ActionKind.DELETE:
        interested = people & (askers | {fold(action.name)})
        people -= interested
        if interested and len(people) < wanted:
            return Text(
                f"cần {wanted} người duyệt khác với người yêu cầu và người bị xóa hộp thư, mới có {len(people)}",
                f"needs {wanted} approvers who neither asked for it nor lose their mailbox by it, has {len(people)}",
            )
    if len(people) < wanted:
        return Text(
            f"cần {wanted} người duyệt, mới có {len(people)}",
            f"needs {wanted} approvers, has {len(people)}",
        )
    if action.needs_order and not any(decision.order_number for decision in approving):
        return Text("chưa có số văn bản yêu cầu", "the number of the written order is missing")
    return None
