"""What a merger must remember: the answers of unit heads, and every account of an old system that was ever seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select

from syncagent.core.merger import AccountId
from syncagent.core.questions import Choice, Ruling
from syncagent.store.tables import ends, legacy, rulings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection


def standing(connection: Connection) -> tuple[Ruling, ...]:
    """Return the newest answer about each account and each old unit, in the order of their names."""
    found: dict[tuple[str, str], Ruling] = {}
    for row in connection.execute(select(rulings).order_by(rulings.c.id)):
        one = Ruling(row.system, row.about, Choice(row.choice), row.subject, row.document, row.unit)
        found[one.system, one.about] = one
    return tuple(found[name] for name in sorted(found))


def record(connection: Connection, found: Iterable[Ruling], by: str, at: datetime) -> None:
    """Record answers; older ones stay where they are and count no more."""
    rows = [{**one._asdict(), "choice": str(one.choice), "by": by, "recorded_at": at.isoformat()} for one in found]
    if rows:
        connection.execute(insert(rulings), rows)


def seen(connection: Connection) -> dict[AccountId, str]:
    """Return every account of an old system that a plan has known, with its address then."""
    return {AccountId(row.system, row.guid): row.address for row in connection.execute(select(legacy))}


def see(connection: Connection, found: Mapping[AccountId, str], on: date) -> None:
    """Record the accounts that are met for the first time."""
    known = seen(connection)
    rows = [
        {"system": name.system, "guid": name.guid, "address": address, "seen_on": on.isoformat()}
        for name, address in sorted(found.items())
        if name not in known
    ]
    if rows:
        connection.execute(insert(legacy), rows)


def ended(connection: Connection) -> dict[AccountId, dict[str, Any]]:
    """Return what the last plan of a wave made of each account, as a certificate says it."""
    return {AccountId(row.system, row.guid): json.loads(row.record) for row in connection.execute(select(ends))}


def end(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Record what a plan makes of accounts, in the place of what the plan before made of them."""
    found = [
        {"system": row["system"], "guid": row["guid"], "record": json.dumps(row, ensure_ascii=False)} for row in rows
    ]
    if found:
        place = (ends.c.system == bindparam("in_system"), ends.c.guid == bindparam("of_guid"))
        connection.execute(
            delete(ends).where(*place), [{"in_system": one["system"], "of_guid": one["guid"]} for one in found]
        )
        connection.execute(insert(ends), found)
