"""Whether somebody wants the agent to stop: asked before each batch, and before actions go out to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.errors import Refused
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
