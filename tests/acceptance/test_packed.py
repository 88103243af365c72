"""The packed program: what PyInstaller makes of the shipped description runs without Python beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from desk import Desk

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.long
def test_the_packed_program_runs_the_demo_and_keeps_its_data(tmp_path: Path) -> None:
    """The same description packs for Windows: verbs, mappings, templates, fonts and migrations are all in it."""
    build = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    places = ["--distpath", str(tmp_path / "dist"), "--workpath", str(tmp_path / "work")]
    subprocess.run([*build, *places, str(ROOT / "deploy/windows/syncagent.spec")], cwd=tmp_path, check=True)
    program = tmp_path / "dist/syncagent/syncagent"
    alone = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

    def say(*words: str, here: Path = tmp_path) -> str:
        return subprocess.run(
            [str(program), *words], cwd=here, env=alone, check=True, capture_output=True, text=True
        ).stdout

    assert "0 thao tác" in say("demo", "--size", "200", "--dir", "demo")
    assert "ExecStart=" + str(program) in say("service", "install", here=tmp_path / "demo")
    say("init", "ba", "--merger")
    assert "Đợt 1" in say("migrate", "status", here=tmp_path / "ba")


def test_without_windows_the_verbs_say_what_does_the_same(tmp_path: Path) -> None:
    """Contract §2: on Linux the unit is printed, with this program and this configuration in it."""
    here = Desk(tmp_path)
    here.run("demo", "--size", "100", "--dir", ".")

    unit = here.run("service", "install").stdout
    assert f"--config {tmp_path / 'syncagent.yaml'} --log-format json serve" in unit
    assert "Type=notify" in unit
    for verb in ("start", "stop", "uninstall"):
        assert here.run("service", verb).stdout.startswith("systemctl ")
    assert "syncagent serve" in here.run("service", "run", expect=5).stderr
