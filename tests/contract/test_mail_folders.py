"""Old mail and its copy: two real IMAP servers (Cyrus), mbsync between them, and what the comparison says of both."""

from __future__ import annotations

import imaplib
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from obm import FIRST, ObmDesk, obm_desk
from servers.cyrus import Cyrus
from servers.obm import Obm
from servers.pki import Authority
from servers.place import own_address

from syncagent.connectors.mail_folders import ImapFolders
from syncagent.core.mail_record import compared
from syncagent.errors import Doubtful, Misconfigured, Unavailable
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

NAMED = "Th&AbA- m&HuU-c 'x'"
"""Thư mục 'x', in IMAP's own UTF-7."""
COPY = """\
IMAPAccount {side}
Host {host}
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {ca}

IMAPStore {side}
Account {side}
"""
CHANNEL = """
Channel copy
Far :old:
Near :new:
Patterns *
Create Near
Sync Pull New
SyncState {folder}/state/
"""


@dataclass
class Sides:
    """The old server, the new one, and a user `an` on both."""

    old: Cyrus
    new: Cyrus
    address: str
    folder: Path

    @contextmanager
    def line(self, server: Cyrus) -> Iterator[imaplib.IMAP4_SSL]:
        context = ssl.create_default_context(cafile=server.ca)
        with imaplib.IMAP4_SSL(server.address, server.port, ssl_context=context, timeout=10) as line:
            line.login(self.address, FIRST)
            yield line

    def put(self, folder: str, *messages: bytes) -> None:
        with self.line(self.old) as line:
            line.create(f'"{folder}"')
            for message in messages:
                assert line.append(f'"{folder}"', "", None, message)[0] == "OK"

    def mbsync(self) -> None:
        """Copy, as the how-to says it."""
        parts = [
            COPY.format(
                side=side, host=server.address, port=server.port, user=self.address, password=FIRST, ca=server.ca
            )
            for side, server in (("old", self.old), ("new", self.new))
        ]
        (self.folder / "state").mkdir(exist_ok=True)
        (self.folder / "mbsyncrc").write_text("\n".join(parts) + CHANNEL.format(folder=self.folder), encoding="utf-8")
        subprocess.run(["mbsync", "-c", str(self.folder / "mbsyncrc"), "copy"], check=True, capture_output=True)

    def read(self, server: Cyrus) -> ImapFolders:
        return ImapFolders(server.address, "{address}", Secret(FIRST), server.port, server.ca, 10.0)


@pytest.fixture
def sides(obm: Obm, authority: Authority, tmp_path: Path) -> Iterator[Sides]:
    with obm_desk(obm) as desk, own_address() as address:
        desk.make("an")
        new = Cyrus.start(address, authority, obm.slapd, obm.slapd.agent)
        try:
            _box(new, desk)
            yield Sides(obm.cyrus, new, desk.address("an"), tmp_path)
        finally:
            new.remove()


def _box(server: Cyrus, desk: ObmDesk) -> None:
    context = ssl.create_default_context(cafile=server.ca)
    with imaplib.IMAP4_SSL(server.address, server.port, ssl_context=context, timeout=10) as line:
        line.login(server.admin, server.password)
        assert line.create(f'"user/{desk.address("an")}"')[0] == "OK"


def _message(number: int, name: str = "") -> bytes:
    header = f"Message-ID: <{name or number}@hanam.gov.vn>\r\n" if name != "-" else ""
    return f"{header}Subject: {number}\r\n\r\n{'x' * number}\r\n".encode()


def test_a_copy_is_whole_once_every_message_is_found_again(sides: Sides) -> None:
    """Counts, bytes and Message-IDs, folder by folder; what comes later is missed, and copied by a new run."""
    sides.put("INBOX", *(_message(n) for n in range(40)), _message(7), _message(99, "-"))
    sides.put(NAMED, *(_message(n) for n in range(100, 105)))
    old, new = sides.read(sides.old), sides.read(sides.new)
    before = compared(old.read("an", sides.address), new.read("an", sides.address))
    sides.mbsync()
    whole = compared(old.read("an", sides.address), new.read("an", sides.address))
    sides.put("INBOX", _message(500))
    later = compared(old.read("an", sides.address), new.read("an", sides.address))
    sides.mbsync()
    again = compared(old.read("an", sides.address), new.read("an", sides.address))

    assert not before.closed
    assert whole.closed, whole.doubts()
    assert {box.name: (box.messages, box.lacking) for box in whole.copied} == {"INBOX": (42, 0), NAMED: (5, 0)}
    assert [(box.name, box.messages, box.digest) for box in whole.old] == [
        (box.name, box.messages, box.digest) for box in whole.copied
    ]
    assert whole.size == sum(len(_message(n)) for n in (*range(40), 7, *range(100, 105))) + len(_message(99, "-"))
    assert [text.en for text in later.doubts()] == ["“INBOX” lacks 1 messages"]
    assert again.closed


def test_reading_marks_nothing_as_read(sides: Sides) -> None:
    """EXAMINE and BODY.PEEK: flags and counts stay as they were."""
    sides.put("INBOX", _message(1))

    sides.read(sides.old).read("an", sides.address)

    with sides.line(sides.old) as line:
        assert line.status("INBOX", "(UNSEEN RECENT)")[1] == [b"INBOX (RECENT 1 UNSEEN 1)"]


def test_what_cannot_be_read_is_told_apart(sides: Sides, tmp_path: Path) -> None:
    """Nobody let in, a strange certificate, nobody there: each says what to do, and none is an empty mailbox."""
    server = sides.old
    strange = Authority.make(tmp_path / "pki").path
    wrong = ImapFolders(server.address, "{address}", Secret("wrong"), server.port, server.ca, 5.0)
    unproved = ImapFolders(server.address, "{address}", Secret(FIRST), server.port, strange, 5.0)
    nobody = ImapFolders(server.address, "{address}", Secret(FIRST), 1, server.ca, 5.0)

    for folders, error in ((wrong, Misconfigured), (unproved, Misconfigured), (nobody, Unavailable)):
        with pytest.raises(error):
            folders.read("an", sides.address)


def test_a_folder_that_is_refused_is_doubtful(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mailbox of which not everything came is not a smaller mailbox."""
    sides.put("INBOX", _message(1))
    select = imaplib.IMAP4.select
    monkeypatch.setattr(
        imaplib.IMAP4, "select", lambda line, *words, **more: ("NO", [b""]) if words else select(line, **more)
    )

    with pytest.raises(Doubtful):
        sides.read(sides.old).read("an", sides.address)
