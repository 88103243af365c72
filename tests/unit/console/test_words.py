"""Every sentence of the console exists in both languages, and every name a template says is there."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import syncagent.console.words as said
from syncagent.console.pages.requests import FIELDS
from syncagent.console.words import COUNTED, ROLES, SAYS

_TEMPLATES = Path(said.__file__).parent / "templates"


def test_both_languages_say_the_same_things() -> None:
    """No sentence is empty, and what is filled in stands in both."""
    for text in (*SAYS.values(), *ROLES.values(), *COUNTED.values()):
        assert text.vi
        assert text.en
        named = [{name for _, name, _, _ in Formatter().parse(one) if name} for one in text]
        assert named[0] == named[1], text


def test_templates_say_what_there_is_and_hold_no_script_or_style() -> None:
    """Every `t("…")` is a sentence; nothing is marked safe; no script, no handler, no inline style (the policy)."""
    used = set(FIELDS)
    for path in _TEMPLATES.glob("*.jinja"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r"\bt\(\"([^\"]+)\"", text))
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|\|\s*safe\b|javascript:", text), path

    assert sorted(used - SAYS.keys()) == []
