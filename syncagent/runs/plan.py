"""Plan: read everything, decide, keep the plan. Nothing outside the state is written."""

from __future__ import annotations

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
from syncagent.core.stamp import is_stamp
from syncagent.runs import watch
from syncagent.runs.recover import recover
from syncagent.store import ledger as ledgers
from syncagent.store import marks, plans, runs
from syncagent.store.store import remember_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from syncagent.core.ledger import Ledger
    from syncagent.core.plan import Plan
    from syncagent.core.roster import Roster, RosterRows
    from syncagent.core.snapshot import Snapshot
    from syncagent.runs.agent import Agent

_GOOD_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Readings:
    """What one run has read: the rows, the admitted roster, the snapshots, the ledger."""

    rows: RosterRows
    roster: Roster
    snapshots: tuple[Snapshot, ...]
    ledger: Ledger

    def inputs(self) -> dict[str, object]:
        """Return what the plan's header says of them."""
        return {
            "units": {unit.unit: self.roster.units.full_name(unit.unit) for unit in self.roster.units},
            "roster": {"digest": self.rows.digest, **self.rows.sources},
            "targets": {snapshot.target: dict(snapshot.watermark) for snapshot in self.snapshots},
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
        ledger = watch.remembered(agent, connection, ledgers.load(connection), today)
    if planned and ledger.baseline:
        ledger = replace(ledger, accepted=ledger.accepted | {ledger.baseline.digest})
    limits = agent.policy.brakes.roster
    roster = admit(rows, ledger, limits, agent.policy.freshness, today, agent.clock())
    snapshots = tuple(agent.targets[name].read() for name in sorted(agent.targets))
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
            ledgers.use_acceptance(connection, digest_of_mark(place, ledger.marks[place]), agent.clock())
        marks.remember(connection, found)


def make_plan(agent: Agent, as_of: date | None = None) -> tuple[Plan, Envelope]:
    """Decide what must change on a day, and keep the plan.

    Args:
        agent: the parts.
        as_of: the day; None is today in the configured zone.

    Raises:
        Misconfigured: a file must be edited.
        Doubtful: the roster or a snapshot cannot be trusted; nothing was planned.
        Refused: the clock runs backwards.
        TargetError: a target does not answer.
        LeaseHeld: an apply is running that has not said yet what became of its actions.
    """
    started = agent.clock()
    today = as_of or agent.today()
    watch.pass_time(agent)
    recover(agent)
    read = read_all(agent, today)
    plan = decide(read.roster, read.snapshots, read.ledger, agent.policy, today, read.inputs())
    return plan, keep(agent, plan, read, started, "plan")


def keep(agent: Agent, plan: Plan, read: Readings, started: datetime, verb: str) -> Envelope:
    """Keep a plan with an envelope of its own, and what the run that made it has learnt."""
    with agent.store.writing() as connection:
        now = agent.clock()
        place = plans.next_place(connection)
        envelope = Envelope(
            plan_id=f"{now.astimezone(agent.zone):%Y%m%d}-{place.serial:04d}-{agent.new_id()}",
            digest=digest_of(plan),
            lineage=place.lineage,
            serial=place.serial,
            created_at=now,
            expires_at=now + _GOOD_FOR,
            previous=place.previous,
            version=__version__,
        )
        plans.save(connection, plan, envelope, agent.signer)
        watch.saw(agent, connection, read.snapshots)
        ledgers.learn_accounts(connection, _unknown_accounts(agent, read))
        ledgers.learn_addresses(connection, _unknown_addresses(read.snapshots, read.ledger))
        ledgers.use_acceptance(connection, read.rows.digest, now)
        if read.ledger.baseline is None or read.ledger.baseline.digest != read.rows.digest:
            ledgers.accept_baseline(connection, _baseline(read), now)
        summary = {"actions": len(plan.actions), "findings": len(plan.findings), "skips": len(plan.skips)}
        runs.add(connection, verb, envelope.plan_id, started, now, summary)
    return envelope


def _baseline(read: Readings) -> Baseline:
    """Return the roster as the next one is compared with it: everybody who has not left, the quarantined too."""
    people = {row.person_id: row.unit for row in read.rows.people if row.person_id in read.roster.quarantined}
    people |= {person.person_id: person.current.unit for person in read.roster.people.values() if not person.left}
    return Baseline(read.rows.digest, frozenset(unit.unit for unit in read.roster.units), people)


def _unknown_accounts(agent: Agent, read: Readings) -> list[tuple[str, str, str, str]]:
    """Return the marked accounts seen for the first time, as after a lost state: what they carry is believed."""
    stamps = {name: target.directory.stamp for name, target in agent.policy.targets.items()}
    return [
        (account.target, account.guid, account.stamp.subject, _stamp_text(account.attributes[stamps[account.target]]))
        for snapshot in read.snapshots
        for account in snapshot.accounts
        if account.stamp and (account.target, account.guid) not in read.ledger.accounts
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
