"""Written orders that end a mailbox: an emergency deletion, a cancellation. They come before everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.core import terms
from syncagent.core.action import ActionKind
from syncagent.core.case import Step, because, stay
from syncagent.core.finding import FindingCode
from syncagent.core.in_service import latest, settled
from syncagent.core.request import RequestKind
from syncagent.core.spoken import ASKED
from syncagent.core.stamp import Reason, State
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.core.case import Case
    from syncagent.core.finding import Finding
    from syncagent.core.regulation import RequestRule
    from syncagent.core.request import Request
    from syncagent.core.stamp import Stamp

OUT_OF_SERVICE = frozenset({State.DISABLED, State.WITHDRAWN})
ABOUT_ACCESS = (
    RequestKind.LOCK,
    RequestKind.UNLOCK,
    RequestKind.RESET_PASSWORD,
    RequestKind.CREATE,
    RequestKind.EMERGENCY_DELETE,
)
"""Requests that concern the mailbox as it was: once it is issued or given back, they have nothing left to do."""

ENDS = frozenset({RequestKind.CANCEL, RequestKind.EMERGENCY_DELETE})
"""Requests that end a mailbox: they are letters, with a number or a reason as their rule wants."""

_NUMBER: Final = Text("số văn bản", "the number of its letter")
_REASON: Final = Text("lý do", "its reason")


def moot(case: Case) -> tuple[str, ...]:
    """Return the requests that a mailbox given back or issued anew leaves nothing to do for.

    An emergency order that is not complete was carried out by nobody; it stays until it is completed (NB-36).
    """
    known = case.policy.regulation.requests
    waits = {
        one.request_id
        for one in case.requests
        if one.kind is RequestKind.EMERGENCY_DELETE and one.kind in known and missing(one, known[one.kind])
    }
    return tuple(name for name in settled(case, *ABOUT_ACCESS) if name not in waits)


def emergency(case: Case, stamp: Stamp | None) -> Step | Finding | None:
    """Delete at once on the written order for an emergency, with its reason (NB-36, Điều 10.1.e).

    An order that is not complete is a finding beside whatever else the regulation does today.
    """
    asked = latest(case, RequestKind.EMERGENCY_DELETE)
    if not asked:
        return None
    rule = case.policy.regulation.requests[asked.kind]
    if hindered := _hindered(case, stamp, asked, rule):
        return hindered
    return Step(
        State.DELETED,
        ActionKind.DELETE,
        why=Reason.ORDERED,
        because=(because(rule.cite, document=asked.document),),
        due=asked.received_on,
        document=asked.document,
        fulfils=tuple(one.request_id for one in case.requests if one.kind is RequestKind.EMERGENCY_DELETE),
        two=True,
    )


def cancelled(case: Case, stamp: Stamp | None) -> Step | Finding | None:
    """Close a mailbox on the agency's written request (DN-13, BT-09, Q4-08, BD-14): the way the text names."""
    asked = latest(case, RequestKind.CANCEL)
    if not asked or (stamp and stamp.state in OUT_OF_SERVICE and asked.received_on <= stamp.since):
        return None
    rule = case.policy.regulation.requests[asked.kind]
    if rule.needs_decision and (case.unit_closed or (stamp and stamp.state in OUT_OF_SERVICE)):
        return None  # what the decision ends is ended by its article, and its term goes on (NB-28, Điều 7.4)
    if rule.needs_decision and case.person:
        return None if case.person.left else _undecided(case, asked)
    if hindered := _hindered(case, stamp, asked, rule):
        return hindered
    reopened = case.account is not None and (case.account.enabled or case.account.receives)
    if stamp and rule.does and stamp.state is terms.STATE_AFTER[rule.does] and not reopened:
        return None  # it is as the letter wants it; what opens it again settles the letter
    cite = rule.cite_of(case.subject)
    if rule.does is None:
        says = Text(
            f"{cite.article} không nói hủy hộp thư ({asked.request_id}) là làm gì; hãy ghi requests.cancel.does "
            "trong tệp quy chế.",
            f"{cite.article} does not say what cancelling a mailbox ({asked.request_id}) means; set "
            "requests.cancel.does in the regulation file.",
        )
        return case.finding(FindingCode.NEEDS_ORDER, says)
    state = terms.STATE_AFTER[rule.does]
    case.consider(cite, cite.text, applies=True)
    return Step(
        state,
        rule.does,
        why=Reason.CANCELLED,
        because=(because(cite, document=asked.document),),
        due=asked.received_on,
        document=asked.document,
        deadline=case.policy.answer_by(asked.received_on, asked.kind),
        then=terms.then(case, state, Reason.CANCELLED, case.today),
        fulfils=(*settled(case, RequestKind.CANCEL), *moot(case)),
        two=rule.does is ActionKind.DELETE,
    )


def _hindered(case: Case, stamp: Stamp | None, asked: Request, rule: RequestRule) -> Step | Finding | None:
    """Return what keeps an order from being carried out: it is not complete, or the account is not ours."""
    if lacks := missing(asked, rule):
        says = Text(
            f"Yêu cầu {asked.request_id} ({ASKED[asked.kind].vi}) thiếu {lacks.vi} ({rule.cite.article}); hãy bổ sung "
            "ở cột document_number, reason.",
            f"Request {asked.request_id} ({asked.kind}) lacks {lacks.en} ({rule.cite.article}); fill in "
            "document_number, reason.",
        )
        return case.finding(FindingCode.NEEDS_ORDER, says)
    if stamp is None:
        says = Text(
            f"Có yêu cầu {asked.request_id} ({ASKED[asked.kind].vi}), nhưng tài khoản của {case.subject} không "
            "do phần mềm quản lý; hãy thực hiện bằng tay.",
            f"Request {asked.request_id} ({asked.kind}) is there, but the account of {case.subject} is not managed; "
            "carry it out by hand.",
        )
        return stay(case, "not-ours", case.finding(FindingCode.MANUAL_STEPS, says))
    return None


def _undecided(case: Case, asked: Request) -> Finding:
    """Return that a person's mailbox ends by the authority's document, which the roster tells (NB-27, Điều 7.4)."""
    cite = case.policy.regulation.leaver.cite
    says = Text(
        f"Yêu cầu {asked.request_id} ({ASKED[asked.kind].vi}) chưa đủ căn cứ ({cite.article}): {cite.text.vi} Hãy ghi "
        "sự kiện và quyết định vào danh sách nhân sự, hoặc trả lời cơ quan.",
        f"Request {asked.request_id} ({asked.kind}) lacks its ground ({cite.article}): {cite.text.en} Put the event "
        "and the decision into the roster, or answer the agency.",
    )
    return case.finding(FindingCode.NEEDS_ORDER, says)


def missing(asked: Request, rule: RequestRule) -> Text | None:
    """Return what an order lacks of what its rule wants: the number of its letter, its reason; None if nothing."""
    lacks = [
        *([_NUMBER] if rule.needs_number and not asked.document_number else []),
        *([_REASON] if rule.needs_reason and not asked.reason else []),
    ]
    if not lacks:
        return None
    return Text(" và ".join(one.vi for one in lacks), " and ".join(one.en for one in lacks))
