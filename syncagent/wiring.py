"""The only file that knows every concrete part and joins them: read it to see the whole."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4  # noqa: TID251 - the one place that draws chance

from syncagent.connectors.copies import FileCopy, SyslogCopy
from syncagent.connectors.roster.mails import read_mail_rows
from syncagent.connectors.roster.query import RosterQuery
from syncagent.connectors.roster.read import FileRoster, RosterFile
from syncagent.connectors.roster.requests import WrittenRequests
from syncagent.connectors.roster.rulings import read_rulings
from syncagent.core.action import Review
from syncagent.core.merger import Fate, Legacy, Merger, Wave
from syncagent.core.periods import Length
from syncagent.core.policy import Adoption, Policy, Reviews
from syncagent.core.policy import Target as Place
from syncagent.core.regulation import InternalMove
from syncagent.directory_settings import ServerSettings
from syncagent.errors import Misconfigured
from syncagent.files import find_mapping, find_merger, find_settings, read_text, shipped_mappings
from syncagent.keys import pseudonyms_of, secret_of, signer_of
from syncagent.mapping.brakes import read_brakes
from syncagent.mapping.calendar import read_calendar
from syncagent.mapping.columns import read_columns
from syncagent.mapping.directory import read_directory
from syncagent.mapping.merger import FILE as MERGER_FILE
from syncagent.mapping.merger import TABLES, read_merger
from syncagent.mapping.regulation import read_regulation
from syncagent.report.letter import Office
from syncagent.runs.agent import Agent, Migration
from syncagent.settings import CsvSettings, read_settings
from syncagent.store.requests import recorded
from syncagent.store.store import Store, file_of, open_store
from syncagent.targets import directory_of, legacy_of, mails_of, mapped, new_mail_of, targets_of
from syncagent.text import Text
from syncagent.trust.passwords import Holder, generate
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from syncagent.connectors.base import CheckpointCopy, Target
    from syncagent.core.action import Action
    from syncagent.core.directory import Directory
    from syncagent.core.regulation import Regulation
    from syncagent.core.request import Request
    from syncagent.mapping.columns import ColumnMap
    from syncagent.settings import Settings, Source, SqlSource
    from syncagent.trust.pseudonyms import Pseudonyms

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
        migration, old = migration_of(settings, folder, pseudonyms)
        yield Agent(
            policy=policy,
            roster=roster_of(settings, folder, pseudonyms),
            requests=requests_of(settings, folder, pseudonyms),
            targets={**targets_of(settings, folder, policy, pseudonyms), **old},
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
            migration=migration,
        )
    finally:
        store.close()


def _store(settings: Settings, folder: Path) -> Store:
    asked = settings.state_password
    password = secret_of(asked, settings, folder).reveal() if asked else ""
    return open_store(settings.state, folder, str(uuid4()), password)


def switch_of(settings: Settings, folder: Path) -> Path:
    """Return the file that stops every apply on this host while it is there."""
    beside = file_of(settings.state) or "syncagent"
    return folder / (settings.stop_file or f"{beside}.stop")


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
                mapped(folder, legacy.directory.schema_ or legacy.directory.kind),
                "" if legacy.regulation == "none" else legacy.regulation,
                legacy.writes,
            )
            for name, legacy in sorted(asked.legacy.items())
        },
        waves=tuple(Wave(tuple(one.units), {Fate(fate): n for fate, n in one.counts.items()}) for one in asked.waves),
        aliases_until=asked.aliases_until,
        forward_until=asked.forward_until,
    )


def migration_of(
    settings: Settings, folder: Path, pseudonyms: Pseudonyms
) -> tuple[Migration | None, dict[str, Target]]:
    """Return the merger with its old systems and the reader of answers, None without one; and those that are written.

    Raises:
        Misconfigured: as `merger_of` and `legacy_of`.
    """
    merger = merger_of(settings, folder)
    if merger is None:
        return None, {}
    read, written = legacy_of(settings, folder, merger, pseudonyms)
    migration = Migration(
        merger=merger,
        legacy={**read, **written},
        rulings=read_rulings,
        mails=mails_of(settings, folder),
        new_mail=new_mail_of(settings, folder),
        mail_rows=read_mail_rows,
    )
    return migration, written


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
        people=_roster_part("people", parts.people, settings, folder),
        units=_roster_part("units", parts.units, settings, folder),
        requests=_requests_file(settings, folder),
        columns=_columns(settings, folder),
        pseudonym=pseudonyms.of,
    )


def _roster_part(name: str, part: Source | SqlSource, settings: Settings, folder: Path) -> RosterFile | RosterQuery:
    if part.source != "sql":
        return RosterFile(folder / part.path, part.source)
    password = secret_of(part.password, settings, folder) if part.password else None
    return RosterQuery(name, part.url, password, part.query, now)


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
    routes = settings.routes()
    policy = Policy(
        regulation=regulation,
        targets={
            name: Place(
                name=name,
                directory=directory_of(target, mapping),
                base=target.directory.base,
                units=tuple(target.units),
                containers=dict(target.containers),
                live=isinstance(target.directory, ServerSettings),
                where=routes[name],
            )
            for name, target in settings.targets.items()
        }
        | {
            name: Place(
                name=name,
                directory=read_directory(*mapping("directories", legacy.directory.schema_ or legacy.directory.kind)),
                base="" if isinstance(legacy.directory, CsvSettings) else legacy.directory.base,
                units=(),
                live=isinstance(legacy.directory, ServerSettings),
            )
            for name, legacy in (settings.migration.written if settings.migration else {}).items()
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
    parts = {"timezone", "approval", "ownership", "brakes", "internal_move", "targets"}
    parts |= {"migration"} if settings.migration else set()
    decides = settings.model_dump(mode="json", include=parts)
    matter = json.dumps({"files": dict(texts), "settings": decides}, sort_keys=True, ensure_ascii=False)
    return replace(policy, digest="sha256:" + hashlib.sha256(matter.encode()).hexdigest())


def shipped_directory(name: str) -> Directory:
    """Return a directory mapping as shipped."""
    path = shipped_mappings() / "directories" / f"{name}.yaml"
    return read_directory(read_text(path), path.name)


def communes() -> str:
    """Return the shipped list of communes, for the sample province."""
    return read_text(shipped_mappings() / "mergers" / "ninhbinh-2025" / "communes.csv")
