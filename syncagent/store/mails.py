"""What became of the mail of old accounts: every record that was ever made, of which the newest counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from syncagent.core.mail_record import from_record, to_record
from syncagent.core.merger import AccountId
from syncagent.store.tables import mails

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from syncagent.core.mail_record import MailRecord


def standing(connection: Connection) -> dict[AccountId, MailRecord]:
    """Return the newest record of each account."""
    rows = connection.execute(select(mails.c.system, mails.c.guid, mails.c.record).order_by(mails.c.id))
    return {AccountId(row.system, row.guid): from_record(json.loads(row.record)) for row in rows}


def settled(connection: Connection) -> frozenset[AccountId]:
    """Return the accounts whose mail is accounted for."""
    return frozenset(name for name, record in standing(connection).items() if record.closed)


def record(connection: Connection, found: Mapping[AccountId, MailRecord], by: str, at: datetime) -> None:
    """Record what became of mail; older records stay where they are and count no more."""
    rows = [
        {
            "system": name.system,
            "guid": name.guid,
            "record": json.dumps(to_record(one), ensure_ascii=False, sort_keys=True),
            "by": by,
            "recorded_at": at.isoformat(),
        }
        for name, one in sorted(found.items())
    ]
    if rows:
        connection.execute(insert(mails), rows)
