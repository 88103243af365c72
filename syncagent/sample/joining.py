"""Those who come: recruited, received, contracted, or back again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syncagent.core.person import Event, Status
from syncagent.core.request import RequestKind
from syncagent.core.stamp import Reason
from syncagent.sample import names
from syncagent.sample.leaving import close
from syncagent.sample.office import passed
from syncagent.sample.situations import Situation

if TYPE_CHECKING:
    from datetime import date

    from syncagent.sample.office import Office
    from syncagent.sample.people import Employee

_EVENTS = (Event.RECRUITED, Event.RECEIVED, Event.CONTRACTED)
_DAY = timedelta(days=1)


def tell(office: Office, employee: Employee) -> None:
    """Write the rows of somebody who joins; none of them has an account."""
    match employee.situation:
        case Situation.JOINER_LATER:
            _row(office, employee, office.ago(-30, -3))
        case Situation.JOINER_UNNAMED:
            employee.name = names.draw_uncertain(office.rng)._replace(given_name="")
            _row(office, employee, office.ago(0, 14))
        case Situation.JOINER_GIVEN_NAME:
            office.claim(employee, uncertain=True)
            _row(office, employee, office.ago(0, 14))
        case Situation.JOINER_CLASH:
            employee.name = office.namesake(employee.agency)
            _row(office, employee, office.ago(0, 14))
        case Situation.JOINER_AGREED:
            _agreed(office, employee)
        case _:
            office.claim(employee)
            _asked(office, employee)


def tell_rivals(office: Office, one: Employee, other: Employee) -> None:
    """Write the rows of two people of one agency who join with names that give one address."""
    office.claim(one)
    other.name = one.name
    for employee in (one, other):
        _row(office, employee, office.ago(0, 5))


def tell_return(office: Office, employee: Employee) -> None:
    """Write of somebody who left some weeks ago and is received again before the mailbox is deleted."""
    left = office.ago(35, 60)
    row = office.past(employee, before=left)
    document = office.decision(left)
    employee.row(left, document, Event.MOVED_OUT, Status.LEFT)
    mailbox = close(office.mailbox(employee, row), left, left + 2 * _DAY, document.number)
    office.registry.open(mailbox)
    back = office.ago(0, 6)
    employee.row(back, office.decision(back), Event.RECEIVED)["received_on"] = office.ago(0, 1).isoformat()


def tell_default_password(office: Office, employee: Employee) -> None:
    """Write of somebody who joined and has not logged on yet: more than a month ago, or lately."""
    months_ago = employee.situation is Situation.PASSWORD_DEFAULT
    row = office.ago(56, 80) if months_ago else office.ago(12, 24)
    _row(office, employee, row)
    issued = row + timedelta(days=office.rng.randint(1, 4))
    mailbox = office.mailbox(employee, row)
    mailbox.created, mailbox.password, mailbox.used = issued, None, None
    mailbox.stamp = replace(mailbox.stamp, since=issued, why=Reason.ISSUED, issued=issued, password=issued)
    office.registry.open(mailbox)
    if months_ago and not passed(issued, 1, office.as_of):
        employee.situation = Situation.PASSWORD_FRESH


def _row(office: Office, employee: Employee, effective: date) -> dict[str, str]:
    event = _EVENTS[office.turn("joiner", len(_EVENTS))]
    return employee.row(effective, office.decision(effective, employee.agency), event)


def _asked(office: Office, employee: Employee) -> None:
    """Write a joiner whose agency has asked in writing, in the roster or by a letter, or not yet at all."""
    row = _row(office, employee, office.ago(0, 14))
    match office.turn("asked", 3):
        case 0:
            row["received_on"] = office.ago(0, 1).isoformat()
        case 1:
            office.ask(RequestKind.CREATE, employee.key, employee.agency, reason="Cấp mới theo quyết định tuyển dụng")
        case _:
            pass


def _agreed(office: Office, employee: Employee) -> None:
    """Write a joiner whose address was taken and who agreed on another, in the roster or by a letter."""
    employee.name = office.namesake(employee.agency)
    address, _ = office.registry.grant(*employee.name, employee.post.unit)
    row = _row(office, employee, office.ago(0, 14))
    if office.turn("agreed", 2):
        office.ask(RequestKind.AGREE_ADDRESS, employee.key, employee.agency, address, "Thống nhất tên hộp thư")
    else:
        row["agreed_address"] = address
