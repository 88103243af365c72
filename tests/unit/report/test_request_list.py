"""The list of requests: who asked for what, by when the answer is due, what became of it, what is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import inquiries
import pytest
import world
from inquiries import ACCOUNTS, LEDGER, OPENED, PEOPLE
from world import TODAY, request

from syncagent.core.answer import Answer
from syncagent.core.finding import Fault, FindingCode
from syncagent.core.ledger import Fulfilled
from syncagent.core.request import Request, RequestKind, Stage
from syncagent.core.where import Where
from syncagent.report import request_list
from syncagent.report.asked import ASKED, STAGES
from syncagent.report.table import Table
from syncagent.text import Text


def _table(*requests: Request, faults: tuple[Fault, ...] = (), **parts: Any) -> Table:
    return request_list.table(*inquiries.come(*requests, **parts), faults)


def _row(table: Table, language: str = "en") -> dict[str, str]:
    pairs = zip(table.columns, table.rows[0], strict=True)
    return {column.en: cell.vi if language == "vi" else cell.en for column, cell in pairs}


@pytest.mark.parametrize(("names", "labels"), [(RequestKind, ASKED), (Stage, STAGES)])
def test_every_kind_and_stage_has_a_label_of_its_own(names: Any, labels: dict[Any, Text]) -> None:
    """Whatever a list can hold has a label in both languages, and no two share one."""
    assert set(labels) == set(names)
    assert len({label.vi for label in labels.values()}) == len({label.en for label in labels.values()}) == len(labels)


def test_a_row_says_who_asked_for_what_and_what_became_of_it() -> None:
    """Everything a clerk needs to answer: the letter, the day, whom it concerns by name, the deadline, the plan."""
    asked = request(
        "lock", "P1", date(2026, 3, 9), "YC-1", document_number="9/CV", reason="lộ mật khẩu", channel="công văn",
        from_unit="skhcn", from_address="skhcn@ninhbinh.gov.vn",
    )  # fmt: skip

    table = _table(asked)

    assert _row(table, "vi") == {
        "Request": "YC-1",
        "Received": "09/03/2026",
        "From": "Sở Khoa học và Công nghệ, skhcn@ninhbinh.gov.vn",
        "Channel": "công văn",
        "Asks to": "tạm khóa hộp thư",
        "Subject": "Nguyễn Ngọc Thành (P1)",
        "Letter": "9/CV",
        "Answer by": "12/03/2026",
        "Standing": "có trong kế hoạch: tạm khóa thanhnn.skhcn@ninhbinh.gov.vn",
        "Answer": "chưa trả lời",
    }
    assert table.title == Text(
        "Yêu cầu của các cơ quan, ngày 10/03/2026", "Requests of agencies, on 2026-03-10"
    )  # fmt: skip
    assert "Điều 6 khoản 2 điểm b (162/2025/QĐ-UBND; NB-16)" in table.notes[0].vi


def test_what_a_row_does_not_know_is_a_dash() -> None:
    """No letter, no sender, no name, and for a hold no deadline and no answer."""
    row = _row(_table(request("hold", "P77", TODAY)))

    assert {name: row[name] for name in ("From", "Channel", "Letter", "Answer by", "Answer")} == dict.fromkeys(
        ("From", "Channel", "Letter", "Answer by", "Answer"), "–"
    )
    assert (row["Subject"], row["Standing"]) == ("P77", "subject unknown")


def test_a_sender_nobody_knows_and_a_newcomer_are_shown_as_they_are() -> None:
    """A unit that is not in the list keeps its key, and asks for nobody (NB-40); a newcomer has a name already."""
    coming = world.row("P9", "Trần Thị Hòa", effective_date=date(2026, 4, 1), event="recruited", line=5)

    row = _row(_table(request("create", "P9", TODAY, from_unit="xyz"), people=(*PEOPLE, coming)))

    assert (row["From"], row["Subject"]) == ("xyz", "Trần Thị Hòa (P9)")
    assert row["Standing"] == "rejected: Điều 11 khoản 4"
    assert _row(_table(request("create", "P9", TODAY), people=(*PEOPLE, coming)))["Standing"] == (
        "waiting: from 2026-04-01"
    )


def test_why_a_request_is_rejected_or_waits_stands_beside_it() -> None:
    """The article of a rejection (Q4-10, Điều 6.2), the finding of a clash, the day something was done or ends."""
    quan4 = world.policy("hcmc-quan4-2013")
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=quan4)
    rejected = _table(
        request("reset_password", "P1", TODAY, from_address="x@gmail.com"), policy=quan4, accounts=accounts,
        ledger=ledger,
    )  # fmt: skip
    waiting = _table(request("emergency_delete", "P1", TODAY, from_unit="skhcn"))
    done = _table(request("lock", "P1", TODAY), ledger=replace(LEDGER, fulfilled={"R1": Fulfilled(TODAY)}))
    ends = _table(request("hold", "P1", TODAY, until=date(2026, 5, 4)))

    assert _row(rejected, "vi")["Standing"] == "bị từ chối: Điều 6 khoản 2"
    assert _row(waiting)["Standing"].startswith("waiting: Request R1 (emergency_delete) lacks")
    assert _row(done, "vi")["Standing"] == "đã làm: ngày 10/03/2026"
    assert _row(ends)["Standing"] == "in effect: until 2026-05-04"
    assert _row(rejected)["Answer by"] == "–"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (None, "chưa trả lời; quá hạn 10 ngày làm việc"),
        (date(2026, 2, 24), "đã trả lời 24/02/2026, 45/SKHCN"),
        (date(2026, 2, 26), "đã trả lời 26/02/2026, 45/SKHCN; quá hạn 2 ngày làm việc"),
    ],
)
def test_what_is_late_says_by_how_much(sent: date | None, says: str) -> None:
    """NB-16: received before Tết, due on 24/02/2026; late by today, or by the day it was answered."""
    answers = {"R1": Answer("R1", sent, "Văn thư", "", "45/SKHCN")} if sent else {}

    table = _table(request("lock", "P1", date(2026, 2, 12)), answers=answers, ledger=LEDGER)

    assert _row(table, "vi")["Answer"] == says


def test_an_answer_without_a_number_is_an_answer() -> None:
    """Q4-11: a mail says that it is done; it has no number."""
    table = _table(request("lock", "P1", TODAY), answers={"R1": Answer("R1", TODAY, "Văn thư")})

    assert _row(table)["Answer"] == "answered on 2026-03-10"


def test_rows_that_cannot_be_read_are_said_below() -> None:
    """A faulty row may be a request whose deadline runs; its file and line stand under the list."""
    fault = Fault(FindingCode.QUARANTINED, Text("Cột “kind” sai.", "Column “kind” is wrong."), Where("requests.csv", 4))

    notes = _table(request("lock", "P1", TODAY), accounts=ACCOUNTS, faults=(fault,)).notes

    assert notes[1] == Text("requests.csv:4: Cột “kind” sai.", "requests.csv:4: Column “kind” is wrong.")
