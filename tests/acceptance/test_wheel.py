"""The wheel works by itself: mappings and templates travel inside it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_wheel_runs_the_demo_in_an_empty_folder(tmp_path: Path) -> None:
    """`pip install dist/*.whl && syncagent demo`, away from the checkout."""
    site, here = tmp_path / "site", tmp_path / "here"
    here.mkdir()
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    alone = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}

    def say(*words: str) -> str:
        run = [sys.executable, *words]
        return subprocess.run(run, cwd=here, env=alone, check=True, capture_output=True, text=True).stdout

    assert str(site) in say("-c", "import syncagent; print(syncagent.__file__)")
    assert "0 thao tác" in say("-m", "syncagent", "demo", "--size", "200")
    assert "syncagent" in say("-m", "syncagent", "--version")


def test_the_wheel_holds_no_tests_and_all_data(tmp_path: Path) -> None:
    """Mappings, templates and the type marker are in it; tests and caches are not."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    expected = {
        f"syncagent/mappings/{path.relative_to(ROOT / 'mappings').as_posix()}"
        for path in (ROOT / "mappings").rglob("*")
        if path.is_file()
    }
    assert expected <= names
    assert "syncagent/py.typed" in names
    assert any(name.endswith("report.css") for name in names)
    assert {"syncagent/report/fonts/serif.ttf", "syncagent/report/fonts/LICENSE.txt"} <= names
    assert not [name for name in names if name.startswith("tests") or "__pycache__" in name]
