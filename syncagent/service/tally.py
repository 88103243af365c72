"""How many actions of each kind ended how, counted from the audit log: whoever carried them out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncagent.core.outcome import Result
from syncagent.store import audit

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ENDED = tuple(str(result) for result in Result)


@dataclass(slots=True)
class Tally:
    """The counts, and the last record that is among them."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: int = 0

    def go_on(self, connection: Connection) -> None:
        """Count the records that were added since."""
        last = audit.head(connection).size
        for record in audit.records(connection, self.seen, _ENDED):
            self.counts[json.loads(record.body)["action"], record.kind] += 1
        self.seen = last
