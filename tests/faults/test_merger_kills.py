"""Law 9 for a merger: the installed command is killed while it carries out a wave; the end is that without a kill."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random

import pytest
from acceptance.test_cutover import carry_out, made_folder, plan_wave, settled
from desk import COMMAND, Desk
from figures import Figures

KILLS = int(os.environ.get("SYNCAGENT_MERGER_KILLS", "200"))
_FEW = 4


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small provinces whose first wave is planned and approved."""
    desk = made_folder(tmp_path_factory.mktemp("approved"))
    plan_wave(desk, 1)
    carry_out(desk, apply=False)
    return desk.folder


@pytest.fixture
def begin(approved: Path, tmp_path: Path) -> Callable[[], Desk]:
    """Make copies of it, one after the other."""
    numbers = count()
    return lambda: Desk(Path(shutil.copytree(approved, tmp_path / f"desk{next(numbers)}")))


def _applied(here: Desk, seconds: float | None = None) -> bool:
    """Apply, for so long at most; return whether it was killed."""
    command = [str(COMMAND), "apply", "latest"]
    running = subprocess.Popen(command, cwd=here.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with suppress(subprocess.TimeoutExpired):
        running.wait(seconds)
    running.kill()
    return running.wait() == -signal.SIGKILL


def _killed(begin: Callable[[], Desk], kills: int) -> int:
    """Rounds until so many were killed, at any moment of an apply or of the one that recovers; return how many were."""
    calm = begin()
    started = time.monotonic()
    assert not _applied(calm)
    longest = time.monotonic() - started
    killed = 0
    for seed in count():
        if killed >= kills:
            break
        chance = Random(seed)  # noqa: S311 - a fixed sample
        here = begin()
        for _ in range(chance.choice((1, 1, 2, 3))):
            killed += _applied(here, chance.uniform(0.4 * longest, longest))
        _applied(here)

        assert settled(here) == settled(calm), seed
        assert plan_wave(here, 1)["actions"] == [], seed
        here.run("audit", "verify", "--against", "namdinh")
        here.run("audit", "verify", "--against", "ninhbinh")
        shutil.rmtree(here.folder)
    return killed


def test_a_wave_is_killed_and_goes_on(begin: Callable[[], Desk]) -> None:
    """Some of them: no old account is closed whose new one is not there, none is made twice, the log explains all."""
    assert _killed(begin, _FEW) >= _FEW


@pytest.mark.long
def test_a_wave_is_killed_again_and_again(begin: Callable[[], Desk], figures: Figures) -> None:
    """The same, as often as is wanted."""
    figures.note("kill -9 of the installed apply of a wave and of its recovery", _killed(begin, KILLS), 200)
