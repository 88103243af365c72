"""Carrying out actions on a live directory: step by step, many actions at a time, each step read back before the next.

Actions that may concern each other go one after the other; the others go together. Before anything is written, each is
tried on a picture of what it concerns, read a moment ago; what is in its way is a conflict, as on every target
(`connectors/changes.py`). The server itself refuses a write if a value is no longer the one that was read.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncagent.connectors import changes
from syncagent.connectors.base import never
from syncagent.connectors.ldap import codes
from syncagent.connectors.ldap.changes import Fate
from syncagent.connectors.ldap.requests import Add
from syncagent.connectors.live.near import near
from syncagent.connectors.live.overtaken import overtaken
from syncagent.connectors.live.read import by_identity
from syncagent.connectors.live.step import ASSERTION_FAILED, Seen, Step
from syncagent.connectors.live.steps import Steps
from syncagent.connectors.live.waves import waves
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Conflict, Rejected, SyncError, Unknown
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from syncagent.connectors.ldap.answers import Result as Answer
    from syncagent.connectors.ldap.requests import Write
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.kind import Kind
    from syncagent.connectors.live.near import Near
    from syncagent.core.action import Action, Change
    from syncagent.trust.secret import Secret

_TRIES = 3  # a log-in touches the entry on some servers: what the plan saw still stands, so the write is made anew


@dataclass(slots=True)
class _Run:
    """One action while it is carried out; `written` are the steps that a server confirmed, `stand` the changes."""

    action: Action
    seen: Seen | None = None
    steps: deque[Step] = field(default_factory=deque)
    confirm: Step | None = None
    written: int = 0
    stand: list[Change] = field(default_factory=list)
    password_set: bool = False
    stale: int = 0
    outcome: Outcome | None = None

    def next(self) -> Write | None:
        """Return the next write, None if the action has ended."""
        try:
            while self.outcome is None and self.steps:
                write = self.steps[0].write(self.seen)
                if write:
                    return write
                self.settle()
        except (Conflict, Rejected) as error:
            self.fail(error)
        if self.outcome is None:
            self.outcome = self._done()
        return None

    def settle(self) -> Step:
        """Take the next step for done, and return it."""
        step = self.steps.popleft()
        self.stand += [step.change] if step.change else []
        return step

    def ended(self) -> Outcome | None:
        """Return the outcome with what it leaves behind; what an unknown one leaves is found out by reading."""
        outcome = self.outcome._replace(password_set=self.password_set) if self.outcome else None
        if outcome is None or not self.stand or outcome.result in {Result.DONE, Result.UNKNOWN}:
            return outcome
        if self.seen:
            where = changes.done(self.action, self.seen.guid, self.seen.dn)
            outcome = outcome._replace(guid=where.guid, dn=where.dn)
        return outcome._replace(written=tuple(self.stand))

    def _done(self) -> Outcome:
        if self.action.stamp is None and self.action.account:  # deleted
            return changes.done(self.action, *self.action.account[1:])
        return changes.done(self.action, self.seen.guid if self.seen else "", self.seen.dn if self.seen else "")

    def fail(self, error: SyncError) -> None:
        """End with an error; what was written before is said."""
        result = Result.CONFLICT if isinstance(error, Conflict) else Result.FAILED
        if isinstance(error, Unknown):
            result = Result.UNKNOWN
        says = Text(f"{error.where}: {error.says.vi}", f"{error.where}: {error.says.en}") if error.where else error.says
        if self.written and result is not Result.UNKNOWN:
            says = Text(
                f"{says.vi} Đã ghi {self.written} bước trước đó; hãy lập kế hoạch mới.",
                f"{says.en} {self.written} earlier steps are written; plan again.",
            )
        self.outcome = changes.unsuccessful(self.action, says, result)

    def lose(self, fate: Fate) -> None:
        """End without an answer."""
        if fate is Fate.NOT_TRIED and not self.written:
            says = Text("Chưa gửi: mất kết nối với máy chủ trước đó.", "Not sent: the connection was lost before.")
            self.outcome = changes.unsuccessful(self.action, says, Result.NOT_TRIED)
        else:
            says = Text(
                "Mất kết nối khi đang ghi, chưa rõ kết quả; lần chạy apply hoặc plan tiếp theo sẽ đọc lại và ghi nhận.",
                "The connection was lost while writing, the result is not known; the next apply or plan reads it and "
                "settles it.",
            )
            self.outcome = changes.unsuccessful(self.action, says, Result.UNKNOWN)


def carry_out(
    session: Session,
    kind: Kind,
    branch: Branch,
    actions: Sequence[Action],
    marker: str,
    passwords: Mapping[str, Secret],
    stop: Callable[[], bool] = never,
) -> list[Outcome]:
    """Carry out actions and return what became of each, in the same order; of those not begun at a stop, nothing.

    `passwords` are the new ones, by action.

    Raises:
        TargetError, Doubtful, Misconfigured: what the actions concern cannot be read; nothing was written.
    """
    ended: dict[str, Outcome] = {}
    together = {action.id for action in actions}
    for wave in waves(actions, branch.directory):
        if stop():
            break
        ready = []
        for action in wave:
            lacking = [need for need in action.needs if need in together and not _is_done(ended.get(need))]
            if lacking:
                ended[action.id] = changes.not_tried(action, lacking[0])
            else:
                ready.append(action)
        try:
            around = near(session, kind, branch, ready) if ready else None
        except SyncError as error:
            if not ended:
                raise
            ended |= {action.id: changes.unsuccessful(action, error.says, Result.NOT_TRIED) for action in ready}
            continue
        runs = [_begun(session, kind, around, action, marker, passwords) for action in ready if around]
        _carry(session, kind, branch, runs)
        ended |= {run.action.id: outcome for run in runs if (outcome := run.ended())}
    return [ended[action.id] for action in actions if action.id in ended]


def _is_done(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.result is Result.DONE


def _begun(
    session: Session,
    kind: Kind,
    around: Near,
    action: Action,
    marker: str,
    passwords: Mapping[str, Secret],
) -> _Run:
    """Try an action on the picture, and return it with its steps, or ended."""
    run = _Run(action, around.seen(action.account.guid) if action.account else None)
    if made := around.made(action):  # by this very action, which was interrupted
        run.outcome = changes.done(action, made.guid, made.dn)
        return run
    tried = changes.attempted(around.entries, action, marker)
    if tried.result is not Result.DONE:
        run.outcome = tried
        return run
    try:
        run.steps.extend(Steps(session, kind, around.branch, around, _password(action, passwords)).of(action))
    except SyncError as error:
        run.fail(error)
    return run


def _password(action: Action, passwords: Mapping[str, Secret]) -> Secret | None:
    if not action.sets_password:
        return None
    if action.id not in passwords:
        raise Rejected(
            Text(
                "Thao tác này đặt mật khẩu, nhưng không có mật khẩu nào đi kèm.",
                "The action sets a password, but none came with it.",
            )
        )
    return passwords[action.id]


# ── rounds ──


def _carry(session: Session, kind: Kind, branch: Branch, runs: Sequence[_Run]) -> None:
    """Carry out the steps of actions that do not concern each other, one step of each per round."""
    while True:
        waiting = [(run, write) for run in runs if (write := run.next())]
        if not waiting:
            return
        sent = list({_sent_as(write): write for _, write in waiting}.values())
        answers = dict(zip(map(_sent_as, sent), session.write(sent), strict=True))
        answered = [run for run, write in waiting if _is_answered(run, answers[_sent_as(write)], write.dn)]
        try:
            _read_back(session, kind, branch, answered)
        except SyncError:
            for run in answered:
                run.lose(Fate.UNKNOWN)


def _sent_as(write: Write) -> str | int:
    """Return what makes two writes one: several actions may want the same new container."""
    return write.dn if isinstance(write, Add) else id(write)


def _is_answered(run: _Run, answer: Answer | Fate, dn: str) -> bool:
    """Take note of an answer; return whether the account is to be read."""
    if isinstance(answer, Fate):
        run.lose(answer)
        return False
    if answer.code == ASSERTION_FAILED and run.stale < _TRIES:
        run.stale += 1
        return True
    step = run.steps[0]
    shown = step.on or (run.seen.dn if run.seen else dn)
    error = None if answer.code in step.settled else codes.error(answer, shown)
    if error:
        run.fail(error)
        return False
    run.confirm = run.settle()
    run.written += 1
    run.password_set |= run.confirm.sets_password
    return True


def _read_back(session: Session, kind: Kind, branch: Branch, runs: Sequence[_Run]) -> None:
    """Read the accounts of actions again, and end those that do not show what was just written.

    Raises:
        TargetError, Doubtful, Misconfigured: they cannot be read.
    """
    known = {branch.raw_identity(run.seen.guid): run for run in runs if run.seen}
    found = {branch.guid(entry): branch.seen(entry) for entry in by_identity(session, branch, known)}
    for run in runs:
        before = run.seen.dn if run.seen else ""
        step, run.confirm = run.confirm, None
        if step and step.adds:
            added = session.find(step.adds, branch.asked)
            before, run.seen = step.adds, branch.seen(added) if added else None
        elif run.seen:
            run.seen = found.get(run.seen.guid)
        if step and (wrong := step.differs(run.seen)):
            hand = kind.hand(run.seen) if run.seen else ""
            run.outcome = changes.unsuccessful(run.action, overtaken(before, run.seen, wrong, hand))
