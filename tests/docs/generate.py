"""Writes the generated part of docs/reference: the JSON Schemas of the files people write, and the closed sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
from pydantic import BaseModel

from syncagent.cli.main import syncagent
from syncagent.core.action import ActionKind
from syncagent.core.finding import FindingCode
from syncagent.mapping.calendar import CalendarFile
from syncagent.mapping.columns import ColumnsFile
from syncagent.mapping.directory import DirectoryFile
from syncagent.mapping.mailbox import MailboxFile
from syncagent.mapping.regulation import RegulationFile
from syncagent.report import words
from syncagent.settings import Settings

from .failures import page as failures
from .manual import page as manual
from .rules import page as rules

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference"

_SCHEMAS: dict[str, type[BaseModel]] = {
    "settings.schema.json": Settings,
    "regulation.schema.json": RegulationFile,
    "directory.schema.json": DirectoryFile,
    "mailbox.schema.json": MailboxFile,
    "columns.schema.json": ColumnsFile,
    "calendar.schema.json": CalendarFile,
}


def _schema(model: type[BaseModel]) -> str:
    return json.dumps(model.model_json_schema(by_alias=True), ensure_ascii=False, indent=2) + "\n"


def _verbs() -> str:
    lines = ["# Verbs", "", "Generated from the command line; `syncagent VERB --help` says the same.", ""]
    for name, command in sorted(_commands(syncagent, "")):
        usage = " ".join(command.collect_usage_pieces(click.Context(command)))
        lines += [f"## `syncagent {name}`", "", (command.help or "").strip(), "", f"`syncagent {name} {usage}`", ""]
        rows = [one for one in command.params if isinstance(one, click.Option) and one.help]
        if rows:
            lines += ["| option | meaning |", "|---|---|"]
            lines += [f"| `{', '.join(option.opts)}` | {option.help} |" for option in rows]
            lines.append("")
    return "\n".join(lines)


def _commands(group: click.Group, prefix: str) -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += _commands(command, f"{prefix}{name} ")
        elif not command.hidden:
            found.append((prefix + name, command))
    return found


def _sets() -> str:
    lines = ["# Actions and findings", "", "Closed sets: a plan holds no others (generated).", ""]
    lines += ["## Actions", "", "| kind | tiếng Việt | English |", "|---|---|---|"]
    lines += [f"| `{kind}` | {words.KINDS[kind].vi} | {words.KINDS[kind].en} |" for kind in ActionKind]
    lines += ["", "## Findings", "", "| code | tiếng Việt | English |", "|---|---|---|"]
    lines += [f"| `{code}` | {words.FINDINGS[code].vi} | {words.FINDINGS[code].en} |" for code in FindingCode]
    return "\n".join([*lines, ""])


PAGES: dict[str, Callable[[], str]] = {
    **{name: partial(_schema, model) for name, model in _SCHEMAS.items()},
    "verbs.md": _verbs,
    "actions-and-findings.md": _sets,
    "rules.md": rules,
    "syncagent.1": lambda: manual(_commands(syncagent, "")),
    "failures.md": failures,
}


def main() -> None:
    """Write every generated page."""
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
