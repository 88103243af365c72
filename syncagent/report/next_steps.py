"""What a person does with a plan next, as sentences and commands that can be copied."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import Review
from syncagent.report.outline import to_decide
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.core.plan import Envelope, Plan
    from syncagent.text import Language

_NAME = Text("TÊN", "NAME")
_ORDER = Text("SỐ_VĂN_BẢN", "NUMBER")
_KEY = Text("TỆP_KHÓA", "KEY_FILE")
_REASON = Text("LÝ_DO", "WHY")
_PLAIN = re.compile(r"[\w@%+=:,./-]+")


class NextStep(NamedTuple):
    """A sentence and the command that carries it out; empty where there is none."""

    says: Text
    command: str = ""


def approval(plan: Plan, envelope: Envelope, language: Language, *only: str) -> str:
    """Return the command that approves a plan, or `only` some of its actions.

    It names the exact count of every tripped brake, and asks for an order's number and a key where one is needed.
    """
    chosen = [action for action in plan.actions if not only or action.id in only]
    words = ["syncagent", "approve", envelope.plan_id, "--by", _NAME.within(language)]
    for trip in plan.brakes.tripped:
        words += ["--accept-brake", f"{trip.name}={trip.count}"]
    for name in only:
        words += ["--only", name]
    if reviewed(plan) and any(action.needs_order for action in chosen):
        words += ["--order", _ORDER.within(language)]
    return _command([*words, *_signing(envelope, language)])


def _signing(envelope: Envelope, language: Language) -> list[str]:
    """Return how the decision is signed, where it must be."""
    return ["--key-file", _KEY.within(language)] if envelope.keyed else []


def reviewed(plan: Plan) -> bool:
    """Whether anything in the plan waits for a person's approval; a tripped brake always does."""
    return bool(plan.brakes.tripped) or any(action.review is not Review.NONE for action in plan.actions)


def next_steps(plan: Plan, envelope: Envelope, language: Language) -> Iterator[NextStep]:
    """Yield what to do next, in order: settle, reject or approve, apply; or nothing."""
    if waiting := to_decide(plan):
        yield NextStep(
            Text(
                f"{waiting} phát hiện chờ quyết định: xử lý từng việc (sửa danh sách, lấy văn bản …) rồi lập "
                "kế hoạch lại. Phát hiện không ngăn các thao tác khác.",
                f"{waiting} findings wait for a decision: settle each (correct the roster, obtain the "
                "document …), then plan again. They do not hold other actions back.",
            ),
            "syncagent plan",
        )
    if not plan.actions:
        yield NextStep(
            Text("Không có thao tác nào để duyệt hay thực hiện.", "There is no action to approve or to apply.")
        )
        return
    apply = _command(["syncagent", "apply", envelope.plan_id])
    if reviewed(plan):
        yield from _approvals(plan, envelope, language)
        says = Text("Thực hiện đúng những thao tác đã duyệt:", "Carry out exactly what was approved:")
        yield NextStep(says, apply)
    else:
        yield NextStep(Text("Không cần duyệt. Thực hiện:", "No approval is needed. Apply:"), apply)


def _approvals(plan: Plan, envelope: Envelope, language: Language) -> Iterator[NextStep]:
    name, why = _NAME.within(language), _REASON.within(language)
    yield NextStep(
        Text(
            "Nếu kế hoạch sai: sửa danh sách rồi lập lại, hoặc từ chối cả kế hoạch. Chỉ bỏ vài thao tác: "
            "thêm --except và mã thao tác vào lệnh duyệt.",
            "If the plan is wrong: correct the roster and plan again, or reject it. To leave single actions "
            "out, add --except and their ids to the approval.",
        ),
        _command(
            ["syncagent", "reject", envelope.plan_id, "--by", name, "--reason", why, *_signing(envelope, language)]
        ),
    )
    yield NextStep(
        Text("Nếu kế hoạch đúng: duyệt.", "If the plan is right: approve it."),
        approval(plan, envelope, language),
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
                approval(plan, envelope, language, action.id),
            )


def _command(words: list[str]) -> str:
    """Return a command as it is typed; only words that a shell would misread are quoted."""
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in words)
