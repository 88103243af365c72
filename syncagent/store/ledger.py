"""The ledger in the state: accounts handled, addresses ever issued, holds, requests, what may pass once."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from syncagent.core import stamp as stamps
from syncagent.core.action import ActionKind
from syncagent.core.addresses import fold_address
from syncagent.core.ledger import Fulfilled, Hold, Known, Ledger
from syncagent.core.mailbox import kept_after
from syncagent.core.rights import after_action
from syncagent.core.snapshot import Right
from syncagent.core.stamp import State
from syncagent.store import marks
from syncagent.store.tables import acceptances, accounts, addresses, fulfilled, holds, kept, rights

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from syncagent.core.action import Action
    from syncagent.core.mailbox import Kept
    from syncagent.core.stamp import Stamp


_AT_ONCE = 500  # values in one question


def load(connection: Connection) -> Ledger:
    """Return everything that is remembered but the roster of the last plan, which is signed (`store/baseline.py`)."""
    known: dict[tuple[str, str], Known] = {}
    for target, guid, text in connection.execute(select(accounts.c.target, accounts.c.guid, accounts.c.stamp)):
        if stamp := stamps.parse(text):
            known[target, guid] = Known(target, guid, stamp)
    return Ledger(
        accounts=known,
        rights=_rights(connection),
        kept=_kept(connection),
        issued={row.address: row.owner for row in connection.execute(select(addresses))},
        holds=standing_holds(connection),
        fulfilled={
            row.request_id: Fulfilled(date.fromisoformat(row.day), _kind(row.did))
            for row in connection.execute(select(fulfilled.c.request_id, fulfilled.c.day, fulfilled.c.did))
        },
        accepted=frozenset(
            connection.execute(select(acceptances.c.digest).where(acceptances.c.used_at == "")).scalars()
        ),
        marks=marks.known(connection),
    )


def _kind(text: str) -> ActionKind | None:
    return next((kind for kind in ActionKind if kind == text), None)


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


def remember_accounts(connection: Connection, stamps_now: Mapping[tuple[str, str], Stamp]) -> None:
    """Record what was last done to accounts, by target and guid."""
    if not stamps_now:
        return
    theirs = (accounts.c.target == bindparam("in_target"), accounts.c.guid == bindparam("of_guid"))
    known = [{"in_target": target, "of_guid": guid} for target, guid in stamps_now]
    connection.execute(delete(accounts).where(*theirs), known)
    rows = [(target, guid, stamp.subject, str(stamp)) for (target, guid), stamp in stamps_now.items()]
    _insert(connection, accounts, rows)


def _rights(connection: Connection) -> dict[tuple[str, str], tuple[Right, ...]]:
    found: dict[tuple[str, str], list[Right]] = defaultdict(list)
    for row in connection.execute(select(rights)):
        found[row.target, row.guid].append(Right(row.entry, row.dn, row.attribute))
    return {account: tuple(sorted(theirs)) for account, theirs in found.items()}


def remember_rights(connection: Connection, done: Iterable[tuple[str, Action]]) -> None:
    """Record which rights actions took from accounts, by guid and action in order, to be given back with them."""
    known = _rights(connection)
    for guid, action in done:
        place = action.target, guid
        after = after_action(known.get(place, ()), action)
        if after == known.get(place, ()):
            continue
        known[place] = after
        connection.execute(delete(rights).where(rights.c.target == action.target, rights.c.guid == guid))
        _insert(connection, rights, [(*place, one.entry, one.attribute, one.dn) for one in after])


def _kept(connection: Connection) -> dict[tuple[str, str], Kept]:
    return {
        (row.target, row.guid): {name: tuple(values) for name, values in json.loads(row.properties).items()}
        for row in connection.execute(select(kept))
    }


def remember_kept(connection: Connection, done: Iterable[tuple[str, Action]]) -> None:
    """Record what mailboxes held before they were closed, by guid and action in order, to be given back with them."""
    known = _kept(connection)
    for guid, action in done:
        place = action.target, guid
        after = kept_after(known.get(place, {}), action)
        if after == known.get(place, {}):
            continue
        known[place] = after
        connection.execute(delete(kept).where(kept.c.target == action.target, kept.c.guid == guid))
        _insert(connection, kept, [(*place, json.dumps(after, ensure_ascii=False, sort_keys=True))] if after else [])


def account_deleted(connection: Connection, target: str, guid: str, on: date) -> None:
    """Record that an account is gone by our doing; what it was stays known, so that it is not missed."""
    text = connection.execute(
        select(accounts.c.stamp).where(accounts.c.target == target, accounts.c.guid == guid)
    ).scalar_one_or_none()
    known = stamps.parse(text) if text else None
    if known:
        gone = replace(known, state=State.DELETED, since=on, aliases=())
        remember_accounts(connection, {(target, guid): gone})


def learn_accounts(connection: Connection, found: Iterable[tuple[str, str, str, str]]) -> None:
    """Record accounts that are marked as ours but were not known yet: target, identity, subject, stamp as read."""
    _insert(connection, accounts, list(found))


def learn_addresses(connection: Connection, found: Mapping[str, str]) -> None:
    """Record addresses, in folded form, that were not known yet, with their owners."""
    _insert(connection, addresses, sorted(found.items()))


def learn_old_addresses(connection: Connection, found: Mapping[str, str]) -> None:
    """Record addresses of old systems, in folded form, with their owners as they are known now.

    What was known of such an address before is replaced, unless the agent itself issued it since.
    """
    known = {row.address: row.owner for row in connection.execute(select(addresses))}
    fresh = {address: owner for address, owner in found.items() if address not in known}
    _insert(connection, addresses, sorted(fresh.items()))
    for address, owner in sorted(found.items()):
        if known.get(address, owner) != owner:
            connection.execute(update(addresses).where(addresses.c.address == address).values(owner=owner))


def _insert(connection: Connection, table: Table, rows: Sequence[tuple[str, ...]]) -> None:
    """Insert rows in the order of the table's columns, as the driver takes them: a first plan learns sixty thousand."""
    names = table.columns.keys()
    taken = list(rows) if connection.dialect.positional else [dict(zip(names, row, strict=True)) for row in rows]
    if taken:
        connection.exec_driver_sql(str(insert(table).compile(dialect=connection.dialect)), taken)


def issue_addresses(connection: Connection, issued: Iterable[tuple[str, str]]) -> None:
    """Record for good which address was issued to which subject, in order; an owner stays who it was."""
    folded: dict[str, str] = {}
    for address, subject in issued:
        folded.setdefault(fold_address(address), subject)
    known: dict[str, str] = {}
    asked = list(folded)
    for start in range(0, len(asked), _AT_ONCE):
        some = addresses.c.address.in_(asked[start : start + _AT_ONCE])
        known |= {row.address: row.owner for row in connection.execute(select(addresses).where(some))}
    _insert(connection, addresses, [(address, subject) for address, subject in folded.items() if address not in known])
    for address, owner in known.items():
        if owner.startswith("account:"):
            connection.execute(update(addresses).where(addresses.c.address == address).values(owner=folded[address]))


def owners(connection: Connection, asked: Collection[str]) -> frozenset[str]:
    """Given addresses in folded form, return to which subjects they were ever issued."""
    found = connection.execute(select(addresses.c.owner).where(addresses.c.address.in_(asked))).scalars()
    return frozenset(found)


def fulfil(connection: Connection, plan_id: str, action: Action, on: date) -> None:
    """Record that an action has settled the requests it names, on the day that counted as today."""
    asked = action.fulfils
    known = frozenset(connection.execute(select(fulfilled.c.request_id)).scalars()) if asked else frozenset[str]()
    rows = [
        {
            "request_id": request_id,
            "plan_id": plan_id,
            "action_id": action.id,
            "day": on.isoformat(),
            "did": str(action.kind),
        }
        for request_id in asked
        if request_id not in known
    ]
    if rows:
        connection.execute(insert(fulfilled), rows)


# ── what may pass once ───────────────────────────────────────────────────────


def accept(connection: Connection, digest: str, by: str, reason: str, at: datetime) -> None:
    """Record that a person lets a doubtful roster, or a server that was put back, pass once."""
    connection.execute(insert(acceptances).values(digest=digest, by=by, reason=reason, at=at.isoformat(), used_at=""))


def use_acceptance(connection: Connection, digest: str, at: datetime) -> bool:
    """Record that an acceptance has been used; return whether there was one."""
    done = connection.execute(
        update(acceptances)
        .where(acceptances.c.digest == digest, acceptances.c.used_at == "")
        .values(used_at=at.isoformat())
    )
    return done.rowcount > 0
