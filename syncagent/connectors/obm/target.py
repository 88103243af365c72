"""OBM as a target: one system, read by its API, its LDAP directory and its IMAP server, written by its API alone.

An action is a row of operations, each of which is proved before the next begins (`steps.py`, `operations.py`). What was
cut off between two of them is found by reading and goes on forward.
"""

from __future__ import annotations

import secrets
import string
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.connectors import changes
from syncagent.connectors.base import NO_PASSWORDS, never
from syncagent.connectors.gathering import Entry, Gathering
from syncagent.connectors.live.clock import told
from syncagent.connectors.obm import examine, read
from syncagent.connectors.obm.compare import Side
from syncagent.connectors.obm.entry import place
from syncagent.connectors.obm.operations import Kind, carry_out, resolve
from syncagent.connectors.obm.shown import shown
from syncagent.connectors.obm.site import open_site
from syncagent.connectors.obm.steps import steps
from syncagent.connectors.source import a_server
from syncagent.core import dn as names_of
from syncagent.core.action import Action, Operation
from syncagent.core.addresses import fold_address
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Conflict, Doubtful, Misconfigured, Rejected, SyncError, Unavailable, Unknown
from syncagent.text import Text
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo

    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.connectors.obm.read import Everything
    from syncagent.connectors.obm.server import Mailboxes, Provisioning
    from syncagent.connectors.obm.site import Site
    from syncagent.connectors.obm.steps import Step
    from syncagent.core.account import Account, AccountRef
    from syncagent.core.action import Change
    from syncagent.core.directory import Directory
    from syncagent.core.examination import Examination
    from syncagent.core.snapshot import Snapshot

_LETTERS: Final = string.ascii_letters + string.digits
_LOCKING = 20
"""Characters of a password that hides the old one: what every log-in of OBM takes, 119 bits."""


class Places(NamedTuple):
    """Where an OBM domain is reached."""

    provisioning: Provisioning
    server: Server
    bind: Bind
    mailboxes: Mailboxes


@dataclass(slots=True)
class ObmTarget:
    """One domain of OBM; `decision` is the document by which mailboxes are destroyed without a copy.

    `pseudonym` replaces personal identification numbers in the key field. Without a decision nothing is destroyed.
    """

    name: str
    places: Places
    directory: Directory
    zone: tzinfo
    decision: str = ""
    pseudonym: Callable[[str], str] | None = field(default=None, repr=False)
    batch: int = 50

    @property
    def base(self) -> str:
        """Return the DN below which the users of the domain are."""
        return place(self.places.provisioning.domain)

    @property
    def patience(self) -> float:
        """Return how many seconds a batch may wait behind others before its answer counts as lost."""
        return self.places.provisioning.patience

    def read(self) -> Snapshot:
        """Return every user, archived ones included, as API, LDAP and IMAP show them.

        Raises:
            Misconfigured: the settings, or a value in OBM, must be mended.
            Doubtful: somebody came or went during every attempt, or an answer makes no sense.
            Unavailable: a server does not answer.
        """
        with self._site() as site:
            found = read.read(site)
            places = {"server": site.directory.url, "directory": site.api.uuid}
        return self._together(found, places)

    def directory_id(self) -> str:
        """Return the identity of the domain.

        Raises:
            Misconfigured, Unavailable: OBM does not answer.
        """
        with self._site() as site:
            return site.api.uuid

    def clock(self) -> datetime | None:
        """Return the time of the LDAP server (UTC), None where it does not tell.

        Raises:
            Misconfigured, Unavailable: it does not answer.
        """
        with self._site() as site:
            return told(site.directory)

    def examine(self, now: datetime) -> Iterator[Examination]:
        """Try everything the agent needs of OBM and write nothing.

        Raises:
            SyncError: what follows cannot be looked at.
        """
        with self._site() as site:
            yield from examine.examined(site, now, self.decision)
            found = read.read(site)
            yield from examine.contents(site, found)
            self._together(found, {})

    def remains(self, deleted: Sequence[AccountRef]) -> dict[str, Account | Text]:
        """Return nothing: OBM keeps nothing of what was deleted."""
        del deleted
        return {}

    def carry_out(
        self,
        actions: Sequence[Action],
        marker: str,
        passwords: Mapping[str, Secret] = NO_PASSWORDS,
        stop: Callable[[], bool] = never,
    ) -> list[Outcome]:
        """Carry out the actions in order, each operation proved before the next, and return what became of each.

        `stop` is asked before each action; what was not begun then has no outcome.

        Raises:
            Misconfigured, Doubtful, Unavailable: OBM cannot be reached, and nothing was written.
        """
        together = {action.id for action in actions}
        ended: dict[str, Outcome] = {}
        with self._site() as site:
            for action in actions:
                if stop():
                    break
                lacking = [need for need in action.needs if need in together and not _is_done(ended.get(need))]
                if lacking:
                    ended[action.id] = changes.not_tried(action, lacking[0])
                else:
                    ended[action.id] = self._carried_out(site, action, marker, passwords.get(action.id))
        return list(ended.values())

    def resolve(self, action: Action, marker: str) -> Outcome | Action:
        """Find out by reading what became of an action, or what is left of it to do.

        Everything that was committed before is waited for; the last operation that shows its end tells that those
        before it have happened, too.

        Raises:
            Misconfigured, Doubtful, Unavailable: OBM does not tell.
        """
        guid = _identity(action, marker)
        with self._site() as site:
            user = site.user(guid)
            asked = [(change, step) for change in action.changes for step in steps(change, user)]
            try:
                sides = [resolve(site, step.kind, guid, step.fields) for _, step in asked]
            except Unknown as error:
                raise Unavailable(error.says, where=error.where) from error
        happened = max((number for number, side in enumerate(sides, 1) if side is Side.AFTER), default=0)
        if happened == len(asked):
            return changes.done(action, guid, _dn(action))
        if sides[happened] is Side.NEITHER:
            return _for_a_person(action, asked[happened][1])
        return _left(action, asked[happened:]) if happened else action

    # ── reading ──

    def _together(self, found: Everything, places: Mapping[str, str]) -> Snapshot:
        entries = [Entry(1, self.base, {}, {"objectClass": ("organizationalUnit",)})]
        for number, (_, held) in enumerate(sorted(found.accounts.items()), 2):
            dn = names_of.child("uid", held.account.user.login, self.base)
            values = {name: told for name, told in shown(held.account).items() if name in self._known}
            entries.append(Entry(number, dn, values, {"objectClass": self.directory.add_classes}))
        snapshot = (
            Gathering(self.name, self.directory, self.base, a_server(), self.pseudonym)
            .contents(entries, self.zone)
            .snapshot
        )
        strays = {box.login: f"IMAP user/{box.login}@{self.places.provisioning.domain}" for box in found.boxes}
        strays |= {names_of.rdn_value(seen.dn): seen.dn for seen in found.entries}
        others = {address: seen.dn for seen in found.entries for address in seen.addresses} | dict(found.others)
        return replace(
            snapshot,
            accounts=tuple(map(self._without_evidence, snapshot.accounts)),
            logins={fold_address(login): where for login, where in strays.items()},
            addresses=others,
            watermark={**places, "users": len(found.accounts)},
        )

    @property
    def _known(self) -> frozenset[str]:
        return frozenset(self.directory.attributes().values())

    def _without_evidence(self, account: Account) -> Account:
        """Return an account without a last bind as one of which nothing is known: LDAP need not have kept it."""
        kept = any(use.attribute in account.attributes for use in self.directory.last_use)
        return account if kept else replace(account, last_use=None)

    # ── writing ──

    def _carried_out(self, site: Site, action: Action, marker: str, password: Secret | None) -> Outcome:
        guid = _identity(action, marker)
        wrote: list[tuple[Change, Step]] = []
        is_set = False
        notes: tuple[Text, ...] = ()
        try:
            user = site.user(guid)
            for change in action.changes:
                self._permit(change)
                for step in steps(change, user):
                    done = carry_out(
                        site, step.kind, guid, step.fields, _given(step, password if change.sets_password else None)
                    )
                    wrote.append((change, step))
                    notes += done.notes
                    is_set = step.kind is not Kind.LOCK and (is_set or done.password_set)
        except (Conflict, Rejected, Misconfigured, Doubtful, Unavailable, Unknown) as error:
            outcome = changes.unsuccessful(action, _sentence(error), _result(error, begun=bool(wrote)))
            written = () if outcome.result is Result.UNKNOWN else _written(wrote)
            return outcome._replace(guid=guid if wrote else outcome.guid, written=written, password_set=is_set)
        says = Text(" ".join(note.vi for note in notes), " ".join(note.en for note in notes))
        return changes.done(action, guid, _dn(action))._replace(says=says, password_set=is_set)

    def _permit(self, change: Change) -> None:
        """Refuse to destroy a mailbox of which neither a copy nor a decision is known (design §4.6)."""
        if change.operation is Operation.DELETE and not self.decision:
            raise Rejected(
                Text(
                    "chưa xóa: mail.archive.decision chưa nêu văn bản cho phép hủy thư mà không lưu bản sao.",
                    "not deleted: mail.archive.decision names no document by which mail is destroyed without a copy.",
                ),
                where=change.dn,
            )

    @contextmanager
    def _site(self) -> Iterator[Site]:
        with open_site(*self.places) as site:
            yield site


def _identity(action: Action, marker: str) -> str:
    """Return the extId: of a new account one that only this action of this plan gives."""
    return action.account.guid if action.account else changes.identity(marker, action.id)


def _dn(action: Action) -> str:
    return action.account.dn if action.account else action.changes[0].dn


def _is_done(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.result is Result.DONE


def _given(step: Step, password: Secret | None) -> Secret | None:
    """Return the password of an operation: for a lock one that nobody knows, else the action's where it takes one."""
    if step.kind is Kind.LOCK:
        return Secret("".join(secrets.choice(_LETTERS) for _ in range(_LOCKING)))
    return password if step.takes_password else None


def _result(error: SyncError, *, begun: bool) -> Result:
    if isinstance(error, Unknown):
        return Result.UNKNOWN
    if isinstance(error, Conflict):
        return Result.CONFLICT
    return Result.FAILED if begun or isinstance(error, Rejected) else Result.NOT_TRIED


def _sentence(error: SyncError) -> Text:
    return Text(f"{error.where}: {error.says.vi}", f"{error.where}: {error.says.en}") if error.where else error.says


def _written(wrote: Sequence[tuple[Change, Step]]) -> tuple[Change, ...]:
    """Return what stands of changes whose other operations did not happen."""
    return tuple(
        replace(
            change,
            attributes={name: values for name, values in change.attributes.items() if name in step.of},
            sets_password=change.sets_password and step.takes_password,
        )
        for change, step in wrote
    )


def _left(action: Action, asked: Sequence[tuple[Change, Step]]) -> Action:
    """Return an action with the operations that have not happened."""
    return replace(action, changes=_written(asked))


def _for_a_person(action: Action, step: Step) -> Outcome:
    names = ", ".join(sorted(step.of))
    return changes.unsuccessful(
        action,
        Text(
            f"{_dn(action)} trên OBM không còn như trước thao tác, cũng không như sau đó ({step.kind}: {names}): thao "
            "tác bị cắt ngang, OBM mới làm một phần, hoặc có người khác đã sửa. Hãy xem người dùng này trong OBM, "
            "sửa cho đúng hoặc để nguyên, rồi lập kế hoạch mới.",
            f"{_dn(action)} on OBM shows neither the state before the action nor the one after it ({step.kind}: "
            f"{names}): it was cut off, OBM did half of it, or somebody else changed it. Look at this user in OBM, put "
            "it right or leave it, then plan again.",
        ),
        Result.NEEDS_HUMAN,
    )
