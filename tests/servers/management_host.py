"""The Windows machine that the agent reaches by WinRM: the cmdlets of PowerShell itself, and a way to Exchange's.

Exchange's cmdlets are there once a session with the organization is opened and imported, and only those that the roles
of its account hold. Each may be told to fail, before or after it did its work.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock
from typing import Any

from servers.exchange import PROTOCOLS, Organization
from servers.exchange_cmdlets import CMDLETS
from servers.exchange_words import failure
from servers.powershell_values import NOTHING, Failure, PsObject, Unspoken, text_of

_SESSIONS = 18
"""PowerShellMaxConcurrency of the default throttling policy."""
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WHERE = {"Identity", "DomainController"}
_FREE = {"Set-Mailbox": None, "Set-CASMailbox": frozenset(PROTOCOLS)}


class How(Enum):
    """What may be wrong with a cmdlet."""

    FAILS_BEFORE = "fails before"
    FAILS_AFTER = "fails after"
    ONLY_WARNS = "only warns"


@dataclass(slots=True)
class ManagementHost:
    """`account` may open sessions with `password` at `uri`; `roles` are the cmdlets it may run.

    `wrong` says of a cmdlet what is wrong with it, each time.
    """

    exchange: Organization
    uri: str = "http://ex01.ninhbinh.gov.vn/PowerShell/"
    account: str = "NINHBINH\\svc-syncagent"
    password: str = "Passw0rd.Exchange"  # noqa: S105 - of a model
    roles: frozenset[str] = frozenset(CMDLETS)
    wrong: dict[str, How] = field(default_factory=dict)
    sessions: int = 0
    most_sessions: int = 0
    lock: Lock = field(default_factory=Lock)


@dataclass(slots=True)
class Process:
    """The cmdlets of one powershell.exe on the host."""

    host: ManagementHost
    warnings: list[str] = field(default_factory=list)
    _imported: frozenset[str] = frozenset()
    _drives: dict[str, str] = field(default_factory=dict)

    def run(self, name: str, positional: list[Any], named: Mapping[str, Any]) -> Iterable[Any]:
        """Run a cmdlet; all that it does is done by one process at a time, as a domain controller would have it."""
        if positional:
            raise Unspoken(f"{name} {positional}")
        own = getattr(self, "_" + name.replace("-", "_").casefold(), None)
        if own:
            return list(own(named))
        if name not in self._imported:
            says = f"The term '{name}' is not recognized as the name of a cmdlet."
            raise Failure(says, "CommandNotFoundException", "ObjectNotFound")
        with self.host.lock:
            return self._exchange(name, named)

    def _exchange(self, name: str, named: Mapping[str, Any]) -> list[Any]:
        exchange, how = self.host.exchange, self.host.wrong.get(name)
        if how is How.FAILS_BEFORE:
            raise failure(
                "ADTransientException", "The Active Directory server is not available.", name, "ConnectionError"
            )
        if how is How.ONLY_WARNS:
            self.warnings.append("Something else happened than was asked for.")
            return []
        exchange.ran.update([f"{name} -{set_}" for set_ in named if set_ not in _WHERE] if name in _FREE else [name])
        already = len(exchange.warnings)
        found = list(CMDLETS[name](exchange, **_bound(name, named)) or ())
        self.warnings.extend(exchange.warnings[already:])
        if how is How.FAILS_AFTER:
            raise failure("ADTransientException", "The operation couldn't be verified.", name, "ConnectionError")
        return found

    # ── PowerShell's own ──

    def _set_strictmode(self, named: Mapping[str, Any]) -> Iterable[Any]:
        assert named["Version"]
        return ()

    def _convertto_securestring(self, named: Mapping[str, Any]) -> Iterable[Any]:
        yield PsObject({"Plain": named["String"]}, "System.Security.SecureString")

    def _new_object(self, named: Mapping[str, Any]) -> Iterable[Any]:
        assert named["TypeName"] == "System.Management.Automation.PSCredential"
        user, secret = named["ArgumentList"]
        yield PsObject({"UserName": user, "Password": secret})

    def _new_pssessionoption(self, named: Mapping[str, Any]) -> Iterable[Any]:
        yield PsObject(dict(named))

    def _new_pssession(self, named: Mapping[str, Any]) -> Iterable[Any]:
        host, credential = self.host, named["Credential"]
        if (named["ConfigurationName"], named["Authentication"]) != ("Microsoft.Exchange", "Kerberos"):
            raise Failure("Access is denied.", "AccessDenied,PSSessionOpenFailed", "OpenError")
        if named["ConnectionUri"] != host.uri:
            raise Failure("Cannot find the computer.", "NetworkPathNotFound,PSSessionOpenFailed", "OpenError")
        given = (credential.properties.get("UserName"), credential.properties.get("Password").properties.get("Plain"))
        if given != (host.account, host.password):
            raise Failure("Access is denied.", "AccessDenied,PSSessionOpenFailed", "OpenError")
        with host.lock:
            if host.sessions >= _SESSIONS:
                raise Failure(
                    "Fail to create runspace: exceeded the maximum of 18.",
                    "-2144108477,PSSessionOpenFailed",
                    "OpenError",
                )
            host.sessions += 1
            host.most_sessions = max(host.most_sessions, host.sessions)
        yield PsObject({"Culture": named["SessionOption"].properties.get("Culture")}, "session")

    def _import_pssession(self, named: Mapping[str, Any]) -> Iterable[Any]:
        assert text_of(named["Session"]) == "session"
        self._imported = frozenset(named["CommandName"]) & self.host.roles
        yield PsObject({}, "module")

    def _get_command(self, named: Mapping[str, Any]) -> Iterable[Any]:
        yield from (PsObject({"Name": name}, name) for name in named["Name"] if name in self._imported)

    def _remove_pssession(self, named: Mapping[str, Any]) -> Iterable[Any]:
        assert text_of(named["Session"]) == "session"
        with self.host.lock:
            self.host.sessions -= 1
        self._imported = frozenset()
        return ()

    def _new_psdrive(self, named: Mapping[str, Any]) -> Iterable[Any]:
        assert named["PSProvider"] == "FileSystem"
        assert named["Credential"] is not NOTHING
        self._drives[named["Name"]] = named["Root"]
        yield PsObject({}, named["Name"])

    def _remove_psdrive(self, named: Mapping[str, Any]) -> Iterable[Any]:
        self._drives.pop(named["Name"], None)
        return ()

    def _join_path(self, named: Mapping[str, Any]) -> Iterable[Any]:
        yield f"{named['Path'].rstrip(chr(92))}\\{named['ChildPath']}"

    def _get_filehash(self, named: Mapping[str, Any]) -> Iterable[Any]:
        drive, _, rest = named["LiteralPath"].partition(":")
        path = self._drives.get(drive, "") + rest
        if path not in self.host.exchange.files:
            raise Failure(f"Cannot find path '{named['LiteralPath']}'.", "FileNotFound", "ObjectNotFound")
        digest = hashlib.sha256(self.host.exchange.files[path]).hexdigest().upper()
        yield PsObject({"Algorithm": named["Algorithm"], "Hash": digest})


def _bound(name: str, named: Mapping[str, Any]) -> dict[str, Any]:
    """Bind parameters as PowerShell does: what the cmdlet has not is an error before anything happens."""
    signature = inspect.signature(CMDLETS[name])
    declared = {parameter for parameter in signature.parameters if parameter not in {"on", "values"}}
    bound: dict[str, Any] = {}
    for given, value in named.items():
        own = _WORD.sub("_", given).casefold()
        if own in declared:
            bound[own] = value
        elif name in _FREE and (_FREE[name] is None or given in (_FREE[name] or ())):
            bound[given] = value
        else:
            says = f"A parameter cannot be found that matches parameter name '{given}'."
            raise Failure(says, f"NamedParameterNotFound,{name}", "InvalidArgument")
    return bound
