"""The parts one run works with, joined by `wiring.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime, tzinfo

    from syncagent.connectors.base import RosterSource, Target
    from syncagent.core.policy import Policy
    from syncagent.store.store import Store


@dataclass(frozen=True, slots=True)
class Agent:
    """A policy, a roster source, the targets, the state, a clock (UTC), a zone, and a source of fresh ids.

    `key_fingerprint` names the pseudonym key, empty if there is none.
    """

    policy: Policy
    roster: RosterSource
    targets: Mapping[str, Target]
    store: Store
    clock: Callable[[], datetime]
    zone: tzinfo
    new_id: Callable[[], str]
    key_fingerprint: str = ""

    def today(self) -> date:
        """Return the calendar day in the configured zone (contract §6)."""
        return self.clock().astimezone(self.zone).date()
