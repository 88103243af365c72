"""A directory that exists in memory only: for rehearsals, and to show what every target must do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncagent.connectors import changes, resolve
from syncagent.connectors.base import NO_PASSWORDS, never
from syncagent.connectors.entries import WHOLE_PLAN, Entries
from syncagent.core.examination import Examination, Health
from syncagent.errors import Doubtful
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo

    from syncagent.core.account import Account, AccountRef
    from syncagent.core.action import Action
    from syncagent.core.directory import Directory
    from syncagent.core.outcome import Outcome
    from syncagent.core.snapshot import Snapshot
    from syncagent.trust.secret import Secret


@dataclass(slots=True)
class MemoryTarget:
    """A target whose entries live as long as the process."""

    name: str
    entries: Entries
    batch: int = WHOLE_PLAN
    patience: float = 0.0

    @classmethod
    def of(cls, snapshot: Snapshot, directory: Directory, base: str, zone: tzinfo) -> MemoryTarget:
        """Given what some target holds, return a copy that can be changed without harm."""
        return cls(snapshot.target, Entries.of(snapshot, directory, base, zone))

    def copy(self) -> MemoryTarget:
        """Return a target that holds the same and goes its own way; accounts are shared, not copied."""
        now = self.entries
        return MemoryTarget.of(now.snapshot(), now.directory, now.base, now.zone)

    def read(self) -> Snapshot:
        """Return everything the target holds.

        Raises:
            Doubtful: it holds nothing.
        """
        if not self.entries.names:
            raise Doubtful(
                Text(
                    f"Thư mục “{self.name}” trống. Chưa lập kế hoạch nào.",
                    f"Directory “{self.name}” is empty. Nothing was planned.",
                )
            )
        return self.entries.snapshot()

    def directory_id(self) -> str:
        """Return nothing: it is the same for as long as it is there."""
        return ""

    def clock(self) -> None:
        """Tell no time: memory has no clock of its own."""

    def examine(self, now: datetime) -> Iterator[Examination]:  # noqa: ARG002 - memory has no clock of its own
        """Yield how many entries there are: nothing else can be wrong with it.

        Raises:
            Doubtful: it holds nothing.
        """
        count = len(self.read().names)
        yield Examination(Text("Nội dung", "Content"), Health.GOOD, Text(f"{count} mục.", f"{count} entries."))

    def remains(self, deleted: Sequence[AccountRef]) -> dict[str, Account | Text]:
        """Return nothing: it keeps nothing of what was deleted."""
        del deleted
        return {}

    def carry_out(
        self,
        actions: Sequence[Action],
        marker: str,
        passwords: Mapping[str, Secret] = NO_PASSWORDS,
        stop: Callable[[], bool] = never,
    ) -> list[Outcome]:
        """Carry out the actions in order and return what became of each, in the same order; none after a stop.

        It holds no passwords.
        """
        del passwords
        return [] if stop() else changes.carry_out(self.entries, actions, marker)

    def resolve(self, action: Action, marker: str) -> Outcome | Action:
        """Return what became of an action as far as the entries show it, or what is left of it to do."""
        return resolve.resolve(self.entries, action, marker)
