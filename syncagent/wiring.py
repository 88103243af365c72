"""The only file that knows every concrete part and joins them: read it to see the whole."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4  # noqa: TID251 - the one place that draws chance

from syncagent.connectors.copies import FileCopy, SyslogCopy
from syncagent.connectors.exported import ExportedAccounts
from syncagent.connectors.ldif.client import LdifTarget
from syncagent.connectors.mailed import MailedTarget
from syncagent.connectors.roster.read import FileRoster, RosterFile
from syncagent.connectors.roster.requests import WrittenRequests
from syncagent.connectors.roster.rulings import read_rulings
from syncagent.core.action import Review
from syncagent.core.merger import Fate, Legacy, Merger, Wave
from syncagent.core.periods import Length
from syncagent.core.policy import Adoption, Policy, Reviews
from syncagent.core.policy import Target as Place
from syncagent.core.regulation import InternalMove
from syncagent.errors import Misconfigured
from syncagent.files import find_mapping, find_merger, find_settings, read_text, shipped_mappings
from syncagent.mail_settings import ExchangeSettings
from syncagent.mapping.brakes import read_brakes
from syncagent.mapping.calendar import read_calendar
from syncagent.mapping.columns import read_columns
from syncagent.mapping.directory import read_directory
from syncagent.mapping.mailbox import read_mailbox
from syncagent.mapping.merger import FILE as MERGER_FILE
from syncagent.mapping.merger import TABLES, read_merger
from syncagent.mapping.regulation import read_regulation
from syncagent.report.letter import Office
from syncagent.runs.agent import Agent, Migration
from syncagent.runs.secrets import KeyPlace
from syncagent.secret_ref import SecretRef, read_secret
from syncagent.settings import CsvSettings, ServerSettings, read_settings
from syncagent.store.requests import recorded
from syncagent.store.store import Store, file_of, open_store
from syncagent.text import Text
from syncagent.trust import kept
from syncagent.trust.passwords import Holder, generate
from syncagent.trust.pseudonyms import Pseudonyms
from syncagent.trust.secret import Secret
from syncagent.trust.signing import SigningKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from syncagent.connectors.base import CheckpointCopy, Mailboxes, SnapshotSource, Target
    from syncagent.core.action import Action
    from syncagent.core.directory import Directory
    from syncagent.core.regulation import Regulation
    from syncagent.core.request import Request
    from syncagent.mapping.columns import ColumnMap
    from syncagent.settings import Settings, TargetSettings

_YEARS_BACK, _YEARS_AHEAD = 2, 4


def now() -> datetime:
    """Return the wall clock in UTC; nothing below this floor reads it."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


def settings_of(named: str | None, here: Path) -> tuple[Settings, Path]:
    """Return the configuration and the folder that its relative paths start from.

    Raises:
        Misconfigured: there is none, or it has faults.
    """
    path = find_settings(named, os.environ, here)
    return read_settings(path), path.resolve().parent


def files_of(settings: Settings, folder: Path) -> frozenset[Path]:
    """Return the files that an output must never replace: those the configuration names, itself, and the state's."""
    named = {word for word in _words(settings.model_dump(mode="json")) if word} | {settings.file}
    state = folder / (file_of(settings.state) or "syncagent.db")
    beside = set(state.parent.glob(f"{state.name}*"))
    return frozenset(one.resolve() for one in {*(folder / name for name in named), *beside} if _is_file(one))


def _words(value: object) -> Iterator[str]:
    """Yield every text that stands in a settings file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _words(part)
    elif isinstance(value, list):
        for part in value:
            yield from _words(part)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text that is no path at all
        return False


@contextmanager
def agent_of(settings: Settings, folder: Path) -> Iterator[Agent]:
    """Join the parts that the configuration names, and close them afterwards.

    Raises:
        Misconfigured: a mapping or a secret has faults.
    """
    policy = policy_of(settings, folder)
    store = _store(settings, folder)
    try:
        pseudonyms = pseudonyms_of(settings, folder, lasting=True)
        yield Agent(
            policy=policy,
            roster=roster_of(settings, folder, pseudonyms),
            requests=requests_of(settings, folder, pseudonyms),
            targets=targets_of(settings, folder, policy, pseudonyms),
            store=store,
            clock=now,
            zone=settings.zone,
            new_id=lambda: secrets.token_hex(3),
            pseudonyms=pseudonyms,
            signer=signer_of(settings, folder),
            new_password=lambda action: new_password(policy, action),
            switch=switch_of(settings, folder),
            reserve=settings.reserve,
            copies=copies_of(settings, folder),
            migration=migration_of(settings, folder, pseudonyms),
        )
    finally:
        store.close()


def _store(settings: Settings, folder: Path) -> Store:
    asked = settings.state_password
    password = _secret(asked, settings, folder).reveal() if asked else ""
    return open_store(settings.state, folder, str(uuid4()), password)


def switch_of(settings: Settings, folder: Path) -> Path:
    """Return the file that stops every apply on this host while it is there."""
    beside = file_of(settings.state) or "syncagent"
    return folder / (settings.stop_file or f"{beside}.stop")


def targets_of(settings: Settings, folder: Path, policy: Policy, pseudonyms: Pseudonyms) -> dict[str, Target]:
    """Return the directories that the configuration names.

    Raises:
        Misconfigured: the password of the agent's account is not where the configuration says.
    """
    found: dict[str, Target] = {}
    for name, target in settings.targets.items():
        directory = target.directory
        if isinstance(directory, ServerSettings):
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


def _on_servers(
    name: str, directory: ServerSettings, mapped: Directory, settings: Settings, folder: Path, pseudonyms: Pseudonyms
) -> Target:
    # ldap3 takes a fifth of a second to import: not for those who work on files
    from syncagent.connectors.ad.kind import ActiveDirectory  # noqa: PLC0415 - see above
    from syncagent.connectors.ldap.server import Bind, External, Kerberos, Server, Simple  # noqa: PLC0415 - same
    from syncagent.connectors.live.target import LiveTarget  # noqa: PLC0415 - same
    from syncagent.connectors.openldap.kind import OpenLdap  # noqa: PLC0415 - same

    asked = directory.bind
    bind: Bind
    if asked.method == "kerberos":
        bind = Kerberos(asked.name, folder / asked.keytab if asked.keytab else None)
    elif asked.method == "external":
        files = (folder / part if part else None for part in (asked.certificate, asked.key))
        bind = External(*files)
    else:
        bind = Simple(asked.name, _secret(asked.password, settings, folder) if asked.password else Secret(""))
    return LiveTarget(
        name=name,
        server=Server(
            urls=tuple(directory.servers),
            ca_file=folder / directory.ca if directory.ca else None,
            start_tls=directory.start_tls,
            connect_timeout=directory.connect_timeout,
            receive_timeout=directory.receive_timeout,
            total_timeout=directory.total_timeout,
        ),
        bind=bind,
        directory=mapped,
        base=directory.base,
        zone=settings.zone,
        kind=ActiveDirectory(directory.quarantine or "") if directory.kind == "active-directory" else OpenLdap(),
        pseudonym=pseudonyms.of,
        root=directory.root or "",
    )


def _alone(directory: ServerSettings, folder: Path) -> Directory:
    """Return how a directory holds accounts, whatever mail system stands behind it."""
    return _mapped(folder, directory.schema_ or directory.kind)


def _exchange(mail: ExchangeSettings, settings: Settings, folder: Path) -> Mailboxes:
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
        password = _secret(asked.password, settings, folder) if asked.password else Secret("")
        sign_in = Password(asked.name, password, asked.method == "ntlm")
    host = Endpoint(mail.management_host, sign_in, folder / mail.ca if mail.ca else None, deadline=mail.deadline)
    there = Sessions(mail.sessions, mail.domain_controller, mail.account, _secret(mail.password, settings, folder))
    copies = Copies(mail.archive.share or "", mail.archive.decision or "")
    return ExchangeMailboxes(WinRmDriver(host, there), copies)


def merger_of(settings: Settings, folder: Path) -> Merger | None:
    """Return the merger of provinces that is configured, None without one.

    Raises:
        Misconfigured: its data or a mapping has faults, or a system or domain is none of its.
    """
    asked = settings.migration
    if asked is None:
        return None
    place = find_merger(folder, asked.merger)
    tables = {name: read_text(place / name) for name in TABLES}
    crosswalk = read_merger(read_text(place / MERGER_FILE), MERGER_FILE, tables)
    for name, legacy in asked.legacy.items():
        domains = crosswalk.systems[name].domains if name in crosswalk.systems else ()
        if legacy.domain not in domains:
            known = ", ".join(f"{one}: {' '.join(system.domains)}" for one, system in crosswalk.systems.items())
            raise Misconfigured(
                Text(
                    f"Bộ dữ liệu sáp nhập {crosswalk.name} không có hệ thống {name} với tên miền {legacy.domain}; hiện "
                    f"có: {known}.",
                    f"Merger {crosswalk.name} has no system {name} with domain {legacy.domain}; there are: {known}.",
                ),
                where=settings.where("migration", "legacy", name),
            )
        if legacy.regulation != "none":
            regulation_named(folder, legacy.regulation)
    return Merger(
        crosswalk=crosswalk,
        target=asked.target or next(iter(settings.targets)),
        legacies={
            name: Legacy(
                name,
                legacy.domain,
                _mapped(folder, legacy.directory.schema_ or legacy.directory.kind),
                "" if legacy.regulation == "none" else legacy.regulation,
            )
            for name, legacy in sorted(asked.legacy.items())
        },
        waves=tuple(Wave(tuple(one.units), {Fate(fate): n for fate, n in one.counts.items()}) for one in asked.waves),
        aliases_until=asked.aliases_until,
    )


def migration_of(settings: Settings, folder: Path, pseudonyms: Pseudonyms) -> Migration | None:
    """Return the merger with its old systems and the reader of answers; None without a merger.

    Raises:
        Misconfigured: as `merger_of` and `legacy_of`.
    """
    merger = merger_of(settings, folder)
    return Migration(merger, legacy_of(settings, folder, merger, pseudonyms), read_rulings) if merger else None


def _mapped(folder: Path, schema: str) -> Directory:
    path = find_mapping(folder, "directories", schema)
    return read_directory(read_text(path), path.name)


def legacy_of(settings: Settings, folder: Path, merger: Merger, pseudonyms: Pseudonyms) -> dict[str, SnapshotSource]:
    """Return the old systems of a merger, which can be read and no more.

    Raises:
        Misconfigured: the password of the agent's account is not where the configuration says.
    """
    found: dict[str, SnapshotSource] = {}
    asked = settings.migration.legacy if settings.migration else {}
    for name, legacy in asked.items():
        directory, mapped = legacy.directory, merger.legacies[name].directory
        if isinstance(directory, ServerSettings):
            found[name] = _on_servers(name, directory, mapped, settings, folder, pseudonyms)
        elif isinstance(directory, CsvSettings):
            found[name] = ExportedAccounts(name, folder / directory.path, mapped, settings.zone, pseudonyms.of)
        else:
            found[name] = LdifTarget(
                name, folder / directory.path, mapped, directory.base, settings.zone, pseudonyms.of
            )
    return found


def secrets_of(settings: Settings, folder: Path) -> tuple[Path, KeyPlace]:
    """Return the file of the store of secrets, and where its key is."""
    key = settings.secrets.key
    path, name = folder / (key.file or ""), key.keyring or ""
    read = partial(read_secret, key, folder, os.environ)
    if key.keyring:
        place = KeyPlace(read, partial(kept.is_in_key_ring, name), partial(kept.into_key_ring, name))
    elif key.file:
        place = KeyPlace(read, path.exists, lambda value: kept.replace_file(path, value.octets() + b"\n"))
    else:
        place = KeyPlace(read, lambda: True, None)
    return folder / settings.secrets.file, place


def _secret(place: SecretRef, settings: Settings, folder: Path) -> Secret:
    return read_secret(place, folder, os.environ, settings.secrets)


def new_password(policy: Policy, action: Action) -> Secret:
    """Return an unguessable password for the account an action is done to."""
    words = frozenset({action.address, action.previous_address, action.subject} - {""})
    return Secret(generate(policy.regulation.passwords, Holder(account=tuple(sorted(words)), full_name=action.name)))


def roster_of(settings: Settings, folder: Path, pseudonyms: Pseudonyms) -> FileRoster:
    """Return the roster source that the configuration names.

    Raises:
        Misconfigured: the column map has faults.
    """
    parts = settings.roster
    return FileRoster(
        people=RosterFile(folder / parts.people.path, parts.people.source),
        units=RosterFile(folder / parts.units.path, parts.units.source),
        requests=_requests_file(settings, folder),
        columns=_columns(settings, folder),
        pseudonym=pseudonyms.of,
    )


def requests_of(settings: Settings, folder: Path, pseudonyms: Pseudonyms) -> WrittenRequests:
    """Return the reader of requests that are to be recorded.

    Raises:
        Misconfigured: the column map has faults.
    """
    kept = _requests_file(settings, folder)
    return WrittenRequests(_columns(settings, folder).requests, kept, pseudonyms.of)


def recorded_requests(settings: Settings, folder: Path) -> tuple[Request, ...]:
    """Return the requests recorded in the state, none where there is no state yet: asking makes none."""
    beside = file_of(settings.state)
    if beside and not (folder / beside).exists():
        return ()
    store = _store(settings, folder)
    try:
        with store.reading() as connection:
            return recorded(connection)
    finally:
        store.close()


def office_of(settings: Settings) -> Office:
    """Return who answers requests; what the configuration leaves out is filled in by hand."""
    return Office(**settings.office.model_dump(exclude_none=True)) if settings.office else Office()


def _requests_file(settings: Settings, folder: Path) -> RosterFile | None:
    found = settings.roster.requests
    return RosterFile(folder / found.path, found.source) if found else None


def _columns(settings: Settings, folder: Path) -> ColumnMap:
    path = find_mapping(folder, "rosters", settings.roster.columns)
    return read_columns(read_text(path), path.name)


def pseudonyms_of(settings: Settings, folder: Path, *, lasting: bool) -> Pseudonyms:
    """Return the pseudonyms under the configured key, else under the one that lies beside the state.

    Args:
        settings: the configuration.
        folder: where its relative paths start.
        lasting: whether a key that is not there yet is made and kept; otherwise it serves this once.

    Raises:
        Misconfigured: the key is not where the configuration says, or too short.
    """
    if settings.roster.identity_key:
        return Pseudonyms(_secret(settings.roster.identity_key, settings, folder).octets())
    beside = _beside_the_state(settings, "key", "roster.identity_key")
    if not lasting and not (folder / str(beside.file)).exists():
        return Pseudonyms(secrets.token_hex(32).encode())
    return Pseudonyms(_made_once(beside, folder))


def signer_of(settings: Settings, folder: Path) -> SigningKey:
    """Return the agent's key, which signs plans: the configured one, else the one that lies beside the state.

    Raises:
        Misconfigured: the key is not where the configuration says, or is none.
    """
    if settings.signing_key:
        return SigningKey.from_secret(_secret(settings.signing_key, settings, folder).octets(), "signing_key")
    beside = _beside_the_state(settings, "signing", "signing_key")
    return SigningKey.from_secret(_made_once(beside, folder), str(beside.file))


def _beside_the_state(settings: Settings, ending: str, setting: str) -> SecretRef:
    if not file_of(settings.state):
        raise Misconfigured(
            Text(
                f"Trạng thái nằm trên máy chủ dùng chung, nên mọi máy phải dùng cùng một khóa: hãy khai {setting}.",
                f"The state lies on a server that hosts share, so all must use the same key: set {setting}.",
            ),
            where=setting,
        )
    return SecretRef(file=f"{file_of(settings.state)}.{ending}")


def _made_once(secret: SecretRef, folder: Path) -> bytes:
    """Return the key in a file; one that is not there yet is made, whole before it gets its name."""
    path = folder / str(secret.file)
    if not path.exists():
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: its key counts
            os.link(partial, path)
        partial.unlink()
    return read_secret(secret, folder, os.environ).octets()


def copies_of(settings: Settings, folder: Path) -> tuple[CheckpointCopy, ...]:
    """Return the second places of checkpoints."""
    return tuple(
        SyslogCopy(*copy.server) if copy.server else FileCopy(folder / (copy.file or ""))
        for copy in settings.audit.copies
    )


def checkpoints_in(path: Path) -> tuple[str, ...]:
    """Return the checkpoints that a file holds as a second place."""
    return FileCopy(path).every()


def policy_of(settings: Settings, folder: Path) -> Policy:
    """Return everything that is decided beforehand, with a digest over the files it comes from.

    Raises:
        Misconfigured: a mapping has faults; each is named with its line.
    """
    texts: dict[str, str] = {}

    def mapping(kind: str, name: str) -> tuple[str, str]:
        path = find_mapping(folder, kind, name)
        texts[f"{kind}/{path.stem}"] = read_text(path)
        return texts[f"{kind}/{path.stem}"], path.name

    year = now().year
    brakes = read_brakes(*mapping("", "brakes"), settings.brakes)
    reviews = settings.approval
    regulation = read_regulation(*mapping("regulations", settings.regulation))
    policy = Policy(
        regulation=regulation,
        targets={
            name: Place(
                name=name,
                directory=_directory_of(target, mapping),
                base=target.directory.base,
                units=tuple(target.units),
                containers=dict(target.containers),
                live=isinstance(target.directory, ServerSettings),
            )
            for name, target in settings.targets.items()
        },
        calendar=read_calendar(*mapping("calendar", settings.calendar), range(year - _YEARS_BACK, year + _YEARS_AHEAD)),
        brakes=brakes,
        reviews=Reviews(Review(reviews.delete), Review(reviews.disable), Review(reviews.others)),
        internal_move=_reading(settings, regulation),
        adoption=Adoption(settings.ownership.adopt),
        freshness=settings.roster.greatest_age,
        every=settings.pace,
        account_review=None if settings.account_review == "none" else Length(settings.account_review),
    )
    return _with_digest(policy, texts, settings)


def regulation_named(folder: Path, name: str) -> Regulation:
    """Return a regulation by its name under mappings/regulations/, or by its path.

    Raises:
        Misconfigured: there is none, or it has faults.
    """
    path = find_mapping(folder, "regulations", name)
    return read_regulation(read_text(path), path.name)


def _reading(settings: Settings, regulation: Regulation) -> InternalMove:
    wished, allowed = settings.internal_move, regulation.mover.readings
    if wished is None:
        return allowed[0]
    if wished not in allowed:
        raise Misconfigured(
            Text(
                f"internal_move: quy chế {regulation.id} không cho phép {wished}, chỉ cho phép {', '.join(allowed)}. "
                "Hãy sửa, hoặc bỏ dòng này để theo quy chế.",
                f"internal_move: regulation {regulation.id} does not allow {wished}, but {', '.join(allowed)}. Correct "
                "it, or leave the line out to follow the text.",
            ),
            where=settings.where("internal_move"),
        )
    return InternalMove(wished)


def _with_digest(policy: Policy, texts: Mapping[str, str], settings: Settings) -> Policy:
    decides = settings.model_dump(
        mode="json", include={"timezone", "approval", "ownership", "brakes", "internal_move", "targets"}
    )
    matter = json.dumps({"files": dict(texts), "settings": decides}, sort_keys=True, ensure_ascii=False)
    return replace(policy, digest="sha256:" + hashlib.sha256(matter.encode()).hexdigest())


def _directory_of(target: TargetSettings, mapping: Callable[[str, str], tuple[str, str]]) -> Directory:
    """Return how a target holds accounts, with the mail system behind it; `mapping` reads a file by kind and name."""
    alone = read_directory(*mapping("directories", target.directory.schema_ or target.directory.kind))
    mail = target.mail
    if isinstance(mail, ExchangeSettings):
        return read_mailbox(alone, *mapping("mailboxes", mail.schema_), mail.nobody)
    return alone


def shipped_directory(name: str) -> Directory:
    """Return a directory mapping as shipped."""
    path = shipped_mappings() / "directories" / f"{name}.yaml"
    return read_directory(read_text(path), path.name)


def communes() -> str:
    """Return the shipped list of communes, for the sample province."""
    return read_text(shipped_mappings() / "mergers" / "ninhbinh-2025" / "communes.csv")
