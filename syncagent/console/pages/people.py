"""One person, unit or mailbox: everything known, what every rule says, and all that was ever decided or done."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from syncagent.console.frame import page
from syncagent.console.rights import Right
from syncagent.console.words import SAYS
from syncagent.errors import Misconfigured
from syncagent.report import as_explanation
from syncagent.runs.auditor import log
from syncagent.runs.explain import explain

if TYPE_CHECKING:
    from syncagent.console.asked import Answer, Ask
    from syncagent.console.desk import Desk
    from syncagent.core.explanation import Explanation

_MOST = 200
_TOLD = ("plan_id", "action_id", "address", "document", "document_number", "request_id", "by", "reason")


def show(desk: Desk, ask: Ask) -> Answer:
    """Show somebody, as roster and directories have them just now, or the form to look for them.

    Raises:
        Misconfigured: nobody has this name in the units of whoever asks; the same is said of who is elsewhere.
        SyncError: roster or directories cannot be read or believed.
    """
    name = ask.query.one("q")
    if not name:
        return page(desk, ask, "people", found=None, name="")
    agent = desk.agent()
    everywhere = ask.person.everywhere(Right.PERSON)
    try:
        with desk.reading:
            found = explain(agent, name)
    except Misconfigured as error:
        if everywhere:
            raise
        raise Misconfigured(SAYS["nobody"]) from error
    holds = ask.person.within(Right.PERSON, desk.above)
    if not (everywhere or any(holds(unit) for unit in _units(desk, found))):
        raise Misconfigured(SAYS["nobody"])
    history = deque(log(agent, subject=found.subject), maxlen=_MOST)
    return page(
        desk,
        ask,
        "people",
        found=found,
        name=name,
        facts=list(as_explanation.facts(found)),
        happens=list(as_explanation.happens(found)),
        rules=as_explanation.RULES,
        history=list(reversed(history)),
        told=_TOLD,
    )


def _units(desk: Desk, found: Explanation) -> set[str]:
    """Return the units that somebody belongs to now, as the roster or, where it knows nothing, their account says."""
    units = {found.unit.unit} if found.unit else set()
    if home := desk.home(found.subject):
        units.add(home)
    return units or {known.stamp.unit for known in found.known if known.stamp.unit}
