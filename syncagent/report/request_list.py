"""The written requests as a table: who asked for what, by when the answer is due, what has become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.request import Stage
from syncagent.report import words
from syncagent.report.asked import ASKED, STAGES, called
from syncagent.report.table import NONE, cited, on_day, open_years, said, titled
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncagent.core.answer import Progress
    from syncagent.core.finding import Fault
    from syncagent.core.survey import View
    from syncagent.report.table import Table


def table(view: View, requests: Iterable[Progress], faults: Sequence[Fault]) -> Table:
    """Given the requests to show and the faults of rows that could not be read, return them as a table."""
    shown = tuple(requests)
    rows = [
        (
            said(one.request.request_id),
            on_day(one.request.received_on),
            _from(view, one),
            said(one.request.channel or NONE.vi),
            ASKED[one.request.kind],
            _subject(view, one),
            said(one.request.document_number or NONE.vi),
            on_day(one.deadline),
            _standing(view, one),
            _answer(one),
        )
        for one in shown
    ]
    columns = (
        Text("Số yêu cầu", "Request"), Text("Ngày nhận", "Received"), Text("Nơi gửi", "From"),
        Text("Hình thức", "Channel"), Text("Đề nghị", "Asks to"), Text("Đối tượng", "Subject"),
        Text("Văn bản", "Letter"), Text("Hạn trả lời", "Answer by"), Text("Tình trạng", "Standing"),
        Text("Trả lời", "Answer"),
    )  # fmt: skip
    regulation = view.policy.regulation
    ruled = [regulation.answer, *(regulation.answer_of(one.request.kind) for one in shown)]
    notes = [cited(view, cite) for cite in dict.fromkeys(rule.cite for rule in ruled if rule.within)]
    notes += open_years(view.policy, {one.deadline.year for one in shown if one.deadline})
    notes += [Text(f"{fault.where}: {fault.says.vi}", f"{fault.where}: {fault.says.en}") for fault in faults]
    return titled(view, Text("Yêu cầu của các cơ quan", "Requests of agencies"), columns, rows, tuple(notes))


def _from(view: View, one: Progress) -> Text:
    units, request = view.roster.units, one.request
    name = units[request.from_unit].name if request.from_unit in units else request.from_unit
    return said(", ".join(part for part in (name, request.from_address) if part) or NONE.vi)


def _subject(view: View, one: Progress) -> Text:
    name, written = called(view, one), one.request.subject
    return said(f"{name} ({written})" if name else written)


def _standing(view: View, one: Progress) -> Text:
    """Return how far a request has come, and why no further."""
    stage = STAGES[one.stage]
    detail: list[Text] = []
    asker = view.policy.regulation.asker_of(one.request.kind, one.subject)
    if one.stage is Stage.REJECTED and asker:
        detail.append(said(asker.cite.article))
    detail += _of_day(one)
    detail += [
        Text(f"{words.KINDS[action.kind].vi} {action.address}", f"{words.KINDS[action.kind].en} {action.address}")
        for action in one.actions
    ]
    if one.stage is Stage.WAITING:
        detail += [finding.message for finding in one.findings]
    if not detail:
        return stage
    return Text(
        f"{stage.vi}: {'; '.join(text.vi for text in detail)}", f"{stage.en}: {'; '.join(text.en for text in detail)}"
    )


def _of_day(one: Progress) -> list[Text]:
    if one.done_on:
        return [Text(f"ngày {vi(one.done_on)}", f"on {one.done_on}")]
    if one.next:
        return [Text(f"từ {vi(one.next)}", f"from {one.next}")]
    until = one.request.until
    if until and one.stage in {Stage.IN_EFFECT, Stage.LAPSED}:
        return [Text(f"đến hết {vi(until)}", f"until {until}")]
    return []


def _answer(one: Progress) -> Text:
    """Return whether and when an answer was sent, and by how much it is late."""
    parts: list[Text] = []
    if one.answer:
        number = f", {one.answer.document_number}" if one.answer.document_number else ""
        parts.append(
            Text(f"đã trả lời {vi(one.answer.sent_on)}{number}", f"answered on {one.answer.sent_on}{number}"),
        )
    elif one.open:
        parts.append(Text("chưa trả lời", "not answered"))
    if one.late is not None and (one.answer or one.open):
        parts.append(Text(f"quá hạn {one.late} ngày làm việc", f"late by {one.late} working days"))
    return Text("; ".join(part.vi for part in parts), "; ".join(part.en for part in parts)) if parts else NONE
