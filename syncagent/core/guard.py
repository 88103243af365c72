"""What is never in a plan, whatever the regulation says: held, protected, quarantined, not ours (law 3).

A protected person who leaves is not forgotten: the finding spells out the steps a person must take by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind, Operation
from syncagent.core.clocks import runs_needed
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.holds import Around, Standing
from syncagent.core.privacy import holds_identity_number
from syncagent.core.spoken import KINDS
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncagent.core.account import Account
    from syncagent.core.action import Action, Change
    from syncagent.core.ledger import Hold, Ledger
    from syncagent.core.survey import View


_NUMBERED = Text("có số định danh cá nhân trong thuộc tính", "an identification number stands in an attribute")


@dataclass(frozen=True, slots=True)
class Guard:
    """Knows who is held, which accounts are protected, and which need an approval of their own."""

    view: View
    ledger: Ledger

    def sift(self, actions: Iterable[Action]) -> tuple[list[Action], list[Finding]]:
        """Given proposed actions, return those that may stand in a plan and a finding for each that may not.

        What needs a held-back action falls with it.
        """
        view = self.view
        standing = Standing.of(self.ledger, view.roster, view.today)
        around = Around.of(view.snapshots.values(), view.policy, view.roster.units)
        kept: list[Action] = []
        findings: list[Finding] = []
        dropped: set[str] = set()
        for action in actions:
            account = around.account(action)
            names = around.names_of(action)
            hold = standing.over(names)
            if hold or dropped.intersection(action.needs):
                dropped.add(action.id)
                findings += [_held(action, hold)] if hold else []
            elif names & standing.doubted:
                dropped.add(action.id)
                findings.append(_doubted(action))
            elif account and self._numbered(account):
                dropped.add(action.id)
                findings.append(_protected(action, _NUMBERED))
            elif protection := self._protection(account, names):
                dropped.add(action.id)
                findings.append(_protected(action, protection))
            elif account and account.held and action.kind is ActionKind.DELETE:
                dropped.add(action.id)
                findings.append(_kept_for_court(action, account))
            else:
                if doubt := self._too_early(action, account):
                    dropped.add(action.id)
                    findings.append(doubt)
                    continue
                spared, others = _spared(action, standing, around)
                findings += others
                if spared.changes or not action.changes:
                    alone = bool(names & self.view.policy.brakes.alone) or self._unbelieved(action)
                    kept.append(replace(spared, alone=alone))
                    findings += [_jumped(action)] if self._unbelieved(action) else []
        return kept, findings

    def _too_early(self, action: Action, account: Account | None) -> Finding | None:
        """Notice a deletion by term of an account that too few runs saw closed: elapsed time alone is not believed."""
        watch = self.ledger.watch
        if not (watch and self._waits(action) and account and account.stamp):
            return None
        days = (action.due - account.stamp.since).days
        needed = runs_needed(days, watch.every)
        runs = watch.seen.get((account.target, account.guid), 0)
        return _unseen(action, runs, needed) if runs < needed else None

    def _unbelieved(self, action: Action) -> bool:
        """Whether time jumped forward, so that a deletion by term needs an approval that names it."""
        return bool(self.ledger.watch and self.ledger.watch.jumped and self._waits(action))

    def _waits(self, action: Action) -> bool:
        """Whether an action deletes on a live target because a term passed, and not on a written order."""
        return action.kind is ActionKind.DELETE and not action.fulfils and self.view.policy.targets[action.target].live

    def _numbered(self, account: Account) -> bool:
        """Whether an identification number stands in a value that the plan could show; times and flags are none."""
        technical = self.view.policy.targets[account.target].directory.technical()
        shown = [value for name, values in account.attributes.items() if name not in technical for value in values]
        return any(map(holds_identity_number, shown))

    def _protection(self, account: Account | None, names: frozenset[str]) -> Text | None:
        if named := names & self.view.policy.brakes.never:
            return Text(min(named), min(named))
        return account.protected if account else None


def _spared(action: Action, standing: Standing, around: Around) -> tuple[Action, list[Finding]]:
    """Leave out the rights on mailboxes and groups that are on hold: what is done to others waits for nobody."""
    changes: list[Change] = []
    findings: list[Finding] = []
    for change in action.changes:
        if hold := standing.over_right(action, change, around):
            findings.append(_right_held(action, change, hold))
        else:
            changes.append(change)
    return (replace(action, changes=tuple(changes)) if findings else action), findings


def _held(action: Action, hold: Hold) -> Finding:
    lift = _lift(hold)
    does = KINDS[action.kind]
    return Finding(
        FindingCode.HELD,
        Severity.REVIEW,
        action.subject,
        Text(
            f"{action.subject} đang được giữ nguyên theo {hold.document}; thao tác “{does.vi}” không được lập. "
            f"Gỡ bằng: {lift.vi}",
            f"{action.subject} is on hold by {hold.document}; “{does.en}” is not planned. Lift it with: {lift.en}",
        ),
        candidates=(str(action.kind),),
    )


def _kept_for_court(action: Action, account: Account) -> Finding:
    return Finding(
        FindingCode.HELD,
        Severity.REVIEW,
        action.subject,
        Text(
            f"Đã đến hạn xóa, nhưng hệ thống thư đang giữ dữ liệu của {account.address} ({account.held}); không xóa. "
            "Người đặt lệnh giữ phải gỡ trên hệ thống thư trước.",
            f"Its deletion is due, but the mail system holds the data of {account.address} ({account.held}); it is not "
            "deleted. Whoever placed the hold must lift it in the mail system first.",
        ),
        candidates=(str(action.kind),),
    )


def _unseen(action: Action, runs: int, needed: int) -> Finding:
    return Finding(
        FindingCode.CLOCK_DOUBT,
        Severity.REVIEW,
        action.subject,
        Text(
            f"Đã đến hạn xóa, nhưng mới {runs} lần chạy thấy tài khoản này bị khóa như hiện nay; cần {needed} lần. "
            "Chưa lập thao tác xóa: một đồng hồ sai không được làm mất hộp thư.",
            f"Its deletion is due, but only {runs} runs saw this account closed as it is; {needed} are needed. It is "
            "not planned yet: a wrong clock must not cost a mailbox.",
        ),
        candidates=(str(action.kind),),
    )


def _jumped(action: Action) -> Finding:
    return Finding(
        FindingCode.CLOCK_DOUBT,
        Severity.REVIEW,
        action.subject,
        Text(
            "Từ lần chạy trước, thời gian đã trôi quá lâu (hoặc đồng hồ nhảy tới trước); cho đến khi có hai lần chạy "
            "đúng nhịp, việc xóa này cần phê duyệt nêu đích danh (--only). Hãy kiểm tra giờ máy trước.",
            "Too much time passed since the run before (or the clock jumped forward); until two runs come at their "
            "usual pace, this deletion needs an approval that names it (--only). Check the clock first.",
        ),
        candidates=(str(action.kind),),
    )


def _right_held(action: Action, change: Change, hold: Hold) -> Finding:
    """Say that a right on a held mailbox or group stays as it is, though its holder's own mailbox changes."""
    lift = _lift(hold)
    kept = Text("không bị gỡ", "is not taken")
    if change.operation is Operation.GRANT:
        kept = Text("không được trả lại", "is not given back")
    return Finding(
        FindingCode.HELD,
        Severity.REVIEW,
        change.dn,
        Text(
            f"{change.dn} đang được giữ nguyên theo {hold.document}; quyền của {action.subject} ở đó {kept.vi}. "
            f"Gỡ bằng: {lift.vi}",
            f"{change.dn} is on hold by {hold.document}; the right of {action.subject} there {kept.en}. "
            f"Lift it with: {lift.en}",
        ),
        candidates=(str(change.operation),),
    )


def _lift(hold: Hold) -> Text:
    if hold.requested:
        return Text(
            f"một dòng thôi giữ nguyên (release) cho “{hold.subject}” trong danh sách yêu cầu, có số văn bản, nhận sau "
            "ngày của yêu cầu giữ",
            f"a release row for “{hold.subject}” among the requests, with the number of its document, received on a "
            "later day than the hold",
        )
    return Text(f'syncagent release "{hold.subject}"', f'syncagent release "{hold.subject}"')


def _doubted(action: Action) -> Finding:
    does = KINDS[action.kind]
    return Finding(
        FindingCode.QUARANTINED,
        Severity.REVIEW,
        action.subject,
        Text(
            f"Một văn bản yêu cầu về {action.subject} có lỗi nên chưa rõ yêu cầu gì; thao tác “{does.vi}” không "
            "được lập. Hãy sửa dòng đó trong danh sách yêu cầu.",
            f"A written request about {action.subject} is faulty, so nobody knows what it asks; “{does.en}” is not "
            "planned. Correct that row of the requests.",
        ),
        candidates=(str(action.kind),),
    )


def _protected(action: Action, protection: Text) -> Finding:
    reasons = "; ".join(f"{reason.rule} {reason.document}".strip() for reason in action.because)
    does = KINDS[action.kind]
    return Finding(
        FindingCode.PROTECTED_ACCOUNT,
        Severity.REVIEW,
        action.subject,
        Text(
            f"Tài khoản được bảo vệ ({protection.vi}); phần mềm không thực hiện thao tác “{does.vi}” ({reasons}). Các "
            "bước làm tay: 1) gỡ quyền quản trị, 2) thực hiện thao tác trong thư mục, 3) ghi lại số văn bản.",
            f"The account is protected ({protection.en}); the agent does not “{does.en}” it ({reasons}). By hand: "
            "1) remove its administrative rights, 2) carry the action out in the directory, 3) record the document.",
        ),
        candidates=(str(action.kind),),
    )
