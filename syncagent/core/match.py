"""Whose account is it? Only proof links a person and an account: our stamp, the Ledger, or the key itself.

Names and addresses suggest, they never link (F8): the one exception is an agency's mailbox that is not marked
yet and bears exactly the agency's address. Whatever is ambiguous is left alone, with everyone it could concern.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.stamp import Reason, State, later
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncagent.core.account import Account
    from syncagent.core.ledger import Known, Ledger
    from syncagent.core.roster import Roster
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.stamp import Stamp


_LEFT_BEHIND = frozenset({State.DISABLED, State.WITHDRAWN})
_MOVED_ON = frozenset({Reason.REISSUED, Reason.RELOCATED})


@dataclass(frozen=True, slots=True)
class Owned:
    """An account and the stamp that counts for it: the later of the entry's and the Ledger's, None if unmarked.

    `remembered` is the Ledger's, which stays when somebody wipes the entry's.
    """

    account: Account
    stamp: Stamp | None
    remembered: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Matches:
    """Who has which account.

    `current` is the account of each subject; `former` those a subject was moved away from by a new issue or to another
    system; `unmatched` belong to nobody we know; `orphans` are ours, but their subject is not in the roster; `doubtful`
    are subjects whose accounts nobody may touch, `vanished` those whose account is gone without our doing.
    """

    current: Mapping[str, Owned]
    former: Mapping[str, tuple[Owned, ...]]
    unmatched: tuple[Account, ...]
    orphans: tuple[Owned, ...]
    doubtful: frozenset[str]
    vanished: frozenset[str]
    findings: tuple[Finding, ...]


def match(roster: Roster, snapshots: Sequence[Snapshot], ledger: Ledger, unit_addresses: Mapping[str, str]) -> Matches:
    """Given who should be there and what is there, return whose each account is.

    Args:
        roster: the admitted roster.
        snapshots: one per target, each complete.
        ledger: the agent's memory.
        unit_addresses: subject of a unit by the address its mailbox has.
    """
    known_subjects = {
        *roster.people,
        *roster.coming,
        *roster.quarantined,
        *(unit.key for unit in roster.units),
    }
    spelled = {subject.casefold(): subject for subject in known_subjects}
    findings: list[Finding] = []
    claimed: dict[str, list[Owned]] = defaultdict(list)
    unmatched: list[Account] = []
    doubtful: set[str] = set()
    for snapshot in snapshots:
        for account in snapshot.accounts:
            known = ledger.accounts.get((account.target, account.guid))
            subjects = _subjects(account, known, unit_addresses, spelled)
            if len(subjects) > 1 or account.stamp_damaged or _came_back(known):
                doubtful |= subjects
                findings.append(_ambiguous(account, subjects, known))
            elif subjects:
                owned = Owned(account, _stamp(account, known), known.stamp if known else None)
                findings += _disagreement(account, known)
                claimed[subjects.pop()].append(owned)
            else:
                unmatched.append(account)
    current: dict[str, Owned] = {}
    former: dict[str, tuple[Owned, ...]] = {}
    orphans: list[Owned] = []
    for subject in sorted(claimed):
        theirs = claimed[subject]
        if subject not in known_subjects:
            marked = [owned for owned in theirs if owned.stamp]
            orphans += marked
            unmatched += [owned.account for owned in theirs if not owned.stamp]
            continue
        others = [owned for owned in theirs if not _is_former(owned.stamp)]
        others = [owned for owned in others if not _taken_back(owned, others)]
        left_behind = tuple(owned for owned in theirs if owned not in others)
        if len(others) > 1:
            doubtful.add(subject)
            findings.append(_several(subject, others))
            continue
        if left_behind:
            former[subject] = left_behind
        if others:
            current[subject] = others[0]
    return Matches(
        current=current,
        former=former,
        unmatched=tuple(sorted(unmatched, key=lambda account: (account.target, account.dn))),
        orphans=tuple(orphans),
        doubtful=frozenset(doubtful),
        vanished=_vanished(ledger, snapshots),
        findings=tuple(findings),
    )


def _subjects(
    account: Account, known: Known | None, unit_addresses: Mapping[str, str], spelled: Mapping[str, str]
) -> set[str]:
    """Return everybody this account could belong to; more than one is one too many.

    A key that differs from a person's in letter case only could be theirs, and is not proved to be.
    """
    subjects = set()
    if account.stamp:
        subjects.add(account.stamp.subject)
    if known:
        subjects.add(known.stamp.subject)
    if account.key:
        subjects |= {account.key, spelled.get(account.key.casefold(), account.key)}
    if not subjects and account.address in unit_addresses:
        subjects.add(unit_addresses[account.address])
    return subjects


def _came_back(known: Known | None) -> bool:
    return known is not None and known.stamp.state is State.DELETED


def _stamp(account: Account, known: Known | None) -> Stamp | None:
    """Return the stamp that counts. A mark that somebody removed from the entry makes the account not ours."""
    if account.stamp and known:
        return later(known.stamp, account.stamp)
    return account.stamp


def _is_former(stamp: Stamp | None) -> bool:
    return stamp is not None and stamp.state in _LEFT_BEHIND and stamp.why in _MOVED_ON


def _taken_back(owned: Owned, others: Sequence[Owned]) -> bool:
    """Whether an account is what is left on one system of a move that was undone: its holder is back on the other."""
    stamp = owned.stamp
    closed = stamp is not None and stamp.state in _LEFT_BEHIND and stamp.why == Reason.UNDONE
    return closed and any(one.account.target != owned.account.target and not _closed(one) for one in others)


def _closed(owned: Owned) -> bool:
    return owned.stamp is not None and owned.stamp.state in _LEFT_BEHIND


def _vanished(ledger: Ledger, snapshots: Sequence[Snapshot]) -> frozenset[str]:
    present = {(account.target, account.guid) for snapshot in snapshots for account in snapshot.accounts}
    read = {snapshot.target for snapshot in snapshots}
    return frozenset(
        known.stamp.subject
        for place, known in ledger.accounts.items()
        if known.target in read
        and place not in present
        and known.stamp.state is not State.DELETED
        and not _is_former(known.stamp)
    )


def _disagreement(account: Account, known: Known | None) -> list[Finding]:
    if known is None or account.stamp == known.stamp:
        return []
    shown = str(account.stamp) if account.stamp else "–"
    return [
        Finding(
            FindingCode.STAMP_DIFFERS,
            Severity.REVIEW if account.stamp is None else Severity.WARNING,
            known.stamp.subject,
            Text(
                f"Dấu trên tài khoản ({shown}) khác sổ của phần mềm ({known.stamp}); ngày muộn hơn được dùng.",
                f"The stamp on the account ({shown}) differs from the ledger ({known.stamp}); the later date counts.",
            ),
            candidates=(account.dn,),
        )
    ]


def _ambiguous(account: Account, subjects: set[str], known: Known | None) -> Finding:
    if account.stamp_damaged:
        says = Text(
            f"Dấu của phần mềm trên {account.dn} bị hỏng; không thao tác gì trên tài khoản này.",
            f"The agent's stamp on {account.dn} is damaged; nothing is done to this account.",
        )
    elif _came_back(known):
        says = Text(
            f"Tài khoản {account.dn} đã bị xóa theo sổ nhưng lại có trong thư mục; hãy xác định của ai.",
            f"Account {account.dn} was deleted according to the ledger, yet it is there; decide whose it is.",
        )
    else:
        says = Text(
            f"Tài khoản {account.dn} được gắn với nhiều đối tượng: {', '.join(sorted(subjects))}.",
            f"Account {account.dn} is linked to several subjects: {', '.join(sorted(subjects))}.",
        )
    return Finding(
        FindingCode.AMBIGUOUS_MATCH,
        Severity.REVIEW,
        min(subjects, default=account.dn),
        says,
        candidates=tuple(sorted(subjects)),
    )


def _several(subject: str, theirs: list[Owned]) -> Finding:
    names = tuple(sorted(owned.account.dn for owned in theirs))
    return Finding(
        FindingCode.AMBIGUOUS_MATCH,
        Severity.REVIEW,
        subject,
        Text(
            f"{subject} có {len(names)} tài khoản; hãy giữ một và gỡ mã khỏi các tài khoản còn lại.",
            f"{subject} has {len(names)} accounts; keep one and remove the key from the others.",
        ),
        candidates=names,
    )
