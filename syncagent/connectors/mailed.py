"""A directory with a mail system behind it, as one target: each action is a saga over both.

The directory goes first, for it closes the log-in at once and its stamp says what is under way; only a deletion begins
with the mailbox, which would be orphaned otherwise. What was cut off between the two is found by reading and goes on
forward: nothing is taken back (decision 047).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncagent.connectors import changes
from syncagent.connectors.base import NO_PASSWORDS, Wish, never
from syncagent.core.account import AccountRef, LastUse
from syncagent.core.action import Operation
from syncagent.core.directory import decode
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from syncagent.connectors.base import Mailboxes, Target
    from syncagent.core.account import Account
    from syncagent.core.action import Action, Change
    from syncagent.core.directory import Directory
    from syncagent.core.examination import Examination
    from syncagent.core.notation import Values
    from syncagent.core.snapshot import Snapshot
    from syncagent.trust.secret import Secret


@dataclass(slots=True)
class MailedTarget:
    """A directory and the mailboxes behind it; `directory` is the mapping of both, `zone` whose days count."""

    entries: Target
    mailboxes: Mailboxes
    directory: Directory
    zone: tzinfo

    @property
    def name(self) -> str:
        """Return the name in the configuration."""
        return self.entries.name

    @property
    def batch(self) -> int:
        """Return how many actions it takes at once."""
        return self.entries.batch

    @property
    def patience(self) -> float:
        """Return how many seconds a request may be under way, in the slower of the two."""
        return max(self.entries.patience, self.mailboxes.patience)

    def read(self) -> Snapshot:
        """Return everything the directory holds, each account with its mailbox.

        Raises:
            Misconfigured, Doubtful, Unavailable: one of the two cannot be read whole.
        """
        found = self.entries.read()
        boxes = self.mailboxes.read([one.guid for one in found.accounts if one.addresses or one.stamp])
        accounts = tuple(self._joined(account, boxes.get(account.guid, {})) for account in found.accounts)
        return replace(found, accounts=accounts, watermark={**found.watermark, "mailboxes": len(boxes)})

    def directory_id(self) -> str:
        """Return what tells the directory from every other.

        Raises:
            Misconfigured, Unavailable: it does not answer.
        """
        return self.entries.directory_id()

    def clock(self) -> datetime | None:
        """Return the directory's time (UTC), None where it does not tell.

        Raises:
            Misconfigured, Unavailable: it does not answer.
        """
        return self.entries.clock()

    def examine(self, now: datetime) -> Iterable[Examination]:
        """Try everything the agent needs of both, and write nothing.

        Raises:
            SyncError: what follows cannot be looked at.
        """
        yield from self.entries.examine(now)
        yield from self.mailboxes.examine(now)

    def remains(self, deleted: Sequence[AccountRef]) -> Mapping[str, Account | Text]:
        """Return what the directory still holds of deleted accounts; of a purged mailbox nothing is left.

        Raises:
            Misconfigured, Doubtful, Unavailable: the directory does not tell.
        """
        return self.entries.remains(deleted)

    def carry_out(
        self,
        actions: Sequence[Action],
        marker: str,
        passwords: Mapping[str, Secret] = NO_PASSWORDS,
        stop: Callable[[], bool] = never,
    ) -> list[Outcome]:
        """Carry out the actions in both and return what became of each, in the same order.

        Raises:
            Misconfigured, Doubtful, Unavailable: nothing could be read, and nothing was written.
        """
        ended = self._purged([action for action in actions if _deletes(action)])
        parts = [_in_the_directory(action) for action in actions if action.id not in ended]
        asked = [part for part in parts if part.changes]
        found = {one.action_id: one for one in self.entries.carry_out(asked, marker, passwords, stop)} if asked else {}
        found |= {part.id: changes.done(part, *part.account[1:]) for part in parts if not part.changes and part.account}
        wishes = [
            wish
            for action in actions
            if action.id in found and found[action.id].result is Result.DONE and not _deletes(action)
            for wish in self._wishes(action, found[action.id].guid)
        ]
        behind = {one.action_id: one for one in self.mailboxes.fulfil(wishes)} if wishes else {}
        by_id = {action.id: action for action in actions}
        ended |= {
            one.action_id: _together(by_id[one.action_id], one, behind.get(one.action_id)) for one in found.values()
        }
        return [ended[action.id] for action in actions if action.id in ended]

    def resolve(self, action: Action, marker: str) -> Outcome | Action:
        """Find out by reading both what became of an action, or what is left of it to do.

        Raises:
            Misconfigured, Doubtful, Unavailable: one of them cannot be read, so nobody can tell.
        """
        part = _in_the_directory(action)
        found = self.entries.resolve(part, marker) if part.changes or part.account is None else _at(action)
        if isinstance(found, Outcome) and found.result is not Result.DONE:
            return found
        guid = found.guid if isinstance(found, Outcome) else action.account.guid if action.account else ""
        if _deletes(action):  # the mailbox goes first, and purging it goes on where it was
            return found if isinstance(found, Outcome) else action
        own = [change for change in action.changes if self._is_ours(change)]
        shown = self.mailboxes.read([guid]).get(guid, {}) if guid and own else {}
        sides = [_side(change, shown) for change in own]
        if None in sides:
            return _for_a_person(action, own, shown)
        left = [change for change, happened in zip(own, sides, strict=True) if not happened]
        if isinstance(found, Outcome) and not left:
            return found
        if found == part and len(left) == len(own):
            return action
        rest = found.changes if not isinstance(found, Outcome) else ()
        dn = found.dn if isinstance(found, Outcome) else next((change.dn for change in rest), "")
        account = action.account or (AccountRef(self.name, guid, dn) if guid else None)
        return replace(action, account=account, changes=(*rest, *left))

    # ── reading ──

    def _joined(self, account: Account, properties: Mapping[str, Values]) -> Account:
        """Return an account with what its mailbox shows; the names that the directory had for it stay taken."""
        values = {**account.attributes, **properties}
        shown = decode(self.directory, account.target, account.dn, values, self.zone)
        names = {*account.also, *account.addresses, *shown.also} - set(shown.addresses)
        return replace(
            account,
            attributes=shown.attributes,
            address=shown.address,
            aliases=shown.aliases,
            receives=shown.receives,
            forwards_to=shown.forwards_to,
            quota_mb=shown.quota_mb,
            message_mb=shown.message_mb,
            last_use=_later_use(account.last_use, shown.last_use),
            also=tuple(sorted(names)),
            held=shown.held,
        )

    # ── writing ──

    def _is_ours(self, change: Change) -> bool:
        return change.system == self.mailboxes.system

    def _wishes(self, action: Action, guid: str) -> list[Wish]:
        return [Wish(action.id, guid, change) for change in action.changes if self._is_ours(change)]

    def _purged(self, deletions: Sequence[Action]) -> dict[str, Outcome]:
        """Purge the mailboxes of accounts that are to be deleted; return the deletions that may not go on.

        An account whose mailbox the plan did not see is not deleted: its mail would be orphaned.
        """
        whose = [action.account.guid for action in deletions if action.account]
        shown = self.mailboxes.read(whose) if whose else {}
        ended: dict[str, Outcome] = {}
        wishes: list[Wish] = []
        for action in deletions:
            guid = action.account.guid if action.account else ""
            asked = self._wishes(action, guid)
            if guid in shown and not asked:
                ended[action.id] = changes.unsuccessful(action, _unseen(action))
            else:
                wishes += asked
        for one in self.mailboxes.fulfil(wishes) if wishes else ():
            if one.result is not Result.DONE:
                ended[one.action_id] = one
        return ended


def _deletes(action: Action) -> bool:
    return any(change.operation is Operation.DELETE for change in action.changes)


def _in_the_directory(action: Action) -> Action:
    """Return the part of an action that the directory carries out."""
    return replace(action, changes=tuple(change for change in action.changes if change.system == "directory"))


def _at(action: Action) -> Outcome:
    """Return that nothing is to be done in the directory, and where the account is."""
    if action.account is None:
        raise Misconfigured(Text("Thao tác không nêu tài khoản nào.", "The action names no account."), where=action.id)
    return changes.done(action, *action.account[1:])


def _side(change: Change, shown: Mapping[str, Values]) -> bool | None:
    """Return whether a change of a mailbox has happened; None if it shows neither state."""
    if change.operation is Operation.ENABLE:
        return _shows(change, shown, 1) if shown else False
    return True if _shows(change, shown, 1) else False if _shows(change, shown, 0) else None


def _shows(change: Change, shown: Mapping[str, Values], side: int) -> bool:
    return all(set(shown.get(name, ())) == set(values[side]) for name, values in change.attributes.items())


def _later_use(one: LastUse | None, other: LastUse | None) -> LastUse | None:
    """Return the later of two days of use; without evidence from the directory there is none."""
    if one is None or other is None or other.on is None:
        return one
    return other if one.on is None or other.on > one.on else one


def _together(action: Action, entry: Outcome, box: Outcome | None) -> Outcome:
    """Given what became of an action in the directory and in the mail system, return what became of it."""
    if entry.result is not Result.DONE:
        purged = tuple(change for change in action.changes if change.operation is Operation.PURGE)
        return entry._replace(written=(*purged, *entry.written))
    if box is None or box.result is Result.DONE:
        return entry
    says = Text(
        f"Phần thư mục đã ghi, phần hộp thư thì chưa: {box.says.vi} Kế hoạch tiếp theo sẽ làm nốt.",
        f"The directory's part is written, the mailbox's is not: {box.says.en} The next plan goes on with it.",
    )
    result = Result.FAILED if box.result is Result.NOT_TRIED else box.result
    return entry._replace(result=result, says=says, written=_in_the_directory(action).changes)


def _unseen(action: Action) -> Text:
    return Text(
        f"{action.address or action.subject} có một hộp thư mà kế hoạch chưa thấy; chưa xóa gì, hãy lập kế hoạch mới.",
        f"{action.address or action.subject} has a mailbox that the plan did not see; nothing is deleted, plan again.",
    )


def _for_a_person(action: Action, own: Sequence[Change], shown: Mapping[str, Values]) -> Outcome:
    strange = sorted(
        {
            name
            for change in own
            for name, (before, after) in change.attributes.items()
            if set(shown.get(name, ())) not in (set(before), set(after))
        }
    )
    listed = ", ".join(strange)
    return changes.unsuccessful(
        action,
        Text(
            f"Hộp thư của {action.address or action.subject} không còn như trước thao tác, cũng không như sau đó "
            f"({listed}): thao tác bị cắt ngang và có người khác đã sửa. Hãy xem trong hệ thống thư, sửa cho đúng hoặc "
            "để nguyên, rồi lập kế hoạch mới.",
            f"The mailbox of {action.address or action.subject} shows neither the state before the action nor the one "
            f"after it ({listed}): the action was cut off and somebody else changed it. Look at it in the mail system, "
            "put it right or leave it, then plan again.",
        ),
        Result.NEEDS_HUMAN,
    )
