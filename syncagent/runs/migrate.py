"""Migrate: read the old systems beside the new roster, say what becomes of every account, plan its waves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from syncagent.core.addresses import fold_address
from syncagent.core.admit import admit_snapshots
from syncagent.core.conservation import row_of, statement
from syncagent.core.cutover import CutOver, plan_of
from syncagent.core.fates import fates, remembering
from syncagent.core.merger import AccountId, Fate, Population
from syncagent.core.pairing import pair
from syncagent.core.stamp import State
from syncagent.core.survey import survey
from syncagent.errors import Doubtful, Misconfigured, Refused
from syncagent.runs import watch
from syncagent.runs.audit import assured, checkpoint
from syncagent.runs.believed import frozen_waves
from syncagent.runs.plan import Readings, keep, read_all
from syncagent.runs.recover import recover
from syncagent.store import audit, mails, runs
from syncagent.store import ledger as ledgers
from syncagent.store import rulings as store
from syncagent.store.store import lineage_of
from syncagent.text import Text
from syncagent.trust.certificate import written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.fates import Fates
    from syncagent.core.ledger import Ledger
    from syncagent.core.merger import Legacy, Merger
    from syncagent.core.pairing import Pairings
    from syncagent.core.plan import Envelope, Plan
    from syncagent.core.questions import Ruling
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.survey import View
    from syncagent.core.where import Where
    from syncagent.runs.agent import Agent, Migration
    from syncagent.store.runs import Pace


@dataclass(frozen=True, slots=True)
class Merging:
    """A merger as it stands on a day: what was read, whose every account is, and what becomes of it.

    `seen` are the accounts that an earlier plan knew; those that are no longer there have vanished, unless a wave
    deleted them (`concluded`, as the last plan before had them). `read` is what was read of the roster and the new
    system, `old` the snapshots of the old ones.
    """

    merger: Merger
    population: Population
    pairings: Pairings
    rulings: tuple[Ruling, ...]
    view: View
    ledger: Ledger
    fates: Fates
    seen: Mapping[AccountId, str]
    concluded: Mapping[AccountId, Mapping[str, Any]]
    read: Readings
    old: Mapping[str, Snapshot]

    def counts(self, wave: int | None = None) -> Counter[Fate]:
        """Return how many accounts have each fate, of one wave if it is given, those that were deleted among them."""
        found = self.fates if wave is None else self.fates.of_wave(wave)
        return found.counts() + Counter(Fate(row["fate"]) for row in self.gone(wave))

    def gone(self, wave: int | None = None) -> list[Mapping[str, Any]]:
        """Return the accounts that waves have deleted, of one wave if it is given."""
        rows = (self.concluded[name] for name in sorted(self.concluded))
        return [row for row in rows if wave is None or row["wave"] == wave]

    @property
    def vanished(self) -> tuple[AccountId, ...]:
        """Return the accounts that were known once and are in no old system any more."""
        there = self.population.accounts.keys() | self.concluded.keys()
        return tuple(name for name in sorted(self.seen) if name not in there)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the systems of the merger that are not configured."""
        return tuple(sorted(set(self.merger.crosswalk.systems) - set(self.merger.legacies)))


def merging(agent: Agent, as_of: date | None = None, *, planned: bool = False) -> Merging:
    """Read the roster, the new system and the old ones, and decide what becomes of every account.

    `planned` lets the roster pass that the last plan was made from.

    Raises:
        Misconfigured: no merger is configured, or a file must be edited.
        Doubtful: the roster, a snapshot or an export cannot be trusted.
        TargetError: a server does not answer.
    """
    migration = configured(agent)
    merger = migration.merger
    today = as_of or agent.today()
    read = read_all(agent, today, planned=planned)
    snapshots = {name: _believed(source.read(), merger.legacies[name]) for name, source in migration.legacy.items()}
    admit_snapshots(snapshots.values(), read.ledger, agent.policy.brakes.roster)
    with agent.store.reading() as connection:
        rulings, seen, ended = store.standing(connection), store.seen(connection), store.ended(connection)
    population = Population.of(snapshots)
    pairings = pair(merger, population, read.roster, rulings)
    ledger = remembering(read.ledger, population, pairings)
    document = merger.crosswalk.document
    view = survey(read.roster, read.snapshots, ledger, agent.policy, today, moved_by=document)
    gone = {
        name: row
        for name, row in ended.items()
        if name not in population.accounts
        and (known := read.ledger.accounts.get(name))
        and known.stamp.state is State.DELETED
    }
    mains = {row["subject"]: name for name, row in ended.items() if row["fate"] == Fate.CONVERTED}
    mains = {subject: name for subject, name in mains.items() if name in population.accounts or name in gone}
    found = fates(merger, population, pairings, rulings, view, ledger, mains)
    return Merging(merger, population, pairings, rulings, view, ledger, found, seen, gone, read, snapshots)


def configured(agent: Agent) -> Migration:
    """Return the merger that is configured.

    Raises:
        Misconfigured: there is none.
    """
    if agent.migration is None:
        raise Misconfigured(
            Text(
                "Chưa khai báo mục migration trong cấu hình; xem docs/how-to/run-the-2025-merger.md.",
                "The configuration has no section migration; see docs/how-to/run-the-2025-merger.md.",
            ),
            where="migration",
        )
    return agent.migration


def _believed(snapshot: Snapshot, legacy: Legacy) -> Snapshot:
    """Return a snapshot that is of the system it is said to be.

    Raises:
        Doubtful: not one of its accounts has an address in the system's domain.
    """
    ends = (f"@{legacy.domain}", f".{legacy.domain}")
    if any(address.endswith(ends) for account in snapshot.accounts for address in account.addresses):
        return snapshot
    raise Doubtful(
        Text(
            f"Hệ thống cũ {legacy.name}: không tài khoản nào trong {len(snapshot.accounts)} tài khoản có địa chỉ thuộc "
            f"{legacy.domain}. Hãy kiểm tra lại tệp xuất hoặc mục migration.legacy.{legacy.name}.",
            f"Old system {legacy.name}: none of its {len(snapshot.accounts)} accounts has an address in "
            f"{legacy.domain}. Look at the export, or at migration.legacy.{legacy.name}.",
        ),
        where=f"migration.legacy.{legacy.name}",
    )


def fault(where: Where, vietnamese: str, english: str) -> Misconfigured:
    """Return what is wrong with a row of a file of which nothing is recorded then."""
    return Misconfigured(
        Text(f"{vietnamese}; chưa ghi dòng nào.", f"{english}; no row was recorded."), where=str(where)
    )


# ── the wave ─────────────────────────────────────────────────────────────────


class WavePlan(NamedTuple):
    """What one wave moves, and the plan that carries it out; it is approved and applied like any other.

    `pace` is how fast plans were carried out here lately, if any was.
    """

    merging: Merging
    number: int
    fates: Fates
    plan: Plan
    envelope: Envelope
    pace: Pace | None


def plan_wave(agent: Agent, number: int, as_of: date | None = None) -> WavePlan:
    """Decide what a wave does today on the new system and on the old ones, and keep the plan.

    Every old account and address is remembered: from now on none is issued to another.

    Raises:
        Misconfigured: there is no such wave, or a file must be edited.
        Doubtful: something read cannot be trusted.
        Refused: the wave is frozen, the audit log is contradicted, or the clock runs backwards.
        TargetError: a server does not answer.
        LeaseHeld: an apply is running that has not said yet what became of its actions.
    """
    started = agent.clock()
    assured(agent)
    the_wave(agent, number)
    watch.pass_time(agent)
    recover(agent)
    found = merging(agent, as_of)
    theirs = found.fates.of_wave(number)
    read = with_old_systems(found)
    plan = cut_over(agent, found, number, read)
    _remember(agent, found, {"wave": number, **_counted(found.counts(number))}, "merger-plan", theirs)
    envelope = keep(agent, plan, read, started, "migrate plan")
    with agent.store.reading() as connection:
        return WavePlan(found, number, theirs, plan, envelope, runs.pace(connection))


def the_wave(agent: Agent, number: int) -> Merger:
    """Return the merger, sure that it has a wave of this number.

    Raises:
        Misconfigured: it has none, or no merger is configured.
    """
    merger = configured(agent).merger
    if not 1 <= number <= len(merger.waves):
        raise Misconfigured(
            Text(
                f"Không có đợt {number}; cấu hình khai {len(merger.waves)} đợt (migration.waves).",
                f"There is no wave {number}; the configuration has {len(merger.waves)} (migration.waves).",
            ),
            where="migration.waves",
        )
    return merger


def with_old_systems(found: Merging) -> Readings:
    """Return what was read of everything that a wave may write, with every old address in the memory."""
    written = (shot for name, shot in sorted(found.old.items()) if found.merger.legacies[name].writes)
    return replace(found.read, snapshots=(*found.read.snapshots, *written), ledger=found.ledger)


def cut_over(agent: Agent, found: Merging, number: int, read: Readings) -> Plan:
    """Return the plan of a wave as things stand; nothing is kept.

    Raises:
        Refused: the wave is frozen, or the registry of approvers was changed.
    """
    with agent.store.reading() as connection:
        settled = mails.settled(connection)
        why = frozen_waves(connection, agent.signer.public).get((found.merger.crosswalk.name, number))
    if why is not None:
        raise Refused(
            Text(
                f"Đợt {number} đang bị dừng ({why}). Cho chạy tiếp bằng: syncagent migrate resume --wave {number}",
                f"Wave {number} is frozen ({why}). Let it go on with: syncagent migrate resume --wave {number}",
            )
        )
    documents = {(one.system, one.about): one.document for one in found.rulings}
    wave = CutOver(
        number=number,
        merger=found.merger,
        found=found.fates.of_wave(number),
        counts=found.counts(number),
        old={name: shot for name, shot in found.old.items() if found.merger.legacies[name].writes},
        view=found.view,
        ledger=found.ledger,
        documents={
            name: documents.get((name.system, fold_address(account.address)), "")
            for name, account in found.population.accounts.items()
        },
        settled=settled,
    )
    return plan_of(wave, read.inputs(agent.policy.brakes))


def _counted(counts: Mapping[Fate, int]) -> dict[str, int]:
    return {str(fate): count for fate, count in sorted(counts.items())}


def _remember(
    agent: Agent, found: Merging, facts: Mapping[str, object], kind: str, planned: Fates | None = None
) -> None:
    """Keep every old account and address that was met, the ends that are planned, and that it was done."""
    addresses = {
        folded: found.ledger.issued[folded]
        for account in found.population.accounts.values()
        for folded in map(fold_address, (*account.addresses, *account.also))
    }
    others = (one for theirs in found.population.addresses.values() for one in theirs)
    addresses |= {folded: found.ledger.issued[folded] for folded in map(fold_address, others)}
    with agent.store.writing() as connection:
        accounts = {name: account.address for name, account in found.population.accounts.items()}
        store.see(connection, accounts, found.view.today)
        store.end(connection, map(row_of, planned.accounts if planned else ()))
        ledgers.learn_old_addresses(connection, addresses)
        body = {"merger": found.merger.crosswalk.name, "as_of": found.view.today.isoformat(), **facts}
        audit.extend(connection, [(kind, body)], agent.clock())
    checkpoint(agent)


# ── that nobody is lost ──────────────────────────────────────────────────────


def certify(agent: Agent, as_of: date | None = None) -> tuple[str, Merging, bool]:
    """Return the signed certificate of a merger as it stands, what it is of, and whether nothing is open.

    Raises:
        Misconfigured: no merger is configured, or a file must be edited.
        Doubtful: something read cannot be trusted.
        Refused: the audit log is contradicted.
        TargetError: a server does not answer.
    """
    assured(agent)
    found = merging(agent, as_of)
    with agent.store.reading() as connection:
        origin = lineage_of(connection)
    said = statement(
        found.merger,
        found.population,
        found.fates,
        found.seen,
        found.missing,
        found.view.today,
        found.gone(),
    )
    said |= {"origin": origin, "at": agent.clock().isoformat()}
    _remember(agent, found, {"complete": said["complete"], **_counted(found.counts())}, "merger-certificate")
    return written(said, agent.signer), found, said["complete"]
