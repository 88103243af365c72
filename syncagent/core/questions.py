"""What the head of a unit must decide before an account of an old system has an end (Điều 13.2)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from syncagent.text import Text


class Question(StrEnum):
    """What is asked: whose it is, which of two proofs holds, what becomes of a mailbox, which address, who has none."""

    OWNER = "owner"
    CONTESTED = "contested"
    MAILBOX = "mailbox"
    ADDRESS = "address"
    MISSING = "missing"


class Choice(StrEnum):
    """What a unit head may answer.

    `belongs` says whose the account is, `issue` that they get a new one and nothing of the old; `retire` that nobody
    uses it any more (Điều 13.2.b), `exclude` that it is no account of this merger, `hold` that they still ask.
    `became` is about an old unit: which new one took its place.
    """

    BELONGS = "belongs"
    ISSUE = "issue"
    RETIRE = "retire"
    EXCLUDE = "exclude"
    HOLD = "hold"
    BECAME = "became"


class Ruling(NamedTuple):
    """One answer: about an account (its address) or an old unit (its key) of a system, and of whom it speaks.

    `subject` is a person's key, `unit:KEY`, or for `became` the key of the new unit; `document` is the letter of the
    head who answers, `unit` the unit that answered.
    """

    system: str
    about: str
    choice: Choice
    subject: str = ""
    document: str = ""
    unit: str = ""


NAMES_SOMEBODY = frozenset({Choice.BELONGS, Choice.ISSUE, Choice.BECAME})
"""The answers that speak of somebody."""

HEADINGS: Final = {
    "system": Text("Hệ thống cũ", "Old system"),
    "about": Text("Địa chỉ hoặc đơn vị cũ", "Old address or unit"),
    "question": Text("Câu hỏi", "Question"),
    "name": Text("Tên hiển thị", "Shown name"),
    "old_unit": Text("Đơn vị cũ", "Old unit"),
    "suggestions": Text("Gợi ý", "Suggestions"),
    "choice": Text("Trả lời", "Answer"),
    "subject": Text("Của ai", "Whose"),
    "document": Text("Số văn bản", "Letter number"),
}
"""The columns of the file that is sent to a unit and read back, with the headings people see."""

WORDS: Final = {
    Choice.BELONGS: Text("thuộc về", "belongs"),
    Choice.ISSUE: Text("cấp mới", "issue"),
    Choice.RETIRE: Text("không dùng", "retire"),
    Choice.EXCLUDE: Text("loại trừ", "exclude"),
    Choice.HOLD: Text("chờ", "hold"),
    Choice.BECAME: Text("trở thành", "became"),
}
"""What may stand in the column of answers."""
