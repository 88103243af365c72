"""Files of mail records: one line for each folder, every fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncagent.connectors.roster.mails import read_mail_rows
from syncagent.core.mail_record import MailEnd, MailRow
from syncagent.errors import Misconfigured

HEAD = (
    "Hệ thống cũ,Địa chỉ cũ,Cách xử lý,Thư mục,Số thư cũ,Dung lượng cũ,Số thư đã chép,Dung lượng đã chép,Số văn bản\n"
)


def test_lines_are_read_in_either_language(tmp_path: Path) -> None:
    """Headings and words as people write them; addresses are compared folded."""
    path = tmp_path / "mail.csv"
    path.write_text(
        HEAD + "hanam,AN@hanam.gov.vn,đã lưu trữ,INBOX,3,30,3,30,1/BB\nhanam,b@hanam.gov.vn,not-kept,,,,,,2/QĐ\n",
        encoding="utf-8",
    )

    rows = [row for _, row in read_mail_rows(path)]

    assert rows == [
        MailRow("hanam", "an@hanam.gov.vn", MailEnd.ARCHIVED, "INBOX", 3, 30, 3, 30, "1/BB"),
        MailRow("hanam", "b@hanam.gov.vn", MailEnd.NOT_KEPT, "", 0, 0, 0, 0, "2/QĐ"),
    ]


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    """An unknown word, no number, no folder, no decision: none of the file is taken."""
    path = tmp_path / "mail.csv"
    wrong = ("h,a,maybe,INBOX,1,1,1,1,", "h,a,moved,INBOX,x,1,1,1,", "h,a,moved,,1,1,1,1,", "h,a,không giữ,,,,,,")
    path.write_text(HEAD + "\n".join(wrong) + "\n", encoding="utf-8")

    with pytest.raises(Misconfigured) as raised:
        read_mail_rows(path)

    faults = (raised.value, *raised.value.also)
    assert [fault.where for fault in faults] == [f"mail.csv:{line}" for line in (2, 3, 4, 5)]
    says = [fault.says.en for fault in faults]
    for word, text in zip(
        ("How is one of", "“Old messages” must be", "folder is missing", "decision"), says, strict=True
    ):
        assert word in text
