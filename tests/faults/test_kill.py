"""Law 9: kill -9 anywhere and resume leaves the same directory as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import time

import pytest
from desk import COMMAND, Desk

from syncagent.cli.starting import DEMO_DAY

KILLS = int(os.environ.get("SYNCAGENT_KILLS", "10"))


def _killed_after(desk: Desk, seconds: float) -> bool:
    """Start `apply` and kill it; whether it was still running."""
    running = subprocess.Popen(
        [str(COMMAND), "apply", "latest"], cwd=desk.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    alive = running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    return alive


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_apply_is_taken_up_where_it_stopped(desk: Desk, without_crash: bytes, number: int) -> None:
    """Killed once or twice at random moments: the file is always whole, and the end is the same to the byte."""
    chance = random.Random(number)  # noqa: S311 - a fixed sample
    before = (desk.folder / "directory.ldif").read_bytes()
    for _ in range(chance.choice((1, 1, 2))):
        _killed_after(desk, chance.uniform(0.4, 1.6))
        assert (desk.folder / "directory.ldif").read_bytes() in {before, without_crash}

    subprocess.run([str(COMMAND), "apply", "latest"], cwd=desk.folder, capture_output=True, check=False)

    assert (desk.folder / "directory.ldif").read_bytes() == without_crash
    again = desk.plan(DEMO_DAY.isoformat())
    assert again["actions"] == []
    with sqlite3.connect(desk.folder / "syncagent.db") as state:
        rows = state.execute("SELECT action_id FROM journal WHERE state = 'done'").fetchall()
    state.close()
    assert len(rows) == len(set(rows))
