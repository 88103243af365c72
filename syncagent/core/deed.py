"""A deed: what was done to one account, as the audit log keeps it, and back.

The record holds what is needed to say later what a directory must look like; a password stands in no change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from syncagent.core.action import ActionKind
from syncagent.core.brakes import counted_as
from syncagent.core.outcome import Result
from syncagent.core.record import change_of, change_record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.action import Action, Change
    from syncagent.core.outcome import Outcome


class Deed(NamedTuple):
    """Something carried out: by which record, plan and action, on which account, and every change made."""

    seq: int
    plan_id: str
    action_id: str
    kind: ActionKind
    target: str
    subject: str
    guid: str
    dn: str
    changes: tuple[Change, ...]


def facts_of(plan_id: str, action: Action, outcome: Outcome, day: date) -> dict[str, Any]:
    """Return what the audit log says of the outcome of an action: what was changed, all of it only if it was done.

    `day` is the one that counted as today; `counts_as` is the kind under which the brakes count it.
    """
    account = action.account
    facts: dict[str, Any] = {
        "plan_id": plan_id,
        "action_id": action.id,
        "action": str(action.kind),
        "target": action.target,
        "subject": action.subject,
        "unit": action.unit,
        "address": action.address,
        "guid": outcome.guid or (account.guid if account else ""),
        "dn": outcome.dn or (account.dn if account else ""),
    }
    if outcome.result is Result.DONE:
        facts |= {"day": day.isoformat(), "counts_as": str(counted_as(action))}
        facts["changes"] = [change_record(change) for change in action.changes]
    else:
        facts["says"] = outcome.says.en
        if outcome.written:
            facts["changes"] = [change_record(change) for change in outcome.written]
    return facts


def deed_of(seq: int, facts: Mapping[str, Any]) -> Deed:
    """Given the number and the facts of a record of something done, return it.

    Raises:
        ValueError: the facts are not those of a deed.
    """
    try:
        return Deed(
            seq,
            facts["plan_id"],
            facts["action_id"],
            ActionKind(facts["action"]),
            facts["target"],
            facts["subject"],
            facts["guid"],
            facts["dn"],
            tuple(change_of(change) for change in facts["changes"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        message = f"record {seq} is no deed: {type(error).__name__} {error}"
        raise ValueError(message) from error
