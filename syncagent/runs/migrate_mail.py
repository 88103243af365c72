"""Migrate mail: compare the old mailboxes with their copies, keep what was found, say what is open (Điều 13.1).

Another program copies (mbsync, or the mail system's own requests); here it is only counted again, on both sides.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.addresses import fold_address
from syncagent.core.cutover import MOVES
from syncagent.core.mail_record import MailRecord, compared, told
from syncagent.core.merger import AccountId, Fate
from syncagent.errors import Misconfigured, SyncError
from syncagent.runs.audit import assured, checkpoint
from syncagent.runs.migrate import configured, fault, merging
from syncagent.runs.typed import named, plain
from syncagent.store import mails
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from syncagent.connectors.base import MailFolders
    from syncagent.core.fates import Fated
    from syncagent.core.mail_record import MailRow
    from syncagent.core.where import Where
    from syncagent.runs.agent import Agent
    from syncagent.runs.migrate import Merging

_UNTOUCHED = frozenset({Fate.HELD, Fate.EXCLUDED})


class Kept(NamedTuple):
    """What became of the mail of one account of an old system; None while nobody has recorded anything."""

    one: Fated
    record: MailRecord | None


class Compared(NamedTuple):
    """How many mailboxes were compared now and how many of them lack nothing; what could not be read, with the reason.

    `known` are those that were closed before and not read again.
    """

    compared: int
    closed: int
    known: int
    failed: tuple[tuple[str, Text], ...]


def mail_status(agent: Agent, as_of: date | None = None) -> tuple[Merging, tuple[Kept, ...]]:
    """Return what became of the mail of every account that a wave closes.

    Raises:
        Misconfigured: no merger is configured, or a file must be edited.
        Doubtful: something read cannot be trusted.
        TargetError: a server does not answer.
    """
    found = merging(agent, as_of)
    with agent.store.reading() as connection:
        standing = mails.standing(connection)
    return found, tuple(Kept(one, standing.get(one.name)) for one in found.fates.accounts if one.fate not in _UNTOUCHED)


def verify_mail(
    agent: Agent, by: str, wave: int = 0, progress: Callable[[int, int], None] | None = None, *, again: bool = False
) -> Compared:
    """Read old and new mailboxes of a wave, 0 for all, and record how each old one compares with its copy.

    Each is recorded as soon as it was read, so that what was interrupted goes on where it was; those that are closed
    are not read `again` unless that is asked.

    Raises:
        Misconfigured: no merger is configured, or nothing says where mail is read.
        Doubtful: what the directories hold cannot be trusted.
        Refused: the audit log is contradicted, or a name cannot stand there.
        TargetError: a directory does not answer.
    """
    who = named(by)
    assured(agent)
    migration = configured(agent)
    new = migration.new_mail
    if new is None or not migration.mails:
        raise Misconfigured(
            Text(
                "Chưa khai migration.imap và migration.legacy.*.imap; không biết đọc thư ở đâu.",
                "Neither migration.imap nor migration.legacy.*.imap says where mail is read.",
            ),
            where="migration.imap",
        )
    found, kept = mail_status(agent)
    theirs = [one for one in kept if one.one.fate in MOVES and one.one.name.system in migration.mails]
    theirs = [one for one in theirs if not wave or one.one.wave == wave]
    todo = [one.one for one in theirs if again or one.record is None or not one.record.closed]
    closed, failed = 0, list[tuple[str, Text]]()
    for number, one in enumerate(todo, start=1):
        try:
            record = _compare(found, migration.mails[one.name.system], new, one)
        except SyncError as error:
            failed.append((one.account.address, error.says))
            continue
        with agent.store.writing() as connection:
            mails.record(connection, {one.name: record}, who, agent.clock())
        closed += record.closed
        if progress:
            progress(number, len(todo))
    checkpoint(agent)
    return Compared(len(todo) - len(failed), closed, len(theirs) - len(todo), tuple(failed))


def _compare(found: Merging, old: MailFolders, new: MailFolders, one: Fated) -> MailRecord:
    """Return how an old mailbox compares with the new one.

    Raises:
        Misconfigured: there is no new mailbox yet, or nobody may sign in.
        Doubtful, Unavailable: a server does not show everything.
    """
    owned = found.view.matches.current.get(one.subject)
    if owned is None:
        raise Misconfigured(Text("chưa có hộp thư mới", "there is no new mailbox yet"), where=one.new)
    there = new.read(owned.account.login, owned.account.address)
    return compared(old.read(one.account.login, one.account.address), there)


def record_mail(agent: Agent, path: Path, by: str) -> int:
    """Record what a file says of mail, all its rows or none; return of how many mailboxes.

    Raises:
        Misconfigured: the file cannot be read, or a row has a fault; each is named with its line.
        Doubtful, TargetError: the accounts it speaks of cannot be read.
        Refused: the audit log is contradicted, or a name or a letter's number cannot stand there.
    """
    who = named(by)
    assured(agent)
    rows = configured(agent).mail_rows(path)
    found = merging(agent)
    accounts = {
        (name.system, fold_address(account.address or name.guid)): name
        for name, account in found.population.accounts.items()
    }
    theirs: dict[AccountId, list[MailRow]] = defaultdict(list)
    faults: list[Misconfigured] = []
    for where, row in rows:
        name = accounts.get((row.system, row.about))
        if name is None:
            faults.append(fault(where, f"{row.system} không có {row.about}", f"{row.system} has no {row.about}"))
        else:
            faults += _mixed(where, row, theirs[name])
            theirs[name].append(row)
            plain(row.document)
    if faults:
        raise Misconfigured(faults[0].says, where=faults[0].where, also=faults[1:])
    with agent.store.writing() as connection:
        mails.record(connection, {name: told(lines) for name, lines in theirs.items()}, who, agent.clock())
    checkpoint(agent)
    return len(theirs)


def _mixed(where: Where, row: MailRow, before: list[MailRow]) -> list[Misconfigured]:
    """Return what is wrong with a line beside the others of its mailbox: two ways of one mailbox, a folder twice."""
    if not any(one.how is not row.how or one.folder == row.folder for one in before):
        return []
    return [fault(where, f"{row.about} ghi hai lần khác nhau", f"{row.about} is told twice")]
