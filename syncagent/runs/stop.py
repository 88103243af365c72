"""Whether somebody wants the agent to stop, asked before each batch and before actions go out; how they say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.errors import Refused
from syncagent.runs.typed import named, plain
from syncagent.store import audit
from syncagent.store import lease as leases
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.runs.agent import Agent


def wanted(agent: Agent) -> Text | None:
    """Return why the agent is to stop, None if it may go on.

    Raises:
        Unavailable: the state does not answer, so nobody knows.
    """
    if agent.interrupted():
        return Text("có lệnh ngắt (SIGTERM hoặc Ctrl-C)", "it was interrupted (SIGTERM or Ctrl-C)")
    if agent.switch and agent.switch.exists():
        return Text(f"có công tắc dừng, tệp {agent.switch}", f"the stop switch is on, the file {agent.switch}")
    with agent.store.reading() as connection:
        reason = leases.stopped(connection)
    return (
        Text(f"có công tắc dừng trong trạng thái: {reason}", f"the stop switch is on in the state: {reason}")
        if reason
        else None
    )


def press(agent: Agent, by: str, reason: str) -> bool:
    """Put the stop switch on, for every host of this state; False if it was on already.

    It needs no key and no sound audit log: like a no, it can only prevent. Taking it off takes whoever has the state.

    Raises:
        Refused: nobody is named, or an identification number stands in the reason.
    """
    who, why = named(by), plain(reason)
    at = agent.clock()
    with agent.store.writing() as connection:
        pressed = leases.stop(connection, f"{who}, {at.astimezone(agent.zone):%d/%m/%Y %H:%M}: {why}")
        if pressed:
            audit.append(connection, "stop", {"by": who, "reason": why}, at)
    return pressed


def refuse_stopped(agent: Agent) -> None:
    """Refuse to begin while the switch is on.

    Raises:
        Refused: it is.
    """
    if reason := wanted(agent):
        raise Refused(
            Text(
                f"Không thực hiện: {reason.vi}. Gỡ công tắc rồi chạy lại.",
                f"Not applied: {reason.en}. Take the switch off, then run again.",
            )
        )


def refuse_full(agent: Agent) -> None:
    """Refuse to begin where the journal might run out of space half way.

    Raises:
        Refused: less is free than the configuration wants.
    """
    free = agent.store.free()
    if free is not None and free < agent.reserve:
        raise Refused(
            Text(
                f"Chỉ còn {free >> 20} MB trống cạnh {agent.store.name}, cần ít nhất {agent.reserve >> 20} MB; chưa "
                "ghi gì. Hãy giải phóng ổ đĩa, hoặc đổi free_space trong cấu hình.",
                f"Only {free >> 20} MB are free beside {agent.store.name}, at least {agent.reserve >> 20} MB are "
                "needed; nothing was written. Free the disk, or change free_space in the configuration.",
            )
        )
