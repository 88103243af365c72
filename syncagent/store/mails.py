"""What became of the mail of old accounts: every record that was ever made, of which the newest counts.

A row counts only as the audit log has it: it names the digest of each record, and nothing else closes one.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from syncagent.core.mail_record import from_record, to_record
from syncagent.core.merger import AccountId
from syncagent.store import audit
from syncagent.store.tables import mails

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from syncagent.core.mail_record import MailRecord

KIND = "mail-record"
"""The kind of the records in the audit log."""


def standing(connection: Connection) -> dict[AccountId, MailRecord]:
    """Return the newest record of each account, as the audit log names it."""
    told: dict[AccountId, str] = {}
    for one in audit.records(connection, kinds=(KIND,)):
        facts = json.loads(one.body)
        told[AccountId(facts["system"], facts["guid"])] = facts["digest"]
    rows = connection.execute(select(mails.c.system, mails.c.guid, mails.c.record).order_by(mails.c.id))
    found = {AccountId(row.system, row.guid): row.record for row in rows}
    return {
        name: from_record(json.loads(record)) for name, record in found.items() if told.get(name) == _digest(record)
    }


def settled(connection: Connection) -> frozenset[AccountId]:
    """Return the accounts whose mail is accounted for."""
    return frozenset(name for name, record in standing(connection).items() if record.closed)


def record(connection: Connection, found: Mapping[AccountId, MailRecord], by: str, at: datetime) -> None:
    """Record what became of mail; older records stay where they are and count no more."""
    rows: list[dict[str, str]] = []
    told: list[tuple[str, dict[str, object]]] = []
    for name, one in sorted(found.items()):
        text = json.dumps(to_record(one), ensure_ascii=False, sort_keys=True)
        rows.append({**name._asdict(), "record": text, "by": by, "recorded_at": at.isoformat()})
        facts = {"how": str(one.how), "messages": one.messages, "size": one.size, "closed": one.closed, "by": by}
        told.append((KIND, {**name._asdict(), **facts, "document": one.document, "digest": _digest(text)}))
    if rows:
        connection.execute(insert(mails), rows)
        audit.extend(connection, told, at)


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
