"""One action of a plan: why it is proposed, who reviews it, by when the agency has its answer, what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.action import Action, ActionKind, Because, Change, Review, Then
from syncagent.core.case import because
from syncagent.core.in_service import answer_by, settled
from syncagent.core.periods import ONE_DAY
from syncagent.core.policy import Adoption
from syncagent.core.provisioning import provisioned
from syncagent.core.readdress import Order
from syncagent.core.regulation import Effect, InternalMove
from syncagent.core.request import RequestKind
from syncagent.core.wanted import naming_rule

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.action import Cite
    from syncagent.core.case import Case, Step
    from syncagent.core.person import PersonRow
    from syncagent.core.regulation import Regulation
    from syncagent.core.stamp import Stamp
    from syncagent.core.survey import View
    from syncagent.core.wanted import Address

_KEEPS_IN_STEP = frozenset({ActionKind.UPDATE, ActionKind.MOVE})
_REACHES_SIGN_ON = frozenset(
    {ActionKind.READDRESS, ActionKind.LOCK, ActionKind.DISABLE, ActionKind.WITHDRAW, ActionKind.DELETE}
)
"""Actions after which an address no longer logs in where it is the account of a single sign-on (DN-04)."""


def action_of(
    view: View,
    case: Case,
    step: Step,
    kind: ActionKind,
    address: str,
    changes: tuple[Change, ...],
    stamp: Stamp | None,
    decided: Address | None = None,
    target: str = "",
) -> Action:
    """Return the action that takes a step with one account; `decided` is the address it has afterwards."""
    regulation = view.policy.regulation
    weight = ActionKind.DISABLE if kind is ActionKind.ADOPT and stamp and not stamp.state.receives else kind
    review = _review(view, weight)
    if step.two and review is not Review.NONE:
        review = Review.TWO
    account = case.account
    return Action(
        id=f"{kind}:{case.subject}:{account.guid if account else ''}",
        kind=kind,
        target=account.target if account else target,
        account_kind=case.kind,
        subject=case.subject,
        unit=case.unit.unit,
        address=address,
        previous_address=account.address if account and account.address != address else "",
        account=account.ref if account else None,
        due=step.due or case.today,
        review=review,
        needs_order=weight in regulation.orders,
        because=_reasons(case, step, kind, decided, stamp),
        changes=provisioned(view.policy.targets[account.target if account else target].directory, changes),
        stamp=stamp,
        name=display_name(case),
        then=step.then or _alias_then(stamp, case),
        deadline=step.deadline or _deadline(case, kind, decided),
        fulfils=_fulfilled(case, step, decided),
    )


def _deadline(case: Case, kind: ActionKind, decided: Address | None) -> date | None:
    """Return by when the agency must have its answer on a change, where it is known when it asked."""
    if decided and decided.new:
        return answer_by(case, decided.order.received)
    row = _news(case) if kind in _KEEPS_IN_STEP else None
    return answer_by(case, row.received) if row else None


def _fulfilled(case: Case, step: Step, decided: Address | None) -> tuple[str, ...]:
    """Return the requests an action carries out, each once; a new address answers those that asked for a change."""
    changed = settled(case, RequestKind.CHANGE) if decided and decided.new else ()
    return tuple(dict.fromkeys((*step.fulfils, *changed)))


def _review(view: View, weight: ActionKind) -> Review:
    """Return how many approve an action of this weight: an adoption that closes a mailbox weighs as a disable."""
    if weight is ActionKind.ADOPT and view.policy.adoption is Adoption.AUTO:
        return Review.NONE
    return view.policy.reviews.of(weight)


def _reasons(
    case: Case, step: Step, kind: ActionKind, decided: Address | None, stamp: Stamp | None
) -> tuple[Because, ...]:
    """Return why: the step's own reasons, what orders a new address, the alias rule, or the directory's."""
    regulation = case.policy.regulation
    found = list(step.because)
    if decided and decided.new:
        rule = regulation.naming.kinds[case.kind] if case.person else naming_rule(case.unit, regulation.naming)
        order = decided.order if decided.agreed or (case.account and case.account.address) else Order()
        if not decided.agreed:
            found.append(because(rule.cite, document="" if order.cite else order.document))
        if decided.in_turn:
            found.append(because(regulation.naming.clash))
        if order.cite:
            found.append(because(order.cite, document=order.document))
    if case.stamp and stamp and {a.address for a in case.stamp.aliases} - {a.address for a in stamp.aliases}:
        found.append(because(regulation.alias))
    if kind in _KEEPS_IN_STEP and not found:
        row = _news(case)
        found.append(because(_told_by(regulation, row), document=row.document.number if row else ""))
    if regulation.sign_on and kind in _REACHES_SIGN_ON:
        found.append(because(regulation.sign_on))
    return tuple(found)


def _told_by(regulation: Regulation, row: PersonRow | None) -> Cite:
    """Return the clause of the event that a new row tells of, else that of the address book.

    A move inside one agency is no new issue: what only issues anew says nothing of it.
    """
    clause = regulation.events.get(row.event) if row and row.event else None
    changes = {Effect.UPDATE, *({Effect.TRANSFER} if InternalMove.READDRESS in regulation.mover.readings else ())}
    return clause.cite if clause and clause.effect in changes else regulation.attributes


def _news(case: Case) -> PersonRow | None:
    """Return the row of somebody at work that tells something the account does not show yet, None if there is none."""
    row = case.person.current if case.person else None
    if row is None or row.takes_effect is None or case.stamp is None:
        return None
    return row if case.stamp.row is None or row.takes_effect > case.stamp.row else None


def _alias_then(stamp: Stamp | None, case: Case) -> Then | None:
    """Return when the oldest former address is given up."""
    if stamp is None or not stamp.state.receives or not stamp.aliases:
        return None
    ends: date = min(alias.last_day for alias in stamp.aliases)
    return Then(ActionKind.UPDATE, max(ends + ONE_DAY, case.today + ONE_DAY))


def display_name(case: Case) -> str:
    """Return the name people know a subject by."""
    return case.person.current.full_name if case.person else case.unit.name
