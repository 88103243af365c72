"""Deciding: first what exactly, on a page of its own; then the signature, by the use case that records decisions."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import structlog

from syncagent.console import sessions
from syncagent.console.asked import to
from syncagent.console.frame import link, page
from syncagent.console.review import review
from syncagent.console.rights import Right
from syncagent.console.words import SAYS
from syncagent.core.action import Review as Count
from syncagent.core.approval import chosen
from syncagent.core.names import fold
from syncagent.errors import Refused
from syncagent.report.outline import by_unit, counts_of
from syncagent.runs import approvers
from syncagent.runs.approve import approve, reject
from syncagent.text import Text
from syncagent.trust import keyfile
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from syncagent.console.asked import Answer, Ask, Words
    from syncagent.console.desk import Desk
    from syncagent.console.review import Review
    from syncagent.console.rights import Person
    from syncagent.core.action import Action
    from syncagent.runs.agent import Agent
    from syncagent.trust.signing import SigningKey


class Choice(NamedTuple):
    """What somebody decides on: how the use case is told (`only` or `but`), and the actions that this comes to.

    `mark` is a digest over them, so that what is signed is what the page before it showed.
    """

    only: tuple[str, ...]
    but: tuple[str, ...]
    actions: tuple[Action, ...]
    mark: str


def prepare(desk: Desk, ask: Ask) -> Answer:
    """Show exactly what would be decided, and what it takes.

    Raises:
        Misconfigured: there is no such plan.
        Refused: nothing is left to decide on, or it is not theirs.
    """
    agent = desk.agent()
    rejects = ask.form.one("mode") == "reject"
    found = review(desk, agent, ask.place["plan"], ask.person, Right.REJECT if rejects else Right.APPROVE)
    choice = _whole(found) if rejects else choice_of(found, ask.form, desk.above)
    if rejects and not ask.person.may(Right.REJECT):
        raise Refused(SAYS["not-yours"])
    return _page(desk, ask, found, choice, rejects=rejects)


def _page(desk: Desk, ask: Ask, found: Review, choice: Choice, *, rejects: bool, failed: str = "") -> Answer:
    return page(
        desk,
        ask,
        "sign",
        HTTPStatus.CONFLICT if failed else HTTPStatus.OK,
        found=found,
        choice=choice,
        rejects=rejects,
        failed=failed,
        counts=counts_of(choice.actions),
        parts=by_unit(choice.actions, found.names),
        order=any(one.needs_order and one.review is not Count.NONE for one in choice.actions),
        two=sum(one.review is Count.TWO for one in choice.actions),
        left=sum(one.alone for one in choice.actions) if choice.but or not choice.only else 0,
        path=f"/plans/{found.envelope.plan_id}",
    )


def decide(desk: Desk, ask: Ask) -> Answer:
    """Record a decision that was signed just now, by whoever has proved to be who they are just now.

    Raises:
        Misconfigured: there is no such plan.
        Refused: the password or the key is not theirs, or what the decision must say is missing; nothing was recorded.
        Unavailable: the directory or the state does not answer.
    """
    agent, form = desk.agent(), ask.form
    if ask.session is None:
        raise LookupError(ask.path)
    rejects = form.one("mode") == "reject"
    right = Right.REJECT if rejects else Right.APPROVE
    person = sessions.again(desk, ask.session, Secret(form.exactly("password")), ask.address)
    if not person.may(right):
        raise Refused(SAYS["not-yours"])
    found = review(desk, agent, ask.place["plan"], person, right)
    choice = _whole(found) if rejects else choice_of(found, form, desk.above)
    if form.one("mark") != choice.mark:
        raise Refused(SAYS["changed-meanwhile"])
    if not rejects:
        _needs_another_role(found, choice, person, desk)
        if _accepted(found, form) != {trip.name: trip.count for trip in found.plan.brakes.tripped}:
            raise Refused(SAYS["brakes-first"])
    key = _key(desk, agent, ask, person)
    plan_id = found.envelope.plan_id
    if rejects:
        reject(agent, plan_id, person.name, _reason(form), key)
        structlog.get_logger().info("console-rejected", plan_id=plan_id)
        return to(link(f"/plans/{plan_id}", done="rejected"))
    made = approve(
        agent,
        plan_id,
        person.name,
        order=form.one("order"),
        only=choice.only,
        but=choice.but,
        accepted=_accepted(found, form),
        key=key,
    )
    structlog.get_logger().info("console-approved", plan_id=plan_id, actions=len(made.decision.actions))
    return to(link(f"/plans/{plan_id}", done="approved"))


def choice_of(found: Review, form: Words, above: Callable[[str], Iterable[str]]) -> Choice:
    """Given a form, return what it decides on: actions that were ticked, those of a unit, or all in one's units.

    Actions that must be named one by one are named only where they were ticked.

    Raises:
        Refused: nothing was chosen, or nothing of it is left or theirs.
    """
    mine = {action.id: action for action in found.open}
    mode, only, but = form.one("mode"), tuple[str, ...](), tuple[str, ...]()
    if mode == "ticked":
        only = tuple(dict.fromkeys(form.every("id")))
        if strange := [one for one in only if one not in mine]:
            listed = ", ".join(strange[:5])
            raise Refused(Text(f"{SAYS['not-open'].vi} {listed}", f"{SAYS['not-open'].en} {listed}"))
    else:
        unit = form.one("unit") if mode == "unit" else ""
        kept = {one.id for one in mine.values() if not unit or unit == one.unit or unit in above(one.unit)}
        but = tuple(one.id for one in found.plan.actions if one.id not in kept)
        only = () if kept else ("",)
    if only in {(), ("",)} and (mode == "ticked" or only):
        raise Refused(SAYS["nothing-chosen"])
    ids = chosen(found.plan, only, but)
    actions = tuple(mine[one.id] for one in found.plan.actions if one.id in ids and one.id in mine)
    if not actions:
        raise Refused(SAYS["nothing-chosen"])
    return Choice(only, but, actions, _mark(found, "approve", [one.id for one in actions]))


def _whole(found: Review) -> Choice:
    return Choice((), (), found.plan.actions, _mark(found, "reject", ()))


def _mark(found: Review, verdict: str, ids: Sequence[str]) -> str:
    said = "\n".join((found.envelope.digest, verdict, *sorted(ids)))
    return hashlib.sha256(said.encode()).hexdigest()


def _needs_another_role(found: Review, choice: Choice, person: Person, desk: Desk) -> None:
    """Leave it to a second approver to complete what two must approve."""
    holds, everywhere = person.within(Right.SECOND, desk.above), person.everywhere(Right.SECOND)
    others = {
        action_id
        for decision in found.decisions
        if decision.approves and fold(decision.by) != fold(person.name)
        for action_id in decision.actions
    }
    lacking = [
        one
        for one in choice.actions
        if one.review is Count.TWO and one.id in others and not (everywhere or holds(one.unit))
    ]
    if lacking:
        count = len(lacking)
        raise Refused(Text(SAYS["needs-second"].vi.format(count=count), SAYS["needs-second"].en.format(count=count)))


def _accepted(found: Review, form: Words) -> dict[str, int]:
    """Return the brakes whose exact count was typed."""
    said = {trip.name: form.one(f"brake.{trip.name}") for trip in found.plan.brakes.tripped}
    return {name: int(text) for name, text in said.items() if text.isascii() and text.isdigit() and len(text) < 10}  # noqa: PLR2004 - no plan has as many


def _reason(form: Words) -> str:
    if reason := form.one("reason"):
        return reason
    raise Refused(SAYS["no-reason"])


def _key(desk: Desk, agent: Agent, ask: Ask, person: Person) -> SigningKey | None:
    """Return the key that was handed over for this moment, None if none was; nothing of it is kept.

    Only a key that is registered under their own name is opened: opening one takes 128 MB.
    """
    file = ask.form.files.get("key")
    if file is None or not file.content:
        return None
    name = file.name or "key"
    public = keyfile.public_of(file.content, name)
    if not any(one.key_id == public.id and fold(one.name) == fold(person.name) for one in approvers.registered(agent)):
        says = SAYS["not-your-key"]
        raise Refused(Text(says.vi.format(name=person.name), says.en.format(name=person.name)))
    passphrase = Secret(ask.form.exactly("passphrase"))
    with desk.signing:
        return keyfile.opened(file.content, name, passphrase.reveal())
