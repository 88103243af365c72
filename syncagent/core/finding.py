"""What a person must look at: findings of a plan and faults of a roster row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from syncagent.core.where import Where
    from syncagent.text import Text


class FindingCode(StrEnum):
    """The closed set of findings (contract §5)."""

    MISSING_FROM_ROSTER = "missing-from-roster"
    LEAVER_WITHOUT_DOCUMENT = "leaver-without-document"
    NEEDS_ORDER = "needs-order"
    ADDRESS_CLASH = "address-clash"
    NEEDS_GIVEN_NAME = "needs-given-name"
    UNREGULATED_EVENT = "unregulated-event"
    DUPLICATE_PERSON = "duplicate-person"
    AMBIGUOUS_MATCH = "ambiguous-match"
    UNKNOWN_UNIT = "unknown-unit"
    UNMANAGED_ACCOUNT = "unmanaged-account"
    PROTECTED_ACCOUNT = "protected-account"
    HELD = "held"
    IDLE_BUT_EXEMPT = "idle-but-exempt"
    FORWARD_OUTSIDE = "forward-outside"
    BELOW_MINIMUM_QUOTA = "below-minimum-quota"
    PASSWORD_OVERDUE = "password-overdue"  # noqa: S105 - a code, not a password
    DEFAULT_PASSWORD_OVERDUE = "default-password-overdue"  # noqa: S105 - same
    CLOCK_DOUBT = "clock-doubt"
    NAME_NOT_CLEAN = "name-not-clean"
    SUCCESSOR_MISSING = "successor-missing"
    POLICY_DIFFERS = "policy-differs"
    LOCKED_BY_DIRECTORY = "locked-by-directory"
    STAMP_DIFFERS = "stamp-differs"
    MANUAL_STEPS = "manual-steps"
    QUARANTINED = "quarantined"
    NOT_IN_FORCE = "not-in-force"


class Severity(StrEnum):
    """`review` waits for a person's decision, `warning` should be looked at, `info` is for the record."""

    REVIEW = "review"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing for a person to look at. `subject` is a person, `unit:KEY`, an address or an account's DN."""

    code: FindingCode
    severity: Severity
    subject: str
    message: Text
    candidates: tuple[str, ...] = ()
    where: str = ""


class Fault(NamedTuple):
    """What is wrong with one row of a roster, found while reading or admitting it."""

    code: FindingCode
    says: Text
    where: Where
