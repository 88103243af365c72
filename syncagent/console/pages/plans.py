"""A plan's review: what holds it and what must be looked at first, then every action with its reasons and changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.console.frame import page
from syncagent.console.review import PAGE, Filter, review
from syncagent.console.rights import Right
from syncagent.core.action import ActionKind
from syncagent.report.outline import by_agency, by_code, by_unit, counts_of, deletions
from syncagent.runs.evidence import evidence

if TYPE_CHECKING:
    from syncagent.console.asked import Answer, Ask
    from syncagent.console.desk import Desk
    from syncagent.console.review import Review
    from syncagent.report.outline import CodePart

_FINDINGS = 10


def show(desk: Desk, ask: Ask) -> Answer:
    """Show one page of a plan."""
    agent = desk.agent()
    found = review(desk, agent, ask.place["plan"], ask.person, Right.PLAN)
    wanted = Filter.of(ask.query)
    matching = wanted.passes(found, desk.above)
    last = max(1, -(-len(matching) // PAGE))
    number = min(ask.query.page(), last)
    shown = matching[(number - 1) * PAGE : number * PAGE]
    deciding = ask.person.within(Right.APPROVE, desk.above)
    return page(
        desk,
        ask,
        "plan",
        found=found,
        counts=counts_of(found.actions),
        destructive=sum(action.destructive for action in found.actions),
        codes=_codes(found),
        most=None if ask.query.one("all") else _FINDINGS,
        agencies=by_agency(by_unit(found.actions, found.names)),
        units=by_unit(shown, found.names),
        wanted=wanted,
        kinds=list(ActionKind),
        matching=len(matching),
        number_=number,
        last=last,
        path=f"/plans/{found.envelope.plan_id}",
        months=deletions(found.plan) if found.whole else (),
        decides=ask.person.may(Right.APPROVE),
        mine=lambda unit: deciding(unit) if unit else ask.person.everywhere(Right.APPROVE),
        rejects=ask.person.may(Right.REJECT) and not found.rejected,
        done=ask.query.one("done"),
    )


def _codes(found: Review) -> tuple[CodePart, ...]:
    """Return the findings by code, gravest first."""
    return by_code(replace(found.plan, findings=found.findings))


def use(desk: Desk, ask: Ask) -> Answer:
    """Show when the mailboxes that a plan takes away were last used, and how large they are, as read just now.

    Raises:
        SyncError: a directory cannot be read.
    """
    agent = desk.agent()
    found = review(desk, agent, ask.place["plan"], ask.person, Right.PLAN)
    taken = [action for action in found.actions if action.destructive]
    with desk.reading:
        known = evidence(agent, [action.account for action in taken if action.account])
    parts = by_unit(taken, found.names)
    return page(desk, ask, "use", found=found, parts=parts, known=known)
