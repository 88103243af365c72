"""What `doctor` found when it looked at one thing without changing it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from syncagent.text import Text


class Health(StrEnum):
    """Whether something works, works but should be looked at, or keeps the agent from working."""

    GOOD = "good"
    DOUBT = "doubt"
    FAULT = "fault"


class Examination(NamedTuple):
    """One thing that was looked at: what it is, how it is, and in one sentence what was seen and the way out."""

    what: Text
    health: Health
    says: Text
