"""A write that the server confirmed, and that somebody else had already written over when it was read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core import dn as names_of
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.live.step import Seen

UNPROVED = "isDeleted"
"""What a deletion lacks of which nothing shows."""


def overtaken(before: str, now: Seen | None, differs: str, hand: str) -> Text:
    """Return what happened: what we wrote was written, and is not what stands there; that is left alone.

    Args:
        before: the account's DN before the write.
        now: the account as read back, None if it is not there.
        differs: the attributes that do not show what was written; of values nothing is said.
        hand: who wrote to the account last, empty if the server does not tell.
    """
    if differs == UNPROVED:
        return Text(
            f"{before}: máy chủ nhận lệnh xóa, nhưng không thấy dấu vết đã xóa; hãy kiểm tra trong thư mục.",
            f"{before}: the server took the deletion, but nothing shows that it was deleted; look in the directory.",
        )
    if now is None:
        return Text(
            f"{before}: đã ghi và máy chủ đã xác nhận, nhưng ngay sau đó có người xóa tài khoản; hãy lập kế hoạch mới.",
            f"{before}: written and confirmed by the server, but somebody deleted the account right after; plan again.",
        )
    who = Text(hand, hand) if hand else Text("người khác", "somebody else")
    renamed = f" ({before} → {now.dn})" if names_of.same(before) != names_of.same(now.dn) else ""
    return Text(
        f"{now.dn}: đã ghi và máy chủ đã xác nhận, nhưng ngay sau đó {who.vi} sửa {differs}{renamed}; giữ nguyên như "
        "họ sửa, hãy lập kế hoạch mới.",
        f"{now.dn}: written and confirmed by the server, but right after {who.en} changed {differs}{renamed}; left as "
        "they have it, plan again.",
    )
