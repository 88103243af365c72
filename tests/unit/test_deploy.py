"""The scripts for administrators of Windows are PowerShell, as its grammar has it; none of them runs here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tree_sitter_powershell
from servers.exchange_cmdlets import CMDLETS
from tree_sitter import Language, Parser

FOLDER = Path(__file__).parents[2] / "deploy/windows"
SCRIPTS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".ps1", ".psd1"})
POWERSHELL = Parser(Language(tree_sitter_powershell.language()))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_follows_the_grammar(name: str) -> None:
    """Issue 4.3: nothing in it is an error; the same script cut in the middle is one."""
    text = (FOLDER / name).read_bytes()
    cut = text[: text.rindex(b"}")]

    assert not POWERSHELL.parse(text).root_node.has_error
    assert POWERSHELL.parse(cut).root_node.has_error


def test_the_script_knows_every_list_of_rights_and_no_other() -> None:
    """What is granted stands in rights.psd1 alone; a list that nobody reads would be a right that is never given."""
    script, data = (
        (FOLDER / name).read_text(encoding="utf-8") for name in ("Grant-SyncAgentRights.ps1", "rights.psd1")
    )

    used = set(re.findall(r"\$rights\.(\w+)", script))

    assert used == set(re.findall(r"(?m)^    (\w+)\s*=", data))


def test_the_roles_in_exchange_are_the_cmdlets_of_the_script_and_no_others() -> None:
    """Two accounts: what ends a mailbox is for the second one alone; nobody may pass over a hold."""
    data = (FOLDER / "exchange-roles.psd1").read_text(encoding="utf-8")
    everyday, purge, withheld = (
        set(re.findall(r"(?m)^            '([A-Za-z-]+)'$", part)) for part in re.split(r"(?m)^    \w+ += @{", data)[1:]
    )
    ending = {"Disable-Mailbox", "Remove-StoreMailbox", "Update-StoreMailboxState"}

    assert everyday == set(CMDLETS) - ending
    assert ending <= purge <= set(CMDLETS)
    assert not {name for name in purge - ending if not name.startswith("Get-")}
    assert withheld == {"IgnoreLegalHold"}
    assert re.search(r"'Disable-Mailbox' = @\(\s+'IgnoreLegalHold'\s+\)", data)


def test_the_script_for_exchange_knows_every_list_and_no_other() -> None:
    """A list that nobody reads would be a role that is never given."""
    script, data = (
        (FOLDER / name).read_text(encoding="utf-8")
        for name in ("Grant-SyncAgentExchangeRoles.ps1", "exchange-roles.psd1")
    )

    assert set(re.findall(r"\$roles\.(\w+)", script)) == set(re.findall(r"(?m)^    (\w+)\s*= @{", data))
