"""The parts one run works with, joined by `wiring.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncagent.errors import Misconfigured
from syncagent.text import Text
from syncagent.trust.pseudonyms import is_identity_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime, tzinfo

    from syncagent.connectors.base import RosterSource, Target
    from syncagent.core.policy import Policy
    from syncagent.store.store import Store
    from syncagent.trust.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True)
class Agent:
    """A policy, a roster source, the targets, the state, a clock (UTC), a zone, and a source of fresh ids.

    `pseudonyms` are None where no key is configured.
    """

    policy: Policy
    roster: RosterSource
    targets: Mapping[str, Target]
    store: Store
    clock: Callable[[], datetime]
    zone: tzinfo
    new_id: Callable[[], str]
    pseudonyms: Pseudonyms | None = None

    def today(self) -> date:
        """Return the calendar day in the configured zone (contract §6)."""
        return self.clock().astimezone(self.zone).date()

    def known_as(self, name: str) -> str:
        """Given what somebody typed for a person, return the key: an identity number goes no further than this.

        Raises:
            Misconfigured: it is an identity number, and there is no key for its pseudonym.
        """
        if not is_identity_number(name):
            return name
        if self.pseudonyms is None:
            raise Misconfigured(
                Text(
                    "Số định danh cá nhân chỉ được nhận biết qua bí danh; hãy đặt roster.identity_key trong cấu hình.",
                    "Personal identification numbers are known by pseudonyms only; set roster.identity_key.",
                )
            )
        return self.pseudonyms.of(name)
