"""Those who move between agencies or rooms, and former addresses that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syncagent.core.document import Document
from syncagent.core.person import Event
from syncagent.core.stamp import Alias
from syncagent.sample.situations import Situation

if TYPE_CHECKING:
    from syncagent.sample.office import Office
    from syncagent.sample.people import Employee, Post


def tell(office: Office, employee: Employee) -> None:
    """Write the rows and the account of somebody who moved; the account lags behind, or knows it already."""
    match employee.situation:
        case Situation.UNIT_CLEARED:
            _moved(office, employee, employee.post._replace(unit=office.dissolved))
        case Situation.MOVER_ROOM:
            _moved(office, employee, office.next_door(employee))
        case Situation.MOVER_CLASH:
            employee.name = office.namesake(employee.agency)
            _moved(office, employee, office.elsewhere(employee))
        case Situation.MOVER_UNDOCUMENTED:
            _undocumented(office, employee)
        case Situation.MOVER_LATELY | Situation.ALIAS_ENDED:
            _long_ago(office, employee)
        case _:
            office.claim(employee)
            _moved(office, employee, office.elsewhere(employee))


def _moved(office: Office, employee: Employee, before: Post) -> None:
    mailbox = office.mailbox(employee, office.past(employee, before), before)
    effective = office.ago(0, 12)
    employee.row(effective, office.decision(effective), Event.TRANSFERRED)
    office.registry.open(mailbox)


def _undocumented(office: Office, employee: Employee) -> None:
    """Write a present unit that differs from the address, with nothing that orders the change."""
    before = office.elsewhere(employee)
    office.registry.open(office.mailbox(employee, office.past(employee, before), before))
    employee.row(office.ago(5, 40), Document())


def _long_ago(office: Office, employee: Employee) -> None:
    """Write a move that was carried out: the former address still receives, or its last day has passed."""
    ended = employee.situation is Situation.ALIAS_ENDED
    effective = office.ago(95, 99) if ended else office.ago(30, 70)
    before = office.elsewhere(employee)
    office.past(employee, before, effective)
    former, _ = office.registry.grant(*employee.name, before.unit)
    employee.row(effective, office.decision(effective), Event.TRANSFERRED)
    mailbox = office.mailbox(employee, effective)
    last_day = office.ago(1, 3) if ended else effective + timedelta(days=92)
    mailbox.stamp = replace(mailbox.stamp, aliases=(Alias(former, last_day),))
    office.registry.open(mailbox)
