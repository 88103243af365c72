"""Every error a user can meet, typed by what the caller does next.

::

    SyncError
    ├─ Misconfigured   a file must be edited                       exit 3, nothing was read further
    ├─ Doubtful        a roster or snapshot cannot be trusted      exit 4, nothing was planned
    ├─ Refused         brake, stale, not approved, expired, held   exit 5, nothing was written
    ├─ TargetError     a target failed, some of it may be written  exit 6, see the journal
    │  ├─ Unavailable    the same again later
    │  ├─ Conflict       the object changed since the plan: plan again
    │  ├─ Rejected       the target says no
    │  └─ Unknown        the answer was lost: read before doing anything else
    └─ LeaseHeld       another agent works on this state           exit 7

Anything else is a bug and ends in a traceback (exit 1). Each message says who, which file and line
or DN, how many, and the way out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncagent.text import Language, Text


class SyncError(Exception):
    """An error with a message for people; `where` is `file:line`, a DN, or empty."""

    exit_code: ClassVar[int] = 1

    def __init__(self, says: Text, *, where: str = "", also: Sequence[SyncError] = ()) -> None:
        super().__init__(f"{where}: {says.en}" if where else says.en)
        self.says = says
        self.where = where
        self.also = tuple(also)

    def lines(self, language: Language) -> list[str]:
        """Return the message and those of the faults found with it, one per line."""
        sentence = self.says.within(language)
        head = f"{self.where}: {sentence}" if self.where else sentence
        return [head, *(line for error in self.also for line in error.lines(language))]


class Misconfigured(SyncError):
    """A file must be edited; nothing was read further."""

    exit_code = 3


class Doubtful(SyncError):
    """A roster or snapshot cannot be trusted; nothing was planned."""

    exit_code = 4


class Refused(SyncError):
    """Not allowed as things stand; nothing was written."""

    exit_code = 5


class TargetError(SyncError):
    """A target failed; the journal says how far it came."""

    exit_code = 6


class Unavailable(TargetError):
    """The target did not answer; the same may work later."""


class Conflict(TargetError):
    """The object changed since the plan was made; plan again."""


class Rejected(TargetError):
    """The target refuses this change."""


class Unknown(TargetError):
    """The answer was lost; read the object before anything else."""


class LeaseHeld(SyncError):
    """Another agent works on this state; wait for it to finish."""

    exit_code = 7
