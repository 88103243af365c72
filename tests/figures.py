"""How much the proofs of `make faults` tried, for whoever wants figures: rows of name, value, unit, bar, holds."""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figures:
    """A JSON file with one row per proof, the latest of each name."""

    path: Path

    def note(self, name: str, tried: int, bar: int) -> None:
        """Note that all of so many things held, of which at least `bar` had to be tried."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        row = {"name": name, "value": tried, "unit": "tried, all held", "bar": bar, "holds": tried >= bar}
        with self.path.open("a+", encoding="utf-8") as file:  # several workers
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            others = [one for one in json.loads(file.read() or "[]") if one["name"] != name]
            file.seek(0)
            file.truncate()
            file.write(json.dumps([*others, row], ensure_ascii=False, indent=1) + "\n")
