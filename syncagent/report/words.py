"""Every label a report shows, in both languages, in one place.

Kinds are listed gravest first; reports show them in this order. A label is a short phrase that a clerk
understands without the manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.core import spoken
from syncagent.core.action import ActionKind, Operation, Review
from syncagent.core.finding import FindingCode, Severity
from syncagent.core.stamp import AccountKind, State
from syncagent.report.weight import Weight
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from syncagent.core.action import Action, Then
    from syncagent.text import Language

KINDS: Final = spoken.KINDS

WEIGHTS: Final[Mapping[Weight, Text]] = {
    Weight.DELETE: Text("xóa", "delete"),
    Weight.CLOSE: Text("khóa, thu hồi", "close"),
    Weight.LOCK: Text("tạm khóa", "lock"),
    Weight.CHANGE: Text("thay đổi", "change"),
    Weight.OPEN: Text("cấp, mở lại", "issue, reopen"),
}

MARKS: Final[Mapping[ActionKind, str]] = {
    ActionKind.DELETE: "✕",
    ActionKind.WITHDRAW: "⊖",
    ActionKind.DISABLE: "⊘",
    ActionKind.LOCK: "‖",
    ActionKind.READDRESS: "→",
    ActionKind.RESET_PASSWORD: "∗",
    ActionKind.HAND_OVER: "⇄",
    ActionKind.MOVE: "↷",
    ActionKind.UPDATE: "~",
    ActionKind.ADOPT: "⊕",
    ActionKind.UNLOCK: "▷",
    ActionKind.RESTORE: "↺",
    ActionKind.CREATE: "+",
}
"""A sign beside each label, so that colour is never the only one."""

FINDINGS: Final[Mapping[FindingCode, Text]] = {
    FindingCode.MISSING_FROM_ROSTER: Text(
        "Có hộp thư nhưng không có trong danh sách", "Has a mailbox but is not in the roster"
    ),
    FindingCode.LEAVER_WITHOUT_DOCUMENT: Text(
        "Ghi đã rời đi nhưng thiếu quyết định", "Said to have left, but the decision is missing"
    ),
    FindingCode.NEEDS_ORDER: Text("Chờ văn bản của cấp có thẩm quyền", "Waits for a written order"),
    FindingCode.ADDRESS_CLASH: Text(
        "Trùng địa chỉ, cần thống nhất tên khác", "Address is taken; another name must be agreed"
    ),
    FindingCode.NEEDS_GIVEN_NAME: Text("Chưa rõ đâu là tên gọi trong họ tên", "Unclear which part is the given name"),
    FindingCode.UNREGULATED_EVENT: Text(
        "Sự kiện nhân sự mà quy chế không quy định", "A personnel event the regulation does not cover"
    ),
    FindingCode.DUPLICATE_PERSON: Text(
        "Một người được ghi nhiều lần", "One person stands in the roster more than once"
    ),
    FindingCode.AMBIGUOUS_MATCH: Text("Chưa xác định được hộp thư là của ai", "Unclear whose mailbox it is"),
    FindingCode.UNKNOWN_UNIT: Text(
        "Đơn vị không có hoặc ghi sai trong danh sách", "Unit is unknown or faulty in the list of units"
    ),
    FindingCode.UNMANAGED_ACCOUNT: Text(
        "Tài khoản không gắn với ai trong danh sách", "Account belongs to nobody in the roster"
    ),
    FindingCode.PROTECTED_ACCOUNT: Text(
        "Tài khoản được bảo vệ, phải làm bằng tay", "Protected account, to be done by hand"
    ),
    FindingCode.HELD: Text("Đang được giữ nguyên theo văn bản", "On hold by a document"),
    FindingCode.IDLE_BUT_EXEMPT: Text("Lâu không dùng nhưng được miễn khóa", "Long unused, but exempt"),
    FindingCode.FORWARD_OUTSIDE: Text(
        "Tự động chuyển thư ra ngoài cơ quan nhà nước", "Forwards mail outside the state agencies"
    ),
    FindingCode.BELOW_MINIMUM_QUOTA: Text("Dung lượng dưới mức tối thiểu", "Mailbox is smaller than the minimum"),
    FindingCode.PASSWORD_OVERDUE: Text("Quá hạn đổi mật khẩu định kỳ", "Password is overdue for a change"),
    FindingCode.DEFAULT_PASSWORD_OVERDUE: Text(
        "Quá hạn đổi mật khẩu mặc định", "Default password was not changed in time"
    ),
    FindingCode.CLOCK_DOUBT: Text("Thời điểm ghi nhận không hợp lý", "A recorded time cannot be right"),
    FindingCode.NAME_NOT_CLEAN: Text("Họ tên có ký tự lạ", "Name holds stray characters"),
    FindingCode.SUCCESSOR_MISSING: Text(
        "Đơn vị giải thể, sáp nhập chưa rõ nơi tiếp nhận", "Closed unit without a known successor"
    ),
    FindingCode.POLICY_DIFFERS: Text(
        "Thiết lập của thư mục khác quy chế", "Directory enforces something else than the text"
    ),
    FindingCode.LOCKED_BY_DIRECTORY: Text("Đang bị khóa trong thư mục", "Locked in the directory itself"),
    FindingCode.STAMP_DIFFERS: Text(
        "Dấu trên tài khoản khác với sổ theo dõi", "Mark on the account differs from the ledger"
    ),
    FindingCode.MANUAL_STEPS: Text("Việc phải làm bằng tay", "To be done by hand"),
    FindingCode.QUARANTINED: Text(
        "Dòng có lỗi, tạm gác lại, không thao tác", "Faulty row, quarantined, nothing is done"
    ),
    FindingCode.NOT_IN_FORCE: Text("Quy chế chưa có hiệu lực", "Regulation is not in force yet"),
}

SEVERITIES: Final[Mapping[Severity, Text]] = {
    Severity.REVIEW: Text("Chờ quyết định", "Waits for a decision"),
    Severity.WARNING: Text("Cần xem", "Should be looked at"),
    Severity.INFO: Text("Để biết", "For the record"),
}

SEVERITY_MARKS: Final[Mapping[Severity, str]] = {
    Severity.REVIEW: "◆",
    Severity.WARNING: "▲",
    Severity.INFO: "●",
}

ACCOUNTS: Final[Mapping[AccountKind, Text]] = {
    AccountKind.PERSONAL: Text("hộp thư cá nhân", "personal mailbox"),
    AccountKind.AGENCY: Text("hộp thư cơ quan", "agency mailbox"),
    AccountKind.DEPARTMENT: Text("hộp thư phòng, ban", "department mailbox"),
}

STATES: Final[Mapping[State, Text]] = {
    State.ACTIVE: Text("Hoạt động", "Active"),
    State.LOCKED: Text("Tạm khóa", "Locked"),
    State.DISABLED: Text("Khóa gửi/nhận", "Disabled"),
    State.WITHDRAWN: Text("Thu hồi", "Withdrawn"),
    State.DELETED: Text("Đã xóa", "Deleted"),
}

MEANINGS: Final[Mapping[State, Text]] = {
    State.ACTIVE: Text("Dùng bình thường.", "In normal use."),
    State.LOCKED: Text(
        "Không đăng nhập, không gửi được; thư đến vẫn được nhận và giữ lại.",
        "Cannot log in or send; incoming mail is still received and kept.",
    ),
    State.DISABLED: Text(
        "Không đăng nhập, không gửi, không nhận; địa chỉ và dữ liệu còn giữ đến ngày xóa.",
        "Cannot log in, send or receive; address and data are kept until the day of deletion.",
    ),
    State.WITHDRAWN: Text(
        "Không dùng được nữa; dữ liệu còn giữ, địa chỉ không cấp cho người khác.",
        "No longer usable; data is kept, the address is given to nobody else.",
    ),
    State.DELETED: Text(
        "Địa chỉ và toàn bộ dữ liệu bị hủy, không lấy lại được; địa chỉ không bao giờ cấp cho người khác.",
        "Address and all data are destroyed for good; the address is never given to anyone else.",
    ),
}

REVIEWS: Final[Mapping[Review, Text]] = {
    Review.NONE: Text("không cần duyệt", "no approval"),
    Review.ONE: Text("một người duyệt", "one approver"),
    Review.TWO: Text("hai người duyệt", "two approvers"),
}

OPERATIONS: Final[Mapping[Operation, Text]] = {
    Operation.ENSURE_CONTAINER: Text("Tạo ngăn chứa nếu chưa có", "Make the container if it is not there"),
    Operation.ADD: Text("Thêm mục", "Add the entry"),
    Operation.MODIFY: Text("Sửa thuộc tính", "Change attributes"),
    Operation.RENAME: Text("Đổi tên hoặc chuyển chỗ", "Rename or move"),
    Operation.DELETE: Text("Xóa mục", "Delete the entry"),
    Operation.UNDELETE: Text("Khôi phục mục đã xóa từ Recycle Bin", "Bring the entry back from the Recycle Bin"),
    Operation.ENABLE: Text("Tạo hộp thư", "Enable the mailbox"),
    Operation.PURGE: Text("Hủy hộp thư và toàn bộ thư", "Purge the mailbox with all its mail"),
    Operation.GRANT: Text("Trao quyền", "Give a right"),
    Operation.REVOKE: Text("Gỡ quyền", "Take a right"),
}

INPUTS: Final[Mapping[str, Text]] = {
    "roster": Text("danh sách nhân sự", "roster"),
    "people": Text("người", "people"),
    "units": Text("đơn vị", "units"),
    "requests": Text("yêu cầu", "requests"),
    "recorded": Text("yêu cầu đã ghi", "recorded requests"),
    "targets": Text("thư mục", "directory"),
    "policy": Text("quy chế và cấu hình", "policy"),
    "digest": Text("mã kiểm tra", "digest"),
    "kind": Text("loại", "kind"),
    "file": Text("tệp", "file"),
    "rows": Text("số dòng", "rows"),
    "entries": Text("số mục", "entries"),
    "accounts": Text("số tài khoản", "accounts"),
    "exported_at": Text("xuất lúc", "exported at"),
    "complete": Text("đọc đủ", "complete"),
    "server": Text("máy chủ", "server"),
    "directory": Text("định danh thư mục", "directory id"),
}
"""What a plan was made from; a name that is not listed is shown as it is."""


def label(name: str, language: Language) -> str:
    """Given the name of an input, return how a report calls it."""
    return INPUTS[name].within(language) if name in INPUTS else name


def number(count: int, language: Language) -> str:
    """Return a count as readers of the language write it: 8.121 in Vietnamese, 8,121 in English."""
    written = f"{count:,}"
    return written.replace(",", ".") if language == "vi" else written


HEADINGS: Final[Mapping[str, Text]] = {
    # what this is
    "title": Text("Kế hoạch hộp thư công vụ", "Mail account plan"),
    "purpose": Text("Bản để duyệt và lưu hồ sơ", "For review and for the file"),
    "plan-of": Text("Kế hoạch ngày", "Plan of"),
    "plan-id": Text("mã kế hoạch", "plan"),
    "serial": Text("số thứ tự", "serial"),
    "regulation": Text("quy chế", "regulation"),
    "made": Text("lập lúc", "made"),
    "expires": Text("hết hạn", "expires"),
    "digest": Text("mã kiểm tra", "digest"),
    "undoes": Text("đảo lại kế hoạch", "takes back plan"),
    "wave": Text("đợt sáp nhập", "wave of the merger"),
    "made-from": Text("lập từ", "made from"),
    "summary": Text("Tóm tắt", "Summary"),
    "destructive": Text("đóng hoặc xóa hộp thư", "close or delete a mailbox"),
    "to-decide": Text("việc chờ quyết định", "wait for a decision"),
    "left-alone": Text("giữ nguyên", "left alone"),
    # brakes
    "brakes": Text("Phanh an toàn", "Brakes"),
    "no-brake": Text("Không phanh nào giữ kế hoạch này.", "No brake holds this plan."),
    "brake-on": Text(
        "Phanh giữ toàn bộ kế hoạch: không thao tác nào được thực hiện cho đến khi có người chấp nhận "
        "đúng các con số sau.",
        "A brake holds the whole plan: nothing is carried out until a person accepts exactly these numbers.",
    ),
    "brake-wrong": Text(
        "Nếu con số là bất thường: đừng duyệt; kiểm tra danh sách rồi lập kế hoạch lại.",
        "If a number is unexpected: do not approve; check the roster and plan again.",
    ),
    "brake-right": Text("Nếu đã kiểm tra và đúng là phải làm như vậy:", "If it was checked and is meant to be so:"),
    "second-approver": Text(
        "Nhiều hơn thường lệ: các thao tác này cần thêm người duyệt thứ hai.",
        "More than usual: these actions need a second approver.",
    ),
    "count": Text("trong kế hoạch", "in this plan"),
    "limit": Text("giới hạn", "limit"),
    # findings
    "findings": Text("Phát hiện", "Findings"),
    "no-finding": Text("Không có gì cần xem.", "Nothing to look at."),
    "candidates": Text("Liên quan", "Concerns"),
    "more": Text("… và {count} mục nữa", "… and {count} more"),
    # actions
    "actions": Text("Thao tác", "Actions"),
    "no-action": Text(
        "Không có thao tác nào: thư mục đã khớp danh sách.", "None: the directory is in step with the roster."
    ),
    "by-unit": Text("Tổng hợp theo đơn vị", "Totals by unit"),
    "unit": Text("Đơn vị", "Unit"),
    "total": Text("Tổng", "Total"),
    "due": Text("từ ngày", "from"),
    "deadline": Text("hạn trả lời", "answer by the end of"),
    "then": Text("sau đó", "then"),
    "needs-order": Text("cần số văn bản", "needs an order number"),
    "after": Text("sau khi xong", "after"),
    "because": Text("vì", "because of"),
    "document": Text("văn bản", "document"),
    "fulfils": Text("thực hiện yêu cầu", "carries out request"),
    "alone": Text("Phải duyệt riêng thao tác này:", "Needs an approval of its own:"),
    "becomes": Text("được đổi thành", "becomes"),
    "state-after": Text("trạng thái sau", "state afterwards"),
    "changes": Text("Thay đổi trong thư mục", "Changes in the directory"),
    "attributes": Text("thuộc tính", "attributes"),
    "attribute": Text("Thuộc tính", "Attribute"),
    "before": Text("Trước", "Before"),
    "after-values": Text("Sau", "After"),
    "absent": Text("không có", "none"),
    "new-place": Text("chỗ mới", "new place"),
    "account": Text("tài khoản", "account"),
    "target": Text("đích", "target"),
    "sets-password": Text(
        "Đặt mật khẩu mặc định mới, ngẫu nhiên; mật khẩu không nằm trong kế hoạch này.",
        "Sets a new, random default password; the password is not part of this plan.",
    ),
    "takes-effect": Text(
        "Phiên đang mở có thể còn vào được hộp thư đến 24 giờ, vì máy chủ thư nhớ đệm đăng nhập (ActiveSync, IIS).",
        "An open session may reach the mailbox for up to 24 hours: the mail server caches log-ins (ActiveSync, IIS).",
    ),
    "takes-effect-obm": Text(
        "IMAP có thể còn nhận mật khẩu cũ đến 8 giờ (bộ đệm saslauthd -c), phiên giao diện OBM đang mở đến 24 giờ.",
        "IMAP may take the old password for up to 8 hours (saslauthd -c), an open session of OBM lasts up to 24 hours.",
    ),
    "stays": Text("giữ nguyên, hệ thống không đổi được", "stays, for it cannot be changed there"),
    "alias-ends": Text("ngừng địa chỉ cũ", "the former address ends"),
    "adopt-closed": Text("tiếp nhận và khóa gửi/nhận", "adopt and disable"),
    "charts": Text("Biểu đồ", "Charts"),
    "as-table": Text("Xem dạng bảng", "As a table"),
    "amount": Text("Số lượng", "Count"),
    # what comes
    "calendar": Text("Lịch xóa", "Deletion calendar"),
    "calendar-says": Text(
        "Hộp thư bị xóa hẳn cùng dữ liệu, theo ngày. Ngày về sau chỉ là dự kiến: mỗi lần xóa sẽ có kế "
        "hoạch và duyệt riêng.",
        "Mailboxes that are destroyed with their data, by day. Later days are a forecast: each deletion "
        "gets its own plan and approval.",
    ),
    "no-deletion": Text(
        "Kế hoạch này không xóa hộp thư nào và không đặt ngày xóa nào.",
        "This plan deletes no mailbox and sets no day of deletion.",
    ),
    "all-deletions": Text(
        "Lịch xóa của mọi hộp thư đang khóa: syncagent status", "Every closed mailbox and its day: syncagent status"
    ),
    "rehearsal": Text(
        "NGÀY GIẢ ĐỊNH: kế hoạch lập cho {day}, không phải cho ngày lập.",
        "REHEARSAL: made for {day}, not for the day it was made on.",
    ),
    "day": Text("Ngày", "Day"),
    "mailbox": Text("Hộp thư", "Mailbox"),
    "person": Text("Người", "Person"),
    "when": Text("Theo", "By"),
    "in-this-plan": Text("trong kế hoạch này", "in this plan"),
    "if-nothing-changes": Text("nếu không có gì thay đổi", "if nothing changes"),
    "next": Text("Việc tiếp theo", "What to do next"),
    # signatures and glossary
    "signatures": Text("Người duyệt ký", "Signatures"),
    "signed-for": Text("Đã xem toàn bộ kế hoạch có mã kiểm tra", "The whole plan was reviewed, digest"),
    "preparer": Text("Người lập", "Prepared by"),
    "first-approver": Text("Người duyệt", "Approver"),
    "other-approver": Text("Người duyệt thứ hai", "Second approver"),
    "sign-here": Text("(ký, ghi rõ họ tên)", "(signature, full name)"),
    "sign-day": Text("Ngày ….. / ….. / ………", "Date …… / …… / ………"),
    "glossary": Text("Giải thích trạng thái", "What the states mean"),
    "state": Text("Trạng thái", "State"),
    "log-in": Text("Đăng nhập, gửi", "Log in, send"),
    "receive": Text("Nhận thư", "Receive"),
    "meaning": Text("Nghĩa là", "Meaning"),
    "yes": Text("có", "yes"),
    "no": Text("không", "no"),
    # tools of the page
    "tools": Text("Lọc và tìm", "Filter and search"),
    "contents": Text("Mục lục", "Contents"),
    "search": Text("Tìm tên, địa chỉ, mã, văn bản …", "Name, address, id, document …"),
    "kind": Text("Loại thao tác", "Kind of action"),
    "severity": Text("Mức phát hiện", "Severity of finding"),
    "all-kinds": Text("Mọi loại thao tác", "All kinds of action"),
    "all-units": Text("Mọi đơn vị", "All units"),
    "all-severities": Text("Mọi mức phát hiện", "All severities"),
    "only-destructive": Text("Chỉ thao tác đóng, xóa hộp thư", "Only what closes or deletes a mailbox"),
    "open-all": Text("Mở tất cả", "Open all"),
    "close-all": Text("Gấp tất cả", "Close all"),
    "reset": Text("Bỏ lọc", "Clear filters"),
    "shown": Text("Đang hiện {a}/{A} thao tác, {f}/{F} phát hiện", "Showing {a}/{A} actions, {f}/{F} findings"),
    "nothing-shown": Text("Không có gì khớp với bộ lọc.", "Nothing matches the filter."),
}


def say(name: str, language: Language) -> str:
    """Return a heading or a fixed phrase.

    Raises:
        KeyError: there is no phrase of this name.
    """
    return HEADINGS[name].within(language)


def day(on: date, language: Language) -> str:
    """Return a date as readers of the language write it."""
    return vi(on) if language == "vi" else f"{on:%Y-%m-%d}"


def month(first: date, language: Language) -> str:
    """Return a month as readers of the language write it."""
    return f"Tháng {first:%m/%Y}" if language == "vi" else f"{first:%Y-%m}"


def moment(at: datetime, language: Language) -> str:
    """Return a moment with its offset from UTC."""
    offset = f"{at:%z}"
    return f"{day(at, language)} {at:%H:%M} (UTC{offset[:3]}:{offset[3:5]})"


def rehearsal(as_of: date, made: datetime, language: Language) -> str:
    """Return the warning that a plan is for another day than the one it was made on, empty if it is not."""
    return say("rehearsal", language).format(day=day(as_of, language)) if as_of != made.date() else ""


def kind_of(action: Action, language: Language) -> str:
    """Return what an action does, in a word; an adoption that closes a mailbox says so."""
    if action.kind is ActionKind.ADOPT and action.destructive:
        return say("adopt-closed", language)
    return KINDS[action.kind].within(language)


def then_of(then: Then, language: Language) -> str:
    """Return what comes after an action: an update that follows by itself is the end of a former address."""
    return say("alias-ends", language) if then.kind is ActionKind.UPDATE else KINDS[then.kind].within(language)
