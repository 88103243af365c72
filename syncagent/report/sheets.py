"""A plan as tables, for a workbook or CSV: what it is, each action, each changed value, the findings, the deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.report import words
from syncagent.report.inputs import rows, unit_names
from syncagent.report.outline import by_code, by_unit, counts_of, deletions
from syncagent.report.table import NONE, Table, counted, on_day, said
from syncagent.report.words import HEADINGS
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from syncagent.core.action import Action, Then
    from syncagent.core.plan import Envelope, Plan, Trip
    from syncagent.report.table import Row
    from syncagent.text import Language

_ID = Text("Mã", "Id")
_RULES = Text("Quy tắc", "Rules")
_ARTICLES = Text("Điều, khoản", "Articles")
_REASON = Text("Lý do", "Reason")
_DOCUMENTS = Text("Văn bản", "Documents")
_FORMER = Text("Địa chỉ cũ", "Former address")
_CODE = Text("Loại phát hiện", "Code")
_WHERE = Text("Tại", "Where")


def sheets(plan: Plan, envelope: Envelope) -> tuple[Table, ...]:
    """Given a plan and its envelope, return the tables of its workbook in the order in which a reviewer reads them."""
    return (summary(plan, envelope), findings(plan), actions(plan), changes(plan), calendar(plan))


def summary(plan: Plan, envelope: Envelope) -> Table:
    """Return what the plan is, how much of what it does, and the brakes that hold it."""
    found: list[Row] = [
        (_head("plan-id"), said(envelope.plan_id)),
        (_head("plan-of"), on_day(plan.as_of)),
        (_head("regulation"), said(plan.regulation)),
        (_head("made"), _both(lambda language: words.moment(envelope.created_at, language))),
        (_head("expires"), _both(lambda language: words.moment(envelope.expires_at, language))),
        (_head("digest"), said(envelope.digest)),
    ]
    if words.rehearsal(plan.as_of, envelope.created_at, "vi"):
        rehearsed = _both(lambda language: words.rehearsal(plan.as_of, envelope.created_at, language))
        found.insert(0, (Text("Chú ý", "Mind"), rehearsed))
    if plan.wave:
        found.append((_head("wave"), said(str(plan.wave))))
    if plan.undoes:
        found.append((_head("undoes"), said(plan.undoes)))
    made_from = zip(rows(plan, "vi"), rows(plan, "en"), strict=True)
    found += [(Text(vi.path, en.path), Text(vi.facts, en.facts)) for vi, en in made_from]
    found += [(words.KINDS[kind], counted(count)) for kind, count in counts_of(plan.actions)]
    found.append((_head("left-alone"), counted(len(plan.skips))))
    found += _trips(_head("brakes"), plan.brakes.tripped)
    found += _trips(_head("other-approver"), plan.brakes.second)
    if not plan.brakes.tripped:
        found.append((_head("brakes"), HEADINGS["no-brake"]))
    return Table(_head("summary"), (_head("title"), NONE), tuple(found), ())


def _trips(what: Text, trips: Iterable[Trip]) -> list[Row]:
    named = [(one.says, f" [{one.name}={one.count}]") for one in trips]
    return [(what, Text(says.vi + name, says.en + name)) for says, name in named]


def actions(plan: Plan) -> Table:
    """Return each action in a row: what, for whom, from when, why, under which document, and who must approve it."""
    columns = (
        _ID, _head("kind"), _head("unit"), _head("person"), Text("Mã người, đơn vị", "Key"),
        _head("mailbox"), _FORMER, _head("target"), _head("due"), _head("deadline"), _head("then"),
        Text("Duyệt", "Approval"), _head("needs-order"), Text("Duyệt riêng", "Alone"), _head("after"),
        _RULES, _ARTICLES, _DOCUMENTS, _REASON,
    )  # fmt: skip
    names = unit_names(plan)
    found = [_action(one, part.name) for part in by_unit(plan.actions, names) for one in part.actions]
    return Table(_head("actions"), columns, tuple(found), ())


def _action(one: Action, unit: str) -> Row:
    return (
        said(one.id),
        _both(lambda language: words.kind_of(one, language)),
        said(unit),
        said(one.name),
        said(one.subject),
        said(one.address),
        said(one.previous_address),
        said(one.target),
        on_day(one.due),
        on_day(one.deadline),
        _next(one.then) if one.then else NONE,
        words.REVIEWS[one.review],
        _whether(one.needs_order),
        _whether(one.alone),
        said(", ".join(one.needs)),
        said("; ".join(dict.fromkeys(reason.rule for reason in one.because))),
        said("; ".join(dict.fromkeys(reason.article for reason in one.because))),
        said("; ".join(one.documents)),
        Text(" ".join(reason.text.vi for reason in one.because), " ".join(reason.text.en for reason in one.because)),
    )


def _next(then: Then) -> Text:
    return _both(lambda language: f"{words.then_of(then, language)} {words.day(then.on, language)}")


def changes(plan: Plan) -> Table:
    """Return each value that changes in a row: in which entry, what stands there before and after."""
    columns = (
        _ID, _head("kind"), _head("target"), Text("Việc làm", "Operation"), Text("Mục (DN)", "Entry (DN)"),
        _head("attribute"), _head("before"), _head("after-values"),
    )  # fmt: skip
    return Table(_head("changes"), columns, tuple(row for one in plan.actions for row in _changes(one)), ())


def _changes(one: Action) -> Iterator[Row]:
    for change in one.changes:
        head = (
            said(one.id), words.KINDS[one.kind], said(one.target), words.OPERATIONS[change.operation], said(change.dn),
        )  # fmt: skip
        if change.new_dn:
            yield (*head, HEADINGS["new-place"], said(change.dn), said(change.new_dn))
        for name, (before, after) in change.attributes.items():
            yield (*head, said(name), said("\n".join(before)), said("\n".join(after)))
        for call in change.calls:
            yield (*head, Text("Lệnh", "Call"), NONE, said(call))
        if change.sets_password:
            yield (*head, Text("Mật khẩu", "Password"), NONE, HEADINGS["sets-password"])
        if not (change.new_dn or change.attributes or change.calls or change.sets_password):
            yield (*head, NONE, NONE, NONE)


def findings(plan: Plan) -> Table:
    """Return each finding in a row, the most urgent first."""
    columns = (
        Text("Mức", "Severity"), _CODE, Text("Mã phát hiện", "Finding"), _head("person"), Text("Nội dung", "Says"),
        _WHERE, _head("candidates"),
    )  # fmt: skip
    found = [
        (
            words.SEVERITIES[one.severity], words.FINDINGS[one.code], said(str(one.code)), said(one.subject),
            one.message, said(one.where), said(", ".join(one.candidates)),
        )
        for part in by_code(plan)
        for one in part.findings
    ]  # fmt: skip
    return Table(_head("findings"), columns, tuple(found), ())


def calendar(plan: Plan) -> Table:
    """Return which mailbox is destroyed on which day, by this plan or later if nothing changes."""
    columns = (_head("day"), _head("mailbox"), _head("person"), _ID, _head("when"))
    found = [
        (
            on_day(one.on), said(one.action.address), said(one.action.name or one.action.subject), said(one.action.id),
            HEADINGS["in-this-plan" if one.now else "if-nothing-changes"],
        )
        for month in deletions(plan)
        for one in month.deletions
    ]  # fmt: skip
    return Table(_head("calendar"), columns, tuple(found), (HEADINGS["calendar-says"],))


def _head(name: str) -> Text:
    """Return a phrase as it stands at the head of a column."""
    phrase = HEADINGS[name]
    return Text(phrase.vi[:1].upper() + phrase.vi[1:], phrase.en[:1].upper() + phrase.en[1:])


def _whether(true: bool) -> Text:  # noqa: FBT001 - the fact itself is what is shown
    return HEADINGS["yes" if true else "no"]


def _both(said_in: Callable[[Language], str]) -> Text:
    return Text(said_in("vi"), said_in("en"))
