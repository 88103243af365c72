"""The letter in a browser: one A4 page in the form of the decree, alone, safe, without a script."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import inquiries
import pytest
from world import TODAY, request

from syncagent.report.letter import Office, letter, page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

OFFICE = Office("Sở Khoa học và Công nghệ", "Ủy ban nhân dân tỉnh Ninh Bình", "SKHCN-CĐS", "Ninh Bình", "Giám đốc")


def _html(count: int = 1) -> str:
    asked = [
        request("lock", "P1", TODAY, f"YC-{n}", document_number="9/SNV", reason="lộ mật khẩu", from_unit="snv")
        for n in range(count)
    ]
    return page(letter(*inquiries.come(*asked), {}, OFFICE), "vi")


@pytest.fixture
def printed(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Give a page as it looks on paper, without a network."""
    context = browser.new_context(viewport={"width": 794, "height": 1123}, java_script_enabled=False, offline=True)
    found = context.new_page()
    (tmp_path / "letter.html").write_text(_html(), encoding="utf-8")
    found.goto((tmp_path / "letter.html").as_uri())
    yield found
    context.close()


def _place(page: Page, selector: str) -> dict[str, float]:
    box = page.locator(selector).bounding_box()
    assert box
    x, y, width, height = box["x"], box["y"], box["width"], box["height"]
    return {"y": y, "height": height, "middle": x + width / 2, "bottom": y + height}


def test_the_head_and_the_foot_stand_where_the_decree_puts_them(printed: Page) -> None:
    """Nghị định 30/2020, Phụ lục I: the agency left of the motto, the number below it, the signature right below."""
    office, state, number = (_place(printed, f".{name}") for name in ("office", "state", "number"))
    day, to, recipients, signer = (_place(printed, f".{name}") for name in ("day", "to", "recipients", "signer"))

    assert office["middle"] < 397 < state["middle"]
    assert office["bottom"] <= number["y"] < to["y"]
    assert state["bottom"] <= day["y"] < to["y"]
    assert recipients["middle"] < 397 < signer["middle"]
    assert to["bottom"] < recipients["y"]
    assert state["height"] < 30
    assert printed.evaluate("document.documentElement.scrollWidth") <= 794


def test_it_prints_on_one_sheet_of_a4_and_longer_ones_on_more(browser: Browser, tmp_path: Path) -> None:
    """A short answer takes one page; a list of an agency goes on, and no page is empty."""
    sheets: dict[int, list[str]] = {}
    for count in (1, 40):
        context = browser.new_context()
        opened = context.new_page()
        (tmp_path / "letter.html").write_text(_html(count), encoding="utf-8")
        opened.goto((tmp_path / "letter.html").as_uri())
        pdf = opened.pdf(prefer_css_page_size=True)
        assert re.search(rb"/MediaBox \[0 0 59[45]\S* 84[12]\S*\]", pdf)
        (tmp_path / "letter.pdf").write_bytes(pdf)
        words = subprocess.run(["pdftotext", "letter.pdf", "-"], cwd=tmp_path, capture_output=True, check=True).stdout
        sheets[count] = words.decode().split("\f")[:-1]
        context.close()

    assert len(sheets[1]) == 1
    assert 2 <= len(sheets[40]) <= 7
    assert [page for page in sheets[40] if not re.search(r"[^\W\d]{2}", page)] == []


def test_it_reads_on_a_narrow_screen(browser: Browser, tmp_path: Path) -> None:
    """A telephone shows the same letter without scrolling sideways."""
    context = browser.new_context(viewport={"width": 375, "height": 800})
    opened = context.new_page()
    (tmp_path / "letter.html").write_text(_html(), encoding="utf-8")
    opened.goto((tmp_path / "letter.html").as_uri())

    assert opened.evaluate("document.documentElement.scrollWidth") <= 375
    context.close()
