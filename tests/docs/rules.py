"""The table of every rule of the five regulations: where it is carried out, or why it is not, and what proves it.

The catalogue (`docs/reference/rules.csv`) holds each rule as it was read out of the text: article, kind of rule, the
text's own words. Where a rule is carried out stands in the regulation's file; the proofs are the golden cases and
tests that name the rule. A rule that people carry out may still be kept by a module; the catalogue then names it.
"""

from __future__ import annotations

import ast
import csv
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent.parent
CATALOGUE = ROOT / "docs" / "reference" / "rules.csv"
REGULATIONS = ROOT / "mappings" / "regulations"
RULE = re.compile(r"\b(?:NB|DN|BT|Q4|BD)-\d\d\b")
_SEVERAL = re.compile(r"\b(NB|DN|BT|Q4|BD)-(\d\d)(?: to (?:\1-)?|/)(\d\d)\b")

_SHOWN = 2
_NOT_CARRIED_OUT = frozenset({"recorded", "undecided", "incident"})
_FOR_PEOPLE = frozenset({"recorded", "incident"})


class Rule(NamedTuple):
    """One rule of the catalogue; `kind` is automatic, data, manual, report or outside."""

    id: str
    regulation: str
    article: str
    kind: str
    phrase: str
    by: str


@dataclass
class Place:
    """What a regulation's file makes of one rule: the clauses that carry it out, the sentence that records it."""

    clauses: list[str] = field(default_factory=list)
    recorded: str = ""
    undecided: bool = False


def catalogue() -> list[Rule]:
    """Return every rule, in the order of the catalogue."""
    with CATALOGUE.open(encoding="utf-8", newline="") as lines:
        return [Rule(*row.values()) for row in csv.DictReader(lines)]


@cache
def places(regulation: str) -> dict[str, Place]:
    """Return each rule that a regulation's file names, with its places there."""
    text = (REGULATIONS / f"{regulation}.yaml").read_text(encoding="utf-8")
    found: dict[str, Place] = defaultdict(Place)
    _walk(YAML(typ="safe", pure=True).load(text), (), found)
    return dict(found)


def _walk(node: Any, path: tuple[str, ...], found: dict[str, Place]) -> None:
    if isinstance(node, list):
        for one in node:
            _walk(one, (*path, one["id"]) if "id" in one else path, found)
    elif isinstance(node, dict):
        for rule in RULE.findall(str(node.get("rule", ""))):
            place = found[rule]
            clause = path[0] if path[0] == "events" else ".".join(path)
            if path[0] not in _NOT_CARRIED_OUT and clause not in place.clauses:
                place.clauses.append(clause)
            place.undecided |= path[0] == "undecided"
            place.recorded = node["en"] if path[0] in _FOR_PEOPLE else place.recorded
        for name, part in node.items():
            if isinstance(part, dict) or (isinstance(part, list) and part and isinstance(part[0], dict)):
                _walk(part, (*path, name), found)


def carried_out(rule: Rule) -> list[str]:
    """Return the clauses and modules that carry a rule out; none where it is left to people."""
    return [*places(rule.regulation)[rule.id].clauses, *([rule.by] if rule.by else [])]


def named(text: str) -> set[str]:
    """Return the rules a text names, “NB-24 to NB-26” and “NB-21/22” in full."""
    several = {
        f"{law}-{number:02d}"
        for law, first, last in _SEVERAL.findall(text)
        for number in range(int(first), int(last) + 1)
    }
    return several | set(RULE.findall(text))


@cache
def proofs() -> dict[str, list[str]]:
    """Return for each rule what proves it: its golden cases first, then other cases and tests that name it."""
    found: dict[str, list[str]] = defaultdict(list)
    cases = sorted((ROOT / "tests" / "golden" / "cases").glob("*/why.md"))
    all_cases = [(case.parent.name, named(case.read_text(encoding="utf-8"))) for case in cases]
    for own in (True, False):
        for name, rules in all_cases:
            for rule in rules:
                if name.startswith(f"{rule.lower()}-") is own:
                    found[rule].append(name)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for rule in named(ast.get_docstring(node) or ""):
                    found[rule].append(f"{file.stem}::{node.name}")
    return found


def _status(rule: Rule) -> str:
    place = places(rule.regulation)[rule.id]
    if by := carried_out(rule):
        open_still = "; the operator confirms what the text leaves open" if place.undecided else ""
        return f"carried out: {', '.join(f'`{one}`' for one in by)}{open_still}"
    return f"{'outside the agent' if rule.kind == 'outside' else 'recorded for people'}: {place.recorded}"


def page() -> str:
    """Return the page with all rules."""
    rules = catalogue()
    lines = [
        "# Rules",
        "",
        "Every rule read out of the five regulations, in the text's own words (generated; the texts are in",
        "[regulations](../regulations/README.md), and a test finds each phrase at its article). *Carried out* names",
        "the clause of the regulation's file, or the module, that does it; *recorded for people* and *outside the",
        "agent* say why the agent does not. The proofs are golden cases, else tests; the first two are shown.",
        "",
        "| regulation | rules | carried out | recorded for people | outside the agent |",
        "|---|---|---|---|---|",
    ]
    regulations = list(dict.fromkeys(rule.regulation for rule in rules))
    for regulation in regulations:
        theirs = [rule for rule in rules if rule.regulation == regulation]
        done = [rule for rule in theirs if carried_out(rule)]
        outside = [rule for rule in theirs if rule not in done and rule.kind == "outside"]
        left = len(theirs) - len(done) - len(outside)
        lines.append(f"| `{regulation}` | {len(theirs)} | {len(done)} | {left} | {len(outside)} |")
    for regulation in regulations:
        lines += [
            "",
            f"## `{regulation}`",
            "",
            "| rule | article | the text | status | proof |",
            "|---|---|---|---|---|",
        ]
        for rule in rules:
            if rule.regulation == regulation:
                proof = ", ".join(f"`{one}`" for one in proofs()[rule.id][:_SHOWN]) or "–"
                phrase = rule.phrase.replace("<", "&lt;").replace("|", "\\|")
                lines.append(f"| {rule.id} | {rule.article} | “{phrase}” | {_status(rule)} | {proof} |")
    return "\n".join([*lines, ""])
