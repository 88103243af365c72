"""Secrets that somebody gives: asked for without an echo, from a file or from standard input, never as an argument."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncagent.errors import Refused
from syncagent.text import Text
from syncagent.trust import kept
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from syncagent.trust.keyfile import Use

_VARIABLE = "SYNCAGENT_PASSPHRASE"

PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    metavar="FILE",
    help=f"Tệp chứa mật khẩu của khóa, thay vì hỏi / The key's passphrase, instead of asking (or ${_VARIABLE}).",
)


def passphrase(file: str | None, *, new: bool) -> Secret:
    """Return the passphrase of a key: from a file, from the environment, or asked for.

    Raises:
        Misconfigured: the file cannot be read, or others may read it.
        Refused: there is nobody to ask.
    """
    if file:
        return kept.from_file(Path(file))
    if found := os.environ.get(_VARIABLE):
        return Secret(found)
    if not sys.stdin.isatty():
        raise Refused(
            Text(
                f"Không có màn hình để hỏi mật khẩu của khóa; hãy dùng --passphrase-file TỆP hoặc biến {_VARIABLE}.",
                f"There is no terminal to ask for the key's passphrase; use --passphrase-file FILE or {_VARIABLE}.",
            )
        )
    return _asked("Mật khẩu của khóa / Passphrase", again=new)


def new_key(path: Path, passphrase_file: str | None, use: Use) -> str:
    """Make a key pair for a use in a new file, under a passphrase, and return its public half (hex).

    Raises:
        Misconfigured: the passphrase's file cannot be read, or others may read it.
        Refused: the file is there already, the passphrase is too short, or there is nobody to ask for it.
    """
    from secrets import token_bytes

    from syncagent.trust.keyfile import made

    if path.exists():  # said before a passphrase is asked for
        raise Refused(
            Text(
                "Tệp này đã có; khóa không bao giờ bị ghi đè. Hãy chọn tên tệp khác.",
                "The file is there already; a key is never overwritten. Choose another name.",
            ),
            where=str(path),
        )
    return made(path, passphrase(passphrase_file, new=True).reveal(), token_bytes, use)


def value(file: str | None) -> Secret:
    """Return a secret to be kept: from a file, asked for on a terminal, else all of standard input.

    A final line break does not belong to it.

    Raises:
        Misconfigured: the file cannot be read, or others may read it.
    """
    if file:
        return kept.from_file(Path(file))
    if sys.stdin.isatty():
        return _asked("Giá trị / Value", again=True)
    return Secret(sys.stdin.buffer.read().rstrip(b"\r\n"))


def _asked(what: str, *, again: bool) -> Secret:
    return Secret(click.prompt(what, hide_input=True, confirmation_prompt=again, err=True))
