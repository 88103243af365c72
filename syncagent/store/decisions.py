"""People's decisions on plans: bound to the digest, named, kept for good."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert, select

from syncagent.core.approval import Decision
from syncagent.errors import Refused
from syncagent.store.tables import decisions
from syncagent.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Kept(NamedTuple):
    """A decision as it was recorded, and the envelope (DSSE) in which its maker signed it; empty if nobody did."""

    decision: Decision
    envelope: str


def add(connection: Connection, decision: Decision, envelope: str = "") -> None:
    """Store a decision."""
    connection.execute(insert(decisions).values(**_columns(decision), envelope=envelope))


def decided(connection: Connection) -> frozenset[str]:
    """Return the plans on which somebody has decided anything."""
    return frozenset(connection.execute(select(decisions.c.plan_id).distinct()).scalars())


def on(connection: Connection, plan_id: str) -> list[Kept]:
    """Return the decisions on a plan, oldest first; whether their signatures hold is not looked at.

    Raises:
        Refused: one is not written as decisions are.
    """
    rows = connection.execute(
        select(decisions).where(decisions.c.plan_id == plan_id).order_by(decisions.c.id)
    ).mappings()
    return [Kept(_decision(dict(row)), row["envelope"]) for row in rows]


def _columns(decision: Decision) -> dict[str, str]:
    return {
        "plan_id": decision.plan_id,
        "digest": decision.digest,
        "verdict": "approve" if decision.approves else "reject",
        "by": decision.by,
        "at": decision.at.isoformat(),
        "order_number": decision.order_number,
        "reason": decision.reason,
        "actions": json.dumps(sorted(decision.actions)),
        "named": json.dumps(sorted(decision.named)),
        "accepted": json.dumps(dict(sorted(decision.accepted.items()))),
    }


def _decision(row: dict[str, Any]) -> Decision:
    """Return the decision of a row that is, column by column, what `add` would write for it."""
    try:
        decision = Decision(
            plan_id=row["plan_id"],
            digest=row["digest"],
            approves=row["verdict"] == "approve",
            by=row["by"],
            at=datetime.fromisoformat(row["at"]),
            order_number=row["order_number"],
            reason=row["reason"],
            actions=frozenset(json.loads(row["actions"])),
            named=frozenset(json.loads(row["named"])),
            accepted=dict(json.loads(row["accepted"])),
        )
        if all(row[name] == value for name, value in _columns(decision).items()):
            return decision
    except (ValueError, TypeError):
        pass
    raise Refused(
        Text(
            f"Một quyết định về kế hoạch {row['plan_id']} đã bị sửa sau khi ghi; hãy lập kế hoạch mới.",
            f"A decision on plan {row['plan_id']} was changed after it was recorded; make a new plan.",
        )
    )
