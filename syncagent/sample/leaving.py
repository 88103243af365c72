"""Those who go: with a document, without one; and those whose closed mailboxes wait or are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syncagent.core.document import Document
from syncagent.core.person import Event, Status
from syncagent.core.stamp import Reason, State
from syncagent.sample.office import passed
from syncagent.sample.situations import Situation

if TYPE_CHECKING:
    from datetime import date

    from syncagent.sample.accounts import Mailbox
    from syncagent.sample.office import Office
    from syncagent.sample.people import Employee

_EVENTS = (Event.RETIRED, Event.RESIGNED, Event.MOVED_OUT, Event.DISMISSED, Event.DIED)
_DAY = timedelta(days=1)


def tell(office: Office, employee: Employee) -> None:
    """Write the rows and the account of somebody who leaves or has left."""
    match employee.situation:
        case Situation.LEAVER_WAITING:
            _closed(office, employee, office.ago(2, 75))
        case Situation.LEAVER_DUE:
            since = office.ago(115, 140)
            _closed(office, employee, since)
            if not passed(since, 3, office.as_of):
                employee.situation = Situation.LEAVER_WAITING
        case Situation.LEAVER_LATER:
            _open(office, employee, office.ago(-40, -5))
        case Situation.LEAVER_UNDOCUMENTED:
            _undocumented(office, employee)
        case _:
            _open(office, employee, office.ago(0, 12))


def close(mailbox: Mailbox, left: date, since: date, document: str, state: State = State.DISABLED) -> Mailbox:
    """Given a mailbox, return it as it is after its holder left: closed since a day, by a decision."""
    mailbox.stamp = replace(mailbox.stamp, state=state, since=since, why=Reason.LEFT, row=left, document=document)
    mailbox.password = left - timedelta(days=40)
    mailbox.used = left - _DAY
    return mailbox


def _open(office: Office, employee: Employee, effective: date) -> None:
    """Write a documented leaving that the directory does not show yet; every other agency has asked."""
    event = _event(office, employee)
    mailbox = office.mailbox(employee, office.past(employee))
    mailbox.admin = employee.situation is Situation.LEAVER_ADMIN
    row = employee.row(effective, office.decision(min(effective, office.as_of), employee.agency), event, Status.LEFT)
    if office.turn("received", 2) and effective <= office.as_of:
        row["received_on"] = office.ago(0, 1).isoformat()
    office.registry.open(mailbox)


def _closed(office: Office, employee: Employee, since: date) -> None:
    left = since - timedelta(days=office.rng.randint(0, 5))
    event = _event(office, employee)
    row = office.past(employee, before=left)
    document = office.decision(left)
    mailbox = close(office.mailbox(employee, row), left, since, document.number)
    employee.row(left, document, event, Status.LEFT)
    office.registry.open(mailbox)


def _event(office: Office, employee: Employee) -> Event:
    """Return why somebody leaves, each reason in turn; whoever retires is old enough."""
    event = _EVENTS[office.turn("leaver", len(_EVENTS))]
    if event is Event.RETIRED:
        employee.birth_date = office.ago(22_300, 22_600)
    return event


def _undocumented(office: Office, employee: Employee) -> None:
    """Write that somebody left without what Điều 7 khoản 4 asks for: no document, no event, or no signer."""
    office.registry.open(office.mailbox(employee, office.past(employee)))
    effective = office.ago(1, 20)
    document = office.decision(effective)
    match office.turn("undocumented", 3):
        case 0:
            employee.row(effective, Document(), Event.RETIRED, Status.LEFT)
        case 1:
            employee.row(effective, document, None, Status.LEFT)
        case _:
            employee.row(effective, document._replace(signer=""), Event.RESIGNED, Status.LEFT)
