"""A whole province on a real server, for benchmarks: the accounts of the sample, as each server keeps them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from servers import folders
from servers.client import load
from servers.pki import Authority
from servers.place import own_address
from servers.samba import Samba
from servers.samba_template import Template, made
from servers.slapd import SUFFIX, TREE, Slapd, agent_of

from syncagent.cli.starting import DEMO_DAY
from syncagent.sample.accounts import Entry
from syncagent.sample.ldif import render
from syncagent.sample.province import generate
from syncagent.sample.sample import Sample
from syncagent.wiring import communes, shipped_directory

SIZE = 30_000

_BY_THE_SERVER = frozenset({"objectGUID", "whenCreated", "pwdLastSet", "lastLogonTimestamp", "adminCount"})
"""What an Active Directory writes by itself and refuses from others."""


@cache
def province(mapping: str, size: int = SIZE) -> Sample:
    """Return the sample whose roster fits the crowd on a server: `active-directory` or `openldap`."""
    return generate(size, as_of=DEMO_DAY, directory=shipped_directory(mapping), communes=communes())


def of_slapd(size: int = SIZE) -> str:
    """Return the tree of a slapd with a crowd: `Slapd.start(…, tree=of_slapd())`, with identities and times."""
    first = TREE.format(suffix=SUFFIX, dc="ninhbinh", agent=agent_of(SUFFIX), password=Slapd.password)
    return first + "\n" + render(_kept("openldap", size)).removeprefix("version: 1\n\n")


def of_samba(size: int = SIZE) -> Path:
    """Return a template with a crowd: `Samba.start(…, template=of_samba())`; making it takes minutes, once."""
    base = made(Template.RECYCLE_BIN)
    ldif = render(_kept("active-directory", size))
    content = hashlib.sha256(ldif.encode()).hexdigest()[:12]
    folder = base.parent.with_name(f"{base.parent.name}-crowd-{content}")
    with folders.alone(folder):
        if not folder.exists():
            _load_samba(base, ldif, folder)
    return folder


def _load_samba(base: Path, ldif: str, folder: Path) -> None:
    with TemporaryDirectory(dir=folder.parent) as name, own_address() as address:
        workshop = Path(name)
        server = Samba.start(workshop / "samba", address, base, Authority.make(workshop / "pki"))
        try:
            load(server, ldif)
        finally:
            server.stop()
        shutil.rmtree(server.folder / "run")
        server.folder.rename(folder)


def _kept(mapping: str, size: int) -> Iterator[Entry]:
    """Yield containers and accounts, parents first."""
    for dn, attributes in province(mapping, size).entries:
        classes = attributes["objectClass"]
        match mapping:
            case "openldap" if "inetOrgPerson" in classes:
                yield Entry(dn, {"sn": attributes["cn"], **attributes})
            case "active-directory" if classes[-1] == "user":
                yield Entry(dn, {name: values for name, values in attributes.items() if name not in _BY_THE_SERVER})
            case _ if classes[-1] == "organizationalUnit":
                yield Entry(dn, attributes)
            case _:
                pass
