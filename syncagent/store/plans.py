"""Plans in the state: saved once, found by id, unique prefix, or `latest`."""

from __future__ import annotations

import json
import zlib
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, insert, select

from syncagent.core.privacy import hide_identity_numbers
from syncagent.core.record import from_record, to_record
from syncagent.errors import Misconfigured
from syncagent.store.tables import plans
from syncagent.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syncagent.core.plan import Envelope, Plan


class PlanRow(NamedTuple):
    """A line of the list of plans."""

    plan_id: str
    serial: int
    digest: str
    created_at: str
    as_of: str
    actions: int


def next_serial(connection: Connection) -> int:
    """Return the serial of the next plan."""
    return int(connection.execute(select(func.coalesce(func.max(plans.c.serial), 0))).scalar_one()) + 1


def save(connection: Connection, plan: Plan, envelope: Envelope) -> None:
    """Store a plan with its envelope, skips included."""
    record = to_record(plan, envelope, with_skips=True)
    packed = zlib.compress(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(), level=3)
    connection.execute(
        insert(plans).values(
            plan_id=envelope.plan_id,
            serial=envelope.serial,
            digest=envelope.digest,
            created_at=envelope.created_at.isoformat(),
            as_of=plan.as_of.isoformat(),
            actions=len(plan.actions),
            record=packed,
        )
    )


def find(connection: Connection, name: str) -> tuple[Plan, Envelope]:
    """Given an id, a unique prefix of one, or `latest`, return the plan and its envelope.

    Raises:
        Misconfigured: no plan or several plans have this name.
    """
    query = select(plans.c.plan_id, plans.c.record)
    if name == "latest":
        rows = connection.execute(query.order_by(plans.c.serial.desc()).limit(1)).all()
    else:
        rows = connection.execute(query.where(plans.c.plan_id.startswith(name, autoescape=True)).limit(2)).all()
    if len(rows) != 1:
        name = hide_identity_numbers(name, lambda _: "…")
        raise Misconfigured(
            Text(
                f"{'Không có' if not rows else 'Có nhiều'} kế hoạch “{name}”; xem danh sách bằng: syncagent status",
                f"{'No' if not rows else 'More than one'} plan is called “{name}”; list them with: syncagent status",
            )
        )
    return from_record(json.loads(zlib.decompress(rows[0].record)))


def first_day(connection: Connection) -> date | None:
    """Return the earliest day a plan was made for, None if there is no plan."""
    earliest = connection.execute(select(func.min(plans.c.as_of))).scalar_one()
    return date.fromisoformat(earliest) if earliest else None


def recent(connection: Connection, count: int) -> list[PlanRow]:
    """Return the newest plans, newest first."""
    rows = connection.execute(
        select(
            plans.c.plan_id,
            plans.c.serial,
            plans.c.digest,
            plans.c.created_at,
            plans.c.as_of,
            plans.c.actions,
        )
        .order_by(plans.c.serial.desc())
        .limit(count)
    ).all()
    return [PlanRow(*row) for row in rows]
