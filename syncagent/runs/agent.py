"""The parts one run works with, joined by `wiring.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import sleep
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.base import never
from syncagent.core.privacy import hide_identity_numbers
from syncagent.runs.believed import believed_requests
from syncagent.store import requests as recorded
from syncagent.trust.pseudonyms import identity_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime, tzinfo
    from pathlib import Path

    from syncagent.connectors.base import (
        CheckpointCopy,
        MailFolders,
        RequestSource,
        RosterSource,
        SnapshotSource,
        Target,
    )
    from syncagent.core.action import Action
    from syncagent.core.mail_record import MailRow
    from syncagent.core.merger import Merger
    from syncagent.core.policy import Policy
    from syncagent.core.questions import Ruling
    from syncagent.core.roster import RosterRows
    from syncagent.core.where import Where
    from syncagent.errors import SyncError
    from syncagent.store.store import Store
    from syncagent.trust.pseudonyms import Pseudonyms
    from syncagent.trust.secret import Secret
    from syncagent.trust.signing import PublicKey, SigningKey


class Migration(NamedTuple):
    """A merger of provinces: how it is set up, its old systems, and what reads rulings and mail.

    `rulings` is given a file and what turns a name somebody typed into a key. `mails` reads the mail of old systems,
    `new_mail` that of the new one, None where nothing says how; `mail_rows` reads a file of records.
    """

    merger: Merger
    legacy: Mapping[str, SnapshotSource]
    rulings: Callable[[Path, Callable[[str], str]], list[tuple[Where, Ruling]]]
    mails: Mapping[str, MailFolders]
    new_mail: MailFolders | None
    mail_rows: Callable[[Path], list[tuple[Where, MailRow]]]


@dataclass(frozen=True, slots=True)
class Agent:
    """A policy, the sources of rows, the targets, the state, a clock (UTC), a zone, fresh ids, pseudonyms.

    `signer` is the agent's own key, which signs plans and checkpoints; `copies` is where checkpoints are kept beside
    the state. `new_password` draws the password that an action sets; nobody has seen it. `switch` is the file that
    stops an apply while it is there, `interrupted` whether a signal has come, `reserve` how many bytes must be free
    before one begins. `notices` collects what went wrong without stopping a run, for whoever started it.
    `migration` is the merger of provinces that is configured, None without one.
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
    new_password: Callable[[Action], Secret]
    switch: Path | None = None
    reserve: int = 0
    interrupted: Callable[[], bool] = never
    pause: Callable[[float], None] = sleep
    copies: tuple[CheckpointCopy, ...] = ()
    notices: list[SyncError] = field(default_factory=list)
    migration: Migration | None = None

    @property
    def old_systems(self) -> frozenset[str]:
        """Return the old systems of the merger: only its waves read and write them, no plan of a day does."""
        return frozenset(self.migration.merger.legacies) if self.migration else frozenset()

    @property
    def live(self) -> bool:
        """Whether a target is a server, so that the wall clock counts (contract §6)."""
        return any(target.live for target in self.policy.targets.values())

    def today(self) -> date:
        """Return the calendar day in the configured zone (contract §6)."""
        return self.clock().astimezone(self.zone).date()

    def rows(self) -> RosterRows:
        """Return the rows of the roster, the requests that were recorded in the state among them.

        A release that should be signed, and is not, is a fault.

        Raises:
            Misconfigured: a file is missing, broken, truncated, or lacks a column.
            Refused: the registry of approvers was changed.
        """
        rows = self.roster.read()
        with self.store.reading() as connection:
            known = rows.with_recorded(recorded.recorded(connection))
            return believed_requests(connection, known, self.signer.public)

    def known_as(self, name: str) -> str:
        """Given what somebody typed for a person, return the key: an identity number goes no further than this."""
        number = identity_number(name)
        return self.pseudonyms.of(number) if number else hide_identity_numbers(name, self.pseudonyms.of)

    def public_keys(self) -> dict[str, PublicKey]:
        """Return the keys whose signature counts as the agent's, by their ids."""
        return {self.signer.public.id: self.signer.public}
