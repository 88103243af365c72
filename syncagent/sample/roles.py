"""Who plays which part: situations are spread over all agencies, so that none of them stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.sample.situations import Situation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from syncagent.sample.people import Employee

_NOBODY = frozenset({Situation.MISSING, Situation.UNMANAGED})
"""Situations of accounts that belong to nobody in the roster."""
_BESIDE_HOLDERS = frozenset({Situation.JOINER_CLASH, Situation.JOINER_AGREED, Situation.MOVER_CLASH})
"""Situations that need somebody in step in the same agency, so they go where most people are left."""
_CLEARED, _LEFT_BEHIND = 3, 2


class Pools:
    """The people of each agency who have no part yet; the last one of each always stays in step."""

    def __init__(self, staff: Sequence[Sequence[Employee]], rng: Random) -> None:
        self._free = [[one for one in theirs if one.post.unit != one.agency.key] for theirs in staff]
        for theirs in self._free:
            rng.shuffle(theirs)
        self._order = list(range(len(staff)))
        rng.shuffle(self._order)
        self._turn = 0

    def of(self, agency: int, situation: Situation) -> Employee:
        """Give a part to somebody of one agency and return them."""
        employee = self._free[agency].pop()
        employee.situation = situation
        return employee

    def next(self, situation: Situation, least: int = 1) -> Employee:
        """Give a part to somebody of the next agency in turn with more than `least` people left."""
        for _ in self._order:
            self._turn = (self._turn + 1) % len(self._order)
            agency = self._order[self._turn]
            if len(self._free[agency]) > least:
                return self.of(agency, situation)
        raise ValueError(f"nobody is left for {situation}: the rates add up to too many")

    def fullest(self, situation: Situation) -> Employee:
        """Give a part to somebody of the agency where most people are left."""
        return self.of(max(self._order, key=lambda agency: len(self._free[agency])), situation)

    def partner(self, employee: Employee) -> Employee:
        """Give the same part to somebody else of the same agency."""
        agency = next(n for n, free in enumerate(self._free) if free and free[0].agency is employee.agency)
        return self.of(agency, employee.situation)


def cast(
    staff: Sequence[Sequence[Employee]], counts: Mapping[Situation, int], rng: Random
) -> list[tuple[Employee, Employee]]:
    """Given the people of each agency and how often each situation occurs, set everybody's situation.

    Those who lose their mailbox come first and in turn, so that no unit loses many at once. Returns the pairs
    of rivals: one pair for every two of them, at least one.

    Raises:
        ValueError: there are more parts than people.
    """
    pools = Pools(staff, rng)
    for _ in range(_CLEARED):
        pools.of(0, Situation.UNIT_CLEARED)
    for _ in range(_LEFT_BEHIND):
        pools.of(1, Situation.UNIT_LEFT_BEHIND)
    rivals = []
    for _ in range((counts[Situation.JOINER_RIVAL] + 1) // 2):
        one = pools.next(Situation.JOINER_RIVAL, least=2)
        rivals.append((one, pools.partner(one)))
    for situation, count in counts.items():
        if situation not in _NOBODY | _BESIDE_HOLDERS | {Situation.JOINER_RIVAL}:
            for _ in range(count):
                pools.next(situation)
    for situation in sorted(_BESIDE_HOLDERS):
        for _ in range(counts[situation]):
            pools.fullest(situation)
    return rivals
