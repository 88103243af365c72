"""Three sample provinces: whatever is planted in them comes out, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest
from merging import FOLDER

from syncagent.core.fates import Why
from syncagent.core.merger import Fate
from syncagent.sample.merging import ENDS, Plot, three_provinces

COMMUNES = (FOLDER / "communes.csv").read_text(encoding="utf-8")
TODAY = date(2026, 3, 10)


def test_equal_seeds_give_equal_merges() -> None:
    """Byte for byte, in every file; another seed gives other people."""
    first, again, other = (three_provinces(25, seed, COMMUNES, TODAY).files() for seed in (1, 1, 2))

    assert first == again
    assert first["people.csv"] != other["people.csv"]
    assert set(first) == {"people.csv", "units.csv", "hanam.csv", "namdinh.ldif", "ninhbinh.ldif"}


def test_every_plot_is_told_with_a_fate_and_a_reason_that_exist() -> None:
    """Nothing is planted that could not come out."""
    made = three_provinces(20, 1, COMMUNES, TODAY)

    assert set(ENDS) == set(Plot)
    assert all(fate in set(Fate) and why in set(Why) for fate, why in made.ends.values())
    assert set(ENDS.values()) <= set(made.ends.values())
    assert {old.address for theirs in made.accounts.values() for old in theirs} == set(made.ends)


def test_a_merger_of_fewer_is_refused() -> None:
    """Fewer do not tell every plot."""
    with pytest.raises(ValueError, match="at least 20"):
        three_provinces(19, 1, COMMUNES, TODAY)


def test_the_sample_stays_in_the_sample() -> None:
    """Identity numbers begin with 999, which nobody's do."""
    made = three_provinces(20, 1, COMMUNES, TODAY)

    keys = [row["person_id"] for row in made.people if len(row["person_id"]) == 12]
    assert keys
    assert all(key.startswith("999") for key in keys)
