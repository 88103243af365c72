"""What stands in the way of a new issue: a lock, a decision that is not whole, an address that is still kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.addresses import fold_address
from syncagent.core.finding import FindingCode
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.core.case import Case
    from syncagent.core.finding import Finding
    from syncagent.core.person import PersonRow
    from syncagent.core.survey import View
    from syncagent.core.wanted import Address


def not_now(case: Case) -> Finding:
    """Return the finding that a locked mailbox is not traded for an open one (NB-24, Điều 7.3.a)."""
    return case.finding(
        FindingCode.NEEDS_ORDER,
        Text(
            f"{case.subject} chuyển đơn vị khi hộp thư đang tạm khóa; hãy mở khóa theo văn bản trước khi cấp mới.",
            f"{case.subject} moved while the mailbox is locked; unlock it on a written request before a new issue.",
        ),
    )


def _own_former(view: View, case: Case, address: Address) -> bool:
    """Whether the wanted address is that of a mailbox the person was moved away from and that still waits."""
    former = view.matches.former.get(case.subject, ())
    wanted = fold_address(address.address)
    return any(wanted in map(fold_address, owned.account.addresses) for owned in former)


def _returns(case: Case, address: Address) -> Finding:
    return case.finding(
        FindingCode.ADDRESS_CLASH,
        Text(
            f"{case.subject} trở lại đơn vị cũ khi hộp thư cũ {address.address} vẫn được giữ; địa chỉ đó chưa thể cấp "
            "lại. Hãy thống nhất một tên khác và ghi vào cột agreed_address, hoặc giữ hộp thư hiện tại.",
            f"{case.subject} returns while the former mailbox {address.address} is still kept; the "
            "address cannot be issued again yet. Agree on another name in agreed_address, or keep the mailbox.",
        ),
    )


def obstacle_to(view: View, case: Case, row: PersonRow, address: Address) -> Finding | None:
    """Return what stands in the way of a new issue; whatever else is ordered today is carried out all the same."""
    if _own_former(view, case, address):
        return _returns(case, address)
    if not row.document.proves_on(case.today):
        return case.finding(
            FindingCode.NEEDS_ORDER,
            Text(
                f"{case.subject} chuyển đơn vị; cấp hộp thư mới và khóa hộp thư cũ cần quyết định đủ số, ngày, "
                "người ký.",
                f"{case.subject} moved; a new issue closes the old mailbox and needs a decision with number, date "
                "and signer.",
            ),
        )
    return None
