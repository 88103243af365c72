"""Stopping an apply: by a switch, by a signal, by a disk that is nearly full; and a state on a server."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from desk import COMMAND, Desk
from servers.postgresql import PostgreSql

from syncagent.cli.starting import DEMO_DAY

DAY = DEMO_DAY.isoformat()


def _approved(desk: Desk) -> int:
    """Plan and approve everything; return how many actions there are."""
    count = len(desk.plan(DAY)["actions"])
    desk.run("approve", "latest", "--by", "A", "--order", "1/A")
    desk.run("approve", "latest", "--by", "B", "--order", "1/A")
    return count


def test_nothing_is_applied_while_the_switch_is_on(desk: Desk) -> None:
    """The file beside the state stops every apply with exit code 5, and says how to go on; `status` says it too."""
    _approved(desk)
    before = (desk.folder / "directory.ldif").read_bytes()
    switch = desk.folder / "syncagent.db.stop"
    switch.touch()

    refused = desk.run("apply", "latest", expect=5)
    shown = desk.run("status").stdout
    switch.unlink()
    desk.run("apply", "latest")

    assert "syncagent.db.stop" in refused.stderr
    assert "syncagent.db.stop" in shown
    assert (desk.folder / "directory.ldif").read_bytes() != before


def test_a_row_in_the_state_stops_every_host(desk: Desk) -> None:
    """Who can only reach the database can stop all agents of it."""
    _approved(desk)
    with sqlite3.connect(desk.folder / "syncagent.db") as state:
        state.execute("INSERT INTO meta VALUES ('stop', 'sự cố 12/3')")
    state.close()

    assert "sự cố 12/3" in desk.run("apply", "latest", expect=5).stderr


def test_a_disk_that_is_nearly_full_is_refused_before_anything_is_written(desk: Desk) -> None:
    """F31: less space than the configuration wants: exit code 5, with both numbers."""
    _approved(desk)
    with (desk.folder / "syncagent.yaml").open("a", encoding="utf-8") as file:
        file.write("free_space: 999999999 GB\n")

    refused = desk.run("apply", "latest", expect=5)

    assert "free_space" in refused.stderr


@contextmanager
def _paused(desk: Desk) -> Iterator[None]:
    """Hold up whoever wants to write to the state."""
    state = sqlite3.connect(desk.folder / "syncagent.db", isolation_level=None)
    state.execute("BEGIN IMMEDIATE")
    yield
    state.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_after_the_current_step_and_apply_goes_on(desk: Desk, number: signal.Signals) -> None:
    """A signal ends with 130, nothing half done; the same plan is then carried out to its end."""
    _approved(desk)
    before = (desk.folder / "directory.ldif").read_bytes()
    with _paused(desk):
        running = subprocess.Popen(
            [str(COMMAND), "apply", "latest"],
            cwd=desk.folder,
            stderr=subprocess.PIPE,
            env={**os.environ, "SYNCAGENT_CONFIG": ""},
        )
        until = time.monotonic() + 20
        while b"SigCgt" in (status := Path(f"/proc/{running.pid}/status").read_bytes()):  # until it listens for signals
            caught = int(status.partition(b"SigCgt:\t")[2].split()[0], 16)
            if caught >> (signal.SIGTERM - 1) & 1 or time.monotonic() > until:
                break
            time.sleep(0.02)
        running.send_signal(number)
    _, said = running.communicate(timeout=60)
    after = (desk.folder / "directory.ldif").read_bytes()
    ended = running.returncode
    desk.run("apply", "latest")

    assert ended in {5, 130}, said  # 5: it had not begun
    assert after == before
    assert desk.plan(DAY)["actions"] == []


@pytest.mark.server
def test_the_main_job_on_a_state_that_hosts_share(desk: Desk, postgresql: PostgreSql) -> None:
    """Plan, approve, apply, plan again (empty), doctor, status, with the state in PostgreSQL; a second agent waits."""
    state = postgresql.url(postgresql.fresh())
    config = desk.folder / "syncagent.yaml"
    written = config.read_text(encoding="utf-8")
    lines = [line for line in written.splitlines() if not line.startswith("state:")]
    config.write_text("\n".join((*lines, f'state: "{state}"', "signing_key: {file: agent.key}", "")), encoding="utf-8")
    (desk.folder / "agent.key").write_text("5" * 64)
    (desk.folder / "agent.key").chmod(0o600)
    count = _approved(desk)

    applied = desk.run("apply", "latest").stdout
    again = desk.plan(DAY)["actions"]
    examined = desk.run("doctor").stdout
    shown = desk.run("status").stdout

    assert count > 0
    assert f"{count} trên {count}" in applied
    assert again == []
    assert "fsync đang tắt" in examined
    assert "ghi được" in examined
    assert f"đã xong {count}" in shown
    assert not list(desk.folder.glob("*.db*"))
