"""What a locked and a disabled mailbox of Exchange show, as `mappings/mailboxes/exchange.yaml` says it."""

from __future__ import annotations

from collections.abc import Mapping

import world

from syncagent.connectors.exchange.order import OPEN
from syncagent.connectors.exchange.properties import Values, same
from syncagent.core.notation import ValueSwitch

__all__ = ["LOCKED", "OPEN", "back", "disabled", "towards"]

_BOX = world.with_exchange().mailbox
assert _BOX


def _closed(switch: ValueSwitch) -> Values:
    return (switch.off,) if switch.off else ()


LOCKED: Mapping[str, Values] = {switch.attribute: _closed(switch) for switch in _BOX.log_in}
_SILENT: Mapping[str, Values] = {switch.attribute: _closed(switch) for switch in _BOX.receives}


def disabled(nobody: str) -> Mapping[str, Values]:
    """DISABLED: mail is accepted from `nobody` alone, a recipient that never sends."""
    return {**LOCKED, **_SILENT, "AcceptMessagesOnlyFromSendersOrMembers": (nobody,)}


def towards(wanted: Mapping[str, Values], now: Mapping[str, Values]) -> dict[str, tuple[Values, Values]]:
    """What is to be changed so that a mailbox has what it shall have: name → (before, after), as in a plan."""
    return {
        name: (now.get(name, ()), values)
        for name, values in wanted.items()
        if not same(name, now.get(name, ()), values)
    }


def back(changed: Mapping[str, tuple[Values, Values]]) -> dict[str, tuple[Values, Values]]:
    """The change that takes one back."""
    return {name: (after, before) for name, (before, after) in changed.items()}
