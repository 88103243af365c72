"""Everything one decision needs, put in order: whose account, which step, which address, what is taken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncagent.core import holders, inbox, lifecycle, remarks
from syncagent.core.addresses import RESERVED, Namespace, is_local_part
from syncagent.core.case import Case
from syncagent.core.claims import settle
from syncagent.core.enforcement import lock_findings, policy_findings
from syncagent.core.match import match
from syncagent.core.routing import homes_of
from syncagent.core.stamp import State
from syncagent.core.unit import UnitStatus, unit_key
from syncagent.core.verify import account_findings
from syncagent.core.wanted import Address, address_for, namesakes, reserved_address, unit_addresses, unit_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from syncagent.core.case import Step
    from syncagent.core.finding import Finding
    from syncagent.core.ledger import Ledger
    from syncagent.core.match import Matches
    from syncagent.core.policy import Policy, Target
    from syncagent.core.request import Request
    from syncagent.core.roster import Roster
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.unit import Unit


@dataclass(frozen=True, slots=True)
class View:
    """What one decision sees.

    `cases` and `steps` are by subject, without those nobody may act on; `former` are mailboxes left behind by a
    new issue; `words` are the naming words of each subject's unit; `addresses` what was decided for those whose
    addresses are kept in step; `homes` the target where each unit's accounts live. `within` is the unit to which a
    report is limited, empty for all.
    """

    policy: Policy
    roster: Roster
    snapshots: Mapping[str, Snapshot]
    matches: Matches
    cases: Mapping[str, Case]
    steps: Mapping[str, Step]
    former: tuple[tuple[Case, Step], ...]
    words: Mapping[str, Mapping[str, str]]
    addresses: Mapping[str, Address]
    homes: Mapping[str, Target | None]
    today: date
    findings: tuple[Finding, ...]
    within: str = ""

    def covers(self, unit: str) -> bool:
        """Whether a unit is the one that is looked at, or lies below it; every unit where all are."""
        return not self.within or any(above.unit == self.within for above in self.roster.units.line(unit))


def survey(
    roster: Roster,
    snapshots: Sequence[Snapshot],
    ledger: Ledger,
    policy: Policy,
    today: date,
    explained: str = "",
    moved_by: str = "",
) -> View:
    """Given everything known, return every subject with its step and address.

    `explained` collects verdicts; `moved_by` is the decision of a merger that moves everybody here.
    """
    naming = policy.regulation.naming
    alike = namesakes(roster.units, naming)
    words = {unit.unit: unit_words(roster.units, unit.unit, naming, alike) for unit in roster.units}
    owners, shared = _unit_addresses(roster, policy, words)
    matches = match(roster, snapshots, ledger, owners)
    spare = (reserved_address(unit, words[unit.unit], naming) for unit in roster.units if unit.abbreviation)
    namespace = _namespace(snapshots, ledger, matches, owners, policy, filter(None, spare))
    requests, homeless = inbox.sorted_out(roster, snapshots, matches, ledger, policy.regulation, today)
    read = frozenset(snapshot.target for snapshot in snapshots)
    cases = _cases(roster, matches, ledger, requests, policy, today, read, moved_by)
    if explained in cases:
        cases[explained].verdicts = []
    steps = {subject: lifecycle.next_step(case) for subject, case in cases.items()}
    case_words = {subject: words[case.unit.unit] for subject, case in cases.items()}
    addresses: dict[str, Address] = {}
    for subject, case in cases.items():
        step = steps[subject]
        if step.sync:
            addresses[subject] = address_for(case, step, words, namespace)
    claims = {subject: address for subject, address in addresses.items() if address.new}
    addresses |= settle(claims, cases, case_words, namespace)
    former = tuple(
        (case, lifecycle.former_step(case, owned.stamp))
        for subject, theirs in sorted(matches.former.items())
        if subject in cases and cases[subject].person
        for owned in theirs
        if owned.stamp
        for case in (replace(cases[subject], account=owned.account, stamp=owned.stamp, vanished=False),)
    )
    return View(
        policy=policy,
        roster=roster,
        snapshots={snapshot.target: snapshot for snapshot in snapshots},
        matches=matches,
        cases=cases,
        steps=steps,
        former=former,
        words=case_words,
        addresses=addresses,
        homes=homes_of(policy.targets, roster.units),
        today=today,
        findings=(
            *matches.findings,
            *remarks.on_matching(matches),
            *homeless,
            *shared,
            *(finding for step in steps.values() for finding in step.findings),
            *(finding for address in addresses.values() for finding in address.findings),
            *remarks.on_closed_units(roster),
            *holders.findings(roster, policy),
            *account_findings(matches, snapshots, requests, policy, today),
            *lock_findings(cases, steps, snapshots),
            *policy_findings(snapshots, policy),
            *remarks.on_undecided(policy.regulation),
        ),
    )


def _cases(
    roster: Roster,
    matches: Matches,
    ledger: Ledger,
    requests: Mapping[str, tuple[Request, ...]],
    policy: Policy,
    today: date,
    read: frozenset[str],
    moved_by: str,
) -> dict[str, Case]:
    """Return one case per person and per unit, sorted, except for those nobody may act on.

    What was deleted counts where it was deleted: in an old system of a merger that says nothing of the new one.
    """
    ours = [known.stamp for known in ledger.accounts.values() if known.target in read]
    gone = [stamp for stamp in ours if stamp.state is State.DELETED]
    deleted = {stamp.subject: stamp for stamp in sorted(gone, key=lambda stamp: (stamp.since, str(stamp)))}

    def case(subject: str, unit: str) -> Case:
        owned = matches.current.get(subject)
        return Case(
            subject=subject,
            person=roster.people.get(subject),
            unit=roster.units[unit],
            account=owned.account if owned else None,
            stamp=owned.stamp if owned else None,
            remembered=owned.remembered if owned else None,
            requests=requests.get(subject, ()),
            vanished=subject in matches.vanished and owned is None,
            deleted=deleted.get(subject),
            today=today,
            policy=policy,
            holders=(
                holders.of_unit(roster, roster.units[unit], owned.stamp.holders if owned and owned.stamp else ())
                if subject == unit_key(unit)
                else ()
            ),
            rights=ledger.rights.get((owned.account.target, owned.account.guid), ()) if owned else (),
            kept=ledger.kept.get((owned.account.target, owned.account.guid), {}) if owned else {},
            moved_by=moved_by,
        )

    subjects = {person.person_id: person.current.unit for person in roster.people.values()}
    subjects |= {unit.key: unit.unit for unit in roster.units}
    return {
        subject: case(subject, unit)
        for subject, unit in sorted(subjects.items())
        if subject not in roster.quarantined and subject not in matches.doubtful
    }


def _unit_addresses(
    roster: Roster, policy: Policy, words: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """Return the subject of each unit by the address its mailbox has or would have, and addresses of several.

    A unit that works goes before one that was dissolved or merged: a successor often keeps the abbreviation.
    """
    naming = policy.regulation.naming
    wanted: dict[str, list[Unit]] = defaultdict(list)
    for unit in roster.units:
        if not unit.abbreviation:
            continue
        for address in unit_addresses(unit, words[unit.unit], naming):
            if is_local_part(address.partition("@")[0]):
                wanted[address].append(unit)
    owners: dict[str, str] = {}
    findings: list[Finding] = []
    for address, units in sorted(wanted.items()):
        working = [unit for unit in units if unit.status is UnitStatus.ACTIVE] or units
        if len(working) == 1:
            owners[address] = working[0].key
        else:
            findings.append(remarks.on_shared_address(address, working))
    return owners, tuple(findings)


def _namespace(
    snapshots: Sequence[Snapshot],
    ledger: Ledger,
    matches: Matches,
    unit_addresses: Mapping[str, str],
    policy: Policy,
    spare: Iterable[str],
) -> Namespace:
    """Return every address that is taken: held anywhere, ever issued, reserved, or a unit's by right.

    `spare` are those reserved where nobody has them: whoever has one keeps it.
    """
    naming = policy.regulation.naming
    owner_of = {(owned.account.target, owned.account.guid): subject for subject, owned in matches.current.items()}
    owner_of |= {
        (owned.account.target, owned.account.guid): subject
        for subject, theirs in matches.former.items()
        for owned in theirs
    }
    by_guid = {f"account:{guid}": subject for (_, guid), subject in owner_of.items()}
    namespace = Namespace()
    for local in naming.reserved:
        namespace.take(f"{local}@{naming.domain}", RESERVED)
    for address, subject in ledger.issued.items():
        namespace.take(address, by_guid.get(subject, subject))
    for snapshot in snapshots:
        for account in snapshot.accounts:
            owner = owner_of.get((account.target, account.guid), f"account:{account.guid}")
            for address in (*account.addresses, *account.also):
                namespace.take(address, owner)
        for address, dn in snapshot.addresses.items():
            namespace.take(address, f"entry:{dn}")
    for address, subject in unit_addresses.items():
        namespace.take(address, subject)
    for address in spare:
        namespace.take(address, namespace.owner(address) or RESERVED)
    return namespace
