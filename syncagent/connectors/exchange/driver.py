"""What carries named operations to Exchange and brings the answers back. Which ones there are, `script.ps1` says."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Raw = MappingProxyType[str, str] | dict[str, str]
"""Properties as they travel: by name, octets of each value in base64, joined by commas (`document`)."""
NOTHING: Final[Raw] = MappingProxyType({})


class Status(StrEnum):
    """How a call ended there; `stale` means that a value was no longer the one seen, and nothing was done."""

    DONE = "done"
    STALE = "stale"
    FAILED = "failed"


class Call(NamedTuple):
    """One operation, by a name that the script knows; `id` is its own among those that go together."""

    id: str
    operation: str
    values: Mapping[str, object]


class Answer(NamedTuple):
    """What came back: properties before and after, objects that were found, what Exchange said.

    `identifier` is the FullyQualifiedErrorId, `category` that of the error; `message` is Exchange's own sentence.
    """

    status: Status
    before: Raw = NOTHING
    after: Raw = NOTHING
    parts: tuple[Raw, ...] = ()
    warnings: tuple[str, ...] = ()
    identifier: str = ""
    category: str = ""
    message: str = ""

    @property
    def is_absent(self) -> bool:
        """Whether Exchange says that there is no such object."""
        return self.status is Status.FAILED and "ManagementObjectNotFoundException" in self.identifier

    @property
    def is_not_allowed(self) -> bool:
        """Whether the account's roles do not hold the cmdlet: then the session does not have it at all."""
        return self.status is Status.FAILED and "CommandNotFoundException" in self.identifier


class Driver(Protocol):
    """A way to Exchange."""

    @property
    def patience(self) -> float:
        """How many seconds calls may be under way before their answers count as lost."""
        ...

    def run(self, calls: Sequence[Call]) -> Mapping[str, Answer]:
        """Carry out calls in order and return the answers by id.

        A call without an answer may or may not have been carried out: only reading can tell. None is ever sent twice.

        Raises:
            Misconfigured: the server cannot prove its name, or refuses the account; nothing was carried out.
            Unavailable: it does not answer or has no room; nothing was carried out.
            Rejected: the calls cannot be sent as they are; nothing was sent.
        """
        ...

    def close(self) -> None:
        """Give back what is held on the server."""
        ...
