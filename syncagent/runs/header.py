"""What the header of a plan says of how and for which directories it was made, and that these are the same still."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

from syncagent.errors import Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.plan import Envelope, Plan
    from syncagent.core.policy import Brakes, Limit

_TOOLS = ("cryptography", "holidays", "ldap3", "openpyxl", "pydantic", "requests", "ruamel.yaml", "sqlalchemy")

_ANEW = Text(", rồi lập kế hoạch mới.", ", then make a new plan.")
_SETTLE = Text(
    "; lần áp dụng bị gián đoạn, chỉ đúng thư mục đó mới cho biết đã ghi được gì.",
    "; its apply was interrupted, and only that directory tells what was written.",
)


def tools() -> dict[str, str]:
    """Return the versions of what reads, decides and signs: Python and the libraries."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in _TOOLS}}


def limits(brakes: Brakes) -> dict[str, object]:
    """Return the limits that the brakes of a plan were held to; shares are of the managed accounts."""
    roster = brakes.roster
    return {
        "second": {str(kind): _said(limit) for kind, limit in brakes.second.items()},
        "trip": {str(kind): _said(limit) for kind, limit in brakes.trip.items()},
        "unit": f"{brakes.unit_count}, {brakes.unit_percent:g} %",
        "overwrite": _said(brakes.overwrite),
        "rolling": {str(days): f"{times:g}" for days, times in sorted(brakes.rolling.items())},
        "roster": {
            "shrink": f"{roster.shrink_percent:g} %",
            "unit": f"{roster.unit_shrink_count}, {roster.unit_shrink_percent:g} %",
            "faulty_rows": _said(roster.faulty_rows),
        },
    }


def same_directories(plan: Plan, envelope: Envelope, told: Mapping[str, str], *, begun: bool = False) -> None:
    """Make sure that a plan meets the directories that it was made for, whatever servers answer for them now.

    Args:
        plan: as it was signed.
        envelope: its own.
        told: by target, what its directory says it is (`Target.directory_id`).
        begun: an apply of the plan was interrupted, and what was written is asked of the directory.

    Raises:
        Refused: one says that it is another, or does not say any more which it is.
    """
    for target, now in sorted(told.items()):
        made_for = _directory(plan, target)
        if made_for and now != made_for:
            then = _SETTLE if begun else _ANEW
            raise Refused(
                Text(
                    f"Kế hoạch {envelope.plan_id} lập cho thư mục {made_for}, nhưng máy chủ của “{target}” nay giữ thư "
                    f"mục {now or 'không rõ'}. Chưa ghi gì. Hãy xem servers trong cấu hình và DNS có trỏ đúng máy chủ "
                    f"không{then.vi}",
                    f"Plan {envelope.plan_id} was made for directory {made_for}, but the server of “{target}” holds "
                    f"{now or 'one that does not say which'} now. Nothing was written. See whether servers in the "
                    f"configuration and DNS lead to the right one{then.en}",
                ),
                where=target,
            )


def _directory(plan: Plan, target: str) -> str:
    """Return which directory a plan was made for; empty if nothing tells it from others, as for a file."""
    targets = plan.inputs.get("targets")
    mark = targets.get(target) if isinstance(targets, dict) else None
    return str(mark.get("directory", "")) if isinstance(mark, dict) else ""


def _said(limit: Limit) -> str:
    return f"{limit.count}, {limit.percent:g} %"
