"""A restored backup is declared: it would otherwise look like a log that somebody shortened."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from syncagent.errors import Unavailable
from syncagent.runs.audit import contradiction, keep, look, read_only, sign
from syncagent.runs.signer import decider, set_down
from syncagent.runs.typed import plain
from syncagent.store import audit, checkpoints
from syncagent.trust.chain import follow
from syncagent.trust.checkpoint import RESTORE, abandoned

if TYPE_CHECKING:
    from syncagent.runs.agent import Agent
    from syncagent.trust.checkpoint import Checkpoint
    from syncagent.trust.signing import SigningKey


def accept_restore(agent: Agent, by: str, reason: str, key: SigningKey | None = None) -> Checkpoint | None:
    """Record that an older state was put back on purpose: what contradicts it is given up, by name and for good.

    Once the restored state knows an approver, one of them signs this. Return the checkpoint that was made; None if
    nothing contradicts the state, and then nothing is recorded.

    Raises:
        Refused: nobody is named, the signature of a registered approver is missing, or the state was tampered with,
            which no declaration mends.
    """
    why = plain(reason)
    found = look(agent)
    if not found.doubts:
        return None
    if not all(one.declarable for one in found.doubts):
        raise read_only(found.doubts)
    seen: list[tuple[str, str]] = []
    for copy in agent.copies:
        with suppress(Unavailable):
            seen += [(copy.name, envelope) for envelope in copy.every()]
    with agent.store.writing() as connection:
        head = follow(audit.records(connection))
        kept = [("state", envelope) for envelope in checkpoints.every(connection)]
        given_up = [
            (name, envelope) for name, envelope in (*kept, *seen) if contradiction(agent, connection, envelope, head)
        ]
        facts = {
            "by": decider(agent, connection, by, key),
            "reason": why,
            "size": head.size,
            "key_id": agent.signer.public.id,
            "places": sorted({name for name, _ in given_up}),
            "abandoned": sorted({abandoned(envelope) for _, envelope in given_up}),
        }
        set_down(agent, connection, RESTORE, facts, key)
        made, envelope = sign(agent, connection, audit.head(connection))
    keep(agent, envelope)
    return made
