"""Written orders that end a mailbox: an emergency deletion, a cancellation. They come before everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core import terms
from syncagent.core.action import ActionKind
from syncagent.core.case import Step, because, stay
from syncagent.core.finding import FindingCode
from syncagent.core.in_service import answer_by, latest, settled
from syncagent.core.request import RequestKind
from syncagent.core.stamp import Reason, State
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.core.case import Case
    from syncagent.core.finding import Finding
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


def emergency(case: Case, stamp: Stamp | None) -> Step | Finding | None:
    """Delete at once on the written order for an emergency, with its reason (NB-36, Điều 10.1.e).

    An order that is not complete is a finding beside whatever else the regulation does today.
    """
    asked = latest(case, RequestKind.EMERGENCY_DELETE)
    if not asked:
        return None
    rule = case.policy.regulation.requests[asked.kind]
    if not asked.document_number or (rule.needs_reason and not asked.reason):
        says = Text(
            f"Yêu cầu xóa khẩn cấp {asked.request_id} thiếu số văn bản hoặc lý do.",
            f"Emergency deletion {asked.request_id} lacks the number of its order or the reason.",
        )
        return case.finding(FindingCode.NEEDS_ORDER, says)
    if stamp is None:
        says = Text(
            f"Có lệnh xóa khẩn cấp {asked.request_id}, nhưng tài khoản của {case.subject} không do phần mềm quản lý; "
            "hãy xóa bằng tay.",
            f"Emergency deletion {asked.request_id} is ordered, but the account of {case.subject} is not managed; "
            "delete it by hand.",
        )
        return stay(case, "not-ours", case.finding(FindingCode.MANUAL_STEPS, says))
    return Step(
        State.DELETED,
        ActionKind.DELETE,
        why=Reason.ORDERED,
        because=(because(rule.cite, document=asked.document),),
        due=asked.received_on,
        document=asked.document,
        fulfils=(asked.request_id,),
        two=True,
    )


def cancelled(case: Case, stamp: Stamp | None) -> Step | Finding | None:
    """Close a mailbox on the agency's written request (DN-13, BT-09, Q4-08, BD-14): the way the text names."""
    asked = latest(case, RequestKind.CANCEL)
    if not asked or (stamp and stamp.state in OUT_OF_SERVICE and asked.received_on <= stamp.since):
        return None
    rule = case.policy.regulation.requests[asked.kind]
    if rule.does is None or not asked.document_number or (rule.needs_reason and not asked.reason):
        says = Text(
            f"Yêu cầu hủy {asked.request_id} thiếu số văn bản hoặc lý do.",
            f"Cancellation {asked.request_id} lacks the number of its letter or the reason.",
        )
        return case.finding(FindingCode.NEEDS_ORDER, says)
    if stamp is None:
        says = Text(
            f"Có yêu cầu hủy {asked.request_id}, nhưng tài khoản của {case.subject} không do phần mềm quản lý; hãy hủy "
            "bằng tay.",
            f"Cancellation {asked.request_id} is asked for, but the account of {case.subject} is not managed; do it by "
            "hand.",
        )
        return stay(case, "not-ours", case.finding(FindingCode.MANUAL_STEPS, says))
    state = terms.STATE_AFTER[rule.does]
    case.consider(rule.cite, rule.cite.text, applies=True)
    return Step(
        state,
        rule.does,
        why=Reason.CANCELLED,
        because=(because(rule.cite, document=asked.document),),
        due=asked.received_on,
        document=asked.document,
        deadline=answer_by(case, asked.received_on),
        then=terms.then(case, state, Reason.CANCELLED, case.today),
        fulfils=settled(case, RequestKind.CANCEL, *ABOUT_ACCESS),
        two=rule.does is ActionKind.DELETE,
    )
