"""What runs have seen over time: how long accounts stay closed, how fast time passes, how much was done lately.

Elapsed time alone is not believed before a deletion (F11), nor one plan alone before a brake (F7).
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from syncagent.core.action import ActionKind
from syncagent.core.clocks import Beat
from syncagent.store.tables import audit, meta, sightings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Connection

    from syncagent.core.stamp import Stamp

_BEAT = "beat"


def seen(connection: Connection) -> dict[tuple[str, str], int]:
    """Return by target and guid how many runs saw each closed account as it is."""
    return {(row.target, row.guid): row.runs for row in connection.execute(select(sightings))}


def note(connection: Connection, closed: Mapping[tuple[str, str], Stamp], now: datetime, every: timedelta) -> None:
    """Record that a run saw these accounts closed.

    A run that follows another within half the usual pace is no other run; an account that changed its state, or was
    closed anew, begins again; one that is not closed any more is forgotten.
    """
    known = {(row.target, row.guid): row for row in connection.execute(select(sightings))}
    rows: list[dict[str, str | int]] = []
    for (target, guid), stamp in sorted(closed.items()):
        row: dict[str, str | int] = {"target": target, "guid": guid, "state": str(stamp.state)}
        row |= {"since": stamp.since.isoformat(), "runs": 1, "seen_at": now.isoformat()}
        before = known.get((target, guid))
        if before and (before.state, before.since) == (row["state"], row["since"]):
            if now - datetime.fromisoformat(before.seen_at) >= every / 2:
                row["runs"] = before.runs + 1
            else:
                row |= {"runs": before.runs, "seen_at": before.seen_at}
        rows.append(row)
    connection.execute(delete(sightings))
    if rows:
        connection.execute(insert(sightings), rows)


def beat(connection: Connection) -> Beat:
    """Return what is remembered of time."""
    found = connection.execute(select(meta.c.value).where(meta.c.name == _BEAT)).scalar_one_or_none()
    if found is None:
        return Beat()
    last, normal = json.loads(found)
    return Beat(datetime.fromisoformat(last), normal)


def keep_beat(connection: Connection, now: Beat) -> None:
    """Remember it for the next run."""
    connection.execute(delete(meta).where(meta.c.name == _BEAT))
    if now.last:
        value = json.dumps([now.last.isoformat(), now.normal])
        connection.execute(insert(meta).values(name=_BEAT, value=value))


def last_record(connection: Connection) -> datetime | None:
    """Return the moment of the last record of the audit log (UTC), None if there is none."""
    found = connection.execute(select(audit.c.at).order_by(audit.c.seq.desc()).limit(1)).scalar_one_or_none()
    return datetime.fromisoformat(found) if found else None


def done_within(
    connection: Connection,
    spans: Iterable[int],
    now: datetime,
    today: date | None,
    aside: Collection[str] = (),
) -> dict[ActionKind, dict[int, int]]:
    """Return, by kind and span of days until now, how many actions were carried out, as the audit log has them.

    Args:
        connection: of the state.
        spans: days; one day is the last 24 hours.
        now: the moment until which is counted (UTC).
        today: the day a rehearsal takes for today; then days count, as the plans had them, and not moments.
        aside: targets whose actions are not counted.
    """
    lengths = sorted(spans)
    counted: dict[ActionKind, dict[int, int]] = defaultdict(lambda: dict.fromkeys(lengths, 0))
    asked = select(audit.c.at, audit.c.body).where(audit.c.kind == "done")
    if today is None:
        longest = timedelta(days=lengths[-1], seconds=1)  # one second more: texts with and without fractions
        asked = asked.where(audit.c.at >= (now - longest).isoformat())
    for at, body in connection.execute(asked):
        facts = json.loads(body)
        if facts["target"] in aside:
            continue
        ago = today - date.fromisoformat(facts["day"]) if today else now - datetime.fromisoformat(at)
        for days in lengths:
            if ago < timedelta(days=days):
                counted[ActionKind(facts["counts_as"])][days] += 1
    return {kind: dict(found) for kind, found in counted.items()}
