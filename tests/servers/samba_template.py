"""A provisioned Active Directory, made once per checkout and copied for every server that is started."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from enum import Enum
from pathlib import Path

from servers import exchange_schema
from servers.folders import CACHE, alone, copied

REALM = "ninhbinh.gov.vn"
BASE_DN = "DC=ninhbinh,DC=gov,DC=vn"
DOMAIN = "NINHBINH"
HOST = "dc1"
ADMIN = f"administrator@{REALM}"
PASSWORD = "Passw0rd.Lab1"  # noqa: S105 - of servers that live as long as a test

_SCHEMA = f"CN=Schema,CN=Configuration,{BASE_DN}"
_LOOPBACK = ("interfaces=127.0.0.1/8", "bind interfaces only=yes")

_HOUSE_RULES = f"""\
dn: CN={HOST.upper()},OU=Domain Controllers,{BASE_DN}
changetype: modify
add: servicePrincipalName
servicePrincipalName: ldap/{HOST}.{REALM}
servicePrincipalName: ldap/{HOST.upper()}

dn: {BASE_DN}
changetype: modify
replace: minPwdAge
minPwdAge: 0
-
replace: maxPwdAge
maxPwdAge: -9223372036854775808
"""
"""Kerberos for LDAP, and passwords that may be changed at once and never expire."""

_RECYCLE_BIN = f"""\
dn:
changetype: modify
add: enableOptionalFeature
enableOptionalFeature: CN=Partitions,CN=Configuration,{BASE_DN}:766ddcd8-acd0-445e-f3b9-a7f9b6744f2a
"""


class Template(Enum):
    """Which directory: what deleted entries keep differs (MS-ADTS 3.1.1.1.9.1)."""

    PLAIN = "plain"
    RECYCLE_BIN = "recycle-bin"


def made(template: Template) -> Path:
    """Return the folder of a template; whoever comes first makes all of them (five seconds), others wait."""
    recipe = hashlib.sha256()
    for module in (__file__, exchange_schema.__file__):
        recipe.update(Path(module).read_bytes())
    folder = CACHE / f"samba-{recipe.hexdigest()[:12]}"
    with alone(folder):
        if not folder.exists():
            _make(folder)
    return folder / template.value


def provisioned(folder: Path, sid: str = "") -> Path:
    """Return a new folder with another domain of the same name, nothing in it; `sid` is its own, drawn if empty."""
    folder.mkdir(parents=True)
    empty = folder.with_name("smb.conf")
    empty.touch()
    options = (f"--option={option}" for option in _LOOPBACK)
    _run(
        *("samba-tool", "domain", "provision", "--quiet", f"--configfile={empty}", f"--targetdir={folder}"),
        *(f"--realm={REALM}", f"--domain={DOMAIN}", f"--host-name={HOST}", "--host-ip=127.0.0.1"),
        *(f"--adminpass={PASSWORD}", "--server-role=dc", "--dns-backend=NONE", "--use-rfc2307"),
        *("--backend-store=mdb", "--backend-store-size=2Gb", *options),
        *([f"--domain-sid={sid}"] if sid else []),
    )
    return folder


def _make(folder: Path) -> None:
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    plain = provisioned(unfinished / Template.PLAIN.value)
    for changes in (
        _HOUSE_RULES,
        exchange_schema.additions(_SCHEMA),
        exchange_schema.allowances(_SCHEMA),
        *exchange_schema.devices(_SCHEMA),
    ):
        _changed(plain, changes)
    shutil.rmtree(plain / "run", ignore_errors=True)
    copied(plain, unfinished / Template.RECYCLE_BIN.value)
    _changed(unfinished / Template.RECYCLE_BIN.value, _RECYCLE_BIN)
    unfinished.rename(folder)


def _changed(template: Path, ldif: str) -> None:
    """Change a directory that no server runs on, with the rights of the system."""
    database = template / "private/sam.ldb"
    _run("ldbmodify", "--url", database, "--option=dsdb:schema update allowed=true", words=ldif)


def _run(*command: str | Path, words: str = "") -> None:
    ended = subprocess.run(
        [str(word) for word in command], input=words, capture_output=True, text=True, timeout=300, check=False
    )
    if ended.returncode:
        raise RuntimeError(f"{command[0]}: {ended.stderr[-2000:]}")
