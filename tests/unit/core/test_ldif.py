"""A line of LDIF: what every reader takes as it stands is plain, all else base64, nothing is longer than 76 columns."""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.ldif import line


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Nam", "cn: Nam"),
        (b"512", "cn: 512"),
        ("", "cn:"),
        (" a", "cn:: IGE="),
        ("a ", "cn:: YSA="),
        (":a", "cn:: OmE="),
        ("<a", "cn:: PGE="),
        ("a\nb", "cn:: YQpi"),
        ("Đ", "cn:: xJA="),
        (b"\xff\x00", "cn:: /wA="),
    ],
)
def test_what_a_reader_could_change_is_base64(value: str | bytes, written: str) -> None:
    """RFC 2849, SAFE-STRING: a blank, colon or `<` first, a blank last, a break, or a letter beyond ASCII."""
    assert line("cn", value) == written


@given(st.text(min_size=1))
def test_every_value_comes_back(value: str) -> None:
    """Unfolded and decoded, the line says what it was made from; no line of it is longer than 76 characters."""
    shown = line("description", value)
    whole = shown.replace("\n ", "")

    assert all(len(part) <= 76 for part in shown.split("\n"))
    plain = whole.removeprefix("description: ")
    assert value == (b64decode(whole.removeprefix("description:: ")).decode() if plain == whole else plain)
