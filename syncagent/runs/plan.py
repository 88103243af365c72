"""Plan: read everything, decide, keep the plan. Nothing outside the state is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syncagent import __version__
from syncagent.core.addresses import fold_address
from syncagent.core.admit import admit, admit_marked, admit_snapshots
from syncagent.core.decide import decide
from syncagent.core.ledger import Baseline
from syncagent.core.marks import admit_marks, mark_of
from syncagent.core.marks import digest as digest_of_mark
from syncagent.core.plan import Envelope
from syncagent.core.record import digest_of
from syncagent.core.routing import admit_routes
from syncagent.core.stamp import is_stamp
from syncagent.errors import Doubtful
from syncagent.runs import watch
from syncagent.runs.audit import assured, checkpoint
from syncagent.runs.believed import believed
from syncagent.runs.header import limits, tools
from syncagent.runs.recover import recover
from syncagent.store import audit, baseline, marks, plans, runs
from syncagent.store import ledger as ledgers
from syncagent.store.store import remember_key
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from syncagent.core.ledger import Ledger
    from syncagent.core.plan import Plan
    from syncagent.core.policy import Brakes
    from syncagent.core.roster import Roster, RosterRows
    from syncagent.core.snapshot import Snapshot
    from syncagent.runs.agent import Agent

LEARN = "learn"
"""The kind of the record that says which accounts bore our mark when they were first seen."""

GOOD_FOR = timedelta(hours=24)
"""How long a plan may be carried out (contract §3)."""


@dataclass(frozen=True, slots=True)
class Readings:
    """What one run has read: the rows, the admitted roster, the snapshots, the ledger."""

    rows: RosterRows
    roster: Roster
    snapshots: tuple[Snapshot, ...]
    ledger: Ledger

    def inputs(self, brakes: Brakes) -> dict[str, object]:
        """Return what the plan's header says of them, and what they were held to and read with."""
        return {
            "units": {unit.unit: self.roster.units.full_name(unit.unit) for unit in self.roster.units},
            "roster": {"digest": self.rows.digest, **self.rows.sources},
            "targets": {snapshot.target: dict(snapshot.watermark) for snapshot in self.snapshots},
            "limits": limits(brakes),
            "tools": tools(),
        }


def read_all(agent: Agent, today: date, *, planned: bool = False) -> Readings:
    """Read and admit the roster, then the targets; `planned` lets the roster pass that the last plan was made from.

    Raises:
        Misconfigured: a file must be edited.
        Doubtful: the roster or a snapshot cannot be trusted.
        TargetError: a target does not answer.
    """
    rows = agent.rows()
    with agent.store.writing() as connection:
        remember_key(connection, agent.pseudonyms.fingerprint())
        ledger = watch.remembered(agent, connection, believed(connection, agent.signer.public), today)
    if planned and ledger.baseline:
        ledger = replace(ledger, accepted=ledger.accepted | {ledger.baseline.digest})
    limits = agent.policy.brakes.roster
    roster = admit(rows, ledger, limits, agent.policy.freshness, today, agent.clock())
    admit_routes(agent.policy.targets, rows.units, roster.units)
    snapshots = tuple(agent.targets[name].read() for name in sorted(agent.targets.keys() - agent.old_systems))
    admit_marks(snapshots, ledger)
    admit_snapshots(snapshots, ledger, limits)
    admit_marked(rows, snapshots, ledger, limits)
    _remember_marks(agent, snapshots, ledger)
    return Readings(rows, roster, snapshots, ledger)


def _remember_marks(agent: Agent, snapshots: Sequence[Snapshot], ledger: Ledger) -> None:
    """Keep which state of which server was read; what a person let pass has passed."""
    found = dict(filter(None, map(mark_of, snapshots)))
    if not found:
        return
    with agent.store.writing() as connection:
        for place in found.keys() & ledger.marks.keys():
            _used(agent, connection, digest_of_mark(place, ledger.marks[place]))
        marks.remember(connection, found)


def _used(agent: Agent, connection: Connection, digest: str) -> None:
    """Record that what a person let pass has passed, if anybody did."""
    now = agent.clock()
    if ledgers.use_acceptance(connection, digest, now):
        audit.append(connection, "acceptance-used", {"digest": digest}, now)


def make_plan(agent: Agent, as_of: date | None = None) -> tuple[Plan, Envelope]:
    """Decide what must change on a day, and keep the plan.

    Args:
        agent: the parts.
        as_of: the day; None is today in the configured zone.

    Raises:
        Misconfigured: a file must be edited.
        Doubtful: the roster or a snapshot cannot be trusted; nothing was planned.
        Refused: the clock runs backwards, or the audit log is contradicted.
        TargetError: a target does not answer.
        LeaseHeld: an apply is running that has not said yet what became of its actions.
    """
    started = agent.clock()
    today = as_of or agent.today()
    assured(agent)
    watch.pass_time(agent)
    recover(agent)
    read = read_all(agent, today)
    plan = decide(read.roster, read.snapshots, read.ledger, agent.policy, today, read.inputs(agent.policy.brakes))
    return plan, keep(agent, plan, read, started, "plan")


def keep(agent: Agent, plan: Plan, read: Readings, started: datetime, verb: str) -> Envelope:
    """Keep a plan with an envelope of its own, and what the run that made it has learnt."""
    digest = digest_of(plan)  # of a large one it takes its time, in which others may write
    with agent.store.writing() as connection:
        now = agent.clock()
        place = plans.next_place(connection)
        envelope = Envelope(
            plan_id=f"{now.astimezone(agent.zone):%Y%m%d}-{place.serial:04d}-{agent.new_id()}",
            digest=digest,
            lineage=place.lineage,
            serial=place.serial,
            created_at=now,
            expires_at=now + GOOD_FOR,
            previous=place.previous,
            version=__version__,
        )
        plans.save(connection, plan, envelope, agent.signer)
        watch.saw(agent, connection, read.snapshots)
        unknown = _unknown_accounts(agent, read)
        ledgers.learn_accounts(connection, unknown)
        ledgers.learn_addresses(connection, _unknown_addresses(read.snapshots, read.ledger))
        _used(agent, connection, read.rows.digest)
        summary = {"actions": len(plan.actions), "findings": len(plan.findings), "skips": len(plan.skips)}
        runs.add(connection, verb, envelope.plan_id, started, now, summary)
        audit.extend(connection, _records(connection, agent, plan, envelope, read, unknown), now)
        baseline.keep(connection, _baseline(read), agent.signer, now)
    checkpoint(agent)
    if agent.live and unknown and not read.ledger.accounts:
        agent.notices.append(_forgotten(len(unknown)))
    return envelope


def _forgotten(count: int) -> Doubtful:
    """Return what to say of a state that knows nothing of a directory where the agent has been at work."""
    return Doubtful(
        Text(
            f"Trạng thái này mới, nhưng thư mục đã có {count} tài khoản do chương trình cấp. Nếu trạng thái cũ bị mất, "
            "hãy khôi phục từ bản sao lưu trước khi phê duyệt: địa chỉ của hộp thư đã xóa, lệnh giữ và quyền đã thu "
            "chỉ còn ở đó, và địa chỉ cũ có thể bị cấp lại cho người khác.",
            f"This state is new, but {count} accounts of the directory were issued by this program. If the old state "
            "was lost, put it back from a backup before anything is approved: the addresses of deleted mailboxes, "
            "holds and rights taken stand only there, and an old address may be issued again to somebody else.",
        )
    )


def _records(
    connection: Connection,
    agent: Agent,
    plan: Plan,
    envelope: Envelope,
    read: Readings,
    unknown: Sequence[tuple[str, str, str, str]],
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what the audit log says of a plan, and of the accounts whose marks it believed.

    The first plan on an audit log names all marked accounts, also those that the state knew before.
    """
    yield (
        "plan",
        {
            "plan_id": envelope.plan_id,
            "serial": envelope.serial,
            "digest": envelope.digest,
            "as_of": plan.as_of.isoformat(),
            "policy": plan.policy,
            "roster": read.rows.digest,
            "actions": Counter(str(action.kind) for action in plan.actions),
            "findings": len(plan.findings),
            "brakes": [trip.name for trip in plan.brakes.tripped],
        },
    )
    fresh = not audit.holds(connection, LEARN)
    handled = {target for target, _ in read.ledger.accounts}
    marked = _marked_accounts(agent, read) if fresh else unknown
    for name in sorted(agent.targets):
        accounts = [list(account[1:]) for account in marked if account[0] == name]
        if accounts or fresh:
            yield LEARN, {"target": name, "first": fresh or name not in handled, "accounts": accounts}


def _baseline(read: Readings) -> Baseline:
    """Return the roster as the next one is compared with it: everybody who has not left, the quarantined too."""
    people = {row.person_id: row.unit for row in read.rows.people if row.person_id in read.roster.quarantined}
    people |= {person.person_id: person.current.unit for person in read.roster.people.values() if not person.left}
    return Baseline(read.rows.digest, frozenset(unit.unit for unit in read.roster.units), people)


def _unknown_accounts(agent: Agent, read: Readings) -> list[tuple[str, str, str, str]]:
    """Return the marked accounts seen for the first time, as after a lost state: what they carry is believed."""
    return [one for one in _marked_accounts(agent, read) if (one[0], one[1]) not in read.ledger.accounts]


def _marked_accounts(agent: Agent, read: Readings) -> list[tuple[str, str, str, str]]:
    """Return the accounts that bear our mark: target, identity, subject, mark."""
    stamps = {name: target.directory.stamp for name, target in agent.policy.targets.items()}
    return [
        (account.target, account.guid, account.stamp.subject, _stamp_text(account.attributes[stamps[account.target]]))
        for snapshot in read.snapshots
        for account in snapshot.accounts
        if account.stamp
    ]


def _stamp_text(values: Sequence[str]) -> str:
    return next(value for value in values if is_stamp(value))


def _unknown_addresses(snapshots: Sequence[Snapshot], ledger: Ledger) -> dict[str, str]:
    """Return the addresses seen for the first time: whoever holds one was issued it, and nobody else ever is."""
    found: dict[str, str] = {}
    for snapshot in snapshots:
        for account in snapshot.accounts:
            owner = account.stamp.subject if account.stamp else f"account:{account.guid}"
            for address in account.addresses:
                folded = fold_address(address)
                if folded not in ledger.issued:
                    found.setdefault(folded, owner)
    return found
