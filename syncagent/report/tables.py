"""The periodic reports as tables: what an agency publishes and reviews, and what will be deleted.

A table names people by name, unit and address only. Identity numbers, birth dates and telephone numbers are not
read here; the day of last use is sensitive (Luật 91/2025/QH15) and stands in one table, if it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core import terms
from syncagent.core.action import Action, ActionKind, Review
from syncagent.core.duties import Report
from syncagent.core.guard import Guard
from syncagent.core.names import fold
from syncagent.core.stamp import AccountKind, State
from syncagent.report import words
from syncagent.report.boxes import MANAGED, boxes_of, in_service, name_of, state_of, why_of
from syncagent.report.table import NONE, basis, on_day, open_years, said, title_of, titled
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.account import Account, LastUse
    from syncagent.core.case import Case, Step
    from syncagent.core.ledger import Ledger
    from syncagent.core.periods import Period
    from syncagent.core.survey import View
    from syncagent.report.table import Table

_WAITING = frozenset({"waits-for-term", "in-step"})
"""Why a closed or locked mailbox is left alone while the term that deletes it runs."""


def addresses(view: View) -> Table:
    """List the open mailboxes of agencies, rooms and people for publication (NB-41, Điều 11.5): no more than that."""
    rows = [
        (
            said(box.unit),
            said(box.name) if box.kind is AccountKind.PERSONAL else words.ACCOUNTS[box.kind],
            said(box.address),
        )
        for box in sorted(boxes_of(view), key=lambda box: box.place)
        if box.standing is MANAGED and box.works and box.account.receives and box.account.address
        if (case := view.cases.get(box.subject)) and in_service(case)
    ]
    columns = (Text("Đơn vị", "Unit"), Text("Họ tên, hộp thư", "Name or mailbox"), Text("Địa chỉ", "Address"))
    only = Text("Chỉ gồm hộp thư đang hoạt động.", "Mailboxes in use only.")
    return titled(view, title_of(Report.ADDRESSES), columns, rows, (*basis(view, Report.ADDRESSES), only))


def review(view: View, period: Period, *, with_last_use: bool) -> Table:
    """List every account, managed or not, with what is known of it; the last use only if it is asked for.

    The columns are those of TCVN 14423:2026: what kind, where, whose, of which unit, in which state, since when.
    """
    rows = []
    for box in sorted(boxes_of(view), key=lambda box: box.place):
        stamp = box.stamp
        known = (on_day(stamp.since), why_of(view, stamp.why), said(stamp.document)) if stamp else (NONE, NONE, NONE)
        whose = (said(box.subject), said(box.name), said(box.unit))
        what = (said(box.address), words.ACCOUNTS[box.kind], said(box.account.target))
        issued = on_day((stamp.issued if stamp else None) or box.account.created)
        cells = (*what, *whose, box.standing, issued, state_of(box))
        rows.append((*cells, *known, *((_last_use(box.account.last_use, view.today),) if with_last_use else ())))
    columns = (
        Text("Hộp thư, tài khoản", "Mailbox or account"), Text("Loại", "Kind"), Text("Thư mục", "Directory"),
        Text("Mã", "Key"), Text("Họ tên", "Name"), Text("Đơn vị", "Unit"), Text("Quản lý", "Managed"),
        Text("Kích hoạt", "Activated"), Text("Trạng thái", "State"), Text("Từ ngày", "Since"),
        Text("Lý do", "Why"), Text("Văn bản", "Document"),
        *((Text("Dùng lần cuối", "Last used"),) if with_last_use else ()),
    )  # fmt: skip
    sensitive = Text(
        "Ngày dùng lần cuối là dữ liệu cá nhân nhạy cảm: chỉ người được giao rà soát được xem; hủy khi rà soát xong.",
        "The day of last use is sensitive personal data: for the reviewers only; destroy it after the review.",
    )
    return titled(view, title_of(Report.REVIEW, period), columns, rows, (sensitive,) if with_last_use else ())


def deletions(view: View, ledger: Ledger) -> Table:
    """List the mailboxes that will be destroyed, by day, with the rule; what a guard holds back is marked."""
    steps = (*((view.cases[subject], step) for subject, step in view.steps.items()), *view.former)
    found = [
        (case, account, coming)
        for case, step in steps
        if view.covers(case.unit.unit) and (account := case.account) and (coming := _coming(case, step))
    ]
    actions = [
        _as_action(f"d{number}", case, account, coming[0]) for number, (case, account, coming) in enumerate(found)
    ]
    kept, findings = Guard(view, ledger).sift(actions)
    allowed = {action.id for action in kept}
    holding = {finding.subject: words.FINDINGS[finding.code] for finding in findings}
    rows = []
    for action, (case, account, (day, rule, remark)) in zip(actions, found, strict=True):
        unit = view.roster.units.full_name(case.unit.unit)
        says = remark if action.id in allowed else holding[case.subject]
        cells = (on_day(day), said(name_of(case)), said(unit), said(account.address), said(rule), says)
        rows.append(((day, fold(unit), fold(name_of(case)), account.address), cells))
    columns = (
        Text("Ngày xóa", "Day"), Text("Họ tên, hộp thư", "Name or mailbox"), Text("Đơn vị", "Unit"),
        Text("Địa chỉ", "Address"), Text("Theo", "Rule"), Text("Ghi chú", "Remark"),
    )  # fmt: skip
    stamps = [owned.stamp for owned in view.matches.orphans if owned.stamp]
    closed = sum(1 for stamp in stamps if not stamp.state.receives and view.covers(stamp.unit))
    absent = Text(
        f"{closed} hộp thư đã đóng nhưng chủ không có trong danh sách: chưa bị xóa khi chưa có dòng kèm quyết định.",
        f"{closed} closed mailboxes whose holder is missing from the roster: not deleted without a row and decision.",
    )
    forecast = Text(
        "Ngày về sau là dự kiến nếu không có gì thay đổi; mỗi lần xóa có kế hoạch và được duyệt riêng.",
        "Later days are a forecast if nothing changes; each deletion gets its own plan and approval.",
    )
    notes = (forecast, *([absent] if closed else []), *open_years(view.policy, {day.year for _, _, (day, *_) in found}))
    return titled(view, title_of(Report.DELETIONS), columns, [row for _, row in sorted(rows)], notes)


def _last_use(use: LastUse | None, today: date) -> Text:
    if use is None:
        return Text("không có bằng chứng", "no evidence")
    if use.on is None:
        return Text("chưa từng dùng", "never used")
    if use.on > today:
        return Text(f"{vi(use.on)}: sai đồng hồ", f"{use.on}: clock in doubt")
    within = f" (+{use.accuracy_days})" if use.accuracy_days else ""
    return Text(f"{vi(use.on)}{within}", f"{use.on}{within}")


# ── deletions ────────────────────────────────────────────────────────────────


def _coming(case: Case, step: Step) -> tuple[date, str, Text] | None:
    """Return the day on which a mailbox is deleted if nothing changes, the rule, and what must happen before."""
    if step.kind is ActionKind.DELETE:
        rules = "; ".join(f"{reason.rule}, {reason.article}" for reason in step.because)
        return case.today, rules, Text("đến hạn, có trong kế hoạch hôm nay", "due, in today's plan")
    if step.kind:
        before = words.KINDS[step.kind]
        then, state, why = step.then, step.state, step.why
        remark = Text(f"sau khi thực hiện: {before.vi}", f"once carried out: {before.en}")
    elif case.stamp and case.stamp.state is not State.ACTIVE and step.skip in _WAITING:
        state, why, remark = case.stamp.state, case.stamp.why, NONE
        then = terms.then(case, state, why, max(case.stamp.since, case.policy.regulation.in_force))
    else:
        return None
    clauses = [
        clause
        for clause in case.policy.regulation.terms
        if clause.does is ActionKind.DELETE and state in clause.states and (not clause.reasons or why in clause.reasons)
        if not (clause.exempts and (terms.excused(case) or terms.away(case)))
    ]
    if then is None or then.kind is not ActionKind.DELETE or not clauses:
        return None
    return then.on, "; ".join(f"{clause.cite.rule}, {clause.cite.article}" for clause in clauses), remark


def _as_action(key: str, case: Case, account: Account, day: date) -> Action:
    """Return a deletion as it will be proposed, so that what guards a plan speaks of it."""
    return Action(
        key, ActionKind.DELETE, account.target, case.kind, case.subject, case.unit.unit, account.address, "",
        account.ref, day, Review.TWO, needs_order=False, because=(), changes=(), stamp=None,
    )  # fmt: skip
