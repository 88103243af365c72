"""The mail system behind a directory: what is its own to write, and what closes a mailbox without emptying it.

A mail system keeps the addresses, the quota and the limits of a mailbox itself; the agent asks it for changes and never
writes them into the directory (decision 047). Its properties stand among an account's attributes under their own names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncagent.core.action import Change, Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.action import Action
    from syncagent.core.notation import Values, ValueSwitch
    from syncagent.core.stamp import State

Difference = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
Kept = dict[str, "Values"]
"""What a property held before it was closed, to be given back with the mailbox."""

_WHOLE = frozenset({"directory", "obm"})
"""Systems that hold the whole of an account: nothing of it is closed by a value that somebody chose before."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """How one mail system shows a mailbox, as data.

    `system` names it in plans, `identity` is the mailbox's own name and `attributes` are the properties it owns; an
    account with none of them has no mailbox. `log_in` are closed to a holder who may not log in, `receives` besides
    when nothing may arrive or leave: each has its closed value (`off`) and the one it gets where nobody knows what it
    was (`on`). `fixed` is what every mailbox of ours shows. `holds` are properties that keep the data for a court, with
    the value that means none; `proofs` are compared besides before a purge. `enables`, `purges` and `changes` are the
    calls an administrator would make, `calls` those of the properties that are changed by another one.
    """

    system: str
    identity: str
    attributes: frozenset[str]
    log_in: tuple[ValueSwitch, ...]
    receives: tuple[ValueSwitch, ...]
    fixed: Mapping[str, str]
    holds: tuple[tuple[str, str], ...] = ()
    proofs: tuple[str, ...] = ()
    enables: tuple[str, ...] = ()
    purges: tuple[str, ...] = ()
    changes: str = ""
    calls: Mapping[str, str] = field(default_factory=dict)

    def there(self, found: Mapping[str, Values]) -> bool:
        """Whether attributes as found are those of an account with a mailbox."""
        return not self.attributes.isdisjoint(found)

    def arrives(self, found: Mapping[str, Values]) -> bool:
        """Whether mail arrives: there is a mailbox and it is not closed in every way."""
        return self.there(found) and not _shut(self.receives, found)

    def held(self, found: Mapping[str, Values]) -> str:
        """Return what holds a mailbox for a court, as attribute and value, empty if nothing does."""
        standing = (f"{name}={value}" for name, none in self.holds for value in found.get(name, ()) if value != none)
        return next(standing, "")

    def wanted(self, state: State, found: Mapping[str, Values], kept: Mapping[str, Values]) -> dict[str, Values]:
        """Return the properties that a state asks for.

        A mailbox that somebody opened in part stays so; one that is shut in every way gets back what it had, and what
        was closed before it was shut stays closed.
        """
        wanted: dict[str, Values] = {name: (value,) for name, value in self.fixed.items()}
        for switches, open_now in ((self.log_in, state.can_log_in), (self.receives, state.receives)):
            if not open_now:
                wanted |= {switch.attribute: _value(switch.off) for switch in switches}
            elif self.there(found) and _shut(switches, found):
                had = [one.attribute for one in switches if one.attribute in kept]
                wanted |= {name: kept[name] for name in had} or {one.attribute: _value(one.on) for one in switches}
        return wanted

    def parted(self, changed: Difference) -> tuple[Difference, Difference]:
        """Given the attributes that change, return those of the directory and those of the mail system."""
        own = {name: values for name, values in changed.items() if name in self.attributes}
        return {name: values for name, values in changed.items() if name not in own}, own

    def purge(self, dn: str, found: Mapping[str, Values]) -> Change | None:
        """Return the change that destroys a mailbox, with what is compared once more; None where there is none."""
        if not self.there(found):
            return None
        names = {self.identity, *self.proofs, *(name for name, _ in self.holds)}
        own: Difference = {name: (found[name], ()) for name in sorted(names) if name in found}
        return Change(Operation.PURGE, dn, own, system=self.system, calls=self.purges)


def modifies(
    mailbox: Mailbox | None, dn: str, found: Mapping[str, Values], changed: Difference, *, sets_password: bool = False
) -> tuple[Change, ...]:
    """Given the attributes of an account that change, return the changes, the directory's before the mail system's.

    The directory goes first: it closes the log-in at once, and its stamp says what is under way if the rest fails.
    """
    directory, own = mailbox.parted(changed) if mailbox else (changed, {})
    changes = []
    if directory or sets_password:
        changes.append(Change(Operation.MODIFY, dn, directory, sets_password=sets_password))
    if mailbox and own:
        calls = {mailbox.calls.get(name, mailbox.changes) for name in own} - {""}
        operation, first = (Operation.MODIFY, ()) if mailbox.there(found) else (Operation.ENABLE, mailbox.enables)
        changes.append(Change(operation, dn, own, system=mailbox.system, calls=(*first, *sorted(calls))))
    return tuple(changes)


def kept_after(kept: Mapping[str, Values], action: Action) -> Kept:
    """Given what is to be given back to a mailbox, return it as it is once an action is carried out.

    What closes keeps the values it found, the earliest of each; what opens has given them back.
    """
    if action.stamp is None or action.stamp.state.can_log_in:
        return {}
    found = {
        name: before
        for change in action.changes
        if change.operation is Operation.MODIFY and change.system not in _WHOLE
        for name, (before, _) in change.attributes.items()
    }
    return found | dict(kept)


def _shut(switches: tuple[ValueSwitch, ...], found: Mapping[str, Values]) -> bool:
    return bool(switches) and all(found.get(one.attribute, ()) == _value(one.off) for one in switches)


def _value(text: str) -> Values:
    return (text,) if text else ()
