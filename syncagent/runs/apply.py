"""Apply: carry out exactly what was approved, once, whatever crashes.

The order of writes is the proof: the intent is kept before the act, the outcome after it. An intent without an
outcome is settled by reading, never by repeating.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core import brakes
from syncagent.core.approval import said
from syncagent.core.decide import decide
from syncagent.core.holds import Around, Standing
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Refused
from syncagent.runs.approve import find_plan
from syncagent.runs.audit import assured, checkpoint
from syncagent.runs.conclude import acting_day, conclude, is_rehearsal, resolved
from syncagent.runs.header import same_directories
from syncagent.runs.migrate import cut_over, merging, with_old_systems
from syncagent.runs.plan import read_all
from syncagent.runs.recover import cut_off, wait_for_requests, went_on
from syncagent.runs.sealing import Officers, nobody_to_hand_over, seal
from syncagent.runs.stop import refuse_full, refuse_stopped, wanted
from syncagent.runs.undo import read_to_undo, take_back
from syncagent.runs.verdicts import permitted
from syncagent.runs.watch import trust_clocks
from syncagent.store import audit, journal, officers, runs
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from syncagent.core.action import Action, ActionKind
    from syncagent.core.approval import Permits
    from syncagent.core.plan import BrakeState, Envelope, Plan
    from syncagent.runs.agent import Agent
    from syncagent.runs.plan import Readings
    from syncagent.store.lease import Lease


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply did: the outcome of each action tried now, what waits for approval, and the plan's envelope.

    `stopped` says why it ended before everything approved was tried.
    """

    envelope: Envelope
    outcomes: tuple[Outcome, ...]
    waiting: Mapping[str, Text]
    stopped: Text | None = None

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
    around: Around
    brakes: BrakeState
    directories: Mapping[str, str]

    @classmethod
    def read(cls, agent: Agent, day: date, undoes: str = "", wave: int = 0) -> Today:
        """Read the roster, the holds and the targets again, and decide again: a day, an undo, or a wave.

        Raises:
            Misconfigured: a file cannot be read, so nobody knows what still stands.
            Doubtful: the roster or a snapshot cannot be trusted any more.
            TargetError: a target does not answer.
        """
        if wave:
            merged = merging(agent, day, planned=True)
            found = with_old_systems(merged)
            plan = cut_over(agent, merged, wave, found)
            return cls.of(agent, found, plan, day)
        if undoes:
            found = read_to_undo(agent, undoes, day)
            return cls.of(agent, found, take_back(agent, undoes, found, day), day)
        found = read_all(agent, day, planned=True)
        plan = decide(found.roster, found.snapshots, found.ledger, agent.policy, day)
        return cls.of(agent, found, plan, day)

    @classmethod
    def of(cls, agent: Agent, found: Readings, plan: Plan, day: date) -> Today:
        """Given what was read again and what was decided of it, return what that says of actions."""
        return cls(
            frozenset(Order.of(action) for action in plan.actions),
            Standing.of(found.ledger, found.roster, day),
            Around.of(found.snapshots, agent.policy, found.roster.units),
            plan.brakes,
            {shot.target: str(shot.watermark.get("directory", "")) for shot in found.snapshots},
        )

    def forbids(self, action: Action) -> Text | None:
        """Return why an approved action may not be carried out, None if it may."""
        if why := self.guards(action):
            return why
        if Order.of(action) not in self.ordered:
            return Text(
                "danh sách hoặc thư mục đã thay đổi, thao tác này không còn đúng; hãy lập kế hoạch mới",
                "the roster or the directory changed since, this is no longer what is ordered; make a new plan",
            )
        return None

    def guards(self, action: Action) -> Text | None:
        """Return why nothing may be done to whom an action concerns, whatever is ordered."""
        account, names = self.around.account(action), self.around.names_of(action)
        if hold := self.standing.over(names):
            return Text(f"đang được giữ theo {hold.document}", f"on hold by {hold.document}")
        for change in action.changes:
            if hold := self.standing.over_right(action, change, self.around):
                return Text(
                    f"đụng đến quyền ở {change.dn} đang được giữ theo {hold.document}; hãy lập kế hoạch mới",
                    f"touches a right at {change.dn}, which is on hold by {hold.document}; make a new plan",
                )
        if names & self.standing.doubted:
            return Text("có văn bản yêu cầu bị lỗi", "a written request about it is faulty")
        if account and account.protected:
            return Text(
                f"tài khoản nay được bảo vệ ({account.protected.vi})",
                f"the account is protected now ({account.protected.en})",
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
        Refused: not approved, rejected, changed, expired, overtaken, already applied, a brake trips by now, a clock
            cannot be believed, another directory answers, or the audit log is contradicted; nothing was written.
        LeaseHeld: another agent applies a plan of this state, or has taken it over meanwhile.
        TargetError: a target or the state does not answer.
    """
    refuse_stopped(agent)
    refuse_full(agent)
    with agent.store.lease() as lease:
        started = agent.clock()
        assured(agent, whole=True)
        with agent.store.reading() as connection:
            plan, envelope = find_plan(agent, connection, name)
            _refuse_stale(agent, connection, plan, envelope)
            allowed = permitted(agent, connection, plan, envelope)
            finished = journal.outcomes(connection, envelope.plan_id)
            begun = journal.unresolved(connection, envelope.plan_id)
            _refuse_forgotten(connection, envelope, finished)
        todo = [action for action in plan.actions if action.id in allowed.permitted and action.id not in finished]
        if not plan.actions:
            return Applied(envelope, (), {})
        if not todo:
            raise _nothing_to_do(envelope, allowed)
        touched = sorted({action.target for action in todo})
        trust_clocks(agent, touched)
        same_directories(plan, envelope, {name: agent.targets[name].directory_id() for name in touched})
        wait_for_requests(agent, lease, envelope, [action for action in todo if action.id in begun])
        day = acting_day(agent, plan)
        today = Today.read(agent, day, plan.undoes, plan.wave)
        same_directories(plan, envelope, today.directories)
        brakes.hold(today.brakes, plan.brakes, allowed.accepted)
        with agent.store.writing() as connection:
            facts = {"plan_id": envelope.plan_id, "digest": envelope.digest, "day": day.isoformat()}
            audit.append(connection, "apply", facts | {"actions": [action.id for action in todo]}, agent.clock())
        outcomes: list[Outcome] = []
        failed = {action_id for action_id, outcome in finished.items() if outcome.result is not Result.DONE}
        stopped = None
        for batch in _batches(agent, todo):
            if stopped := wanted(agent):
                break
            lease.confirm()
            ended = list(_carry_out(agent, lease, envelope, batch, begun, failed, today, day))
            failed |= {outcome.action_id for outcome in ended if outcome.result is not Result.DONE}
            outcomes += ended
            if progress:
                progress(len(outcomes), len(todo))
        if len(outcomes) < len(todo):
            stopped = stopped or wanted(agent)
        with agent.store.writing() as connection:
            summary = Counter(str(outcome.result) for outcome in outcomes)
            now = agent.clock()
            runs.add(connection, "apply", envelope.plan_id, started, now, summary)
            audit.append(connection, "applied", {"plan_id": envelope.plan_id, **summary}, now)
        checkpoint(agent)
    return Applied(envelope, tuple(outcomes), allowed.waiting, stopped)


# ── may it run at all? ───────────────────────────────────────────────────────


def _refuse_stale(agent: Agent, connection: Connection, plan: Plan, envelope: Envelope) -> None:
    reasons: list[Text] = []
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


def _refuse_forgotten(connection: Connection, envelope: Envelope, finished: Collection[str]) -> None:
    """Raise if the audit log knows of actions of this plan, carried out, that the journal has no more (F26)."""
    begun = [
        record.seq
        for record in audit.records(connection, kinds=("apply",))
        if json.loads(record.body)["plan_id"] == envelope.plan_id
    ]
    if not begun:
        return
    told = [json.loads(record.body) for record in audit.records(connection, begun[0], kinds=("done",))]
    done = {facts["action_id"] for facts in told if facts["plan_id"] == envelope.plan_id}
    if forgotten := len(done.difference(finished)):
        raise Refused(
            Text(
                f"Nhật ký kiểm toán có {forgotten} thao tác đã làm của kế hoạch {envelope.plan_id} mà nhật ký thao tác "
                "không còn; mỗi phê duyệt chỉ dùng một lần. Hãy lập kế hoạch mới.",
                f"The audit log has actions of plan {envelope.plan_id} as done that the journal has no more: "
                f"{forgotten}; an approval is good for once. Make a new plan.",
            )
        )


def _nothing_to_do(envelope: Envelope, allowed: Permits) -> Refused:
    waiting, lapsed = allowed.waiting, said(allowed.lapsed)
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
            f"Chưa thao tác nào được duyệt đủ ({len(waiting)} đang chờ; {action_id} {why.vi}).{lapsed.vi} Duyệt bằng: "
            f"syncagent approve {envelope.plan_id} --by TÊN [--order SỐ_VĂN_BẢN] [--key-file TỆP_KHÓA]",
            f"No action is approved enough ({len(waiting)} wait; {action_id} {why.en}).{lapsed.en} Approve with: "
            f"syncagent approve {envelope.plan_id} --by NAME [--order NUMBER] [--key-file FILE]",
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
    lease: Lease,
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
    with agent.store.reading() as connection:
        handing = Officers(officers.in_office(connection, agent.signer.public), today.around.units)
    for action in batch:
        left = target.resolve(action, envelope.digest) if action.id in begun else action
        if isinstance(left, Outcome):
            settled.append(resolved(left))
        elif left != action and (refusal := today.guards(action)):
            settled.append(cut_off(action, left, refusal))
            failed.add(action.id)
        elif left == action and (
            refusal := _refusal(action, failed, today, day) or nobody_to_hand_over(agent, action, handing)
        ):
            settled.append(Outcome(action.id, Result.NOT_TRIED, refusal))
            failed.add(action.id)
        else:
            ready.append(left)
    if settled:
        conclude(agent, lease, envelope, batch, settled, day)
        yield from settled
    if not ready:
        return
    with agent.store.writing() as connection:
        passwords = seal(agent, connection, envelope, ready, today.around.units)
        journal.intend(connection, envelope.plan_id, [action.id for action in ready], agent.clock(), lease)

    def stop() -> bool:
        return bool(wanted(agent)) or not lease.stands()

    outcomes = went_on(batch, ready, target.carry_out(ready, envelope.digest, passwords, stop))
    conclude(agent, lease, envelope, batch, outcomes, day)
    yield from outcomes


def _refusal(action: Action, failed: set[str], today: Today, day: date) -> Text | None:
    """Return why an approved action is not carried out after all: looked at again, right before it happens."""
    if action.due > day:
        return Text(f"chưa đến ngày {vi(action.due)}", f"not due before {action.due}")
    if lacking := failed.intersection(action.needs):
        return Text(
            f"cần {', '.join(sorted(lacking))} nhưng thao tác đó không thành công",
            f"needs {', '.join(sorted(lacking))}, which did not succeed",
        )
    return today.forbids(action)
