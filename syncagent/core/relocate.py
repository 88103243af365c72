"""Moving an account to the system where its unit lives: the old one is closed and kept, a new one issued, never both.

No text orders it: it is how a city with two systems carries one of its units from the one to the other (decision 068).
The address goes with its holder. What is in the old mailbox does not; nothing of it is deleted, and people move it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import ActionKind
from syncagent.core.case import Step, because
from syncagent.core.finding import FindingCode
from syncagent.core.lifecycle import next_step
from syncagent.core.stamp import Reason, State
from syncagent.text import Text

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.case import Case
    from syncagent.core.finding import Finding
    from syncagent.core.stamp import Stamp
    from syncagent.core.survey import View
    from syncagent.core.wanted import Address


_MOVED = frozenset({Reason.RELOCATED, Reason.UNDONE})


class Relocation(NamedTuple):
    """The two halves of a move: the old mailbox is closed, and whoever has none now is issued one."""

    closing: Step
    opening: Step


def relocation(
    view: View, case: Case, step: Step, account: Account, address: Address, home: str
) -> Relocation | Finding:
    """Given somebody whose unit lives on another system than the account, return the move, or why it must wait.

    Args:
        view: what the decision sees.
        case: the subject.
        step: what the regulation does with it today where it is.
        account: the account on the old system.
        address: the address decided for it.
        home: the system where the unit lives.
    """
    opening = next_step(replace(case, account=None, stamp=None, remembered=None, verdicts=None))
    if why := _obstacle(view, case, step, account, address, home, opening):
        return _waits(case, account, home, why)
    says = Text(
        f"Đơn vị “{case.unit.name}” thuộc hệ thống “{home}”: đóng hộp thư ở “{account.target}” (dữ liệu giữ nguyên, "
        f"không xóa) và cấp hộp thư cùng địa chỉ ở “{home}”. Người quản trị còn phải chuyển thư cũ, gỡ địa chỉ khỏi "
        "hộp thư cũ và đổi tuyến nhận thư.",
        f"Unit “{case.unit.name}” belongs to system “{home}”: the mailbox on “{account.target}” is closed (its data "
        f"are kept, nothing is deleted) and one with the same address is issued on “{home}”. Left for people: move the "
        "old mail, take the address off the old mailbox, and change the route of incoming mail.",
    )
    reason = because(view.policy.regulation.attributes, says)
    row = case.person.current.takes_effect if case.person else case.unit.effective_date
    closing = Step(
        State.WITHDRAWN,
        ActionKind.WITHDRAW,
        why=Reason.RELOCATED,
        because=(reason,),
        due=case.today,
        row=row,
    )
    return Relocation(closing, replace(opening, because=(reason, *opening.because), due=case.today))


def moved_away(view: View, subject: str, target: str) -> bool:
    """Whether a system still keeps an account from which its holder was moved to another, by a plan or an undo."""
    former = view.matches.former.get(subject, ())
    return any(one.account.target == target and one.stamp and one.stamp.why in _MOVED for one in former)


def came_back(case: Case, target: str) -> Finding:
    """Return the finding that a system keeps the mailbox of somebody who has to be issued one there again."""
    return case.finding(
        FindingCode.MANUAL_STEPS,
        Text(
            f"{case.subject} thuộc hệ thống “{target}”, nơi còn giữ hộp thư cũ của họ; không cấp hộp thư thứ hai ở đó. "
            f"Hãy chuyển thư của hộp thư cũ đi rồi xóa nó trong “{target}”, hoặc khai đơn vị ở hệ thống kia.",
            f"{case.subject} belongs to system “{target}”, which still keeps their former mailbox; no second one is "
            f"issued there. Move its mail and delete it in “{target}”, or name the unit at the other system.",
        ),
    )


def _obstacle(
    view: View, case: Case, step: Step, account: Account, address: Address, home: str, opening: Step
) -> Text | None:
    """Return what must be settled first, None if nothing must."""
    stamp = case.stamp
    if step.kind is not None or stamp is None or stamp.state is not State.ACTIVE or _just_opened(stamp, case.today):
        return Text(
            "hộp thư đang khóa, hoặc hôm nay có thao tác khác phải làm trước",
            "the mailbox is locked, or something else is to be done first today",
        )
    if address.new:
        return Text("địa chỉ còn phải đổi theo đơn vị", "its address must change with the unit")
    lapsed = {alias.address for alias in stamp.aliases if alias.last_day < case.today}
    if also := ", ".join(one for one in account.aliases if one not in lapsed):
        return Text(f"hộp thư còn nhận thư cho {also}", f"it still receives for {also}")
    if moved_away(view, case.subject, home):
        return Text(f"“{home}” còn giữ hộp thư cũ của họ", f"“{home}” still keeps their former mailbox")
    if opening.kind is not ActionKind.CREATE or opening.state is not State.ACTIVE:
        return Text(
            "theo danh sách và văn bản hiện có, chưa đủ căn cứ cấp một hộp thư mới",
            "the roster and the letters at hand would not issue a new mailbox",
        )
    return None


def _just_opened(stamp: Stamp, today: date) -> bool:
    """Whether a plan of today opened an older mailbox or gave it a password: the move is one of tomorrow (law 1)."""
    return stamp.issued != today and today in {stamp.since, stamp.password}


def _waits(case: Case, account: Account, home: str, why: Text) -> Finding:
    """Say which account stays on the old system, why, and what people can do."""
    return case.finding(
        FindingCode.MANUAL_STEPS,
        Text(
            f"Tài khoản {account.address} của {case.subject} nằm ở “{account.target}” nhưng đơn vị “{case.unit.unit}” "
            f"thuộc “{home}”; chưa chuyển được: {why.vi}. Tài khoản giữ nguyên ở “{account.target}”, không cập nhật "
            f"thông tin. Hãy xử lý điều đó, hoặc khai đơn vị ở targets.{account.target}.units.",
            f"Account {account.address} of {case.subject} lives in “{account.target}”, but unit “{case.unit.unit}” "
            f"belongs to “{home}”; it cannot be moved yet: {why.en}. It stays in “{account.target}” as it is. Settle "
            f"that, or name the unit in targets.{account.target}.units.",
        ),
        candidates=(account.dn,),
    )
