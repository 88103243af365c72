"""Written requests of agencies (Mẫu 01, Mẫu 02, công văn)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
