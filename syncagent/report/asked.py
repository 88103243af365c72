"""What agencies ask for, and how far a request has come, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.core import spoken
from syncagent.core.request import Stage
from syncagent.report.boxes import name_of
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.answer import Progress
    from syncagent.core.survey import View

ASKED: Final = spoken.ASKED

STAGES: Final[Mapping[Stage, Text]] = {
    Stage.COMING: Text("chưa đến ngày nhận", "not received yet"),
    Stage.NOBODY: Text("không rõ đối tượng", "subject unknown"),
    Stage.NOT_KNOWN: Text("quy chế không quy định", "not known to the text"),
    Stage.REJECTED: Text("bị từ chối", "rejected"),
    Stage.NUMBER_USED: Text("trùng số với yêu cầu đã làm", "number used before"),
    Stage.WAITING: Text("đang chờ", "waiting"),
    Stage.PLANNED: Text("có trong kế hoạch", "planned"),
    Stage.IN_EFFECT: Text("đang có hiệu lực", "in effect"),
    Stage.LAPSED: Text("hết hiệu lực", "no longer in effect"),
    Stage.NOTHING_LEFT: Text("không còn việc phải làm", "nothing left to do"),
    Stage.NOT_AS_ASKED: Text("không thực hiện: hộp thư đang khóa hoặc đã đóng", "not done: locked or closed"),
    Stage.OVERTAKEN: Text("không thực hiện: việc khác đã thay thế", "not done: something else overtook it"),
    Stage.DONE: Text("đã làm", "done"),
}


def called(view: View, one: Progress) -> str:
    """Return the name of whom a request concerns, as the roster has it; empty if it has none."""
    if case := view.cases.get(one.subject):
        return name_of(case)
    coming = view.roster.coming.get(one.subject)
    return coming.full_name if coming else ""
