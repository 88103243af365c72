"""The sheet to sign: whole counts, every brake's number, deletions by name, the digest, places to sign."""

from __future__ import annotations

import re
from dataclasses import replace

import plans
import pytest

from syncagent.core.action import ActionKind
from syncagent.core.plan import BrakeState, Plan
from syncagent.report import as_summary
from syncagent.text import Language


def _html(plan: Plan, language: Language = "vi") -> str:
    return as_summary.render(plan, plans.envelope(plan), language)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_says_what_is_signed(language: Language) -> None:
    """Plan, digest in full, counts of each kind and agency, brakes with their exact counts, deletions by name."""
    plan = plans.full()
    page = _html(plan, language)

    assert f'<html lang="{language}">' in page
    assert plans.envelope(plan).digest in page
    assert re.search(r'<td class="num">18</td></tr></tfoot>', page)
    assert 'Sở Khoa học và Công nghệ</th><td class="num">3</td>' in page
    assert all(f"{trip.name}={trip.count}" in page for trip in plan.brakes.tripped)
    assert set(re.findall("<tr><td>([^<]*)</td>", page)) == {
        action.address for action in plan.actions if action.kind is ActionKind.DELETE
    }


def test_every_deletion_is_named_however_many() -> None:
    """Those that do not fit the first page are named with all the others behind it, and the page says so."""
    plan = plans.large(600)
    page = _html(plan)
    annex = page[page.index('class="annex"') :]
    deleted = [action for action in plan.actions if action.kind is ActionKind.DELETE]

    assert annex.count("<tr><td>") == len(deleted) == 120
    assert "Còn 114 hộp thư nữa, nêu tên ở trang sau." in page
    assert 'class="annex"' not in _html(plans.full())


def test_what_is_left_out_is_counted() -> None:
    """Agencies and brakes beyond what fits are numbers, not silence."""
    plan = replace(plans.large(600), brakes=BrakeState(plans.TRIPPED.tripped * 3))
    page = _html(plan)

    assert '121 cơ quan khác</th><td class="num">560</td>' in page
    assert "Còn 3 phanh nữa, nêu trong báo cáo." in page


def test_nothing_is_said_of_what_there_is_not() -> None:
    """No brake, no deletion and one approver are said as such; a rehearsal, a wave and an undo are said if they are."""
    plain = plans.plan([plans.action(1, ActionKind.CREATE)])
    other = replace(plain, as_of=plain.as_of.replace(year=2027), wave=2, undoes="p-1")

    assert "Không phanh nào giữ kế hoạch này." in _html(plain)
    assert "Kế hoạch này không xóa hộp thư nào." in _html(plain)
    assert "Người duyệt thứ hai" not in _html(plain)
    assert not re.search("NGÀY GIẢ ĐỊNH|đợt sáp nhập|đảo lại", _html(plain))
    assert all(part in _html(other) for part in ("NGÀY GIẢ ĐỊNH", "đợt sáp nhập", "đảo lại kế hoạch"))
    assert "Người duyệt thứ hai" in _html(plans.plan([], brakes=BrakeState((), plans.TRIPPED.second)))


def test_no_name_becomes_markup() -> None:
    """Only the tags of the template are there, whatever a plan says (F22); no script, no other file."""
    tags = set(re.findall(r"<([a-z0-9]+)", _html(plans.hostile())))

    assert tags <= {
        *("html", "head", "meta", "link", "title", "style", "body", "main", "section", "div", "span"),
        *("h1", "h2", "p", "dl", "dt", "dd", "b", "ul", "li", "table", "thead", "tbody", "tfoot", "tr", "th", "td"),
    }
    assert "script-src" not in _html(plans.full())
