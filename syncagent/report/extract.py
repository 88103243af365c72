"""What of a plan concerns one unit and those below it, to be sent there: tables that say they are an extract.

Nothing in an extract can be approved or carried out. It holds no value of a directory, no brake, no other unit's
people: whom else a finding concerns stands in the plan alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from syncagent.core.unit import unit_key
from syncagent.report import sheets, words
from syncagent.report.inputs import unit_names
from syncagent.report.outline import by_code, by_unit, counts_of
from syncagent.report.table import NONE, Table, counted, on_day, said
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.core.action import Action
    from syncagent.core.plan import Envelope, Plan
    from syncagent.report.outline import UnitPart
    from syncagent.report.table import Row

IS_NO_PLAN: Final = Text(
    "BẢN TRÍCH để gửi đơn vị, không phải kế hoạch: không duyệt được, không thực hiện được từ bản này.",
    "AN EXTRACT for the unit, and no plan: it can neither be approved nor carried out.",
)


@dataclass(frozen=True, slots=True)
class Extract:
    """A unit's part of a plan: `name` in full, `plan` the actions and findings alone, `of` the plan it was taken from.

    `unplaced` is how many findings of the plan belong to no unit that is known, so that no extract holds them.
    """

    unit: str
    name: str
    plan: Plan
    of: Envelope
    unplaced: int


def placed(plan: Plan, homes: Mapping[str, str]) -> list[str]:
    """Given the units of people by their keys, return the unit of each finding of a plan, empty where none is known."""
    of = {action.subject: action.unit for action in plan.actions}

    def unit_of(subject: str) -> str:
        if subject.startswith(unit_key("")):
            return subject.removeprefix(unit_key(""))
        return of.get(subject) or homes.get(subject, "")

    return [unit_of(finding.subject) for finding in plan.findings]


def tables(found: Extract) -> tuple[Table, ...]:
    """Return an extract as tables: what it is, the actions, the findings, the calendar of deletions."""
    return (_cover(found), _actions(found.plan), _findings(found.plan), sheets.calendar(found.plan))


def titled(found: Extract) -> Text:
    """Return what an extract is called."""
    return Text(f"Trích kế hoạch hộp thư: {found.name}", f"Extract of the mail account plan: {found.name}")


def _cover(found: Extract) -> Table:
    of = found.of
    made = Text(words.moment(of.created_at, "vi"), words.moment(of.created_at, "en"))
    rehearsal = Text(words.rehearsal(found.plan.as_of, of.created_at, "vi"), words.rehearsal(found.plan.as_of,
                     of.created_at, "en"))  # fmt: skip
    rows: list[Row] = [
        (Text("Đây là", "This is"), IS_NO_PLAN),
        (Text("Đơn vị", "Unit"), said(f"{found.name} ({found.unit})")),
        (Text("Trích từ kế hoạch", "Taken from plan"), said(of.plan_id)),
        (Text("Mã kiểm tra của kế hoạch đó", "Digest of that plan"), said(of.digest)),
        (Text("Lập lúc", "Made"), made),
        (Text("Kế hoạch cho ngày", "Plan of"), on_day(found.plan.as_of)),
        (Text("Quy chế", "Regulation"), said(found.plan.regulation)),
    ]
    if rehearsal.vi:
        rows.insert(1, (Text("Chú ý", "Mind"), rehearsal))
    rows += [(words.KINDS[kind], counted(count)) for kind, count in counts_of(found.plan.actions)]
    rows.append((words.HEADINGS["findings"], counted(len(found.plan.findings))))
    return Table(
        Text("Về bản trích này", "About this extract"), (Text("Mục", "What"), Text("Nội dung", "Says")), tuple(rows), ()
    )


def _actions(plan: Plan) -> Table:
    columns = (
        Text("Mã", "Id"), Text("Thao tác", "Action"), words.HEADINGS["unit"], words.HEADINGS["person"],
        words.HEADINGS["mailbox"], Text("Từ ngày", "From"), Text("Hạn trả lời", "Answer by"), Text("Sau đó", "Then"),
        Text("Văn bản", "Documents"), Text("Điều, khoản: lý do", "Articles: reason"),
    )  # fmt: skip
    rows = [_action(one, part) for part in by_unit(plan.actions, unit_names(plan)) for one in part.actions]
    return Table(words.HEADINGS["actions"], columns, tuple(rows), (IS_NO_PLAN,))


def _action(one: Action, part: UnitPart) -> Row:
    kind = Text(words.kind_of(one, "vi"), words.kind_of(one, "en"))
    then = one.then
    after = (
        Text(
            f"{words.then_of(then, 'vi')} {words.day(then.on, 'vi')}",
            f"{words.then_of(then, 'en')} {words.day(then.on, 'en')}",
        )
        if then
        else NONE
    )
    return (
        said(one.id),
        kind,
        said(part.room or part.name),
        said(one.name or one.subject),
        said(f"{one.previous_address} → {one.address}" if one.previous_address else one.address),
        on_day(one.due),
        on_day(one.deadline),
        after,
        said("; ".join(one.documents)),
        Text(
            " ".join(f"{reason.article}: {reason.text.vi}" for reason in one.because),
            " ".join(f"{reason.article}: {reason.text.en}" for reason in one.because),
        ),
    )


def _findings(plan: Plan) -> Table:
    columns = (
        Text("Mức", "Severity"),
        Text("Loại phát hiện", "Kind"),
        words.HEADINGS["person"],
        Text("Nội dung", "Says"),
    )
    rows = tuple(_found(plan))
    return Table(words.HEADINGS["findings"], columns, rows, (IS_NO_PLAN,))


def _found(plan: Plan) -> Iterator[Row]:
    for part in by_code(plan):
        for one in part.findings:
            yield words.SEVERITIES[one.severity], words.FINDINGS[one.code], said(one.subject), one.message
