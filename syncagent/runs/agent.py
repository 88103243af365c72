"""The parts one run works with, joined by `wiring.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncagent.core.privacy import hide_identity_numbers
from syncagent.store import requests as recorded
from syncagent.trust.pseudonyms import identity_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime, tzinfo

    from syncagent.connectors.base import CheckpointCopy, RequestSource, RosterSource, Target
    from syncagent.core.policy import Policy
    from syncagent.core.roster import RosterRows
    from syncagent.errors import SyncError
    from syncagent.store.store import Store
    from syncagent.trust.pseudonyms import Pseudonyms
    from syncagent.trust.signing import PublicKey, SigningKey


@dataclass(frozen=True, slots=True)
class Agent:
    """A policy, the sources of rows, the targets, the state, a clock (UTC), a zone, fresh ids, pseudonyms.

    `signer` is the agent's own key, which signs plans and checkpoints; `copies` is where checkpoints are kept beside
    the state. `notices` collects what went wrong without stopping a run, for whoever started it.
    """

    policy: Policy
    roster: RosterSource
    requests: RequestSource
    targets: Mapping[str, Target]
    store: Store
    clock: Callable[[], datetime]
    zone: tzinfo
    new_id: Callable[[], str]
    pseudonyms: Pseudonyms
    signer: SigningKey
    copies: tuple[CheckpointCopy, ...] = ()
    notices: list[SyncError] = field(default_factory=list)

    def today(self) -> date:
        """Return the calendar day in the configured zone (contract §6)."""
        return self.clock().astimezone(self.zone).date()

    def rows(self) -> RosterRows:
        """Return the rows of the roster, the requests that were recorded in the state among them.

        Raises:
            Misconfigured: a file is missing, broken, truncated, or lacks a column.
        """
        rows = self.roster.read()
        with self.store.reading() as connection:
            return rows.with_recorded(recorded.recorded(connection))

    def known_as(self, name: str) -> str:
        """Given what somebody typed for a person, return the key: an identity number goes no further than this."""
        number = identity_number(name)
        return self.pseudonyms.of(number) if number else name

    def without_numbers(self, text: str) -> str:
        """Return what somebody typed with every identification number replaced by its pseudonym."""
        return hide_identity_numbers(text, self.pseudonyms.of)

    def public_keys(self) -> dict[str, PublicKey]:
        """Return the keys whose signature counts as the agent's, by their ids."""
        return {self.signer.public.id: self.signer.public}
