"""Apply: carry out exactly what was approved, once, whatever crashes.

The order of writes is the proof: the intent is kept before the act, the outcome after it. An intent without an
outcome is settled by reading, never by repeating.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.approval import permits
from syncagent.core.decide import decide
from syncagent.core.holds import Standing, names_of
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Refused
from syncagent.runs.approve import find_plan
from syncagent.runs.audit import assured, checkpoint
from syncagent.runs.conclude import acting_day, conclude, is_rehearsal
from syncagent.runs.plan import read_all
from syncagent.store import audit, decisions, journal, runs
from syncagent.store.store import lineage_of
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from syncagent.core.account import Account
    from syncagent.core.action import Action, ActionKind
    from syncagent.core.plan import Envelope, Plan
    from syncagent.core.unit import Units
    from syncagent.runs.agent import Agent


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did: the outcome of each action tried now, what waits for approval, and the plan's envelope."""

    envelope: Envelope
    outcomes: tuple[Outcome, ...]
    waiting: Mapping[str, Text]

    @property
    def complete(self) -> bool:
        """Whether everything tried succeeded."""
        return all(outcome.result is Result.DONE for outcome in self.outcomes)

    @property
    def untouched(self) -> bool:
        """Whether nothing at all was written: every action was refused, or no longer fits."""
        return all(outcome.result in {Result.NOT_TRIED, Result.CONFLICT} for outcome in self.outcomes)


class Order(NamedTuple):
    """What makes two actions the same order: what is done, to whom, to which account, with which address."""

    kind: ActionKind
    target: str
    subject: str
    guid: str
    address: str

    @classmethod
    def of(cls, action: Action) -> Order:
        """Return the order an action carries out."""
        guid = action.account.guid if action.account else ""
        return cls(action.kind, action.target, action.subject, guid, action.address)


@dataclass(frozen=True, slots=True)
class Today:
    """What the regulation orders now, decided again right before writing, and who may not be touched."""

    ordered: frozenset[Order]
    standing: Standing
    units: Units
    accounts: Mapping[tuple[str, str], Account]

    @classmethod
    def read(cls, agent: Agent, day: date) -> Today:
        """Read the roster, the holds and the targets again, and decide again.

        Raises:
            Misconfigured: a file cannot be read, so nobody knows what still stands.
            Doubtful: the roster or a snapshot cannot be trusted any more.
            TargetError: a target does not answer.
        """
        found = read_all(agent, day, planned=True)
        plan = decide(found.roster, found.snapshots, found.ledger, agent.policy, day)
        doubted = (subject for subject, _ in found.roster.doubted)
        return cls(
            frozenset(Order.of(action) for action in plan.actions),
            Standing.of(found.ledger.holds.values(), found.roster.requests, doubted, day),
            found.roster.units,
            {(account.target, account.guid): account for shot in found.snapshots for account in shot.accounts},
        )

    def forbids(self, action: Action) -> Text | None:
        """Return why an approved action may not be carried out, None if it may."""
        account = self.accounts.get((action.target, action.account.guid)) if action.account else None
        names = names_of(action, account, self.units)
        if hold := self.standing.over(names):
            return Text(f"đang được giữ theo {hold.document}", f"on hold by {hold.document}")
        if names & self.standing.doubted:
            return Text("có văn bản yêu cầu bị lỗi", "a written request about it is faulty")
        if account and account.protected:
            return Text(
                f"tài khoản nay được bảo vệ ({account.protected.vi})",
                f"the account is protected now ({account.protected.en})",
            )
        if Order.of(action) not in self.ordered:
            return Text(
                "danh sách hoặc thư mục đã thay đổi, thao tác này không còn đúng; hãy lập kế hoạch mới",
                "the roster or the directory changed since, this is no longer what is ordered; make a new plan",
            )
        return None


def apply(agent: Agent, name: str, progress: Callable[[int, int], None] | None = None) -> Applied:
    """Carry out the approved actions of a plan; one that was interrupted is taken up where it stopped.

    Args:
        agent: the parts.
        name: id, unique prefix, or `latest`.
        progress: told after each batch how many of how many actions are finished.

    Raises:
        Misconfigured: there is no such plan.
        Refused: not approved, rejected, changed, expired, overtaken, or already applied, or the audit log is
            contradicted; nothing was written.
        LeaseHeld: another agent applies a plan of this state.
        TargetError: a target does not answer.
    """
    with agent.store.lease():
        started = agent.clock()
        assured(agent)
        with agent.store.reading() as connection:
            plan, envelope = find_plan(connection, name)
            _refuse_stale(agent, connection, plan, envelope)
            allowed = permits(plan, envelope.digest, decisions.on(connection, envelope.plan_id))
            finished = journal.outcomes(connection, envelope.plan_id)
            begun = journal.unresolved(connection, envelope.plan_id)
        todo = [action for action in plan.actions if action.id in allowed.permitted and action.id not in finished]
        if not plan.actions:
            return Applied(envelope, (), {})
        if not todo:
            raise _nothing_to_do(envelope, allowed.waiting)
        day = acting_day(agent, plan)
        today = Today.read(agent, day)
        with agent.store.writing() as connection:
            facts = {"plan_id": envelope.plan_id, "digest": envelope.digest, "day": day.isoformat()}
            audit.append(connection, "apply", facts | {"actions": [action.id for action in todo]}, agent.clock())
        outcomes: list[Outcome] = []
        failed = {action_id for action_id, outcome in finished.items() if outcome.result is not Result.DONE}
        for batch in _batches(agent, todo):
            ended = list(_carry_out(agent, envelope, batch, begun, failed, today, day))
            failed |= {outcome.action_id for outcome in ended if outcome.result is not Result.DONE}
            outcomes += ended
            if progress:
                progress(len(outcomes), len(todo))
        with agent.store.writing() as connection:
            summary = Counter(str(outcome.result) for outcome in outcomes)
            now = agent.clock()
            runs.add(connection, "apply", envelope.plan_id, started, now, summary)
            audit.append(connection, "applied", {"plan_id": envelope.plan_id, **summary}, now)
        checkpoint(agent)
    return Applied(envelope, tuple(outcomes), allowed.waiting)


# ── may it run at all? ───────────────────────────────────────────────────────


def _refuse_stale(agent: Agent, connection: Connection, plan: Plan, envelope: Envelope) -> None:
    reasons: list[Text] = []
    if envelope.lineage != lineage_of(connection):
        reasons.append(Text("kế hoạch thuộc về một trạng thái khác", "the plan belongs to another state"))
    if envelope.serial < journal.last_applied(connection):
        reasons.append(Text("một kế hoạch mới hơn đã được thực hiện", "a newer plan has been applied since"))
    if plan.policy != agent.policy.digest:
        reasons.append(
            Text(
                "quy chế hoặc cấu hình đã thay đổi từ khi lập",
                "the regulation or the configuration changed since",
            )
        )
    if strange := sorted({action.target for action in plan.actions} - set(agent.targets)):
        reasons.append(Text(f"không còn đích {', '.join(strange)}", f"target {', '.join(strange)} is gone"))
    elif not is_rehearsal(agent, plan):
        if agent.clock() > envelope.expires_at:
            reasons.append(Text("kế hoạch đã quá 24 giờ", "the plan is older than 24 hours"))
        if plan.as_of > agent.today():
            reasons.append(Text("kế hoạch lập cho một ngày ở tương lai", "the plan is for a day in the future"))
    if reasons:
        raise Refused(
            Text(
                f"Không thực hiện kế hoạch {envelope.plan_id}: {'; '.join(r.vi for r in reasons)}. Hãy lập kế hoạch "
                "mới.",
                f"Plan {envelope.plan_id} is not applied: {'; '.join(r.en for r in reasons)}. Make a new plan.",
            )
        )


def _nothing_to_do(envelope: Envelope, waiting: Mapping[str, Text]) -> Refused:
    if not waiting:
        return Refused(
            Text(
                f"Kế hoạch {envelope.plan_id} đã được thực hiện; mỗi phê duyệt chỉ dùng một lần. Hãy lập kế hoạch mới.",
                f"Plan {envelope.plan_id} has been applied; an approval is good for once. Make a new plan.",
            )
        )
    action_id, why = next(iter(waiting.items()))
    return Refused(
        Text(
            f"Chưa thao tác nào được duyệt đủ ({len(waiting)} đang chờ; {action_id} {why.vi}). Duyệt bằng: syncagent "
            f"approve {envelope.plan_id} --by TÊN",
            f"No action is approved enough ({len(waiting)} wait; {action_id} {why.en}). Approve with: syncagent "
            f"approve {envelope.plan_id} --by NAME",
        )
    )


# ── carrying out ─────────────────────────────────────────────────────────────


def _batches(agent: Agent, todo: Sequence[Action]) -> Iterator[list[Action]]:
    """Yield runs of actions of one target, in order, as large as the target takes them."""
    for target, group in groupby(todo, key=lambda action: action.target):
        actions = list(group)
        size = agent.targets[target].batch
        for start in range(0, len(actions), size):
            yield actions[start : start + size]


def _carry_out(
    agent: Agent,
    envelope: Envelope,
    batch: Sequence[Action],
    begun: frozenset[str],
    failed: set[str],
    today: Today,
    day: date,
) -> Iterator[Outcome]:
    """Carry out one batch and return its outcomes, each kept in the journal together with what it means."""
    target = agent.targets[batch[0].target]
    settled: list[Outcome] = []
    ready: list[Action] = []
    for action in batch:
        if action.id in begun and (known := target.resolve(action, envelope.digest)):
            settled.append(known)
        elif refusal := _refusal(action, failed, today, day):
            settled.append(Outcome(action.id, Result.NOT_TRIED, refusal))
            failed.add(action.id)
        else:
            ready.append(action)
    conclude(agent, envelope, batch, settled, day)
    yield from settled
    if not ready:
        return
    with agent.store.writing() as connection:
        journal.intend(connection, envelope.plan_id, [action.id for action in ready], agent.clock())
    outcomes = target.carry_out(ready, envelope.digest)
    conclude(agent, envelope, ready, outcomes, day)
    yield from outcomes


def _refusal(action: Action, failed: set[str], today: Today, day: date) -> Text | None:
    """Return why an approved action is not carried out after all: looked at again, right before it happens."""
    if action.due > day:
        return Text(f"chưa đến ngày {action.due}", f"not due before {action.due}")
    if lacking := failed.intersection(action.needs):
        return Text(
            f"cần {', '.join(sorted(lacking))} nhưng thao tác đó không thành công",
            f"needs {', '.join(sorted(lacking))}, which did not succeed",
        )
    return today.forbids(action)
