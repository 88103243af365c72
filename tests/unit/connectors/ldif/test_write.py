"""From changes to bytes: RFC 2849 lines, records that change only where they must, files that are never half."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from syncagent.connectors.ldif.write import changed, line, record, replaced


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"An", b"cn: An\n"),
        (b"", b"cn:\n"),
        (b"A:b <c>", b"cn: A:b <c>\n"),
        (b" An", b"cn:: IEFu\n"),
        (b":An", b"cn:: OkFu\n"),
        (b"<An", b"cn:: PEFu\n"),
        (b"An ", b"cn:: QW4g\n"),
        (b"A\nn", b"cn:: QQpu\n"),
        (b"A\rn", b"cn:: QQ1u\n"),
        (b"A\0n", b"cn:: QQBu\n"),
        ("Ấn".encode(), b"cn:: 4bqkbg==\n"),
        (b"\xff", b"cn:: /w==\n"),
    ],
)
def test_a_value_is_plain_or_base64(value: bytes, written: bytes) -> None:
    """Base64 where RFC 2849 does not allow the value as it is, plain elsewhere."""
    assert line("cn", value) == written


@pytest.mark.parametrize("length", [0, 1, 70, 71, 72, 73, 146, 147, 148, 400])
def test_long_lines_are_folded(length: int) -> None:
    """No line is longer than 76 columns, and unfolding gives the line again."""
    written = line("cn", b"x" * length, b"\r\n")

    assert all(len(part) <= 76 for part in written.split(b"\r\n"))
    assert written.endswith(b"\r\n")
    assert written.replace(b"\r\n ", b"") == (b"cn: " + b"x" * length if length else b"cn:") + b"\r\n"


def test_a_record_ends_with_a_blank_line() -> None:
    """A new entry is a name, its attributes in order, and the blank line after it."""
    assert record("cn=a", {"cn": [b"a"], "mail": [b"b@x", b"a@x"]}) == b"dn: cn=a\ncn: a\nmail: b@x\nmail: a@x\n\n"


RAW = (
    b"# An\ndn: cn=an\nobjectClass: user\nMail: a@x\njpegPhoto:: /9\n j/\ncn;lang-vi: An\n"
    b"# note\nMAIL: b@x\ncn: an\n\n\n"
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, RAW),
        ({"mail": [b"c@x"]}, RAW.replace(b"a@x", b"c@x").replace(b"MAIL: b@x\n", b"")),
        ({"mail": [b"c@x", b"d@x"]}, RAW.replace(b"a@x", b"c@x\nMail: d@x").replace(b"MAIL: b@x\n", b"")),
        ({"mail": []}, RAW.replace(b"Mail: a@x\n", b"").replace(b"MAIL: b@x\n", b"")),
        ({"sn": [b"Nguy\xe1\xbb\x85n"]}, RAW.replace(b"cn: an\n\n\n", b"cn: an\nsn:: Tmd1eeG7hW4=\n\n\n")),
        ({"JPEGPHOTO": [b"x"]}, RAW.replace(b"jpegPhoto:: /9\n j/\n", b"jpegPhoto: x\n")),
        ({"cn": [b"AN"]}, RAW.replace(b"cn: an", b"cn: AN")),
        ({"dn": [b"cn=b"]}, RAW.replace(b"dn: cn=an", b"dn: cn=b")),
        ({"title": []}, RAW),
    ],
)
def test_only_what_changes_is_written_anew(wanted: dict[str, list[bytes]], expected: bytes) -> None:
    """Other lines, comments, folding, spelling and blank lines stay as they were."""
    assert changed(RAW, wanted) == expected


def test_line_ends_stay_as_they_are() -> None:
    """A file from Windows gets new lines as Windows ends them."""
    raw = b"dn: cn=an\r\nmail: a@x\r\n\r\n"

    assert changed(raw, {"mail": [b"b@x"], "sn": [b"S"]}) == b"dn: cn=an\r\nmail: b@x\r\nsn: S\r\n\r\n"


# ── the file on disk ─────────────────────────────────────────────────────────


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "directory.ldif"
    path.write_bytes(b"old")
    path.chmod(0o640)
    return path


def test_the_new_file_takes_the_place_of_the_old(old: Path) -> None:
    """The content is new, the rights are those of before, and nothing else is left in the folder."""
    assert replaced(old, [b"n", b"ew"], lambda: True)

    assert old.read_bytes() == b"new"
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert list(old.parent.iterdir()) == [old]


def test_nothing_is_written_if_the_file_is_another(old: Path) -> None:
    """If the last look says no, the old file stays and the new one goes."""
    assert not replaced(old, [b"new"], lambda: False)

    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_the_rest_of_an_interrupted_agent_is_no_hindrance(old: Path) -> None:
    """A half-written new file, even if it is a link to something precious, is put away and not followed."""
    precious = old.parent / "precious"
    precious.write_bytes(b"precious")
    (old.parent / f".{old.name}.new").symlink_to(precious)

    assert replaced(old, [b"new"], lambda: True)

    assert (old.read_bytes(), precious.read_bytes()) == (b"new", b"precious")


def test_the_new_bytes_are_on_disk_before_they_take_the_place(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the file is made durable, then it is renamed, then the folder is made durable (reliability §3.1)."""
    calls: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def watched_fsync(handle: int) -> None:
        calls.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def watched_rename(self: Path, target: Path) -> Path:
        calls.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_rename)

    replaced(old, [b"new"], lambda: True)

    assert calls == ["file", "rename", "folder"]


@pytest.mark.parametrize("broken", ["write", "fsync", "rename"])
def test_a_disk_that_fails_leaves_the_old_file(old: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """Whatever fails before the rename, the old file is whole and no other file is left (F31)."""

    def fail(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    if broken == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    if broken == "rename":
        monkeypatch.setattr(Path, "replace", fail)
    pieces = map(fail, [b"new"]) if broken == "write" else [b"new"]

    with pytest.raises(OSError, match="No space left"):
        replaced(old, pieces, lambda: True)

    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]
