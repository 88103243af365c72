"""Certificates that are thrown away: an authority of one's own, and what it says about a server."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import NamedTuple

DAYS = 30

_CONFIG = """\
[req]
distinguished_name = nobody
x509_extensions = authority
[nobody]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""
_SERVER = """\
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Certificate(NamedTuple):
    """A server's certificate and its private key, both PEM files; the key is readable by its owner only."""

    path: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority in a folder; clients that trust `path` (PEM) trust what it issues."""

    path: Path
    _numbers: count[int]

    @classmethod
    def make(cls, folder: Path, name: str = "Lab CA") -> Authority:
        """Given a folder that is empty or new, return an authority in it, valid for 30 days."""
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "openssl.cnf"
        config.write_text(_CONFIG, encoding="utf-8")
        path = folder / "ca.pem"
        subject = ("-subj", f"/CN={name}", "-days", str(DAYS))
        _openssl("req", "-x509", "-config", config, *_NEW_KEY, *subject, "-keyout", folder / "ca.key", "-out", path)
        return cls(path, count(1))

    def issue(self, *hosts: str, days: int = DAYS) -> Certificate:
        """Given addresses and host names, return a certificate for them, valid for `days`; -1: it has expired."""
        folder = self.path.parent
        stem = folder / f"server-{next(self._numbers)}"
        path, key, request, extensions = (stem.with_suffix(end) for end in (".pem", ".key", ".csr", ".ext"))
        extensions.write_text(_SERVER.format(names=", ".join(map(_alternative_name, hosts))), encoding="utf-8")
        subject = ("-subj", f"/CN={hosts[0]}")
        _openssl("req", "-config", folder / "openssl.cnf", *_NEW_KEY, *subject, "-keyout", key, "-out", request)
        signed_by = ("-CA", self.path, "-CAkey", folder / "ca.key", "-CAserial", folder / "serial", "-CAcreateserial")
        _openssl("x509", "-req", "-in", request, *signed_by, "-days", days, "-extfile", extensions, "-out", path)
        return Certificate(path, key)


def _alternative_name(host: str) -> str:
    try:
        return f"IP:{ip_address(host)}"
    except ValueError:
        return f"DNS:{host}"


def _openssl(*words: str | int | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)
