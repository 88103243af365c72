"""What has become of every written request, by when it must be answered, and whether it was.

The plan's own judgement, read once more from the side of whoever asked; nothing is decided here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.core import inbox
from syncagent.core.action import ActionKind
from syncagent.core.addresses import fold_address
from syncagent.core.finding import FindingCode, Severity
from syncagent.core.holds import known_by, requested_holds
from syncagent.core.periods import working_days_after
from syncagent.core.request import ALWAYS, RequestKind, Stage
from syncagent.core.stamp import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from syncagent.core.action import Action, Skip
    from syncagent.core.finding import Finding
    from syncagent.core.inbox import Judged
    from syncagent.core.ledger import Ledger
    from syncagent.core.plan import Plan
    from syncagent.core.policy import Policy
    from syncagent.core.request import Request
    from syncagent.core.survey import View

_BROUGHT_IN_STEP = frozenset(
    {ActionKind.ADOPT, ActionKind.CREATE, ActionKind.UPDATE, ActionKind.READDRESS, ActionKind.MOVE}
)
"""Actions that bring a mailbox in step with the roster: what a request to issue or to change it asks for."""

_STANDING = frozenset({*ALWAYS, RequestKind.EXEMPT})
"""Requests that no action carries out: they are in effect until they are lifted or their day has passed."""

_MAY_CHANGE = frozenset({"gate", "not-yet"})
"""Why somebody is left alone until a day that is known."""


class Answer(NamedTuple):
    """An answer as it was sent: on which day, by whom, how, under which number."""

    request_id: str
    sent_on: date
    by: str
    how: str = ""
    document_number: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one request has come.

    `subject` is whom it concerns, empty if nobody; `address` that of their mailbox. `done_on` is the day it was
    carried out or overtaken, `actions` what the plan does about it, `findings` what stands in its way, `next` the day
    on which that may change. `deadline` is the last working day for the answer, None where the text sets none; `late`
    how many working days it has passed by the answer or, while there is none, by today: None if it has not.
    """

    request: Request
    stage: Stage
    subject: str
    address: str
    done_on: date | None
    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    next: date | None
    answer: Answer | None
    deadline: date | None
    late: int | None

    @property
    def open(self) -> bool:
        """Whether somebody still waits for an answer."""
        return self.answer is None and self.stage is not Stage.COMING and self.request.kind not in ALWAYS


def deadline_of(request: Request, policy: Policy) -> date | None:
    """Return the last day for the answer to a request; who orders a hold is answered by no regulation's term."""
    return None if request.kind in ALWAYS else policy.answer_by(request.received_on, request.kind)


def late_by(deadline: date | None, day: date, policy: Policy) -> int | None:
    """Return how many working days after the deadline a day is, None if the deadline is kept."""
    if deadline is None or day <= deadline:
        return None
    return working_days_after(deadline, day, policy.calendar)


def unanswered(
    requests: Iterable[Request], answered: Iterable[str], policy: Policy, today: date
) -> tuple[tuple[Request, ...], tuple[Request, ...]]:
    """Return the requests that wait for an answer by today, and those among them whose answer is late."""
    known = frozenset(answered)
    waiting = tuple(
        request
        for request in requests
        if request.received_on <= today and request.kind not in ALWAYS and request.request_id not in known
    )
    return waiting, tuple(one for one in waiting if late_by(deadline_of(one, policy), today, policy) is not None)


def progress(view: View, plan: Plan, ledger: Ledger, answers: Mapping[str, Answer]) -> tuple[Progress, ...]:
    """Given what a decision saw and the plan it came to, return how far every request has come, oldest first."""
    snapshots, regulation = view.snapshots.values(), view.policy.regulation
    judged = tuple(inbox.judged(view.roster, snapshots, view.matches, ledger, regulation, view.today))
    desk = _Desk.of(view, plan, judged)
    return tuple(_progress(one, desk, ledger, answers.get(one.request.request_id)) for one in judged)


class _Desk(NamedTuple):
    """What one look at all requests has at hand, by subject or by request; `early` is why nothing is done yet."""

    view: View
    hindrances: Mapping[str, list[Finding]]
    carried_out: Mapping[str, list[Action]]
    touched: Mapping[str, list[Action]]
    skips: Mapping[str, Skip]
    early: tuple[Finding, ...]

    @classmethod
    def of(cls, view: View, plan: Plan, judged: Iterable[Judged]) -> _Desk:
        """Return the plan put in order; what is said of a request itself stands in nobody else's way."""
        said = {one.finding for one in judged if one.finding}
        hindrances: dict[str, list[Finding]] = defaultdict(list)
        for finding in plan.findings:
            if finding.severity is Severity.REVIEW and finding not in said:
                hindrances[finding.subject].append(finding)
        carried_out: dict[str, list[Action]] = defaultdict(list)
        touched: dict[str, list[Action]] = defaultdict(list)
        for action in plan.actions:
            touched[action.subject].append(action)
            for request_id in action.fulfils:
                carried_out[request_id].append(action)
        early = tuple(finding for finding in plan.findings if finding.code is FindingCode.NOT_IN_FORCE)
        return cls(view, hindrances, carried_out, touched, {skip.subject: skip for skip in plan.skips}, early)


def _progress(one: Judged, desk: _Desk, ledger: Ledger, answer: Answer | None) -> Progress:
    request, policy = one.request, desk.view.policy
    owned = desk.view.matches.current.get(one.subject)
    address = owned.account.address if owned else ""
    actions = _planned(one, desk) if one.stage is Stage.WAITING else ()
    if actions:
        standing = _Standing(Stage.PLANNED)
    elif one.stage is Stage.WAITING:
        standing = _standing(one, desk, address)
    else:
        standing = _Standing(one.stage, (one.finding,) if one.finding else ())
    settled = ledger.fulfilled.get(request.request_id) if one.stage is Stage.DONE else None
    if settled and settled.did and is_opposed(request.kind, settled.did):
        standing = _Standing(Stage.OVERTAKEN)
    deadline = deadline_of(request, policy)
    return Progress(
        request=request,
        stage=standing.stage,
        subject=one.subject,
        address=address,
        done_on=settled.on if settled else None,
        actions=actions,
        findings=standing.findings,
        next=standing.next,
        answer=answer,
        deadline=deadline,
        late=late_by(deadline, answer.sent_on if answer else desk.view.today, policy),
    )


_DOES: Final[Mapping[RequestKind, frozenset[ActionKind]]] = {
    RequestKind.LOCK: frozenset({ActionKind.LOCK, ActionKind.DISABLE, ActionKind.WITHDRAW, ActionKind.DELETE}),
    RequestKind.UNLOCK: frozenset({ActionKind.UNLOCK, ActionKind.RESTORE}),
    RequestKind.RESET_PASSWORD: frozenset({ActionKind.RESET_PASSWORD, ActionKind.HAND_OVER, ActionKind.RESTORE}),
    RequestKind.CANCEL: frozenset({ActionKind.DISABLE, ActionKind.WITHDRAW, ActionKind.DELETE}),
    RequestKind.EMERGENCY_DELETE: frozenset({ActionKind.DELETE}),
}
"""What does what was asked for, if no action says so itself; the opposite, on the same day, is no answer to it."""


def _planned(one: Judged, desk: _Desk) -> tuple[Action, ...]:
    """Return the actions of the plan that do what a request asks for."""
    found = desk.carried_out.get(one.request.request_id, [])
    theirs = desk.touched.get(one.subject, [])
    match one.request.kind:
        case RequestKind.AGREE_ADDRESS:
            agreed = fold_address(one.request.value.strip())
            found = [action for action in theirs if fold_address(action.address) == agreed]
        case RequestKind.CREATE | RequestKind.CHANGE:
            found = found or [action for action in theirs if action.kind in _BROUGHT_IN_STEP]
        case kind:
            found = found or [action for action in theirs if action.kind in _DOES.get(kind, ())]
    return tuple(action for action in found if not is_opposed(one.request.kind, action.kind))


def is_opposed(asked: RequestKind, did: ActionKind) -> bool:
    """Whether an action shuts a mailbox asked to be open, or opens one asked to be shut: that ends, but is not met."""
    return (asked in _WANTS_OPEN and did in _SHUTS) or (asked in WANTS_SHUT and did in _OPENS)


_AS_ASKED: Final[Mapping[RequestKind, frozenset[State]]] = {
    RequestKind.CREATE: frozenset({State.ACTIVE}),
    RequestKind.CHANGE: frozenset({State.ACTIVE, State.LOCKED}),
    RequestKind.LOCK: frozenset({State.LOCKED, State.ACTIVE}),
    RequestKind.UNLOCK: frozenset({State.ACTIVE}),
    RequestKind.RESET_PASSWORD: frozenset({State.ACTIVE}),
}
"""In which states a mailbox that nothing is done to is as the request wants it.

A lock that a newer letter lifted left the mailbox open; nobody asks for it any more, so it is as it is wanted.
"""

_OF_THE_CLOSING = frozenset({FindingCode.NEEDS_ORDER, FindingCode.LEAVER_WITHOUT_DOCUMENT})
"""What the plan says of whoever has a closed mailbox: it is why they have it, not what their letter waits for."""

_WANTS_OPEN = frozenset({RequestKind.CREATE, RequestKind.UNLOCK, RequestKind.RESET_PASSWORD})
_SHUTS = frozenset({ActionKind.LOCK, ActionKind.DISABLE, ActionKind.WITHDRAW, ActionKind.DELETE})
"""Who asks for an open mailbox that this plan shuts is answered once it is shut, not told that all is as they wish."""

WANTS_SHUT = frozenset({RequestKind.LOCK, RequestKind.CANCEL, RequestKind.EMERGENCY_DELETE})
_OPENS = frozenset({ActionKind.CREATE, ActionKind.UNLOCK, ActionKind.RESTORE})
"""Who asked for a mailbox to be shut that somebody newer opens got nothing of what was asked for."""


class _Standing(NamedTuple):
    """A stage, what stands in the way, and when that may change."""

    stage: Stage
    findings: tuple[Finding, ...] = ()
    next: date | None = None


def _standing(one: Judged, desk: _Desk, address: str) -> _Standing:
    """Return how an accepted request stands that the plan does nothing about, and why."""
    request = one.request
    if request.kind in _STANDING:
        return _Standing(Stage.IN_EFFECT if _binds(request, desk.view) else Stage.LAPSED)
    if desk.early:
        return _Standing(Stage.WAITING, desk.early, desk.view.policy.regulation.in_force)
    agreed = request.kind is RequestKind.AGREE_ADDRESS
    if agreed and address and fold_address(address) == fold_address(request.value.strip()):
        return _Standing(Stage.IN_EFFECT)
    owned = desk.view.matches.current.get(one.subject)
    stamp = owned.stamp if owned else None
    otherwise = stamp is not None and stamp.state not in _AS_ASKED.get(request.kind, State)
    closes = request.kind is RequestKind.CANCEL and (owned is None or (stamp is not None and not stamp.state.receives))
    found = desk.hindrances.get(one.subject, [])
    if found := [one for one in found if not (otherwise or closes) or one.code not in _OF_THE_CLOSING]:
        return _Standing(Stage.WAITING, tuple(found))
    skip = desk.skips.get(one.subject)
    if skip and skip.reason in _MAY_CHANGE:
        return _Standing(Stage.WAITING, (), skip.next)
    without = not address and (agreed or request.kind is RequestKind.CREATE)
    if without:
        return _Standing(Stage.WAITING)
    opposed = any(is_opposed(request.kind, action.kind) for action in desk.touched.get(one.subject, ()))
    if opposed and (request.kind in WANTS_SHUT or stamp is None or stamp.state.receives):
        return _Standing(Stage.WAITING)
    return _Standing(Stage.NOT_AS_ASKED if otherwise else Stage.NOTHING_LEFT)


def _binds(request: Request, view: View) -> bool:
    """Whether a hold, a release or a stated reason still counts."""
    if request.kind is RequestKind.HOLD:
        return known_by(request.subject) in requested_holds(view.roster.requests, view.today)
    return request.until is None or request.until >= view.today
