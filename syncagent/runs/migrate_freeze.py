"""Freeze a wave of a merger, so that nothing of it is planned or carried out, and let it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.errors import Refused
from syncagent.runs.audit import assured, checkpoint
from syncagent.runs.believed import frozen_waves
from syncagent.runs.migrate import the_wave
from syncagent.runs.signer import decider, set_down
from syncagent.runs.typed import plain
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.runs.agent import Agent
    from syncagent.trust.signing import SigningKey


def freeze(agent: Agent, wave: int, by: str, reason: str, key: SigningKey | None = None) -> None:
    """Let a wave stand still from now on: a plan of it that was approved already is not carried out either.

    Raises:
        Misconfigured: there is no such wave.
        Refused: the audit log is contradicted, or what was typed cannot stand there.
    """
    assured(agent)
    merger = the_wave(agent, wave).crosswalk.name
    with agent.store.writing() as connection:
        who = decider(agent, connection, by, key)
        set_down(
            agent, connection, "wave-freeze", {"merger": merger, "wave": wave, "reason": plain(reason), "by": who}, key
        )
    checkpoint(agent)


def resume(agent: Agent, wave: int, by: str, key: SigningKey | None = None) -> None:
    """Let a frozen wave go on; signed, once anybody has a key.

    Raises:
        Misconfigured: there is no such wave.
        Refused: it is not frozen, the signature of a registered approver is missing, or the audit log is contradicted.
    """
    assured(agent)
    merger = the_wave(agent, wave).crosswalk.name
    with agent.store.writing() as connection:
        who = decider(agent, connection, by, key)
        if (merger, wave) not in frozen_waves(connection, agent.signer.public):
            raise Refused(Text(f"Đợt {wave} không bị dừng.", f"Wave {wave} is not frozen."))
        set_down(agent, connection, "wave-resume", {"merger": merger, "wave": wave, "by": who}, key)
    checkpoint(agent)
