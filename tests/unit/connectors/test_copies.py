"""The second place of checkpoints."""

from __future__ import annotations

import re
import socket
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from syncagent.connectors.copies import FileCopy, SyslogCopy
from syncagent.errors import Unavailable

NOW = datetime(2026, 3, 10, 1, 2, 3, 4000, tzinfo=UTC)
FIRST, SECOND = '{"payload":"1"}', '{"payload":"2"}'
HEADER = re.compile(rb"<109>1 2026-03-10T01:02:03\.004000Z (\S+) syncagent - checkpoint - ")


def test_a_file_grows_by_a_line_for_each_checkpoint(tmp_path: Path) -> None:
    """What was kept stays; the last line is the newest."""
    copy = FileCopy(tmp_path / "copy.jsonl")

    copy.keep(FIRST, NOW)
    copy.keep(SECOND, NOW)

    assert (tmp_path / "copy.jsonl").read_text(encoding="utf-8") == f"{FIRST}\n{SECOND}\n"
    assert copy.every() == (FIRST, SECOND)
    assert copy.newest() == SECOND
    assert copy.name == str(tmp_path / "copy.jsonl")


def test_a_file_that_may_only_grow_is_enough(tmp_path: Path) -> None:
    """It is opened for appending and nothing else: `chattr +a` keeps even root from changing what stands there."""
    path = tmp_path / "copy.jsonl"
    FileCopy(path).keep(FIRST, NOW)
    before = path.stat().st_ino

    FileCopy(path).keep(SECOND, NOW)

    assert path.stat().st_ino == before
    assert [found.name for found in tmp_path.iterdir()] == ["copy.jsonl"]


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    """Somebody made it beforehand, with the rights it needs."""
    (tmp_path / "copy.jsonl").touch()

    assert FileCopy(tmp_path / "copy.jsonl").newest() == ""
    assert FileCopy(tmp_path / "copy.jsonl").every() == ()


@pytest.mark.parametrize("cut", [b'{"payload"', b"\xff\xfe\x00", b"[" * 20_000])
def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path, cut: bytes) -> None:
    """A crash in the middle of a line: what stood before it counts, and the next checkpoint gets a line of its own."""
    path = tmp_path / "copy.jsonl"
    path.write_bytes(FIRST.encode() + b"\n" + cut)
    copy = FileCopy(path)

    before = copy.newest()
    copy.keep(SECOND, NOW)

    assert before == FIRST
    assert copy.newest() == SECOND
    assert copy.every() == (FIRST, SECOND)


def test_the_newest_of_a_long_file_is_found_at_its_end(tmp_path: Path) -> None:
    """Years of checkpoints are not read at every run."""
    path = tmp_path / "copy.jsonl"
    path.write_text(f"{FIRST}\n" * 20_000 + f"{SECOND}\n", encoding="utf-8")

    assert FileCopy(path).newest() == SECOND


def test_a_place_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """The mount is gone: said with its name, and it is not made on the local disk."""
    copy = FileCopy(tmp_path / "mount" / "copy.jsonl")

    for attempt in (copy.newest, copy.every, lambda: copy.keep(FIRST, NOW)):
        with pytest.raises(Unavailable) as caught:
            attempt()
        assert caught.value.where == copy.name
    assert not (tmp_path / "mount").exists()


def test_a_syslog_server_over_udp_gets_one_datagram() -> None:
    """RFC 5424: facility 13 (log audit), severity 5, the checkpoint as the message."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as there:
        there.bind(("127.0.0.1", 0))
        there.settimeout(5)
        copy = SyslogCopy("udp", "127.0.0.1", there.getsockname()[1])

        copy.keep(FIRST, NOW)

        got = there.recv(65536)
    assert (found := HEADER.match(got))
    assert got[found.end() :] == FIRST.encode()


def test_a_syslog_server_over_tcp_gets_counted_octets() -> None:
    """RFC 6587 §3.4.1: the length stands before the message, so that nothing in it can end it."""
    got = bytearray()
    with closing(socket.create_server(("127.0.0.1", 0))) as there:

        def listen() -> None:
            connection, _ = there.accept()
            with closing(connection):
                while octets := connection.recv(4096):
                    got.extend(octets)

        listener = Thread(target=listen)
        listener.start()
        SyslogCopy("tcp", "127.0.0.1", there.getsockname()[1]).keep(FIRST, NOW)
        listener.join(5)

    length, _, message = bytes(got).partition(b" ")
    assert int(length) == len(message)
    assert message.endswith(FIRST.encode())


def test_a_syslog_server_that_is_away_is_unavailable() -> None:
    """A connection refused is said with the server's name; over UDP nobody can know."""
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        port = gone.getsockname()[1]
    copy = SyslogCopy("tcp", "127.0.0.1", port)

    with pytest.raises(Unavailable) as caught:
        copy.keep(FIRST, NOW)

    assert caught.value.where == copy.name == f"tcp://127.0.0.1:{port}"


def test_a_syslog_server_is_not_read_back() -> None:
    """What it keeps is read there, by somebody else."""
    copy = SyslogCopy("udp", "127.0.0.1", 514)

    assert (copy.newest(), copy.every()) == ("", ())


def test_a_host_without_a_proper_name_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 5424 §6.2.4: printable ASCII, or the nil value; a name with a blank would shift every field."""
    monkeypatch.setattr(socket, "gethostname", lambda: "máy chủ")
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as there:
        there.bind(("127.0.0.1", 0))
        there.settimeout(5)

        SyslogCopy("udp", "127.0.0.1", there.getsockname()[1]).keep(FIRST, NOW)

        found = HEADER.match(there.recv(65536))
    assert found
    assert found[1] == b"-"
