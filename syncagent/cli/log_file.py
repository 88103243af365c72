"""The log of a service of Windows, which has no stderr and no journal: a file for each day, the old ones taken away."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

_KEPT = 90
_NAME = "syncagent-*.log"


class LogFile(io.TextIOBase):
    """What is written goes into the file of the day, in UTF-8, a line as soon as it is whole; 90 files are kept.

    Args:
        folder: where the files are; made if it is not there.
        today: tells the day.
    """

    def __init__(self, folder: Path, today: Callable[[], date]) -> None:
        """Begin with nothing open."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._today = folder, today
        self._day: date | None = None
        self._file: io.TextIOWrapper | None = None

    def write(self, text: str, /) -> int:
        """Write into the file of the day."""
        day = self._today()
        if self._file is None or day != self._day:
            if self._file:
                self._file.close()
            self._day = day
            path = self._folder / _NAME.replace("*", day.isoformat())
            self._file = path.open("a", encoding="utf-8", errors="backslashreplace", buffering=1)
            for old in sorted(self._folder.glob(_NAME))[:-_KEPT]:
                old.unlink()
        return self._file.write(text)

    def flush(self) -> None:
        """Hand over what was written."""
        if self._file:
            self._file.flush()

    def close(self) -> None:
        """Close the file that is open."""
        if self._file:
            self._file.close()
            self._file = None
        super().close()
