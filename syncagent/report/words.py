"""Every label a report shows, in both languages, in one place.

Kinds are listed gravest first; reports show them in this order. A label is a short phrase that a clerk
understands without the manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.core.action import ActionKind, Operation, Review
from syncagent.core.finding import FindingCode, Severity
from syncagent.core.stamp import AccountKind, State
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.text import Language

KINDS: Final[Mapping[ActionKind, Text]] = {
    ActionKind.DELETE: Text("xóa", "delete"),
    ActionKind.WITHDRAW: Text("thu hồi", "withdraw"),
    ActionKind.DISABLE: Text("khóa gửi/nhận", "disable"),
    ActionKind.LOCK: Text("tạm khóa", "lock"),
    ActionKind.READDRESS: Text("đổi địa chỉ", "change address"),
    ActionKind.RESET_PASSWORD: Text("đặt lại mật khẩu", "reset password"),
    ActionKind.HAND_OVER: Text("bàn giao", "hand over"),
    ActionKind.MOVE: Text("chuyển chỗ trong thư mục", "move in the directory"),
    ActionKind.UPDATE: Text("cập nhật thông tin", "update details"),
    ActionKind.ADOPT: Text("tiếp nhận quản lý", "adopt"),
    ActionKind.UNLOCK: Text("mở khóa", "unlock"),
    ActionKind.RESTORE: Text("khôi phục", "restore"),
    ActionKind.CREATE: Text("tạo mới", "create"),
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
    FindingCode.ADDRESS_CLASH: Text("Trùng địa chỉ, cần thống nhất tên khác", "Address is taken; another name must be agreed"),
    FindingCode.NEEDS_GIVEN_NAME: Text("Chưa rõ đâu là tên gọi trong họ tên", "Unclear which part is the given name"),
    FindingCode.UNREGULATED_EVENT: Text(
        "Sự kiện nhân sự mà quy chế không quy định", "A personnel event the regulation does not cover"
    ),
    FindingCode.DUPLICATE_PERSON: Text("Một người được ghi nhiều lần", "One person stands in the roster more than once"),
    FindingCode.AMBIGUOUS_MATCH: Text("Chưa xác định được hộp thư là của ai", "Unclear whose mailbox it is"),
    FindingCode.UNKNOWN_UNIT: Text("Đơn vị không có hoặc ghi sai trong danh sách", "Unit is unknown or faulty in the list of units"),
    FindingCode.UNMANAGED_ACCOUNT: Text("Tài khoản không gắn với ai trong danh sách", "Account belongs to nobody in the roster"),
    FindingCode.PROTECTED_ACCOUNT: Text("Tài khoản được bảo vệ, phải làm bằng tay", "Protected account, to be done by hand"),
    FindingCode.HELD: Text("Đang được giữ nguyên theo văn bản", "On hold by a document"),
    FindingCode.IDLE_BUT_EXEMPT: Text("Lâu không dùng nhưng được miễn khóa", "Long unused, but exempt"),
    FindingCode.FORWARD_OUTSIDE: Text(
        "Tự động chuyển thư ra ngoài cơ quan nhà nước", "Forwards mail outside the state agencies"
    ),
    FindingCode.BELOW_MINIMUM_QUOTA: Text("Dung lượng dưới mức tối thiểu", "Mailbox is smaller than the minimum"),
    FindingCode.PASSWORD_OVERDUE: Text("Quá hạn đổi mật khẩu định kỳ", "Password is overdue for a change"),
    FindingCode.DEFAULT_PASSWORD_OVERDUE: Text("Quá hạn đổi mật khẩu mặc định", "Default password was not changed in time"),
    FindingCode.CLOCK_DOUBT: Text("Thời điểm ghi nhận không hợp lý", "A recorded time cannot be right"),
    FindingCode.NAME_NOT_CLEAN: Text("Họ tên có ký tự lạ", "Name holds stray characters"),
    FindingCode.SUCCESSOR_MISSING: Text(
        "Đơn vị giải thể, sáp nhập chưa rõ nơi tiếp nhận", "Closed unit without a known successor"
    ),
    FindingCode.POLICY_DIFFERS: Text("Thiết lập của thư mục khác quy chế", "Directory enforces something else than the text"),
    FindingCode.LOCKED_BY_DIRECTORY: Text("Đang bị khóa trong thư mục", "Locked in the directory itself"),
    FindingCode.STAMP_DIFFERS: Text("Dấu trên tài khoản khác với sổ theo dõi", "Mark on the account differs from the ledger"),
    FindingCode.MANUAL_STEPS: Text("Việc phải làm bằng tay", "To be done by hand"),
    FindingCode.QUARANTINED: Text("Dòng có lỗi, tạm gác lại, không thao tác", "Faulty row, quarantined, nothing is done"),
    FindingCode.NOT_IN_FORCE: Text("Quy chế chưa có hiệu lực", "Regulation is not in force yet"),
}

SEVERITIES: Final[Mapping[Severity, Text]] = {
    Severity.REVIEW: Text("Chờ quyết định", "Waits for a decision"),
    Severity.WARNING: Text("Cần xem", "Should be looked at"),
    Severity.INFO: Text("Để biết", "For the record"),
}

SEVERITY_MARKS: Final[Mapping[Severity, str]] = {Severity.REVIEW: "◆", Severity.WARNING: "▲", Severity.INFO: "●"}

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
        "Address and all data are destroyed and cannot be brought back; the address is never given to anyone else.",
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
}

INPUTS: Final[Mapping[str, Text]] = {
    "roster": Text("danh sách nhân sự", "roster"),
    "people": Text("người", "people"),
    "units": Text("đơn vị", "units"),
    "requests": Text("yêu cầu", "requests"),
    "targets": Text("thư mục", "directory"),
    "policy": Text("quy chế và cấu hình", "policy"),
    "file": Text("tệp", "file"),
    "rows": Text("số dòng", "rows"),
    "entries": Text("số mục", "entries"),
    "accounts": Text("số tài khoản", "accounts"),
    "exported_at": Text("xuất lúc", "exported at"),
    "complete": Text("đọc đủ", "complete"),
    "server": Text("máy chủ", "server"),
}
"""What a plan was made from; a name that is not listed is shown as it is."""


def label(name: str, language: Language) -> str:
    """Given the name of an input, return how a report calls it."""
    return INPUTS[name].within(language) if name in INPUTS else name


def number(count: int, language: Language) -> str:
    """Return a count as readers of the language write it: 8.121 in Vietnamese, 8,121 in English."""
    written = f"{count:,}"
    return written.replace(",", ".") if language == "vi" else written
