"""A planned and approved desk, ready to be interrupted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from desk import Desk
from figures import Figures

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
    """The sample of a demo before anything was applied, with a plan made; `approval: none` is for files only."""
    folder = _approved / "fresh"
    sample = generate(300, as_of=DEMO_DAY, directory=shipped_directory("active-directory"), communes=communes())
    (folder / "directory.ldif").write_text(sample.ldif(), encoding="utf-8", newline="")
    Desk(folder).run("plan", "--as-of", DEMO_DAY.isoformat())
    return folder


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
