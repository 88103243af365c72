"""Admission of units: a tree without cycles, every abbreviation fit to stand in an address."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core.document import NO_DOCUMENT
from syncagent.core.finding import Fault, FindingCode
from syncagent.core.unit import UnitKind, Units, UnitStatus
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from syncagent.core.unit import Unit

_ABBREVIATION = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


def admit_units(rows: Iterable[Unit], today: date) -> tuple[Units, dict[str, list[Fault]]]:
    """Given the rows of the unit list, return the admitted units and, for every other key, what is wrong.

    A unit below a faulty one is faulty, too: its people's addresses would be named after it.
    """
    grouped: dict[str, list[Unit]] = defaultdict(list)
    for row in rows:
        grouped[row.unit].append(row)
    first = {key: theirs[0] for key, theirs in sorted(grouped.items())}
    own = {key: faults for key in first if (faults := _faults(grouped[key], first))}
    found = dict(own)
    for key, unit in first.items():
        bad = next((above for above in _line(unit, first) or () if above in own), None)
        if key not in own and bad:
            found[key] = [_fault(unit, f"trực thuộc đơn vị có lỗi “{bad}”", f"stands below the faulty unit “{bad}”")]
    return Units({key: _as_of(unit, today) for key, unit in first.items() if key not in found}), found


def _faults(theirs: Sequence[Unit], units: Mapping[str, Unit]) -> list[Fault]:
    unit = theirs[0]
    found = [fault for row in theirs for fault in row.faults]
    if len(theirs) > 1:
        found.append(_fault(unit, "xuất hiện nhiều lần", "stands in the list more than once"))
    if unit.parent and unit.parent not in units:
        says = f"có cấp trên “{unit.parent}” không có trong danh sách", f"has an unknown parent “{unit.parent}”"
        found.append(_fault(unit, *says))
    if unit.kind is UnitKind.DEPARTMENT and not unit.parent:
        found.append(_fault(unit, "là phòng, ban nhưng không ghi cấp trên", "is a department without a parent"))
    if _line(unit, units) is None:
        found.append(_fault(unit, "nằm trong một vòng lặp cấp trên", "is part of a cycle of parents"))
    for word in (unit.abbreviation, unit.suffix):
        if word and not _ABBREVIATION.fullmatch(word):
            says = (
                f"có tên viết tắt “{word}” không hợp lệ (chỉ a-z, 0-9, dấu chấm, gạch nối)",
                f"has an abbreviation “{word}” that cannot stand in an address (a-z, 0-9, dot, hyphen only)",
            )
            found.append(_fault(unit, *says))
    return found


def _line(unit: Unit, units: Mapping[str, Unit]) -> list[str] | None:
    """Return the keys above a unit, nearest first, or None if the way up never ends."""
    seen: list[str] = []
    key = unit.parent
    while key in units:
        if key == unit.unit or key in seen:
            return None
        seen.append(key)
        key = units[key].parent
    return seen


def _as_of(unit: Unit, today: date) -> Unit:
    """Return the unit as it is today: a dissolution that takes effect later has not happened yet."""
    if unit.status is not UnitStatus.ACTIVE and unit.effective_date and unit.effective_date > today:
        return replace(unit, status=UnitStatus.ACTIVE, successor="", effective_date=None, document=NO_DOCUMENT)
    return unit


def _fault(unit: Unit, vi: str, en: str) -> Fault:
    says = Text(f"Đơn vị “{unit.unit}” {vi}.", f"Unit “{unit.unit}” {en}.")
    return Fault(FindingCode.UNKNOWN_UNIT, says, unit.where)
