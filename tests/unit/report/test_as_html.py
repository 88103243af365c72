"""The page: whole in one file, in reading order, and nothing of a plan ever becomes markup."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from typing import TYPE_CHECKING

import plans
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.action import ActionKind, Change, Operation
from syncagent.report import as_html

if TYPE_CHECKING:
    from syncagent.core.plan import Plan
    from syncagent.text import Language

_SECTIONS = ["brakes", "findings", "actions", "calendar", "next"]


class _Page(HTMLParser):
    """What a browser would find: tags with their attributes, the text of each, scripts and styles apart."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.raw: dict[str, str] = {"script": "", "style": ""}
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " "
        self._inside = tag if tag in self.raw else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag in self.raw else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside] += data
        else:
            self.text += data

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        return [(tag, list(attributes)) for tag, attributes in self.tags]

    def values(self, name: str) -> list[str]:
        return [found for _, attributes in self.tags if (found := attributes.get(name)) is not None]


def _html(made: Plan, language: Language = "vi") -> str:
    return as_html.render(made, plans.envelope(made), language, plans.UNITS)


def _flat(text: str) -> str:
    return " ".join(text.split())


_FULL = _html(plans.full())
_PAGE = _Page(_FULL)


def test_the_parts_stand_in_the_order_a_reviewer_reads() -> None:
    """Header, brakes, findings, actions, calendar, next steps, signatures, glossary."""
    ids = [found for found in _PAGE.values("id") if found in _SECTIONS]
    text = _flat(_PAGE.text)

    assert ids == _SECTIONS
    assert text.index("Việc tiếp theo 18") < text.index("Người duyệt ký") < text.index("Giải thích trạng thái")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_page_says_which_language_it_is_in(language: Language) -> None:
    """One language per file, named on the root, so that it is read aloud and hyphenated right."""
    page = _Page(_html(plans.full(), language))

    assert page.tags[0][1]["lang"] == language
    assert ("Phanh an toàn" in page.text) == (language == "vi")
    assert ("Deletion calendar" in page.text) == (language == "en")


def test_the_header_says_what_this_is_and_what_it_was_made_from() -> None:
    """Regulation, day, plan, digest short and in full, sources, counts."""
    text = _flat(_PAGE.text)
    digest = plans.envelope(plans.full()).digest

    assert "Kế hoạch ngày 10/03/2026" in text
    assert "quy chế ninhbinh-2025" in text
    assert "mã kế hoạch p-20260310-9f3c21" in text
    assert f"mã kiểm tra {digest[:19]}… {digest}" in text
    assert "danh sách nhân sự › người tệp people.csv, số dòng 8160" in text
    assert "18 thao tác 5 đóng hoặc xóa hộp thư 18 việc chờ quyết định 8.121 giữ nguyên" in text


def test_brakes_are_told_in_plain_words_with_the_exact_command() -> None:
    """What tripped, by how much, what to do if it is wrong, and what if it is right."""
    text = _flat(_PAGE.text)

    assert "Phanh giữ toàn bộ kế hoạch" in text
    assert "giới hạn là 10 (trên 212 tài khoản). disable-count 37 10" in text
    assert (
        "syncagent approve p-20260310-9f3c21 --by TÊN --accept-brake disable-count=37 "
        "--accept-brake unit-share:snv=9 --order SỐ_VĂN_BẢN"
    ) in text


def test_an_empty_plan_says_so_everywhere() -> None:
    """Nothing tripped, found, planned or deleted: each is said, and nothing is offered that leads nowhere."""
    page = _Page(_html(plans.plan(skips=3)))
    text = _flat(page.text)

    for sentence in (
        "✓ Không phanh nào giữ kế hoạch này.",
        "Không có gì cần xem.",
        "Không có thao tác nào: thư mục đã khớp danh sách.",
        "Kế hoạch này không xóa hộp thư nào và không đặt ngày xóa nào.",
        "Không có thao tác nào để duyệt hay thực hiện.",
    ):
        assert sentence in text
    assert "Người duyệt thứ hai" not in text
    assert "article" not in dict(page.tags)
    assert "grave" not in page.values("class")


def test_every_action_shows_who_where_what_and_why() -> None:
    """Person, key, addresses, reason with article and document, days, approval, state, changes (G25)."""
    cards = re.findall(r"<article.*?</article>", _FULL, re.DOTALL)
    moved = _flat(_Page(next(card for card in cards if 'id="a0020"' in card)).text)

    assert len(cards) == len(plans.one_of_each())
    for part in (
        "→ Đổi địa chỉ Nguyễn Thị Ngọc Ánh P20 · hộp thư cá nhân a0020",
        "anhntn.skhcn@ninhbinh.gov.vn → anhntn.snv@ninhbinh.gov.vn",
        "Điều 7 khoản 4 · văn bản 123/QĐ-SNV: Chuyển công tác trong tỉnh",
        "NB-27",
        "từ ngày 10/03/2026",
        "hạn trả lời 13/03/2026",
        "sau đó ngừng địa chỉ cũ 11/06/2026",
        "một người duyệt, cần số văn bản",
        "thực hiện yêu cầu YC-07, YC-09",
        "Thay đổi trong thư mục (4 thuộc tính)",
        "Đích main · tài khoản guid-20",
        "chỗ mới → CN=Ánh,OU=snv,OU=Mail",
    ):
        assert part in moved, part


def test_a_card_shows_what_only_some_actions_have() -> None:
    """State afterwards, what must come first, a new password, an approval of its own, the weight."""
    cards = {found[0]: found[1] for found in re.findall(r'<article id="(\w+)" (.*?)</article>', _FULL, re.DOTALL)}

    assert "trạng thái sau <b>Khóa gửi/nhận</b>" in cards["a0008"]
    assert 'href="#a0021">a0021</a>' in cards["a0022"]
    assert "Đặt mật khẩu mặc định mới" in cards["a0009"]
    assert "--only a0021" in cards["a0021"]
    assert "không cần duyệt</b></span>" in cards["a0023"]
    assert cards["a0024"].startswith('class="close" data-kind="adopt" data-destructive')
    assert cards["a0001"].startswith('class="change" data-kind="adopt">')


def test_calls_to_a_mail_system_are_named_with_how_long_a_lock_takes() -> None:
    """Exchange.md §0.4: a lock is not immediate, and a reviewer sees what an administrator would type."""
    lock = plans.action(1, ActionKind.LOCK)
    box = Change(
        Operation.MODIFY, "CN=x", {"OWAEnabled": (("True",), ("False",))}, system="exchange", calls=("Set-CASMailbox",)
    )
    made = replace(plans.full(), actions=(replace(lock, changes=(*lock.changes, box)),))

    page = _html(made)

    assert "<code>Set-CASMailbox</code>" in page
    assert "đến 24 giờ" in page
    assert "đến 24 giờ" not in _FULL


def test_a_lock_on_obm_says_how_long_it_takes_there() -> None:
    """Obm.md §1.6: saslauthd may take the old password for eight hours; and what cannot change is said to stay."""
    lock = plans.action(1, ActionKind.LOCK)
    values = {"uid": (("an",), ("an",)), "mail": (("an@x.vn",), ("binh@x.vn",))}
    asked = Change(Operation.MODIFY, "uid=an", values, system="obm", calls=("PATCH users/{id} password",))

    page = _html(replace(plans.full(), actions=(replace(lock, changes=(asked,)),)))

    assert "<code>PATCH users/{id} password</code>" in page
    assert "đến 8 giờ" in page
    assert "ActiveSync, IIS" not in page
    assert page.count("giữ nguyên, hệ thống không đổi được") == 1


def test_values_stand_side_by_side_with_what_changes_marked() -> None:
    """Before and after of each attribute in one row; removed and added are marked, what stays is not."""
    card = _FULL[_FULL.index('id="a0008"') :]
    row = card[card.index("<th>proxyAddresses") : card.index("<tr><th>userAccountControl")]

    assert _flat(row) == (
        "<th>proxyAddresses<td><del>SMTP:anhcttnm.snv@ninhbinh.gov.vn</del>"
        "<span>smtp:cu@ninhbinh.gov.vn</span><td><ins>held:anhcttnm.snv@ninhbinh.gov.vn</ins>"
        "<span>smtp:cu@ninhbinh.gov.vn</span>"
    )


def test_attributes_that_change_alike_share_a_row() -> None:
    """An address that stands in two attributes is read once."""
    created = _html(plans.plan([plans.action(1, ActionKind.CREATE)]))

    assert "<th>mail, userPrincipalName<td>thanhnn.skhcn@ninhbinh.gov.vn<tr>" in created
    assert "(14 thuộc tính)" in created


def test_a_unit_is_called_by_its_name_and_its_key() -> None:
    """Rooms of many agencies have one name; the key tells them apart, and is not said twice without a name."""
    named = _flat(_Page(_html(plans.plan([plans.action(1, ActionKind.LOCK)]))).text)
    unnamed = as_html.render(plans.full(), plans.envelope(plans.full()), "vi", {})

    assert "Sở Khoa học và Công nghệ 1 skhcn 1 tạm khóa ‖ Tạm khóa" in named
    assert "skhcn 1 1 mở khóa ▷ Mở khóa" in _flat(_Page(unnamed).text)


def test_units_that_share_a_name_are_told_apart() -> None:
    """Where the header lacks the agencies, rooms of one name stand under one heading, each with its key."""
    made = plans.plan([plans.action(n, ActionKind.LOCK, unit=f"xa{n}-kt") for n in (1, 2)])
    names = dict.fromkeys(("xa1-kt", "xa2-kt"), "Phòng Kinh tế")
    text = _flat(_Page(as_html.render(made, plans.envelope(made), "vi", names)).text)

    assert "Phòng Kinh tế 2 xa1-kt 2 tạm khóa ‖ Tạm khóa" in text
    assert "xa2-kt ‖ Tạm khóa" in text


def test_the_rooms_of_an_agency_stand_under_one_heading() -> None:
    """The agency is named once, with the counts of all its rooms; each room is named above its actions."""
    text = _flat(_PAGE.text)

    assert "Sở Khoa học và Công nghệ 3 skhcn 1 tạm khóa, 1 bàn giao, 1 mở khóa ▷ Mở khóa Phạm" in text
    assert "Trung tâm Chuyển đổi số và Truyền thông ttcdstt ‖ Tạm khóa Vừ A Dính" in text
    assert text.count("Sở Khoa học và Công nghệ · · 1 1 1 3") == 1


def test_a_single_unit_needs_no_table_of_units() -> None:
    """Totals by unit are shown for several units; many of them are folded away."""
    one = _html(plans.plan([plans.action(1, ActionKind.CREATE)]))
    many = _html(plans.plan([plans.action(n, ActionKind.CREATE, unit=f"xa{n}") for n in range(1, 20)]))

    assert "Tổng hợp theo đơn vị" not in one
    assert '<details class="matrix">' in many
    assert '<details class="matrix" open>' in _FULL


def test_the_signatures_are_as_many_as_the_approvers() -> None:
    """A plan with a deletion is signed by two approvers, another by one."""
    assert "Người duyệt thứ hai</b>" in _FULL
    assert "Người duyệt thứ hai</b>" not in _html(plans.plan([plans.action(1, ActionKind.CREATE)]))


# ── one file ─────────────────────────────────────────────────────────────────


def test_the_page_asks_for_nothing() -> None:
    """No address of any other file stands in an attribute or a style; links stay on the page."""
    links = _PAGE.values("href") + _PAGE.values("src") + _PAGE.values("action")

    assert _PAGE.values("src") == []
    assert [link for link in links if not link.startswith("#")] == ["data:,"]
    assert "url(" not in _PAGE.raw["style"]
    assert "@import" not in _PAGE.raw["style"]
    assert "http" not in _PAGE.raw["style"] + _PAGE.raw["script"]


def test_the_policy_allows_exactly_the_script_of_the_page() -> None:
    """The hash is that of the bytes between the tags; no other script can run, no handler, no request."""
    script = _PAGE.raw["script"]
    expected = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(
        str(attributes["content"]) for tag, attributes in _PAGE.tags if "http-equiv" in attributes and tag == "meta"
    )

    assert policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{expected}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert [tag for tag, _ in _PAGE.tags].count("script") == 1
    assert not [name for _, attributes in _PAGE.tags for name in attributes if name.startswith("on")]


def test_the_script_and_the_styles_are_the_same_for_every_plan() -> None:
    """Plan data never enters them: they do not change with the plan."""
    hostile = _Page(_html(plans.hostile()))

    assert hostile.raw == _PAGE.raw


def test_no_template_marks_anything_safe() -> None:
    """Autoescape is never switched off, in no template and for no value."""
    templates = [entry for entry in files("syncagent.report").joinpath("templates").iterdir() if entry.is_file()]
    text = "".join(entry.read_text(encoding="utf-8") for entry in templates)

    assert len(templates) > 5
    assert not re.search(r"\bsafe\b|autoescape|innerHTML|insertAdjacentHTML|document\.write|\beval\b", text)


# ── hostile data ─────────────────────────────────────────────────────────────


def test_hostile_names_add_no_element_and_no_attribute() -> None:
    """A plan full of markup has the tags of the same plan full of plain words, in the same order."""
    plain = [f"chữ {number}" for number in range(len(plans.HOSTILE))]

    assert _Page(_html(plans.hostile())).shape == _Page(_html(plans.saying(plain))).shape


_PLAIN = plans.saying(["chữ"])
_PLAIN_PAGE = _Page(_html(_PLAIN))


@given(st.text(st.characters(codec=None), min_size=1).filter(lambda text: text != "khác"))
def test_no_text_whatever_changes_the_shape_of_the_page(text: str) -> None:
    """Tags and attributes depend on what a plan holds, never on how it is written (F22)."""
    made = plans.saying([text])
    envelope = replace(plans.envelope(_PLAIN), plan_id=text)
    page = _Page(as_html.render(made, envelope, "vi", {text: text}))

    assert page.shape == _PLAIN_PAGE.shape
    assert page.raw == _PLAIN_PAGE.raw


def test_hostile_names_are_shown_as_they_are() -> None:
    """A reviewer sees what stands in the roster, with what is invisible spelled out."""
    text = _Page(_html(plans.hostile())).text

    assert "<script>alert(1)</script>" in text
    assert "=cmd|'/c calc'!A1" in text
    assert "Nguyễn ⟨U+202E⟩hnahT⟨U+202C⟩ Văn" in text
    assert "dòng một⟨U+000A⟩dòng hai" in text
    assert "{{ 7*7 }}" in text


def test_a_digest_from_a_file_cannot_leave_the_footer() -> None:
    """The footer of printed pages is a style; every character of it is an escape."""
    made = plans.plan()
    envelope = replace(plans.envelope(made), digest='"; } body { display: none } "')
    style = _Page(as_html.render(made, envelope, "vi", {})).tags[0][1]["style"]

    assert style is not None
    assert re.fullmatch(r'--foot: "(\\[0-9a-f]+ )+"', style)
    shown = "".join(chr(int(code, 16)) for code in re.findall(r"\\([0-9a-f]+) ", style))
    assert shown == f"Bản để duyệt và lưu hồ sơ · {envelope.plan_id} · {envelope.digest}"


# ── size ─────────────────────────────────────────────────────────────────────


def test_two_thousand_actions_stay_below_four_megabytes() -> None:
    """A busy month of a province is a file that can be mailed."""
    assert len(_html(plans.large(2000)).encode()) < 4_000_000


def test_the_same_plan_gives_the_same_page() -> None:
    """Rendering reads no clock and no environment."""
    assert _html(plans.full()) == _FULL
