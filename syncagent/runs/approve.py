"""Approve, reject, accept, hold: people's decisions, kept with their names."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.approval import Decision, check, chosen, permits
from syncagent.core.holds import known_by
from syncagent.core.ledger import Hold
from syncagent.core.record import digest_of
from syncagent.errors import Refused, SyncError
from syncagent.runs.typed import named, plain
from syncagent.store import decisions, journal, plans
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
    """An approval as recorded, how many actions of the plan may be carried out now, and how many still wait."""

    decision: Decision
    ready: int
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
    with agent.store.writing() as connection:
        plan, envelope = find_plan(connection, name)
        decision = Decision(
            plan_id=envelope.plan_id,
            digest=envelope.digest,
            approves=True,
            by=named(by),
            order_number=plain(order),
            actions=chosen(plan, only, but),
            named=frozenset(only),
            accepted=accepted or {},
        )
        known = decisions.on(connection, envelope.plan_id)
        finished = frozenset(journal.outcomes(connection, envelope.plan_id))
        _refuse_settled(plan, known, finished)
        check(plan, decision)
        decisions.add(connection, decision, agent.clock())
        allowed = permits(plan, envelope.digest, [*known, decision])
    return Approved(decision, len({*allowed.permitted} - finished), len(allowed.waiting))


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
        Refused: an identification number stands in the reason.
    """
    with agent.store.writing() as connection:
        _, envelope = find_plan(connection, name)
        decision = Decision(envelope.plan_id, envelope.digest, approves=False, by=named(by), reason=plain(reason))
        decisions.add(connection, decision, agent.clock())
    return decision


def accept_roster(agent: Agent, digest: str, by: str, reason: str) -> None:
    """Let a roster that looks wrong, but is right, pass once.

    Raises:
        Misconfigured: the roster cannot be read.
        Refused: the digest is not that of the roster as it is now, or an identification number stands in the reason.
    """
    who, why = named(by), plain(reason)
    if digest != agent.rows().digest:
        raise Refused(
            Text(
                "Mã này không phải của danh sách hiện nay; hãy chạy lại plan và chép mã mà thông báo nêu (sha256:…).",
                "This is not the digest of the roster as it is now; run plan again and copy the one it names.",
            )
        )
    with agent.store.writing() as connection:
        ledgers.accept_roster(connection, digest, who, why, agent.clock())


def hold(agent: Agent, subject: str, document: str, by: str) -> bool:
    """Place a legal hold: nothing is done to the subject until it is released.

    The hold stands at once, whatever it names. Returns whether anybody or anything of that name is known now, in
    the roster or a directory; what cannot be read counts as not known.

    Raises:
        Refused: there is no subject or nobody who decides, or an identification number stands in the document.
    """
    subject = agent.known_as(subject)
    if not subject.strip():
        raise Refused(Text("Hãy ghi đối tượng cần giữ.", "Say whom or what to hold."))
    with agent.store.writing() as connection:
        ledgers.place_hold(connection, Hold(known_by(subject), plain(document), named(by)), agent.clock())
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
    with agent.store.writing() as connection:
        subject = agent.known_as(subject)
        if not ledgers.release_hold(connection, known_by(subject), named(by), agent.clock()):
            raise Refused(Text(f"Không có lệnh giữ nào cho “{subject}”.", f"There is no hold on “{subject}”."))
