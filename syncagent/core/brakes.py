"""Brakes over a whole plan, before the first write (design §5).

A brake never changes the plan: it asks for a second approver, or it trips, and then nothing of the plan is
carried out until a person names the brake and the exact count. There is no exemption for small units, where
one mistake is most likely to go unnoticed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind, Operation, Review
from syncagent.core.plan import BrakeState, Trip
from syncagent.errors import Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncagent.core.action import Action
    from syncagent.core.policy import Brakes, Limit
    from syncagent.core.unit import Units

_SHOWN = 3  # of whom a brake concerns, by name

_NAMES = {
    ActionKind.CREATE: Text("tạo mới", "create"),
    ActionKind.DISABLE: Text("khóa gửi/nhận", "disable"),
    ActionKind.WITHDRAW: Text("thu hồi", "withdraw"),
    ActionKind.DELETE: Text("xóa", "delete"),
}


def check(
    actions: Sequence[Action],
    managed: Sequence[str],
    units: Units,
    brakes: Brakes,
    recent: Mapping[ActionKind, Mapping[int, int]] | None = None,
) -> BrakeState:
    """Given a plan's actions, the unit of every managed account, and what was done lately, say what brakes say.

    `recent` counts by kind what was carried out within so many days before.
    """
    by_kind: dict[ActionKind, list[Action]] = defaultdict(list)
    for action in actions:
        by_kind[counted_as(action)].append(action)
    counted = Counter({kind: len(found) for kind, found in by_kind.items()})
    total = len(managed)
    tripped = [
        _limit_trip(kind, by_kind[kind], limit.of(total), total)
        for kind, limit in brakes.trip.items()
        if counted[kind] > limit.of(total)
    ]
    second = [
        _limit_trip(kind, by_kind[kind], limit.of(total), total)
        for kind, limit in brakes.second.items()
        if counted[kind] > limit.of(total)
    ]
    tripped += _rolling_trips(counted, recent or {}, brakes.trip, total, brakes.rolling)
    second += _rolling_trips(counted, recent or {}, brakes.second, total, brakes.rolling)
    tripped += _unit_trips(actions, managed, units, brakes)
    second += _overwrite_trips(actions, brakes.overwrite.of(total))
    return BrakeState(tuple(tripped), tuple(second))


def counted_as(action: Action) -> ActionKind:
    """Return under which kind an action counts: an adoption that closes a mailbox is a disable."""
    return ActionKind.DISABLE if action.destructive and action.kind is ActionKind.ADOPT else action.kind


def reviewed(actions: Iterable[Action], state: BrakeState) -> tuple[Action, ...]:
    """Return the actions with two approvers wherever a brake asks for the second."""
    asked = {trip.brake for trip in state.second}
    return tuple(replace(action, review=Review.TWO) if _asked(action, asked) else action for action in actions)


def _asked(action: Action, asked: set[str]) -> bool:
    if action.review is Review.NONE:
        return False
    overwritten = {f"overwrite:{name}" for name in _overwritten(action)}
    kind = counted_as(action)
    return any(brake == f"{kind}-count" or brake.startswith(f"{kind}-within-") for brake in asked) or bool(
        overwritten & asked
    )


def _who(actions: Sequence[Action]) -> Text:
    """Return whom actions concern: the first few by address, the others by number."""
    first = ", ".join(action.address or action.subject for action in actions[:_SHOWN])
    more = len(actions) - _SHOWN
    return Text(f"{first} và {more} tài khoản khác", f"{first} and {more} more") if more > 0 else Text(first, first)


def _limit_trip(kind: ActionKind, actions: Sequence[Action], limit: int, total: int) -> Trip:
    name, count, who = _NAMES[kind], len(actions), _who(actions)
    return Trip(
        f"{kind}-count",
        Text(
            f"{count} thao tác {name.vi} trong một kế hoạch, giới hạn là {limit} (trên {total} tài khoản đang quản "
            f"lý): {who.vi}.",
            f"{count} {name.en} actions in one plan; the limit is {limit} (of {total} managed accounts): {who.en}.",
        ),
        count,
        limit,
    )


def _rolling_trips(
    counted: Mapping[ActionKind, int],
    recent: Mapping[ActionKind, Mapping[int, int]],
    limits: Mapping[ActionKind, Limit],
    total: int,
    rolling: Mapping[int, float],
) -> list[Trip]:
    """Look at what was carried out lately together with this plan: many small plans are one large one (F7)."""
    found = []
    for kind, limit in limits.items():
        for days, times in rolling.items():
            before = recent.get(kind, {}).get(days, 0)
            count, most = counted.get(kind, 0) + before, int(limit.of(total) * times)
            if before and count > max(before, most):
                name = _NAMES[kind]
                found.append(
                    Trip(
                        f"{kind}-within-{days}d",
                        Text(
                            f"{count} thao tác {name.vi} trong {days} ngày, tính cả kế hoạch này; giới hạn là {most} "
                            f"(trên {total} tài khoản đang quản lý).",
                            f"{count} {name.en} actions within {days} days, this plan included; the limit is {most} "
                            f"(of {total} managed accounts).",
                        ),
                        count,
                        most,
                    )
                )
    return found


def _unit_trips(actions: Iterable[Action], managed: Iterable[str], units: Units, brakes: Brakes) -> list[Trip]:
    """Look at each unit with all below it: one wrong sheet hits one unit (F6, measured in reliability §0.9)."""
    sizes = _by_unit(managed, units)
    hits = _within(actions, units)
    found = []
    for unit in sorted(hits):
        count, size = len(hits[unit]), sizes[unit]
        limit = int(size * brakes.unit_percent / 100)
        if count >= brakes.unit_count and count > size * brakes.unit_percent / 100:
            named, who = units.full_name(unit) or unit, _who(hits[unit])
            found.append(
                Trip(
                    "unit-share",
                    Text(
                        f"Đơn vị “{named}” ({unit}): {count} trên {size} tài khoản bị khóa, thu hồi hoặc xóa trong một "
                        f"kế hoạch (giới hạn {brakes.unit_percent:g} %): {who.vi}.",
                        f"Unit “{named}” ({unit}): {count} of {size} accounts would be disabled, withdrawn or deleted "
                        f"in one plan (limit {brakes.unit_percent:g} %): {who.en}.",
                    ),
                    count,
                    limit,
                    unit,
                )
            )
    return found


def _within(actions: Iterable[Action], units: Units) -> Mapping[str, list[Action]]:
    """Return what takes a mailbox, by the unit it is in and every unit above that."""
    found: dict[str, list[Action]] = defaultdict(list)
    for action in actions:
        if action.destructive:
            for unit in tuple(above.unit for above in units.line(action.unit)) or (action.unit,):
                found[unit].append(action)
    return found


def _by_unit(keys: Iterable[str], units: Units) -> Mapping[str, int]:
    found: dict[str, int] = defaultdict(int)
    lines: dict[str, tuple[str, ...]] = {}
    for key in keys:
        if key not in lines:
            lines[key] = tuple(unit.unit for unit in units.line(key)) or (key,)
        for unit in lines[key]:
            found[unit] += 1
    return found


def _overwrite_trips(actions: Iterable[Action], limit: int) -> list[Trip]:
    counted = Counter(name for action in actions for name in _overwritten(action))
    return [
        Trip(
            f"overwrite:{name}",
            Text(
                f"Thuộc tính {name} bị ghi đè trên {count} tài khoản, giới hạn là {limit}.",
                f"Attribute {name} would be overwritten on {count} accounts; the limit is {limit}.",
            ),
            count,
            limit,
        )
        for name, count in sorted(counted.items())
        if count > limit
    ]


def _overwritten(action: Action) -> set[str]:
    """Return the attributes an action replaces; values added where nothing was are no loss."""
    return {
        name
        for change in action.changes
        if change.operation is Operation.MODIFY
        for name, (before, after) in change.attributes.items()
        if before and before != after
    }


def hold(now: BrakeState, planned: BrakeState, accepted: Mapping[str, int]) -> None:
    """Look at the brakes again right before the first write: what was decided since may have made them trip.

    `accepted` are the brakes of the plan that people let pass, with the exact counts.

    Raises:
        Refused: a brake trips by more than anybody accepted, or asks for a second approver that the plan did not.
    """
    asked = {trip.name for trip in planned.second}
    trips = [trip for trip in now.tripped if trip.count > accepted.get(trip.name, -1)]
    trips += [trip for trip in now.second if trip.name not in asked]
    if trips:
        raise Refused(
            Text(
                f"Từ khi lập kế hoạch, phanh đã siết lại: {' '.join(trip.says.vi for trip in trips)} Không ghi gì; hãy "
                "lập kế hoạch mới.",
                f"Brakes tightened since the plan was made: {' '.join(trip.says.en for trip in trips)} Nothing is "
                "written; make a new plan.",
            )
        )
