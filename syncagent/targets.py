"""The directories, mail systems and old systems that the configuration names, each joined from its parts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncagent.connectors.exported import ExportedAccounts
from syncagent.connectors.ldif.client import LdifTarget
from syncagent.connectors.mail_folders import ImapFolders
from syncagent.connectors.mailed import MailedTarget
from syncagent.directory_settings import ServerSettings
from syncagent.errors import Misconfigured
from syncagent.files import find_mapping, read_text
from syncagent.keys import secret_of
from syncagent.mail_settings import ExchangeSettings, ObmSettings
from syncagent.mapping.directory import read_directory
from syncagent.mapping.mailbox import read_mailbox
from syncagent.settings import CsvSettings
from syncagent.text import Text
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syncagent.connectors.base import Door, MailFolders, SnapshotSource, Target
    from syncagent.connectors.base import Mailboxes as MailSystem
    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.core.directory import Directory
    from syncagent.core.merger import Merger
    from syncagent.core.policy import Policy
    from syncagent.mail_settings import MailSideSettings
    from syncagent.settings import Settings, TargetSettings
    from syncagent.trust.pseudonyms import Pseudonyms


def targets_of(settings: Settings, folder: Path, policy: Policy, pseudonyms: Pseudonyms) -> dict[str, Target]:
    """Return the directories that the configuration names.

    Raises:
        Misconfigured: the password of the agent's account is not where the configuration says.
    """
    found: dict[str, Target] = {}
    for name, target in settings.targets.items():
        directory = target.directory
        if isinstance(directory, ServerSettings) and isinstance(target.mail, ObmSettings):
            own = policy.targets[name].directory
            found[name] = _obm(name, directory, target.mail, own, settings, folder, pseudonyms)
        elif isinstance(directory, ServerSettings):
            found[name] = _on_servers(name, directory, _alone(directory, folder), settings, folder, pseudonyms)
            if isinstance(target.mail, ExchangeSettings):
                mailed = policy.targets[name].directory
                found[name] = MailedTarget(found[name], _exchange(target.mail, settings, folder), mailed, settings.zone)
        else:
            found[name] = LdifTarget(
                name=name,
                path=folder / directory.path,
                directory=policy.targets[name].directory,
                base=directory.base,
                zone=settings.zone,
                pseudonym=pseudonyms.of,
            )
    return found


def legacy_of(
    settings: Settings, folder: Path, merger: Merger, pseudonyms: Pseudonyms
) -> tuple[dict[str, SnapshotSource], dict[str, Target]]:
    """Return the old systems of a merger: those that can be read and no more, and those in which waves are carried out.

    Raises:
        Misconfigured: the password of the agent's account is not where the configuration says.
    """
    read: dict[str, SnapshotSource] = {}
    written: dict[str, Target] = {}
    asked = settings.migration.legacy if settings.migration else {}
    for name, legacy in asked.items():
        directory, mapped = legacy.directory, merger.legacies[name].directory
        if isinstance(directory, CsvSettings):
            read[name] = ExportedAccounts(name, folder / directory.path, mapped, settings.zone, pseudonyms.of)
            continue
        target: Target
        if isinstance(directory, ServerSettings):
            target = _on_servers(name, directory, mapped, settings, folder, pseudonyms)
        else:
            target = LdifTarget(name, folder / directory.path, mapped, directory.base, settings.zone, pseudonyms.of)
        if legacy.writes:
            written[name] = target
        else:
            read[name] = target
    return read, written


def mails_of(settings: Settings, folder: Path) -> dict[str, MailFolders]:
    """Return where the mail of old systems is read, by system."""
    asked = settings.migration.legacy if settings.migration else {}
    return {name: _folders(legacy.imap, settings, folder) for name, legacy in asked.items() if legacy.imap}


def new_mail_of(settings: Settings, folder: Path) -> MailFolders | None:
    """Return where the mail of the new system is read, None where nothing says so."""
    asked = settings.migration.imap if settings.migration else None
    return _folders(asked, settings, folder) if asked else None


def _folders(asked: MailSideSettings, settings: Settings, folder: Path) -> MailFolders:
    ca = folder / asked.ca if asked.ca else None
    return ImapFolders(
        asked.server, asked.account, secret_of(asked.password, settings, folder), asked.port, ca, asked.timeout
    )


def _on_servers(
    name: str, directory: ServerSettings, mapped: Directory, settings: Settings, folder: Path, pseudonyms: Pseudonyms
) -> Target:
    # ldap3 takes a fifth of a second to import: not for those who work on files
    from syncagent.connectors.ad.kind import ActiveDirectory  # noqa: PLC0415 - see above
    from syncagent.connectors.live.target import LiveTarget  # noqa: PLC0415 - same
    from syncagent.connectors.openldap.kind import OpenLdap  # noqa: PLC0415 - same

    server, bind = _reached(directory, settings, folder)
    return LiveTarget(
        name=name,
        server=server,
        bind=bind,
        directory=mapped,
        base=directory.base,
        zone=settings.zone,
        kind=ActiveDirectory(directory.quarantine or "") if directory.kind == "active-directory" else OpenLdap(),
        pseudonym=pseudonyms.of,
        root=directory.root or "",
    )


def door_of(settings: Settings, folder: Path) -> Door | None:
    """Return the directory that people log in with in the console, None without a console.

    Raises:
        Misconfigured: the password of the agent's account is not where the configuration says.
    """
    if settings.console is None:
        return None
    from syncagent.connectors.log_on import LogOn  # noqa: PLC0415 - ldap3, as above

    login = settings.console.login
    named = settings.targets[login.target].directory if login.target else login.server
    if not isinstance(named, ServerSettings):  # as the settings have made sure
        raise TypeError(named)
    server, bind = _reached(named, settings, folder)
    quick = replace(server, connect_timeout=min(server.connect_timeout, 5.0), receive_timeout=10.0, total_timeout=20.0)
    return LogOn(quick, bind, named.kind, login.base or "", tuple(settings.console.groups))


def _reached(directory: ServerSettings, settings: Settings, folder: Path) -> tuple[Server, Bind]:
    """Return where a directory is and who the agent is to it."""
    from syncagent.connectors.ldap.server import External, Kerberos, Server, Simple  # noqa: PLC0415 - as above

    asked = directory.bind
    bind: Bind
    if asked.method == "kerberos":
        bind = Kerberos(asked.name, folder / asked.keytab if asked.keytab else None)
    elif asked.method == "external":
        files = (folder / part if part else None for part in (asked.certificate, asked.key))
        bind = External(*files)
    else:
        bind = Simple(asked.name, secret_of(asked.password, settings, folder) if asked.password else Secret(""))
    server = Server(
        urls=tuple(directory.servers),
        ca_file=folder / directory.ca if directory.ca else None,
        start_tls=directory.start_tls,
        connect_timeout=directory.connect_timeout,
        receive_timeout=directory.receive_timeout,
        total_timeout=directory.total_timeout,
    )
    return server, bind


def _obm(
    name: str,
    directory: ServerSettings,
    mail: ObmSettings,
    mapped: Directory,
    settings: Settings,
    folder: Path,
    pseudonyms: Pseudonyms,
) -> Target:
    # requests and ldap3 take long to import: only for those who have OBM
    from syncagent.connectors.obm.server import Generation, Mailboxes, Provisioning  # noqa: PLC0415 - see above
    from syncagent.connectors.obm.target import ObmTarget, Places  # noqa: PLC0415 - same

    ca = folder / mail.ca if mail.ca else None
    provisioning = Provisioning(
        url=mail.url,
        domain=mail.domain,
        login=mail.account,
        password=secret_of(mail.password, settings, folder),
        generation=Generation(mail.version),
        own=mail.own,
        ca_file=ca,
        connect_timeout=mail.connect_timeout,
        receive_timeout=mail.receive_timeout,
        patience=mail.patience,
    )
    imap = mail.imap
    mailboxes = Mailboxes(
        imap.server,
        imap.account,
        secret_of(imap.password, settings, folder),
        imap.port,
        folder / imap.ca if imap.ca else ca,
        imap.timeout,
    )
    return ObmTarget(
        name,
        Places(provisioning, *_reached(directory, settings, folder), mailboxes),
        mapped,
        settings.zone,
        mail.archive.decision if mail.archive else "",
        pseudonyms.of,
    )


def _exchange(mail: ExchangeSettings, settings: Settings, folder: Path) -> MailSystem:
    # pywinrm takes long to import: only for those who have Exchange
    from syncagent.connectors.exchange.mailboxes import Copies, ExchangeMailboxes  # noqa: PLC0415 - see above
    from syncagent.connectors.exchange.winrm import (  # noqa: PLC0415 - same
        ClientCertificate,
        Endpoint,
        Password,
        Sessions,
        SignIn,
        Ticket,
        WinRmDriver,
    )

    asked = mail.sign_in
    sign_in: SignIn
    if asked.method == "kerberos":
        sign_in = Ticket(asked.name)
    elif asked.certificate and asked.key:
        sign_in = ClientCertificate(folder / asked.certificate, folder / asked.key)
    else:
        password = secret_of(asked.password, settings, folder) if asked.password else Secret("")
        sign_in = Password(asked.name, password, asked.method == "ntlm")
    host = Endpoint(mail.management_host, sign_in, folder / mail.ca if mail.ca else None, deadline=mail.deadline)
    there = Sessions(mail.sessions, mail.domain_controller, mail.account, secret_of(mail.password, settings, folder))
    copies = Copies(mail.archive.share or "", mail.archive.decision or "")
    return ExchangeMailboxes(WinRmDriver(host, there), copies, mail.inbox_rules)


def _alone(directory: ServerSettings, folder: Path) -> Directory:
    """Return how a directory holds accounts, whatever mail system stands behind it."""
    return mapped(folder, directory.schema_ or directory.kind)


def mapped(folder: Path, schema: str) -> Directory:
    """Return a directory mapping by its name or path.

    Raises:
        Misconfigured: there is none of this name, or it has faults; each is named with its line.
    """
    path = find_mapping(folder, "directories", schema)
    return read_directory(read_text(path), path.name)


def directory_of(target: TargetSettings, mapping: Callable[[str, str], tuple[str, str]]) -> Directory:
    """Return how a target holds accounts, with the mail system behind it; `mapping` reads a file by kind and name.

    Raises:
        Misconfigured: a file has faults, or OBM was given the mapping of a directory that the agent writes itself.
    """
    mail = target.mail
    if isinstance(mail, ObmSettings):
        return _of_obm(mail, *mapping("directories", target.directory.schema_ or mail.kind))
    alone = read_directory(*mapping("directories", target.directory.schema_ or target.directory.kind))
    if isinstance(mail, ExchangeSettings):
        return read_mailbox(alone, *mapping("mailboxes", mail.schema_), mail.nobody)
    return alone


def _of_obm(mail: ObmSettings, text: str, file: str) -> Directory:
    """Return how OBM holds accounts, new mailboxes on the host of the settings."""
    found = read_directory(text, file)
    service = found.provisioning
    if service is None:
        raise Misconfigured(
            Text(
                f"tệp ánh xạ “{found.name}” không có mục provisioning nên không dùng được cho OBM. Hãy bỏ dòng "
                "directory.schema, hoặc sao chép từ obm.yaml.",
                f"the mapping “{found.name}” has no part provisioning and cannot be used for OBM. Leave "
                "directory.schema out, or start from a copy of obm.yaml.",
            ),
            where=file,
        )
    new = {name: mail.mail_server if value == "{mail_server}" else value for name, value in service.new.items()}
    return replace(found, provisioning=replace(service, new=new))
