"""Figures of a merger: processor time and memory of one wave, from three exports and a roster to a stored plan.

The addresses of everybody are decided for each wave, so a wave is the assessment of the whole merger and the plan of a
third of it.
`python tests/bench/merger.py build/bench.json` adds its rows to those that are there.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.planning import COMMAND, ROUNDS, measured, row
from merging import CONFIG, NEW

from syncagent.sample.merging import three_provinces
from syncagent.wiring import communes, now

THIRDS = CONFIG.replace("[skhcn]", '["s*", "[a-k]*"]').replace("[snv]", '["[l-r]*"]')
"""Waves of about a third each."""


def waves(accounts: int, bars: tuple[float, float] | None) -> Iterator[dict[str, Any]]:
    """Plan the first wave of a merger of so many accounts, each time with a fresh state; the median counts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = three_provinces(accounts * 10 // 33, 2025, communes(), now().date())
        files = {**made.files(), "syncagent.yaml": THIRDS, "new.ldif": NEW, "identity.key": "ab" * 32}
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        (folder / "identity.key").chmod(0o600)
        total = sum(map(len, made.accounts.values()))
        runs = []
        for _ in range(ROUNDS):
            for state in folder.glob("syncagent.db*"):
                state.unlink()
            runs.append(measured([str(COMMAND), "migrate", "plan", "--wave", "2"], folder))
    seconds, megabytes = bars or (None, None)
    yield row(f"merger {total}: exports to stored wave", statistics.median(r[1] for r in runs), "CPU s", seconds)
    yield row(f"merger {total}: peak memory", max(r[2] for r in runs), "MB", megabytes)


def main(out: Path) -> None:
    """Measure a small and a large merger; the large one may take eleven times as long, and nine times the memory."""
    small = list(waves(10_000, None))
    large = list(waves(100_000, (60.0, 1000.0)))
    ratios = [
        row(f"merger ×10: {what}", after["value"] / before["value"], "×", bar)
        for what, before, after, bar in (("time", small[0], large[0], 11.0), ("memory", small[1], large[1], 9.0))
    ]
    rows = [*small, *large, *ratios]
    others = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps([*others, *rows], indent=1) + "\n", encoding="utf-8")
    for one in rows:
        bar = f"(bar {one['bar']}{'' if one['holds'] else ', MISSED'})" if one["bar"] else ""
        sys.stdout.write(f"{one['name']:<40} {one['value']:>9} {one['unit']} {bar}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
