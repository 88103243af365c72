"""Written requests recorded in the state, and the answers sent; neither is ever changed afterwards."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from syncagent.core.answer import Answer
from syncagent.core.request import Request, RequestKind
from syncagent.core.where import Where
from syncagent.store import plans
from syncagent.store.tables import answers, fulfilled, requests

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from syncagent.core.action import Action
    from syncagent.trust.signing import PublicKey


def recorded(connection: Connection) -> tuple[Request, ...]:
    """Return every recorded request, by number, in the order of its characters: databases have orders of their own."""
    rows = connection.execute(select(requests)).mappings()
    return tuple(
        Request(
            request_id=row["request_id"],
            received_on=date.fromisoformat(row["received_on"]),
            kind=RequestKind(row["kind"]),
            subject=row["subject"],
            where=Where(f"request {row['request_id']}"),
            channel=row["channel"],
            from_unit=row["from_unit"],
            from_address=row["from_address"],
            value=row["value"],
            reason=row["reason"],
            document_number=row["document_number"],
            document_date=_day(row["document_date"]),
            until=_day(row["until"]),
        )
        for row in sorted(rows, key=lambda row: str(row["request_id"]))
    )


def record(connection: Connection, found: Iterable[Request], by: str, at: datetime) -> None:
    """Record requests whose numbers are not used yet."""
    rows = [
        {
            "request_id": request.request_id,
            "received_on": request.received_on.isoformat(),
            "channel": request.channel,
            "from_unit": request.from_unit,
            "from_address": request.from_address,
            "kind": str(request.kind),
            "subject": request.subject,
            "value": request.value,
            "reason": request.reason,
            "document_number": request.document_number,
            "document_date": _written(request.document_date),
            "until": _written(request.until),
            "recorded_by": by,
            "recorded_at": at.isoformat(),
        }
        for request in found
    ]
    if rows:
        connection.execute(insert(requests), rows)


def sent(connection: Connection) -> dict[str, Answer]:
    """Return the answers that were sent, by the number of the request."""
    return {
        row.request_id: Answer(row.request_id, date.fromisoformat(row.sent_on), row.by, row.how, row.document_number)
        for row in connection.execute(select(answers))
    }


def send(connection: Connection, found: Iterable[Answer], at: datetime) -> None:
    """Record answers as sent."""
    rows = [
        {**answer._asdict(), "sent_on": answer.sent_on.isoformat(), "recorded_at": at.isoformat()} for answer in found
    ]
    connection.execute(insert(answers), rows)


def carried_out(connection: Connection, request_id: str, key: PublicKey) -> Action | None:
    """Return the action that carried out a request, as it stood in its plan; None if none did.

    Raises:
        Refused: the plan is not what the owner of this key, the agent's, signed.
    """
    place = connection.execute(
        select(fulfilled.c.plan_id, fulfilled.c.action_id).where(fulfilled.c.request_id == request_id)
    ).one_or_none()
    if place is None:
        return None
    plan, _ = plans.verified(connection, place.plan_id, key)
    return next((action for action in plan.actions if action.id == place.action_id), None)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""
