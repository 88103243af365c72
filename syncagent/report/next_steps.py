"""What a person does with a plan next, as sentences and commands that can be copied."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import Review
from syncagent.report.outline import to_decide
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.core.action import Action
    from syncagent.core.plan import Envelope, Plan, Trip
    from syncagent.text import Language

_NAME = Text("TÊN", "NAME")
_ORDER = Text("SỐ_VĂN_BẢN", "NUMBER")
_REASON = Text("LÝ_DO", "WHY")


class NextStep(NamedTuple):
    """A sentence and the command that carries it out; empty where there is none."""

    says: Text
    command: str = ""


def brake_name(trip: Trip) -> str:
    """Return how `--accept-brake` names a tripped brake: `disable-count`, or `unit-share:snv` for one unit."""
    return f"{trip.brake}:{trip.unit}" if trip.unit else trip.brake


def approval(plan: Plan, envelope: Envelope, language: Language) -> str:
    """Return the command that approves a plan, with the exact counts of its tripped brakes."""
    words = ["syncagent", "approve", envelope.plan_id, "--by", _NAME.within(language)]
    for trip in plan.brakes.tripped:
        words += ["--accept-brake", f"{brake_name(trip)}={trip.count}"]
    return _command([*words, *_order(plan.actions, language)])


def approval_alone(action: Action, envelope: Envelope, language: Language) -> str:
    """Return the command that approves one action which needs an approval of its own."""
    words = ["syncagent", "approve", envelope.plan_id, "--by", _NAME.within(language), "--only", action.id]
    return _command([*words, *_order((action,), language)])


def next_steps(plan: Plan, envelope: Envelope, language: Language) -> Iterator[NextStep]:
    """Yield what to do next, in order: settle, approve, apply, or nothing."""
    waiting = to_decide(plan)
    if waiting:
        yield NextStep(
            Text(
                f"{waiting} phát hiện chờ quyết định: sửa danh sách hoặc lấy văn bản, rồi lập kế hoạch lại. Phát hiện "
                "không ngăn các thao tác khác.",
                f"{waiting} findings wait for a decision: correct the roster or obtain the document, then plan again. "
                "They do not hold other actions back.",
            ),
            "syncagent plan",
        )
    if not plan.actions:
        yield NextStep(
            Text("Không có thao tác nào để duyệt hay thực hiện.", "There is no action to approve or to apply.")
        )
        return
    if plan.brakes.tripped or any(action.review is not Review.NONE for action in plan.actions):
        yield from _approvals(plan, envelope, language)
    yield NextStep(
        Text(
            "Thực hiện đúng những thao tác đã duyệt, không gì khác:",
            "Carry out exactly what was approved, nothing else:",
        )
        if plan.brakes.tripped or any(action.review is not Review.NONE for action in plan.actions)
        else Text("Không cần duyệt. Thực hiện:", "No approval is needed. Apply:"),
        _command(["syncagent", "apply", envelope.plan_id]),
    )


def _approvals(plan: Plan, envelope: Envelope, language: Language) -> Iterator[NextStep]:
    yield NextStep(
        Text(
            "Kế hoạch sai: sửa danh sách rồi lập lại, hoặc từ chối cả kế hoạch. Bỏ riêng vài thao tác: thêm "
            "--except và mã thao tác vào lệnh duyệt.",
            "If the plan is wrong: correct the roster and plan again, or reject it. To leave single actions out, add "
            "--except and their ids to the approval.",
        ),
        _command(
            ["syncagent", "reject", envelope.plan_id]
            + ["--by", _NAME.within(language), "--reason", _REASON.within(language)]
        ),
    )
    yield NextStep(
        Text("Kế hoạch đúng: duyệt.", "If the plan is right: approve it."), approval(plan, envelope, language)
    )
    if twice := sum(action.review is Review.TWO for action in plan.actions):
        yield NextStep(
            Text(
                f"{twice} thao tác cần hai người khác nhau duyệt: mỗi người chạy lệnh duyệt một lần bằng tên của mình.",
                f"{twice} actions need two different approvers: each runs the approval once under their own name.",
            )
        )
    for action in plan.actions:
        if action.alone:
            yield NextStep(
                Text(
                    f"Thao tác {action.id} phải được duyệt riêng:",
                    f"Action {action.id} needs an approval of its own:",
                ),
                approval_alone(action, envelope, language),
            )


def _order(actions: tuple[Action, ...], language: Language) -> list[str]:
    """Return the option for the written order, where an action that is reviewed needs one."""
    needed = any(action.needs_order and action.review is not Review.NONE for action in actions)
    return ["--order", _ORDER.within(language)] if needed else []


def _command(words: list[str]) -> str:
    """Return a command as it is typed; only words that a shell would misread are quoted."""
    return " ".join(word if word in _placeholders() else shlex.quote(word) for word in words)


def _placeholders() -> set[str]:
    return {*_NAME, *_ORDER, *_REASON}
