"""Migrate decisions: record what unit heads answered, all rows of a file or none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.addresses import fold_address
from syncagent.core.questions import Choice
from syncagent.errors import Misconfigured, Refused
from syncagent.runs.audit import assured
from syncagent.runs.migrate import configured, fault, merging
from syncagent.runs.typed import named, plain
from syncagent.store import audit
from syncagent.store import rulings as store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from syncagent.core.questions import Ruling
    from syncagent.core.where import Where
    from syncagent.runs.agent import Agent
    from syncagent.runs.migrate import Merging


class Taken(NamedTuple):
    """How many answers an import recorded, and how many were recorded before with the same words."""

    recorded: int
    known: int


def import_rulings(agent: Agent, path: Path, by: str, as_of: date | None = None) -> Taken:
    """Record the answers of a file, all that are new or none.

    Raises:
        Misconfigured: the file cannot be read, or a row has a fault; each is named with its line.
        Doubtful, TargetError: the accounts it speaks of cannot be read.
        Refused: the audit log is contradicted, or a name cannot stand there.
    """
    who = named(by)
    assured(agent)
    migration = configured(agent)
    found = migration.rulings(path, agent.known_as)
    now = merging(agent, as_of)
    faults = [*_unknown(found, now), *_twice(found)]
    if faults:
        raise Misconfigured(faults[0].says, where=faults[0].where, also=faults[1:])
    standing = {(one.system, one.about): one for one in now.rulings}
    fresh = [one for _, one in found if standing.get((one.system, one.about)) != one]
    with agent.store.writing() as connection:
        store.record(connection, fresh, who, agent.clock())
        records = [("ruling", {**one._asdict(), "choice": str(one.choice), "by": who}) for one in fresh]
        audit.extend(connection, records, agent.clock())
    return Taken(len(fresh), len(found) - len(fresh))


def _unknown(found: Sequence[tuple[Where, Ruling]], now: Merging) -> list[Misconfigured]:
    """Return the answers about accounts, old units or people that are not there."""
    accounts = {
        (name.system, fold_address(account.address or name.guid)) for name, account in now.population.accounts.items()
    }
    old_units = {(unit.system, unit.key) for unit in now.merger.crosswalk.units}
    roster = now.view.roster
    subjects = {*roster.people, *roster.coming, *roster.quarantined, *(unit.key for unit in roster.units)}
    faults: list[Misconfigured] = []
    for where, one in found:
        about_unit = one.choice is Choice.BECAME
        if (one.system, one.about) not in (old_units if about_unit else accounts):
            faults.append(fault(where, f"không có {one.about} trong {one.system}", f"{one.system} has no {one.about}"))
        if one.subject and one.subject not in ({unit.unit for unit in roster.units} if about_unit else subjects):
            faults.append(
                fault(where, f"không có “{one.subject}” trong danh sách", f"the roster has no “{one.subject}”")
            )
        try:
            plain(one.document)
        except Refused as error:
            faults.append(Misconfigured(error.says, where=str(where)))
    return faults


def _twice(found: Sequence[tuple[Where, Ruling]]) -> list[Misconfigured]:
    counts = Counter((one.system, one.about) for _, one in found)
    return [
        fault(where, f"{one.about} được trả lời nhiều lần", f"{one.about} is answered more than once")
        for where, one in found
        if counts[one.system, one.about] > 1
    ]
