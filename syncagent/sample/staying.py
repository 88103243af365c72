"""Those who stay: in step, or with something about post, account or row that needs a look."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.core.document import Document
from syncagent.core.person import Event, Status
from syncagent.core.request import RequestKind
from syncagent.core.stamp import State
from syncagent.sample import names
from syncagent.sample.situations import Situation

if TYPE_CHECKING:
    from syncagent.sample.accounts import Mailbox
    from syncagent.sample.office import Office
    from syncagent.sample.people import Employee

_DEPUTY = "Phó Trưởng phòng"
_LOCKED_BY = "default-password-lock"
"""The clause of the regulation that locks a mailbox whose default password was never changed."""


def tell(office: Office, employee: Employee) -> None:
    """Write the rows and the account of somebody who stays."""
    match employee.situation:
        case Situation.APPOINTED | Situation.RENAMED | Situation.ROTATED:
            _changed(office, employee)
        case Situation.SECONDED | Situation.ON_LEAVE | Situation.SUSPENDED:
            _away(office, employee)
        case Situation.NAME_REPAIRABLE | Situation.NAME_LOST_LETTER:
            _misspelt(office, employee)
        case _:
            mailbox = office.mailbox(employee, office.past(employee))
            _seen(office, employee, mailbox)
            _asked(office, employee, mailbox)
            _misfiled(office, employee)
            office.registry.open(mailbox)


def _changed(office: Office, employee: Employee) -> None:
    """Write a post or a name that the directory does not show yet."""
    post, name = employee.post, employee.name
    effective = office.ago(0, 12)
    if employee.situation is Situation.APPOINTED:
        old = post._replace(position="Chuyên viên", rank=2)
        if post.position == old.position:
            employee.post = post._replace(position=_DEPUTY, rank=5)
        office.registry.open(office.mailbox(employee, office.past(employee, old), old))
        employee.row(effective, office.decision(effective, employee.agency), Event.APPOINTED)
    elif employee.situation is Situation.ROTATED:
        old = office.elsewhere(employee)
        office.registry.open(office.mailbox(employee, office.past(employee, old), old))
        employee.row(effective, office.decision(effective), Event.ROTATED)
    else:
        office.registry.open(office.mailbox(employee, office.past(employee)))
        while employee.name == name:
            employee.name = names.draw(office.rng)
        employee.row(effective, office.decision(effective), Event.RENAMED)


def _away(office: Office, employee: Employee) -> None:
    office.registry.open(office.mailbox(employee, office.past(employee)))
    event, status = Event.SUSPENDED, Status.SUSPENDED
    if employee.situation is Situation.SECONDED:
        event, status = Event.SECONDED, Status.SECONDED
    elif employee.situation is Situation.ON_LEAVE:
        event = (Event.MATERNITY_LEAVE, Event.UNPAID_LEAVE, Event.STUDY)[office.turn("on leave", 3)]
        status = Status.ON_LEAVE
    effective = office.ago(1, 60)
    employee.row(effective, office.decision(effective, employee.agency), event, status)


def _seen(office: Office, employee: Employee, mailbox: Mailbox) -> None:
    """Give the account what its situation says of it."""
    match employee.situation:
        case Situation.UNMARKED:
            mailbox.marked = False
        case Situation.ADMIN:
            mailbox.admin = True
        case Situation.LOCKED_BY_HAND:
            mailbox.locked_by_hand = True
        case Situation.FORWARDS_OUTSIDE:
            mailbox.forwards_to = "hop.thu.vi.du@gmail.com"
        case Situation.FORWARDS_INSIDE:
            mailbox.forwards_to = "vanthu@moha.gov.vn"
        case Situation.SMALL_QUOTA:
            mailbox.quota_mb = (1024, 512, 1536)[office.turn("quota", 3)]
        case Situation.LOCKED | Situation.UNLOCK_ASKED:
            mailbox.password = mailbox.used = None
            mailbox.stamp = replace(mailbox.stamp, state=State.LOCKED, since=office.ago(5, 40), why=_LOCKED_BY)
        case _:
            pass


def _asked(office: Office, employee: Employee, mailbox: Mailbox) -> None:
    """Write the letter of an agency about the account; it may name the address instead of the person."""
    agency = employee.agency
    match employee.situation:
        case Situation.LOCK_ASKED:
            reason = "Nghi lộ mật khẩu, có thư lạ gửi đi"
            office.ask(RequestKind.LOCK, employee.key, office.agencies[0], reason=reason)
        case Situation.UNLOCK_ASKED:
            subject = (employee.key, mailbox.address)[office.turn("unlock", 2)]
            office.ask(RequestKind.UNLOCK, subject, agency, reason="Đề nghị khôi phục hộp thư bị tạm khóa")
        case Situation.RESET_ASKED:
            office.ask(RequestKind.RESET_PASSWORD, employee.key, agency, reason="Quên mật khẩu")
        case _:
            pass


def _misfiled(office: Office, employee: Employee) -> None:
    """Add to the rows what clerks add by mistake, or a second post."""
    row = employee.rows[-1]
    match employee.situation:
        case Situation.SEVERAL_POSTS:
            row["primary"] = "yes"
            second = office.next_door(employee)._replace(position="Kiêm nhiệm")
            day = office.ago(20, 90)
            employee.row(day, office.decision(day, employee.agency), post=second)["primary"] = "no"
        case Situation.ROW_REPEATED:
            employee.rows.append(dict(row))
        case Situation.ROW_RIVAL_POSTS:
            employee.rows.append({**row, "unit": office.next_door(employee).unit})
        case Situation.ROW_UNKNOWN_UNIT:
            row["unit"] += "-cu"
        case Situation.ROW_CONTRADICTION:
            employee.row(office.ago(1, 20), Document(), Event.RETIRED, Status.WORKING)
        case _:
            pass


def _misspelt(office: Office, employee: Employee) -> None:
    """Write a name with letters that look right and are not, or with one that was lost in conversion."""
    employee.name = names.draw(office.rng)
    clean = employee.name.text
    family, _, rest = clean.partition(" ")
    spelt = f"{family}\N{NO-BREAK SPACE}{rest}"
    if employee.situation is Situation.NAME_LOST_LETTER:
        spelt = f"{clean[:-1]}\N{REPLACEMENT CHARACTER}"
    else:
        match office.turn("misspelt", 4):
            case 0:
                employee.name = names.FullName(f"Đặng {rest}")
                spelt = f"\N{LATIN CAPITAL LETTER ETH}ặng {rest}"
            case 1:
                employee.name = names.FullName(f"Nguyễn {rest}")
                spelt = unicodedata.normalize("NFD", employee.name.text)
            case 2:
                spelt = f"{clean}\N{ZERO WIDTH SPACE}"
            case _:
                pass
    mailbox = office.mailbox(employee, office.past(employee))
    employee.rows[-1]["full_name"] = spelt
    office.registry.open(mailbox)
