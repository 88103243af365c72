"""Pseudonyms hide numbers and keys, tell numbers apart, and fit into a directory."""

from __future__ import annotations

import re

import pytest

from syncagent.errors import Misconfigured
from syncagent.trust.pseudonyms import SHORTEST_KEY, Pseudonyms, is_identity_number

KEY = bytes(range(32))
NUMBER = "037201001234"


def test_one_number_has_one_pseudonym_which_employee_id_can_hold() -> None:
    """The pseudonym is 16 characters of lower case, and the same whenever the key is."""
    pseudonym = Pseudonyms(KEY).of(NUMBER)

    assert re.fullmatch(r"id-[a-z2-7]{13}", pseudonym)
    assert Pseudonyms(KEY).of(NUMBER) == pseudonym


def test_the_pseudonym_never_changes_between_releases() -> None:
    """What stands in directories today is what later releases compute (RFC 2104, RFC 4648)."""
    assert Pseudonyms(KEY).of(NUMBER) == "id-aoj4f4hyv33sq"


def test_numbers_and_keys_are_told_apart() -> None:
    """Neither another number nor another key gives the same pseudonym; the fingerprint tells keys apart."""
    ours, theirs = Pseudonyms(KEY), Pseudonyms(KEY[::-1])

    assert len({ours.of(f"0372010{n:05d}") for n in range(5000)}) == 5000
    assert ours.of(NUMBER) != theirs.of(NUMBER)
    assert ours.fingerprint() != theirs.fingerprint()
    assert ours.fingerprint() == Pseudonyms(KEY).fingerprint()


@pytest.mark.parametrize(
    "text", ["", "03720100123", "0372010012345", "03720100123a", "０３７２０１００１２３４", " 37201001234"]
)
def test_only_twelve_digits_are_an_identity_number(text: str) -> None:
    """Anything else is no identity number, has no pseudonym, and the refusal does not repeat it."""
    assert is_identity_number(NUMBER)
    assert not is_identity_number(text)
    with pytest.raises(ValueError, match=r"^not an identification number$"):
        Pseudonyms(KEY).of(text)


def test_a_short_key_is_refused() -> None:
    """A key shorter than the hash could be tried out; the message gives lengths, not the key."""
    with pytest.raises(Misconfigured) as refused:
        Pseudonyms(b"k" * (SHORTEST_KEY - 1))

    assert "31" in refused.value.says.en
    assert "kkk" not in str(refused.value)


def test_no_rendering_shows_the_key() -> None:
    """Neither repr nor str holds any of the key, nor are there attributes to dump."""
    hidden = Pseudonyms(KEY)

    assert repr(hidden) == str(hidden) == "Pseudonyms()"
    assert not hasattr(hidden, "__dict__")
