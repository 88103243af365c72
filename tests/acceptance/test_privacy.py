"""Law 11: no identity number, birth date, phone or key in anything the program shows or keeps."""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
import zlib
from pathlib import Path

import pytest
from desk import Desk

from syncagent.cli.starting import DEMO_DAY
from syncagent.sample.province import generate
from syncagent.trust.pseudonyms import Pseudonyms
from syncagent.wiring import communes, shipped_directory

KEY = "0123456789abcdef" * 4


@pytest.fixture
def secret_desk(desk: Desk) -> tuple[Desk, set[str]]:
    """A desk whose people have identity numbers, and everything that must never be seen."""
    pseudonyms = Pseudonyms(KEY.encode())
    sample = generate(
        200,
        as_of=DEMO_DAY,
        directory=shipped_directory("active-directory"),
        communes=communes(),
        identity_numbers=True,
        pseudonym=pseudonyms.of,
    )
    (desk.folder / "identity.key").write_text(KEY, encoding="utf-8")
    (desk.folder / "people.csv").write_text(sample.people_csv(), encoding="utf-8")
    (desk.folder / "units.csv").write_text(sample.units_csv(), encoding="utf-8")
    (desk.folder / "requests.csv").write_text(sample.requests_csv(), encoding="utf-8")
    (desk.folder / "directory.ldif").write_text(sample.ldif(), encoding="utf-8")
    with (desk.folder / "people.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numbers = {row["person_id"] for row in rows if re.fullmatch(r"\d{12}", row["person_id"])}
    births = {row["birth_date"] for row in rows if row["birth_date"]}
    births |= {f"{day[8:]}/{day[5:7]}/{day[:4]}" for day in births}
    assert len(numbers) > 100
    return desk, numbers | births | {KEY}


@pytest.mark.long
def test_nothing_secret_is_shown_or_kept(secret_desk: tuple[Desk, set[str]]) -> None:
    """Plans in every form, explanations, logs, errors, state and lease: not one of them holds a canary."""
    desk, secrets = secret_desk
    shown = []
    for form in ("text", "json", "html"):
        done = desk.run("--log-format", "json", "plan", "--as-of", DEMO_DAY.isoformat(), "--format", form)
        shown += [done.stdout, done.stderr]
    number = next(iter(sorted(secret for secret in secrets if secret.isdigit() and len(secret) == 12)))
    shown += _all(desk.run("explain", number))
    shown += _all(desk.run("hold", number, "--document", "1/TTr"))
    shown += _all(desk.run("release", number))
    for name in ("addresses", "default-passwords", "counts", "usage", "review", "deletions"):
        for form in ("text", "csv", "html"):
            shown += _all(desk.run("report", name, "--as-of", DEMO_DAY.isoformat(), "--format", form))
    shown += _all(desk.run("compare", "--regulation", "ninhbinh-2025", "--regulation", "bentre-2016"))
    shown += _all(desk.run("explain", "999999999999", expect=3))
    shown += _all(desk.run("approve", "latest", "--by", "A", "--order", "1", "--accept-brake", "x=1", expect=5))
    desk.run("approve", "latest", "--by", "A", "--order", "1")
    desk.run("approve", "latest", "--by", "B", "--order", "1")
    shown += _all(desk.run("apply", "latest"))
    shown += _all(desk.run("reject", "latest", "--by", "A", "--reason", f"nhầm {number}", expect=5))
    shown += _all(desk.run("audit", "log", "--format", "json")) + _all(desk.run("audit", "verify", "--against", "main"))
    desk.run("audit", "export", "syncagent.db.export")
    shown += _all(desk.run("status"))
    shown += _all(desk.run("forecast", "--until", "2026-08-01", "--as-of", DEMO_DAY.isoformat()))
    kept = [path for path in desk.folder.iterdir() if path.name.startswith("syncagent.db")]
    assert kept
    shown += [path.read_bytes().decode("latin-1") for path in kept]
    shown += [_unpacked(path) for path in kept]

    text = "\n".join(shown)
    assert [secret for secret in secrets if secret in text] == []


def test_the_directory_gets_pseudonyms_only(secret_desk: tuple[Desk, set[str]]) -> None:
    """What apply writes into the directory holds no identity number either."""
    desk, secrets = secret_desk
    desk.run("plan", "--as-of", DEMO_DAY.isoformat())
    for by in ("A", "B"):
        desk.run("approve", "latest", "--by", by, "--order", "1")
    desk.run("apply", "latest")

    text = (desk.folder / "directory.ldif").read_text(encoding="utf-8").replace("\n ", "")
    assert [secret for secret in secrets if secret.isdigit() and secret in text] == []
    assert "employeeID: id-" in text


@pytest.mark.parametrize(
    "number",
    [
        "037065012345",
        "０３７０６５０１２３４５",
        *(pytest.param(number, marks=pytest.mark.long) for number in ("0370 650 123 45", "037.065.012345")),
    ],
)
def test_no_decision_keeps_a_number_in_its_words(desk: Desk, number: str) -> None:
    """Law 11: document, order and reason are refused with a number in them, a name of one is its pseudonym."""
    desk.run("plan")
    refused = [
        desk.run("hold", "NB000009", "--document", f"số {number}", expect=5),
        desk.run("approve", "latest", "--by", "A", "--order", f"45 {number}", expect=5),
        desk.run("reject", "latest", "--by", "A", "--reason", f"của {number}", expect=5),
        desk.run("roster", "accept", "sha256:0", "--by", "A", "--reason", f"bớt {number}", expect=5),
    ]
    told = [
        desk.run("hold", f"ông An {number}", "--document", "8/TTr"),
        desk.run("explain", f"ông An {number}", expect=3),
        desk.run("show", number, expect=3),
        desk.run("status"),
    ]

    said = [text for done in (*refused, *told) for text in _all(done)]
    kept = [path.read_bytes().decode("utf-8", "replace") for path in desk.folder.glob("syncagent.db*")]
    assert all("Không ghi số định danh" in done.stderr for done in refused)
    assert "“ông An id-" in told[0].stdout
    assert [text for text in (*said, *kept) if number in text] == []


def _all(done: object) -> list[str]:
    return [str(getattr(done, "stdout", "")), str(getattr(done, "stderr", ""))]


def _unpacked(path: Path) -> str:
    """Return what the state compresses: plans and the accepted roster."""
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    found = []
    with sqlite3.connect(copy) as state:
        for table in ("plans", "baselines"):
            try:
                found += [zlib.decompress(row[0]).decode() for row in state.execute(f"SELECT record FROM {table}")]  # noqa: S608 - two fixed names
            except sqlite3.Error:
                continue
    state.close()
    copy.unlink()
    return "\n".join(found)
