"""Doctor looks at everything, changes nothing, and says of each fault how to get out (contract §2)."""

from __future__ import annotations

import os
import time
from pathlib import Path

from desk import Desk


def _seen(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".db"}


def test_a_sound_desk(desk: Desk) -> None:
    """All is well: exit 0, and no file of the desk has changed."""
    before = _seen(desk.folder)

    said = desk.run("--lang", "en", "doctor").stdout

    assert [line.split()[0] for line in said.splitlines() if line.startswith(" ")] == ["good"] * 5
    assert "accounts in directory.ldif" in said
    assert {name: held for name, held in _seen(desk.folder).items() if name in before} == before


def test_an_old_export_and_a_missing_one(desk: Desk) -> None:
    """An export of a week ago is to be looked at, exit 0; one that is not there is a fault, exit 6."""
    path = desk.folder / "directory.ldif"
    week_ago = time.time() - 7 * 86400
    os.utime(path, (week_ago, week_ago))

    old = desk.run("doctor").stdout
    path.unlink()
    gone = desk.run("doctor", expect=6).stdout

    assert "cần xem  Tuổi của bản xuất: 168 giờ." in old
    assert "lỗi  Truy cập" in gone
    assert "targets.main.directory.path" in gone


def test_a_damaged_state(desk: Desk) -> None:
    """A database with a torn page is found before a plan trusts it."""
    desk.run("plan")
    path = desk.folder / "syncagent.db"
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)

    said = desk.run("--lang", "en", "doctor", expect=6).stdout

    assert "fault  State: The database is damaged" in said
