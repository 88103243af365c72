"""The script that runs on the management host: constant, of few cmdlets, and never text that becomes a command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter_powershell
from servers.exchange_cmdlets import CMDLETS
from tree_sitter import Language, Node, Parser

from syncagent.connectors.exchange import document, order
from syncagent.connectors.exchange.order import Operation
from syncagent.connectors.exchange.properties import PROPERTIES, Place

FOLDER = Path(document.__file__).parent
POWERSHELL = Parser(Language(tree_sitter_powershell.language()))
ALLOWED = {
    "ConvertFrom-Json", "ConvertTo-Json", "ConvertTo-SecureString", "Get-Command", "Get-FileHash", "Import-PSSession",
    "Join-Path", "New-Object", "New-PSDrive", "New-PSSession", "New-PSSessionOption", "Remove-PSDrive",
    "Remove-PSSession", "Set-StrictMode",
}  # fmt: skip
WRITES = {
    "Set-Mailbox": "Write-Mailbox", "Set-CASMailbox": "Write-Mailbox", "Enable-Mailbox": "New-MailboxOf",
    "Disable-Mailbox": "Disconnect-Content", "New-MailboxExportRequest": "Invoke-Operation",
    "Remove-StoreMailbox": "Invoke-Operation", "Update-StoreMailboxState": "Invoke-Operation",
}  # fmt: skip
"""Which function alone calls a cmdlet that changes anything."""


def _nodes(name: str, *kinds: str) -> Iterator[Node]:
    waiting = [POWERSHELL.parse((FOLDER / name).read_bytes()).root_node]
    while waiting:
        node = waiting.pop()
        if node.type in kinds:
            yield node
        waiting.extend(node.children)


def _text(node: Node | None) -> str:
    return (node.text or b"").decode() if node else ""


def _inside(node: Node) -> str:
    """Return the name of the function that a node stands in, empty at the top."""
    above = node.parent
    while above and above.type != "function_statement":
        above = above.parent
    return _text(next(child for child in above.children if child.type == "function_name")) if above else ""


def _adds_text(node: Node) -> bool:
    return len(node.children) > 1 and any(_text(side).startswith(("'", '"')) for side in node.children)


@pytest.mark.parametrize("name", ["bootstrap.ps1", "script.ps1"])
def test_it_follows_the_grammar_and_says_nothing_that_is_built(name: str) -> None:
    """No expandable string, no joined one, nothing called by a name in a variable; ASCII, as consoles have it."""
    source = (FOLDER / name).read_text(encoding="utf-8")
    called = [_text(node) for node in _nodes(name, "command_name_expr")]

    assert not POWERSHELL.parse(source.encode()).root_node.has_error
    assert source.replace("─", "").isascii()
    assert not list(_nodes(name, "expandable_string_literal", "expandable_here_string_literal"))
    assert not [node for node in _nodes(name, "additive_expression") if _adds_text(node)]
    assert called == (["([ScriptBlock]::Create($script))"] if name == "bootstrap.ps1" else [])
    for banned in ("Invoke-Expression", "iex ", "Add-PSSnapin", "Invoke-Command", "IgnoreLegalHold", "Start-Process"):
        assert banned.casefold() not in source.casefold()


def test_only_known_cmdlets_are_called() -> None:
    """Functions of its own, a few cmdlets of PowerShell, and those of Exchange that it imports, each once in a list."""
    own = {_text(node) for node in _nodes("script.ps1", "function_name")}
    called = {_text(node) for file in ("bootstrap.ps1", "script.ps1") for node in _nodes(file, "command_name")}

    assert called - own - ALLOWED == set(CMDLETS)
    assert own <= called


def test_each_cmdlet_that_writes_is_called_in_one_place() -> None:
    """What cannot be undone stands where it is expected and nowhere else."""
    places = {
        cmdlet: [_inside(node) for node in _nodes("script.ps1", "command_name") if _text(node) == cmdlet]
        for cmdlet in WRITES
    }

    assert places == {cmdlet: [function] for cmdlet, function in WRITES.items()}
    assert {cmdlet for cmdlet in CMDLETS if not cmdlet.startswith("Get-")} == set(WRITES)


def test_both_sides_know_the_same_operations_and_properties() -> None:
    """What an operation may write stands in the script and in `order.WRITABLE`; they are one list."""
    assigned = {}
    for node in _nodes("script.ps1", "assignment_expression"):
        name = _text(node.children[0])
        if name in {"$protocols", "$listing", "$naming", "$limits", "$delivery", "$creation"}:
            assigned[name] = {_text(leaf).strip("'") for leaf in _leaves(node)}
    clauses = {}
    for node in _nodes("script.ps1", "switch_clause"):
        operation = _text(node.children[0]).strip("'")
        if operation in set(Operation) - {Operation.ENABLE}:
            clauses[operation] = set[str]().union(*(values for name, values in assigned.items() if name in _text(node)))

    assert clauses == {one: order.WRITABLE[one] for one in Operation if one is not Operation.ENABLE}
    assert assigned["$protocols"] == {name for name, known in PROPERTIES.items() if known.place is Place.ACCESS}
    written = set[str]().union(*assigned.values()) - {"PrimarySmtpAddress"}
    assert written == order.WRITABLE[Operation.ENABLE]
    assert written == {name for name, known in PROPERTIES.items() if known.place is not Place.NOWHERE}


def _leaves(node: Node) -> Iterator[Node]:
    if node.type == "verbatim_string_characters":
        yield node
    for child in node.children:
        yield from _leaves(child)


def test_the_command_line_is_short_and_constant() -> None:
    """cmd.exe cuts what is longer than 8,191 characters and says nothing; nothing of a call is in it (event 4688)."""
    line = document.command_line()

    assert len(line) < 4000
    assert line == document.command_line()
    assert line.startswith("powershell.exe -NoProfile -NonInteractive ")
