"""Attributes are the mapping they were made from, in less space."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.attributes import Attributes

VALUES = st.dictionaries(st.text(max_size=4), st.lists(st.text(max_size=4), max_size=3).map(tuple), max_size=6)


@given(VALUES)
def test_it_is_the_same_mapping(values: dict[str, tuple[str, ...]]) -> None:
    """Names, their order, values, absence: nothing is lost and nothing comes in."""
    found = Attributes(values)

    assert found == values
    assert list(found.items()) == list(values.items())
    assert len(found) == len(values)
    assert repr(found) == repr(values)
    assert [found.get(name) for name in values] == list(values.values())


def test_what_is_absent_is_absent() -> None:
    """As a mapping says it: None or the default given, and an error for whoever counts on it."""
    found = Attributes({"mail": ("a@b.vn",)})

    assert found.get("title") is None
    assert found.get("title", ()) == ()
    assert "title" not in found
    with pytest.raises(KeyError):
        found["title"]


def test_attributes_stay_themselves() -> None:
    """What is held is known again by identity, and a mapping that changes later changes nothing here."""
    values = {"mail": ("a@b.vn",)}
    found = Attributes.of(values)
    values["mail"] = ("c@d.vn",)

    assert Attributes.of(found) is found
    assert found == {"mail": ("a@b.vn",)}


def test_a_thousand_take_half_the_space_of_dictionaries() -> None:
    """Names are held once for all that have the same, and no tuple around a single value."""
    source = [{f"attribute {n}": (f"value {number}",) for n in range(12)} for number in range(1000)]
    ours = _weight(lambda: [Attributes(values) for values in source])
    plain = _weight(lambda: [{name: (*held, "")[:1] for name, held in values.items()} for values in source])

    assert ours < plain / 2


def _weight(make: Callable[[], object]) -> int:
    tracemalloc.start()
    kept = make()
    weight = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return weight
