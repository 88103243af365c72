"""A real Cyrus IMAP server of an OBM site: log-ins by saslauthd against the directory, one mailbox tree per domain.

Settings as OBM ships them (virtual domains by user name, `/` in names, no autocreation, immediate deletion, one
administrator `cyrus`), except that clients come by TLS. saslauthd runs without its cache.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from servers.client import Server
from servers.daemon import Daemon
from servers.obm_tree import SUFFIX
from servers.pki import Authority
from servers.slapd import Slapd

_IMAPS, _LMTP = 9930, 9931
_CONFIG = """\
configdirectory: {folder}/config
partition-default: {folder}/spool
defaultpartition: default
admins: cyrus
cyrus_user: {user}
virtdomains: userid
unixhierarchysep: yes
altnamespace: yes
autocreate_quota: -1
delete_mode: {delete_mode}
allowplaintext: no
failedloginpause: 0
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: {folder}/mux/mux
sasl_mech_list: PLAIN
lmtp_downcase_rcpt: yes
tls_server_cert: {folder}/certificate.pem
tls_server_key: {folder}/key.pem
sievedir: {folder}/sieve
skiplist_unsafe: 1
"""
_SERVICES = """\
START {{
  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r -C {folder}/imapd.conf"
}}
SERVICES {{
  imaps cmd="/usr/lib/cyrus/bin/imapd -s -C {folder}/imapd.conf" listen="{address}:{imaps}" prefork=1
  lmtp cmd="/usr/lib/cyrus/bin/lmtpd -a -C {folder}/imapd.conf" listen="{address}:{lmtp}" prefork=0
}}
EVENTS {{
}}
"""
_LOG_INS = """\
ldap_servers: {ldaps}
ldap_tls_cacert_file: {ca}
ldap_tls_check_peer: yes
ldap_bind_dn: {agent}
ldap_password: {password}
ldap_search_base: {suffix}
ldap_filter: {who}
"""
_WHO = (
    "(|(&(mailBox=%U@%d)(objectClass=obmUser)(mailAccess=PERMIT))"
    "(&(uid=%U)(cn=Administrator Cyrus)(objectClass=posixAccount)))"
)
_OWNER = "cyrus"
_PATIENCE = 30.0


@dataclass(slots=True)
class Cyrus:
    """An IMAP server: IMAPS at port 9930 and LMTP at 9931 of `address`; `admin` sees every mailbox.

    Names are those of the administrator: `user/LOGIN@DOMAIN`, `user/LOGIN/FOLDER@DOMAIN`.
    """

    folder: Path
    address: str
    ca: Path
    _master: Daemon
    _log_ins: Daemon
    admin: ClassVar[str] = "cyrus"
    password: ClassVar[str] = Slapd.password
    port: ClassVar[int] = _IMAPS
    lmtp: ClassVar[int] = _LMTP

    @classmethod
    def start(
        cls, address: str, authority: Authority, directory: Server, agent: str, delete_mode: str = "immediate"
    ) -> Cyrus:
        """Return a running server whose users are in a directory; `agent` may read them there."""
        folder = Path(tempfile.mkdtemp(prefix="cyrus-"))  # not below a folder that its user may not enter
        certificate = authority.issue(address)
        for part in ("config", "spool", "sieve", "mux"):
            (folder / part).mkdir()
        shutil.copy(certificate.path, folder / "certificate.pem")
        shutil.copy(certificate.key, folder / "key.pem")
        root = os.geteuid() == 0
        user = _OWNER if root else subprocess.check_output(["id", "-un"], text=True).strip()
        settings = _CONFIG.format(folder=folder, user=user, delete_mode=delete_mode)
        services = _SERVICES.format(folder=folder, address=address, imaps=_IMAPS, lmtp=_LMTP)
        log_ins = _LOG_INS.format(
            ldaps=directory.ldaps_url, ca=authority.path, agent=agent, password=cls.password, suffix=SUFFIX, who=_WHO
        )
        for name, text in (("imapd.conf", settings), ("cyrus.conf", services), ("saslauthd.conf", log_ins)):
            (folder / name).write_text(text, encoding="utf-8")
        if root:
            subprocess.run(["chown", "-R", f"{_OWNER}:mail", str(folder)], check=True)
        asked = ("saslauthd", "-a", "ldap", "-O", str(folder / "saslauthd.conf"), "-m", str(folder / "mux"))
        master = ("cyrmaster", "-D", "-C", str(folder / "imapd.conf"), "-M", str(folder / "cyrus.conf"))
        server = cls(
            folder,
            address,
            authority.path,
            Daemon((*_alone(), *master, "-p", str(folder / "master.pid")), (address, _IMAPS), folder / "out.log"),
            Daemon((*_alone(), *asked, "-n", "2", "-r", "-d"), folder / "mux/mux", folder / "log-ins.log"),
        )
        server.restart()
        return server

    def restart(self) -> None:
        """Start again over the same mailboxes, ending first if need be."""
        self.stop()
        self._log_ins.start()
        self._master.start()
        self._greet()

    def _greet(self) -> None:
        """Wait until it greets: its first child dies of a visitor who opens the door and goes."""
        context = ssl.create_default_context(cafile=self.ca)
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                with (
                    socket.create_connection((self.address, _IMAPS), 5) as line,
                    context.wrap_socket(line, server_hostname=self.address) as verified,
                ):
                    verified.recv(1)
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return

    def runs(self) -> bool:
        return self._master.runs()

    def stop(self) -> None:
        """End it as a power cut does; its mailboxes stay for a restart."""
        self._master.kill()
        self._log_ins.kill()

    def remove(self) -> None:
        """End it for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _alone() -> tuple[str, ...]:
    """Return what ends a server with us: it changes its user, which frees it from whoever started it."""
    if os.geteuid() != 0:
        return ()
    return ("unshare", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", '"$@"; exit', "sh")
