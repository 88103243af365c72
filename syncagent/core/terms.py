"""Terms of the regulation: what is ordered once enough time has passed, and on which day that is.

A window of an account that is older than the regulation starts on the day it came into force (contract §6).
Evidence of use may be off by days; the window starts on the latest day it can mean. Without evidence nothing
follows from not being used.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import ActionKind, Then
from syncagent.core.case import Step, because
from syncagent.core.finding import FindingCode, Severity
from syncagent.core.periods import ONE_DAY, Term, due_after
from syncagent.core.person import Event, Status
from syncagent.core.regulation import Anchor, Condition
from syncagent.core.request import RequestKind
from syncagent.core.stamp import Reason, State
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.case import Case
    from syncagent.core.finding import Finding
    from syncagent.core.regulation import TermClause
    from syncagent.core.request import Request
    from syncagent.core.stamp import Stamp

STATE_AFTER = {
    ActionKind.LOCK: State.LOCKED,
    ActionKind.WITHDRAW: State.WITHDRAWN,
    ActionKind.DISABLE: State.DISABLED,
    ActionKind.DELETE: State.DELETED,
}

_OPENED = frozenset({Reason.ISSUED, Reason.RETURNED, Reason.UNLOCKED})
"""Why an open mailbox is open, if that was decided on a certain day: not using it counts from there."""

_OF_USE = frozenset({Anchor.USE, Anchor.ISSUE})
"""Terms that punish not using a mailbox."""

_OF_PASSWORDS = frozenset({Anchor.DEFAULT_PASSWORD, Anchor.PASSWORD_SET})
"""Terms that punish not changing a password."""

_AWAY = frozenset({Status.ON_LEAVE, Status.SUSPENDED, Status.SECONDED})
_LONG_LEAVE = frozenset({Event.MATERNITY_LEAVE, Event.UNPAID_LEAVE, Event.STUDY, Event.SUSPENDED, Event.SECONDED})


class Running(NamedTuple):
    """A clause whose term runs for this account: since when, what shows it, and the day on which it is due."""

    clause: TermClause
    since: date
    evidence: Text
    due: date


def step(case: Case, stamp: Stamp, document: str = "", asked: date | None = None) -> Step | None:
    """Return what a term orders today, if one has passed. `document` is the decision that still stands.

    `asked` is the day on which a new password was asked for: whoever told of a lost one in time is not locked for not
    having changed it.
    """
    for clause, since, evidence, due in _running(case, stamp):
        passed = case.today >= due and not (asked and asked < due and clause.anchor in _OF_PASSWORDS)
        counted = _counted(since, evidence, due)
        case.consider(clause.cite, counted, applies=passed)
        if not passed or (clause.exempts and (excused(case) or away(case))):
            continue
        state = STATE_AFTER[clause.does]
        says = Text(f"{clause.cite.text.vi} {counted.vi}.", f"{clause.cite.text.en} {counted.en}.")
        return Step(
            state,
            clause.does,
            why=clause.id,
            because=(because(clause.cite, says, document or stamp.document),),
            due=due,
            document=document or stamp.document,
            then=then(case, state, clause.id, case.today),
            two=clause.does is ActionKind.DELETE,
        )
    return None


def exemptions(case: Case, stamp: Stamp) -> tuple[Finding, ...]:
    """Say who is not using the mailbox and why nothing follows from it, or why it follows all the same."""
    passed = [running for running in _running(case, stamp) if running.clause.anchor in _OF_USE]
    passed = [running for running in passed if case.today >= running.due]
    request = excused(case)
    if not passed or not (request or away(case)):
        return ()
    clause = passed[0].clause
    if not clause.exempts:
        says = Text(
            f"{case.subject} có lý do không sử dụng hộp thư, nhưng {clause.cite.article} không miễn trừ; người duyệt "
            "cần xem xét trước khi đồng ý.",
            f"{case.subject} has a reason for not using the mailbox, but {clause.cite.article} exempts nobody; whoever "
            "approves should look at it.",
        )
        return (case.finding(FindingCode.IDLE_BUT_EXEMPT, says),)
    if request:
        says = Text(
            f"{case.subject} không sử dụng hộp thư quá hạn ({clause.cite.article}) nhưng đã thông báo lý do "
            f"({request.document}); không thao tác.",
            f"{case.subject} does not use the mailbox beyond the term ({clause.cite.article}), but gave a reason "
            f"({request.document}); nothing is done.",
        )
        return (case.finding(FindingCode.IDLE_BUT_EXEMPT, says, Severity.INFO),)
    rule = case.policy.regulation.requests.get(RequestKind.EXEMPT)
    ruled = rule.cite.text if rule else clause.cite.text
    says = Text(
        f"{case.subject} đang vắng mặt theo danh sách nhân sự và không sử dụng hộp thư quá hạn "
        f"({clause.cite.article}); chưa có văn bản nêu lý do. {ruled.vi} Hãy ghi lý do chưa sử dụng hộp thư (exempt), "
        "hoặc yêu cầu xử lý bằng văn bản.",
        f"{case.subject} is away according to the roster and does not use the mailbox beyond the term "
        f"({clause.cite.article}); no letter gives the reason. {ruled.en} Record an exempt request, or order what is "
        "to be done.",
    )
    return (case.finding(FindingCode.IDLE_BUT_EXEMPT, says),)


def spared(case: Case, stamp: Stamp) -> tuple[Finding, ...]:
    """Say who has not used a mailbox for so long that the text deletes it, and why nobody is asked to delete it yet.

    A mailbox is deleted for disuse once it was locked for disuse: the lock is what tells its holder and unit. Who is
    spared the lock by a reason, or is locked for another one, is left to a person (Q4-15, Điều 8.1.b; domain §1.8,
    rows 25 and 27).
    """
    found = _last_use(case, stamp)
    if found is None or (stamp.state is State.ACTIVE and not (excused(case) or away(case))):
        return ()
    for clause in case.policy.regulation.terms:
        if clause.does is not ActionKind.DELETE or clause.anchor is not Anchor.USE:
            continue
        due = _due(case, clause, max(found[0], case.policy.regulation.in_force))
        if case.today < due or (stamp.state in clause.states and stamp.why in clause.reasons):
            continue
        counted = _counted(*found, due)
        case.consider(clause.cite, counted, applies=False)
        why, out = _SPARED[stamp.state]
        says = Text(
            f"{clause.cite.article}: {clause.cite.text.vi} {counted.vi}; {why.vi} nên phần mềm không tự đề nghị xóa. "
            f"{out.vi}",
            f"{clause.cite.article}: {clause.cite.text.en} {counted.en}; {why.en}, so no deletion is proposed. "
            f"{out.en}",
        )
        return (case.finding(FindingCode.IDLE_BUT_EXEMPT, says),)
    return ()


_SPARED = {
    State.ACTIVE: (
        Text("hộp thư chưa bị tạm khóa vì có lý do hoặc đang vắng mặt", "it is not locked, for a reason or absence"),
        Text(
            "Muốn đóng mà giữ dữ liệu: ghi yêu cầu hủy (cancel). Muốn xóa: khi lý do không còn thì hộp thư bị tạm khóa "
            "trước, rồi mới được đề nghị xóa.",
            "To close it and keep its data, record a cancel request. To delete it: once the reason is over it is "
            "locked first, and proposed for deletion after that.",
        ),
    ),
    State.LOCKED: (
        Text("hộp thư bị tạm khóa vì lý do khác", "it is locked for another reason"),
        Text(
            "Muốn đóng mà giữ dữ liệu: ghi yêu cầu hủy (cancel). Muốn dùng lại: ghi yêu cầu mở khóa (unlock).",
            "To close it and keep its data, record a cancel request. To use it again, record an unlock request.",
        ),
    ),
}
"""Why nobody is asked to delete a mailbox that was not used, and what people can do, by its state."""


def _counted(since: date, evidence: Text, due: date) -> Text:
    """Return from which day a term is counted, by what evidence, and when it is due."""
    return Text(f"{evidence.vi} {vi(since)}, đến hạn {vi(due)}", f"{evidence.en} {since}, due {due}")


def clock_doubts(case: Case, account: Account) -> tuple[Finding, ...]:
    """Say that an account was used in the future: then nothing follows from its last use (contract §6)."""
    if account.last_use is None or account.last_use.on is None or account.last_use.on <= case.today:
        return ()
    says = Text(
        f"Lần dùng cuối của {case.subject} là {vi(account.last_use.on)}, sau ngày hôm nay; hãy kiểm tra đồng hồ.",
        f"The last use of {case.subject} is {account.last_use.on}, after today; check the clocks.",
    )
    return (case.finding(FindingCode.CLOCK_DOUBT, says, Severity.WARNING),)


def excused(case: Case) -> Request | None:
    """Return the written reason for not using the mailbox that holds today."""
    rule = case.policy.regulation.requests.get(RequestKind.EXEMPT)
    if rule is None:
        return None
    holding = [
        request
        for request in case.requests
        if request.kind is RequestKind.EXEMPT
        and not request.excuses_size
        and (request.until is None or request.until >= case.today)
        and (request.reason or not rule.needs_reason)
    ]
    return holding[-1] if holding else None


def away(case: Case) -> bool:
    """Whether the roster says that the person is on long leave, so that not using the mailbox is no neglect."""
    row = case.person.current if case.person else None
    return row is not None and (row.status in _AWAY or row.event in _LONG_LEAVE)


def next_day(case: Case, stamp: Stamp) -> date | None:
    """Return the day on which the next term of this account passes, the end of a former address included."""
    days = [running.due for running in _running(case, stamp)]
    days += [alias.last_day + ONE_DAY for alias in stamp.aliases if stamp.state.receives]
    return min((day for day in days if day > case.today), default=None)


def then(case: Case, state: State, why: str, since: date) -> Then | None:
    """Return what follows if an account enters `state` today and nothing else changes."""
    found = []
    for clause in case.policy.regulation.terms:
        if state not in clause.states or (clause.reasons and why not in clause.reasons):
            continue
        start = since if why == Reason.ISSUED else _starts(case, clause, state, since)
        if start:
            found.append(Then(clause.does, max(_due(case, clause, start), case.today + ONE_DAY)))
    return min(found, key=lambda after: (after.on, after.kind), default=None)


def _starts(case: Case, clause: TermClause, state: State, since: date) -> date | None:
    """Return from when a clause will run in the state an old mailbox enters today, None where it will not.

    Who may log in again starts anew; a mailbox that is locked by a term goes on not being used.
    """
    if clause.condition is Condition.NEVER_USED and not _holds(clause.condition, case.account):
        return None
    if clause.anchor is not Anchor.USE or state is State.ACTIVE or case.stamp is None:
        return since
    anchored = _last_use(case, replace(case.stamp, state=state))
    return max(anchored[0], case.policy.regulation.in_force) if anchored else None


def password_due(case: Case, password_set: date) -> date:
    """Return the first day on which a password of that day is too old."""
    rules = case.policy.regulation.passwords
    start = max(password_set, case.policy.regulation.in_force)
    return due_after(start, Term(months=rules.longest_months), case.policy.calendar)


def _running(case: Case, stamp: Stamp) -> list[Running]:
    found = []
    for clause in case.policy.regulation.terms:
        if stamp.state not in clause.states or (clause.reasons and stamp.why not in clause.reasons):
            continue
        if not _holds(clause.condition, case.account):
            continue
        anchored = _anchor(case, stamp, clause)
        if anchored:
            since = max(anchored[0], case.policy.regulation.in_force)
            due = _due(case, clause, since)
            if stamp.state is not State.ACTIVE:
                due = max(due, stamp.since + ONE_DAY)
            found.append(Running(clause, since, anchored[1], due))
    return sorted(found, key=lambda running: (running.due, running.clause.id))


def _holds(condition: Condition, account: Account | None) -> bool:
    if condition is Condition.ALWAYS:
        return True
    if account is None:
        return False
    if condition is Condition.DEFAULT_PASSWORD:
        return bool(account.must_change)
    if condition is Condition.OWN_PASSWORD:
        return not account.must_change
    return account.last_use is not None and account.last_use.on is None


def _anchor(case: Case, stamp: Stamp, clause: TermClause) -> tuple[date, Text] | None:
    """Return the day a term runs from and what that day is; None where nothing proves one."""
    if clause.anchor is Anchor.STATE:
        return stamp.since, Text("Tính từ", "Counted from")
    if clause.anchor is Anchor.ISSUE:
        return _opened(case, stamp), Text("Chưa từng sử dụng, cấp ngày", "Never used, issued on")
    if clause.anchor is Anchor.DEFAULT_PASSWORD:
        created = case.account.created if case.account else None
        known = [day for day in (stamp.password, stamp.issued, created) if day]
        return max(known, default=case.policy.regulation.in_force), Text("Tính từ", "Counted from")
    if clause.anchor is Anchor.PASSWORD_SET:
        changed = case.account.password_set if case.account else None
        return (changed, Text("Mật khẩu đặt ngày", "Password set on")) if changed else None
    return _last_use(case, stamp)


def _last_use(case: Case, stamp: Stamp) -> tuple[date, Text] | None:
    """Return the latest day on which the mailbox may have been in use, None without evidence."""
    use = case.account.last_use if case.account else None
    if use is None or (use.on and use.on > case.today):
        return None
    opened = _opened(case, stamp)
    if use.on is None:
        return opened, Text("Chưa từng sử dụng, cấp ngày", "Never used, issued on")
    latest = min(use.on + timedelta(days=use.accuracy_days), case.today)
    if latest < opened:
        return opened, Text("Không sử dụng từ khi mở lại ngày", "Not used since it was opened on")
    within = f" (±{use.accuracy_days})" if use.accuracy_days else ""
    return latest, Text(
        f"Sử dụng lần cuối {vi(use.on)}{within}, tính từ", f"Last used on {use.on}{within}, counted from"
    )


def _issued(case: Case, stamp: Stamp) -> date:
    """Return when the mailbox was issued; one whose issue nobody recorded counts from the in-force date."""
    created = case.account.created if case.account else None
    return stamp.issued or created or case.policy.regulation.in_force


def _opened(case: Case, stamp: Stamp) -> date:
    """Return since when the mailbox could be used: its issue, or the day somebody opened it again.

    A mailbox is opened with a new default password; once it is locked again, the day of that password tells.
    """
    opened = stamp.since if stamp.state is State.ACTIVE and stamp.why in _OPENED else None
    opened = stamp.password if stamp.state is State.LOCKED else opened
    return max(opened, _issued(case, stamp)) if opened else _issued(case, stamp)


def _due(case: Case, clause: TermClause, since: date) -> date:
    return due_after(since, clause.term, case.policy.calendar)
