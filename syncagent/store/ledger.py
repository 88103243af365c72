"""The ledger in the state: accounts handled, addresses ever issued, holds, requests, the accepted roster."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from syncagent.core import stamp as stamps
from syncagent.core.addresses import fold_address
from syncagent.core.ledger import Baseline, Hold, Known, Ledger
from syncagent.core.rights import after_action
from syncagent.core.snapshot import Right
from syncagent.core.stamp import State
from syncagent.store.tables import acceptances, accounts, addresses, baselines, fulfilled, holds, rights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from syncagent.core.action import Action
    from syncagent.core.stamp import Stamp


def load(connection: Connection) -> Ledger:
    """Return everything that is remembered."""
    known: dict[tuple[str, str], Known] = {}
    for target, guid, text in connection.execute(select(accounts.c.target, accounts.c.guid, accounts.c.stamp)):
        if stamp := stamps.parse(text):
            known[target, guid] = Known(target, guid, stamp)
    return Ledger(
        accounts=known,
        rights=_rights(connection),
        issued={row.address: row.owner for row in connection.execute(select(addresses))},
        holds=standing_holds(connection),
        fulfilled={
            request_id: date.fromisoformat(day)
            for request_id, day in connection.execute(select(fulfilled.c.request_id, fulfilled.c.day))
        },
        baseline=_baseline(connection),
        accepted=frozenset(
            connection.execute(select(acceptances.c.digest).where(acceptances.c.used_at == "")).scalars()
        ),
    )


def standing_holds(connection: Connection) -> dict[str, Hold]:
    """Return the holds that stand, by their subject."""
    rows = connection.execute(
        select(holds.c.subject, holds.c.document, holds.c.placed_by).where(holds.c.released_at == "")
    )
    return {row.subject: Hold(row.subject, row.document, row.placed_by) for row in rows}


def place_hold(connection: Connection, hold: Hold, at: datetime) -> None:
    """Record a hold."""
    connection.execute(
        insert(holds).values(
            subject=hold.subject,
            document=hold.document,
            placed_by=hold.placed_by,
            placed_at=at.isoformat(),
            released_by="",
            released_at="",
        )
    )


def release_hold(connection: Connection, subject: str, by: str, at: datetime) -> int:
    """Record that the holds on a subject are lifted; return how many stood."""
    done = connection.execute(
        update(holds)
        .where(holds.c.subject == subject, holds.c.released_at == "")
        .values(released_by=by, released_at=at.isoformat())
    )
    return int(done.rowcount)


def remember_account(connection: Connection, target: str, guid: str, stamp: Stamp) -> None:
    """Record what was last done to an account."""
    connection.execute(delete(accounts).where(accounts.c.target == target, accounts.c.guid == guid))
    connection.execute(insert(accounts).values(target=target, guid=guid, subject=stamp.subject, stamp=str(stamp)))


def _rights(connection: Connection) -> dict[tuple[str, str], tuple[Right, ...]]:
    found: dict[tuple[str, str], list[Right]] = defaultdict(list)
    for row in connection.execute(select(rights)):
        found[row.target, row.guid].append(Right(row.entry, row.dn, row.attribute))
    return {account: tuple(sorted(theirs)) for account, theirs in found.items()}


def remember_rights(connection: Connection, target: str, guid: str, action: Action) -> None:
    """Record which rights an action took from an account, to be given back with it."""
    before = _rights(connection).get((target, guid), ())
    after = after_action(before, action)
    if after == before:
        return
    connection.execute(delete(rights).where(rights.c.target == target, rights.c.guid == guid))
    rows = [
        {"target": target, "guid": guid, "entry": one.entry, "attribute": one.attribute, "dn": one.dn} for one in after
    ]
    if rows:
        connection.execute(insert(rights), rows)


def account_deleted(connection: Connection, target: str, guid: str, on: date) -> None:
    """Record that an account is gone by our doing; what it was stays known, so that it is not missed."""
    text = connection.execute(
        select(accounts.c.stamp).where(accounts.c.target == target, accounts.c.guid == guid)
    ).scalar_one_or_none()
    known = stamps.parse(text) if text else None
    if known:
        remember_account(connection, target, guid, replace(known, state=State.DELETED, since=on, aliases=()))


def learn_accounts(connection: Connection, found: Iterable[tuple[str, str, str, str]]) -> None:
    """Record accounts that are marked as ours but were not known yet: target, identity, subject, stamp as read."""
    _insert(connection, accounts, list(found))


def learn_addresses(connection: Connection, found: Mapping[str, str]) -> None:
    """Record addresses, in folded form, that were not known yet, with their owners."""
    _insert(connection, addresses, sorted(found.items()))


def _insert(connection: Connection, table: Table, rows: Sequence[tuple[str, ...]]) -> None:
    """Insert rows in the order of the table's columns, as the driver takes them: a first plan learns sixty thousand."""
    names = table.columns.keys()
    taken = list(rows) if connection.dialect.positional else [dict(zip(names, row, strict=True)) for row in rows]
    if taken:
        connection.exec_driver_sql(str(insert(table).compile(dialect=connection.dialect)), taken)


def issue_address(connection: Connection, address: str, subject: str) -> None:
    """Record for good that an address was issued to a subject."""
    folded = fold_address(address)
    known = connection.execute(select(addresses.c.owner).where(addresses.c.address == folded)).scalar_one_or_none()
    if known is None:
        connection.execute(insert(addresses).values(address=folded, owner=subject))
    elif known.startswith("account:"):
        connection.execute(update(addresses).where(addresses.c.address == folded).values(owner=subject))


def fulfil(connection: Connection, request_ids: Iterable[str], plan_id: str, action_id: str, on: date) -> None:
    """Record that requests were carried out by an action, on the day that counted as today."""
    known = frozenset(connection.execute(select(fulfilled.c.request_id)).scalars())
    rows = [
        {"request_id": request_id, "plan_id": plan_id, "action_id": action_id, "day": on.isoformat()}
        for request_id in request_ids
        if request_id not in known
    ]
    if rows:
        connection.execute(insert(fulfilled), rows)


# ── the accepted roster ──────────────────────────────────────────────────────


def _baseline(connection: Connection) -> Baseline | None:
    packed = connection.execute(
        select(baselines.c.record).order_by(baselines.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    if packed is None:
        return None
    record = json.loads(zlib.decompress(packed))
    return Baseline(record["digest"], frozenset(record["units"]), record["people"])


def accept_baseline(connection: Connection, baseline: Baseline, at: datetime) -> None:
    """Keep a roster as the one the next is compared with; older ones are forgotten (Luật 91/2025/QH15, Điều 14)."""
    record = {"digest": baseline.digest, "units": sorted(baseline.units), "people": dict(baseline.people)}
    packed = zlib.compress(json.dumps(record, ensure_ascii=False).encode(), level=3)
    connection.execute(delete(baselines))
    connection.execute(insert(baselines).values(digest=baseline.digest, at=at.isoformat(), record=packed))


def accept_roster(connection: Connection, digest: str, by: str, reason: str, at: datetime) -> None:
    """Record that a person lets a doubtful roster pass once."""
    connection.execute(insert(acceptances).values(digest=digest, by=by, reason=reason, at=at.isoformat(), used_at=""))


def use_acceptance(connection: Connection, digest: str, at: datetime) -> None:
    """Record that the acceptance of a roster has been used."""
    connection.execute(
        update(acceptances)
        .where(acceptances.c.digest == digest, acceptances.c.used_at == "")
        .values(used_at=at.isoformat())
    )
