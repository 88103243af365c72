"""The tables of old mail: what became of each mailbox, and how many are open."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from syncagent.core.mail_record import MailEnd
from syncagent.report.table import NONE, Table, counted, said
from syncagent.text import Text
from syncagent.text import vi as vi_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from syncagent.core.fates import Fated
    from syncagent.core.mail_record import MailRecord
    from syncagent.report.table import Row

_ENDS: Mapping[MailEnd, Text] = {
    MailEnd.MOVED: Text("đã chuyển", "moved"),
    MailEnd.ARCHIVED: Text("đã lưu trữ", "archived"),
    MailEnd.NOT_KEPT: Text("không giữ", "not kept"),
}
_SYSTEM = Text("Hệ thống", "System")
_CLOSED, _OPEN = Text("đã đóng", "closed"), Text("còn mở", "open")
_UNREAD = Text("chưa có hồ sơ", "no record")


def mail(rows: Sequence[tuple[Fated, MailRecord | None]], today: date) -> Table:
    """List every old mailbox that a wave closes with its record, those that are open first."""
    ordered = sorted(rows, key=lambda row: (row[1] is not None and row[1].closed, row[0].name))
    cells: list[Row] = []
    for one, record in ordered:
        doubts = record.doubts() if record else (_UNREAD,)
        vi, en = ("; ".join(part[n] for part in doubts) for n in (0, 1))
        numbers = (_ENDS[record.how], counted(record.messages), counted(record.size)) if record else (NONE,) * 3
        whose = (said(one.name.system), said(one.account.address or one.name.guid), said(one.new) if one.new else NONE)
        cells.append((*whose, *numbers, *((_OPEN, Text(vi, en)) if doubts else (_CLOSED, NONE))))
    columns = (
        _SYSTEM, Text("Địa chỉ cũ", "Old address"), Text("Địa chỉ mới", "New address"), Text("Cách xử lý", "How"),
        Text("Số thư", "Messages"), Text("Dung lượng", "Bytes"), Text("Hồ sơ", "Record"), Text("Còn thiếu", "Lacking"),
    )  # fmt: skip
    title = Text(f"Hồ sơ dữ liệu thư ngày {vi_day(today)} (Điều 13.1)", f"Records of mail on {today} (Điều 13.1)")
    return Table(title, columns, tuple(cells), ())


def mail_sums(rows: Sequence[tuple[Fated, MailRecord | None]]) -> Table:
    """Count the records of each old system."""
    counts: Counter[tuple[str, Text]] = Counter()
    for one, record in rows:
        counts[one.name.system, _UNREAD if record is None else _CLOSED if record.closed else _OPEN] += 1
    systems = sorted({system for system, _ in counts})
    cells = tuple(
        (said(system), *(counted(counts[system, state]) for state in (_CLOSED, _OPEN, _UNREAD))) for system in systems
    )
    title = Text("Dữ liệu thư theo hệ thống", "Mail by system")
    return Table(title, (_SYSTEM, _CLOSED, _OPEN, _UNREAD), cells, ())
