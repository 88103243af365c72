"""What the agent must remember between runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, timedelta

    from syncagent.core.action import ActionKind
    from syncagent.core.marks import Mark, Place
    from syncagent.core.notation import Values
    from syncagent.core.snapshot import Right
    from syncagent.core.stamp import Stamp


class Known(NamedTuple):
    """An account the agent has handled: whose it is and what was last done to it."""

    target: str
    guid: str
    stamp: Stamp


class Hold(NamedTuple):
    """A legal hold: nothing is done to this person, unit or address until it is released.

    `requested` says that it stands in the written requests, so that only a `release` there lifts it.
    """

    subject: str
    document: str
    placed_by: str
    requested: bool = False


class Fulfilled(NamedTuple):
    """On which day an action settled a request, and what it did; None where an earlier version did not record it."""

    on: date
    did: ActionKind | None = None


class Watch(NamedTuple):
    """What runs over live directories have seen over time.

    `seen` counts by target and guid the runs that saw a closed account as it is now, `every` is how often the agent
    is meant to run, `jumped` whether time jumped forward and is not believed yet.
    """

    seen: Mapping[tuple[str, str], int]
    every: timedelta
    jumped: bool = False


@dataclass(frozen=True, slots=True)
class Baseline:
    """The last roster that was accepted: who was in it, and in which unit; leavers are not counted."""

    digest: str
    units: frozenset[str]
    people: Mapping[str, str]


NOT_OURS = Baseline("", frozenset(), {})
"""Stands for the last roster where somebody changed what was kept of it, or took it out: nothing can be compared."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The agent's memory, read before deciding.

    `accounts` are by target and guid, deleted ones included. `rights` are those taken from an account when it was
    closed, to be given back with it; `kept` is what its mailbox held until then. `issued` says to whom an address, in
    folded form, was ever issued: a subject, or the guid of an account that was never matched. `fulfilled` are the ids
    of requests that an action has settled, `accepted` the digests of rosters and of servers that
    were put back which a person let pass once. `marks` say which state of each directory server was last read.
    `recent` counts by kind what was carried out within so many days until now; `watch` is None where `--as-of` is
    the clock.
    """

    accounts: Mapping[tuple[str, str], Known] = field(default_factory=dict)
    rights: Mapping[tuple[str, str], tuple[Right, ...]] = field(default_factory=dict)
    kept: Mapping[tuple[str, str], Mapping[str, Values]] = field(default_factory=dict)
    issued: Mapping[str, str] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)
    fulfilled: Mapping[str, Fulfilled] = field(default_factory=dict)
    baseline: Baseline | None = None
    accepted: frozenset[str] = frozenset()
    marks: Mapping[Place, Mark] = field(default_factory=dict)
    recent: Mapping[ActionKind, Mapping[int, int]] = field(default_factory=dict)
    watch: Watch | None = None
