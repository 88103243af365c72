"""The situations planted in the sample province, how often, and what each leads to in a plan."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind
from syncagent.core.finding import FindingCode

if TYPE_CHECKING:
    from collections.abc import Mapping

Consequence = ActionKind | FindingCode


class Situation(StrEnum):
    """What is true of one subject of the sample: a person, a unit, an account, the directory itself."""

    IN_STEP = "in_step"

    JOINER = "joiner"
    JOINER_AGREED = "joiner_agreed"
    JOINER_GIVEN_NAME = "joiner_given_name"
    JOINER_UNNAMED = "joiner_unnamed"
    JOINER_CLASH = "joiner_clash"
    JOINER_RIVAL = "joiner_rival"
    JOINER_LATER = "joiner_later"
    RETURNER = "returner"

    LEAVER = "leaver"
    LEAVER_LATER = "leaver_later"
    LEAVER_UNDOCUMENTED = "leaver_undocumented"
    LEAVER_WAITING = "leaver_waiting"
    LEAVER_DUE = "leaver_due"
    LEAVER_ADMIN = "leaver_admin"

    MOVER = "mover"
    MOVER_CLASH = "mover_clash"
    MOVER_UNDOCUMENTED = "mover_undocumented"
    MOVER_ROOM = "mover_room"
    MOVER_LATELY = "mover_lately"
    ALIAS_ENDED = "alias_ended"

    APPOINTED = "appointed"
    RENAMED = "renamed"
    SECONDED = "seconded"
    ROTATED = "rotated"
    ON_LEAVE = "on_leave"
    SUSPENDED = "suspended"

    PASSWORD_DEFAULT = "password_default"  # noqa: S105 - a situation, not a password
    PASSWORD_FRESH = "password_fresh"  # noqa: S105 - same
    LOCKED = "locked"
    LOCKED_BY_HAND = "locked_by_hand"
    LOCK_ASKED = "lock_asked"
    UNLOCK_ASKED = "unlock_asked"
    RESET_ASKED = "reset_asked"

    UNMARKED = "unmarked"
    MISSING = "missing"
    UNMANAGED = "unmanaged"
    ADMIN = "admin"
    FORWARDS_OUTSIDE = "forwards_outside"
    FORWARDS_INSIDE = "forwards_inside"
    SMALL_QUOTA = "small_quota"
    SEVERAL_POSTS = "several_posts"

    ROW_UNKNOWN_UNIT = "row_unknown_unit"
    ROW_CONTRADICTION = "row_contradiction"
    ROW_REPEATED = "row_repeated"
    ROW_RIVAL_POSTS = "row_rival_posts"
    NAME_REPAIRABLE = "name_repairable"
    NAME_LOST_LETTER = "name_lost_letter"

    UNIT_OPENED = "unit_opened"
    UNIT_DISSOLVED = "unit_dissolved"
    UNIT_MERGED = "unit_merged"
    UNIT_CLEARED = "unit_cleared"
    UNIT_LEFT_BEHIND = "unit_left_behind"

    LOCKOUT_DIFFERS = "lockout_differs"


CONSEQUENCES: Mapping[Situation, tuple[Consequence, ...]] = {
    Situation.JOINER: (ActionKind.CREATE,),
    Situation.JOINER_AGREED: (ActionKind.CREATE,),
    Situation.JOINER_GIVEN_NAME: (ActionKind.CREATE,),
    Situation.JOINER_UNNAMED: (FindingCode.NEEDS_GIVEN_NAME,),
    Situation.JOINER_CLASH: (FindingCode.ADDRESS_CLASH,),
    Situation.JOINER_RIVAL: (FindingCode.ADDRESS_CLASH,),
    Situation.RETURNER: (ActionKind.RESTORE,),
    Situation.LEAVER: (ActionKind.DISABLE,),
    Situation.LEAVER_UNDOCUMENTED: (FindingCode.LEAVER_WITHOUT_DOCUMENT,),
    Situation.LEAVER_DUE: (ActionKind.DELETE,),
    Situation.LEAVER_ADMIN: (FindingCode.PROTECTED_ACCOUNT,),
    Situation.MOVER: (ActionKind.READDRESS,),
    Situation.MOVER_CLASH: (FindingCode.ADDRESS_CLASH,),
    Situation.MOVER_UNDOCUMENTED: (FindingCode.NEEDS_ORDER,),
    Situation.MOVER_ROOM: (ActionKind.MOVE,),
    Situation.ALIAS_ENDED: (ActionKind.UPDATE,),
    Situation.APPOINTED: (ActionKind.UPDATE,),
    Situation.RENAMED: (FindingCode.UNREGULATED_EVENT,),
    Situation.SECONDED: (FindingCode.UNREGULATED_EVENT,),
    Situation.ROTATED: (FindingCode.UNREGULATED_EVENT,),
    Situation.ON_LEAVE: (FindingCode.UNREGULATED_EVENT,),
    Situation.SUSPENDED: (FindingCode.UNREGULATED_EVENT,),
    Situation.PASSWORD_DEFAULT: (ActionKind.LOCK,),
    Situation.LOCKED_BY_HAND: (FindingCode.LOCKED_BY_DIRECTORY,),
    Situation.LOCK_ASKED: (ActionKind.LOCK,),
    Situation.UNLOCK_ASKED: (ActionKind.UNLOCK,),
    Situation.RESET_ASKED: (ActionKind.RESET_PASSWORD,),
    Situation.UNMARKED: (ActionKind.ADOPT,),
    Situation.MISSING: (FindingCode.MISSING_FROM_ROSTER,),
    Situation.UNMANAGED: (FindingCode.UNMANAGED_ACCOUNT,),
    Situation.FORWARDS_OUTSIDE: (FindingCode.FORWARD_OUTSIDE,),
    Situation.SMALL_QUOTA: (FindingCode.BELOW_MINIMUM_QUOTA,),
    Situation.ROW_UNKNOWN_UNIT: (FindingCode.UNKNOWN_UNIT,),
    Situation.ROW_CONTRADICTION: (FindingCode.QUARANTINED,),
    Situation.ROW_RIVAL_POSTS: (FindingCode.DUPLICATE_PERSON,),
    Situation.NAME_REPAIRABLE: (FindingCode.NAME_NOT_CLEAN,),
    Situation.NAME_LOST_LETTER: (FindingCode.NAME_NOT_CLEAN,),
    Situation.UNIT_OPENED: (ActionKind.CREATE,),
    Situation.UNIT_DISSOLVED: (ActionKind.DISABLE,),
    Situation.UNIT_CLEARED: (ActionKind.MOVE,),
    # merged without a successor, and people still stand in it
    Situation.UNIT_MERGED: (ActionKind.DISABLE, FindingCode.SUCCESSOR_MISSING, FindingCode.SUCCESSOR_MISSING),
    Situation.LOCKOUT_DIFFERS: (FindingCode.POLICY_DIFFERS,),
}
"""What a plan holds for a subject in each situation; a situation that is not listed leads to nothing."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How many people of a thousand are in each situation; at least one where the rate is not zero.

    Every field is the situation of the same name. Rates add up to about 72 of a thousand.
    """

    joiner_rival: float = 1
    leaver: float = 7
    leaver_due: float = 3
    leaver_admin: float = 0.5
    leaver_waiting: float = 4
    leaver_undocumented: float = 1.5
    leaver_later: float = 0.5
    joiner: float = 7
    joiner_agreed: float = 0.5
    joiner_given_name: float = 0.5
    joiner_unnamed: float = 0.5
    joiner_later: float = 0.5
    returner: float = 1
    mover: float = 5
    mover_undocumented: float = 1
    mover_room: float = 2
    mover_lately: float = 2
    alias_ended: float = 1.5
    appointed: float = 2.5
    renamed: float = 1
    seconded: float = 1
    rotated: float = 0.5
    on_leave: float = 2
    suspended: float = 0.5
    password_default: float = 3
    password_fresh: float = 2
    locked: float = 1
    locked_by_hand: float = 0.5
    lock_asked: float = 0.5
    unlock_asked: float = 1
    reset_asked: float = 0.5
    unmarked: float = 2.5
    missing: float = 1
    unmanaged: float = 3
    admin: float = 0.5
    forwards_outside: float = 1
    forwards_inside: float = 0.5
    small_quota: float = 1.5
    several_posts: float = 3
    row_unknown_unit: float = 0.5
    row_contradiction: float = 0.5
    row_repeated: float = 1
    row_rival_posts: float = 0.5
    name_repairable: float = 2
    name_lost_letter: float = 0.5
    joiner_clash: float = 1.5
    mover_clash: float = 0.5

    def counts(self, size: int) -> dict[Situation, int]:
        """Given how many people there are, return how many are in each situation."""
        found = {}
        for one in fields(self):
            rate = getattr(self, one.name)
            found[Situation(one.name)] = max(1, round(rate * size / 1000)) if rate else 0
        return found
