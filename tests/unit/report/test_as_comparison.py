"""Two regulations side by side: counts, and whom they treat differently."""

from __future__ import annotations

from dataclasses import replace

import plans

from syncagent.core.action import ActionKind
from syncagent.report import as_comparison


def test_the_same_plan_twice_has_no_difference() -> None:
    """Contract §1 `compare`: equal treatment is a table of equal numbers and nobody's name."""
    made = plans.full()

    shown = as_comparison.render(made, made, [], "vi")

    assert "Xử lý khác nhau: 0" in shown
    assert "P1" not in shown


def test_a_difference_names_the_person_and_both_articles() -> None:
    """Beside each other: what the one does and by which article, and that the other does nothing."""
    closing = plans.action(7, ActionKind.DISABLE, "Lò Thị Mai")
    first, second = plans.plan([closing]), replace(plans.plan(), regulation="bentre-2016")

    vietnamese = as_comparison.render(first, second, [("P7", "Lò Thị Mai", (closing,), ())], "vi")
    english = as_comparison.render(first, second, [("P7", "Lò Thị Mai", (closing,), ())], "en")

    assert "ninhbinh-2025 | bentre-2016 – ngày 10/03/2026" in vietnamese
    assert "P7 Lò Thị Mai" in vietnamese
    assert "ninhbinh-2025: khóa gửi/nhận" in vietnamese
    assert "NB-27, Điều 7 khoản 4" in vietnamese
    assert "bentre-2016: giữ nguyên" in vietnamese
    assert "1 | 0" in vietnamese
    assert "bentre-2016: nothing" in english
    assert "Treated differently: 1" in english


def test_whose_addresses_are_shown_is_said() -> None:
    """Without --with-naming both sides build addresses the first text's way, which nobody could guess."""
    first, second = plans.plan(), replace(plans.plan(), regulation="bentre-2016")

    shared = [as_comparison.render(first, second, [], "vi"), as_comparison.render(first, second, [], "en")]
    apart = as_comparison.render(first, second, [], "vi", naming=True)

    assert "Địa chỉ ở cả hai bên đặt theo ninhbinh-2025" in shared[0]
    assert "muốn thấy địa chỉ theo bentre-2016: --with-naming" in shared[0]
    assert "built the way of ninhbinh-2025" in shared[1]
    assert "--with-naming" not in apart


def test_a_hostile_name_steers_no_terminal() -> None:
    """Names come from files: what cannot be seen is spelled out."""
    action = plans.action(7, ActionKind.DISABLE, "Lò \x1b[31mThị")

    shown = as_comparison.render(plans.plan([action]), plans.plan(), [("P7", "Lò \x1b[31m", (action,), ())], "vi")

    assert "\x1b" not in shown
