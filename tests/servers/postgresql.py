"""A real PostgreSQL server on an address and a socket of its own, quick because a power cut would hurt it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import ClassVar

import psycopg
from servers.daemon import Daemon
from servers.pki import Authority

_PORT = 5432
_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
_SETTINGS = {
    "fsync": "off",  # the tests kill processes, not the power
    "full_page_writes": "off",
    "ssl": "on",
    "shared_buffers": "32MB",
    "max_connections": "60",
}
_NOBODY = 65534


@dataclass(slots=True)
class PostgreSql:
    """A server: over TCP at `address` by password and TLS, over the socket in `folder` for whoever comes.

    `user` owns every database; `root` is above the law.
    """

    folder: Path
    address: str
    ca: Path
    _daemon: Daemon
    _numbers: count[int] = field(default_factory=lambda: count(1))
    user: ClassVar[str] = "syncagent"
    password: ClassVar[str] = "secret"  # noqa: S105 - of servers that live as long as a test
    port: ClassVar[int] = _PORT

    @classmethod
    def start(cls, address: str, authority: Authority) -> PostgreSql:
        """Return a running server in a folder of its own: sockets want short names, and the server is not root."""
        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        data, certificate = folder / "data", authority.issue(address)
        data.mkdir(parents=True)
        for name in ("certificate.pem", "key.pem"):
            shutil.copy(certificate.path if name == "certificate.pem" else certificate.key, folder / name)
        (folder / "key.pem").chmod(0o600)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{_NOBODY}:{_NOBODY}", str(folder)], check=True)
        made = (*_as_nobody(), str(_BINARIES[-1] / "initdb"), "-D", str(data), "-U", "root", "-A", "trust")
        subprocess.run([*made, "-E", "UTF8", "--locale", "C.UTF-8", "-N"], check=True, capture_output=True, timeout=60)
        (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.0/8 scram-sha-256\n")
        settings = _SETTINGS | {
            "listen_addresses": address,
            "unix_socket_directories": str(folder),
            "ssl_cert_file": str(folder / "certificate.pem"),
            "ssl_key_file": str(folder / "key.pem"),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = (*_as_nobody(), str(_BINARIES[-1] / "postgres"), "-D", str(data), *options)
        server = cls(folder, address, authority.path, Daemon(command, (address, _PORT), folder / "out.log"))
        server._start()
        server.ask(f"CREATE ROLE {cls.user} LOGIN PASSWORD '{cls.password}'")
        return server

    def fresh(self, options: str = "ENCODING 'UTF8'", like: str = "template0") -> str:
        """Return the name of a new database, empty or with what another one holds."""
        name = f"state{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} OWNER {self.user} TEMPLATE {like} {options}")
        return name

    def url(self, database: str) -> str:
        """Return the `state` setting for a database, over the socket."""
        return f"postgresql+psycopg://{self.user}@/{database}?host={self.folder}"

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement as the one above the law, and return its rows."""
        with psycopg.connect(host=str(self.folder), dbname=database, user="root", autocommit=True) as connection:
            cursor = connection.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def end_sessions(self, database: str, which: str = "true") -> int:
        """End the sessions of a database as an administrator does; return how many there were."""
        return len(
            self.ask(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}' AND {which}"  # noqa: S608 - tests write their own SQL
            )
        )

    def runs(self) -> bool:
        return self._daemon.runs()

    def kill(self) -> None:
        """End it as a power cut does; its folder stays for a restart."""
        self._daemon.kill()

    def remove(self) -> None:
        """End it for good."""
        self._daemon.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self) -> None:
        """Start again over the same data, ending first if need be."""
        self._daemon.kill()
        (self.folder / "data/postmaster.pid").unlink(missing_ok=True)
        self._start()

    def _start(self) -> None:
        """Start, and wait until it has recovered what a power cut left: it listens before."""
        self._daemon.start()
        ready = str(_BINARIES[-1] / "pg_isready")
        while subprocess.run([ready, "-q", "-h", str(self.folder)], check=False, timeout=30).returncode:
            time.sleep(0.01)


def _as_nobody() -> tuple[str, ...]:
    return ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups") if os.geteuid() == 0 else ()
