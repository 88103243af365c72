"""Joiner, mover, leaver: what the regulation does with one subject today.

Each function answers for one situation and reads like the article it carries out. A step is only ever taken
on a document, a request or a term; anything less is a finding, and the account stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core import holders, in_service, opening, orders, terms
from syncagent.core.action import ActionKind
from syncagent.core.case import IN_STEP, Step, because, stay
from syncagent.core.finding import Finding, FindingCode
from syncagent.core.in_service import answer_by, latest
from syncagent.core.opening import Opener
from syncagent.core.orders import OUT_OF_SERVICE
from syncagent.core.person import Status
from syncagent.core.regulation import Effect
from syncagent.core.request import RequestKind
from syncagent.core.spoken import COLUMNS, EVENTS, UNIT_STATUSES
from syncagent.core.stamp import Reason, Stamp, State
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.action import Because, Cite
    from syncagent.core.case import Case
    from syncagent.core.person import PersonRow
    from syncagent.core.request import Request


def next_step(case: Case) -> Step:
    """Given one subject with all facts, return what the regulation does with it today."""
    if case.vanished:
        return stay(case, "account-vanished", _vanished(case))
    said: list[Finding] = []
    for order in (orders.emergency, orders.cancelled) if case.account else ():
        ordered = order(case, case.stamp)
        if isinstance(ordered, Step):
            return replace(ordered, findings=(*said, *ordered.findings))
        said += [ordered] if ordered else []
    step = _ordinary(case)
    return replace(step, findings=(*said, *step.findings)) if said else step


def _ordinary(case: Case) -> Step:
    """Return what the regulation does where no emergency is ordered."""
    if case.person is None:
        return _unit_mailbox(case)
    row = case.person.current
    if stale := _went_back(case, row):
        return stay(case, "roster-went-back", stale)
    if case.person.left:
        return _leaver(case, row)
    if case.account is None:
        return _joiner(case, row)
    if case.stamp is None:
        return _unmarked(case, case.account, row.takes_effect)
    if case.stamp.state in OUT_OF_SERVICE:
        return _returner(case, case.stamp, row)
    return in_service.step(case, case.account, case.stamp)


# ── leaver ───────────────────────────────────────────────────────────────────


def _leaver(case: Case, row: PersonRow) -> Step:
    """Close sending and receiving once the competent authority's document is there (NB-27, Điều 7.4)."""
    regulation = case.policy.regulation
    clause = regulation.events.get(row.event) if row.event else None
    proved = row.document.proves_on(case.today)
    if row.event is None or clause is None or clause.effect is not Effect.LEAVE or not proved:
        missing = _missing(case, row)
        case.consider(regulation.leaver.cite, Text(f"thiếu {missing.vi}", f"missing: {missing.en}"), applies=False)
        return _not_proved(case, "leaver-without-document", _undocumented(case, missing))
    if case.account is None:
        return stay(case, "no-account")
    if regulation.leaver.does is None:
        return stay(case, "needs-order", _by_order_only(case, regulation.leaver.cite))
    effective = row.takes_effect or case.today
    event = EVENTS[row.event]
    reason = because(
        regulation.leaver.cite,
        Text(
            f"{regulation.leaver.cite.text.vi} Sự kiện: {event.vi}, hiệu lực {vi(effective)}.",
            f"{regulation.leaver.cite.text.en} Event: {event.en}, effective {effective}.",
        ),
        row.document.number,
    )
    return _close(case, regulation.leaver.does, Reason.LEFT, reason, effective, answer_by(case, row.received))


def _not_proved(case: Case, skip: str, finding: Finding) -> Step:
    """Keep a mailbox whose end nobody has proved in service: orders and terms go on, nothing else changes.

    It is not in step with the roster, so what it waits for is said instead, unless the service itself says more.
    """
    stamp = case.stamp
    if case.account is None or stamp is None or stamp.state in OUT_OF_SERVICE:
        return stay(case, skip, finding)
    step = in_service.step(case, case.account, stamp)
    waits = skip if step.skip == IN_STEP else step.skip
    return replace(step, sync=False, skip=waits, findings=(finding, *step.findings))


def _close(case: Case, does: ActionKind, why: Reason, reason: Because, effective: date, deadline: date | None) -> Step:
    """Close the mailbox; once it is closed, wait for the term that deletes it, if there is one (NB-28, Điều 7.4)."""
    case.consider(case.policy.regulation.leaver.cite, reason.text, applies=True)
    stamp = case.stamp
    reopened = case.account is not None and (case.account.enabled or case.account.receives)
    if stamp and stamp.state in OUT_OF_SERVICE and not reopened and not _ends_later(case, stamp, why):
        waits = stay(case, "waits-for-term", next_day=terms.next_day(case, stamp))
        return terms.step(case, stamp, reason.document) or waits
    state = terms.STATE_AFTER[does]
    return Step(
        state,
        does if stamp else ActionKind.ADOPT,
        why=why,
        because=(reason,),
        due=effective,
        document=reason.document,
        row=effective,
        deadline=deadline,
        then=terms.then(case, state, why, case.today),
    )


def _ends_later(case: Case, stamp: Stamp, why: Reason) -> bool:
    """Whether a mailbox closed for another reason is deleted only now that this one is there (NB-28, Điều 7.4).

    One that was revoked on request is kept; once its unit is no more, the three months run from the day that is said.
    """
    ends = terms.then(case, stamp.state, why, case.today) is not None
    return ends and terms.then(case, stamp.state, stamp.why, case.today) is None


def _by_order_only(case: Case, cite: Cite) -> Finding:
    case.consider(cite, Text("chỉ theo văn bản yêu cầu", "on a written order only"), applies=False)
    return case.finding(
        FindingCode.NEEDS_ORDER,
        Text(
            f"{case.subject} đã rời đi hoặc giải thể; {cite.article} chỉ cho đóng hộp thư theo văn bản. Hãy ghi một "
            "yêu cầu hủy, thu hồi (cancel).",
            f"{case.subject} has left or was dissolved; {cite.article} closes mailboxes on a written order only. "
            "Record a cancel request.",
        ),
    )


def _missing(case: Case, row: PersonRow) -> Text:
    """Return what of a leaving is not proved: empty columns, a signature to come, an event that ends nothing."""
    columns = (() if row.event else ("event",)) + row.document.missing()
    if columns or row.event is None:
        return _columns(columns)
    if row.document.signed_on and row.document.signed_on > case.today:
        return _unsigned(row.document.signed_on)
    event = EVENTS[row.event]
    return Text(
        f"một sự kiện cho thấy đã rời đi (cột event đang ghi {event.vi})",
        f"an event that ends the work (the column event says {event.en})",
    )


def _columns(names: tuple[str, ...]) -> Text:
    said = [COLUMNS[name] for name in names]
    return Text(", ".join(one.vi for one in said), ", ".join(one.en for one in said))


def _unsigned(day: date) -> Text:
    return Text(
        f"quyết định đã ký (decision_date ghi {vi(day)} là ngày chưa tới)",
        f"a decision that is signed (decision_date says {day}, a day to come)",
    )


def _undocumented(case: Case, missing: Text) -> Finding:
    return case.finding(
        FindingCode.LEAVER_WITHOUT_DOCUMENT,
        Text(
            f"{case.subject} được ghi là đã rời đi nhưng thiếu {missing.vi}; tài khoản giữ nguyên cho đến khi bổ sung.",
            f"{case.subject} is said to have left, but {missing.en} is missing; the account stays until it is given.",
        ),
    )


def former_step(case: Case, stamp: Stamp) -> Step:
    """Given a mailbox its holder was moved away from by a new issue, delete it after its term (NB-28, Điều 7.4)."""
    return terms.step(case, stamp) or stay(case, "waits-for-term", next_day=terms.next_day(case, stamp))


# ── joiner ───────────────────────────────────────────────────────────────────


def _joiner(case: Case, row: PersonRow) -> Step:
    """Issue a mailbox to somebody who works here and has none (NB-12, NB-15; Điều 5.3, 6.2.a)."""
    regulation = case.policy.regulation
    clause = regulation.events.get(row.event) if row.event else None
    asked = latest(case, RequestKind.CREATE)
    if case.unit_closed:
        return stay(case, "unit-closed")
    if not asked and row.status is not Status.WORKING:
        case.consider(regulation.joiner, Text("không đang làm việc", "not working"), applies=False)
        return stay(case, f"not-working:{row.status}")
    silent = clause is not None and clause.effect in {Effect.REVIEW, Effect.NOTHING}
    if not asked and clause and silent:
        return stay(case, "unregulated-event", in_service.unregulated(case, clause))
    if barred := opening.barred(case, row.takes_effect):
        return stay(case, "deleted-before", barred)
    decided = (Opener.by_row(row),) if row.status is Status.WORKING and not silent else ()
    opener = opening.standing(case, *((Opener.of(asked), *decided) if asked else decided))
    if not isinstance(opener, Opener):
        return stay(case, "called-off", opener)
    return opening.issue(case, opener, row.takes_effect)


def _unmarked(case: Case, account: Account, effective: date | None) -> Step:
    """Take over an account without our mark, unless the Ledger knows that we closed it: wiping a mark opens nothing."""
    if case.remembered and case.remembered.state in OUT_OF_SERVICE:
        return stay(case, "needs-order", opening.closed_but_working(case, case.subject, case.remembered))
    return _taken_over(case, account, effective)


def _taken_over(case: Case, account: Account, effective: date | None) -> Step:
    """Adopt an account that is not ours yet and bring it in step at once; a locked one is never opened by it."""
    state, why = (State.ACTIVE, Reason.ADOPTED) if account.enabled else (State.LOCKED, Reason.FOUND_LOCKED)
    provisional = Stamp(case.kind, case.subject, state, case.today, why, issued=account.created, row=effective)
    inner = in_service.step(replace(case, stamp=provisional), account, provisional)
    says = Text(
        "Tài khoản mang đúng mã này nhưng chưa do phần mềm quản lý; tiếp nhận và đưa về đúng.",
        "The account bears the right key but is not managed yet; take it over and bring it in step.",
    )
    return replace(
        inner,
        kind=ActionKind.ADOPT,
        state=inner.state,
        why=inner.why if inner.kind else why,
        because=(because(case.policy.regulation.attributes, says), *inner.because),
        due=case.today,
        row=effective,
    )


# ── returner ─────────────────────────────────────────────────────────────────


def _returner(case: Case, stamp: Stamp, row: PersonRow) -> Step:
    """Give back a closed mailbox before it is deleted: same account, same address (domain §1.6, §4.3)."""
    clause = case.policy.regulation.events.get(row.event) if row.event else None
    joins = clause is not None and clause.effect in {Effect.CREATE, Effect.TRANSFER}
    asked = latest(case, RequestKind.CREATE, RequestKind.UNLOCK, since=stamp.since)
    returns = joins and bool(row.document.number) and opening.newer(stamp, row.takes_effect)
    return _given_back(case, stamp, asked, Opener.by_row(row) if returns else None, case.subject)


def _given_back(case: Case, stamp: Stamp, asked: Request | None, decision: Opener | None, who: str) -> Step:
    """Give a closed mailbox back to `who` at a request, else on a decision, unless the unit has called it off since.

    A merger gives back what was closed when an earlier try of its wave was taken back (Điều 13.2.a).
    """
    openers = [*([Opener.of(asked)] if asked else []), *([decision] if decision else [])]
    if case.moved_by and stamp.why == Reason.UNDONE:
        openers.append(Opener(case.moved_by, None, None, None))
    if not openers:
        return stay(case, "needs-order", opening.closed_but_working(case, who, stamp))
    opener = opening.standing(case, *openers)
    if not isinstance(opener, Opener):
        return stay(case, "called-off", opener)
    effective = case.person.current.takes_effect if case.person else case.unit.effective_date
    return opening.give_back(case, opener, effective)


# ── units ────────────────────────────────────────────────────────────────────


def _unit_mailbox(case: Case) -> Step:
    """Open, close and delete the mailbox of an agency or a department (NB-10, NB-11, NB-27, NB-28)."""
    unit = case.unit
    if case.unit_closed:
        return _closed_unit(case)
    decision = Opener.by_unit(unit)
    in_use = case.account is not None and not (case.stamp and case.stamp.state in OUT_OF_SERVICE)
    if not unit.mailbox:
        unwanted = (_unwanted_mailbox(case),) if in_use else ()
        return stay(case, "no-mailbox-wanted", *unwanted)
    if case.account is None:
        if unit.effective_date and unit.effective_date > case.today:
            return stay(case, "not-yet", next_day=unit.effective_date)
        if barred := opening.barred(case, unit.effective_date):
            return stay(case, "deleted-before", barred)
        asked = latest(case, RequestKind.CREATE)
        opener = opening.standing(case, decision, *([Opener.of(asked)] if asked else []))
        if not isinstance(opener, Opener):
            return stay(case, "called-off", opener)
        return opening.issue(case, opener, unit.effective_date)
    if case.stamp is None:
        return _unmarked(case, case.account, unit.effective_date)
    if in_use:
        step = in_service.step(case, case.account, case.stamp)
        given = holders.hand_over(case, case.stamp) if step.kind is None and step.sync else None
        return replace(given, findings=step.findings) if given else step
    asked = latest(case, RequestKind.CREATE, RequestKind.UNLOCK, since=case.stamp.since)
    ended = case.stamp.why in opening.LAWFUL_ENDS  # one that its agency gave up comes back when the agency asks
    returns = ended and bool(unit.document.number) and opening.newer(case.stamp, unit.effective_date)
    return _given_back(case, case.stamp, asked, decision if returns else None, f"“{unit.name}”")


def _closed_unit(case: Case) -> Step:
    unit = case.unit
    if case.account is None:
        return stay(case, "no-account")
    if not unit.document.proves_on(case.today):
        columns, status = unit.document.missing(), UNIT_STATUSES[unit.status]
        signed = unit.document.signed_on
        missing = _columns(columns) if columns or signed is None else _unsigned(signed)
        finding = case.finding(
            FindingCode.NEEDS_ORDER,
            Text(
                f"Đơn vị “{unit.name}” được ghi là {status.vi} nhưng thiếu {missing.vi}; hộp thư giữ nguyên.",
                f"Unit “{unit.name}” is said to be {status.en}, but {missing.en} is missing; the mailbox stays.",
            ),
        )
        return _not_proved(case, "needs-order", finding)
    effective = unit.effective_date or unit.document.signed_on or case.today
    closing = case.policy.regulation.unit_closed
    if closing.does is None:
        return stay(case, "needs-order", _by_order_only(case, closing.cite))
    reason = because(closing.cite, document=unit.document.number)
    return _close(case, closing.does, Reason.UNIT_CLOSED, reason, effective, answer_by(case, unit.effective_date))


def _unwanted_mailbox(case: Case) -> Finding:
    return case.finding(
        FindingCode.MANUAL_STEPS,
        Text(
            f"Đơn vị “{case.unit.name}” không còn đăng ký hộp thư nhưng hộp thư vẫn có; thu hồi cần văn bản: "
            "hãy ghi yêu cầu hủy (cancel).",
            f"Unit “{case.unit.name}” asks for no mailbox any more, but has one; revoking it takes a document: record "
            "a cancel request.",
        ),
    )


def _went_back(case: Case, row: PersonRow) -> Finding | None:
    """Notice a roster that lost its newest rows: it shows an older row than the one last acted on (law 13)."""
    rows = [stamp.row for stamp in (case.stamp, case.remembered) if stamp and stamp.row]
    acted = max(rows, default=None)
    if acted is None or row.takes_effect is None or row.takes_effect >= acted:
        return None
    return case.finding(
        FindingCode.QUARANTINED,
        Text(
            f"Danh sách chỉ còn dòng hiệu lực {vi(row.takes_effect)} của {case.subject}, nhưng dòng hiệu lực "
            f"{vi(acted)} "
            "đã được thực hiện; có thể các dòng mới bị cắt mất. Không thao tác gì.",
            f"The roster shows {case.subject} as of {row.takes_effect}, but the row of {acted} was already carried "
            "out; newer rows may have been cut off. Nothing is done.",
        ),
    )


def _vanished(case: Case) -> Finding:
    return case.finding(
        FindingCode.AMBIGUOUS_MATCH,
        Text(
            f"Tài khoản đã biết của {case.subject} không còn trong thư mục mà phần mềm không xóa; không cấp mới cho "
            "đến khi có người xác định.",
            f"The known account of {case.subject} is gone from the directory, and the agent did not delete it; nothing "
            "is issued until a person decides.",
        ),
    )
