"""Entries as LDIF text (RFC 2849)."""

from __future__ import annotations

import re
from base64 import b64encode
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncagent.sample.accounts import Entry

_INSIDE = r"\x01-\x09\x0b\x0c\x0e-\x1f"
_SAFE = re.compile(rf"[{_INSIDE}!-9;=-\x7f](?:[{_INSIDE} -\x7f]*[{_INSIDE}!-\x7f])?")
"""SAFE-STRING: ASCII without NUL and line breaks; no blank, colon or `<` first, no blank last."""
_WIDTH = 76


def render(entries: Iterable[Entry]) -> str:
    """Given entries, return them as one LDIF file: `version: 1`, then each entry with a blank line behind it.

    What is not plain ASCII, or begins or ends in a way that readers would change, is base64; lines are folded
    at 76 characters. The blank line behind the last entry proves that nothing was cut off.
    """
    text = StringIO()
    text.write("version: 1\n\n")
    for dn, attributes in entries:
        lines = [_line(name, value) for name, values in attributes.items() for value in values]
        text.write("\n".join((_line("dn", dn), *lines, "\n")))
    return text.getvalue()


def _line(name: str, value: str | bytes) -> str:
    if isinstance(value, bytes):
        line = f"{name}:: {b64encode(value).decode('ascii')}"
    elif _SAFE.fullmatch(value):
        line = f"{name}: {value}"
    else:
        line = f"{name}:: {b64encode(value.encode('utf-8')).decode('ascii')}"
    return line if len(line) <= _WIDTH else _folded(line)


def _folded(line: str) -> str:
    rest = (line[start : start + _WIDTH - 1] for start in range(_WIDTH, len(line), _WIDTH - 1))
    return "\n ".join((line[:_WIDTH], *rest))
