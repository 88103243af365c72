"""Figures of what people read: a plan of 20,000 actions as a page and as workbooks, a roster read from a workbook.

`python tests/bench/reports.py build/bench.json` adds its rows to those that are there.
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import plans
from bench.planning import province, row
from openpyxl import Workbook

from syncagent.report import as_html, as_summary, as_table, per_unit, sheets
from syncagent.report.inputs import unit_names
from syncagent.wiring import agent_of, settings_of

ACTIONS = 20_000
PEOPLE = 30_000


def _made() -> dict[str, Callable[[], str | bytes]]:
    plan = plans.large(ACTIONS)
    envelope = plans.envelope(plan)
    return {
        "HTML": lambda: as_html.render(plan, envelope, "vi", unit_names(plan)),
        "summary": lambda: as_summary.render(plan, envelope, "vi"),
        "XLSX": lambda: as_table.workbooks(sheets.sheets(plan, envelope), "vi"),
        "XLSX by unit": lambda: as_table.workbooks(per_unit.of_plan(plan, envelope), "vi"),
    }


def alone(name: str) -> None:
    """Make one form in this process, and say processor seconds, megabytes of the process and of the file."""
    if name == "nothing":
        make: Callable[[], str | bytes] = str
        _made()
    else:
        make = _made()[name]
    started = time.process_time()
    made = make()
    seconds = time.process_time() - started
    size = len(made if isinstance(made, bytes) else made.encode())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps([seconds, peak, size / 2**20]))


def forms() -> Iterator[dict[str, Any]]:
    """Each form of one plan in a process of its own, so that its peak is its own; the plan alone takes the first."""
    for name in ("nothing", "HTML", "summary", "XLSX", "XLSX by unit"):
        command = [sys.executable, str(Path(__file__)), "--alone", name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds, peak, size = json.loads(done.stdout)
        if name == "nothing":
            yield row(f"plan of {ACTIONS} actions: in memory", peak, "MB", None)
            continue
        yield row(f"{name} of {ACTIONS} actions: write", seconds, "CPU s", None)
        yield row(f"{name} of {ACTIONS} actions: peak memory", peak, "MB", None)
        yield row(f"{name} of {ACTIONS} actions: size", size, "MB", None)


def reading() -> Iterator[dict[str, Any]]:
    """A roster of 30,000 people, read as CSV and as the same rows in a workbook."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        province(folder, PEOPLE)
        yield row(f"roster of {PEOPLE}: read CSV", _read(folder), "CPU s", None)
        book = Workbook(write_only=True)
        sheet = book.create_sheet("people")
        with (folder / "people.csv").open(encoding="utf-8-sig", newline="") as file:
            for line in csv.reader(file):
                sheet.append(line)
        book.save(folder / "people.xlsx")
        settings = folder / "syncagent.yaml"
        settings.write_text(
            settings.read_text(encoding="utf-8").replace("csv, path: people.csv", "xlsx, path: people.xlsx"), "utf-8"
        )
        yield row(f"roster of {PEOPLE}: read XLSX", _read(folder), "CPU s", None)


def _read(folder: Path) -> float:
    settings, place = settings_of(str(folder / "syncagent.yaml"), folder)
    with agent_of(settings, place) as agent:
        started = time.process_time()
        rows = agent.roster.read()
        seconds = time.process_time() - started
    if len(rows.people) < PEOPLE:
        message = f"{len(rows.people)} people"
        raise RuntimeError(message)
    return seconds


def main(out: Path) -> None:
    """Measure everything and add it."""
    rows = [*forms(), *reading()]
    before = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(before + rows, indent=1) + "\n", encoding="utf-8")
    for one in rows:
        sys.stdout.write(f"{one['name']:<48} {one['value']:>9} {one['unit']}\n")


if __name__ == "__main__":
    if sys.argv[1] == "--alone":
        alone(sys.argv[2])
    else:
        main(Path(sys.argv[1]))
