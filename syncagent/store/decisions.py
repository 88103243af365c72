"""People's decisions on plans: bound to the digest, named, kept for good."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from syncagent.core.approval import Decision
from syncagent.store.tables import decisions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def add(connection: Connection, decision: Decision, at: datetime) -> None:
    """Store a decision."""
    connection.execute(
        insert(decisions).values(
            plan_id=decision.plan_id,
            digest=decision.digest,
            verdict="approve" if decision.approves else "reject",
            by=decision.by,
            at=at.isoformat(),
            order_number=decision.order_number,
            reason=decision.reason,
            actions=json.dumps(sorted(decision.actions)),
            named=json.dumps(sorted(decision.named)),
            accepted=json.dumps(dict(sorted(decision.accepted.items()))),
        )
    )


def on(connection: Connection, plan_id: str) -> list[Decision]:
    """Return the decisions on a plan, oldest first."""
    rows = connection.execute(
        select(decisions).where(decisions.c.plan_id == plan_id).order_by(decisions.c.id)
    ).mappings()
    return [
        Decision(
            plan_id=row["plan_id"],
            digest=row["digest"],
            approves=row["verdict"] == "approve",
            by=row["by"],
            order_number=row["order_number"],
            reason=row["reason"],
            actions=frozenset(json.loads(row["actions"])),
            named=frozenset(json.loads(row["named"])),
            accepted=json.loads(row["accepted"]),
        )
        for row in rows
    ]
