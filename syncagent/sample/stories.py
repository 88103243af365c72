"""The story of everybody in the sample: who tells it depends on the situation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.sample import joining, leaving, moving, staying
from syncagent.sample.situations import Situation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from syncagent.sample.office import Office
    from syncagent.sample.people import Employee

_TELLERS: Mapping[Situation, Callable[[Office, Employee], None]] = {
    Situation.JOINER: joining.tell,
    Situation.JOINER_AGREED: joining.tell,
    Situation.JOINER_CLASH: joining.tell,
    Situation.JOINER_GIVEN_NAME: joining.tell,
    Situation.JOINER_LATER: joining.tell,
    Situation.JOINER_UNNAMED: joining.tell,
    Situation.PASSWORD_DEFAULT: joining.tell_default_password,
    Situation.PASSWORD_FRESH: joining.tell_default_password,
    Situation.RETURNER: joining.tell_return,
    Situation.LEAVER: leaving.tell,
    Situation.LEAVER_ADMIN: leaving.tell,
    Situation.LEAVER_DUE: leaving.tell,
    Situation.LEAVER_LATER: leaving.tell,
    Situation.LEAVER_UNDOCUMENTED: leaving.tell,
    Situation.LEAVER_WAITING: leaving.tell,
    Situation.ALIAS_ENDED: moving.tell,
    Situation.MOVER: moving.tell,
    Situation.MOVER_CLASH: moving.tell,
    Situation.MOVER_LATELY: moving.tell,
    Situation.MOVER_ROOM: moving.tell,
    Situation.MOVER_UNDOCUMENTED: moving.tell,
    Situation.UNIT_CLEARED: moving.tell,
}
"""Everybody else stays."""

_AFTERWARDS = frozenset({Situation.JOINER_CLASH, Situation.JOINER_AGREED, Situation.MOVER_CLASH})
"""Stories about names that somebody else holds: they are told when everybody else has an address."""


def tell(office: Office, staff: Iterable[Employee], rivals: Sequence[tuple[Employee, Employee]]) -> None:
    """Write the rows and accounts of all people.

    Args:
        office: where they are written down.
        staff: everybody, with a situation.
        rivals: who wants the same address as whom.
    """
    later: list[Employee] = []
    for employee in staff:
        if employee.situation in _AFTERWARDS:
            later.append(employee)
        elif employee.situation is not Situation.JOINER_RIVAL:
            _TELLERS.get(employee.situation, staying.tell)(office, employee)
    for one, other in rivals:
        joining.tell_rivals(office, one, other)
    for employee in later:
        _TELLERS[employee.situation](office, employee)
