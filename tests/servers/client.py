"""OpenLDAP's own commands against a server of the tests, bound over a verified connection."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from syncagent.sample.accounts import Entry
from syncagent.sample.ldif import render


class Server(Protocol):
    """A running directory server, and who may do everything on it."""

    @property
    def ca(self) -> Path: ...
    @property
    def ldaps_url(self) -> str: ...
    @property
    def base_dn(self) -> str: ...
    @property
    def admin(self) -> str: ...
    @property
    def password(self) -> str: ...
    def runs(self) -> bool: ...


def ldap(
    server: Server,
    command: str,
    *words: str,
    ldif: str = "",
    who: str = "",
    password: str = "",
    url: str = "",
    code: int = 0,
) -> str:
    """Run `ldapsearch`, `ldapadd`, `ldapmodify`, … and return what it prints.

    `who` (default: the administrator) binds with `password` at `url` (default: LDAPS); `code` is the result code
    that is expected (RFC 4511 4.1.9).
    """
    bind = ("-x", "-H", url or server.ldaps_url, "-D", who or server.admin, "-w", password or server.password)
    ended = subprocess.run(
        [command, *bind, *words],
        env={**os.environ, "LDAPCONF": "/dev/null", "LDAPTLS_CACERT": str(server.ca), "LDAPTLS_REQCERT": "demand"},
        input=ldif,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if ended.returncode != code:
        raise RuntimeError(f"{command} ended with {ended.returncode}, not {code}: {ended.stdout[-500:]}{ended.stderr}")
    return ended.stdout


def load(server: Server, entries: str | Iterable[Entry]) -> None:
    """Given entries, or LDIF text, parents first, add them to a running server."""
    ldap(server, "ldapadd", ldif=entries if isinstance(entries, str) else render(entries))


def clear(server: Server, dn: str) -> None:
    """Delete an entry and all below it."""
    ldap(server, "ldapdelete", "-r", dn)
