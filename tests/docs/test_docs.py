"""The documentation is true: generated pages are current, links lead somewhere, nothing is undocumented."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from docs.failures import FAILURES, missing
from docs.generate import PAGES, REFERENCE
from docs.rules import REGULATIONS, carried_out, catalogue, places, proofs

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES_WRITTEN = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "mappings").rglob("*.md")]
CATALOGUE = catalogue()
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
_FENCED = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name: str) -> None:
    """Schemas, verbs and closed sets are what the code says; `make docs` writes them."""
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name]()


@pytest.mark.parametrize("page", PAGES_WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A relative link names a file that is there, and its anchor a heading in it."""
    for target, anchor in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
        if "://" not in target and not target.startswith("mailto:"):
            found = page.parent / target if target else page
            assert found.exists(), f"{page}: {target}"
            assert not anchor or anchor in _anchors(found), f"{page}: {target}#{anchor}"


@cache
def _anchors(page: Path) -> frozenset[str]:
    """Return what a forge calls the headings of a page: small letters with their marks, a number where they repeat."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
        name = _NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-")
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return frozenset(found)


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


@pytest.mark.parametrize("file", sorted(REGULATIONS.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_rule_cited_in_a_regulation_has_its_article(file: Path) -> None:
    """A clause without an article cannot be read beside the text; it says what it orders in both languages."""
    text = file.read_text(encoding="utf-8")

    assert text.count("rule:") == text.count("article:")
    assert text.count("vi:") == text.count("en:")


def test_the_catalogue_holds_every_rule_of_the_five_texts_once() -> None:
    """54 rules of Ninh Bình, 43 of Đà Nẵng, 30 of Bến Tre, 32 of Quận 4, 14 of Bình Định, in the text's own words."""
    wanted = {"NB": 54, "DN": 43, "BT": 30, "Q4": 32, "BD": 14}

    assert [rule.id for rule in CATALOGUE] == [
        f"{law}-{n:02d}" for law, last in wanted.items() for n in range(1, last + 1)
    ]
    assert {rule.kind for rule in CATALOGUE} == {"automatic", "data", "manual", "report", "outside"}
    assert [rule.id for rule in CATALOGUE if not (rule.phrase and rule.article.startswith("Điều "))] == []


@pytest.mark.parametrize("regulation", sorted({rule.regulation for rule in CATALOGUE}))
def test_every_rule_stands_in_the_file_of_its_regulation(regulation: str) -> None:
    """Each rule is carried out, or recorded for people with the reason; no file names a rule that does not exist."""
    theirs = [rule for rule in CATALOGUE if rule.regulation == regulation]

    assert sorted(places(regulation)) == [rule.id for rule in theirs]
    assert [rule.id for rule in theirs if not carried_out(rule) and not places(regulation)[rule.id].recorded] == []


def test_every_rule_that_is_carried_out_is_proved() -> None:
    """A golden case or a test names each rule that the agent carries out."""
    assert [rule.id for rule in CATALOGUE if carried_out(rule) and not proofs()[rule.id]] == []


@pytest.mark.parametrize("law", ["Q4", "BD"])
def test_what_should_happen_by_itself_has_a_golden_case(law: str) -> None:
    """Automatic rules and rules on reports are shown with real files, also where people do what they order."""
    wanted = [rule.id for rule in CATALOGUE if rule.id.startswith(law) and rule.kind in {"automatic", "report"}]

    assert [rule for rule in wanted if not any("::" not in proof for proof in proofs()[rule])] == []


def test_the_repository_names_no_machine_and_no_package_host() -> None:
    """No path of a machine and no address of a registry in what is committed."""
    banned = re.compile(r"(?:/work|/home/\w+|/root)/|pypi\.org|files\.pythonhosted|index-url|--extra-index")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().splitlines() if not name.endswith((".png", "test_docs.py"))]

    for name in names:
        found = banned.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
        assert found is None, f"{name}: {found}"


def test_every_failure_has_a_guard_that_is_proved() -> None:
    """F1 to F33, each once; a proof that is no test fails, and what waits for later work says so."""
    assert [failure.number for failure in FAILURES] == list(range(1, 34))
    assert [proof for failure in FAILURES for proof in missing(failure)] == []
    assert [failure.number for failure in FAILURES if not (failure.proofs or failure.waits)] == []


def test_the_manual_page_is_one_that_man_can_show() -> None:
    """No request of it is unknown, every verb is on it, and letters with marks come through."""
    page = (REFERENCE / "syncagent.1").read_bytes()
    command = ["groff", "-man", "-Tutf8", "-k", "-ww", "-z"]
    faults = subprocess.run(command, input=page, capture_output=True, check=True).stderr.decode()
    shown = subprocess.run([*command[:-1], "-P-cbou"], input=page, capture_output=True, check=True).stdout.decode()

    assert [line for line in faults.splitlines() if "cannot adjust" not in line and "can't break" not in line] == []
    assert "migrate plan [OPTIONS]" in shown
    assert "Lập kế hoạch" in shown
    assert "service run" not in shown
