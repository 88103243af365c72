"""`explain` shows the facts, what every rule says, and what happens, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path

import world

from syncagent.core.account import LastUse
from syncagent.core.action import Skip
from syncagent.core.case import Verdict
from syncagent.core.explanation import Explanation
from syncagent.core.ledger import Hold, Known
from syncagent.core.person import Person
from syncagent.report import as_explanation
from syncagent.text import Text

CORE = Path(as_explanation.__file__).parents[1] / "core"


def _everything() -> Explanation:
    accounts, _ = world.settled([world.row()])
    account = replace(
        accounts[0],
        aliases=("cu@ninhbinh.gov.vn",),
        protected=Text("adminCount=1", "adminCount=1"),
        last_use=LastUse(None, 0),
    )
    plan = world.plan_of([world.leaver(received_on=date(2026, 3, 9))], accounts)
    leaving = world.leaver()
    assert account.stamp
    return Explanation(
        subject="P1",
        as_of=world.TODAY,
        person=Person(
            leaving, (world.row(unit="snv", position="Tổ phó"),), (world.row(effective_date=date(2026, 5, 1)),)
        ),
        unit=world.UNITS[0],
        account=account,
        known=(Known("main", account.guid, account.stamp),),
        addresses=(account.address,),
        holds=(Hold("P1", "8/TTr", "A"),),
        verdicts=(
            Verdict("NB-27", "Điều 7 khoản 4", applies=True, says=Text("đã rời đi", "has left")),
            Verdict("NB-28", "Điều 7 khoản 4", applies=False, says=Text("chưa đến hạn", "not due")),
        ),
        silent=(world.regulation().returner,),
        actions=plan.actions,
        findings=world.plan_of([world.row(), world.row("P2", "Nguyễn Ngọc Thanh")]).findings,
        skip=Skip("P1", "waits-for-term", date(2026, 6, 11)),
    )


def test_everything_known_is_shown_in_vietnamese() -> None:
    """Person, account, stamp, ledger, holds, every rule with its article, the action and what follows."""
    shown = as_explanation.render(_everything(), "vi")

    for part in (
        "P1 – ngày 10/03/2026", "Nguyễn Ngọc Thành", "people.csv:2",
        "đã rời đi, nghỉ hưu, hiệu lực 10/03/2026, 12/QĐ-SNV", "Kiêm nhiệm: snv Tổ phó",
        "đang làm việc từ 01/05/2026", "thanhnn.skhcn@ninhbinh.gov.vn", "Địa chỉ phụ: cu@ninhbinh.gov.vn",
        "Được bảo vệ: adminCount=1", "Sổ theo dõi: Hoạt động từ 05/01/2026, cấp mới (syncagent/1 ",
        "giữ nguyên theo 8/TTr", "✓ NB-27, Điều 7 khoản 4: đã rời đi", "✗ NB-28", "– NB-15", "khóa gửi/nhận",
        "sau đó: xóa ngày 11/06/2026", "chưa hết thời hạn (waits-for-term); xem lại ngày 11/06/2026", "address-clash",
    ):  # fmt: skip
        assert part in shown, part


def test_every_reason_to_do_nothing_has_words() -> None:
    """A code alone tells a clerk nothing: each that the core gives is in the list, and none that it does not give."""
    core = "".join(path.read_text(encoding="utf-8") for path in CORE.glob("*.py"))
    given = {found for found in re.findall(r'"([a-z]+(?:-[a-z]+)*)"', core) if found in as_explanation.SKIPS}
    asked = set(re.findall(r'(?:skip=|stay\(case, |_not_proved\(case, |Skip\([a-z_.]+, )"([a-z-]+)"', core))

    assert asked <= set(as_explanation.SKIPS)
    assert given == set(as_explanation.SKIPS)


def test_whoever_does_not_work_yet_gets_no_mailbox_for_that() -> None:
    """The status stands in the words of the reader, the code in brackets."""
    found = replace(_everything(), skip=Skip("P1", "not-working:on_leave"))

    assert "Không thay đổi: đang nghỉ (not-working:on_leave)" in as_explanation.render(found, "vi")
    assert "No change: on leave (not-working:on_leave)" in as_explanation.render(found, "en")


def test_the_same_is_said_in_english() -> None:
    """Both languages carry the same lines."""
    vietnamese = as_explanation.render(_everything(), "vi").splitlines()
    english = as_explanation.render(_everything(), "en").splitlines()

    assert len(vietnamese) == len(english)
    assert "then: delete on 2026-06-11" in "\n".join(english)


def test_what_is_not_known_is_not_shown() -> None:
    """Somebody without account, documents or findings takes a few lines."""
    bare = Explanation(
        "P1", world.TODAY, Person(world.row()), None, None, (), (), (), (), (), (), (), Skip("P1", "not-yet")
    )

    shown = as_explanation.render(bare, "vi")

    assert "Tài khoản: không có" in shown
    assert "Không thay đổi: chưa đến ngày hiệu lực (not-yet)" in shown
    assert "Sổ" not in shown


def test_an_unmarked_closed_account_of_nobody_is_described() -> None:
    """An account alone: no stamp, cannot log in, does not receive; reasons without a document stand without one."""
    accounts, _ = world.settled([world.row()])
    account = replace(accounts[0], stamp=None, enabled=False, receives=False)
    plan = world.plan_of([world.row(position="Trưởng phòng")], accounts, today=date(2026, 1, 6))
    nobody = Explanation("X", world.TODAY, None, None, account, (), (), (), (), (), plan.actions, (), None)

    shown = as_explanation.render(nobody, "vi")

    assert "Dấu trên tài khoản: không có" in shown
    assert "Đăng nhập: không; nhận thư: không" in shown
    assert "NB-34, Điều 10 khoản 1 điểm d: " in shown


def test_a_page_says_what_the_text_says() -> None:
    """Every line and every rule of the text stands on the page, in a table, and no name is markup."""
    found = replace(_everything(), subject="<b>P1</b>")

    page, text = as_explanation.page(found, "vi"), as_explanation.render(found, "vi")

    assert "<b>P1</b>" not in page
    for line in text.splitlines()[1:]:
        mark, _, rest = line.strip().partition(" ")
        for part in rest.split(": ", 1)[1:] if mark in "✓✗–" and mark else [line.strip()]:
            assert escape(part, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
