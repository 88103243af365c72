"""Everything known of one subject, for `explain`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.action import Action, Cite, Skip
    from syncagent.core.case import Verdict
    from syncagent.core.finding import Finding
    from syncagent.core.ledger import Hold, Known
    from syncagent.core.person import Person
    from syncagent.core.unit import Unit


@dataclass(frozen=True, slots=True)
class Explanation:
    """All about one subject on one day.

    `verdicts` are what the rules that looked at the subject say; `silent` are the clauses that do not concern it.
    """

    subject: str
    as_of: date
    person: Person | None
    unit: Unit | None
    account: Account | None
    known: tuple[Known, ...]
    addresses: tuple[str, ...]
    holds: tuple[Hold, ...]
    verdicts: tuple[Verdict, ...]
    silent: tuple[Cite, ...]
    actions: tuple[Action, ...]
    findings: tuple[Finding, ...]
    skip: Skip | None
