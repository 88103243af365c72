"""Everything that is decided beforehand: the regulation, the targets, the brakes, the calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import ActionKind, Review
from syncagent.core.duties import review_every
from syncagent.core.periods import last_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.directory import Directory
    from syncagent.core.duties import ReportClause
    from syncagent.core.periods import Calendar, Length
    from syncagent.core.regulation import InternalMove, Regulation
    from syncagent.core.request import RequestKind


class Adoption(StrEnum):
    """Whether taking over an account that is not marked as ours waits for a person."""

    REVIEW = "review"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Limit:
    """The larger of a count and a percentage of what is managed."""

    count: int
    percent: float

    def of(self, managed: int) -> int:
        """Return the greatest number still allowed among `managed` accounts."""
        return max(self.count, int(managed * self.percent / 100))


@dataclass(frozen=True, slots=True)
class RosterLimits:
    """When a roster is doubtful (contract §4, design §5)."""

    shrink_percent: float = 5
    unit_shrink_percent: float = 20
    unit_shrink_count: int = 3
    faulty_rows: Limit = Limit(10, 5)


@dataclass(frozen=True, slots=True)
class Brakes:
    """Limits over one plan (design §5): above `second` two people must approve, above `trip` the plan stops.

    `rolling` says how many times a limit holds for everything carried out within so many days, the plan included.

    `never` names accounts that are never in a plan (the agent's own, break-glass), `alone` those that need an
    approval of their own, by person, login, address or DN, all in folded form.
    """

    second: Mapping[ActionKind, Limit] = field(
        default_factory=lambda: {
            ActionKind.DISABLE: Limit(5, 1),
            ActionKind.WITHDRAW: Limit(5, 1),
            ActionKind.DELETE: Limit(3, 0.5),
            ActionKind.CREATE: Limit(50, 10),
        }
    )
    trip: Mapping[ActionKind, Limit] = field(
        default_factory=lambda: {
            ActionKind.DISABLE: Limit(10, 5),
            ActionKind.WITHDRAW: Limit(10, 5),
            ActionKind.DELETE: Limit(5, 2),
        }
    )
    unit_percent: float = 20
    unit_count: int = 3
    overwrite: Limit = Limit(50, 10)
    rolling: Mapping[int, float] = field(default_factory=lambda: {1: 2, 7: 4, 30: 8})
    roster: RosterLimits = RosterLimits()
    never: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()


class Reviews(NamedTuple):
    """How many people approve which actions (configuration `approval`)."""

    delete: Review
    disable: Review
    others: Review

    def of(self, kind: ActionKind) -> Review:
        """Return what one kind of action needs before any brake asks for more."""
        if kind is ActionKind.DELETE:
            return self.delete
        if kind in {ActionKind.DISABLE, ActionKind.WITHDRAW}:
            return self.disable
        return self.others


@dataclass(frozen=True, slots=True)
class Target:
    """One directory as decisions see it.

    `units` are patterns of unit keys whose accounts live here (`*` for all that nothing else names), `where` the file
    and line of each; `containers` overrides the place of single units; `live` is false for files, where `--as-of` is
    the clock (contract §6).
    """

    name: str
    directory: Directory
    base: str
    units: tuple[str, ...] = ("*",)
    containers: Mapping[str, str] = field(default_factory=dict)
    live: bool = True
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """All that decides, besides the roster and the directories; `digest` names it (`sha256:…`).

    `account_review` is how often the list of accounts is reviewed, None for never; `every` how often the agent is
    meant to run.
    """

    regulation: Regulation
    targets: Mapping[str, Target]
    calendar: Calendar
    brakes: Brakes
    reviews: Reviews
    internal_move: InternalMove
    adoption: Adoption
    freshness: timedelta
    digest: str = ""
    account_review: Length | None = None
    every: timedelta = timedelta(days=1)

    def reports(self) -> tuple[ReportClause, ...]:
        """Return what is to be reported: what the regulation orders, and the review of accounts."""
        review = [review_every(self.account_review)] if self.account_review else []
        return (*self.regulation.reports, *review)

    def answer_by(self, received: date, kind: RequestKind | None = None) -> date | None:
        """Return the last day for the answer to what was received on a day, None where the text sets no term.

        `kind` is what was asked for; without it, the change that the agency tells of by its roster (NB-16, Điều 6.2).
        """
        within = (self.regulation.answer_of(kind) if kind else self.regulation.answer).within
        return last_day(received, within, self.calendar) if within else None
