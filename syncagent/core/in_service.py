"""An active or temporarily locked mailbox: written orders, unlocks, terms, passwords, unregulated events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core import terms
from syncagent.core.action import ActionKind
from syncagent.core.case import Step, because
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.periods import ONE_DAY
from syncagent.core.person import Event, Status
from syncagent.core.regulation import Effect
from syncagent.core.request import RequestKind
from syncagent.core.stamp import Reason, State
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.case import Case
    from syncagent.core.regulation import EventClause
    from syncagent.core.request import Request
    from syncagent.core.stamp import Stamp


_SHORTEST_MONTH = 28
"""Days; whoever changed the password more recently than that many months needs no calendar."""

_SAYS = {Status.SECONDED: Event.SECONDED, Status.SUSPENDED: Event.SUSPENDED}
"""What a status says of itself where the row names no event: nobody is seconded or suspended in silence."""

LOCKS = (RequestKind.LOCK, RequestKind.UNLOCK)
"""The newest of these rules; the older ones are settled with it."""


def step(case: Case, account: Account, stamp: Stamp) -> Step:
    """Given somebody who works here and has an open or locked mailbox, return what is done today."""
    findings = event_findings(case)
    if stamp.state is State.ACTIVE and not account.enabled:
        return Step(stamp.state, skip="locked-by-hand", findings=(*findings, _locked_by_hand(case)))
    sync = not case.unit_closed and not any(finding.severity is Severity.REVIEW for finding in findings)
    findings += _overdue(case, account)
    if case.policy.regulation.counts_use:
        findings += (terms.spared(case, stamp) or terms.exemptions(case, stamp)) + terms.clock_doubts(case, account)
    lost = _lost_password(case, stamp)
    found = (
        _ordered_lock(case, stamp)
        or _unlock(case, account, stamp)
        or terms.step(case, stamp, asked=lost.received_on if lost else None)
        or _lock_again(case, account, stamp)
        or (_reset(case, stamp, lost) if lost else None)
    )
    if found is None:
        return Step(stamp.state, next=terms.next_day(case, stamp), findings=findings, sync=sync)
    if found.kind is ActionKind.LOCK:
        found = replace(found, fulfils=(*found.fulfils, *settled(case, RequestKind.UNLOCK)))
    if found.kind is ActionKind.WITHDRAW:
        found = replace(found, fulfils=(*found.fulfils, *settled(case, RequestKind.UNLOCK, RequestKind.CREATE)))
    return replace(found, findings=findings, sync=sync and found.state.receives)


def latest(case: Case, *kinds: RequestKind, since: date | None = None) -> Request | None:
    """Return the newest request of these kinds that the regulation knows; the day `since` itself counts."""
    if not case.requests:
        return None
    known = case.policy.regulation.requests
    found = [
        request
        for request in case.requests
        if request.kind in kinds and request.kind in known and (since is None or request.received_on >= since)
    ]
    return found[-1] if found else None


def settled(case: Case, *kinds: RequestKind, until: date | None = None) -> tuple[str, ...]:
    """Return the requests, received by a day, that a new state of the mailbox leaves nothing to do for."""
    return tuple(
        request.request_id
        for request in case.requests
        if request.kind in kinds and (until is None or request.received_on <= until)
    )


def answer_by(case: Case, received: date | None) -> date | None:
    """Return the last working day for the answer to the agency (NB-16, Điều 6.2.b)."""
    return case.policy.answer_by(received) if received else None


def event_findings(case: Case) -> tuple[Finding, ...]:
    """Return what the regulation does not say about this event (domain §1.8 row 6).

    A written request to change, received since, is what the regulation wants instead; then nothing is open, nor
    once the row has been acted on.
    """
    row = case.person.current if case.person else None
    event = (row.event or _SAYS.get(row.status)) if row else None
    clause = case.policy.regulation.events.get(event) if event else None
    if row is None or clause is None or clause.effect not in {Effect.REVIEW, Effect.NOTHING}:
        return ()
    case.consider(clause.cite, clause.cite.text, applies=False)
    acted = case.stamp.row if case.stamp else None
    if acted and row.takes_effect and acted >= row.takes_effect:
        return ()
    if latest(case, RequestKind.CHANGE, since=row.takes_effect):
        return ()
    return (unregulated(case, clause),)


def unregulated(case: Case, clause: EventClause) -> Finding:
    """Return the finding that an event waits for a person, with the regulation's silence as its reason."""
    return case.finding(FindingCode.UNREGULATED_EVENT, clause.cite.text, clause.severity)


def _ordered_lock(case: Case, stamp: Stamp) -> Step | None:
    """Lock on a written order: virus, leak, prohibited use (NB-21, NB-22; Điều 7.2.c-d)."""
    asked = latest(case, *LOCKS)
    if stamp.state is not State.ACTIVE or not asked or asked.kind is not RequestKind.LOCK:
        return None
    return _requested(case, asked, ActionKind.LOCK, State.LOCKED, Reason.ORDERED)


def _unlock(case: Case, account: Account, stamp: Stamp) -> Step | None:
    """Open a temporarily locked mailbox on the agency's letter, with a new password (NB-24 to NB-26; Điều 7.3).

    It makes no difference whether the agent locked it or the directory, for wrong passwords (NB-19; Điều 7.2.a).
    """
    since = stamp.since if stamp.state is State.LOCKED else account.locked_out
    asked = latest(case, *LOCKS, since=since) if since else None
    if not asked or asked.kind is not RequestKind.UNLOCK:
        return None
    opens = _opens(case, stamp)
    if opens > case.today:
        return Step(stamp.state, skip="gate", next=opens)
    return _with_password(case, _requested(case, asked, ActionKind.UNLOCK, State.ACTIVE, Reason.UNLOCKED))


def _opens(case: Case, stamp: Stamp) -> date:
    """Return the first day on which this lock may be lifted (Q4-19, Điều 8.3.b: five days from the lock)."""
    gate = case.policy.regulation.requests[RequestKind.UNLOCK].gate
    if gate is None or stamp.why not in gate.reasons:
        return stamp.since
    opens = stamp.since + gate.days * ONE_DAY
    case.consider(gate.cite, Text(f"mở lại từ {vi(opens)}", f"may be opened from {opens}"), applies=opens > case.today)
    return opens


def _lock_again(case: Case, account: Account, stamp: Stamp) -> Step | None:
    """Close again what was opened by hand: opening a locked mailbox takes a letter (NB-24, Điều 7.3.a)."""
    if stamp.state is not State.LOCKED or not account.enabled:
        return None
    says = Text(
        "Hộp thư đang tạm khóa bị mở bằng tay; chỉ được mở theo văn bản đề nghị của cơ quan.",
        "A temporarily locked mailbox was opened by hand; opening it takes a written request of the agency.",
    )
    known = case.policy.regulation.requests.get(RequestKind.UNLOCK)
    reason = because(known.cite if known else case.policy.regulation.returner, says, stamp.document)
    return Step(
        State.LOCKED,
        ActionKind.LOCK,
        why=stamp.why,
        because=(reason,),
        due=case.today,
        document=stamp.document,
    )


def _lost_password(case: Case, stamp: Stamp) -> Request | None:
    """Return the newest report of a leaked or forgotten password; a locked mailbox gets one when it is unlocked."""
    if stamp.state is not State.ACTIVE:
        return None
    return latest(case, RequestKind.RESET_PASSWORD, since=stamp.password or stamp.issued)


def _reset(case: Case, stamp: Stamp, asked: Request) -> Step:
    """Set a new default password when a leaked or forgotten one is reported (NB-43, Điều 12.3)."""
    return _with_password(case, _requested(case, asked, ActionKind.RESET_PASSWORD, stamp.state, stamp.why))


def _requested(case: Case, asked: Request, kind: ActionKind, state: State, why: str) -> Step:
    cite = case.policy.regulation.requests[asked.kind].cite_of(case.subject)
    case.consider(cite, cite.text, applies=True)
    return Step(
        state,
        kind,
        why=why,
        because=(because(cite, document=asked.document),),
        due=asked.received_on,
        document=asked.document,
        deadline=case.policy.answer_by(asked.received_on, asked.kind),
        then=terms.then(case, state, why, case.today),
        fulfils=settled(case, *(LOCKS if asked.kind in LOCKS else (asked.kind,))),
    )


def _with_password(case: Case, found: Step) -> Step:
    """Add a new default password to a step; every open request for one is thereby carried out."""
    return replace(
        found,
        because=(*found.because, because(case.policy.regulation.restored_password)),
        default_password=True,
        fulfils=(*found.fulfils, *settled(case, RequestKind.RESET_PASSWORD)),
    )


def _locked_by_hand(case: Case) -> Finding:
    return case.finding(
        FindingCode.LOCKED_BY_DIRECTORY,
        Text(
            f"Tài khoản của {case.subject} bị khóa trực tiếp trong thư mục; hãy ghi một yêu cầu tạm khóa (lock) hoặc "
            "mở lại bằng tay.",
            f"The account of {case.subject} was locked in the directory; record a lock request, or open it by hand.",
        ),
    )


def _overdue(case: Case, account: Account) -> tuple[Finding, ...]:
    """Report a password older than the regulation's months; no sanction hangs on it (NB-30, Điều 8.2.a)."""
    rules = case.policy.regulation.passwords
    if account.password_set is None or account.must_change or not rules.longest_months:
        return ()
    if (case.today - account.password_set).days < rules.longest_months * _SHORTEST_MONTH:
        return ()
    if case.today < terms.password_due(case, account.password_set):
        return ()
    case.consider(rules.overdue, rules.overdue.text, applies=True)
    says = Text(
        f"Mật khẩu của {case.subject} đặt ngày {vi(account.password_set)}, quá {rules.longest_months} tháng.",
        f"The password of {case.subject} dates from {account.password_set}, over {rules.longest_months} months.",
    )
    return (case.finding(FindingCode.PASSWORD_OVERDUE, says, Severity.WARNING),)
