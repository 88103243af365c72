"""Whose password is still the default one, and whose is too old (DN-35, Điều 11.2.h; NB-23, NB-30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core import terms
from syncagent.core.duties import Report
from syncagent.core.periods import Term, due_after
from syncagent.core.regulation import Anchor
from syncagent.core.stamp import Reason, State
from syncagent.report.boxes import NOBODY, boxes_of, in_service, state_of
from syncagent.report.table import NONE, basis, cited, counted, lasting, on_day, said, title_of, titled
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from syncagent.core.regulation import TermClause
    from syncagent.core.survey import View
    from syncagent.report.boxes import Box
    from syncagent.report.table import Row, Table


def default_passwords(view: View) -> Table:
    """List whose default password is unchanged, since when, and from which day the mailbox may be locked."""
    regulation, calendar, today = view.policy.regulation, view.policy.calendar, view.today
    clauses = [clause for clause in regulation.terms if clause.anchor is Anchor.DEFAULT_PASSWORD]
    listed = _listed_after(view, Report.DEFAULT_PASSWORDS)
    rows: list[Row] = []
    silent = 0
    for box in _open(view):
        if not box.account.must_change:
            silent += box.account.must_change is None
            continue
        since = _password_since(box)
        cells = [said(box.name), said(box.unit), said(box.address), state_of(box), on_day(since)]
        cells.append(counted((today - since).days) if since and since <= today else NONE)
        start = max(since or regulation.in_force, regulation.in_force)
        if clauses:
            cells += _lock(view, box, start, clauses)
        if listed:
            due = due_after(since or regulation.in_force, listed, calendar)
            cells.append(Text("có", "yes") if today >= due else Text("chưa", "not yet"))
        rows.append(tuple(cells))
    columns = [
        Text("Họ tên, hộp thư", "Name or mailbox"), Text("Đơn vị", "Unit"), Text("Địa chỉ", "Address"),
        Text("Trạng thái", "State"), Text("Từ ngày", "Since"), Text("Số ngày", "Days"),
        *((Text("Khóa từ ngày", "Locks on"), Text("Khóa được", "Lockable")) if clauses else ()),
        *((Text(f"Quá {lasting(listed).vi}", f"Over {lasting(listed).en}"),) if listed else ()),
    ]  # fmt: skip
    unsaid = Text(
        f"{silent} hộp thư khác không có thông tin trong thư mục về việc đổi mật khẩu mặc định.",
        f"Of {silent} other mailboxes the directory does not say whether the default password was changed.",
    )
    ordered = basis(view, Report.DEFAULT_PASSWORDS)
    notes = (*ordered, *(cited(view, clause.cite) for clause in clauses), *([unsaid] if silent else []))
    return titled(view, title_of(Report.DEFAULT_PASSWORDS), tuple(columns), rows, notes)


def old_passwords(view: View) -> Table:
    """List whose own password is older than the regulation's list of old ones, or its longest term, allows.

    The day is the one on which a plan reports `password-overdue` or locks: what the text orders after the term.
    """
    rules = view.policy.regulation.passwords
    limit = _listed_after(view, Report.OLD_PASSWORDS)
    if limit is None and rules.longest_months:
        limit = Term(months=rules.longest_months)
    own = [(box, box.account.password_set) for box in _open(view) if not box.account.must_change]
    silent = sum(since is None for _, since in own) if limit else 0
    rows = [row for box, since in own if limit and since and (row := _overdue(view, box, since, limit))]
    columns = (
        Text("Họ tên, hộp thư", "Name or mailbox"), Text("Đơn vị", "Unit"), Text("Địa chỉ", "Address"),
        Text("Trạng thái", "State"), Text("Đặt ngày", "Set on"), Text("Số ngày", "Days"),
        Text("Quá hạn từ", "Overdue since"),
    )  # fmt: skip
    none = Text(
        "Quy chế không định thời hạn đổi mật khẩu: không có gì quá hạn.",
        "The text sets no period for changing passwords: none is overdue.",
    )
    unsaid = Text(
        f"{silent} hộp thư khác không có thông tin trong thư mục về ngày đặt mật khẩu.",
        f"Of {silent} other mailboxes the directory does not say when the password was set.",
    )
    ordered = basis(view, Report.OLD_PASSWORDS) or ((cited(view, rules.overdue),) if limit else (none,))
    locks = (clause.cite for clause in view.policy.regulation.terms if clause.anchor is Anchor.PASSWORD_SET)
    notes = (*ordered, *(cited(view, cite) for cite in locks), *([unsaid] if silent else []))
    over = Text(f" quá {lasting(limit).vi}", f" for over {lasting(limit).en}") if limit else Text("", "")
    title = title_of(Report.OLD_PASSWORDS)
    title = Text(f"{title.vi}{over.vi}", f"{title.en}{over.en}")
    return titled(view, title, columns, rows, notes)


def _open(view: View) -> list[Box]:
    """Return the mailboxes of somebody that still receive, in the order of a list."""
    boxes = (box for box in boxes_of(view) if box.standing is not NOBODY)
    return sorted((box for box in boxes if box.stamp is None or box.stamp.state.receives), key=lambda box: box.place)


def _listed_after(view: View, report: Report) -> Term | None:
    """Return how long a password stands before the regulation has it listed, None where it orders no list."""
    clauses = view.policy.regulation.reports
    return next((clause.after for clause in clauses if report in clause.served_by and clause.after), None)


def _overdue(view: View, box: Box, since: date, limit: Term) -> Row | None:
    """Return the row of a mailbox whose password is too old, None while it is not."""
    due = due_after(max(since, view.policy.regulation.in_force), limit, view.policy.calendar)
    if view.today < due:
        return None
    cells = (said(box.name), said(box.unit), said(box.address), state_of(box), on_day(since))
    return (*cells, counted((view.today - since).days), on_day(due))


def _password_since(box: Box) -> date | None:
    stamp = box.stamp
    known = (stamp.password if stamp else None, stamp.issued if stamp else None, box.account.created)
    return max((day for day in known if day), default=None)


def _lock(view: View, box: Box, start: date, clauses: Iterable[TermClause]) -> tuple[Text, Text]:
    """Return the day on which the mailbox may be locked, and whether that day has come."""
    if box.stamp and box.stamp.state is not State.ACTIVE:
        return NONE, Text("đã khóa", "locked already")
    why = box.stamp.why if box.stamp else Reason.ADOPTED
    case = view.cases.get(box.subject)
    ours = [
        clause for clause in clauses if State.ACTIVE in clause.states and (not clause.reasons or why in clause.reasons)
    ]
    if case is None or not in_service(case) or not ours:
        return NONE, NONE
    day, clause = min(((due_after(start, c.term, view.policy.calendar), c) for c in ours), key=lambda pair: pair[0])
    if clause.exempts and (terms.excused(case) or terms.away(case)):
        return on_day(day), Text("được miễn", "exempt")
    return on_day(day), Text("có", "yes") if view.today >= day else Text("chưa", "not yet")
