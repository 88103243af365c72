"""`init --regulation`: each of the five texts begins with people, units and a directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk

from syncagent.wiring import now

TODAY = now().date().isoformat()

NEWCOMERS = {
    "ninhbinh-2025": "lantth.skhcn@ninhbinh.gov.vn",
    "danang-2017": "lantth@danang.gov.vn",
    "bentre-2016": "tthlan.stttt@bentre.gov.vn",
    "hcmc-quan4-2013": "tthlan.q4@tphcm.gov.vn",
    "binhdinh-kkt-2017": "lantth.kktbinhdinh@binhdinh.gov.vn",
}
"""The address each text builds for Trần Thị Hồng Lan, whose mailbox the starter's letter asks for."""


@pytest.mark.parametrize("regulation", NEWCOMERS)
def test_the_starter_of_every_regulation_has_a_lawful_first_plan(regulation: str, tmp_path: Path) -> None:
    """Contract §2: `init`, `check`, `plan`; nobody is quarantined, and the directory is that of the text."""
    here = Desk(tmp_path)
    here.run("init", "desk", "--regulation", regulation)
    desk = Desk(tmp_path / "desk")

    checked = desk.run("check")
    plan = desk.plan(TODAY)

    assert regulation in checked.stdout
    assert checked.stderr == ""
    assert plan["regulation"] == regulation
    made = {action["person_id"]: action["address"] for action in plan["actions"] if action["kind"] == "create"}
    assert NEWCOMERS[regulation] in made.values()
    codes = {finding["code"] for finding in plan["findings"]}
    assert codes.isdisjoint({"quarantined", "unknown-unit", "ambiguous-match", "missing-from-roster", "not-in-force"})
    assert "below-minimum-quota" not in codes
    assert plan["brakes"]["status"] == "clear"


@pytest.mark.parametrize("regulation", ["danang-2017", "hcmc-quan4-2013"])
def test_a_starter_applied_is_in_step(regulation: str, tmp_path: Path) -> None:
    """Law 1: what the first plan does is all there is to do."""
    here = Desk(tmp_path)
    here.run("init", "desk", "--regulation", regulation)
    desk = Desk(tmp_path / "desk")
    desk.edit("syncagent.yaml", "{delete: two, disable: one, others: one}", "none")
    desk.plan(TODAY)
    desk.run("apply", "latest")

    assert desk.plan(TODAY)["actions"] == []
