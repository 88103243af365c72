"""A planned and approved desk, ready to be interrupted."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from desk import Desk
from figures import Figures
from world import MAPPINGS

from syncagent.cli.starting import DEMO_DAY
from syncagent.sample.province import generate
from syncagent.wiring import communes, shipped_directory


@pytest.fixture
def figures() -> Figures:
    """Where a proof notes how much it tried."""
    return Figures(Path(__file__).parents[2] / "build/faults.json")


@pytest.fixture(scope="session")
def _approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("approved")
    desk = Desk(folder)
    desk.run("demo", "--size", "300", "--dir", "desk")
    shutil.copytree(folder / "desk", folder / "fresh", ignore=shutil.ignore_patterns("*.db*", "directory.ldif"))
    return folder


@pytest.fixture(scope="session")
def prepared(_approved: Path) -> Path:
    """The sample of a demo before anything was applied, with a plan of every kind; `approval: none` is for files."""
    folder = _approved / "fresh"
    sample = generate(300, as_of=DEMO_DAY, directory=shipped_directory("active-directory"), communes=communes())
    (folder / "directory.ldif").write_text(sample.ldif(), encoding="utf-8", newline="")
    desk = Desk(folder)
    _withdraw_closed_units(desk)
    _hand_over_a_mailbox(desk)
    desk.run("plan", "--as-of", DEMO_DAY.isoformat())
    return folder


def _withdraw_closed_units(desk: Desk) -> None:
    """Ninh Bình's regulation withdraws nothing, Bến Tre's does: let it say so of the mailboxes of closed units."""
    law = MAPPINGS.joinpath("regulations/ninhbinh-2025.yaml").read_text(encoding="utf-8")
    withdrawing = law.replace("unit_closed:\n  does: disable", "unit_closed:\n  does: withdraw")
    assert withdrawing != law
    (desk.folder / "withdrawing.yaml").write_text(withdrawing, encoding="utf-8")
    desk.edit("syncagent.yaml", "regulation: ninhbinh-2025 ", "regulation: ./withdrawing.yaml ")


def _hand_over_a_mailbox(desk: Desk) -> None:
    """Appoint another clerk: somebody else of the same unit keeps its mailbox from now on."""
    people, units = (_rows(desk.folder / name) for name in ("people.csv", "units.csv"))
    unit = next(one for one in units if one["mailbox_holder"])
    unit["mailbox_holder"] = next(
        one["person_id"]
        for one in people
        if (one["unit"], one["status"]) == (unit["unit"], "working") and one["person_id"] != unit["mailbox_holder"]
    )
    with (desk.folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, units[0])
        writer.writeheader()
        writer.writerows(units)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def make_desk(prepared: Path, tmp_path: Path) -> Callable[[], Desk]:
    """Make copies of it, one after the other."""
    numbers = count()

    def make() -> Desk:
        folder = tmp_path / f"desk{next(numbers)}"
        shutil.copytree(prepared, folder)
        return Desk(folder)

    return make


@pytest.fixture
def desk(make_desk: Callable[[], Desk]) -> Desk:
    """A copy of it."""
    return make_desk()


@pytest.fixture(scope="session")
def without_crash(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The directory as it is when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("calm") / "desk"
    shutil.copytree(prepared, folder)
    Desk(folder).run("apply", "latest")
    return (folder / "directory.ldif").read_bytes()
