"""Mailboxes in memory, as a mail system behind a directory shows them; it fails or loses answers where a test asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncagent.connectors.base import Wish
from syncagent.core.action import Operation
from syncagent.core.examination import Examination, Health
from syncagent.core.notation import Values
from syncagent.core.outcome import Outcome, Result
from syncagent.text import Text

_LOST = Text("Mất trả lời.", "The answer was lost.")
_REFUSED = Text("Hệ thống thư từ chối.", "The mail system refused.")


@dataclass
class MemoryMailboxes:
    """`shown` are the properties by account. The next wish ends as `fails` says; `does` says that it is done anyway."""

    shown: dict[str, dict[str, Values]] = field(default_factory=dict)
    system: str = "exchange"
    patience: float = 90.0
    fails: Result | None = None
    does: bool = False
    asked: list[Wish] = field(default_factory=list)

    def read(self, guids: Sequence[str]) -> Mapping[str, Mapping[str, Values]]:
        return {guid: dict(box) for guid, box in self.shown.items() if guid in guids}

    def fulfil(self, wishes: Sequence[Wish]) -> list[Outcome]:
        return [self._one(wish) for wish in wishes]

    def examine(self, now: datetime) -> Iterator[Examination]:
        yield Examination(Text("Hộp thư", "Mailboxes"), Health.GOOD, Text(f"{now:%Y}", f"{len(self.shown)}"))

    def _one(self, wish: Wish) -> Outcome:
        self.asked.append(wish)
        failing, self.fails = self.fails, None
        if failing is None or self.does:
            self._do(wish)
        if failing:
            return Outcome(wish.action_id, failing, _LOST if failing is Result.UNKNOWN else _REFUSED, wish.guid)
        return Outcome(wish.action_id, Result.DONE, guid=wish.guid)

    def _do(self, wish: Wish) -> None:
        if wish.change.operation is Operation.PURGE:
            self.shown.pop(wish.guid, None)
            return
        box = self.shown.setdefault(wish.guid, {"ExchangeGuid": (f"box-of-{wish.guid}",)})
        for name, (before, after) in wish.change.attributes.items():
            assert box.get(name, ()) in {before, after}, name
            box.pop(name, None)
            if after:
                box[name] = after
