"""Entries as LDIF text (RFC 2849)."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncagent.sample.accounts import Entry

_SAFE = re.compile(
    r"[\x01-\x09\x0b\x0c\x0e-\x1f!-9;=-\x7f](?:[\x01-\x09\x0b\x0c\x0e-\x7f]*[\x01-\x09\x0b\x0c\x0e-\x1f!-\x7f])?"
)
_WIDTH = 76


def render(entries: Iterable[Entry]) -> str:
    """Given entries, return them as one LDIF file with `version: 1` and blank lines between.

    What is not plain ASCII, or begins or ends in a way that readers would change, is base64; lines are folded at
    76 characters, and the last one ends like all others.
    """
    lines = ["version: 1"]
    for dn, attributes in entries:
        lines += ("", _line("dn", dn))
        lines += [_line(name, value) for name, values in attributes.items() for value in values]
    return "\n".join(lines) + "\n"


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
