"""Approve, reject, accept, hold: people's decisions, kept with their names."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.approval import Decision, check, chosen
from syncagent.core.holds import known_by, names_of_groups, spellings
from syncagent.core.ledger import Hold
from syncagent.core.marks import digest as digest_of_mark
from syncagent.core.statement import KIND, statement
from syncagent.errors import Refused, SyncError
from syncagent.runs.audit import assured
from syncagent.runs.believed import believed
from syncagent.runs.conclude import is_rehearsal
from syncagent.runs.signer import decider, set_down
from syncagent.runs.typed import named, plain
from syncagent.runs.verdicts import permitted, verdicts
from syncagent.store import audit, decisions, journal, marks, plans
from syncagent.store import ledger as ledgers
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent
    from syncagent.trust.signing import SigningKey


def find_plan(agent: Agent, connection: Connection, name: str) -> tuple[Plan, Envelope]:
    """Return a stored plan that is to the byte what this agent signed.

    Raises:
        Misconfigured: no plan or several plans have this name.
        Refused: the stored plan was changed, or belongs to another state.
    """
    return plans.verified(connection, name, agent.signer.public)


def open_plan(agent: Agent, name: str) -> tuple[Plan, Envelope]:
    """Return what `find_plan` does, for whoever only looks: while it is checked, the state is free for others.

    Raises:
        Misconfigured: no plan or several plans have this name.
        Refused: the stored plan was changed, or belongs to another state.
    """
    with agent.store.reading() as connection:
        fetched = plans.fetch(connection, name)
    return plans.checked(fetched, agent.signer.public)


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
    key: SigningKey | None = None,
) -> Approved:
    """Record a person's yes to a plan, or to the actions chosen from it, signed with the person's key if given.

    Raises:
        Misconfigured: there is no such plan.
        Refused: something the approval must say is missing, the signature of a registered approver is, or there is
            nothing left to approve; nothing was recorded.
    """
    assured(agent)
    with agent.store.writing() as connection:
        plan, envelope = find_plan(agent, connection, name)
        decision = Decision(
            plan_id=envelope.plan_id,
            digest=envelope.digest,
            approves=True,
            by=decider(agent, connection, by, key, always=not is_rehearsal(agent, plan)),
            at=agent.clock(),
            order_number=plain(order),
            actions=chosen(plan, only, but),
            named=frozenset(only),
            accepted=accepted or {},
        )
        known = verdicts(agent, connection, plan, envelope).decisions
        finished = frozenset(journal.outcomes(connection, envelope.plan_id))
        _refuse_settled(plan, known, finished)
        check(plan, decision)
        _keep(agent, connection, decision, _signed(decision, envelope, key))
        allowed = permitted(agent, connection, plan, envelope)
    return Approved(decision, len({*allowed.permitted} - finished), len(allowed.waiting))


def _signed(decision: Decision, envelope: Envelope, key: SigningKey | None) -> str:
    return key.seal(KIND, statement(decision, envelope.record)) if key else ""


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


def reject(agent: Agent, name: str, by: str, reason: str, key: SigningKey | None = None) -> Decision:
    """Record a person's no to a plan, signed with the person's key if given; it can never be applied afterwards.

    Raises:
        Misconfigured: there is no such plan.
        Refused: the signature of a registered approver is missing, or an identification number stands in the reason.
    """
    assured(agent)
    with agent.store.writing() as connection:
        plan, envelope = find_plan(agent, connection, name)
        decision = Decision(
            plan_id=envelope.plan_id,
            digest=envelope.digest,
            approves=False,
            by=decider(agent, connection, by, key, always=not is_rehearsal(agent, plan)),
            at=agent.clock(),
            reason=plain(reason),
        )
        _keep(agent, connection, decision, _signed(decision, envelope, key))
    return decision


def _keep(agent: Agent, connection: Connection, decision: Decision, envelope: str) -> None:
    decisions.add(connection, decision, envelope)
    facts = {
        "plan_id": decision.plan_id,
        "digest": decision.digest,
        "by": decision.by,
        "order_number": decision.order_number,
        "reason": decision.reason,
        "actions": sorted(decision.actions),
        "named": sorted(decision.named),
        "accepted": dict(decision.accepted),
        "envelope": envelope,
    }
    audit.append(connection, "approve" if decision.approves else "reject", facts, agent.clock())


def accept_roster(agent: Agent, digest: str, by: str, reason: str, key: SigningKey | None = None) -> None:
    """Let a roster that looks wrong, but is right, pass once; signed, once anybody has a key.

    Raises:
        Misconfigured: the roster cannot be read.
        Refused: the digest is not that of the roster as it is now, the signature of a registered approver is missing,
            or an identification number stands in the reason.
    """
    why = plain(reason)
    assured(agent)
    if digest != agent.rows().digest:
        raise Refused(
            Text(
                "Mã này không phải của danh sách hiện nay; hãy chạy lại plan và chép mã mà thông báo nêu (sha256:…).",
                "This is not the digest of the roster as it is now; run plan again and copy the one it names.",
            )
        )
    with agent.store.writing() as connection:
        _accept(agent, connection, "roster-accept", digest, by, why, key)


def accept_directory(agent: Agent, digest: str, by: str, reason: str, key: SigningKey | None = None) -> None:
    """Let a directory server pass once that has another database or fewer changes than when it was last read.

    Raises:
        Refused: the digest is of no server as it was last read, the signature of a registered approver is missing, or
            an identification number stands in the reason.
    """
    why = plain(reason)
    assured(agent)
    with agent.store.writing() as connection:
        if digest not in {digest_of_mark(place, mark) for place, mark in marks.known(connection).items()}:
            raise Refused(
                Text(
                    "Mã này không phải của máy chủ thư mục nào; hãy chạy lại plan và chép mã mà thông báo nêu "
                    "(sha256:…).",
                    "This is the digest of no directory server; run plan again and copy the one it names.",
                )
            )
        _accept(agent, connection, "directory-accept", digest, by, why, key)


def _accept(
    agent: Agent, connection: Connection, kind: str, digest: str, by: str, why: str, key: SigningKey | None
) -> None:
    who = decider(agent, connection, by, key)
    ledgers.accept(connection, digest, who, why, agent.clock())
    set_down(agent, connection, kind, {"digest": digest, "by": who, "reason": why}, key)


def hold(agent: Agent, subject: str, document: str, by: str, key: SigningKey | None = None) -> bool:
    """Place a legal hold: nothing is done to the subject until it is released.

    The hold stands at once, whatever it names and whoever places it: like a no, it needs no key. Returns whether
    anybody or anything of that name is known now, in the roster or a directory; what cannot be read counts as not
    known.

    Raises:
        Refused: there is no subject or nobody who decides, the key is not that person's, or an identification number
            stands in the document.
    """
    subject = agent.known_as(subject)
    if not subject.strip():
        raise Refused(Text("Hãy ghi đối tượng cần giữ.", "Say whom or what to hold."))
    assured(agent)
    with agent.store.writing() as connection:
        who = decider(agent, connection, by, key) if key else named(by)
        placed = Hold(known_by(subject), plain(document), who)
        ledgers.place_hold(connection, placed, agent.clock())
        facts = {"subject": placed.subject, "document": placed.document, "by": placed.placed_by}
        set_down(agent, connection, "hold", facts, key)
    return known_by(subject) in known_names(agent)


def known_names(agent: Agent) -> set[str]:
    """Return every name of a person, a unit, an account or a group, as `known_by` gives it, of what can be read now."""
    names: set[str] = set()
    with agent.store.reading() as connection:
        found = set(ledgers.load(connection).issued)
    with suppress(SyncError):
        rows = agent.roster.read()
        names |= {row.person_id for row in rows.people}
        names |= {name for unit in rows.units for name in (unit.unit, unit.key)}
    for target in agent.targets.values():
        with suppress(SyncError):
            snapshot = target.read()
            found |= {*names_of_groups(snapshot)}
            names |= {name for account in snapshot.accounts for name in spellings(account)}
    return found | {known_by(name) for name in names if name}


def release(agent: Agent, subject: str, by: str, key: SigningKey | None = None) -> None:
    """Lift the holds on a subject; signed, once anybody has a key.

    Raises:
        Refused: there is none, or the signature of a registered approver is missing.
    """
    assured(agent)
    subject = agent.known_as(subject)
    with agent.store.writing() as connection:
        who = decider(agent, connection, by, key)
        stood = known_by(subject) in believed(connection, agent.signer.public).holds
        if not (ledgers.release_hold(connection, known_by(subject), who, agent.clock()) or stood):
            raise Refused(Text(f"Không có lệnh giữ nào cho “{subject}”.", f"There is no hold on “{subject}”."))
        set_down(agent, connection, "release", {"subject": known_by(subject), "by": who}, key)
