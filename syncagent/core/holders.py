"""Who holds the mailbox of a unit. When one of them no longer does, it is handed over under a new password.

The text of every regulation makes somebody answer for the mailbox: the clerk (NB-33), the head or whom they authorise
(DN-38, BT-26, Q4-24). Whoever held it knows its password, so a change of hands sets a new one (BT-27, Q4-25, BD-07).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind
from syncagent.core.case import Step, because
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.in_service import latest, settled
from syncagent.core.request import RequestKind
from syncagent.core.stamp import State
from syncagent.core.unit import UnitStatus
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.core.case import Case
    from syncagent.core.policy import Policy
    from syncagent.core.regulation import HolderRules
    from syncagent.core.roster import Roster
    from syncagent.core.stamp import Stamp
    from syncagent.core.unit import Unit


def hand_over(case: Case, stamp: Stamp) -> Step | None:
    """Set a new password once somebody who held an open mailbox no longer does, and others hold it now.

    A letter that asks to change the mailbox is what it rests on; without one the roster's column is.
    """
    rules = case.policy.regulation.holders
    if rules is None or stamp.state is not State.ACTIVE or not case.holders or set(stamp.holders) <= set(case.holders):
        return None
    asked = latest(case, RequestKind.CHANGE)
    document = asked.document if asked else ""
    given, taken = ", ".join(stamp.holders), ", ".join(case.holders)
    case.consider(rules.hand_over, Text(f"{given} → {taken}", f"{given} → {taken}"), applies=True)
    reason = because(
        rules.hand_over,
        Text(
            f"{rules.hand_over.text.vi} Người giữ: {given} → {taken}.",
            f"{rules.hand_over.text.en} Holders: {given} → {taken}.",
        ),
        document,
    )
    return Step(
        stamp.state,
        ActionKind.HAND_OVER,
        why=stamp.why,
        because=(reason, because(case.policy.regulation.restored_password)),
        due=case.today,
        document=document,
        deadline=case.policy.answer_by(asked.received_on, asked.kind) if asked else None,
        default_password=True,
        sync=True,
        fulfils=settled(case, RequestKind.CHANGE, RequestKind.RESET_PASSWORD),
    )


def holders_after(case: Case, before: Stamp | None, *, new_password: bool) -> tuple[str, ...]:
    """Return whom the stamp names as holders after a step.

    Somebody who no longer holds the mailbox is forgotten only under a new password: until then they know the old one.
    """
    recorded = before.holders if before else ()
    if case.policy.regulation.holders is None or not case.holders:
        return recorded
    return case.holders if new_password or set(recorded) <= set(case.holders) else recorded


def of_unit(roster: Roster, unit: Unit, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return who holds a unit's mailbox by the roster and works in the same agency; nobody else can take it over.

    Somebody who held it before and is missing, in quarantine, or said to have left without a decision holds it still:
    missing is not left (contract §4).
    """
    return tuple(
        holder
        for holder in unit.mailbox_holders
        if _works_here(roster, unit, holder) or (holder in before and not _has_gone(roster, unit, holder))
    )


def findings(roster: Roster, policy: Policy) -> Iterator[Finding]:
    """Yield the mailboxes whose holder has gone, and those that more people hold than the text allows."""
    rules = policy.regulation.holders
    if rules is None:
        return
    for unit in roster.units:
        if not unit.mailbox or unit.status is not UnitStatus.ACTIVE:
            continue
        gone = [holder for holder in unit.mailbox_holders if not _works_here(roster, unit, holder)]
        if gone:
            yield _gone(unit, gone, rules)
        if rules.most is not None and len(unit.mailbox_holders) > rules.most:
            yield _too_many(unit, rules.most, rules)


def _works_here(roster: Roster, unit: Unit, holder: str) -> bool:
    person = roster.people.get(holder)
    if person is None or person.left or holder in roster.quarantined:
        return False
    return roster.units.agency(person.current.unit) == roster.units.agency(unit.unit)


def _has_gone(roster: Roster, unit: Unit, holder: str) -> bool:
    """Whether a decision says that somebody left, or the roster that they work in another agency."""
    person = roster.people.get(holder)
    if person is None or holder in roster.quarantined:
        return False
    if person.left:
        return person.current.document.complete
    return roster.units.agency(person.current.unit) != roster.units.agency(unit.unit)


def _gone(unit: Unit, gone: list[str], rules: HolderRules) -> Finding:
    listed = ", ".join(gone)
    return Finding(
        FindingCode.MANUAL_STEPS,
        Severity.REVIEW,
        unit.key,
        Text(
            f"Người giữ hộp thư của “{unit.name}” ({listed}) không có trong danh sách, đã rời đi hoặc thuộc cơ quan "
            f"khác ({rules.cite.article}); hãy ghi người nhận bàn giao vào cột mailbox_holder.",
            f"Whoever holds the mailbox of “{unit.name}” ({listed}) is not in the roster, has left, or works in "
            f"another agency ({rules.cite.article}); name who takes it over in mailbox_holder.",
        ),
        candidates=tuple(gone),
        where=str(unit.where),
    )


def _too_many(unit: Unit, most: int, rules: HolderRules) -> Finding:
    count = len(unit.mailbox_holders)
    return Finding(
        FindingCode.MANUAL_STEPS,
        Severity.WARNING,
        unit.key,
        Text(
            f"Hộp thư của “{unit.name}” ghi {count} người giữ; {rules.cite.article} chỉ cho {most}. "
            f"{rules.cite.text.vi}",
            f"The mailbox of “{unit.name}” names {count} holders; {rules.cite.article} allows {most}. "
            f"{rules.cite.text.en}",
        ),
        candidates=unit.mailbox_holders,
        where=str(unit.where),
    )
