"""`check --drift`: a directory is what was applied last, or somebody changed it."""

from __future__ import annotations

from desk import Desk


def test_an_edit_by_hand_is_drift_and_what_the_agent_did_is_none(desk: Desk) -> None:
    """Exit code 0 after an apply; 5 with the entry's name once somebody has changed what the agent had written."""
    desk.run("plan")
    for name in "AB":
        desk.run("approve", "latest", "--by", name, "--order", "1/A")
    desk.run("apply", "latest")
    in_step = desk.run("check", "--drift").stdout
    path = desk.folder / "directory.ldif"
    entries = path.read_text(encoding="utf-8").split("\n\n")
    closed = next(number for number, entry in enumerate(entries) if "userAccountControl: 514" in entry)
    entries[closed] = entries[closed].replace("userAccountControl: 514", "userAccountControl: 512")
    path.write_text("\n\n".join(entries), encoding="utf-8")

    drifted = desk.run("check", "--drift", expect=5).stdout

    assert "0 điều không có bản ghi nào giải thích" in in_step
    assert "userAccountControl" in drifted
