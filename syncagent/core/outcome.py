"""What became of one action."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from syncagent.text import Text

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.action import Action, Change


class Result(StrEnum):
    """How an action ended; `unknown` means that the answer was lost and only reading can tell.

    `needs-human` means that reading could not tell either: it was cut off, and somebody else changed what it was at.
    """

    DONE = "done"
    CONFLICT = "conflict"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NEEDS_HUMAN = "needs-human"
    NOT_TRIED = "not-tried"


class Outcome(NamedTuple):
    """The end of one action: the result, a sentence if it did not succeed, and where the account is now.

    A success says something only where a person should see to it. `password_set` says that the password which came with
    the action is in force, whatever became of its other steps.
    `written` are the changes that stand in the directory although the action as a whole did not succeed.
    """

    action_id: str
    result: Result
    says: Text = Text("", "")
    guid: str = ""
    dn: str = ""
    password_set: bool = False
    written: tuple[Change, ...] = ()


class Done(NamedTuple):
    """An action that was carried out, and the day that counted as today."""

    on: date
    action: Action


class History(NamedTuple):
    """What was carried out in a span of days, in its order; `since` is the first day of which anything is known."""

    since: date | None
    done: tuple[Done, ...] = ()
