"""Who waits for a password, until when, and which were opened by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.report.table import NONE, Table, on_day, said
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_COLUMNS = (
    Text("Số", "No."),
    Text("Họ tên", "Name"),
    Text("Đơn vị", "Unit"),
    Text("Hộp thư", "Mailbox"),
    Text("Người giao của", "Officer of"),
    Text("Đặt ngày", "Set on"),
    Text("Hết hạn", "Until"),
    Text("Tình trạng", "State"),
)


class Entry(NamedTuple):
    """One sealed password as the list shows it; days are local. `opened_by` is empty if nobody opened it."""

    number: int
    name: str
    unit: str
    address: str
    officer_of: str
    sealed_on: date
    expires_on: date
    opened_by: str
    opened_on: date | None
    void: bool
    expired: bool
    settled: bool

    @property
    def waits(self) -> bool:
        """Whether it can still be opened, now or once its fate is known."""
        return not self.opened_by and not self.void and not self.expired


def table(entries: Iterable[Entry]) -> Table:
    """Given sealed passwords, return the list; it holds no password."""
    rows = tuple(
        (
            said(str(one.number)),
            said(one.name) if one.name else NONE,
            said(one.unit),
            said(one.address),
            said(one.officer_of),
            on_day(one.sealed_on),
            on_day(one.expires_on),
            state(one),
        )
        for one in entries
    )
    return Table(Text("Mật khẩu chờ bàn giao", "Passwords to be handed over"), _COLUMNS, rows, ())


def state(one: Entry) -> Text:
    """Return how far a password has come."""
    if one.opened_by and one.opened_on:
        return Text(f"{one.opened_by} đã mở {vi(one.opened_on)}", f"opened by {one.opened_by} on {one.opened_on}")
    if one.void:
        return Text("không còn hiệu lực", "void")
    if one.expired:
        return Text("quá hạn, cần đặt lại", "expired, needs a new one")
    if not one.settled:
        return Text("chưa rõ kết quả", "outcome unknown")
    return Text("chờ giao", "waits")
