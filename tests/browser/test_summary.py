"""The sheet to sign in a browser: one side of A4, alone, safe, on any screen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import plans
import pytest

from syncagent.core.action import ActionKind
from syncagent.core.plan import BrakeState
from syncagent.report import as_summary

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from syncagent.core.plan import Plan

pytestmark = pytest.mark.browser


def _crowded() -> Plan:
    """Return a plan of every kind, with long names of units, many brakes, and all that the head can say."""
    kinds = [kind for kind in ActionKind for _ in range(6)]
    actions = [plans.action(n, kind, plans.NAMES[n % 12], f"xa{n % 40:03d}") for n, kind in enumerate(kinds)]
    names = {f"xa{n:03d}": f"Ủy ban nhân dân phường Nguyễn Tất Thành số {n}" for n in range(40)}
    made = plans.plan(actions, plans.every_finding(), BrakeState(plans.TRIPPED.tripped * 3, plans.TRIPPED.second))
    return replace(
        made, wave=2, undoes="p-20260310-9f3c21", as_of=made.as_of.replace(year=2027), inputs={"units": names}
    )


@pytest.mark.parametrize(("made", "pages"), [(plans.full(), 1), (_crowded(), 1), (plans.large(600), 4)])
def test_the_signatures_stand_on_the_first_page(browser: Browser, tmp_path: Path, made: Plan, pages: int) -> None:
    """One side of A4 with the places to sign, however much a plan holds; only more deletions are on pages behind."""
    (tmp_path / "summary.html").write_text(as_summary.render(made, plans.envelope(made), "vi"), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "summary.html").as_uri())
    wide = {}
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        wide[width] = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 605, "height": 900})  # what A4 leaves between the margins
    bottom = page.locator(".sign").evaluate("one => one.getBoundingClientRect().bottom")
    printed = page.pdf(prefer_css_page_size=True)
    context.close()

    assert wide == dict.fromkeys(wide, 0)
    assert len(asked) == 1
    assert bottom < 1017  # the height that A4 leaves
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == pages
