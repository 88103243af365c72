"""The list of passwords on their way says of each whether it can still be opened."""

from __future__ import annotations

from datetime import date

import pytest

from syncagent.report import as_table
from syncagent.report.handover_list import Entry, state, table

WAITS = Entry(
    7, "Lê Thị Hoa", "Sở Nội vụ", "hoalt.snv@ninhbinh.gov.vn", "snv", date(2026, 7, 1), date(2026, 7, 8), "", None,
    void=False, expired=False, settled=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "said", "waits"),
    [
        (WAITS, ("chờ giao", "waits"), True),
        (WAITS._replace(settled=False), ("chưa rõ kết quả", "outcome unknown"), True),
        (WAITS._replace(expired=True, settled=False), ("quá hạn, cần đặt lại", "expired, needs a new one"), False),
        (WAITS._replace(void=True, expired=True), ("không còn hiệu lực", "void"), False),
        (
            WAITS._replace(opened_by="Trần Sáu", opened_on=date(2026, 7, 2), expired=True),
            ("Trần Sáu đã mở 02/07/2026", "opened by Trần Sáu on 2026-07-02"),
            False,
        ),
    ],
)
def test_the_state_of_a_password(entry: Entry, said: tuple[str, str], waits: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """What happened first counts: opened, void, expired, not known, waiting."""
    assert state(entry) == said
    assert entry.waits is waits


def test_the_list_names_whom_it_is_for_and_by_when() -> None:
    """With the number by which one is chosen; a mailbox of a unit has no name."""
    shown = as_table.text(table([WAITS, WAITS._replace(number=8, name="")]), "vi")

    assert "Mật khẩu chờ bàn giao" in shown
    for part in ("7", "Lê Thị Hoa", "hoalt.snv@ninhbinh.gov.vn", "08/07/2026", "chờ giao", "–"):
        assert part in shown
