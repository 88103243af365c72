"""A plan on one sheet of A4 for a signature: counts, brakes, the mailboxes it deletes by name, the digest, who signs.

Whoever signs sees what the whole is; what each action does stands in the report of the same digest. Deletions that
do not fit are named on the pages behind.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from syncagent.core.action import ActionKind, Review
from syncagent.report import words
from syncagent.report.inputs import unit_names
from syncagent.report.markup import environment
from syncagent.report.outline import by_agency, by_unit, counts_of, to_decide
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.plan import Envelope, Plan
    from syncagent.text import Language

UNITS: Final = 8
"""How many agencies are listed; the others share a line."""
NAMED: Final = 6
"""How many deletions are named on the first page; more are named behind it."""
BRAKES: Final = 3
"""How many brakes are told in full; the others are counted, and stand in the report."""

_SAYS: Final[Mapping[str, Text]] = {
    "title": Text("Tóm tắt kế hoạch hộp thư công vụ", "Summary of a mail account plan"),
    "purpose": Text(
        "Để ký duyệt. Nội dung từng thao tác ở báo cáo có cùng mã kiểm tra.",
        "For signature. What each action does stands in the report of the same digest.",
    ),
    "by-kind": Text("Theo loại thao tác", "By kind of action"),
    "by-agency": Text("Theo cơ quan", "By agency"),
    "deletions": Text("Hộp thư bị xóa hẳn cùng dữ liệu", "Mailboxes destroyed with their data"),
    "no-deletion": Text("Kế hoạch này không xóa hộp thư nào.", "This plan deletes no mailbox."),
    "behind": Text("Còn {n} hộp thư nữa, nêu tên ở trang sau.", "{n} more are named on the next page."),
    "annex": Text("Danh sách đủ các hộp thư bị xóa", "All mailboxes that are deleted"),
    "brakes-more": Text("Còn {n} phanh nữa, nêu trong báo cáo.", "{n} more brakes stand in the report."),
    "held": Text("Phanh đang giữ kế hoạch:", "Brakes hold the plan:"),
    "others": Text("{n} cơ quan khác", "{n} other agencies"),
    "signed-for": Text(
        "Người ký đồng ý với kế hoạch có mã kiểm tra nêu trên.", "Signed for the plan of the digest above."
    ),
    "not-approval": Text(
        "Chữ ký trên giấy không thay lệnh duyệt trong phần mềm.",
        "A signature on paper does not replace the approval in the program.",
    ),
    "document": Text("Văn bản", "Document"),
}


def render(plan: Plan, envelope: Envelope, language: Language) -> str:
    """Given a plan and its envelope, return one HTML page without script that prints on a sheet of A4."""

    def says(name: str, count: int | None = None) -> str:
        said = _SAYS[name].within(language)
        return said if count is None else said.replace("{n}", words.number(count, language))

    def text(label: Text) -> str:
        return label.within(language)

    deleted = sorted(
        (action for action in plan.actions if action.kind is ActionKind.DELETE),
        key=lambda action: (action.unit, action.address, action.id),
    )
    agencies = sorted(by_agency(by_unit(plan.actions, unit_names(plan))), key=lambda one: -len(one.actions))
    return environment("syncagent.report").get_template("summary.html.jinja").render(
        lang=language,
        plan=plan,
        envelope=envelope,
        says=says,
        text=text,
        say=partial(words.say, language=language),
        day=partial(words.day, language=language),
        moment=partial(words.moment, language=language),
        number=partial(words.number, language=language),
        kinds=words.KINDS,
        rehearsal=words.rehearsal(plan.as_of, envelope.created_at, language),
        counts=counts_of(plan.actions),
        destructive=sum(action.destructive for action in plan.actions),
        to_decide=to_decide(plan),
        agencies=agencies[:UNITS],
        others=agencies[UNITS:],
        others_total=sum(len(one.actions) for one in agencies[UNITS:]),
        deleted=deleted,
        named=deleted[:NAMED],
        brakes=plan.brakes.tripped[:BRAKES],
        brakes_more=len(plan.brakes.tripped[BRAKES:]),
        two=bool(plan.brakes.second) or any(action.review is Review.TWO for action in plan.actions),
        documents_of=lambda action: "; ".join(action.documents),
    )  # fmt: skip
