"""Figures of planning: processor time and peak memory from files to a stored plan, where the time goes, start-up.

`python tests/bench/planning.py build/bench.json` writes one row per figure: name, value, unit, bar, holds.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from syncagent.cli.starting import DEMO_DAY, sample_files
from syncagent.core.admit import admit
from syncagent.core.decide import decide
from syncagent.core.ledger import Ledger
from syncagent.sample.province import generate
from syncagent.wiring import agent_of, communes, settings_of, shipped_directory

COMMAND = Path(sys.executable).with_name("syncagent")
ROUNDS = 3
TEN_TIMES_TIME, TEN_TIMES_MEMORY = 11.0, 9.0
"""How much more a plan of ten times as many people may take."""


def row(name: str, value: float, unit: str, bar: float | None) -> dict[str, Any]:
    """One figure and whether it keeps its bar."""
    return {"name": name, "value": round(value, 3), "unit": unit, "bar": bar, "holds": bar is None or value <= bar}


def province(folder: Path, size: int) -> None:
    """Write a sample province as files."""
    sample = generate(size, as_of=DEMO_DAY, directory=shipped_directory("active-directory"), communes=communes())
    for name, text in sample_files(sample, "none").items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    (folder / "identity.key").chmod(0o600)


def measured(words: list[str], folder: Path) -> tuple[float, float, float]:
    """Run a command, compiled as an installed one is; return seconds by the clock, of the processor, and megabytes."""
    started = time.perf_counter()
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(words, cwd=folder, env=compiled, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        message = f"{words}: {status}"
        raise RuntimeError(message)
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def planning(size: int, bars: tuple[float, float] | None, rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """Plan a province of `size` people from files, each time with a fresh state; the median counts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        province(folder, size)
        runs = []
        for _ in range(rounds):
            for state in folder.glob("syncagent.db*"):
                state.unlink()
            words = [str(COMMAND), "plan", "--as-of", DEMO_DAY.isoformat(), "--format", "json", "--out", "plan.json"]
            runs.append(measured(words, folder))
        seconds, megabytes = bars or (None, None)
        return [
            row(f"plan {size}: files to stored plan", statistics.median(r[1] for r in runs), "CPU s", seconds),
            row(f"plan {size}: peak memory", max(r[2] for r in runs), "MB", megabytes),
            *(parts(folder, size) if bars else ()),
        ]


def growth(smaller: list[dict[str, Any]], larger: list[dict[str, Any]], sizes: str) -> Iterator[dict[str, Any]]:
    """How much more ten times as many people take: time, and memory."""
    for number, (what, bar) in enumerate((("time", TEN_TIMES_TIME), ("memory", TEN_TIMES_MEMORY))):
        yield row(f"plan {sizes}: {what} grows", larger[number]["value"] / smaller[number]["value"], "times", bar)


def parts(folder: Path, size: int) -> Iterator[dict[str, Any]]:
    """Where the time of one plan goes, in processor seconds."""
    found: dict[str, float] = {}

    @contextmanager
    def lap(name: str) -> Iterator[None]:
        started = time.process_time()
        yield
        found[name] = time.process_time() - started

    settings, place = settings_of(str(folder / "syncagent.yaml"), folder)
    with lap("configuration"):
        opened = agent_of(settings, place)
        agent = opened.__enter__()
    with lap("roster"):
        rows = agent.roster.read()
    with lap("admission"):
        limits = agent.policy.brakes.roster
        roster = admit(rows, Ledger(), limits, timedelta.max, DEMO_DAY, rows.exported_at)
    with lap("directory"):
        snapshot = agent.targets["main"].read()
    with lap("deciding"):
        decide(roster, [snapshot], Ledger(), agent.policy, DEMO_DAY)
    opened.__exit__(None, None, None)
    for name, seconds in found.items():
        yield row(f"plan {size}: of it {name}", seconds, "CPU s", None)


def starting() -> Iterator[dict[str, Any]]:
    """`syncagent --help`, warm."""
    runs = [measured([str(COMMAND), "--help"], Path.cwd())[0] for _ in range(5)]
    yield row("syncagent --help", statistics.median(runs), "s", 0.3)


def main(out: Path) -> None:
    """Measure everything and write it."""
    small, usual, large = planning(3_000, None), planning(30_000, (4.0, 300.0)), planning(300_000, None, rounds=1)
    grown = [*growth(small, usual, "3000 to 30000"), *growth(usual, large, "30000 to 300000")]
    rows = [*starting(), *small, *usual, *large, *grown]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for one in rows:
        bar = f"(bar {one['bar']}{'' if one['holds'] else ', MISSED'})" if one["bar"] else ""
        sys.stdout.write(f"{one['name']:<40} {one['value']:>9} {one['unit']} {bar}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
