"""What orders a new address: a move of the person's own, a request, an agreement, or a decision of the unit.

Whether somebody moved shows in their rows and in the address they hold. Whoever holds the old name of a unit they
stayed in did not move: the unit was renamed, and its decision orders the change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import ActionKind
from syncagent.core.addresses import still_fits
from syncagent.core.in_service import latest
from syncagent.core.regulation import Effect
from syncagent.core.request import RequestKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.action import Cite
    from syncagent.core.case import Case, Step
    from syncagent.core.person import Person, PersonRow
    from syncagent.core.stamp import Stamp


class Order(NamedTuple):
    """What orders a new address: the document, its clause, and the day it was received, where they are known.

    Without a clause of its own the naming rule is the reason. `mover` is the row by which the person came to where
    they work, None for whoever stayed there.
    """

    document: str = ""
    cite: Cite | None = None
    received: date | None = None
    mover: PersonRow | None = None


def order_of(case: Case, step: Step, words: Mapping[str, Mapping[str, str]], *, renamed: bool) -> Order | None:
    """Return what orders the address that the regulation builds, None if nothing does.

    Args:
        case: the subject, which holds another address or none.
        step: what is done with it today; an issue and a return bring their own decision.
        words: the words of every unit, as of `wanted.unit_words`.
        renamed: whether a unit's own part of the address differs, and not that of the agency above.
    """
    mover = mover_of(case, words)
    clause = _clause(case, mover) if mover else None
    if step.kind in {ActionKind.CREATE, ActionKind.RESTORE}:
        return Order(step.because[0].document, clause, mover=mover)
    if mover and clause and mover.document.number:
        return Order(mover.document.number, clause, mover.received, mover)
    if asked := latest(case, RequestKind.CHANGE):
        cite = case.policy.regulation.requests[asked.kind].cite_of(case.subject)
        return Order(asked.document, cite, asked.received_on, mover)
    if mover or (case.person and case.stamp is None):
        return None
    own = case.unit.document.number if renamed and case.person is None else ""
    decision = own or words[case.unit.unit]["decision"]
    return Order(decision) if decision else None


def agreed(case: Case) -> tuple[str, Order]:
    """Return the address people agreed on, empty if there is none, and where that is written.

    The roster's column goes before the newest request. Of a row acted on before, nobody knows when it was filled in.
    """
    regulation = case.policy.regulation
    row = case.person.current if case.person else None
    if row and row.agreed_address:
        known = case.stamp is not None and _acted(case.stamp, row)
        written = Order(row.document.number, regulation.naming.clash, None if known else row.received)
        return row.agreed_address.lower(), written
    if asked := latest(case, RequestKind.AGREE_ADDRESS):
        cite = regulation.requests[asked.kind].cite
        return asked.value.strip().lower(), Order(asked.document, cite, asked.received_on)
    return "", Order()


def mover_of(case: Case, words: Mapping[str, Mapping[str, str]]) -> PersonRow | None:
    """Return the row by which somebody came to the agency they work in, None if they were there all along.

    Of several rows there it is the first that orders a move and names its decision. The unit of the stamp alone
    proves nothing: a lock brings it in step while the old address stays.
    """
    if case.person is None or case.account is None:
        return None
    here = words[case.unit.unit]["named_after"]
    back, since = _stretch(case.person, here, words)
    ordering = [row for row in since if _clause(case, row)]
    came = next((row for row in ordering if row.document.number), next(iter(ordering), since[0]))
    if case.stamp is None:
        return came if ordering else None
    held, domain = case.account.address, case.policy.regulation.naming.domain
    acted = any(_acted(case.stamp, row) for row in since)

    def still_says(unit: str) -> bool:
        return unit in words and still_fits(held, domain, words[unit]["tail"])

    if back:
        return came if not acted or still_says(back.unit) else None
    if acted:
        return None
    was = case.stamp.unit
    left = was not in {"", *words} or (was in words and words[was]["named_after"] != here)
    elsewhere = any(theirs["named_after"] != here and still_says(unit) for unit, theirs in words.items())
    return came if left or elsewhere else None


def _stretch(
    person: Person, here: str, words: Mapping[str, Mapping[str, str]]
) -> tuple[PersonRow | None, list[PersonRow]]:
    """Return the last row that put somebody elsewhere, and those since then, oldest first."""
    since = [person.current]
    for row in reversed(person.earlier):
        if row.unit not in words or words[row.unit]["named_after"] != here:
            return row, since
        since.insert(0, row)
    return None, since


def _acted(stamp: Stamp, row: PersonRow) -> bool:
    """Whether a row was acted on before."""
    return stamp.row is not None and row.takes_effect is not None and row.takes_effect <= stamp.row


def _clause(case: Case, row: PersonRow) -> Cite | None:
    """Return the clause by which a row gives somebody who moved another address, None if it orders none."""
    regulation = case.policy.regulation
    clause = regulation.events.get(row.event) if row.event else None
    if clause is None or clause.effect not in {Effect.TRANSFER, Effect.CREATE}:
        return None
    return regulation.mover.cite if clause.effect is Effect.TRANSFER else clause.cite
