"""Takes the picture of the report that README shows, from a fresh demo: `python tests/docs/picture.py DEMO_FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_PICTURE = Path(__file__).parent.parent.parent / "docs" / "pictures" / "report.png"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


def main(demo: Path) -> None:
    """Show the head of the report and the first actions, one below the other."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        page.goto((demo / "report.html").absolute().as_uri())
        page.screenshot(path=str(_PICTURE))
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
