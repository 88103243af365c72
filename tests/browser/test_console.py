"""The console in a real browser: reviewed, approved by two, applied by the service, in step; no fault of access."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from live import TODAY, Province
from playwright.sync_api import Browser, BrowserContext, Page
from reviewing import CAST, PASSWORD, Reviewed, enrol, reviewed
from servers.fixtures import FreshBase
from servers.pki import Authority
from servers.samba import Samba
from serving import ALWAYS
from signers import PASSPHRASE

pytestmark = [pytest.mark.browser, pytest.mark.server]

_AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
_PAGES = ("/", "/plans", "/plans/latest", "/people", "/people?q={person}", "/requests", "/requests?full=1")
_MORE = (
    "/requests/new",
    "/calendar",
    "/migration",
    "/audit",
    "/audit/verify",
    "/settings",
    "/stop",
    "/plans/latest/use",
)


@contextmanager
def _seated(
    browser: Browser, console: Reviewed, login: str, language: str = "vi", width: int = 1280, *, scripts: bool = False
) -> Iterator[Page]:
    """Give a page of a browser of their own, in which somebody has logged in through the form."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 900}, ignore_https_errors=True, java_script_enabled=scripts
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{console.url}/login?lang={language}")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("nav a[aria-current=page]")
    yield page
    context.close()


def _sign(page: Page, console: Reviewed, name: str, order: str = "45/SKHCN") -> None:
    """Fill in the page that signs, and sign."""
    for brake in page.locator("input[name^='brake.']").all():
        label = page.locator(f"label[for='{brake.get_attribute('id')}']").inner_text()
        found = re.search(r"\d+", label)
        assert found
        brake.fill(found.group())
    page.fill("#order", order)
    page.set_input_files("#key", console.province.desk.folder / f"{name}.key")
    page.fill("#passphrase", PASSPHRASE)
    page.fill("#password", PASSWORD)
    page.click("button.main")


def _picture(page: Page, name: str) -> None:
    """Keep what the handbook shows, where somebody wants it: SYNCAGENT_PICTURES=docs/pictures."""
    if folder := os.environ.get("SYNCAGENT_PICTURES"):
        page.screenshot(path=f"{folder}/console-{name}.png")


def test_two_approvers_sign_in_the_browser_and_the_service_brings_the_directory_in_step(
    browser: Browser, samba: Samba, authority: Authority, fresh_base: FreshBase, tmp_path: Path
) -> None:
    """From the log-in to an empty plan with nothing but the console: without scripts, no shell, two people's own keys.

    The first approver's second signature does not count, and an approver alone does not complete what takes two.
    """
    base = fresh_base(samba)
    province = Province.make(tmp_path / "desk", 100, samba, base, "active-directory")
    groups = enrol(samba, base, CAST)
    first = province.desk.plan(TODAY.isoformat())
    with reviewed(province, authority, groups, ALWAYS + "  schedule: {plan: every 1 day}\n") as console:
        with _seated(browser, console, "binh") as page:
            _picture(page, "overview")
            page.goto(f"{console.url}/plans/{first['plan_id']}")
            ticks = page.locator("input[name=id]")
            assert ticks.count() == 50
            _picture(page, "plan")
            ticks.first.check()
            chosen = ticks.first.get_attribute("value")
            page.click("button[value=ticked]")
            assert chosen
            assert chosen in page.locator("main").inner_text()
            _picture(page, "sign")
            page.go_back()
            page.click("button[value=all]")
            _sign(page, console, "Lê Văn Bình")
            assert page.locator("[role=status]").count() == 1, page.locator("main").inner_text()
            assert "Lê Văn Bình" in page.locator("#decided").inner_text()
        unapplied = province.desk.run("status").stdout
        with _seated(browser, console, "dung", "en") as page:
            page.goto(f"{console.url}/plans/{first['plan_id']}")
            page.click("button[value=all]")
            _sign(page, console, "Phạm Thị Dung")
            assert page.locator("[role=status]").count() == 1, page.locator("main").inner_text()
        count = len(first["actions"])
        console.service.until(
            lambda: (
                sum(v for k, v in console.service.figures().items() if k.startswith("syncagent_actions_total")) == count
            ),
            "the apply",
        )
        console.service.end()

    assert f"{count} chờ duyệt" in unapplied
    assert province.desk.plan(TODAY.isoformat())["actions"] == []
    told = "".join(path.read_text("utf-8", "replace") for path in (console.service.log_file,))
    assert PASSPHRASE not in told
    assert PASSWORD not in told


def test_no_page_has_a_fault_of_access_and_each_fits_a_telephone(
    browser: Browser, samba: Samba, authority: Authority, fresh_base: FreshBase, tmp_path: Path
) -> None:
    """WCAG 2.2 A and AA by axe: no fault on any page, in both languages and widths; nothing is wider than 400 px."""
    base = fresh_base(samba)
    province = Province.make(tmp_path / "desk", 100, samba, base, "active-directory")
    groups = enrol(samba, base, CAST)
    found = province.desk.plan(TODAY.isoformat())
    person = next(str(action["person_id"]) for action in found["actions"] if action["person_id"])
    faults: list[Any] = []
    with reviewed(province, authority, groups) as console:
        for login in ("binh", "toan", "vanhanh"):
            for language, width in (("vi", 1280), ("en", 400)):
                with _seated(browser, console, login, language, width, scripts=True) as page:
                    for path in (*_PAGES, *_MORE, "sign"):
                        faults += _faults(page, console, path.format(person=person), (login, language, width))
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        page.goto(f"{console.url}/login")
        faults += _axe(page, ("login",))
        context.close()

    assert "\n".join(map(str, faults)) == ""


def _faults(page: Page, console: Reviewed, path: str, who: tuple[object, ...]) -> list[Any]:
    if path == "sign":
        page.goto(f"{console.url}/plans/latest")
        if not page.locator("button[value=all]").count():
            return []
        page.click("button[value=all]")
    else:
        page.goto(f"{console.url}{path}")
    found = _axe(page, (*who, path))
    viewport = page.viewport_size
    assert viewport
    if page.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
        found.append((*who, path, "wider than the window"))
    return found


def _axe(page: Page, who: tuple[object, ...]) -> list[Any]:
    page.evaluate(_AXE)
    told: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", _RULES)
    return [(*who, one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in told["violations"]]
