"""Mailboxes on OBM's IMAP server (Cyrus), as its administrator sees them: looked at, never written."""

from __future__ import annotations

import imaplib
import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from syncagent.connectors.obm.api import verifying
from syncagent.errors import Doubtful, Misconfigured, SyncError, Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from syncagent.connectors.obm.server import Mailboxes

_T = TypeVar("_T")
_LISTED = re.compile(rb'\([^)]*\) (?:"(?:[^"\\]|\\.)*"|NIL) (.+)', re.DOTALL)
_SIZED = re.compile(rb"(.+) \((?:[^()]* )?SIZE (\d+)[^()]*\)", re.DOTALL)
_STORED = re.compile(rb"STORAGE (\d+) (\d+)")
_BULK = ("LIST-STATUS", "STATUS=SIZE")


class Box(NamedTuple):
    """A user's mailbox with all its folders: size in octets and quota in MB, None where the server does not tell."""

    login: str
    folders: int
    octets: int | None
    quota: int | None


@dataclass(slots=True)
class Boxes:
    """A session with the IMAP server; the connection is made anew when it was lost."""

    settings: Mailboxes
    _context: ssl.SSLContext = field(repr=False)
    _line: imaplib.IMAP4_SSL | None = field(default=None, repr=False)

    def names(self, login: str, domain: str) -> tuple[str, ...]:
        """Return the names of a user's mailbox and its folders, none if there is no mailbox.

        Raises:
            Unavailable, Misconfigured, Doubtful: the server does not tell.
        """
        return self._asked(
            lambda line: _names(line, f"user/{login}@{domain}") + _names(line, f"user/{login}/*@{domain}")
        )

    def expiring(self, login: str, domain: str) -> tuple[str, ...]:
        """Return the names of copies that Cyrus keeps for a while after a deletion (`delete_mode: delayed`)."""
        return self._asked(lambda line: _names(line, f"DELETED/user/{login}/*@{domain}"))

    def box(self, login: str, domain: str) -> Box | None:
        """Return a user's mailbox, None if there is none; its size is that which counts against the quota."""
        return self._asked(lambda line: _box(line, login, domain))

    def every(self, domain: str) -> dict[str, Box]:
        """Return all mailboxes of users of a domain, by login.

        One question for all where the server can answer that (RFC 5819, RFC 8438: sizes, no quotas), else one for each.
        """
        return self._asked(lambda line: _every(line, domain))

    def close(self) -> None:
        """Take leave."""
        line, self._line = self._line, None
        if line:
            line.shutdown()

    def _asked(self, ask: Callable[[imaplib.IMAP4_SSL], _T]) -> _T:
        for _ in range(2):
            try:
                return ask(self._open())
            except ssl.SSLCertVerificationError as error:
                raise self._unproved() from error
            except (imaplib.IMAP4.abort, OSError):
                self.close()  # a question may be asked again
            except imaplib.IMAP4.error as error:
                self.close()
                raise self._strange() from error
        try:
            return ask(self._open())
        except (imaplib.IMAP4.error, OSError) as error:
            self.close()
            says = Text("máy chủ IMAP của OBM không trả lời.", "OBM's IMAP server does not answer.")
            raise Unavailable(says, where=self.settings.host) from error

    def _open(self) -> imaplib.IMAP4_SSL:
        if self._line is None:
            where = self.settings
            line = imaplib.IMAP4_SSL(where.host, where.port, ssl_context=self._context, timeout=where.timeout)
            try:
                line.login(where.login, where.password.reveal())
            except imaplib.IMAP4.abort:
                line.shutdown()
                raise
            except imaplib.IMAP4.error as error:
                line.shutdown()
                raise self._refused() from error
            self._line = line
        return self._line

    def _refused(self) -> SyncError:
        says = Text(
            "máy chủ IMAP không nhận tài khoản quản trị hộp thư của tác tử.",
            "the IMAP server does not take the agent's administrator account.",
        )
        return Misconfigured(says, where=self.settings.host)

    def _unproved(self) -> SyncError:
        says = Text(
            "máy chủ IMAP không chứng minh được tên của nó bằng chứng thư; chưa gửi gì. Hãy sửa ca hoặc địa chỉ.",
            "the IMAP server cannot prove its name by its certificate; nothing was sent. Correct ca or address.",
        )
        return Misconfigured(says, where=self.settings.host)

    def _strange(self) -> SyncError:
        says = Text("máy chủ IMAP từ chối liệt kê hộp thư.", "the IMAP server refuses to list mailboxes.")
        return Doubtful(says, where=self.settings.host)


@contextmanager
def open_boxes(settings: Mailboxes) -> Iterator[Boxes]:
    """Open a session with the IMAP server when it is first asked, and close it in the end.

    Raises:
        Misconfigured: the file of authorities cannot be read.
    """
    boxes = Boxes(settings, verifying(settings.ca_file))
    try:
        yield boxes
    finally:
        boxes.close()


# ── what is asked ──


def _names(line: imaplib.IMAP4_SSL, pattern: str) -> tuple[str, ...]:
    status, told = line.list('""', f'"{pattern}"')
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return tuple(name for name in map(_name, joined(told)) if name)


def _box(line: imaplib.IMAP4_SSL, login: str, domain: str) -> Box | None:
    folders = len(_names(line, f"user/{login}@{domain}")) + len(_names(line, f"user/{login}/*@{domain}"))
    if not folders:
        return None
    status, told = line.getquota(f'"user/{login}@{domain}"')
    found = _STORED.search(b" ".join(joined(told))) if status == "OK" else None
    return Box(login, folders, *((int(found[1]) << 10, int(found[2]) >> 10) if found else (None, None)))


def _every(line: imaplib.IMAP4_SSL, domain: str) -> dict[str, Box]:
    pattern = f'"user/*@{domain}"'
    can = {str(word).upper() for word in line.capability()[1][0].decode().split()}
    if not can.issuperset(_BULK):
        names = _names(line, pattern.strip('"'))
        logins = sorted({login for name in names if (login := _owner(name, domain))})
        return {login: box for login in logins if (box := _box(line, login, domain))}
    line.response("STATUS")
    status, _ = line.xatom("LIST", '""', pattern, "RETURN", "(STATUS (SIZE))")
    listed, sized = line.response("LIST")[1], line.response("STATUS")[1]
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    sizes = {_plain(found[1]): int(found[2]) for one in joined(sized) if (found := _SIZED.fullmatch(one))}
    folders: dict[str, list[int | None]] = {}
    for name in filter(None, map(_name, joined(listed))):
        if login := _owner(name, domain):
            folders.setdefault(login, []).append(sizes.get(name))
    return {
        login: Box(login, len(found), None if None in found else sum(filter(None, found)), None)
        for login, found in sorted(folders.items())
    }


def _owner(name: str, domain: str) -> str:
    """Return whose mailbox a name is, empty for anything else."""
    if not name.startswith("user/") or not name.endswith(f"@{domain}"):
        return ""
    return name.removeprefix("user/").removesuffix(f"@{domain}").partition("/")[0]


def joined(told: Iterable[Any]) -> list[bytes]:
    """Return untagged answers, each with its literal put where it was announced."""
    found: list[bytes] = []
    rest = iter(told)
    for one in rest:
        if isinstance(one, tuple):
            head, literal = one[0], one[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            tail = next(rest, b"")
            found.append(head[: head.rindex(b"{")] + b'"' + literal + b'"' + (tail if isinstance(tail, bytes) else b""))
        elif isinstance(one, bytes):
            found.append(one)
    return found


def _name(told: bytes) -> str:
    found = _LISTED.fullmatch(told)
    return _plain(found[1]) if found else ""


def _plain(told: bytes) -> str:
    if told.startswith(b'"') and told.endswith(b'"'):
        told = re.sub(rb"\\(.)", rb"\1", told[1:-1])
    return told.decode("utf-8", "replace")
