"""Mailboxes of OBM as the connector lists and measures them on a real Cyrus, whatever they are called."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from obm import FIRST, ObmDesk, mailboxes_of, obm_desk
from servers.cyrus import Cyrus
from servers.obm import Obm
from servers.pki import Authority
from servers.place import own_address

from syncagent.connectors.obm import boxes
from syncagent.connectors.obm.boxes import open_boxes
from syncagent.connectors.obm.server import Mailboxes
from syncagent.errors import Misconfigured, Unavailable
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

FOLDER = "\"Th&AbA- m&HuU-c (m&HtE-t) 'x'\""
"""Thư mục (một) 'x', in IMAP's own UTF-7."""


@pytest.fixture
def desk(obm: Obm) -> Iterator[ObmDesk]:
    with obm_desk(obm) as found:
        yield found


@contextmanager
def admin(cyrus: Cyrus, who: str = Cyrus.admin, password: str = Cyrus.password) -> Iterator[imaplib.IMAP4_SSL]:
    context = ssl.create_default_context(cafile=cyrus.ca)
    with imaplib.IMAP4_SSL(cyrus.address, cyrus.port, ssl_context=context, timeout=10) as line:
        line.login(who, password)
        yield line


def test_sizes_are_the_same_asked_at_once_or_one_by_one(desk: ObmDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot answer for all mailboxes at once is asked for each: same mailboxes, sizes in whole KB."""
    for login in ("an", "an.nv", "binh"):
        desk.make(login)
    with admin(desk.obm.cyrus, desk.address("an.nv"), FIRST) as line:
        assert line.create(FOLDER)[0] == "OK"
        line.append(FOLDER, "", None, b"Subject: x\r\n\r\n" + b"y" * 5000)
    at_once = desk.site.boxes.every(desk.domain.name)

    monkeypatch.setattr(boxes, "_BULK", ("X-NOBODY-HAS-THIS",))
    one_by_one = desk.site.boxes.every(desk.domain.name)

    assert at_once.keys() == one_by_one.keys() == {"an", "an.nv", "binh"}
    assert [(box.folders, box.octets) for box in at_once.values()] == [(6, 0), (7, 5014), (6, 0)]
    assert [(box.folders, box.octets, box.quota) for box in one_by_one.values()] == [
        (6, 0, 500),
        (7, 4096, 500),
        (6, 0, 500),
    ]


def test_a_login_is_not_a_pattern(desk: ObmDesk) -> None:
    """The mailbox of `an` is not that of `an.nv`, and a domain's are not another's."""
    desk.make("an.nv")

    assert desk.site.boxes.names("an", desk.domain.name) == ()
    assert desk.site.boxes.box("an", desk.domain.name) is None
    assert desk.site.boxes.every("khac.vn") == {}


def test_copies_of_what_was_deleted_are_seen(obm: Obm, authority: Authority) -> None:
    """With `delete_mode: delayed` a deleted mailbox is gone from its place and kept elsewhere for a while."""
    with own_address() as address:
        cyrus = Cyrus.start(address, authority, obm.slapd, obm.slapd.agent, delete_mode="delayed")
        try:
            where = Mailboxes(address, cyrus.admin, Secret(cyrus.password), cyrus.port, cyrus.ca, 5.0)
            with admin(cyrus) as line, open_boxes(where) as found:
                line.create('"user/an@x.vn"')
                assert (len(found.names("an", "x.vn")), found.expiring("an", "x.vn")) == (1, ())
                line.setacl('"user/an@x.vn"', "cyrus", "lc")
                line.delete('"user/an@x.vn"')

                assert (found.names("an", "x.vn"), len(found.expiring("an", "x.vn"))) == ((), 1)
        finally:
            cyrus.remove()


def test_a_connection_that_was_lost_is_made_anew(obm: Obm, authority: Authority) -> None:
    """A restart of the server between two questions is not noticed; a server that is gone is unavailable."""
    with own_address() as address:
        cyrus = Cyrus.start(address, authority, obm.slapd, obm.slapd.agent)
        try:
            where = Mailboxes(address, cyrus.admin, Secret(cyrus.password), cyrus.port, cyrus.ca, 5.0)
            with open_boxes(where) as found:
                assert found.names("an", "x.vn") == ()
                cyrus.restart()
                assert found.names("an", "x.vn") == ()
                cyrus.stop()
                with pytest.raises(Unavailable):
                    found.names("an", "x.vn")
        finally:
            cyrus.remove()


def test_the_administrator_must_be_right(obm: Obm, tmp_path: Path) -> None:
    """A wrong password is Misconfigured, and so is a server that cannot prove its name; neither is tried again."""
    right = mailboxes_of(obm)
    wrong = Mailboxes(right.host, right.login, Secret("wrong"), right.port, right.ca_file, 5.0)
    strange = Mailboxes(
        right.host,
        right.login,
        right.password,
        right.port,
        Authority.make(tmp_path / "pki").path,
        5.0,
    )

    for settings in (wrong, strange):
        with open_boxes(settings) as found, pytest.raises(Misconfigured):
            found.names("an", "x.vn")


def test_literals_are_put_where_they_were_announced() -> None:
    """RFC 3501 §4.3: a server may send any name as a literal; quotes and backslashes in it are part of the name."""
    told = [b'() "/" user/a@x.vn', (b'() "/" {11}', b'user/"\\b@x.v'), b"", (b"{3}", b"a b"), b" (SIZE 7)", None]

    assert boxes.joined(told) == [b'() "/" user/a@x.vn', b'() "/" "user/\\"\\\\b@x.v"', b'"a b" (SIZE 7)']
