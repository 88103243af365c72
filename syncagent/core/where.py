"""Where a fact was read, so that every message can point at it."""

from __future__ import annotations

from typing import NamedTuple


class Where(NamedTuple):
    """A file and a line (1 is the first line of the file, headings included); line 0 is the file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        """Return `file:line`, as editors and compilers write it."""
        return f"{self.file}:{self.line}" if self.line else self.file
