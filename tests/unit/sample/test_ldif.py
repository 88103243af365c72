"""LDIF as RFC 2849 writes it."""

from __future__ import annotations

from base64 import b64decode

import pytest

from syncagent.sample.accounts import Entry
from syncagent.sample.ldif import render


def read(text: str) -> list[tuple[str, list[tuple[str, bytes]]]]:
    """Read LDIF back: unfold, part at blank lines, decode; written from the RFC, not from the renderer."""
    found: list[tuple[str, list[tuple[str, bytes]]]] = []
    for block in text.replace("\n ", "").removeprefix("version: 1\n\n").strip("\n").split("\n\n"):
        pairs: list[tuple[str, bytes]] = []
        for line in block.split("\n"):
            name, _, rest = line.partition(":")
            value = b64decode(rest[1:].strip()) if rest.startswith(":") else rest.lstrip(" ").encode("ascii")
            pairs.append((name, value))
        assert pairs[0][0] == "dn"
        found.append((pairs[0][1].decode("utf-8"), pairs[1:]))
    return found


def test_entries_come_back_as_they_were() -> None:
    """Text, Vietnamese, long values and bytes survive a reader that knows only the RFC."""
    entries = [
        Entry("OU=Mail,DC=x", {"objectClass": ("top", "organizationalUnit"), "ou": ("Mail",)}),
        Entry("CN=Đỗ Văn Đông,OU=Mail,DC=x", {"cn": ("Đỗ Văn Đông",), "objectGUID": (b"\x00\xff\n",)}),
        Entry("CN=dài,DC=x", {"description": ("x" * 500, "đ" * 300)}),
    ]

    text = render(entries)

    assert read(text) == [
        (
            dn,
            [
                (name, value if isinstance(value, bytes) else value.encode())
                for name, vs in theirs.items()
                for value in vs
            ],
        )
        for dn, theirs in entries
    ]


@pytest.mark.parametrize("value", [" x", ":x", "<x", "x ", "x\ny", "x\ry", "đ", "\x00"])
def test_what_readers_would_change_is_base64(value: str) -> None:
    """A value that is not a SAFE-STRING, or ends in a blank, is written behind two colons."""
    text = render([Entry("DC=x", {"description": (value,)})])

    assert "description:: " in text
    assert read(text)[0][1] == [("description", value.encode())]


@pytest.mark.parametrize("value", ["x", "a: b", "smtp:a@b.vn", "(x)<y>", "held:a b"])
def test_plain_values_stay_readable(value: str) -> None:
    """A SAFE-STRING is written as it is."""
    assert f"\ndescription: {value}\n" in render([Entry("DC=x", {"description": (value,)})])


def test_lines_are_folded_at_76() -> None:
    """No line is longer than 76 characters; continuation lines begin with one blank."""
    lines = render([Entry("DC=x", {"description": ("y" * 63, "y" * 64, "y" * 1000)})]).split("\n")

    assert max(map(len, lines)) == 76
    assert [len(line) for line in lines if line.startswith("description")] == [76, 76, 76]
    assert lines.count(" y") == 1


def test_the_text_starts_with_the_version_and_ends_with_a_blank_line() -> None:
    """`version: 1` stands first; lines end in LF; a blank line follows each entry, the last one too."""
    text = render([Entry("DC=x", {"dc": ("x",)})])

    assert text == "version: 1\n\ndn: DC=x\ndc: x\n\n"
