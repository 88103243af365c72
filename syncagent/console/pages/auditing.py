"""The audit log: searched, checked, taken away as a file that is checked anywhere. And how far a merger is."""

from __future__ import annotations

import json
import tempfile
from collections import deque
from datetime import date
from typing import IO, TYPE_CHECKING

from syncagent.console.asked import file
from syncagent.console.frame import page
from syncagent.console.words import SAYS
from syncagent.errors import Refused
from syncagent.report import merger_tables
from syncagent.runs.auditor import export, log, verify
from syncagent.runs.migrate import merging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.console.asked import Answer, Ask
    from syncagent.console.desk import Desk

_MOST = 1000
_PAGE = 100
_IN_MEMORY = 8 << 20
_CHUNK = 1 << 16


def show(desk: Desk, ask: Ask) -> Answer:
    """Show the newest records that match, newest first.

    Raises:
        Refused: the day is none.
    """
    since, kind, subject = ask.query.one("since"), ask.query.one("kind"), ask.query.one("subject")
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError as error:
        raise Refused(SAYS["no-day"]) from error
    entries = list(reversed(deque(log(desk.agent(), day, kind, subject), maxlen=_MOST)))
    last = max(1, -(-len(entries) // _PAGE))
    number = min(ask.query.page(), last)
    return page(
        desk,
        ask,
        "audit",
        entries=entries[(number - 1) * _PAGE : number * _PAGE],
        number_=number,
        last=last,
        since=since,
        kind=kind,
        subject=subject,
        body=lambda entry: json.dumps(entry.facts, ensure_ascii=False, indent=1),
    )


def check(desk: Desk, ask: Ask) -> Answer:
    """Check every link and every checkpoint, and say what was found.

    Raises:
        Refused: a record is missing, was inserted, swapped or altered.
    """
    agent = desk.agent()
    found = verify(agent)
    return page(
        desk, ask, "verified", found=found, notices=[line for one in agent.notices for line in one.lines(ask.language)]
    )


def take(desk: Desk, _: Ask) -> Answer:
    """Return the whole log as a file; it is written down first, so that a slow reader holds up no writer."""
    kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it was sent
    for line in export(desk.agent()):
        kept.write(f"{line}\n".encode())
    kept.seek(0)
    return file(_sent(kept), "application/x-ndjson", "syncagent-audit.jsonl")


def _sent(kept: IO[bytes]) -> Iterator[bytes]:
    with kept:
        while part := kept.read(_CHUNK):
            yield part


def migration(desk: Desk, ask: Ask) -> Answer:
    """Show how far the merger of provinces is, as read just now.

    Raises:
        Misconfigured: none is configured.
        SyncError: something cannot be read or believed.
    """
    with desk.reading:
        found = merging(desk.agent())
    tables = (
        *merger_tables.sums(found.fates, found.merger, found.view.roster.units, found.gone()),
        merger_tables.still_open(found.vanished, found.missing, found.fates),
    )
    return page(desk, ask, "migration", tables=tables)
