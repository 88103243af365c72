"""Only a whole regular file of sensible size is read, and only if it is the one that was exported."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncagent.connectors.roster.file import LARGEST, load
from syncagent.errors import Misconfigured

BYTES = b"person_id\nP1\n"
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(BYTES)
    return path


def _refusal(path: Path) -> Misconfigured:
    with pytest.raises(Misconfigured) as refused:
        load(path)
    return refused.value


def test_a_file_is_read_with_its_name_hash_and_time(path: Path) -> None:
    """The name is without folders, the time is that of the last write, in UTC."""
    os.utime(path, (1_780_000_000, 1_780_000_000))

    content = load(path)

    assert content == ("people.csv", BYTES, SHA256, datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC))


def test_a_link_to_a_file_is_followed(path: Path) -> None:
    """A symbolic link is taken if a regular file is at its end; messages use the name of the link."""
    link = path.with_name("current.csv")
    link.symlink_to(path)

    assert load(link).file == "current.csv"
    assert load(link).data == BYTES


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    """Folders, pipes and what links to them are not opened at all; a missing file is named."""
    pipe, link = tmp_path / "pipe.csv", tmp_path / "link.csv"
    os.mkfifo(pipe)
    link.symlink_to(pipe)

    for odd in (tmp_path, pipe, link):
        assert "not a regular file" in _refusal(odd).says.en
    for missing in (tmp_path / "gone.csv", tmp_path / ("x" * 300)):
        assert str(missing) in _refusal(missing).says.en
        assert "roster" not in _refusal(missing).where


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    """A hundred megabytes are read, one byte more is not."""
    path = tmp_path / "people.csv"
    path.touch()
    os.truncate(path, LARGEST)
    assert len(load(path).data) == LARGEST

    os.truncate(path, LARGEST + 1)

    assert "100,000,000" in _refusal(path).says.en


def test_a_file_that_is_still_written_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows while it is read is half an export."""
    whole = Path.open

    def open_and_append(self: Path, mode: str = "r") -> object:
        with whole(self, "ab") as file:
            file.write(b"P2\n")
        return whole(self, mode)

    monkeypatch.setattr(Path, "open", open_and_append)

    assert "changes while it is read" in _refusal(path).says.en


@pytest.mark.parametrize(
    "line",
    [
        f"{SHA256}  people.csv\n",
        f"{SHA256} *people.csv\r\n",
        f"{SHA256.upper()}  ./export/people.csv",
        f"\ufeff{SHA256}  C:\\export\\people.csv\r\n",
        f"{'0' * 64}  units.csv\n{SHA256}  people.csv\n",
    ],
)
def test_a_companion_that_agrees_is_enough(path: Path, line: str) -> None:
    """The format of sha256sum, in text or binary mode, with other files or folders in it, as Windows writes it."""
    path.with_name("people.csv.sha256").write_text(line, "utf-8", newline="")

    assert load(path).sha256 == SHA256


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"{'0' * 64}  people.csv\n", "cut or changed after export"),
        (f"{SHA256}  people.csv\n{'0' * 64}  people.csv\n", "cut or changed after export"),
        (f"{SHA256}  units.csv\n", "states no SHA-256"),
        (f"{SHA256}\n", "states no SHA-256"),
        (f"{SHA256[:40]}  people.csv\n", "states no SHA-256"),
        ("", "states no SHA-256"),
    ],
)
def test_a_companion_that_does_not_agree_stops_the_reading(path: Path, line: str, says: str) -> None:
    """A file that is not the one its companion names is refused, and so is a companion that names nothing."""
    path.with_name("people.csv.sha256").write_text(line)

    assert says in _refusal(path).says.en


def test_a_companion_that_cannot_be_read_stops_the_reading(path: Path) -> None:
    """A companion that is there but no file is not the same as none; a pipe is not waited for."""
    os.mkfifo(path.with_name("people.csv.sha256"))

    assert _refusal(path).where == "people.csv.sha256"
