"""Which system the accounts of a unit live on, where several stand side by side (Đà Nẵng runs Exchange and OBM).

A target names units by key or pattern; those below them follow, unless one is named itself. `*` is the default: where
everybody lives whom nothing nearer names. There is one roster, one plan and one address namespace over all of them.
"""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from syncagent.core.unit import UnitStatus
from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.policy import Target
    from syncagent.core.unit import Unit, Units

DEFAULT = "*"
"""The pattern of the target that takes every unit which nothing else names."""


def homes_of(targets: Mapping[str, Target], units: Units) -> dict[str, Target | None]:
    """Return the target where the accounts of each unit live: the nearest that names it or one above, else the default.

    None stands for a unit that no target takes.
    """
    named = {unit.unit: _named(targets, unit.unit) for unit in units}
    usual = next((targets[name] for name in sorted(targets) if DEFAULT in targets[name].units), None)
    found: dict[str, Target | None] = {}
    for unit in units:
        claimed = (named[above.unit] for above in units.line(unit.unit))
        found[unit.unit] = next((targets[names[0]] for names in claimed if names), usual)
    return found


def admit_routes(targets: Mapping[str, Target], rows: Iterable[Unit], units: Units) -> None:
    """Make sure that every unit has one home and every home's units are there.

    Args:
        targets: the systems; those that name no unit (old ones of a merger) take nobody.
        rows: the unit list as it was read: a faulty row is a unit all the same.
        units: those of them that were admitted.

    Raises:
        Misconfigured: a target names a unit that the list has not, two claim one unit, or nobody claims one; every
            fault with its file and line, and the way out.
    """
    keys = {row.unit for row in rows}
    routed = {name: target for name, target in sorted(targets.items()) if target.units}
    faults = [fault for target in routed.values() for fault in _strangers(target, keys)]
    faults += _claimed_twice(routed, keys)
    if len(routed) > 1:
        faults += _unclaimed(routed, units)
    if faults:
        raise Misconfigured(faults[0].says, where=faults[0].where, also=faults[1:])


def _named(targets: Mapping[str, Target], key: str) -> list[str]:
    """Return the targets that name a unit itself, by name."""
    return [name for name in sorted(targets) if _pattern(targets[name], key)]


def _pattern(target: Target, key: str) -> str:
    """Return the pattern by which a target names a unit itself, empty if it does not."""
    return next((one for one in target.units if one != DEFAULT and fnmatchcase(key, one)), "")


def _strangers(target: Target, keys: set[str]) -> list[Misconfigured]:
    strange = [one for one in target.units if one != DEFAULT and not any(fnmatchcase(key, one) for key in keys)]
    return [_unknown(target, one, get_close_matches(one, sorted(keys), 1)) for one in strange]


def _unknown(target: Target, unit: str, near: list[str]) -> Misconfigured:
    vi, en = (f"; có phải là “{near[0]}”", f"; is “{near[0]}” meant") if near else ("", "")
    return Misconfigured(
        Text(
            f"targets.{target.name}.units: danh sách đơn vị không có “{unit}”{vi}. Hãy sửa theo cột unit của danh sách "
            "đơn vị, hoặc bỏ đi.",
            f"targets.{target.name}.units: the unit list has no “{unit}”{en}. Write it as in the column unit of the "
            "unit list, or leave it out.",
        ),
        where=target.where.get(unit, ""),
    )


def _claimed_twice(targets: Mapping[str, Target], keys: set[str]) -> list[Misconfigured]:
    """Return the units that several targets name, and the default if several are it."""
    found: dict[tuple[str, ...], list[str]] = {}
    for key in sorted(keys):
        names = _named(targets, key)
        if len(names) > 1:
            found.setdefault(tuple(names), []).append(key)
    faults = [_rivals([targets[name] for name in names], units) for names, units in found.items()]
    usual = [target for target in targets.values() if DEFAULT in target.units]
    return [*faults, _defaults(usual)] if len(usual) > 1 else faults


def _rivals(rivals: list[Target], units: list[str]) -> Misconfigured:
    places = [target.where.get(_pattern(target, units[0]), "") for target in rivals]
    told = [f"{target.name} ({place})".removesuffix(" ()") for target, place in zip(rivals, places, strict=True)]
    listed = ", ".join(told)
    named = ", ".join(units)
    return Misconfigured(
        Text(
            f"Tài khoản của một đơn vị chỉ ở một hệ thống, nhưng {named} được khai ở nhiều đích: {listed}. Hãy để lại "
            "ở một đích.",
            f"The accounts of a unit live on one system, but {named} stands in several targets: {listed}. Leave it in "
            "one of them.",
        ),
        where=places[-1],
    )


def _defaults(usual: list[Target]) -> Misconfigured:
    listed = ", ".join(target.name for target in usual)
    return Misconfigured(
        Text(
            f"“*” là nơi ở của mọi đơn vị không được khai riêng nên chỉ một đích được có, nhưng đang có ở: {listed} "
            "(đích không có dòng units cũng là “*”). Hãy khai tên đơn vị ở các đích còn lại.",
            f"“*” is where every unit lives that is not named, so one target alone may have it, but {listed} have it "
            "(a target without a line units is “*”, too). Name the units of the others.",
        ),
        where=usual[-1].where.get(DEFAULT, ""),
    )


def _unclaimed(targets: Mapping[str, Target], units: Units) -> list[Misconfigured]:
    """Return the units without a home; those below one of them need no line of their own."""
    homes = homes_of(targets, units)
    lost = {unit.unit for unit in units if homes[unit.unit] is None and unit.status is UnitStatus.ACTIVE}
    names = ", ".join(targets)
    return [
        Misconfigured(
            Text(
                f"Chưa hệ thống nào nhận tài khoản của đơn vị “{unit.unit}” ({unit.name}). Hãy thêm vào "
                f"targets.*.units của một trong các đích {names}, hoặc cho một đích nhận mọi đơn vị còn lại: "
                'units: ["*"].',
                f"No system takes the accounts of unit “{unit.unit}” ({unit.name}). Add it to targets.*.units of one "
                f'of {names}, or let one of them take all that are left: units: ["*"].',
            ),
            where=str(unit.where),
        )
        for unit in units
        if unit.unit in lost and unit.parent not in lost
    ]
