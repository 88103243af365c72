"""The drill that operators run: a backup is put back and plans the same; an older one is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from desk import Desk
from servers.postgresql import PostgreSql
from signers import BOTH, give_key, register

from syncagent.wiring import now

DAY = now().date().isoformat()
DRILL = Path(__file__).parents[2] / "deploy/drill/restore_drill.py"
BINH, DUNG = BOTH


def _drill(desk: Desk, *words: str, expect: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, str(DRILL), "--into", "drill", "--as-of", DAY, *words],
        cwd=desk.folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "SYNCAGENT_CONFIG": "", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def working(desk: Desk) -> Desk:
    """A desk with a second place, and with some of its files outside its folder."""
    outside = desk.folder.parent / "kept elsewhere"
    outside.mkdir()
    (desk.folder / "units.csv").rename(outside / "units.csv")
    desk.edit("syncagent.yaml", "path: units.csv", f'path: "{outside}/units.csv"')
    with (desk.folder / "syncagent.yaml").open("a", encoding="utf-8") as file:
        file.write(f'audit:\n  copies:\n    - {{file: copy.jsonl}}\n    - {{file: "{outside}/second.jsonl"}}\n')
    return desk


def _past(desk: Desk) -> list[str]:
    """Approve and apply one action of a plan; return the words with which an approver signs the drill."""
    register(desk, BINH, DUNG)
    first = next(one["id"] for one in desk.plan(DAY)["actions"] if one["kind"] != "delete" and not one["needs"])
    desk.run("approve", "latest", *give_key(desk, BINH), "--order", "45/SKHCN", "--only", first)
    desk.run("apply", "latest")
    return list(give_key(desk, BINH))


def test_the_drill_proves_a_backup_of_a_file(working: Desk) -> None:
    """Issue 5.10: put back and asked the same, the agent says the same; what is in use is left as it was."""
    signing = _past(working)
    directory = (working.folder / "directory.ldif").read_bytes()

    said = _drill(working, *signing)

    assert "PROVED" in said
    assert (working.folder / "directory.ldif").read_bytes() == directory
    working.run("audit", "verify")
    assert working.plan(DAY)["actions"] != []
    backups = working.folder / "drill"
    assert backups.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in (backups / "newer").iterdir()) == [
        "checkpoints0.jsonl", "checkpoints1.jsonl", "folder", "state.db", "state.db.signing",
    ]  # fmt: skip
    assert "kept elsewhere" not in (backups / "restored/restored.yaml").read_text(encoding="utf-8")


@pytest.mark.long
def test_the_drill_proves_a_backup_on_a_server(working: Desk, postgresql: PostgreSql) -> None:
    """The same with pg_dump and pg_restore, into a database of its own; never into the one in use."""
    (working.folder / "agent.key").write_text("ab" * 32, encoding="ascii")
    (working.folder / "agent.key").chmod(0o600)
    state, empty = (postgresql.url(postgresql.fresh()) for _ in range(2))
    working.edit("syncagent.yaml", "state: sqlite:///syncagent.db", f"state: {state}\nsigning_key: {{file: agent.key}}")
    signing = _past(working)

    assert "--database" in _drill(working, *signing, "--database", state, expect=2)
    assert "--database" in _drill(working, *signing, expect=2)
    said = _drill(working, *signing, "--database", empty)

    assert "PROVED" in said
    working.run("audit", "verify")
    assert working.plan(DAY)["actions"] != []


def test_a_drill_that_could_prove_nothing_says_so(desk: Desk) -> None:
    """Without a second place an older backup passes unseen: that is a fault of the installation, not a success."""
    assert "audit.copies" in _drill(desk, expect=2)
    with (desk.folder / "syncagent.yaml").open("a", encoding="utf-8") as file:
        file.write("audit:\n  copies:\n    - {file: copy.jsonl}\n")

    assert "copy.jsonl" in _drill(desk, expect=1)


@pytest.mark.long
def test_a_drill_fails_where_a_backup_is_not_whole(working: Desk) -> None:
    """Nobody signs for the approvers, or a key is not there: NOT PROVED, with the step."""
    _past(working)
    unsigned = _drill(working, expect=1)
    (working.folder / "drill").rename(working.folder.parent / "first")
    working.edit("syncagent.yaml", "audit:\n", "signing_key: {env: NO_SUCH_KEY}\naudit:\n")
    keyless = _drill(working, expect=1)

    assert "“audit accept-restore --by Diễn tập --reason diễn tập khôi phục” trả mã 5" in unsigned
    assert "NO_SUCH_KEY" in keyless
    assert "NOT PROVED" in keyless
