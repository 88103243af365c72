"""The few ways in which directories and mail systems write what they hold."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

Values = tuple[str, ...]
"""What an attribute holds, as text; none is absence."""


class Syntax(StrEnum):
    """How a value is encoded."""

    TEXT = "text"
    GUID = "guid"
    FILETIME = "filetime"
    GENERALIZED_TIME = "generalized-time"
    DAY = "day"


class TimeField(NamedTuple):
    """An attribute that holds a moment; `accuracy_days` is how late it may run behind the truth."""

    attribute: str
    syntax: Syntax
    accuracy_days: int = 0


class BitSwitch(NamedTuple):
    """A flag inside an integer: `off` is the bit that forbids log-in, `new` the value of a new account."""

    attribute: str
    off: int
    new: int


class ValueSwitch(NamedTuple):
    """An attribute that says yes with one value and no with another; an empty one stands for absence.

    `also_off` are further values that say no.
    """

    attribute: str
    on: str
    off: str
    also_off: Values = ()

    def says_no(self, value: str) -> bool:
        """Whether a value of the attribute, empty where it has none, says no."""
        return value == self.off or value in self.also_off


class AddressList(NamedTuple):
    """The attribute with all addresses and the prefixes of the primary, the others, and those held in reserve.

    Prefixes of primary addresses are in capitals (`SMTP:`). A held address neither receives nor is free.
    """

    attribute: str
    primary: str
    other: str
    held: str


class Forward(NamedTuple):
    """The attribute by which a directory sends mail on by itself, and what stands before the address there."""

    attribute: str
    prefix: str


class Follower(NamedTuple):
    """A name attribute, its greatest length (0: none), whether it changes with the address, or never at all."""

    attribute: str
    longest: int
    follows_address: bool
    stays: bool = False


class Megabytes(NamedTuple):
    """An attribute with a size and how many of its units make a megabyte."""

    attribute: str
    per_mb: int
