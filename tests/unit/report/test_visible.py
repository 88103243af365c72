"""What would be invisible or steer the reader is spelled out; Vietnamese and ordinary signs stay."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.report.visible import visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nguyễn Thị Hường, Vừ A Dính; Ê Đê, Đ đ ơ Ơ", "Nguyễn Thị Hường, Vừ A Dính; Ê Đê, Đ đ ơ Ơ"),
        ("Nguyễn", "Nguyễn"),
        ("CN=“A” – 100 % → ✕ ⊘ 🌾", "CN=“A” – 100 % → ✕ ⊘ 🌾"),
        ("an\u202etxt.exe", "an⟨U+202E⟩txt.exe"),
        ("a\u200bb\u00adc\ufeff", "a⟨U+200B⟩b⟨U+00AD⟩c⟨U+FEFF⟩"),
        ("\x1b[31m\x9b0m\x00\x7f", "⟨U+001B⟩[31m⟨U+009B⟩0m⟨U+0000⟩⟨U+007F⟩"),
        ("one\ntwo\r\tthree\u2028", "one⟨U+000A⟩two⟨U+000D⟩⟨U+0009⟩three⟨U+2028⟩"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_only_what_cannot_be_seen_is_spelled_out(text: str, expected: str) -> None:
    """Controls, bidi marks, zero-width and unassigned characters become their code point, no others."""
    assert visible(text) == expected


@given(st.text(st.characters(codec=None)))
def test_the_result_can_be_encoded_and_holds_no_control(text: str) -> None:
    """Whatever comes in, what goes out is encodable and free of characters that steer a display."""
    shown = visible(text)

    assert shown.encode().decode() == shown
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert visible(shown) == shown
