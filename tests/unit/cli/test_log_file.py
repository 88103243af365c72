"""The log of a service that has no stderr."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from syncagent.cli.log_file import LogFile

DAY = date(2026, 3, 16)


def test_each_day_has_its_file_and_ninety_are_kept(tmp_path: Path) -> None:
    """What is written after midnight goes into the next file; the oldest go, other files stay."""
    today = [DAY]
    log = LogFile(tmp_path / "log", lambda: today[0])
    (tmp_path / "log/other.txt").write_text("x", encoding="utf-8")

    log.flush()
    for number in range(95, -1, -1):
        today[0] = DAY - timedelta(days=number)
        log.write(f"ngày {today[0]}\n")
        log.write("lần hai\n")
    log.close()

    files = sorted(path.name for path in (tmp_path / "log").glob("*.log"))
    assert len(files) == 90
    assert files[-1] == "syncagent-2026-03-16.log"
    assert (tmp_path / "log" / files[-1]).read_text(encoding="utf-8") == "ngày 2026-03-16\nlần hai\n"
    assert (tmp_path / "log/other.txt").exists()
