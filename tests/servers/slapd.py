"""A real OpenLDAP server on an address of its own, configured as an OBM site configures it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from servers.daemon import SBIN, Daemon
from servers.folders import copied
from servers.pki import Authority

_LDAP, _LDAPS = 3890, 6360
_HERE = Path(__file__).parent
_CONFIG = (_HERE / "slapd_config.ldif").read_text(encoding="utf-8")

SUFFIX = "dc=ninhbinh,dc=gov,dc=vn"

TREE = """\
dn: {suffix}
objectClass: dcObject
objectClass: organization
dc: {dc}
o: {dc}

dn: ou=policies,{suffix}
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,{suffix}
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdMinLength: 8
pwdCheckQuality: 1
pwdInHistory: 3
pwdMaxFailure: 5
pwdLockout: TRUE
pwdLockoutDuration: 300
pwdMustChange: TRUE
pwdAllowUserChange: TRUE

dn: {agent}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: syncagent
userPassword: {password}
"""


@dataclass(slots=True)
class Slapd:
    """A directory server: LDAP at 3890, LDAPS at 6360, LDAPI in `folder`, at `address` only.

    `admin` is above the law (rootdn); `agent` may write everything, but reads no more than 500 entries unless it
    asks for pages. Both bind with `password`, and not in the clear; clients verify the server with `ca` (PEM).
    """

    folder: Path
    address: str
    ca: Path
    base_dn: str
    _daemon: Daemon
    password: ClassVar[str] = "secret"  # noqa: S105 - of servers that live as long as a test

    @classmethod
    def start(
        cls, folder: Path, address: str, authority: Authority, suffix: str = SUFFIX, tree: str | None = None
    ) -> Slapd:
        """Given a folder that is new, return a running server in it.

        `tree` is its first content as LDIF, from the suffix down, taken as it is; without it, the suffix, a
        password policy and the agent.
        """
        server = cls.made(folder, address, authority, suffix)
        dc = suffix.partition(",")[0].partition("=")[2]
        first = TREE.format(suffix=suffix, dc=dc, agent=server.agent, password=cls.password)
        server.slapadd(first if tree is None else tree)
        server.restart()
        return server

    @classmethod
    def made(cls, folder: Path, address: str, authority: Authority, suffix: str = SUFFIX) -> Slapd:
        """Given a folder that is new, return a server with nothing in it that does not run yet."""
        for part in ("slapd.d", "data", "accesslog", "run"):
            (folder / part).mkdir(parents=True)
        urls = f"ldap://{address}:{_LDAP} ldaps://{address}:{_LDAPS} {_ldapi(folder)}"
        command = ("slapd", "-F", str(folder / "slapd.d"), "-h", urls, "-d", "0")
        daemon = Daemon(command, (address, _LDAPS), folder / "out.log")
        server = cls(folder, address, authority.path, suffix, daemon)
        certificate = authority.issue(address)
        config = _CONFIG.format(
            folder=folder, ca=authority.path, certificate=certificate.path, key=certificate.key, suffix=suffix,
            admin=server.admin, agent=server.agent, password=cls.password,
            obm_schema=(_HERE / "obm_schema.ldif").as_uri(),
        )  # fmt: skip
        server._slapadd(config, "-q", "-n", "0")
        return server

    @property
    def admin(self) -> str:
        return f"cn=admin,{self.base_dn}"

    @property
    def agent(self) -> str:
        return agent_of(self.base_dn)

    @property
    def ldap_url(self) -> str:
        return f"ldap://{self.address}:{_LDAP}"

    @property
    def ldaps_url(self) -> str:
        return f"ldaps://{self.address}:{_LDAPS}"

    @property
    def ldapi_url(self) -> str:
        return _ldapi(self.folder)

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

    def slapadd(self, ldif: str, *options: str) -> None:
        """Load LDIF into the stopped server as a restore from backup does: fast, and no overlay sees it."""
        self._must_not_run()
        self._slapadd(ldif, *(options or ("-q",)), "-b", self.base_dn)

    def copy_database(self, to: Path) -> None:
        """Copy the databases of the stopped server to a new folder."""
        self._must_not_run()
        for part in ("data", "accesslog"):
            copied(self.folder / part, to / part)

    def restore_database(self, source: Path) -> None:
        """Put a copy back into the stopped server."""
        self._must_not_run()
        for part in ("data", "accesslog"):
            shutil.rmtree(self.folder / part)
            copied(source / part, self.folder / part)

    def _slapadd(self, ldif: str, *options: str) -> None:
        subprocess.run(
            ["slapadd", "-F", str(self.folder / "slapd.d"), *options],
            env={**os.environ, "PATH": SBIN},
            input=ldif,
            text=True,
            capture_output=True,
            timeout=120,
            check=True,
        )

    def _must_not_run(self) -> None:
        if self.runs():
            raise RuntimeError("stop the server first: a running database cannot be copied or loaded")


def agent_of(suffix: str) -> str:
    """Return the DN with which the agent binds."""
    return f"cn=syncagent,{suffix}"


def _ldapi(folder: Path) -> str:
    return f"ldapi://{quote(str(folder / 'run/ldapi'), safe='')}"
