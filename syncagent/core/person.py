"""People of the roster: the rows as read, and the person as admitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from syncagent.core.document import NO_DOCUMENT, Document

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.finding import Fault
    from syncagent.core.where import Where


class Status(StrEnum):
    """What the roster says a person is doing now."""

    WORKING = "working"
    ON_LEAVE = "on_leave"
    SECONDED = "seconded"
    SUSPENDED = "suspended"
    LEFT = "left"


class Event(StrEnum):
    """The personnel event that a row records (domain §4.3)."""

    RECRUITED = "recruited"
    RECEIVED = "received"
    CONTRACTED = "contracted"
    TRANSFERRED = "transferred"
    MOVED_OUT = "moved_out"
    ROTATED = "rotated"
    SECONDED = "seconded"
    RETIRED = "retired"
    RESIGNED = "resigned"
    DISMISSED = "dismissed"
    DIED = "died"
    MATERNITY_LEAVE = "maternity_leave"
    UNPAID_LEAVE = "unpaid_leave"
    SUSPENDED = "suspended"
    STUDY = "study"
    APPOINTED = "appointed"
    RENAMED = "renamed"


LEAVINGS = frozenset({Event.RETIRED, Event.RESIGNED, Event.DISMISSED, Event.DIED, Event.MOVED_OUT})
"""Events after which nobody works on; they go with the status `left` and with no other."""


class PersonType(StrEnum):
    """Cán bộ, công chức, viên chức, người lao động (NB-02, Điều 1.2)."""

    CADRE = "cadre"
    OFFICIAL = "official"
    PUBLIC_EMPLOYEE = "public_employee"
    WORKER = "worker"


@dataclass(slots=True)  # frozen by decision 023, not by Python
class PersonRow:
    """One row of the people roster: one post of one person from one day on.

    `person_id` is a staff number or the pseudonym of a personal identification number, never the number
    itself. `primary` is None where the column is empty. What the reader could not understand stands in
    `faults`; such a row is kept, so that its person can be quarantined. `notes` are repairs made while reading.
    """

    person_id: str
    full_name: str
    unit: str
    status: Status
    where: Where
    given_name: str = ""
    birth_date: date | None = field(default=None, repr=False)
    type: PersonType | None = None
    position: str = ""
    rank: int | None = None
    primary: bool | None = None
    event: Event | None = None
    effective_date: date | None = None
    document: Document = NO_DOCUMENT
    received_on: date | None = None
    phone: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    agreed_address: str = ""
    previous_address: str = ""
    faults: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()

    @property
    def takes_effect(self) -> date | None:
        """Return the day from which the row counts: its effective date, else the day its decision was signed."""
        return self.effective_date or self.document.signed_on

    @property
    def received(self) -> date | None:
        """Return the day the request behind the row arrived; the effective date counts where none is given."""
        return self.received_on or self.effective_date


@dataclass(slots=True)  # frozen by decision 023, not by Python
class Person:
    """A person as admitted: the row that rules today, the other posts, and what is coming.

    `current` is the latest effective row of the primary post; `others` are secondary posts held at the same
    time; `upcoming` are rows that take effect later, soonest first; `earlier` are rows that ruled before.
    """

    current: PersonRow
    others: tuple[PersonRow, ...] = ()
    upcoming: tuple[PersonRow, ...] = ()
    earlier: tuple[PersonRow, ...] = ()

    @property
    def person_id(self) -> str:
        """Return the key of the person."""
        return self.current.person_id

    @property
    def left(self) -> bool:
        """Whether the roster says this person works here no longer; by itself that proves nothing (NB-27)."""
        return self.current.status is Status.LEFT
