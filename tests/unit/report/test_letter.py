"""The answer as a letter, as text and as a mail: who writes to whom, in the form of the decree, and no password."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import inquiries
import pytest
import world
from inquiries import LEDGER
from world import TODAY, request

from syncagent.core.ledger import Fulfilled
from syncagent.core.request import Request
from syncagent.report.letter import Letter, Office, letter, mail, page, plain

OFFICE = Office("Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh Ninh Bình", "SKHCN-CĐS", "Ninh Bình", "Giám đốc")
LOCK = request(
    "lock", "P0", date(2026, 3, 9), "YC-2026-0001", document_number="9/SNV", document_date=date(2026, 3, 6),
    reason="lộ mật khẩu", from_unit="snv", from_address="snv@ninhbinh.gov.vn",
)  # fmt: skip


def _letter(*requests: Request, office: Office = OFFICE, number: str = "", **parts: Any) -> Letter:
    view, found = inquiries.come(*requests, **parts)
    return letter(view, found, {}, office, number)


def _mail(found: Letter) -> EmailMessage:
    return message_from_bytes(mail(found, "vi"), policy=default)


def test_the_letter_has_the_parts_that_the_decree_wants() -> None:
    """Nghị định 30/2020/NĐ-CP, Phụ lục I: quốc hiệu, cơ quan, số, trích yếu, địa danh, kính gửi, nơi nhận, chỗ ký."""
    html = page(_letter(LOCK), "vi")

    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Ủy ban nhân dân tỉnh Ninh Bình",
        "Số: ……/SKHCN-CĐS",
        "V/v trả lời đề nghị tạm khóa hộp thư",
        "Ninh Bình, ngày&nbsp;……",
        "năm&nbsp;2026",
        "Kính gửi:",
        "Sở Nội vụ",
        "Văn bản số 9/SNV ngày 06/03/2026",
        "Điều 6 khoản 2 điểm b Quy chế",
        "(162/2025/QĐ-UBND)",
        "Bùi Văn Lâm (Sở Nội vụ)",
        "Nơi nhận:",
        "- Lưu: VT.",
        "GIÁM ĐỐC",
    ):
        assert part in html, part
    assert "<script" not in html
    assert "://" not in html


def test_a_number_that_is_known_is_filled_in() -> None:
    """Whoever drafts may have the number already."""
    assert "Số: 45/SKHCN-CĐS" in page(_letter(LOCK, number="45/SKHCN-CĐS"), "vi")


def test_without_an_office_the_letterhead_is_left_to_fill() -> None:
    """The draft is there all the same; blanks show what is missing."""
    html = page(_letter(LOCK, office=Office()), "vi")

    assert '<p class="office">……………</p>' in html
    assert "Số: ……/……………" in html
    assert "THỦ TRƯỞNG CƠ QUAN" in html
    assert 'class="above"' not in html.split("</style>")[1]


def test_the_letter_in_english() -> None:
    """The reader's language rules, the form stays."""
    html = page(_letter(LOCK), "en")

    assert "SOCIALIST REPUBLIC OF VIET NAM" in html
    assert "letter 9/SNV of 2026-03-06" in html
    assert "Ninh Bình, ……&nbsp;/" in html


def test_a_text_without_a_term_is_cited_without_its_article() -> None:
    """Q4-11, BT-09, BD-14: the letter does not claim a deadline that the text does not set."""
    bentre = world.policy("bentre-2016")
    accounts, ledger = world.settled(inquiries.PEOPLE, today=inquiries.OPENED, with_policy=bentre)

    found = _letter(replace(LOCK, document_number=""), policy=bentre, accounts=accounts, ledger=ledger)

    assert "Căn cứ Quy chế quản lý" in found.opening.vi
    assert "đề nghị ngày 09/03/2026" in found.opening.vi


def test_a_letter_without_a_date_is_named_by_the_day_it_was_received() -> None:
    """The answer states no date that nobody knows."""
    dated, undated = (_letter(replace(LOCK, document_date=day)).opening.vi for day in (date(2026, 3, 6), None))

    assert "Văn bản số 9/SNV ngày 06/03/2026" in dated
    assert "Văn bản số 9/SNV (nhận ngày 09/03/2026)" in undated


def test_several_requests_of_one_letter_are_answered_in_one() -> None:
    """NB-40, Điều 11.4: an agency sends a list; the answer numbers what became of each, and cites the letter once."""
    unlock = replace(LOCK, request_id="YC-2026-0002", kind=request("unlock", "P1", TODAY).kind)

    found = _letter(LOCK, unlock)
    text = plain(found, "vi")

    assert found.about.vi == "trả lời đề nghị về hộp thư công vụ"
    assert found.opening.vi.count("9/SNV") == 1
    assert "1. " in text
    assert "2. " in text
    assert "1. <bdi>" in page(found, "vi")


def test_the_mail_opens_as_one_that_was_not_sent() -> None:
    """A mail program completes and sends it; it goes back to where the request came from, in UTF-8."""
    found = _mail(_letter(LOCK))

    assert found["X-Unsent"] == "1"
    assert found["To"] == "snv@ninhbinh.gov.vn"
    assert found["Subject"] == "Trả lời đề nghị tạm khóa hộp thư (YC-2026-0001)"
    assert found.get_content_type() == "text/plain"
    assert found.get_content_charset() == "utf-8"
    assert found.get_content().replace("\r\n", "\n") == plain(_letter(LOCK), "vi")
    assert "Kính gửi: Sở Nội vụ" in found.get_content()
    assert found.defects == []


def test_an_answer_to_paper_goes_to_the_units_own_mailbox() -> None:
    """Where nobody gave an address, the unit that asked has a mailbox that receives; else a person fills it in."""
    units = tuple(replace(u, mailbox=u.unit == "snv") for u in world.UNITS)
    accounts, ledger = world.settled(inquiries.PEOPLE, units=units, today=inquiries.OPENED)
    paper = replace(LOCK, from_address="")
    here: dict[str, Any] = {"units": units, "accounts": accounts, "ledger": ledger}
    shut = tuple(
        world.restamped(a, state="disabled") if a.stamp and a.stamp.subject == "unit:snv" else a for a in accounts
    )

    assert _mail(_letter(paper, **here))["To"] == "snv@ninhbinh.gov.vn"
    assert _mail(_letter(paper, **{**here, "accounts": shut, "ledger": world.EMPTY}))["To"] is None
    assert _mail(_letter(paper))["To"] is None
    assert _letter(replace(paper, from_unit="")).to == ""
    assert "Kính gửi: ……………" in plain(_letter(replace(paper, from_unit="")), "vi")


@pytest.mark.parametrize(
    "address", ["không có", "a@b", "a b@c.vn", "x@y.vn\nBcc: z@y.vn", "x@y.vn, z@y.vn", "<x@y.vn>"]
)
def test_what_is_no_address_is_not_written_to(address: str) -> None:
    """A column of a file is no header of a mail: nothing in it adds a recipient or a line."""
    raw = mail(_letter(replace(LOCK, from_address=address)), "vi")

    assert b"Bcc" not in raw
    assert message_from_bytes(raw, policy=default)["To"] is None


def test_nothing_of_a_roster_becomes_markup_and_nothing_hidden_stays_hidden() -> None:
    """Law 11 and visible text: names are data, a mark that turns a line is spelled out, no number is shown."""
    nasty = replace(LOCK, document_number="<b>9</b>\u202e 001099012345")

    html, text = page(_letter(nasty), "vi"), plain(_letter(nasty), "vi")

    assert "&lt;b&gt;9" in html
    for made in (html, text, _mail(_letter(nasty)).get_content()):
        assert "⟨U+202E⟩" in made
        assert "001099012345" not in made


def test_what_was_carried_out_comes_from_its_plan() -> None:
    """The address in the letter is the one that was issued, not one computed again."""
    done = replace(LEDGER, fulfilled={"YC-2026-0001": Fulfilled(TODAY)})
    view, found = inquiries.come(LOCK)
    action = found[0].actions[0]
    view, found = inquiries.come(LOCK, ledger=done)

    answer = letter(view, found, {"YC-2026-0001": replace(action, address="cu@ninhbinh.gov.vn")}, OFFICE)

    assert "đã tạm khóa hộp thư cu@ninhbinh.gov.vn" in answer.items[0].vi
