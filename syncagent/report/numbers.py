"""How many mailboxes there are, what a period changed, and how many are in use (NB-42, DN-34, Q4-26, BT-28)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final, assert_never

from syncagent.core.action import ActionKind
from syncagent.core.duties import Report
from syncagent.core.names import fold
from syncagent.core.stamp import AccountKind, State
from syncagent.report import words
from syncagent.report.boxes import DOUBTFUL, FAULTY, KINDS, MANAGED, NOBODY, UNMARKED, agency_of, boxes_of
from syncagent.report.table import NONE, basis, counted, on_day, said, span, title_of, titled
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from syncagent.core.account import LastUse
    from syncagent.core.action import Action
    from syncagent.core.outcome import History
    from syncagent.core.periods import Period
    from syncagent.core.survey import View
    from syncagent.report.boxes import Box
    from syncagent.report.table import Row, Table

_THERE = (State.ACTIVE, State.LOCKED, State.DISABLED, State.WITHDRAWN)
_WINDOWS = (30, 90, 180)


class Event(Enum):
    """What a period did to a mailbox; no text, for it is counted beside states, some of which have the same name."""

    ISSUED = "issued"
    CHANGED = "changed"
    LOCKED = "locked"
    RESTORED = "restored"
    CLOSED = "closed"
    DELETED = "deleted"
    RECOVERED = "recovered"


_EVENTS: Final[Mapping[Event, Text]] = {
    Event.ISSUED: Text("Cấp mới trong kỳ", "Issued in the period"),
    Event.CHANGED: Text("Thay đổi trong kỳ", "Changed in the period"),
    Event.LOCKED: Text("Tạm khóa trong kỳ", "Locked in the period"),
    Event.RESTORED: Text("Mở lại trong kỳ", "Reopened in the period"),
    Event.CLOSED: Text("Đóng trong kỳ", "Closed in the period"),
    Event.DELETED: Text("Xóa trong kỳ", "Deleted in the period"),
    Event.RECOVERED: Text("Khôi phục sau khi xóa trong kỳ", "Recovered after deletion in the period"),
}

_UNDELETED = Text("khôi phục sau khi xóa", "recover after deletion")


# ── counts ───────────────────────────────────────────────────────────────────


def counts(view: View, period: Period, history: History) -> Table:
    """Count the mailboxes of each agency by kind and state as they are now, and what the period did to them."""
    boxes = boxes_of(view)
    linked = [box for box in boxes if box.standing not in {NOBODY, DOUBTFUL}]
    grouped: dict[tuple[str, AccountKind], Counter[object]] = defaultdict(Counter)
    for box in linked:
        grouped[box.agency, box.kind].update([box.stamp.state if box.stamp else UNMARKED, None])
    for done in history.done:
        if view.covers(done.action.unit) and (event := _event(done.action)):
            grouped[_agency(view, done.action.unit), done.action.account_kind][event] += 1
    total = sum(grouped.values(), Counter[object]())
    wanted = (*_THERE, UNMARKED, None, *Event)
    ordered = sorted(grouped.items(), key=lambda item: (fold(item[0][0]), KINDS.index(item[0][1])))
    rows = [
        (agency_of(agency), words.ACCOUNTS[kind], *(counted(found[what]) for what in wanted))
        for (agency, kind), found in ordered
    ]
    rows.append((Text("Tổng cộng", "Total"), NONE, *(counted(total[what]) for what in wanted)))
    columns = (
        Text("Cơ quan", "Agency"), Text("Loại hộp thư", "Kind"), *(words.STATES[state] for state in _THERE),
        Text("Chưa tiếp nhận", "Not taken over"), Text("Tổng", "Total"), *_EVENTS.values(),
    )  # fmt: skip
    apart = len(boxes) - len(linked)
    uncounted = Text(
        f"Không tính {apart} tài khoản không rõ của ai hoặc không gắn với ai; hộp thư đã xóa không còn trong thư mục.",
        f"Not counted: {apart} accounts of nobody or of unclear owners; deleted mailboxes are no longer there.",
    )
    notes = (*basis(view, Report.COUNTS), *_reach(view, period, history), *([] if view.within else [uncounted]))
    return titled(view, title_of(Report.COUNTS, period), columns, rows, notes)


def _event(action: Action) -> Event | None:
    """Return as what an action is counted; an adoption counts only where it closes the mailbox.

    What comes back from among the deleted is neither new nor open: it takes back what was counted as deleted.
    """
    if action.undeletes:
        return Event.RECOVERED
    match action.kind:
        case ActionKind.CREATE:
            return Event.ISSUED
        case ActionKind.READDRESS | ActionKind.UPDATE | ActionKind.MOVE:
            return Event.CHANGED
        case ActionKind.LOCK:
            return Event.LOCKED
        case ActionKind.UNLOCK | ActionKind.RESTORE:
            return Event.RESTORED
        case ActionKind.DISABLE | ActionKind.WITHDRAW:
            return Event.CLOSED
        case ActionKind.DELETE:
            return Event.DELETED
        case ActionKind.ADOPT:
            return Event.CLOSED if action.destructive else None
        case ActionKind.RESET_PASSWORD | ActionKind.HAND_OVER:
            return None
    assert_never(action.kind)


# ── changes ──────────────────────────────────────────────────────────────────


def changes(view: View, period: Period, history: History) -> Table:
    """List everything that was done to a mailbox in the period, day by day, with the document behind it."""
    found = []
    for on, action in history.done:
        if not view.covers(action.unit):
            continue
        unit = view.roster.units.full_name(action.unit) or action.unit
        name = action.name if action.account_kind is AccountKind.PERSONAL else words.ACCOUNTS[action.account_kind].vi
        documents = ", ".join(action.documents)
        shown = (
            said(action.name) if action.account_kind is AccountKind.PERSONAL else words.ACCOUNTS[action.account_kind]
        )
        addresses = (said(action.address), said(action.previous_address) if action.previous_address else NONE)
        what = _UNDELETED if action.undeletes else words.KINDS[action.kind]
        cells = (on_day(on), what, shown, said(unit), *addresses, said(documents or "–"))
        found.append(((on, fold(unit), fold(name), action.id), cells))
    columns = (
        Text("Ngày", "Day"), Text("Thao tác", "Action"), Text("Họ tên, hộp thư", "Name or mailbox"),
        Text("Đơn vị", "Unit"), Text("Địa chỉ", "Address"), Text("Địa chỉ cũ", "Former address"),
        Text("Văn bản", "Document"),
    )  # fmt: skip
    rows = [row for _, row in sorted(found, key=lambda one: one[0])]
    notes = (*basis(view, Report.CHANGES), *_reach(view, period, history))
    return titled(view, title_of(Report.CHANGES, period), columns, rows, notes)


def _reach(view: View, period: Period, history: History) -> list[Text]:
    """Say what of a period is not in its figures: what is yet to come, and what was before the first plan."""
    notes = []
    if view.today < period.last:
        notes.append(
            Text(
                f"Kỳ chưa kết thúc: phát sinh được tính đến hết ngày {vi(view.today)}; để có đủ, lập lại với --period "
                f"{period} sau ngày {vi(period.last)}.",
                f"The period has not ended: events are counted up to {view.today}; for all of them make it again with "
                f"--period {period} after {period.last}.",
            )
        )
    if history.since is None:
        notes.append(Text("Nhật ký chưa có gì: chưa lập kế hoạch nào.", "The journal is empty: no plan was made yet."))
    elif history.since > period.first:
        notes.append(
            Text(
                f"Phát sinh lấy từ nhật ký, có từ ngày {vi(history.since)}; trước đó không có số liệu.",
                f"Events are those of the journal, which begins on {history.since}; before that nothing is known.",
            )
        )
    return notes


# ── use ──────────────────────────────────────────────────────────────────────


def usage(view: View, period: Period) -> Table:
    """Count how many people of each agency were using their mailbox of late (BT-28, Điều 14.2); names nobody.

    Who has no open mailbox does not use one; of whom there is no evidence is counted apart and in no share.
    """
    clauses = [clause for clause in view.policy.regulation.reports if Report.USAGE in clause.served_by]
    types = frozenset(one for clause in clauses for one in clause.types)
    staff: dict[str, dict[str, Box | None]] = defaultdict(dict)
    for person in view.roster.people.values():
        kind = person.current.type
        if not view.covers(person.current.unit):
            continue
        if not person.left and (kind is None or not types or kind in types):
            staff[_agency(view, person.current.unit)][person.person_id] = None
    for box in boxes_of(view):
        if box.kind is AccountKind.PERSONAL and box.works and box.standing in {MANAGED, UNMARKED, FAULTY}:
            theirs = staff[box.agency]
            if box.subject in theirs or box.standing is FAULTY:
                theirs[box.subject] = box
    windows = sorted({*_WINDOWS, (view.today - period.first).days})
    everybody = [box for theirs in staff.values() for box in theirs.values()]
    ordered = [agency for agency in sorted(staff, key=fold) if staff[agency]]
    rows = [_used(agency_of(agency), list(staff[agency].values()), view.today, windows) for agency in ordered]
    rows.append(_used(Text("Tổng cộng", "Total"), everybody, view.today, windows))
    begins = Text(f"từ {vi(period.first)}", f"since {period.first}")
    spans = [
        begins if view.today - timedelta(days=days) == period.first else Text(f"{days} ngày", f"{days} days")
        for days in windows
    ]
    columns = (
        Text("Cơ quan", "Agency"), Text("Số người", "People"), Text("Hộp thư mở", "Open mailboxes"),
        Text("Không có bằng chứng", "No evidence"), Text("Chưa từng dùng", "Never used"),
        *(text for days in spans for text in (
            Text(f"Dùng, {days.vi}", f"Used, {days.en}"), Text(f"Tỷ lệ, {days.vi}", f"Share, {days.en}"),
        )),
    )  # fmt: skip
    known = [use for box in everybody if box and (use := _evidence(box, view.today))]
    accuracy = max((use.accuracy_days for use in known), default=0)
    notes = (
        Text(
            f"Ngày dùng cuối có thể sai đến {accuracy} ngày; số dạng “a–b” là chắc chắn a, nhiều nhất b.",
            f"A last use may be up to {accuracy} days later than recorded; “a–b” means surely a, at most b.",
        ),
        Text(
            "Tỷ lệ tính trên số người; ai không có hộp thư đang mở là không dùng. Người mà hộp thư không có bằng chứng "
            "hoặc có thời điểm ở tương lai được đếm riêng, không tính vào tỷ lệ.",
            "Shares are of people; who has no open mailbox does not use one. Those whose mailbox shows no evidence, or "
            "a time in the future, are counted apart and in no share.",
        ),
    )
    only = Text(
        "Chỉ tính cán bộ, công chức, viên chức và người chưa rõ loại; không tính người lao động.",
        "Cadres, officials and public employees only, and people of unknown type; contract workers are not counted.",
    )
    grounds = (*basis(view, Report.USAGE), *notes, *([only] if types else []))
    return titled(view, title_of(Report.USAGE, period), columns, rows, grounds)


def _evidence(box: Box, today: date) -> LastUse | None:
    """Return the evidence of use, None where there is none or its clock was wrong (contract of time)."""
    use = box.account.last_use
    return None if use is None or (use.on and use.on > today) else use


def _used(agency: Text, staff: Sequence[Box | None], today: date, windows: Sequence[int]) -> Row:
    boxes = [box for box in staff if box]
    uses = [use for box in boxes if (use := _evidence(box, today))]
    spans = [(use.on, use.on + timedelta(days=use.accuracy_days)) for use in uses if use.on]
    unknown = len(boxes) - len(uses)
    of = len(staff) - unknown
    cells = [agency, *map(counted, (len(staff), len(boxes), unknown, len(uses) - len(spans)))]
    for days in windows:
        first = today - timedelta(days=days)
        sure, perhaps = (sum(ends[which] >= first for ends in spans) for which in (0, 1))
        cells.append(span(str(sure), str(perhaps)))
        percents = [f"{100 * count / of:.0f}" for count in (sure, perhaps)] if of else []
        share = span(*percents) if percents else NONE
        cells.append(Text(f"{share.vi} %", f"{share.en} %") if percents else NONE)
    return tuple(cells)


def _agency(view: View, unit: str) -> str:
    """Return the name of the agency a unit belongs to, empty where it is not known."""
    agency = view.roster.units.agency(unit)
    return agency.name if agency else ""
