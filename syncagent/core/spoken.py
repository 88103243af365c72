"""How sentences speak of what files and plans write as codes: actions, results, requests, events, what people do now.

Kinds of action are listed gravest first; reports show them in this order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.core.action import ActionKind
from syncagent.core.outcome import Result
from syncagent.core.person import Event, Status
from syncagent.core.request import RequestKind
from syncagent.core.unit import UnitStatus
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

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

COLUMNS: Final[Mapping[str, Text]] = {
    "event": Text("lý do rời đi (cột event)", "event"),
    "decision_number": Text("số quyết định (cột decision_number)", "decision_number"),
    "decision_date": Text("ngày quyết định (cột decision_date)", "decision_date"),
    "signed_by": Text("người ký (cột signed_by)", "signed_by"),
}
"""What of a document is missing, by the column of the roster in which it is to be filled in."""

RESULTS: Final[Mapping[Result, Text]] = {
    Result.DONE: Text("đã xong", "done"),
    Result.CONFLICT: Text("đã đổi khác từ khi lập kế hoạch", "conflict"),
    Result.FAILED: Text("không thành", "failed"),
    Result.UNKNOWN: Text("chưa rõ kết quả", "unknown"),
    Result.NOT_TRIED: Text("chưa thực hiện", "not tried"),
    Result.NEEDS_HUMAN: Text("cần người xem", "needs a person"),
}

ASKED: Final[Mapping[RequestKind, Text]] = {
    RequestKind.CREATE: Text("cấp mới hộp thư", "issue a mailbox"),
    RequestKind.CHANGE: Text("thay đổi thông tin hộp thư", "change a mailbox"),
    RequestKind.CANCEL: Text("hủy, thu hồi hộp thư", "close a mailbox"),
    RequestKind.LOCK: Text("tạm khóa hộp thư", "lock a mailbox"),
    RequestKind.UNLOCK: Text("khôi phục hộp thư bị khóa", "open a locked mailbox"),
    RequestKind.RESET_PASSWORD: Text("cấp lại mật khẩu hộp thư", "set a new password"),
    RequestKind.HOLD: Text("giữ nguyên hiện trạng hộp thư", "hold a mailbox"),
    RequestKind.RELEASE: Text("thôi giữ nguyên hộp thư", "release a mailbox"),
    RequestKind.EXEMPT: Text("ghi nhận lý do chưa sử dụng hộp thư", "note the reason for not using a mailbox"),
    RequestKind.AGREE_ADDRESS: Text("thống nhất địa chỉ hộp thư", "agree on an address"),
    RequestKind.EMERGENCY_DELETE: Text("xóa khẩn cấp hộp thư", "delete a mailbox in an emergency"),
}

STATUSES: Final[Mapping[Status, Text]] = {
    Status.WORKING: Text("đang làm việc", "working"),
    Status.ON_LEAVE: Text("đang nghỉ", "on leave"),
    Status.SECONDED: Text("đang biệt phái", "seconded"),
    Status.SUSPENDED: Text("đang tạm đình chỉ", "suspended"),
    Status.LEFT: Text("đã rời đi", "left"),
}

UNIT_STATUSES: Final[Mapping[UnitStatus, Text]] = {
    UnitStatus.ACTIVE: Text("đang hoạt động", "active"),
    UnitStatus.DISSOLVED: Text("đã giải thể", "dissolved"),
    UnitStatus.MERGED: Text("đã sáp nhập", "merged"),
}

EVENTS: Final[Mapping[Event, Text]] = {
    Event.RECRUITED: Text("tuyển dụng", "recruited"),
    Event.RECEIVED: Text("tiếp nhận", "received"),
    Event.CONTRACTED: Text("ký hợp đồng", "contracted"),
    Event.TRANSFERRED: Text("điều động", "transferred"),
    Event.MOVED_OUT: Text("chuyển công tác ra ngoài", "moved out"),
    Event.ROTATED: Text("luân chuyển", "rotated"),
    Event.SECONDED: Text("biệt phái", "seconded"),
    Event.RETIRED: Text("nghỉ hưu", "retired"),
    Event.RESIGNED: Text("thôi việc", "resigned"),
    Event.DISMISSED: Text("buộc thôi việc", "dismissed"),
    Event.DIED: Text("qua đời", "died"),
    Event.MATERNITY_LEAVE: Text("nghỉ thai sản", "maternity leave"),
    Event.UNPAID_LEAVE: Text("nghỉ không hưởng lương", "unpaid leave"),
    Event.SUSPENDED: Text("tạm đình chỉ", "suspended"),
    Event.STUDY: Text("cử đi học", "sent to study"),
    Event.APPOINTED: Text("bổ nhiệm", "appointed"),
    Event.RENAMED: Text("cải chính họ tên", "renamed"),
}
