"""The audit log: one record for everything that was decided or done, each chained to the one before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from syncagent.store.tables import audit
from syncagent.trust.chain import GENESIS, link

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


def append(connection: Connection, kind: str, facts: Mapping[str, object], at: datetime) -> None:
    """Record something in the transaction in which it happens: both are kept, or neither.

    Args:
        connection: of `Store.writing`, which lets one writer in at a time.
        kind: what happened, in one English word: `plan`, `approve`, `done`, `hold` ….
        facts: what must be known of it, as JSON; no password, identity number or birth date.
        at: the moment (UTC).
    """
    last = connection.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    body = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    moment = at.isoformat()
    row = {"seq": seq, "at": moment, "kind": kind, "body": body, "hash": link(previous, seq, moment, kind, body)}
    connection.execute(insert(audit).values(row))
