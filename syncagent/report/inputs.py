"""What a plan was made from, as rows: which file or server, which state of it, how many."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from syncagent.report import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.core.plan import Plan
    from syncagent.text import Language


_HASH = re.compile(r"\b[0-9a-f]{32,}\b")

_UNITS = "units"
_ASIDE = frozenset({_UNITS, "limits", "tools"})  # for whoever checks the signed record; reports say what brakes say


class InputRow(NamedTuple):
    """One source: its place among the inputs, and what is known of it; hashes are cut to twelve digits."""

    path: str
    facts: str


def rows(plan: Plan, language: Language) -> Iterator[InputRow]:
    """Yield one row per source of a plan, in the order they were recorded, the policy last."""
    for name, value in {**plan.inputs, "policy": plan.policy}.items():
        if name in _ASIDE:
            continue
        if isinstance(value, Mapping):
            yield from _sources(value, (name,), language)
        else:
            yield InputRow(words.label(name, language), _said(value, language))


def unit_names(plan: Plan) -> dict[str, str]:
    """Return the names of the units as the plan's header keeps them."""
    found = plan.inputs.get(_UNITS)
    return {str(unit): str(name) for unit, name in found.items()} if isinstance(found, Mapping) else {}


def _sources(part: Mapping[str, object], path: tuple[str, ...], language: Language) -> Iterator[InputRow]:
    facts = {name: value for name, value in part.items() if not isinstance(value, Mapping)}
    if facts:
        listed = ", ".join(f"{words.label(name, language)} {_said(value, language)}" for name, value in facts.items())
        yield InputRow(" › ".join(words.label(name, language) for name in path), listed)
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from _sources(value, (*path, name), language)


def _said(value: object, language: Language) -> str:
    if isinstance(value, bool):
        return words.say("yes" if value else "no", language)
    return _HASH.sub(lambda found: f"{found.group()[:12]}…", str(value))
