"""Law 9 at the edge of the system: kill -9, a full disk and a broken disk at every call that writes something."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk import COMMAND, Desk
from figures import Figures

from syncagent.cli.starting import DEMO_DAY
from syncagent.core.action import ActionKind

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "chmod")
DATA = ("write", "pwrite64")

_EVERY = 90  # of the fast part


def _traced(desk: Desk, *options: str, log: Path) -> subprocess.CompletedProcess[str]:
    """Apply under strace, which does something to chosen calls; no bytecode is written, so that runs are alike."""
    command = ["strace", "-f", "-qq", "-o", str(log), *options, str(COMMAND), "apply", "latest"]
    return subprocess.run(
        command,
        cwd=desk.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "SYNCAGENT_CONFIG": "", "LC_ALL": "C"},
    )


@pytest.fixture(scope="session")
def counted(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How often an apply makes each call."""
    folder = tmp_path_factory.mktemp("counted")
    subprocess.run(["cp", "-a", f"{prepared}/.", str(folder)], check=True)
    log = folder.parent / f"{folder.name}.strace"
    done = _traced(Desk(folder), "-e", f"trace={','.join(CALLS)}", log=log)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"(?m)^\d+ +(\w+)\(", log.read_text(encoding="utf-8", errors="replace"))
    return {call: found.count(call) for call in CALLS}


def _points(counted: dict[str, int], calls: tuple[str, ...], every: int) -> Iterator[tuple[str, int]]:
    numbered = [(call, number) for call in calls for number in range(1, counted[call] + 1)]
    return iter(numbered[::every])


def _ends_well(desk: Desk, without_crash: bytes, where: object, *, anew: bool = False) -> None:
    """Resume: the directory is the same to the byte, nothing is left to do, and nothing was done twice.

    `anew`: what the target itself refused has failed, and is planned again.
    """
    resumed = subprocess.run([str(COMMAND), "apply", "latest"], cwd=desk.folder, capture_output=True, check=False)
    assert resumed.returncode in {0, 5}, (where, resumed.stderr)  # 5: all was done before
    if anew and desk.plan(DEMO_DAY.isoformat())["actions"]:
        desk.run("apply", "latest")
    assert (desk.folder / "directory.ldif").read_bytes() == without_crash, where
    assert desk.plan(DEMO_DAY.isoformat())["actions"] == [], where


def test_the_sample_has_every_kind_of_action(prepared: Path) -> None:
    """Issue 5: what is killed here is a plan with every action kind."""
    text = Desk(prepared).run("show", "latest", "--format", "json").stdout
    kinds = set(re.findall(r'"kind": "(\w+)", "target"', text))

    assert kinds == set(ActionKind)


def _killed_everywhere(
    make_desk: Callable[[], Desk], without_crash: bytes, counted: dict[str, int], tmp_path: Path, every: int
) -> int:
    killed = 0
    before = (make_desk().folder / "directory.ldif").read_bytes()
    for call, number in _points(counted, CALLS, every):
        desk = make_desk()
        inject = f"inject={call}:signal=KILL:when={number}"
        ended = _traced(desk, "-e", f"trace={call}", "-e", inject, log=tmp_path / "strace")
        killed += ended.returncode != 0
        assert (desk.folder / "directory.ldif").read_bytes() in {before, without_crash}, (call, number)
        _ends_well(desk, without_crash, (call, number))
    return killed


def _failed_everywhere(
    make_desk: Callable[[], Desk], without_crash: bytes, counted: dict[str, int], tmp_path: Path, every: int
) -> int:
    failed = 0
    for call, number in _points(counted, DATA, every):
        for error, again in (("ENOSPC", "+"), ("EIO", "")):
            desk = make_desk()
            paths = [word for name in ("syncagent.db", "directory.ldif") for word in _watched(desk.folder / name)]
            inject = f"inject={call}:error={error}:when={number}{again}"
            ended = _traced(desk, "-e", f"trace={call}", *paths, "-e", inject, log=tmp_path / "strace")
            assert ended.returncode in {0, 5, 6, 7}, (call, number, error, ended.stderr)
            failed += ended.returncode != 0
            _ends_well(desk, without_crash, (call, number, error), anew=True)
    return failed


def _watched(path: Path) -> list[str]:
    """Only what is written of the agent's own files may fail: a terminal that is full is not the disk."""
    beside = [path, path.with_name(f"{path.name}-journal"), path.with_name(f".{path.name}.new")]
    return [word for one in beside for word in ("-P", str(one))]


@pytest.mark.skipif(sys.platform != "linux", reason="strace is there on Linux only")
def test_killed_at_some_calls(
    make_desk: Callable[[], Desk], without_crash: bytes, counted: dict[str, int], tmp_path: Path
) -> None:
    """Kill -9 at every so many of all calls that write: whole before or whole after, and resumed to the same end."""
    assert _killed_everywhere(make_desk, without_crash, counted, tmp_path, _EVERY) > 2


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="strace is there on Linux only")
def test_killed_at_every_call(
    make_desk: Callable[[], Desk], without_crash: bytes, counted: dict[str, int], tmp_path: Path, figures: Figures
) -> None:
    """The same at each of them."""
    killed = _killed_everywhere(make_desk, without_crash, counted, tmp_path, 1)
    figures.note("kill -9 at each write, fsync, rename, unlink of an apply on LDIF", killed, 250)


@pytest.mark.skipif(sys.platform != "linux", reason="strace is there on Linux only")
def test_a_disk_that_is_full_or_breaks(
    make_desk: Callable[[], Desk], without_crash: bytes, counted: dict[str, int], tmp_path: Path
) -> None:
    """F31: from some write on the disk takes nothing more, or one write fails: it stops with a message, and resumes."""
    assert _failed_everywhere(make_desk, without_crash, counted, tmp_path, _EVERY * 3) > 1


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="strace is there on Linux only")
def test_a_disk_that_is_full_or_breaks_at_every_write(
    make_desk: Callable[[], Desk], without_crash: bytes, counted: dict[str, int], tmp_path: Path, figures: Figures
) -> None:
    """The same at each of them."""
    failed = _failed_everywhere(make_desk, without_crash, counted, tmp_path, 1)
    figures.note("writes of an apply on LDIF that failed with ENOSPC or EIO", failed, 100)
