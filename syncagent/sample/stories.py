"""The story of everybody in the sample: who tells it depends on the situation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.sample import joining, leaving, moving, staying
from syncagent.sample.situations import Situation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncagent.sample.office import Office
    from syncagent.sample.people import Employee

_S = Situation
_JOINING = frozenset({_S.JOINER, _S.JOINER_GIVEN_NAME, _S.JOINER_UNNAMED, _S.JOINER_LATER})
_PASSWORDS = frozenset({_S.PASSWORD_DEFAULT, _S.PASSWORD_FRESH})
_LEAVING = frozenset(
    {
        _S.LEAVER, _S.LEAVER_LATER, _S.LEAVER_UNDOCUMENTED, _S.LEAVER_WAITING, _S.LEAVER_DUE, _S.LEAVER_ADMIN,
    }
)  # fmt: skip
_MOVING = frozenset({_S.MOVER, _S.MOVER_UNDOCUMENTED, _S.MOVER_ROOM, _S.MOVER_LATELY, _S.ALIAS_ENDED})
_AFTERWARDS = frozenset({_S.JOINER_CLASH, _S.JOINER_AGREED, _S.MOVER_CLASH})
"""Stories about names that somebody else holds: they are told when everybody else has an address."""


def tell(
    office: Office, staff: Iterable[Employee], rivals: Sequence[tuple[Employee, Employee]], cleared: str
) -> None:
    """Write the rows and accounts of all people.

    Args:
        office: where they are written down.
        staff: everybody, with a situation.
        rivals: who wants the same address as whom.
        cleared: the dissolved room whose people got places elsewhere.
    """
    later: list[Employee] = []
    for employee in staff:
        situation = employee.situation
        if situation in _AFTERWARDS:
            later.append(employee)
        elif situation in _JOINING:
            joining.tell(office, employee)
        elif situation in _LEAVING:
            leaving.tell(office, employee)
        elif situation in _MOVING:
            moving.tell(office, employee)
        elif situation in _PASSWORDS:
            joining.tell_default_password(office, employee)
        elif situation is Situation.RETURNER:
            joining.tell_return(office, employee)
        elif situation is Situation.UNIT_CLEARED:
            moving.tell_cleared(office, employee, cleared)
        elif situation is not Situation.JOINER_RIVAL:
            staying.tell(office, employee)
    for one, other in rivals:
        joining.tell_rivals(office, one, other)
    for employee in later:
        (moving if employee.situation is Situation.MOVER_CLASH else joining).tell(office, employee)
