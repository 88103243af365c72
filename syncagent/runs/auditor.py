"""What stands in the audit log, whether all of it holds, and whether it explains the directories."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.deed import deed_of
from syncagent.core.outcome import Result
from syncagent.core.unexplained import Learned, unexplained
from syncagent.errors import Misconfigured, Unavailable
from syncagent.runs.plan import LEARN
from syncagent.store import audit, checkpoints
from syncagent.store.store import lineage_of
from syncagent.text import Text
from syncagent.trust.chain import follow
from syncagent.trust.export import Verified, examined, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from syncagent.core.unexplained import Unexplained
    from syncagent.runs.agent import Agent


class Entry(NamedTuple):
    """A record with its moment and its facts understood."""

    seq: int
    at: datetime
    kind: str
    facts: dict[str, object]
    hash: str


_WRITTEN = (Result.DONE, Result.FAILED, Result.CONFLICT)
"""How an action ended that wrote something: all of it, or what it had written before it was stopped."""
_NAMES = ("subject", "address", "guid", "dn", "plan_id", "request_id", "by", "unit")


def log(agent: Agent, since: date | None = None, kind: str = "", subject: str = "") -> Iterator[Entry]:
    """Yield the records, oldest first: since a day in the configured zone, of a kind, about a person or thing."""
    wanted = agent.known_as(subject).casefold()
    with agent.store.reading() as connection:
        for record in audit.records(connection, kinds=[kind] if kind else ()):
            at = datetime.fromisoformat(record.at)
            facts = json.loads(record.body)
            names = {str(facts.get(name, "")).casefold() for name in _NAMES}
            if (since is None or at.astimezone(agent.zone).date() >= since) and (not wanted or wanted in names):
                yield Entry(record.seq, at, record.kind, facts, record.hash)


def export(agent: Agent) -> Iterator[str]:
    """Yield the lines of the audit log as a file that is checked anywhere."""
    at = agent.clock().isoformat()
    with agent.store.reading() as connection:
        keys = agent.public_keys().values()
        yield from written(lineage_of(connection), at, keys, checkpoints.every(connection), audit.records(connection))


def verify(agent: Agent) -> Verified:
    """Check every link, every checkpoint, and every line of every copy that can be read.

    Raises:
        Refused: a record is missing, was inserted, swapped or altered.
    """
    foreign: list[str] = []
    for copy in agent.copies:
        try:
            foreign += copy.every()
        except Unavailable as error:
            agent.notices.append(error)
    with agent.store.reading() as connection:
        every = dict.fromkeys((*checkpoints.every(connection), *foreign))
        return examined(lineage_of(connection), every, agent.public_keys(), audit.records(connection))


# ── against a directory ──────────────────────────────────────────────────────


class Against(NamedTuple):
    """A target compared with the audit log: how many accounts it has, how many deeds are recorded, what is open."""

    accounts: int
    deeds: int
    open: tuple[Unexplained, ...]


def against(agent: Agent, name: str) -> Against:
    """Given the name of a target, return what stands there that no record explains.

    Raises:
        Misconfigured: there is no such target.
        Refused: a record is missing, was inserted, swapped or altered.
        Doubtful: the target cannot be read completely.
        TargetError: it does not answer.
    """
    if name not in agent.targets:
        listed = ", ".join(sorted(agent.targets))
        raise Misconfigured(
            Text(f"Không có đích “{name}”; hiện có: {listed}.", f"There is no target “{name}”; there are: {listed}.")
        )
    with agent.store.reading() as connection:
        follow(audit.records(connection))
        done = [
            deed_of(record.seq, facts)
            for record in audit.records(connection, kinds=[str(result) for result in _WRITTEN])
            if "changes" in (facts := json.loads(record.body)) or record.kind == Result.DONE
        ]
        seen = [
            (record, facts)
            for record in audit.records(connection, kinds=[LEARN])
            if (facts := json.loads(record.body))["target"] == name
        ]
    learned = [
        Learned(record.seq, guid, subject, stamp, facts["first"])
        for record, facts in seen
        for guid, subject, stamp in facts["accounts"]
    ]
    since = datetime.fromisoformat(seen[0][0].at) if seen else None
    shot = agent.targets[name].read()
    deeds = [deed for deed in done if deed.target == name]
    directory = agent.policy.targets[name].directory
    return Against(len(shot.accounts), len(deeds), tuple(unexplained(deeds, learned, shot, directory, since)))
