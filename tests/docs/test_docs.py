"""The documentation is true: generated pages are current, links lead somewhere, nothing is undocumented."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from docs.generate import PAGES, REFERENCE

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES_WRITTEN = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "mappings").rglob("*.md")]
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name: str) -> None:
    """Schemas, verbs and closed sets are what the code says; `make docs` writes them."""
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name]()


@pytest.mark.parametrize("page", PAGES_WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A relative link names a file that is there."""
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_decisions_are_numbered_without_gaps() -> None:
    """001, 002, … each once."""
    numbers = [int(path.name[:3]) for path in sorted((DOCS / "decisions").glob("[0-9]*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_map_names_every_room() -> None:
    """Whoever opens docs/map.md finds each room and each file of the core."""
    shown = (DOCS / "map.md").read_text(encoding="utf-8")
    rooms = [path.name for path in (ROOT / "syncagent").iterdir() if (path / "__init__.py").exists()]
    files = [path.stem for path in (ROOT / "syncagent" / "core").glob("[a-z]*.py")]

    assert [room for room in rooms if f"`{room}/`" not in shown] == []
    assert [name for name in files if not re.search(rf"\b{name}\b", shown)] == []


def test_every_rule_cited_in_the_regulation_has_its_article() -> None:
    """A clause without an article cannot be read beside the text; rules have the form NB-28."""
    text = (ROOT / "mappings" / "regulations" / "ninhbinh-2025.yaml").read_text(encoding="utf-8")

    assert text.count("rule:") == text.count("article:")
    assert text.count("vi:") == text.count("en:")


def test_every_rule_of_the_ninh_binh_regulation_stands_in_its_file() -> None:
    """54 rules were read out of the text; each is carried out, or recorded for people."""
    text = (ROOT / "mappings" / "regulations" / "ninhbinh-2025.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"NB-\d\d", text))

    assert sorted(named) == [f"NB-{number:02d}" for number in range(1, 55)]


def test_the_repository_names_no_machine_and_no_package_host() -> None:
    """No path of a machine and no address of a registry in what is committed."""
    banned = re.compile(r"(?:/work|/home/\w+|/root)/|pypi\.org|files\.pythonhosted|index-url|--extra-index")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().splitlines() if not name.endswith((".png", "test_docs.py"))]

    for name in names:
        found = banned.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
        assert found is None, f"{name}: {found}"
