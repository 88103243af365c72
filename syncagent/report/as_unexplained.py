"""What a directory shows and no record explains, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from syncagent.core.unexplained import Why
from syncagent.report.visible import visible
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.core.unexplained import Unexplained
    from syncagent.text import Language

LABELS: Final[Mapping[Why, Text]] = {
    Why.CHANGED: Text("thuộc tính bị người khác sửa", "attributes changed by somebody else"),
    Why.CHANGED_BEFORE: Text(
        "thuộc tính đã bị người khác sửa trước thao tác này", "attributes changed by somebody else before this deed"
    ),
    Why.MOVED: Text("bị người khác chuyển hoặc đổi tên", "moved or renamed by somebody else"),
    Why.RIGHTS: Text("quyền bị người khác thay đổi", "rights changed by somebody else"),
    Why.GONE: Text("không còn, nhưng không phải phần mềm xóa", "gone, and not by our doing"),
    Why.BACK: Text("đã xóa, nay lại có", "deleted by us, and there again"),
    Why.UNRECORDED: Text("mang dấu của phần mềm nhưng không có bản ghi nào", "bears our mark, and no record knows it"),
    Why.CREATED: Text("do người khác tạo, không mang dấu của phần mềm", "created by somebody else, without our mark"),
    Why.LEARNED: Text(
        "mang dấu của phần mềm khi thấy lần đầu, không do phần mềm tạo", "bore our mark when first seen, and not by us"
    ),
    Why.TWICE: Text("cùng một thao tác được ghi hai lần", "the same deed is recorded twice"),
}


def lines(one: Unexplained, language: Language) -> Iterator[str]:
    """Yield who it is and what is not explained, then each attribute as recorded and as found."""
    record = Text(f" (bản ghi {one.seq})", f" (record {one.seq})") if one.seq else Text("", "")
    who = "  ".join(filter(None, (one.dn or one.guid, one.subject)))
    yield visible(f"{who}: {LABELS[one.why].within(language)}{record.within(language)}")
    for name, (recorded, found) in one.attributes.items():
        yield visible(f"  {name}: {_values(recorded)} → {_values(found)}")


def _values(values: tuple[str, ...]) -> str:
    return " | ".join(values) or "∅"
