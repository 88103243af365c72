"""The periodic reports as tables: what an agency publishes, counts, chases and reviews.

A table names people by name, unit and address only. Identity numbers, birth dates and telephone numbers are not
read here; the day of last use is sensitive (Luật 91/2025/QH15) and stands in one table, if it is asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from syncagent.core import terms
from syncagent.core.action import Action, ActionKind, Review
from syncagent.core.guard import Guard
from syncagent.core.names import fold
from syncagent.core.periods import Term, due_after
from syncagent.core.regulation import Anchor
from syncagent.core.stamp import AccountKind, Reason, State
from syncagent.report import words
from syncagent.report.boxes import (
    DOUBTFUL,
    FAULTY,
    KINDS,
    MANAGED,
    NOBODY,
    UNMARKED,
    boxes_of,
    in_service,
    name_of,
    state_of,
    why_of,
)
from syncagent.report.table import NONE, basis, cited, counted, on_day, said, span, titled
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from syncagent.core.account import Account, LastUse
    from syncagent.core.case import Case, Step
    from syncagent.core.ledger import Ledger
    from syncagent.core.regulation import TermClause
    from syncagent.core.survey import View
    from syncagent.report.boxes import Box
    from syncagent.report.table import Row, Table

_PUBLIC: Final = frozenset({"NB-41"})
_UNCHANGED: Final = frozenset({"DN-35"})
_COUNTED: Final = frozenset({"NB-35", "NB-42", "DN-30", "DN-34", "Q4-26", "Q4-27"})
_USED: Final = frozenset({"BT-28"})

_LISTED_AFTER = Term(days=3)
"""After so many calendar days an unchanged default password is reported, before it may be locked (DN-35)."""
_WINDOWS = (30, 90, 180)
_WAITING = frozenset({"waits-for-term", "in-step"})
"""Why a closed or locked mailbox is left alone while the term that deletes it runs."""
_QUARTERS = ("I", "II", "III", "IV")
_THERE = (State.ACTIVE, State.LOCKED, State.DISABLED, State.WITHDRAWN)

_UNKNOWN_UNIT = Text("(không rõ đơn vị)", "(unit unknown)")


# ── the reports ──────────────────────────────────────────────────────────────


def addresses(view: View) -> Table:
    """List the open mailboxes of agencies, rooms and people for publication (NB-41, Điều 11.5): no more than that."""
    rows = [
        (said(box.unit), said(box.name) if box.kind is AccountKind.PERSONAL else _label(box.kind), said(box.address))
        for box in sorted(boxes_of(view), key=lambda box: box.place)
        if box.standing is MANAGED and box.works and box.account.receives and box.account.address
        if (case := view.cases.get(box.subject)) and in_service(case)
    ]
    columns = (Text("Đơn vị", "Unit"), Text("Họ tên, hộp thư", "Name or mailbox"), Text("Địa chỉ", "Address"))
    only = Text("Chỉ gồm hộp thư đang hoạt động.", "Mailboxes in use only.")
    title = Text("Danh sách địa chỉ thư điện tử công vụ", "Official mail addresses")
    return titled(view, title, columns, rows, (*basis(view, _PUBLIC), only))


def default_passwords(view: View) -> Table:
    """List whose default password is unchanged, since when, and from which day the mailbox may be locked."""
    regulation, calendar, today = view.policy.regulation, view.policy.calendar, view.today
    clauses = [clause for clause in regulation.terms if clause.anchor is Anchor.DEFAULT_PASSWORD]
    reported = basis(view, _UNCHANGED)
    rows: list[Row] = []
    silent = 0
    for box in sorted(boxes_of(view), key=lambda box: box.place):
        closed = box.stamp is not None and not box.stamp.state.receives
        if closed or box.standing is NOBODY or not box.account.must_change:
            silent += not closed and box.standing is not NOBODY and box.account.must_change is None
            continue
        since = _password_since(box)
        cells = [said(box.name), said(box.unit), said(box.address), state_of(box), on_day(since)]
        cells.append(counted((today - since).days) if since and since <= today else NONE)
        start = max(since or regulation.in_force, regulation.in_force)
        if clauses:
            cells += _lock(view, box, start, clauses)
        if reported:
            due = due_after(since or regulation.in_force, _LISTED_AFTER, calendar)
            cells.append(Text("có", "yes") if today >= due else Text("chưa", "not yet"))
        rows.append(tuple(cells))
    columns = [
        Text("Họ tên, hộp thư", "Name or mailbox"), Text("Đơn vị", "Unit"), Text("Địa chỉ", "Address"),
        Text("Trạng thái", "State"), Text("Từ ngày", "Since"), Text("Số ngày", "Days"),
        *((Text("Khóa từ ngày", "Locks on"), Text("Khóa được", "Lockable")) if clauses else ()),
        *((Text("Quá 03 ngày", "Over 3 days"),) if reported else ()),
    ]  # fmt: skip
    unsaid = Text(
        f"{silent} hộp thư khác không có thông tin trong thư mục về việc đổi mật khẩu mặc định.",
        f"Of {silent} other mailboxes the directory does not say whether the default password was changed.",
    )
    notes = (*reported, *(cited(view, clause.cite) for clause in clauses), *([unsaid] if silent else []))
    title = Text("Hộp thư chưa đổi mật khẩu mặc định", "Mailboxes with an unchanged default password")
    return titled(view, title, tuple(columns), rows, notes)


def counts(view: View) -> Table:
    """Count the mailboxes of each agency by kind and state, and what the quarter changed so far."""
    today = view.today
    quarter = (today.month - 1) // 3
    first = today.replace(month=3 * quarter + 1, day=1)
    boxes = boxes_of(view)
    linked = [box for box in boxes if box.standing not in {NOBODY, DOUBTFUL}]
    grouped: dict[tuple[str, AccountKind], Counter[object]] = defaultdict(Counter)
    total: Counter[object] = Counter()
    for box in linked:
        found: list[object] = [box.stamp.state if box.stamp else UNMARKED, None]
        if box.stamp and box.stamp.issued and first <= box.stamp.issued <= today:
            found.append("issued")
        if box.stamp and not box.stamp.state.receives and first <= box.stamp.since <= today:
            found.append("closed")
        grouped[box.agency, box.kind].update(found)
        total.update(found)
    wanted = (*_THERE, UNMARKED, None, "issued", "closed")
    ordered = sorted(grouped.items(), key=lambda item: (fold(item[0][0]), KINDS.index(item[0][1])))
    rows = [
        (_agency(agency), _label(kind), *(counted(found[what]) for what in wanted)) for (agency, kind), found in ordered
    ]
    rows.append((Text("Tổng cộng", "Total"), NONE, *(counted(total[what]) for what in wanted)))
    columns = (
        Text("Cơ quan", "Agency"), Text("Loại hộp thư", "Kind"), *(words.STATES[state] for state in _THERE),
        Text("Chưa tiếp nhận", "Not taken over"), Text("Tổng", "Total"),
        Text("Cấp trong quý", "Issued this quarter"), Text("Đóng trong quý", "Closed this quarter"),
    )  # fmt: skip
    name = _QUARTERS[quarter]
    title = Text(
        f"Số lượng hộp thư, tháng {today:%m/%Y}, quý {name}/{today.year}",
        f"Mailboxes, {today:%Y-%m}, quarter {name} of {today.year}",
    )
    apart = len(boxes) - len(linked)
    uncounted = Text(
        f"Không tính {apart} tài khoản không rõ của ai hoặc không gắn với ai; hộp thư đã xóa không còn trong thư mục.",
        f"Not counted: {apart} accounts of nobody or of unclear owners; deleted mailboxes are no longer there.",
    )
    return titled(view, title, columns, rows, (*basis(view, _COUNTED), uncounted))


def usage(view: View) -> Table:
    """Count how many open personal mailboxes of each agency were in use of late (BT-28, Điều 14.2); names nobody."""
    grouped: dict[str, list[Box]] = defaultdict(list)
    for box in boxes_of(view):
        if box.kind is AccountKind.PERSONAL and box.works and box.standing in {MANAGED, UNMARKED, FAULTY}:
            grouped[box.agency].append(box)
    rows = [_used(_agency(agency), grouped[agency], view.today) for agency in sorted(grouped, key=fold)]
    everyone = [box for boxes in grouped.values() for box in boxes]
    rows.append(_used(Text("Tổng cộng", "Total"), everyone, view.today))
    columns = (
        Text("Cơ quan", "Agency"), Text("Đang mở", "Open"), Text("Không có bằng chứng", "No evidence"),
        Text("Chưa từng dùng", "Never used"),
        *(text for days in _WINDOWS for text in (
            Text(f"Dùng trong {days} ngày", f"Used within {days} days"),
            Text(f"Tỷ lệ {days} ngày", f"Share, {days} days"),
        )),
    )  # fmt: skip
    accuracy = max((use.accuracy_days for box in everyone if (use := _evidence(box, view.today))), default=0)
    notes = (
        Text(
            f"Ngày dùng cuối có thể sai đến {accuracy} ngày; số dạng “a–b” là chắc chắn a, nhiều nhất b.",
            f"A last use may be up to {accuracy} days later than recorded; “a–b” means surely a, at most b.",
        ),
        Text(
            "Tỷ lệ tính trên số hộp thư có bằng chứng; hộp thư không có bằng chứng hoặc có thời điểm ở tương lai đếm "
            "riêng.",
            "Shares are of mailboxes with evidence; those without, or with a time in the future, are counted apart.",
        ),
    )
    title = Text("Tỷ lệ sử dụng hộp thư cá nhân", "Use of personal mailboxes")
    return titled(view, title, columns, rows, (*basis(view, _USED), *notes))


def review(view: View, *, with_last_use: bool) -> Table:
    """List every account, managed or not, with what is known of it; the last use only if it is asked for."""
    rows = []
    for box in sorted(boxes_of(view), key=lambda box: box.place):
        stamp = box.stamp
        known = (on_day(stamp.since), why_of(view, stamp.why), said(stamp.document)) if stamp else (NONE, NONE, NONE)
        cells = (said(box.address), said(box.subject), said(box.name), said(box.unit), box.standing, state_of(box))
        rows.append((*cells, *known, *((_last_use(box.account.last_use, view.today),) if with_last_use else ())))
    columns = (
        Text("Hộp thư, tài khoản", "Mailbox or account"), Text("Mã", "Key"), Text("Họ tên", "Name"),
        Text("Đơn vị", "Unit"), Text("Quản lý", "Managed"), Text("Trạng thái", "State"), Text("Từ ngày", "Since"),
        Text("Lý do", "Why"), Text("Văn bản", "Document"),
        *((Text("Dùng lần cuối", "Last used"),) if with_last_use else ()),
    )  # fmt: skip
    sensitive = Text(
        "Ngày dùng lần cuối là dữ liệu cá nhân nhạy cảm: chỉ người được giao rà soát được xem; hủy khi rà soát xong.",
        "The day of last use is sensitive personal data: for the reviewers only; destroy it after the review.",
    )
    half = Text("6 tháng đầu năm", "first half") if view.today.month <= 6 else Text("6 tháng cuối năm", "second half")  # noqa: PLR2004 - June
    title = Text(f"Rà soát tài khoản, {half.vi} {view.today.year}", f"Account review, {half.en} of {view.today.year}")
    return titled(view, title, columns, rows, (sensitive,) if with_last_use else ())


def deletions(view: View, ledger: Ledger) -> Table:
    """List the mailboxes that will be destroyed, by day, with the rule; what a guard holds back is marked."""
    steps = (*((view.cases[subject], step) for subject, step in view.steps.items()), *view.former)
    found = [(case, account, coming) for case, step in steps
             if (account := case.account) and (coming := _coming(case, step))]  # fmt: skip
    actions = [
        _as_action(f"d{number}", case, account, coming[0]) for number, (case, account, coming) in enumerate(found)
    ]
    kept, findings = Guard(view.roster, view.matches, ledger, view.policy, view.today).sift(actions)
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
    closed = sum(1 for owned in view.matches.orphans if owned.stamp and not owned.stamp.state.receives)
    absent = Text(
        f"{closed} hộp thư đã đóng nhưng chủ không có trong danh sách: chưa bị xóa khi chưa có dòng kèm quyết định.",
        f"{closed} closed mailboxes whose holder is missing from the roster: not deleted without a row and decision.",
    )
    forecast = Text(
        "Ngày về sau là dự kiến nếu không có gì thay đổi; mỗi lần xóa có kế hoạch và được duyệt riêng.",
        "Later days are a forecast if nothing changes; each deletion gets its own plan and approval.",
    )
    title = Text("Lịch xóa hộp thư", "Calendar of deletions")
    return titled(view, title, columns, [row for _, row in sorted(rows)], (forecast, *([absent] if closed else [])))


# ── default passwords ────────────────────────────────────────────────────────


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


# ── use ──────────────────────────────────────────────────────────────────────


def _evidence(box: Box, today: date) -> LastUse | None:
    """Return the evidence of use, None where there is none or its clock was wrong (contract of time)."""
    use = box.account.last_use
    return None if use is None or (use.on and use.on > today) else use


def _used(agency: Text, boxes: Sequence[Box], today: date) -> Row:
    uses = [use for box in boxes if (use := _evidence(box, today))]
    spans = [(use.on, use.on + timedelta(days=use.accuracy_days)) for use in uses if use.on]
    cells = [agency, counted(len(boxes)), counted(len(boxes) - len(uses)), counted(len(uses) - len(spans))]
    for days in _WINDOWS:
        first = today - timedelta(days=days)
        sure, perhaps = (sum(ends[which] >= first for ends in spans) for which in (0, 1))
        cells.append(span(str(sure), str(perhaps)))
        percents = [f"{100 * count / len(uses):.0f}" for count in (sure, perhaps)] if uses else []
        share = span(*percents) if percents else NONE
        cells.append(Text(f"{share.vi} %", f"{share.en} %") if percents else NONE)
    return tuple(cells)


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


def _agency(name: str) -> Text:
    return said(name) if name else _UNKNOWN_UNIT


def _label(kind: AccountKind) -> Text:
    return words.ACCOUNTS[kind]
