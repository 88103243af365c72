"""Which decisions on a plan count: signed by a registered approver, to the letter, in time; and what they permit.

Before anybody has a key, and on files only, a name is enough. From the first key on, or where a directory is live,
what is not signed counts for nothing, except a no.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind
from syncagent.core.addresses import fold_address
from syncagent.core.approval import Decision, counting, permits
from syncagent.core.names import fold
from syncagent.core.request import RequestKind
from syncagent.core.statement import KIND, statement
from syncagent.errors import Refused, SyncError
from syncagent.runs.conclude import is_rehearsal
from syncagent.store import approvers, audit, decisions, requests, runs
from syncagent.store import ledger as ledgers
from syncagent.text import Text
from syncagent.trust.signing import PublicKey, Sealed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy import Connection

    from syncagent.core.approval import Counting, Permits
    from syncagent.core.plan import Envelope, Plan
    from syncagent.core.request import Request
    from syncagent.runs.agent import Agent
    from syncagent.store.approvers import Approver
    from syncagent.store.decisions import Kept


def permitted(
    agent: Agent, connection: Connection, plan: Plan, envelope: Envelope, counted: Counting | None = None
) -> Permits:
    """Return which actions of a plan may be carried out now, and why the others may not.

    `counted` are the decisions that count, for whoever has just asked for them.

    Raises:
        Refused: the plan was rejected, a decision was changed, or a brake holds the plan.
    """
    found = counted or verdicts(agent, connection, plan, envelope)
    askers = _askers(agent, connection, plan)
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
    counted += _unkept_no(connection, envelope, counted)
    in_time = counting(counted, agent.clock(), runs.last_apply(connection, envelope.plan_id))
    return in_time._replace(lapsed=(*lapsed, *in_time.lapsed))


def _unkept_no(connection: Connection, envelope: Envelope, counted: Collection[Decision]) -> Iterator[Decision]:
    """Yield every no that the audit log has and the decisions lack: it counts, whatever became of its row."""
    known = {decision.by for decision in counted if not decision.approves}
    for record in audit.records(connection, kinds=("reject",)):
        facts = json.loads(record.body)
        if facts["plan_id"] == envelope.plan_id and facts["by"] not in known:
            at = datetime.fromisoformat(record.at)
            yield Decision(envelope.plan_id, envelope.digest, approves=False, by=facts["by"], at=at)


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


def _askers(agent: Agent, connection: Connection, plan: Plan) -> dict[str, frozenset[str]]:
    """Return who asked for each deletion of a plan, as names are compared: by a request it fulfils, or cites.

    Whoever recorded the request asked, the address it came from, and whoever that address was ever issued to.
    """
    deletions = [action for action in plan.actions if action.kind is ActionKind.DELETE]
    cited = {action.id: {*action.fulfils, *(reason.document for reason in action.because)} for action in deletions}
    asking = [*_asking(agent, connection)] if deletions else []
    by = _recorders(connection) if asking else {}
    names: dict[str, set[str]] = defaultdict(set)
    for request in asking:
        references = {request.request_id, request.document_number} - {""}
        if any(references & those for those in cited.values()):
            told = by.get(request.request_id, frozenset[str]())
            asked = {*told, request.from_address, *_owners(agent, connection, request)} - {""}
            for reference in references:
                names[reference] |= set(map(fold, asked))
    return {name: frozenset().union(*(names[one] for one in those if one in names)) for name, those in cited.items()}


def _recorders(connection: Connection) -> dict[str, frozenset[str]]:
    """Return who recorded each request, by its number, as the audit log has it."""
    found: dict[str, frozenset[str]] = {}
    for record in audit.records(connection, kinds=("request",)):
        facts = json.loads(record.body)
        found[facts["request_id"]] = found.get(facts["request_id"], frozenset[str]()) | {facts["by"]}
    return found


def _asking(agent: Agent, connection: Connection) -> Iterator[Request]:
    """Yield every request that a mailbox goes: those recorded, and those of the roster's file if it can be read.

    Where it cannot, nothing is carried out either: apply reads the roster again before it asks who may approve.
    """
    kept: tuple[Request, ...] = ()
    with suppress(SyncError):
        kept = agent.requests.kept()
    for request in (*requests.recorded(connection), *kept):
        if request.kind in {RequestKind.CANCEL, RequestKind.EMERGENCY_DELETE}:
            yield request


def _owners(agent: Agent, connection: Connection, request: Request) -> Iterator[str]:
    """Yield the names of everybody to whom the address was issued that a request came from."""
    owners = ledgers.owners(connection, [fold_address(request.from_address)])
    if owners:
        with suppress(SyncError):
            yield from (row.full_name for row in agent.roster.read().people if row.person_id in owners)
