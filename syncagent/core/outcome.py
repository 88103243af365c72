"""What became of one action."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from syncagent.text import Text


class Result(StrEnum):
    """How an action ended; `unknown` means that the answer was lost and only reading can tell."""

    DONE = "done"
    CONFLICT = "conflict"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_TRIED = "not-tried"


class Outcome(NamedTuple):
    """The end of one action: the result, a sentence if it did not succeed, and where the account is now."""

    action_id: str
    result: Result
    says: Text = Text("", "")
    guid: str = ""
    dn: str = ""
