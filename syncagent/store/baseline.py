"""The roster that the last plan was made from, under the agent's signature: the next roster is compared with it.

The signature names the last plan that the audit log knows, so that an older roster put back is noticed as well; a copy
of an older record is no newer plan.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from syncagent.core.ledger import NOT_OURS, Baseline
from syncagent.store import audit
from syncagent.store.store import lineage_of
from syncagent.store.tables import baselines

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from syncagent.trust.signing import PublicKey, SigningKey

_KIND = "application/vnd.syncagent.baseline.v1+json"


def load(connection: Connection, key: PublicKey) -> Baseline | None:
    """Given the agent's own key, return the roster of the last plan; None before the first.

    It is `NOT_OURS` where what is kept is not what the agent signed with that plan, or nothing is.
    """
    found = connection.execute(select(baselines.c.record, baselines.c.signature)).first()
    last = _last_plan(connection)
    if found is None:
        return NOT_OURS if last else None
    if not key.holds(_KIND, _statement(connection, last, found.record), found.signature):
        return NOT_OURS
    record = json.loads(zlib.decompress(found.record))
    return Baseline(record["digest"], frozenset(record["units"]), record["people"])


def keep(connection: Connection, baseline: Baseline, signer: SigningKey, at: datetime) -> None:
    """Keep the roster of the plan recorded last; older ones are forgotten (Luật 91/2025/QH15, Điều 14)."""
    parts = {"digest": baseline.digest, "units": sorted(baseline.units), "people": dict(baseline.people)}
    record = zlib.compress(json.dumps(parts, ensure_ascii=False).encode(), level=3)
    signature = signer.signature(_KIND, _statement(connection, _last_plan(connection), record))
    row = {"digest": baseline.digest, "at": at.isoformat(), "record": record, "signature": signature}
    connection.execute(delete(baselines))
    connection.execute(insert(baselines).values(row))


def _last_plan(connection: Connection) -> int:
    """Return the serial of the newest plan on record, 0 if there is none."""
    plans = audit.records(connection, kinds=("plan",))
    return max((int(json.loads(record.body)["serial"]) for record in plans), default=0)


def _statement(connection: Connection, serial: int, record: bytes) -> bytes:
    """Return what the agent signs of a roster: in which state, as of which plan, and what it holds."""
    whole = {
        "lineage": lineage_of(connection),
        "serial": serial,
        "record": hashlib.sha256(record).hexdigest(),
    }
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
