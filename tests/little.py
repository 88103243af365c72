"""A province of two dozen people in which every kind of action is due: small enough to be applied by the thousand."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from desk import Desk

from syncagent.cli.starting import DEMO_DAY, sample_files
from syncagent.sample.province import generate
from syncagent.wiring import communes, shipped_directory

_SIZE = 100
_KEY = re.compile(r"(?m)^employeeID: (\S+)$")


def little_province(folder: Path) -> Desk:
    """Make a folder with the sample of a hundred people, of whom only those stay to whom something is to happen.

    They are planned for the day of the demo; `approval: none` is for files only.
    """
    sample = generate(_SIZE, as_of=DEMO_DAY, directory=shipped_directory("active-directory"), communes=communes())
    files = sample_files(sample, "none")
    whole = _planned(folder / "whole", files)
    subjects = {str(action["person_id"] or action["unit"]) for action in whole}
    rows = _rows(files["people.csv"], lambda row: row["person_id"] in subjects)
    files["people.csv"] = rows
    files["units.csv"] = _with_those_above(files["units.csv"], {row["unit"] for row in _read(rows)} | subjects)
    files["requests.csv"] = _rows(files["requests.csv"], lambda row: row["subject"] in subjects)
    files["directory.ldif"] = "\n\n".join(_entries(files["directory.ldif"], subjects)) + "\n\n"
    thin = _planned(folder / "thin", files)
    assert {action["kind"] for action in thin} == {action["kind"] for action in whole}
    return Desk(folder / "thin")


def _planned(folder: Path, files: dict[str, str]) -> list[dict[str, object]]:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="")
        (folder / name).chmod(0o600)
    found: list[dict[str, object]] = Desk(folder).plan(DEMO_DAY.isoformat())["actions"]
    return found


def _read(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline="")))


def _rows(table: str, wanted: Callable[[dict[str, str]], bool]) -> str:
    """Return a table with only the rows that are wanted."""
    rows = _read(table)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(row for row in rows if wanted(row))
    return text.getvalue()


def _with_those_above(table: str, units: Iterable[str]) -> str:
    """Return the units of these keys, with all above them and those they were merged into."""
    known = {row["unit"]: row for row in _read(table)}
    kept: set[str] = set()
    left = [unit for unit in units if unit in known]
    while left:
        unit = left.pop()
        if unit not in kept:
            kept.add(unit)
            row = known[unit]
            left += [row[name] for name in ("parent", "successor") if row[name]]
    return _rows(table, lambda row: row["unit"] in kept)


def _entries(ldif: str, subjects: set[str]) -> list[str]:
    """Return what is nobody's, and the entries of these people."""
    found = []
    for entry in ldif.strip("\n").split("\n\n"):
        key = _KEY.search(entry)
        if key is None or key[1] in subjects:
            found.append(entry)
    return found
