"""Written requests of agencies (Mẫu 01, Mẫu 02, công văn)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from syncagent.core.where import Where


class RequestKind(StrEnum):
    """What an agency may ask for (contract §4)."""

    CREATE = "create"
    CHANGE = "change"
    CANCEL = "cancel"
    LOCK = "lock"
    UNLOCK = "unlock"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a verb, not a password
    HOLD = "hold"
    RELEASE = "release"
    EXEMPT = "exempt"
    AGREE_ADDRESS = "agree_address"
    EMERGENCY_DELETE = "emergency_delete"


_SIZE = frozenset({"quota", "dung lượng"})

ALWAYS = frozenset({RequestKind.HOLD, RequestKind.RELEASE})
"""Requests that bind whatever the regulation says, and that no regulation orders to be answered."""


class Stage(StrEnum):
    """How far a request has come.

    It is not received yet; it leads nowhere (its subject is unknown, the regulation does not know it, it came from
    somebody who may not ask, its number was used before); it waits, stands in the plan, is in effect or no longer,
    has nothing left to do, or is done. Or the mailbox is closed or locked, and what was asked does not open it;
    or something newer shut or opened the mailbox first, and what was asked came to nothing.
    """

    COMING = "coming"
    NOBODY = "nobody"
    NOT_KNOWN = "not-known"
    REJECTED = "rejected"
    NUMBER_USED = "number-used"
    WAITING = "waiting"
    PLANNED = "planned"
    IN_EFFECT = "in-effect"
    LAPSED = "lapsed"
    NOTHING_LEFT = "nothing-left"
    NOT_AS_ASKED = "not-as-asked"
    OVERTAKEN = "overtaken"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Request:
    """One written request; `subject` is a person, a unit or an address; `value` depends on the kind."""

    request_id: str
    received_on: date
    kind: RequestKind
    subject: str
    where: Where
    channel: str = ""
    from_unit: str = ""
    from_address: str = ""
    value: str = ""
    reason: str = ""
    document_number: str = ""
    document_date: date | None = None
    until: date | None = None

    @property
    def document(self) -> str:
        """Return how the request is cited: the number of its letter, else its own number."""
        return self.document_number or self.request_id

    @property
    def excuses_size(self) -> bool:
        """Whether this lets a mailbox be of another size, by its value `quota`, and says nothing of using it."""
        return self.kind is RequestKind.EXEMPT and self.value.strip().casefold() in _SIZE

    @property
    def content(self) -> tuple[str, ...]:
        """Return what it says, column by column; where it stands makes it no other request."""
        days = (self.received_on, self.document_date, self.until)
        words = (
            self.request_id, self.kind, self.subject, self.channel, self.from_unit, self.from_address, self.value,
            self.reason, self.document_number,
        )  # fmt: skip
        return (*words, *(day.isoformat() if day else "" for day in days))


def next_number(used: Iterable[str], year: int) -> str:
    """Return the running number of the next request of a year, given all numbers used: YC-2026-0001 is the first."""
    own = re.compile(rf"YC-{year}-([0-9]{{4,9}})")
    taken = [int(found[1]) for number in used if (found := own.fullmatch(number))]
    return f"YC-{year}-{max(taken, default=0) + 1:04d}"
