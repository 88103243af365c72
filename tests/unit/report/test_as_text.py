"""The plan on a terminal: complete, safe to print, and saying what to do."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import plans
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from syncagent.core.action import ActionKind
from syncagent.report import as_text

if TYPE_CHECKING:
    from syncagent.core.plan import Plan
    from syncagent.text import Language

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def _text(made: Plan, language: Language = "vi", width: int = 100, *, color: bool = False) -> str:
    return as_text.render(made, plans.envelope(made), language, width=width, color=color)


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_the_report_stands_in_the_order_a_reviewer_reads() -> None:
    """Summary, brakes, findings, actions, deletions, what to do next."""
    lines = _text(plans.full()).splitlines()
    headings = [line for line in lines if line[:1].isalpha()]

    assert headings == [
        "KẾ HOẠCH HỘP THƯ CÔNG VỤ p-20260310-9f3c21 · 10/03/2026 · ninhbinh-2025",
        "TÓM TẮT",
        "PHANH AN TOÀN",
        "PHÁT HIỆN (35)",
        "THAO TÁC (18)",
        "LỊCH XÓA (4)",
        "VIỆC TIẾP THEO",
    ]


def test_the_summary_has_a_line_for_every_kind_that_occurs() -> None:
    """Counts per kind, gravest first, and how many were left alone."""
    text = _text(plans.plan([plans.action(n, ActionKind.CREATE) for n in range(3)], skips=8121))

    assert re.search(r"\n {2}\+ tạo mới +3\n {4}giữ nguyên +8\.121\n", text)


def test_every_action_shows_who_where_what_and_why() -> None:
    """Person, key, unit, addresses, days, approval, reason, article and document (G25)."""
    text = _flat(_text(plans.full()))

    assert "Sở Nội vụ (snv) · 1 khóa gửi/nhận, 1 đổi địa chỉ, 1 tiếp nhận quản lý" in text
    assert (
        "a0020 → đổi địa chỉ · Nguyễn Thị Ngọc Ánh (P20) "
        "anhntn.skhcn@ninhbinh.gov.vn → anhntn.snv@ninhbinh.gov.vn "
        "từ ngày 10/03/2026 · hạn trả lời 13/03/2026 · sau đó: ngừng địa chỉ cũ 11/06/2026 "
        "· một người duyệt · cần số văn bản "
        "vì Điều 7 khoản 4 (văn bản 123/QĐ-SNV): Chuyển công tác trong tỉnh"
    ) in text
    assert "syt@ninhbinh.gov.vn từ ngày 10/03/2026 · một người duyệt · cần số văn bản · sau khi xong a0021" in text
    for action in plans.one_of_each():
        assert f"{action.id} " in text
        assert f"{action.name} ({action.subject})" in text


def test_a_person_without_a_name_is_called_by_the_key() -> None:
    """An account whose holder's name is unknown still has a line that can be found."""
    nameless = replace(plans.action(1, ActionKind.LOCK), name="", because=())

    assert "a0001 ‖ tạm khóa · P1 (P1)" in _text(plans.plan([nameless]))


def test_a_unit_without_a_name_is_called_by_its_key_once() -> None:
    """A key is not repeated in brackets behind itself."""
    made = replace(plans.plan([plans.action(1, ActionKind.LOCK)]), inputs={})

    assert "\n  skhcn · 1 tạm khóa\n" in _text(made)


def test_a_reason_may_have_no_document() -> None:
    """A term passes without a decision; nothing is said about a document then."""
    action = plans.action(1, ActionKind.LOCK)
    because = replace(action, because=(action.because[0]._replace(document=""),))

    assert "vì Điều 7 khoản 2 điểm đ: Mật khẩu mặc định" in _text(plans.plan([because]))


def test_findings_are_grouped_and_cut_with_the_number_left() -> None:
    """Five of each code are shown, the rest is a number; the most urgent stand first."""
    text = _text(plans.plan(findings=plans.every_finding()))
    group = text[text.index("◆ Chờ quyết định: Ghi đã rời đi nhưng thiếu quyết định (10)") :]

    assert group.index("P104") < group.index("… và 5 mục nữa") < group.index("◆ Chờ quyết định: Chưa rõ")
    assert "P105" not in text
    assert text.index("◆ ") < text.index("▲ ") < text.index("● ")
    assert "Liên quan: CN=P9,OU=Mail,DC=ninhbinh,DC=gov,DC=vn" in _flat(text)
    assert "[people.csv:16]" in text


def test_a_calendar_with_many_deletions_is_cut_with_the_number_left() -> None:
    """Ten deletions of a month are shown, the rest is a number."""
    made = plans.plan([plans.action(n, ActionKind.DELETE) for n in range(1, 14)])
    calendar = _text(made).partition("LỊCH XÓA (13)")[2].partition("VIỆC TIẾP THEO")[0]

    assert calendar.count("trong kế hoạch này") == 10
    assert "Tháng 03/2026 (13)" in calendar
    assert "… và 3 mục nữa" in calendar


def test_a_later_deletion_says_that_it_is_a_forecast() -> None:
    """A day in summer depends on nothing changing until then."""
    calendar = _flat(_text(plans.full()).partition("LỊCH XÓA")[2])

    assert "a0011, trong kế hoạch này" in calendar
    assert "a0008, nếu không có gì thay đổi" in calendar


def test_brakes_say_what_holds_the_plan_and_the_way_out() -> None:
    """The limits in plain words, and the command that accepts exactly these numbers, on one line."""
    text = _text(plans.full(), width=60)

    assert "■ Phanh giữ toàn bộ kế hoạch" in text
    assert "▲ Nhiều hơn thường lệ" in text
    assert (
        "\n      syncagent approve p-20260310-9f3c21 --by TÊN --accept-brake disable-count=37 "
        "--accept-brake unit-share:snv=9 --order SỐ_VĂN_BẢN\n"
    ) in text


def test_an_empty_plan_says_so_everywhere() -> None:
    """Nothing tripped, nothing found, nothing to do, nothing to delete: each is said."""
    text = _text(plans.plan())

    assert "✓ Không phanh nào giữ kế hoạch này." in text
    assert "Không có gì cần xem." in text
    assert "Không có thao tác nào: thư mục đã khớp danh sách." in text
    assert "Kế hoạch này không xóa hộp thư nào và không đặt ngày xóa nào." in text
    assert "Không có thao tác nào để duyệt hay thực hiện." in text


def test_the_report_exists_in_english() -> None:
    """One language per report: no Vietnamese heading stands in the English one."""
    text = _text(plans.full(), "en")

    assert text.startswith("MAIL ACCOUNT PLAN p-20260310-9f3c21 · 2026-03-10 · ninhbinh-2025\n")
    assert "\nWHAT TO DO NEXT\n" in text
    assert "--by NAME" in text
    assert "PHANH" not in text


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_lines_fit_the_width(width: int) -> None:
    """Only commands may be longer than the terminal: a broken command cannot be copied."""
    lines = _text(plans.full(), width=width).splitlines()
    wide = [line for line in lines if cell_len(line) > width and "syncagent" not in line]

    assert wide == []


def test_a_terminal_that_is_too_narrow_is_taken_for_a_small_one() -> None:
    """Below forty columns lines are left to the terminal to break."""
    assert _text(plans.full(), width=1) == _text(plans.full(), width=40)


def test_colour_changes_nothing_but_colour() -> None:
    """With colour the text is the same once the escapes are gone; without it there are none."""
    colored = _text(plans.full(), color=True)
    plain = _text(plans.full())

    assert _ESCAPE.search(colored)
    assert "\x1b" not in plain
    assert _ESCAPE.sub("", colored).split() == plain.split()


@pytest.mark.parametrize("color", [True, False])
def test_data_never_steers_the_terminal(*, color: bool) -> None:
    """Escapes, bells, carriage returns and rich markup in names are printed as what they are."""
    text = _text(plans.hostile(), color=color)
    left = _ESCAPE.sub("", text) if color else text

    assert not set(left) & {"\x1b", "\x9b", "\x07", "\r", "\t", "\u202e"}
    assert "[bold red]đỏ[/bold red] ⟨U+001B⟩[31mđỏ" in _flat(left)


@given(st.text(st.characters(codec=None), min_size=1))
def test_any_text_can_be_printed(text: str) -> None:
    """No text of a plan breaks the report or reaches the terminal as a control character."""
    made = plans.plan([replace(plans.action(1, ActionKind.LOCK), name=text)])
    printed = as_text.render(made, replace(plans.envelope(made), digest=""), "vi", width=80, color=False)

    assert printed.encode().decode() == printed
    assert not set(printed) & set(map(chr, (*range(10), *range(11, 32), *range(0x7F, 0xA0), 0x202E)))


def test_the_same_plan_gives_the_same_text() -> None:
    """Rendering reads no clock and no environment."""
    assert _text(plans.full()) == _text(plans.full())


def test_importing_the_report_does_not_import_rich() -> None:
    """`syncagent --help` stays fast: rich is loaded when a report is printed."""
    code = "import sys, syncagent.report.as_text; sys.exit('rich' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_plan_for_another_day_than_its_own_says_so() -> None:
    """Contract §6: a rehearsal must not be taken for the plan of the day."""
    made = plans.full()
    same_day = plans.envelope(made)
    later = replace(same_day, created_at=same_day.created_at + timedelta(days=3))
    shown = [as_text.render(made, one, "vi", width=120, color=False) for one in (later, same_day)]

    assert "NGÀY GIẢ ĐỊNH: kế hoạch lập cho 10/03/2026" in shown[0]
    assert "NGÀY GIẢ ĐỊNH" not in shown[1]
