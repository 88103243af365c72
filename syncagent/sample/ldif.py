"""Entries as LDIF text (RFC 2849)."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from syncagent.core.ldif import line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncagent.sample.accounts import Entry


def render(entries: Iterable[Entry]) -> str:
    """Given entries, return them as one LDIF file: `version: 1`, then each entry with a blank line behind it.

    The blank line behind the last entry proves that nothing was cut off.
    """
    text = StringIO()
    text.write("version: 1\n\n")
    for dn, attributes in entries:
        lines = [line(name, value) for name, values in attributes.items() for value in values]
        text.write("\n".join((line("dn", dn), *lines, "\n")))
    return text.getvalue()
