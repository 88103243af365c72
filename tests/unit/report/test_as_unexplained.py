"""What no record explains, as lines."""

from __future__ import annotations

import pytest

from syncagent.core.unexplained import Unexplained, Why
from syncagent.report.as_unexplained import LABELS, lines


def test_every_reason_has_its_words() -> None:
    """A reason without words would be a code on a clerk's screen."""
    assert set(LABELS) == set(Why)
    assert all(label.vi and label.en for label in LABELS.values())


def test_a_line_for_the_account_and_one_for_each_attribute() -> None:
    """Who, what, since which record; then the value as recorded and as found."""
    found = Unexplained(Why.CHANGED, "g1", "cn=A,dc=x", "P1", 7, {"mail": (("a@x",), ()), "title": ((), ("b", "c"))})

    assert list(lines(found, "en")) == [
        "cn=A,dc=x  P1: attributes changed by somebody else (record 7)",
        "  mail: a@x → ∅",
        "  title: ∅ → b | c",
    ]


@pytest.mark.parametrize(("dn", "shown"), [("", "g1"), ("cn=\u202eA", "cn=⟨U+202E⟩A")])
def test_names_are_shown_as_they_are(dn: str, shown: str) -> None:
    """Without a name there is the identity; what would turn the line around is spelled out."""
    found = Unexplained(Why.UNRECORDED, "g1", dn, "", 0, {})

    assert list(lines(found, "vi")) == [f"{shown}: mang dấu của phần mềm nhưng không có bản ghi nào"]
