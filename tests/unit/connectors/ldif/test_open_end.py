"""A file without a blank line at its end: read, closed to changes of its last entry, and put right when written."""

from __future__ import annotations

from pathlib import Path

import pytest
import world

from syncagent.connectors.ldif.client import LdifTarget
from syncagent.core.decide import decide
from syncagent.core.ledger import Ledger
from syncagent.core.outcome import Result
from syncagent.errors import Misconfigured
from syncagent.sample.starter import starter


def _target(folder: Path, text: str) -> LdifTarget:
    path = folder / "directory.ldif"
    path.write_text(text, encoding="utf-8", newline="")
    return LdifTarget("main", path, world.directory(), world.BASE, world.ZONE)


@pytest.fixture
def ends_with_an_account() -> str:
    """The starter's directory with an account at its end, and no blank line after it."""
    entries = starter(world.TODAY, world.directory()).ldif().rstrip("\n").split("\n\n")
    accounts = [entry for entry in entries if "objectGUID" in entry and "employeeID: NB000010" in entry]
    return "\n\n".join([*(entry for entry in entries if entry not in accounts), *accounts]) + "\n"


def test_the_last_account_is_left_alone(tmp_path: Path, ends_with_an_account: str) -> None:
    """It may lack lines, so nobody acts on it: a leaver's disabling becomes a finding that says how to go on."""
    snapshot = _target(tmp_path, ends_with_an_account).read()
    plan = decide(world.admitted([world.leaver("NB000010")]), [snapshot], Ledger(), world.policy(), world.TODAY)

    assert [a.kind for a in plan.actions if a.subject == "NB000010"] == []
    found = [f for f in plan.findings if f.subject == "NB000010"]
    assert "blank line" in found[0].message.en


def test_what_is_added_stands_apart(tmp_path: Path, ends_with_an_account: str) -> None:
    """A new entry after an open one gets its own paragraph; both are read back."""
    target = _target(tmp_path, ends_with_an_account)
    before = target.read()
    plan = decide(world.admitted([world.row("NEW", "Trần Thị Hòa")]), [before], Ledger(), world.policy(), world.TODAY)
    made = [action for action in plan.actions if action.subject == "NEW"]

    outcomes = target.carry_out(made, "plan")

    assert [outcome.result for outcome in outcomes] == [Result.DONE]
    after = _target(tmp_path, (tmp_path / "directory.ldif").read_text(encoding="utf-8")).read()
    assert len(after.accounts) == len(before.accounts) + 1
    assert not [account for account in after.accounts if account.protected]


def test_an_open_container_or_group_is_refused(tmp_path: Path, ends_with_an_account: str) -> None:
    """A group that lacks members would leave administrators unprotected: the file is not read."""
    entries = ends_with_an_account.rstrip("\n").split("\n\n")
    groups = [entry for entry in entries if "objectClass: group" in entry]
    text = "\n\n".join([*(entry for entry in entries if entry not in groups), *groups]) + "\n"

    with pytest.raises(Misconfigured, match="blank line"):
        _target(tmp_path, text).read()
