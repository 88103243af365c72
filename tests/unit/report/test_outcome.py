"""What a letter says of each request: what was done, or why not, with the article and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import inquiries
import plans
import pytest
import world
from inquiries import LEDGER, OPENED, PEOPLE
from world import TODAY, account, request

from syncagent.core.action import Action, ActionKind
from syncagent.core.ledger import Fulfilled
from syncagent.core.request import Request
from syncagent.core.stamp import State
from syncagent.report.outcome import outcome, who
from syncagent.text import Text

QUAN4 = world.policy("hcmc-quan4-2013")
DONE = replace(LEDGER, fulfilled={"R1": Fulfilled(date(2026, 3, 9))})


def _says(asked: Request, done: Action | None = None, **parts: Any) -> Text:
    view, found = inquiries.come(asked, **parts)
    return outcome(view, found[-1], done)


def _who(asked: Request, **parts: Any) -> str:
    view, found = inquiries.come(asked, **parts)
    return who(view, found[-1])


@pytest.mark.parametrize("kind", ActionKind)
def test_whatever_was_done_is_said_with_its_mailbox_and_day(kind: ActionKind) -> None:
    """Every kind of action has its sentence; the address is the one the action gave."""
    action = replace(plans.full().actions[0], kind=kind, address="a.b@ninhbinh.gov.vn", previous_address="c@x.vn")

    says = _says(request("change", "P1", date(2026, 3, 9)), replace(action, changes=()), ledger=DONE)

    assert "a.b@ninhbinh.gov.vn" in says.vi
    assert "a.b@ninhbinh.gov.vn" in says.en
    assert "(ngày 09/03/2026)" in says.vi
    assert ("c@x.vn" in says.vi) is (kind is ActionKind.READDRESS)
    assert "{" not in says.vi + says.en


def test_a_password_is_announced_and_never_written() -> None:
    """Law 11; NB-06, NB-30: it is handed over another way and changed at the first login."""
    action = next(a for a in plans.full().actions if any(change.sets_password for change in a.changes))

    says = _says(request("create", "P1", date(2026, 3, 9)), action, ledger=DONE)

    assert "bàn giao riêng" in says.vi
    assert "Điều 6 khoản 3 và Điều 8 khoản 2 điểm a" in says.vi
    assert "handed over separately" in says.en


@pytest.mark.parametrize("kind", [ActionKind.CREATE, ActionKind.RESTORE, ActionKind.UPDATE])
def test_who_asked_for_a_lock_reads_that_the_mailbox_is_locked(kind: ActionKind) -> None:
    """NB-18, Điều 7.1: a mailbox that is issued or given back locked answers the letter that locks it."""
    action = next(a for a in plans.full().actions if a.kind is ActionKind.CREATE)
    assert action.stamp
    locked = replace(action, kind=kind, changes=(), stamp=replace(action.stamp, state=State.LOCKED))

    opened, shut = (_says(request("lock", "P1", date(2026, 3, 9)), one, ledger=DONE) for one in (action, locked))

    assert "tạm khóa" not in opened.vi
    assert ("đang tạm khóa theo văn bản" in shut.vi) is (kind is not ActionKind.UPDATE)


def test_what_was_done_is_said_even_if_nobody_knows_by_which_action() -> None:
    """A state that lost its plans still knows the day."""
    assert _says(request("lock", "P1", date(2026, 3, 9)), ledger=DONE).vi == "đã được thực hiện ngày 09/03/2026."


def test_what_is_planned_promises_the_outcome() -> None:
    """Nothing is said to be done before it is."""
    says = _says(request("lock", "P1", TODAY, document_number="9/CV", reason="x"))

    assert says.vi == (
        "được chấp nhận, đã đưa vào kế hoạch (tạm khóa) và được thực hiện sau khi kế hoạch được duyệt; kết quả sẽ được "
        "thông báo khi hoàn tất."
    )


def test_a_rejection_cites_the_article_and_says_what_to_do() -> None:
    """Q4-10, Điều 6.2 and DN-37, Điều 14.1; who sent it learns no name that they did not write."""
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=QUAN4)
    here: dict[str, Any] = {"accounts": accounts, "ledger": ledger, "policy": QUAN4}
    asked = request("reset_password", "P1", TODAY, from_unit="skhcn", from_address="x@gmail.com")
    danang = world.policy("danang-2017")
    theirs, known = world.settled(PEOPLE, today=OPENED, with_policy=danang)

    says = _says(asked, **here)
    change = request("change", "P1", TODAY, from_unit="snv")
    other = _says(change, accounts=theirs, ledger=known, policy=danang)

    assert "Điều 6 khoản 2 (03/2013/QĐ-UBND)" in says.vi
    assert "gửi lại từ hộp thư điện tử của chính đơn vị" in says.vi
    assert "Điều 14 khoản 1 (3712/QĐ-UBND)" in other.vi
    assert "agency that manages the subject" in other.en
    assert _who(asked, **here) == "“P1”"


def test_a_rejection_without_a_rule_is_no_reason() -> None:
    """Whoever has no rule about askers rejects nobody; nothing is made up."""
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=QUAN4)
    view, found = inquiries.come(request("reset_password", "P1", TODAY), accounts=accounts, ledger=ledger, policy=QUAN4)
    bare = replace(view, policy=replace(QUAN4, regulation=replace(QUAN4.regulation, asker=None)))

    assert "đang được xem xét" in outcome(bare, found[0], None).vi


def test_what_the_text_does_not_know_is_said_and_for_a_closing_what_it_wants_instead() -> None:
    """NB-27, Điều 7.4: a mailbox is closed on the authority's document, not on a request."""
    cancel, exempt = (_says(request(kind, "P1", TODAY, document_number="1/CV")) for kind in ("cancel", "exempt"))

    assert exempt.vi == "không thuộc các việc mà 162/2025/QĐ-UBND quy định thực hiện theo đề nghị."
    assert "Điều 7 khoản 4 (162/2025/QĐ-UBND)" in cancel.vi
    assert "gửi kèm văn bản" in cancel.vi


def test_a_subject_nobody_knows_is_asked_for_again_as_it_was_written() -> None:
    """The sender is told what to write instead."""
    asked = request("lock", "Nguyễn Văn A", TODAY)

    assert "ghi rõ địa chỉ hộp thư" in _says(asked).vi
    assert _who(asked) == "“Nguyễn Văn A”"


def test_a_clash_offers_the_free_names() -> None:
    """NB-13, Điều 5.4: the agency chooses with the holder, and answers with the number of the request."""
    people = (*PEOPLE, world.row("P2", "Nguyễn Ngọc Thạnh", line=4))

    says = _says(request("create", "P2", TODAY, "YC-7"), people=people)
    refused = _says(request("agree_address", "P2", TODAY, value="nn.skhcn@ninhbinh.gov.vn"), people=people)

    assert "Điều 5 khoản 4" in says.vi
    assert "một trong các địa chỉ: " in says.vi
    assert says.vi.count("@ninhbinh.gov.vn") >= 2
    assert "YC-7" in says.vi
    assert "nn.skhcn@ninhbinh.gov.vn chưa dùng được" in refused.vi


def test_a_clash_without_free_names_asks_for_one() -> None:
    """A unit whose address is taken has no names to choose from."""
    units = tuple(replace(u, mailbox=u.unit == "skhcn") for u in world.UNITS)
    taken = account(inquiries.ACCOUNTS, "P0")
    squatter = world.changed(taken, mail="skhcn@ninhbinh.gov.vn", proxyAddresses=("SMTP:skhcn@ninhbinh.gov.vn",))

    says = _says(
        request("create", "skhcn", TODAY),
        units=units,
        accounts=(squatter, account(inquiries.ACCOUNTS, "P1")),
    )

    assert "thống nhất với người được cấp một tên" in says.vi


def test_what_lacks_a_document_a_name_or_a_day_says_so() -> None:
    """The agency can supply the number of the order, say which part is the tên, or wait for the day."""
    odd = world.row("P2", "H'Hen Niê", line=4)
    coming = world.row("P9", "Trần Thị Hòa", effective_date=date(2026, 4, 1), event="recruited", line=5)
    people = (*PEOPLE, odd, coming)

    assert "thiếu số văn bản" in _says(request("emergency_delete", "P1", TODAY, from_unit="skhcn")).vi
    assert "đâu là tên" in _says(request("create", "P2", TODAY), people=people).vi
    assert _says(request("create", "P9", TODAY), people=people).vi == "được giải quyết từ ngày 01/04/2026."


def test_the_gate_of_an_unlock_is_said_with_its_article() -> None:
    """Q4-19, Điều 8.3.b: “Chỉ giải quyết yêu cầu mở lại hộp thư sau 05 ngày”."""
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=QUAN4)
    mine = account(accounts, "P1")
    locked = world.changed(
        world.restamped(mine, state="locked", since=date(2026, 3, 8), why="unchanged-password-lock"),
        userAccountControl="514",
    )
    assert locked.stamp
    place = mine.target, mine.guid
    ledger = replace(ledger, accounts={**ledger.accounts, place: ledger.accounts[place]._replace(stamp=locked.stamp)})
    asked = request("unlock", "P1", TODAY, reason="quên", from_unit="skhcn", from_address="skhcn.q4@tphcm.gov.vn")

    says = _says(asked, policy=QUAN4, accounts=(locked, account(accounts, "P0")), ledger=ledger)

    assert says.vi == "được giải quyết từ ngày 13/03/2026 (Điều 8 khoản 3 điểm b)."


def test_a_hold_is_never_told_to_anybody() -> None:
    """An investigation is not announced to the agency of whom it concerns; its request is under consideration."""
    view, found = inquiries.come(
        request("hold", "P1", date(2026, 3, 2), "R0", document_number="1/CAT"),
        request("lock", "P1", TODAY, document_number="9/CV", reason="x"),
    )

    says = outcome(view, found[1], None)

    assert says.vi == "đang được xem xét; kết quả sẽ được thông báo sau."
    assert "1/CAT" not in says.vi + says.en


def test_what_needs_nothing_more_is_said() -> None:
    """In effect until when, no longer in effect, agreed and issued, as it was asked, no mailbox at all, too early."""
    mine = account(inquiries.ACCOUNTS, "P1").address
    hold = request("hold", "P1", TODAY)

    assert _says(hold).vi == "đã được ghi nhận và có hiệu lực."
    assert _says(replace(hold, until=TODAY)).vi == "đã được ghi nhận và có hiệu lực đến hết ngày 10/03/2026."
    assert "không còn hiệu lực" in _says(replace(hold, until=date(2026, 3, 9), received_on=date(2026, 3, 2))).vi
    assert _says(request("agree_address", "P1", TODAY, value=mine)).vi == f"địa chỉ {mine} đã được cấp."
    assert f"{mine} đang ở đúng tình trạng" in _says(request("unlock", "P1", TODAY)).vi
    assert "không có hộp thư nào" in _says(request("lock", "snv", TODAY)).vi
    assert "đang được xem xét" in _says(request("lock", "P1", date(2026, 3, 11))).vi


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("P1", "Nguyễn Ngọc Thành (Sở Khoa học và Công nghệ)"),
        ("skhcn-vp", "Văn phòng Sở Khoa học và Công nghệ"),
    ],
)
def test_whom_a_letter_speaks_of_has_name_and_unit(subject: str, name: str) -> None:
    """People are called by name and unit, units by name; keys stay inside the house."""
    assert _who(request("lock", subject, TODAY)) == name


def test_a_newcomer_is_called_by_name() -> None:
    """Somebody of a later day has no case yet, but a name."""
    coming = world.row("P9", "Trần Thị Hòa", effective_date=date(2026, 4, 1), event="recruited", line=5)

    assert _who(request("create", "P9", TODAY), people=(*PEOPLE, coming)) == "Trần Thị Hòa"


def _shut(law: str, state: str, why: str, kind: str, *, left: bool = False) -> str:
    policy = world.policy(law)
    day = date(2026, 3, 2)
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=policy)
    accounts, ledger = inquiries.shut(
        accounts, ledger, "P1", state, day, why, row=day if left else None, document="12/QĐ" if left else ""
    )
    policy = inquiries.from_anybody(policy)
    people = (world.leaver(on=day), PEOPLE[1]) if left else PEOPLE
    asked = request(kind, "P1", TODAY, document_number="9/CV", reason="x")
    return _says(asked, policy=policy, accounts=accounts, ledger=ledger, people=people).vi


def test_a_closed_mailbox_is_said_to_be_closed_by_which_article_and_what_opens_it() -> None:
    """NB-16, Điều 6.2.b, DN-16, Điều 4.4: the agency reads why nothing is done and what it can ask for."""
    assert _shut("ninhbinh-2025", "disabled", "left", "unlock", left=True) == (
        "chưa thực hiện được: hộp thư thanhnn.skhcn@ninhbinh.gov.vn đã bị khóa chức năng gửi, nhận từ ngày 02/03/2026 "
        "(Điều 7 khoản 4; 12/QĐ). Theo danh sách nhân sự, người này không còn công tác; nếu đã được tiếp nhận lại, đề "
        "nghị gửi quyết định tiếp nhận (Điều 6 khoản 2 điểm a)."
    )
    assert _shut("danang-2017", "withdrawn", "idle-withdraw", "reset_password") == (
        "chưa thực hiện được: hộp thư thanhnn@danang.gov.vn đã bị thu hồi từ ngày 02/03/2026 (Điều 4 khoản 4). Nếu có "
        "nhu cầu sử dụng lại, đề nghị gửi văn bản đề nghị cấp lại (Điều 4 khoản 4)."
    )
    assert _shut("ninhbinh-2025", "locked", "default-password-lock", "reset_password") == (
        "chưa thực hiện được: hộp thư thanhnn.skhcn@ninhbinh.gov.vn đang tạm khóa từ ngày 02/03/2026 (Điều 7 khoản 2 "
        "điểm đ). Đề nghị gửi yêu cầu mở khóa; mật khẩu mới được cấp khi mở khóa (Điều 7 khoản 3 điểm a)."
    )
    assert "đã bị thu hồi từ ngày 02/03/2026. Nếu" in _shut("danang-2017", "withdrawn", "undone", "lock")


def test_a_mailbox_deleted_before_waits_for_a_newer_decision() -> None:
    """NB-38, Điều 10.2.c: whoever's mailbox was deleted gets another one on a newer decision; the letter says so."""
    accounts, ledger = world.settled(PEOPLE, today=OPENED)
    mine = account(accounts, "P1")
    order = request(
        "emergency_delete", "P1", date(2026, 3, 9), "R0", from_unit="skhcn", reason="x", document_number="1/SKHCN"
    )
    deletion = world.plan_of(PEOPLE, accounts, ledger=ledger, requests=[order], today=date(2026, 3, 9))
    accounts, ledger = world.applied(deletion, accounts, ledger, date(2026, 3, 9))
    agree = request("agree_address", "P1", TODAY, value=mine.address, document_number="2/SKHCN")

    says = _says(agree, accounts=accounts, ledger=ledger).vi

    assert "thiếu văn bản hoặc quyết định của cấp có thẩm quyền" in says
    assert "Điều 10 khoản 2 điểm c" in says


def test_equal_ranks_are_asked_for_the_rank_not_for_an_agreement() -> None:
    """DN-10, Điều 3.3.b: the higher rank keeps the plain form; Đà Nẵng knows no agreed names."""
    danang = world.policy("danang-2017")
    told: dict[str, Any] = {"event": "recruited", "effective_date": date(2026, 3, 9), "received_on": date(2026, 3, 9)}
    people = (world.row("P2", "Ngô Văn Dũng", line=4, **told), world.row("P3", "Nguyễn Văn Dũng", line=5, **told))
    view, found = inquiries.come(
        request("create", "P2", TODAY, from_unit="skhcn"), people=people, accounts=(), ledger=world.EMPTY, policy=danang
    )

    says = outcome(view, found[0], None)

    assert [str(finding.code) for finding in found[0].findings] == ["address-clash"]
    assert "cột rank" in found[0].findings[0].message.vi
    assert "ghi rõ cấp bậc, chức vụ" in says.vi


def test_a_letter_about_a_leaver_without_a_document_asks_for_it() -> None:
    """NB-27, Điều 7.4: what is missing is the authority's document, or the word that the person still works here."""
    gone = world.row(status="left", event="resigned", effective_date=date(2026, 3, 6))
    says = _says(request("create", "P1", TODAY, from_unit="skhcn"), people=(gone, PEOPLE[1]))

    assert says.vi.startswith("danh sách nhân sự ghi người này đã rời đi nhưng chưa có văn bản")
    assert "Điều 7 khoản 4" in says.vi


def test_what_was_shut_when_it_was_asked_for_is_not_said_to_be_done() -> None:
    """DN-16, Điều 4.4: the letter says that the mailbox is withdrawn, and what gives it back; not “carried out”."""
    danang = world.policy("danang-2017")
    accounts, ledger = world.settled(PEOPLE, today=OPENED, with_policy=danang)
    asked = request("unlock", "P1", date(2026, 3, 9), from_unit="skhcn")
    cancel = request("cancel", "P1", date(2026, 3, 9), "R0", from_unit="skhcn", document_number="8/SKHCN")
    here: dict[str, Any] = {"with_policy": danang, "ledger": ledger, "today": date(2026, 3, 9)}
    plan = world.plan_of(PEOPLE, accounts, requests=[cancel, asked], **here)
    shut, known = world.applied(plan, accounts, ledger, date(2026, 3, 9), danang)
    (action,) = (one for one in plan.actions if one.subject == "P1")

    says = _says(asked, action, accounts=shut, ledger=known, policy=danang).vi
    overtaken = replace(ledger, fulfilled={"R1": Fulfilled(TODAY, ActionKind.WITHDRAW)})
    open_again = _says(asked, action, accounts=accounts, ledger=overtaken, policy=danang)

    assert action.kind is ActionKind.WITHDRAW
    assert says.startswith("chưa thực hiện được: hộp thư thanhnn@danang.gov.vn đã bị thu hồi từ ngày 09/03/2026")
    assert "đúng tình trạng" in open_again.vi


@pytest.mark.parametrize("kind", ["lock", "cancel"])
def test_what_was_opened_instead_is_not_said_to_be_as_asked(kind: str) -> None:
    """NB-27, Điều 7.4: who asked for a mailbox to be shut is told that it is open, and to write again if need be."""
    accounts, ledger = world.settled(PEOPLE, today=OPENED)
    opened = replace(ledger, fulfilled={"R1": Fulfilled(TODAY, ActionKind.RESTORE)})
    asked = request(kind, "P1", date(2026, 3, 9), from_unit="skhcn", document_number="8/SKHCN")

    says = _says(asked, accounts=accounts, ledger=opened)

    assert says.vi.startswith("không được thực hiện vì hộp thư thanhnn.skhcn@ninhbinh.gov.vn đã được cấp hoặc mở lại")
    assert says.en.startswith("was not carried out: the mailbox thanhnn.skhcn@ninhbinh.gov.vn")


def test_what_was_opened_instead_and_is_gone_since_is_as_asked() -> None:
    """Where no mailbox is left, whoever asked for its end has nothing to write again for."""
    opened = replace(world.EMPTY, fulfilled={"R1": Fulfilled(TODAY, ActionKind.RESTORE)})
    asked = request("cancel", "P1", date(2026, 3, 9), from_unit="skhcn", document_number="8/SKHCN")

    says = _says(asked, accounts=(), ledger=opened)

    assert "không có hộp thư nào" in says.vi
