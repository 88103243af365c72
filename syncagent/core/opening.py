"""Opening a mailbox: issuing one, giving a closed one back, and what must be there first.

What opens a mailbox settles older letters about it. One that locks it and was received since ends it locked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core import terms
from syncagent.core.action import ActionKind
from syncagent.core.case import Step, because
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.in_service import LOCKS, answer_by, latest, settled
from syncagent.core.orders import ABOUT_ACCESS, moot
from syncagent.core.request import RequestKind
from syncagent.core.stamp import Reason, Stamp, State
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.case import Case
    from syncagent.core.person import PersonRow
    from syncagent.core.request import Request
    from syncagent.core.unit import Unit

LAWFUL_ENDS = frozenset({Reason.LEFT, Reason.UNIT_CLOSED, Reason.REISSUED})
"""Why a mailbox was closed before its term deleted it; a deletion from any other state was ordered."""


def barred(case: Case, effective: date | None) -> Finding | None:
    """Notice that a mailbox was deleted, or ordered to be, and nothing newer asks for another one."""
    ordered = latest(case, RequestKind.EMERGENCY_DELETE)
    acted: list[date] = []
    deleted: list[date] = []
    if case.deleted:
        by_law = case.deleted.why in LAWFUL_ENDS
        acted.append((case.deleted.row if by_law else None) or case.deleted.since)
        deleted.append(case.deleted.since)
    if ordered:
        acted.append(ordered.received_on)
        deleted.append(ordered.received_on)
    if not acted or (case.today > max(deleted) and latest(case, RequestKind.CREATE, since=max(deleted))):
        return None  # from the day after: on the day itself the plan that deleted was the last word
    if effective and effective > max(acted):
        return None
    return case.finding(
        FindingCode.NEEDS_ORDER,
        Text(
            f"Hộp thư của {case.subject} đã bị xóa hoặc có lệnh xóa ngày {vi(max(deleted))}; cấp lại cần quyết định "
            "mới hoặc văn bản đề nghị cấp mới.",
            f"The mailbox of {case.subject} was deleted, or ordered to be, on {max(deleted)}; another one takes a "
            "newer decision or a request to create it.",
        ),
    )


def newer(stamp: Stamp, effective: date | None) -> bool:
    """Whether a decision that takes effect on a day is newer than what closed a mailbox."""
    acted = stamp.row if stamp.why in LAWFUL_ENDS else stamp.since
    return effective is not None and (acted is None or effective > acted)


class Opener(NamedTuple):
    """What opens a mailbox: the decision or request, its day, and when the agency asked for an answer.

    `decided` is the day on which it was signed or sent: what was called off before, it wants all the same.
    """

    document: str
    day: date | None
    received: date | None
    decided: date | None

    @classmethod
    def of(cls, asked: Request) -> Opener:
        """Return a request as what opens a mailbox."""
        return cls(asked.document, asked.received_on, asked.received_on, asked.received_on)

    @classmethod
    def by_row(cls, row: PersonRow) -> Opener:
        """Return a row of the roster as what opens a mailbox."""
        told = [day for day in (row.document.signed_on, row.received_on) if day]
        return cls(row.document.number, row.takes_effect, row.received, max(told, default=row.takes_effect))

    @classmethod
    def by_unit(cls, unit: Unit) -> Opener:
        """Return a unit's own row as what opens its mailbox."""
        day = unit.effective_date
        return cls(unit.document.number, day, day, unit.document.signed_on or day)


def standing(case: Case, *openers: Opener) -> Opener | Finding:
    """Return the first of these that the unit has not called off since, or the finding that it cancelled the mailbox.

    Only a letter counts that is newer than the mailbox's end (Q4-09, DN-12, BT-09, BD-14). On one day nobody knows
    which came first, so the cancellation counts, as it does where an opener has no day.
    """
    asked = latest(case, RequestKind.CANCEL)
    if asked is None or (case.stamp and asked.received_on <= case.stamp.since):
        return openers[0]
    if case.person and case.policy.regulation.requests[asked.kind].needs_decision:
        return openers[0]  # a letter alone ends no person's mailbox, so it keeps none closed (NB-27, Điều 7.4)
    newer = [opener for opener in openers if opener.decided and opener.decided > asked.received_on]
    return newer[0] if newer else _called_off(case, asked)


def _called_off(case: Case, asked: Request) -> Finding:
    cite = case.policy.regulation.requests[asked.kind].cite_of(case.subject)
    case.consider(cite, cite.text, applies=True)
    return case.finding(
        FindingCode.NEEDS_ORDER,
        Text(
            f"Đơn vị đã đề nghị hủy hộp thư của {case.subject} ({asked.document}, nhận ngày {vi(asked.received_on)}; "
            f"{cite.article}) và chưa có văn bản mới hơn nên không cấp. Nếu vẫn cần hộp thư, đơn vị gửi đề nghị cấp "
            "mới.",
            f"The unit cancelled the mailbox of {case.subject} ({asked.document}, received on {asked.received_on}; "
            f"{cite.article}) and nothing newer wants it, so it is not opened. If it is wanted all the same, the unit "
            "asks for it in a newer letter.",
        ),
    )


def issue(case: Case, opener: Opener, effective: date | None) -> Step:
    """Return the step that issues a mailbox; `effective` is the day from which the row acted on counts."""
    regulation = case.policy.regulation
    cite = regulation.joiner if case.person else regulation.unit_joiner or regulation.joiner
    reason = because(cite, document=opener.document)
    case.consider(cite, reason.text, applies=True)
    step = Step(
        State.ACTIVE,
        ActionKind.CREATE,
        why=Reason.ISSUED,
        because=(reason, because(regulation.passwords.must_change)),
        due=effective or case.today,
        document=opener.document,
        row=effective,
        deadline=answer_by(case, opener.received),
        then=terms.then(case, State.ACTIVE, Reason.ISSUED, case.today),
        default_password=True,
        sync=True,
        fulfils=settled(case, RequestKind.CANCEL, *ABOUT_ACCESS),
    )
    return _unless_locked(case, step, opener)


def give_back(case: Case, opener: Opener, effective: date | None) -> Step:
    """Return the step that gives a closed mailbox back; `effective` is the day from which the row acted on counts.

    What asked for its end before does not end it again.
    """
    regulation = case.policy.regulation
    cite = regulation.returner_of(case.subject)
    reason = because(cite, document=opener.document)
    case.consider(cite, reason.text, applies=True)
    step = Step(
        State.ACTIVE,
        ActionKind.RESTORE,
        why=Reason.RETURNED,
        because=(reason, because(regulation.restored_password)),
        due=case.today,
        document=opener.document,
        row=effective,
        deadline=answer_by(case, opener.received),
        then=terms.then(case, State.ACTIVE, Reason.RETURNED, case.today),
        default_password=True,
        sync=not case.unit_closed,
        fulfils=(*settled(case, RequestKind.CANCEL), *moot(case)),
    )
    return _unless_locked(case, step, opener)


def _unless_locked(case: Case, step: Step, opener: Opener) -> Step:
    """Return the step as it is where a written order has locked the mailbox since: it receives, nobody logs in.

    On one day nobody knows which came first, so the lock counts, as it does where the opener has no day.
    """
    asked = latest(case, *LOCKS, since=opener.day)
    if asked is None or asked.kind is not RequestKind.LOCK:
        return step
    cite = case.policy.regulation.requests[asked.kind].cite
    case.consider(cite, cite.text, applies=True)
    return replace(
        step,
        state=State.LOCKED,
        why=Reason.ORDERED,
        because=(*step.because, because(cite, document=asked.document)),
        document=asked.document,
        then=terms.then(case, State.LOCKED, Reason.ORDERED, case.today),
    )


def closed_but_working(case: Case, who: str, stamp: Stamp) -> Finding:
    """Return the finding that somebody works again and nothing orders their closed mailbox back."""
    case.consider(
        case.policy.regulation.returner_of(case.subject), Text("chưa có văn bản", "no document yet"), applies=False
    )
    shut = Text("đã bị thu hồi", "withdrawn") if stamp.state is State.WITHDRAWN else Text("đã khóa gửi, nhận", "closed")
    return case.finding(
        FindingCode.NEEDS_ORDER,
        Text(
            f"{who} đang hoạt động nhưng hộp thư {shut.vi} từ {vi(stamp.since)}; muốn khôi phục cần quyết định trong "
            "danh sách hoặc văn bản đề nghị của cơ quan.",
            f"{who} works here, but the mailbox is {shut.en} since {stamp.since}; restoring it needs the decision in "
            "the roster or a written request of the agency.",
        ),
        Severity.REVIEW if stamp.why in {*LAWFUL_ENDS, Reason.ORDERED, Reason.CANCELLED} else Severity.INFO,
    )
