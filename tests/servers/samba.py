"""A real Active Directory domain controller: Samba on an address of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from servers.daemon import Daemon
from servers.folders import copied
from servers.pki import Authority
from servers.samba_template import ADMIN, BASE_DN, DOMAIN, HOST, PASSWORD, REALM, Template, made

_LDAPS = 636

_SMB_CONF = """\
[global]
realm = {realm}
workgroup = {domain}
netbios name = {host}
server role = active directory domain controller
server services = ldap, kdc
dcerpc endpoint servers = none
interfaces = {address}/8
bind interfaces only = yes
private dir = {folder}/private
state directory = {folder}/state
cache directory = {folder}/cache
lock directory = {folder}/lock
binddns dir = {folder}/bind-dns
pid directory = {folder}/run
ncalrpc dir = {folder}/run/ncalrpc
winbindd socket directory = {folder}/run/winbindd
ntp signd socket directory = {folder}/run/ntp_signd
log file = {folder}/samba.log
max log size = 0
log level = 0
tls enabled = yes
tls certfile = {certificate}
tls keyfile = {key}
tls cafile = {ca}
tls verify peer = no_check
ldap server require strong auth = allow_sasl_over_tls
idmap_ldb:use rfc2307 = yes
ldb:nosync = true
"""

_KRB5_CONF = """\
[libdefaults]
default_realm = {realm}
rdns = false
dns_canonicalize_hostname = false
dns_lookup_kdc = false
[realms]
{realm} = {{
    kdc = {address}:88
}}
"""


@dataclass(slots=True)
class Samba:
    """A domain controller: LDAP at 389, LDAPS at 636, Kerberos at 88, all below `folder` and at `address` only.

    `admin` may bind with `password`; clients verify it with `ca` (PEM).
    """

    folder: Path
    address: str
    ca: Path
    _daemon: Daemon
    base_dn: ClassVar[str] = BASE_DN
    admin: ClassVar[str] = ADMIN
    password: ClassVar[str] = PASSWORD
    realm: ClassVar[str] = REALM

    @classmethod
    def start(cls, folder: Path, address: str, template: Template | Path, authority: Authority) -> Samba:
        """Given a folder that is new, return a running server over a copy of a template in it."""
        copied(made(template) if isinstance(template, Template) else template, folder)
        for part in ("run", "cache", "lock"):
            (folder / part).mkdir(exist_ok=True)
        certificate = authority.issue(address, f"{HOST}.{REALM}")
        (folder / "etc/smb.conf").write_text(
            _SMB_CONF.format(
                realm=REALM.upper(), domain=DOMAIN, host=HOST.upper(), address=address, folder=folder,
                certificate=certificate.path, key=certificate.key, ca=authority.path,
            ),
            encoding="utf-8",
        )  # fmt: skip
        command = ("samba", "-s", f"{folder}/etc/smb.conf", "-F", "-M", "single", "--no-process-group")
        server = cls(folder, address, authority.path, Daemon(command, (address, _LDAPS), folder / "out.log"))
        server.restart()
        return server

    @property
    def ldap_url(self) -> str:
        return f"ldap://{self.address}:389"

    @property
    def ldaps_url(self) -> str:
        return f"ldaps://{self.address}:{_LDAPS}"

    def runs(self) -> bool:
        return self._daemon.runs()

    def stop(self) -> None:
        self._daemon.stop()

    def kill(self) -> None:
        self._daemon.kill()

    def restart(self) -> None:
        """Start again over the same database, ending first if need be."""
        self._daemon.stop()
        self._daemon.start()

    def copy_database(self, to: Path) -> None:
        """Copy the database of the stopped server to a new folder, as a snapshot of a virtual machine does."""
        self._must_not_run()
        copied(self.folder / "private", to)

    def restore_database(self, source: Path) -> None:
        """Put a copy back into the stopped server, which then lives through the same update numbers again."""
        self._must_not_run()
        shutil.rmtree(self.folder / "private")
        copied(source, self.folder / "private")

    def log_on(self, login: str, password: str) -> None:
        """Log somebody on by Kerberos, as Windows does: this sets lastLogon, which a simple bind does not."""
        subprocess.run(
            ["kinit", "-c", f"MEMORY:{login}", f"{login}@{REALM.upper()}"],
            env={**os.environ, "KRB5_CONFIG": str(self.krb5_conf())},
            input=f"{password}\n",
            text=True,
            capture_output=True,
            timeout=30,
            check=True,
        )

    def krb5_conf(self) -> Path:
        """Return the file that tells Kerberos clients where the domain's tickets are given out."""
        config = self.folder / "krb5.conf"
        config.write_text(_KRB5_CONF.format(realm=REALM.upper(), address=self.address), encoding="utf-8")
        return config

    def keytab(self, login: str, password: str) -> Path:
        """Return a key table of an account, as `ktpass` makes one on Windows: its password is not needed any more."""
        table = self.folder / f"{login}.keytab"
        table.unlink(missing_ok=True)  # ktutil adds to what is there
        principal = f"{login}@{REALM.upper()}"
        words = f"addent -password -p {principal} -k 1 -e aes256-cts-hmac-sha1-96\n{password}\nwkt {table}\nquit\n"
        subprocess.run(["ktutil"], input=words, text=True, capture_output=True, timeout=30, check=True)
        return table

    def _must_not_run(self) -> None:
        if self.runs():
            raise RuntimeError("stop the server first: a running database cannot be copied")
