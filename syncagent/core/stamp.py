"""The mark an account carries: that it is ours, in which state, since when and by which document.

The same record stands on the entry itself and in the Ledger (design §3). Losing either must never bring a
deletion forward, so where they disagree the later date wins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from sys import intern
from typing import NamedTuple
from urllib.parse import quote, unquote

from syncagent.core.unit import unit_key

_FIRST_WORD = "syncagent/1"


class State(StrEnum):
    """The states of an account (design §3)."""

    ACTIVE = "active"
    LOCKED = "locked"
    WITHDRAWN = "withdrawn"
    DISABLED = "disabled"
    DELETED = "deleted"

    @property
    def can_log_in(self) -> bool:
        """Whether the holder can log in and send."""
        return self is State.ACTIVE

    @property
    def receives(self) -> bool:
        """Whether mail still arrives; a temporarily locked mailbox receives (NB-18, Điều 7.1)."""
        return self in {State.ACTIVE, State.LOCKED}


_STATES = {str(state): state for state in State}
_LEAST_HARM_FIRST = (State.ACTIVE, State.LOCKED, State.WITHDRAWN, State.DISABLED, State.DELETED)


class AccountKind(StrEnum):
    """Whose mailbox it is (NB-04, Điều 2.3-2.4 and 5.2)."""

    PERSONAL = "personal"
    AGENCY = "agency"
    DEPARTMENT = "department"


class Reason(StrEnum):
    """Why an account is in its state. A regulation's term adds its own id."""

    ISSUED = "issued"
    ADOPTED = "adopted"
    RETURNED = "returned"
    UNLOCKED = "unlocked"
    LEFT = "left"
    UNIT_CLOSED = "unit-closed"
    REISSUED = "reissued"
    RELOCATED = "relocated"
    ORDERED = "ordered"
    CANCELLED = "cancelled"
    FOUND_LOCKED = "found-locked"
    UNDONE = "undone"


class Alias(NamedTuple):
    """A former address that still receives, and the last day it does."""

    address: str
    last_day: date


_SHARED = frozenset({"unit", "why", "document"})
"""What thousands of stamps have in common."""

_KINDS = {str(kind): kind for kind in AccountKind}


@dataclass(slots=True)  # frozen by decision 023, not by Python
class Stamp:
    """What is remembered of one account.

    `unit` is where the person worked when the agent last acted; `since` is the day the state began; `issued`
    the day the mailbox was issued; `password` the day the agent
    last set a default password; `row` the effective date of the roster row last acted on, so that a roster
    that lost its newest rows is noticed; `document` the decision behind the state. `holders` are the people who were
    given a unit's mailbox.
    """

    kind: AccountKind
    key: str
    state: State
    since: date
    why: str
    unit: str = ""
    issued: date | None = None
    password: date | None = None
    row: date | None = None
    document: str = ""
    aliases: tuple[Alias, ...] = ()
    holders: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """Return the key of the person, or of the unit with its prefix."""
        return self.key if self.kind is AccountKind.PERSONAL else unit_key(self.key)

    def __str__(self) -> str:
        """Return the stamp as one line of text, as it stands on the entry."""
        words = [
            _FIRST_WORD,
            f"kind={self.kind}",
            f"key={quote(self.key, safe='')}",
            f"state={self.state}",
            f"since={self.since}",
            f"why={quote(self.why, safe='')}",
        ]
        if self.unit:
            words.append(f"unit={quote(self.unit, safe='')}")
        words += [f"{name}={day}" for name in ("issued", "password", "row") if (day := getattr(self, name))]
        if self.document:
            words.append(f"document={quote(self.document, safe='/')}")
        words += [f"holder={quote(holder, safe='')}" for holder in self.holders]
        words += [f"alias={quote(alias.address, safe='@')}:{alias.last_day}" for alias in self.aliases]
        return " ".join(words)


def is_stamp(text: str) -> bool:
    """Whether an attribute value claims to be a stamp."""
    return text.startswith("syncagent/")


@lru_cache(maxsize=1 << 17)
def parse(text: str) -> Stamp | None:
    """Given an attribute value, return the stamp it is, or None if it is damaged or of an unknown version.

    The entry and the Ledger mostly hold the same text; it is read once.
    """
    words = text.split(" ")
    if words[0] != _FIRST_WORD:
        return None
    known: dict[str, str] = {}
    aliases: list[Alias] = []
    holders: list[str] = []
    try:
        for word in words[1:]:
            name, _, value = word.partition("=")
            plain = unquote(value) if "%" in value else value
            if name == "alias":
                address, _, last_day = plain.rpartition(":")
                aliases.append(Alias(address, _day(last_day)))
            elif name == "holder":
                holders.append(plain)
            else:
                known[name] = intern(plain) if name in _SHARED else plain
        return Stamp(
            kind=_KINDS[known["kind"]],
            key=known["key"],
            state=_STATES[known["state"]],
            since=_day(known["since"]),
            why=known["why"],
            unit=known.get("unit", ""),
            issued=_day(known["issued"]) if "issued" in known else None,
            password=_day(known["password"]) if "password" in known else None,
            row=_day(known["row"]) if "row" in known else None,
            document=known.get("document", ""),
            aliases=tuple(sorted(aliases)),
            holders=tuple(sorted(holders)),
        )
    except (KeyError, ValueError):
        return None


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    """Return a day; thousands of stamps share a few hundred."""
    return date.fromisoformat(text)


def later(ours: Stamp, theirs: Stamp) -> Stamp:
    """Given the Ledger's record and the entry's stamp of one account, return the one that harms later.

    The state of the later date rules; on the same day the one that does less harm. Every other date is the
    later of the two, and an alias is kept until the later of its days.
    """
    if ours == theirs:
        return ours
    rules = max((ours, theirs), key=lambda stamp: (stamp.since, -_LEAST_HARM_FIRST.index(stamp.state), str(stamp)))
    last_days = dict(sorted(ours.aliases + theirs.aliases))
    return replace(
        rules,
        issued=_latest(ours.issued, theirs.issued),
        password=_latest(ours.password, theirs.password),
        row=_latest(ours.row, theirs.row),
        aliases=tuple(Alias(address, last_days[address]) for address in sorted(last_days)),
    )


def _latest(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day), default=None)
