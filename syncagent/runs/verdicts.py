"""Which decisions on a plan count: signed by a registered approver, to the letter, in time; and what they permit.

Before anybody has a key, and on files only, a name is enough. From the first key on, or where a directory is live,
what is not signed counts for nothing, except a no.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind
from syncagent.core.approval import counting, permits
from syncagent.core.names import fold
from syncagent.core.statement import KIND, statement
from syncagent.errors import Refused
from syncagent.runs.conclude import is_rehearsal
from syncagent.store import approvers, decisions, requests, runs
from syncagent.text import Text
from syncagent.trust.signing import PublicKey, Sealed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from syncagent.core.approval import Counting, Decision, Permits
    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent
    from syncagent.store.approvers import Approver
    from syncagent.store.decisions import Kept


def permitted(agent: Agent, connection: Connection, plan: Plan, envelope: Envelope) -> Permits:
    """Return which actions of a plan may be carried out now, and why the others may not.

    Raises:
        Refused: the plan was rejected, a decision was changed, or a brake holds the plan.
    """
    found = verdicts(agent, connection, plan, envelope)
    askers = _askers(connection, plan)
    return permits(plan, envelope.digest, found.decisions, askers, found.lapsed)


def verdicts(agent: Agent, connection: Connection, plan: Plan, envelope: Envelope) -> Counting:
    """Return the decisions on a plan that count now, and why others do not.

    Raises:
        Refused: a decision is not, to the letter, what its maker signed, or was signed for another plan.
    """
    registry = {approver.key_id: approver for approver in approvers.everyone(connection, agent.signer.public)}
    signed = must_be_signed(agent, plan, registry)
    counted: list[Decision] = []
    lapsed: list[Text] = []
    for kept in decisions.on(connection, envelope.plan_id):
        decision = _signed(kept, envelope, registry) if kept.envelope else kept.decision
        if reason := _counts_not(decision, registry, signed=signed):
            lapsed.append(reason)
        else:
            counted.append(decision)
    in_time = counting(counted, agent.clock(), runs.last_apply(connection, envelope.plan_id))
    return in_time._replace(lapsed=(*lapsed, *in_time.lapsed))


def must_be_signed(agent: Agent, plan: Plan, registry: Collection[object]) -> bool:
    """Whether a decision on a plan counts only if it is signed: somebody has a key, or a directory is live."""
    return bool(registry) or not is_rehearsal(agent, plan)


def keyed(agent: Agent, plan: Plan) -> bool:
    """Whether whoever decides on a plan now signs with a key; so it is where the register cannot be believed."""
    try:
        with agent.store.reading() as connection:
            known = approvers.everyone(connection, agent.signer.public)
    except Refused:
        return True
    return must_be_signed(agent, plan, known)


def _signed(kept: Kept, envelope: Envelope, registry: Mapping[str, Approver]) -> Decision:
    """Return a decision that its maker signed as it stands here, for the exact bytes of this plan."""
    decision = kept.decision
    try:
        sealed = Sealed.read(kept.envelope, KIND)
    except ValueError:
        sealed = None
    approver = registry.get(sealed.key_id) if sealed else None
    if (
        sealed is None
        or approver is None
        or sealed.payload != statement(decision, envelope.record)
        or fold(approver.name) != fold(decision.by)
        or not sealed.signed_by(PublicKey.from_hex(approver.public_key))
    ):
        raise Refused(
            Text(
                f"Quyết định ghi tên “{decision.by}” về kế hoạch {envelope.plan_id} không đúng với chữ ký của nó; hãy "
                "lập kế hoạch mới và kiểm tra nhật ký kiểm toán.",
                f"The decision of “{decision.by}” on plan {envelope.plan_id} does not fit its signature; make a new "
                "plan, and look into the audit log.",
            )
        )
    return replace(decision, key_id=sealed.key_id)


def _counts_not(decision: Decision, registry: Mapping[str, Approver], *, signed: bool) -> Text | None:
    """Return why a yes counts for nothing, None if it counts; a no always does."""
    if not decision.approves:
        return None
    if not decision.key_id:
        return _unsigned(decision) if signed else None
    if registry[decision.key_id].revoked_at:
        return Text(
            f"khóa mà {decision.by} dùng để ký đã bị thu hồi",
            f"the key with which {decision.by} signed was revoked",
        )
    return None


def _unsigned(decision: Decision) -> Text:
    return Text(
        f"phê duyệt của {decision.by} chỉ ghi tên, không có chữ ký (hãy duyệt lại với --key-file TỆP_KHÓA)",
        f"the approval of {decision.by} is a name without a signature (approve again with --key-file FILE)",
    )


def _askers(connection: Connection, plan: Plan) -> dict[str, frozenset[str]]:
    """Return who asked for each deletion of a plan, as names are compared: by a request it fulfils, or cites."""
    deletions = [action for action in plan.actions if action.kind is ActionKind.DELETE]
    asked = requests.askers(connection) if deletions else {}
    return {
        action.id: frozenset(
            fold(name)
            for reference in {*action.fulfils, *(reason.document for reason in action.because)}
            for name in asked.get(reference, ())
        )
        for action in deletions
    }
