"""The mail of one side of a merger over IMAP: which folders a mailbox has, and what names each message in them.

Folders are opened with EXAMINE and messages looked at with BODY.PEEK (RFC 3501 §6.3.2, §6.4.5): nothing is written,
and no message becomes a read one.
"""

from __future__ import annotations

import hashlib
import imaplib
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, Any

from syncagent.core.mail_record import Box
from syncagent.errors import Doubtful, Misconfigured, Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from syncagent.trust.secret import Secret

_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?P<mark>(?:[^"\\]|\\.)*)"|NIL) (?P<name>.+)', re.DOTALL)
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_NAMES = ("Message-ID", "Date", "From", "Subject")
_ASKED = f"(RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({' '.join(_NAMES).upper()})])"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ImapFolders:
    """A mail server. `account` says who signs in for a mailbox, with `{login}` or `{address}` in it."""

    host: str
    account: str
    password: Secret = field(repr=False)
    port: int = 993
    ca_file: Path | None = None
    timeout: float = 60.0

    def read(self, login: str, address: str) -> tuple[Box, ...]:
        """Return the folders of a mailbox, names with `/` between, with what names their messages.

        A message is named by its Message-ID; one that has none by a hash of date, sender and subject, for mbsync adds
        a header of its own to it, so that its size differs.

        Raises:
            Misconfigured: nobody may sign in for it, or the server cannot prove its name.
            Doubtful: the server refuses to show a folder, or not all of it came.
            Unavailable: the server does not answer.
        """
        who = self.account.format(login=login, address=address)
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            line = imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=self.timeout)
        except (OSError, imaplib.IMAP4.error) as error:
            raise self._silent(error) from error
        try:
            self._sign_in(line, who)
            return tuple(sorted(_folders(line)))
        except imaplib.IMAP4.abort as error:
            raise self._silent(error) from error
        except imaplib.IMAP4.error as error:
            says = Text(
                f"máy chủ IMAP không cho đọc đủ hộp thư {address}.", f"the IMAP server does not show all of {address}."
            )
            raise Doubtful(says, where=self.host) from error
        except OSError as error:
            raise self._silent(error) from error
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                line.logout()

    def _sign_in(self, line: imaplib.IMAP4_SSL, who: str) -> None:
        try:
            line.login(who, self.password.reveal())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            says = Text(
                f"máy chủ IMAP không cho {who} đăng nhập; hãy kiểm tra imap.account và mật khẩu.",
                f"the IMAP server does not let {who} in; look at imap.account and its password.",
            )
            raise Misconfigured(says, where=self.host) from error

    def _silent(self, error: Exception) -> Unavailable | Misconfigured:
        if isinstance(error, ssl.SSLCertVerificationError):
            says = Text(
                "máy chủ IMAP không chứng minh được tên của nó bằng chứng thư; hãy sửa ca hoặc địa chỉ.",
                "the IMAP server cannot prove its name by its certificate; correct ca or the address.",
            )
            return Misconfigured(says, where=self.host)
        return Unavailable(Text("máy chủ IMAP không trả lời.", "the IMAP server does not answer."), where=self.host)


def _folders(line: imaplib.IMAP4_SSL) -> Iterator[Box]:
    status, told = line.list()
    _expect(status)
    for one in _whole(told):
        found = _LISTED.fullmatch(one)
        if found is None or b"\\noselect" in found["flags"].lower() or b"\\nonexistent" in found["flags"].lower():
            continue
        name = _plain(found["name"])
        mark = _plain(found["mark"] or b"")
        yield _box(line, name, name.replace(mark, "/") if mark else name)


def _box(line: imaplib.IMAP4_SSL, name: str, shown: str) -> Box:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    status, told = line.select(f'"{quoted}"', readonly=True)
    _expect(status)
    count = int(told[0] or b"0")
    names: list[str] = []
    size = 0
    for start in range(1, count + 1, _AT_ONCE):
        status, answers = line.fetch(f"{start}:{min(start + _AT_ONCE - 1, count)}", _ASKED)
        _expect(status)
        for head, header in (one for one in answers if isinstance(one, tuple)):
            size += int(_first(_SIZE, head))
            names.append(_named(header))
    if len(names) != count:
        raise imaplib.IMAP4.error(f"{len(names)} of {count} messages")
    return Box(shown, tuple(names), size)


def _named(header: bytes) -> str:
    own, *others = (str(BytesHeaderParser().parsebytes(header).get(name, "")).strip() for name in _NAMES)
    return own or hashlib.sha256("\n".join(others).encode(errors="replace")).hexdigest()


def _expect(status: str) -> None:
    if status != "OK":
        raise imaplib.IMAP4.error(status)


def _first(pattern: re.Pattern[bytes], told: bytes) -> str:
    found = pattern.search(told)
    if found is None:
        raise imaplib.IMAP4.error(f"no {pattern.pattern.decode()}")
    return found[1].decode()


def _whole(told: Iterable[Any]) -> Iterator[bytes]:
    """Yield untagged answers, a name that came as a literal put where it was announced (RFC 3501 §4.3)."""
    for one in told:
        if isinstance(one, tuple):
            yield one[0][: one[0].rindex(b"{")] + one[1]
        elif one:
            yield one


def _plain(told: bytes) -> str:
    if told.startswith(b'"') and told.endswith(b'"'):
        told = re.sub(rb"\\(.)", rb"\1", told[1:-1])
    return told.decode("utf-8", "replace")
