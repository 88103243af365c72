"""A desk per test: a fresh copy of what `syncagent init` writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from desk import Desk


@pytest.fixture(scope="session")
def _starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("starter") / "desk"
    Desk(folder.parent).run("init", str(folder))
    return folder


@pytest.fixture
def desk(_starter: Path, tmp_path: Path) -> Desk:
    """A fresh copy of what `syncagent init` writes."""
    folder = tmp_path / "desk"
    shutil.copytree(_starter, folder)
    return Desk(folder)
