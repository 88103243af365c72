"""A sample: rosters, a directory, and what is true of whom."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from syncagent.sample import ldif, office, people, units
from syncagent.sample.situations import CONSEQUENCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncagent.sample.accounts import Entry
    from syncagent.sample.situations import Situation


@dataclass(frozen=True, slots=True)
class Sample:
    """Rosters as rows of canonical columns, a directory as entries, and what was planted.

    `situations` maps subjects, as findings and actions name them, to their situation. Entries come parents
    first.
    """

    people: Sequence[Mapping[str, str]]
    units: Sequence[Mapping[str, str]]
    requests: Sequence[Mapping[str, str]]
    entries: Sequence[Entry]
    situations: Mapping[str, Situation]

    @property
    def expected(self) -> dict[str, int]:
        """Return how many subjects are in each situation."""
        return dict(sorted(Counter(situation.value for situation in self.situations.values()).items()))

    @property
    def foreseen(self) -> dict[str, int]:
        """Return how many actions of each kind and findings of each code a plan holds for this sample."""
        consequences = (CONSEQUENCES.get(situation, ()) for situation in self.situations.values())
        return dict(sorted(Counter(str(one) for found in consequences for one in found).items()))

    def people_csv(self) -> str:
        """Return `people.csv`."""
        return _csv(people.COLUMNS, self.people)

    def units_csv(self) -> str:
        """Return `units.csv`."""
        return _csv(units.COLUMNS, self.units)

    def requests_csv(self) -> str:
        """Return `requests.csv`."""
        return _csv(office.REQUEST_COLUMNS, self.requests)

    def ldif(self) -> str:
        """Return the directory as LDIF."""
        return ldif.render(self.entries)


def _csv(columns: tuple[str, ...], rows: Sequence[Mapping[str, str]]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
