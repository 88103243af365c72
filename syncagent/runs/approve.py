"""Approve, reject, accept, hold: people's decisions, kept with their names."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.approval import Decision, check, chosen, permits
from syncagent.core.holds import known_by
from syncagent.core.ledger import Hold
from syncagent.core.names import clean, unreadable
from syncagent.core.privacy import holds_identity_number
from syncagent.core.record import digest_of
from syncagent.errors import Refused, SyncError
from syncagent.runs.audit import assured
from syncagent.store import audit, decisions, journal, plans
from syncagent.store import ledger as ledgers
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent


def find_plan(connection: Connection, name: str) -> tuple[Plan, Envelope]:
    """Return a stored plan whose contents still have the digest they were stored with.

    Raises:
        Misconfigured: no plan or several plans have this name.
        Refused: the stored plan was changed.
    """
    plan, envelope = plans.find(connection, name)
    if digest_of(plan) != envelope.digest:
        raise Refused(
            Text(
                f"Nội dung kế hoạch {envelope.plan_id} đã bị thay đổi sau khi lập; hãy lập kế hoạch mới.",
                f"The contents of plan {envelope.plan_id} were changed after it was made; make a new plan.",
            )
        )
    return plan, envelope


class Approved(NamedTuple):
    """An approval as recorded, and how many actions of the plan still wait for another one."""

    decision: Decision
    waiting: int


def approve(
    agent: Agent,
    name: str,
    by: str,
    *,
    order: str = "",
    only: Sequence[str] = (),
    but: Sequence[str] = (),
    accepted: Mapping[str, int] | None = None,
) -> Approved:
    """Record a person's yes to a plan, or to the actions chosen from it.

    Raises:
        Misconfigured: there is no such plan.
        Refused: something the approval must say is missing, or there is nothing left to approve; nothing was recorded.
    """
    assured(agent)
    with agent.store.writing() as connection:
        plan, envelope = find_plan(connection, name)
        decision = Decision(
            plan_id=envelope.plan_id,
            digest=envelope.digest,
            approves=True,
            by=named(by),
            order_number=order.strip(),
            actions=chosen(plan, only, but),
            named=frozenset(only),
            accepted=accepted or {},
        )
        known = decisions.on(connection, envelope.plan_id)
        _refuse_settled(plan, known, frozenset(journal.outcomes(connection, envelope.plan_id)))
        check(plan, decision)
        _keep(agent, connection, decision)
        waiting = len(permits(plan, envelope.digest, [*known, decision]).waiting)
    return Approved(decision, waiting)


def _refuse_settled(plan: Plan, known: Sequence[Decision], finished: frozenset[str]) -> None:
    """Raise if there is nothing left to approve."""
    if said_no := next((decision.by for decision in known if not decision.approves), ""):
        raise Refused(
            Text(
                f"Kế hoạch đã bị {said_no} từ chối; hãy lập kế hoạch mới.",
                f"{said_no} rejected this plan; make a new one.",
            )
        )
    if plan.actions and all(action.id in finished for action in plan.actions):
        raise Refused(
            Text(
                "Kế hoạch đã được thực hiện xong; hãy lập kế hoạch mới.",
                "The plan was carried out already; make a new one.",
            )
        )


def reject(agent: Agent, name: str, by: str, reason: str) -> Decision:
    """Record a person's no to a plan; it can never be applied afterwards.

    Raises:
        Misconfigured: there is no such plan.
    """
    assured(agent)
    with agent.store.writing() as connection:
        _, envelope = find_plan(connection, name)
        decision = Decision(envelope.plan_id, envelope.digest, approves=False, by=named(by), reason=reason)
        _keep(agent, connection, decision)
    return decision


def _keep(agent: Agent, connection: Connection, decision: Decision) -> None:
    now = agent.clock()
    decisions.add(connection, decision, now)
    facts = {
        "plan_id": decision.plan_id,
        "digest": decision.digest,
        "by": decision.by,
        "order_number": agent.without_numbers(decision.order_number),
        "reason": agent.without_numbers(decision.reason),
        "actions": sorted(decision.actions),
        "named": sorted(decision.named),
        "accepted": dict(decision.accepted),
    }
    audit.append(connection, "approve" if decision.approves else "reject", facts, now)


def accept_roster(agent: Agent, digest: str, by: str, reason: str) -> None:
    """Let a roster that looks wrong, but is right, pass once.

    Raises:
        Misconfigured: the roster cannot be read.
        Refused: the digest is not that of the roster as it is now.
    """
    assured(agent)
    if digest != agent.rows().digest:
        raise Refused(
            Text(
                "Mã này không phải của danh sách hiện nay; hãy chạy lại plan và chép mã mà thông báo nêu (sha256:…).",
                "This is not the digest of the roster as it is now; run plan again and copy the one it names.",
            )
        )
    who = named(by)
    with agent.store.writing() as connection:
        now = agent.clock()
        ledgers.accept_roster(connection, digest, who, reason, now)
        facts = {"digest": digest, "by": who, "reason": agent.without_numbers(reason)}
        audit.append(connection, "roster-accept", facts, now)


def hold(agent: Agent, subject: str, document: str, by: str) -> bool:
    """Place a legal hold: nothing is done to the subject until it is released.

    The hold stands at once, whatever it names. Returns whether anybody or anything of that name is known now, in
    the roster or a directory; what cannot be read counts as not known.

    Raises:
        Refused: there is no subject or nobody who decides.
    """
    subject = agent.known_as(subject)
    if not subject.strip():
        raise Refused(Text("Hãy ghi đối tượng cần giữ.", "Say whom or what to hold."))
    assured(agent)
    placed = Hold(known_by(subject), document, named(by))
    with agent.store.writing() as connection:
        now = agent.clock()
        ledgers.place_hold(connection, placed, now)
        facts = {"subject": placed.subject, "document": agent.without_numbers(document), "by": placed.placed_by}
        audit.append(connection, "hold", facts, now)
    return known_by(subject) in known_names(agent)


def known_names(agent: Agent) -> set[str]:
    """Return every name of a person, a unit or an account, as `known_by` gives it, of what can be read now."""
    names: set[str] = set()
    with suppress(SyncError):
        rows = agent.roster.read()
        names |= {row.person_id for row in rows.people}
        names |= {name for unit in rows.units for name in (unit.unit, unit.key)}
    for target in agent.targets.values():
        with suppress(SyncError):
            for account in target.read().accounts:
                names |= {account.dn, account.guid, account.login, *account.addresses}
    return {known_by(name) for name in names if name}


def release(agent: Agent, subject: str, by: str) -> None:
    """Lift the holds on a subject.

    Raises:
        Refused: there is none.
    """
    assured(agent)
    who = named(by)
    subject = agent.known_as(subject)
    with agent.store.writing() as connection:
        now = agent.clock()
        if not ledgers.release_hold(connection, known_by(subject), who, now):
            raise Refused(Text(f"Không có lệnh giữ nào cho “{subject}”.", f"There is no hold on “{subject}”."))
        audit.append(connection, "release", {"subject": known_by(subject), "by": who}, now)


def named(by: str) -> str:
    """Return the name of whoever decides, cleaned.

    Raises:
        Refused: nobody is named, or nobody can read it, or it holds an identification number.
    """
    name = clean(by).text
    if not name or unreadable(name) or holds_identity_number(name):
        raise Refused(
            Text(
                "Hãy ghi tên người quyết định (--by) bằng chữ cái thông thường.",
                "Say who decides (--by), in ordinary letters.",
            )
        )
    return name
