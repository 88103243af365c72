"""The documentation becomes a site: every page of it, without a warning, alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from docs import site

_ASKS = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//[^\s\">]+")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("built") / "project"
    said = site.build(project)
    assert "No issues found" in said
    return project / "site"


def test_each_page_is_there(built: Path) -> None:
    """What stands in docs/, and what README and its neighbours say, is a page of the site; README is the first."""
    pages = [path.relative_to(site.ROOT) for path in (site.ROOT / "docs").rglob("*.md")]
    wanted = [path.with_name("index.html") if path.name == "README.md" else path.with_suffix(".html") for path in pages]

    assert len(pages) > 100
    assert [str(path) for path in wanted if not (built / path).is_file()] == []
    assert "syncagent plan --format html" in re.sub("<[^>]*>", "", (built / "index.html").read_text(encoding="utf-8"))


def test_no_page_asks_another_host_for_anything(built: Path) -> None:
    """Who reads the manual in a closed network sees all of it; nobody else learns who reads it."""
    asked = [found for page in built.rglob("*.html") for found in _ASKS.findall(page.read_text(encoding="utf-8"))]

    assert asked == []


@pytest.mark.parametrize("link", ["[x](docs/no-such-page.md)", "[x](docs/map.md#no-such-heading)"])
def test_a_link_that_leads_nowhere_stops_the_building(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], link: str
) -> None:
    """The builder notices what it is there to notice."""
    root = tmp_path / "root"
    (root / "docs").mkdir(parents=True)
    (root / "mappings").mkdir()
    for name in (*site.TOP, "docs/map.md"):
        (root / name).write_text(f"# A page\n\n{link if name == 'README.md' else ''}\n", encoding="utf-8")
    monkeypatch.setattr(site, "ROOT", root)

    with pytest.raises(subprocess.CalledProcessError):
        site.build(tmp_path / "project")
    assert "does not exist" in capsys.readouterr().err
