"""Nothing in the core assigns to a record once it is made (decision 023)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CORE = Path(__file__).parents[3] / "syncagent/core"
OWN = frozenset({"self"})
COLLECTING = {("survey.py", "verdicts")}
"""The list in which `explain` collects what rules say; it is put into its case before anything is decided."""


def assigned(source: str) -> list[str]:
    """The attributes of other objects than `self` that a source assigns to."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign | ast.Delete):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store | ast.Del):
                    owner = part.value.id if isinstance(part.value, ast.Name) else ""
                    found += [] if owner in OWN else [part.attr]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            found += [name] if name in {"setattr", "__setattr__", "delattr"} else []
    return found


@pytest.mark.parametrize("file", sorted(CORE.glob("*.py")), ids=lambda file: file.name)
def test_records_are_never_changed(file: Path) -> None:
    """A record that several hold must mean the same to all of them; what differs is made anew by `replace`."""
    changed = assigned(file.read_text(encoding="utf-8"))

    assert [name for name in changed if (file.name, name) not in COLLECTING] == []


@pytest.mark.parametrize(
    "line", ["a.b = 1", "a.b += 1", "del a.b", "a.b, c = 1, 2", "setattr(a, 'b', 1)", "x[0].b = 1"]
)
def test_the_check_sees_every_way_to_change_a_record(line: str) -> None:
    """A check that cannot fail checks nothing."""
    assert assigned(line)
