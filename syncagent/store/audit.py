"""The audit log: one record for everything that was decided or done, each chained to the one before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from syncagent.store.tables import audit
from syncagent.trust.chain import EMPTY, Head, Record, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_AT_ONCE = 10_000


def append(connection: Connection, kind: str, facts: Mapping[str, object], at: datetime) -> None:
    """Record something in the transaction in which it happens: both are kept, or neither.

    Args:
        connection: of `Store.writing`, which lets one writer in at a time.
        kind: what happened, in one English word: `plan`, `approve`, `done`, `hold` ….
        facts: what must be known of it, as JSON; no password, identity number or birth date.
        at: the moment (UTC).
    """
    extend(connection, [(kind, facts)], at)


def extend(connection: Connection, happened: Iterable[tuple[str, Mapping[str, object]]], at: datetime) -> None:
    """Record several things that happened together, each with its kind and facts, in their order."""
    seq, last = head(connection)
    moment = at.isoformat()
    rows = []
    for kind, facts in happened:
        seq += 1
        body = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        last = link(last, seq, moment, kind, body)
        rows.append({"seq": seq, "at": moment, "kind": kind, "body": body, "hash": last})
    if rows:
        connection.execute(insert(audit), rows)


def head(connection: Connection) -> Head:
    """Return where the chain stands, as its last record says; whether it is whole is for `follow` to tell."""
    found = connection.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    return Head(*found) if found else EMPTY


def stood(connection: Connection, size: int) -> Head | None:
    """Return where the chain stood when it had so many records; None if it is not that long, or lacks that one."""
    if size == 0:
        return EMPTY
    found = connection.execute(select(audit.c.hash).where(audit.c.seq == size)).scalar_one_or_none()
    return None if found is None else Head(size, found)


def holds(connection: Connection, kind: str) -> bool:
    """Whether anything of that kind was ever recorded."""
    return connection.execute(select(audit.c.seq).where(audit.c.kind == kind).limit(1)).one_or_none() is not None


def records(connection: Connection, after: int = 0, kinds: Iterable[str] = ()) -> Iterator[Record]:
    """Yield the records after the one of that number, in their order; only those of some kinds if any is named."""
    query = select(audit).where(audit.c.seq > after).order_by(audit.c.seq)
    if wanted := tuple(kinds):
        query = query.where(audit.c.kind.in_(wanted))
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield Record(*row)
