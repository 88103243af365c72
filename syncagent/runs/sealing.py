"""The passwords that a batch of actions sets: drawn, sealed to whoever hands them over, kept, and only then sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.store import handovers, officers
from syncagent.store.handovers import Handover
from syncagent.store.officers import OFFICE
from syncagent.text import Text
from syncagent.trust.sealing import Purpose, SealingKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from syncagent.core.action import Action
    from syncagent.core.plan import Envelope
    from syncagent.core.unit import Units
    from syncagent.runs.agent import Agent
    from syncagent.store.officers import Officer
    from syncagent.trust.secret import Secret

OPEN_FOR: Final = timedelta(days=7)
"""How long a sealed password can be opened; after that a new one must be asked for."""


class Officers(NamedTuple):
    """Who hands over passwords now, by unit, and the tree of the units."""

    by_unit: Mapping[str, Officer]
    units: Units

    def of(self, unit: str) -> Officer | None:
        """Return the officer of a unit, else of the nearest one above it that has one, else of the office."""
        line = [above.unit for above in self.units.line(unit)]
        return next((self.by_unit[one] for one in (*line, OFFICE) if one in self.by_unit), None)


def hands_over(agent: Agent, action: Action) -> bool:
    """Whether an action sets a password that somebody must be handed: a file holds none."""
    return action.sets_password and agent.policy.targets[action.target].live


def nobody_to_hand_over(agent: Agent, action: Action, found: Officers) -> Text | None:
    """Return why an action that sets a password cannot be carried out yet, None if it can."""
    if not hands_over(agent, action) or found.of(action.unit):
        return None
    return Text(
        f"chưa có ai để giao mật khẩu của đơn vị {action.unit}; hãy đăng ký khóa bằng: syncagent handover officer add "
        f"{OFFICE} TÊN --public-key KHÓA",
        f"there is nobody to hand over the passwords of unit {action.unit}; register a key with: syncagent handover "
        f"officer add {OFFICE} NAME --public-key HEX",
    )


def seal(
    agent: Agent, connection: Connection, envelope: Envelope, actions: Sequence[Action], units: Units
) -> dict[str, Secret]:
    """Draw the passwords that actions set, keep each sealed, and return them by the id of the action.

    Whoever calls this commits before anything is sent; an action without an officer gets no password.
    """
    found = Officers(officers.in_office(connection, agent.signer.public), units)
    now = agent.clock()
    handovers.forget_expired(connection, now)
    drawn: dict[str, Secret] = {}
    rows: list[Handover] = []
    for action in actions:
        officer = found.of(action.unit) if hands_over(agent, action) else None
        if officer is None:
            continue
        drawn[action.id] = agent.new_password(action)
        purpose = Purpose(officer.unit, envelope.digest, action.id)
        rows.append(
            Handover(
                plan_id=envelope.plan_id,
                action_id=action.id,
                target=action.target,
                unit=officer.unit,
                subject=action.subject,
                address=action.address,
                key_id=officer.key_id,
                sealed=SealingKey.from_hex(officer.public_key).seal(drawn[action.id], purpose),
                sealed_at=now.isoformat(),
                expires_at=(now + OPEN_FOR).isoformat(),
            )
        )
    handovers.add(connection, rows)
    return drawn
