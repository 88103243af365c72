"""What the codes of a merger are called in its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.core.collisions import NEW, UNITS
from syncagent.core.crosswalk import Share
from syncagent.core.fates import Why
from syncagent.core.inventory import Flaw
from syncagent.core.merger import Fate
from syncagent.core.pairing import Likeness
from syncagent.core.questions import Question
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

FATES: Final[Mapping[Fate, Text]] = {
    Fate.CONVERTED: Text("chuyển đổi", "converted"),
    Fate.MERGED: Text("hợp nhất", "merged into"),
    Fate.ISSUED: Text("cấp mới", "newly issued"),
    Fate.RETIRED: Text("dừng sử dụng", "retired"),
    Fate.HELD: Text("chờ", "held"),
    Fate.EXCLUDED: Text("không thuộc diện", "excluded"),
}
REASONS: Final[Mapping[Why, Text]] = {
    Why.MAIN: Text("tài khoản chính của người hoặc đơn vị này", "the main account of its holder"),
    Why.SECOND: Text("người hoặc đơn vị này đã có tài khoản chính", "its holder has a main account"),
    Why.RULED_NEW: Text("thủ trưởng đề nghị cấp mới, không chuyển dữ liệu cũ", "the head asks for a new one instead"),
    Why.UNUSED: Text("thủ trưởng xác nhận không còn sử dụng", "the head says that nobody uses it any more"),
    Why.LEFT: Text("người dùng đã rời cơ quan, có văn bản", "its holder left, by a document"),
    Why.UNIT_CLOSED: Text("đơn vị đã giải thể hoặc sáp nhập, có văn bản", "the unit was closed, by a document"),
    Why.PROTECTED: Text("tài khoản hệ thống hoặc được bảo vệ", "an account of the system, or protected"),
    Why.RULED_OUT: Text("thủ trưởng xác nhận không thuộc diện sáp nhập", "the head says it is not of this merger"),
    Why.ON_HOLD: Text("đang có lệnh giữ nguyên", "on legal hold"),
    Why.STILL_ASKED: Text("thủ trưởng còn đang xác minh", "the head still asks"),
    Why.CONTESTED: Text("các căn cứ mâu thuẫn nhau", "proofs contradict each other"),
    Why.NO_OWNER: Text("chưa rõ của ai", "nobody knows whose it is"),
    Why.NO_SUCCESSOR: Text("chưa rõ đơn vị nào tiếp nhận", "nobody knows which unit takes it over"),
    Why.UNKNOWN: Text("người được chỉ định không có trong danh sách", "the roster does not have the holder named"),
    Why.QUARANTINED: Text(
        "dòng của người này trong danh sách có lỗi hoặc chưa hiệu lực", "the row has a fault or waits"
    ),
    Why.UNDOCUMENTED: Text("ghi là đã rời đi hoặc giải thể nhưng thiếu văn bản", "said to have left; no document"),
    Why.NO_ADDRESS: Text("chưa thống nhất được địa chỉ mới", "no new address is agreed on"),
    Why.NOT_SERVED: Text("chưa được cấp hộp thư trên hệ thống mới", "is given no mailbox on the new system yet"),
}
QUESTIONS: Final[Mapping[Question, Text]] = {
    Question.OWNER: Text("Tài khoản của ai?", "Whose account is it?"),
    Question.CONTESTED: Text("Căn cứ nào đúng?", "Which proof holds?"),
    Question.MAILBOX: Text("Đơn vị nào tiếp nhận hộp thư?", "Which unit takes the mailbox over?"),
    Question.ADDRESS: Text("Thống nhất địa chỉ nào?", "Which address is agreed on?"),
    Question.MISSING: Text("Chưa có tài khoản cũ?", "Was there no old account?"),
}
FLAWS: Final[Mapping[Flaw, Text]] = {
    Flaw.NO_ADDRESS: Text("không có địa chỉ chính", "no primary address"),
    Flaw.OTHER_DOMAIN: Text("địa chỉ thuộc tên miền khác", "an address of another domain"),
    Flaw.SHARED_ADDRESS: Text("trùng địa chỉ trong cùng hệ thống", "an address of two accounts"),
    Flaw.NO_NAME: Text("không có tên hiển thị", "no name"),
    Flaw.UNREADABLE_NAME: Text("tên hiển thị không phải họ tên", "a name that is no person's"),
    Flaw.NO_NUMBER: Text("không có mã số người dùng", "no staff number or identifier"),
    Flaw.SHARED_NUMBER: Text("trùng mã số trong cùng hệ thống", "a number of two accounts"),
    Flaw.NO_UNIT: Text("không ghi đơn vị", "no unit"),
    Flaw.UNKNOWN_UNIT: Text("đơn vị không có trong bảng chuyển đổi", "a unit that the crosswalk does not know"),
    Flaw.FORWARDED_OUTSIDE: Text("chuyển tiếp thư ra ngoài", "forwards mail outside"),
    Flaw.NEVER_USED: Text("chưa từng đăng nhập", "never used"),
    Flaw.LOCKED: Text("không đăng nhập được", "cannot log in"),
    Flaw.RECEIVES_NOTHING: Text("không nhận thư", "receives no mail"),
}
LIKENESSES: Final[Mapping[Likeness, Text]] = {
    Likeness.NAME: Text("trùng họ tên", "same name"),
    Likeness.SIMILAR_NAME: Text("họ tên gần giống", "similar name"),
    Likeness.BIRTH_DATE: Text("trùng ngày sinh", "same day of birth"),
    Likeness.UNIT: Text("cùng đơn vị", "same unit"),
}
SHARES: Final[Mapping[Share, Text]] = {
    Share.WHOLE: Text("chuyển nguyên vẹn", "went whole"),
    Share.DIVIDED: Text("bị chia, cần quyết định", "divided, to be decided"),
    Share.UNDECIDED: Text("chưa quyết định", "to be decided"),
    Share.ABOLISHED: Text("đã bỏ cấp này", "abolished"),
}
SPACES: Final[Mapping[str, Text]] = {
    NEW: Text("địa chỉ mới", "new addresses"),
    UNITS: Text("tên đơn vị", "unit names"),
}
"""Namespaces that are no old systems."""

CENTRAL: Final = Text("(đơn vị vận hành hệ thống)", "(who runs the mail system)")
"""Who is asked where no unit is known."""

NO_WAVE: Final = Text("chưa xếp đợt", "no wave")
