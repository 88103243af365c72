"""What an approver signs: a decision on a plan as exact bytes. One decision gives one text, and no other fits it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from syncagent.core.approval import ACCEPTANCE_GOOD_FOR, APPROVAL_GOOD_FOR

if TYPE_CHECKING:
    from syncagent.core.approval import Decision

FORMAT = "syncagent/approval/1"

KIND = "application/vnd.syncagent.approval.v1+json"
"""The type under which a statement is signed."""


def statement(decision: Decision, record: str) -> bytes:
    """Given a decision and the name of the exact bytes of its plan, return what its maker signs.

    Nobody needs to read a statement again: whoever has the decision and the plan writes it anew and compares.
    """
    parts = {
        "format": FORMAT,
        "plan_id": decision.plan_id,
        "digest": decision.digest,
        "record": record,
        "verdict": "approve" if decision.approves else "reject",
        "name": decision.by,
        "at": decision.at.isoformat(),
        "expires_at": (decision.at + APPROVAL_GOOD_FOR).isoformat(),
        "order_number": decision.order_number,
        "reason": decision.reason,
        "actions": sorted(decision.actions),
        "named": sorted(decision.named),
        "accepted": dict(decision.accepted),
        "accepted_until": (decision.at + ACCEPTANCE_GOOD_FOR).isoformat(),
    }
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
