"""Holds and two approvers through the command: what was decided between plan and apply counts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from desk import COMMAND, Desk

from syncagent.wiring import now

TODAY = now().date().isoformat()
LEAVER = "NB000013"
"""The starter's lawful leaver, whose mailbox is due for deletion."""

RETIRED = "NB000010"
"""The starter's leaver of today, whose mailbox is closed."""


def _approved(desk: Desk) -> str:
    """Plan, approve twice; return the address of the mailbox to be deleted."""
    plan = desk.plan(TODAY)
    for by in ("Lê Văn Bình", "Phạm Thị Dung"):
        desk.run("approve", "latest", "--by", by, "--order", "45/SKHCN")
    return next(str(action["address"]) for action in plan["actions"] if action["kind"] == "delete")


def _lives(desk: Desk, address: str) -> bool:
    return address in (desk.folder / "directory.ldif").read_text(encoding="utf-8")


def _ask(desk: Desk, line: str) -> None:
    path = desk.folder / "requests.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n{line}\n", encoding="utf-8")


@pytest.mark.parametrize(
    "again",
    [
        "lê  văn bình",
        "Le\u0302 Va\u0306n Bi\u0300nh\u200b",
        *(pytest.param(name, marks=pytest.mark.long) for name in ("Lê Văn Bình", "Lê  Văn Bình", "Lê Văn Bình\u200b")),
    ],
)
def test_one_person_in_two_spellings_is_one_person(desk: Desk, again: str) -> None:
    """Design §4.5: a deletion takes two people; blanks, case and Unicode forms do not make another one."""
    plan = desk.plan(TODAY)
    address = next(str(action["address"]) for action in plan["actions"] if action["kind"] == "delete")
    desk.run("approve", "latest", "--by", "Lê Văn Bình", "--order", "45/SKHCN")
    desk.run("approve", "latest", "--by", again, "--order", "45/SKHCN")

    desk.run("apply", "latest")

    assert _lives(desk, address)


def test_a_name_nobody_can_read_approves_nothing(desk: Desk) -> None:
    """Contract §2: who decides must be readable beside the decision."""
    desk.plan(TODAY)

    desk.run("approve", "latest", "--by", "\u202enA", expect=5)


@pytest.mark.parametrize(
    ("spelled", "held"),
    [
        (LEAVER, True),
        (LEAVER.lower(), True),
        ("snv", True),
        ("truongmx.snv", True),
        ("TRUONGMX.SNV@ninhbinh.gov.vn", True),
        ("skhcn", False),
    ],
)
def test_a_hold_placed_after_the_approval_binds(desk: Desk, spelled: str, *, held: bool) -> None:
    """Law 3: looked at again right before writing, by every name of the account and its units, and no others."""
    address = _approved(desk)
    desk.run("hold", spelled, "--document", "8/TTr-TT", "--by", "Thanh tra")

    done = desk.run("apply", "latest", expect=6)

    assert "8/TTr-TT" in done.stderr
    assert _lives(desk, address) is held


def test_a_hold_asked_for_in_writing_after_the_approval_binds(desk: Desk) -> None:
    """Contract §6: holds are honoured whoever records them."""
    address = _approved(desk)
    _ask(desk, f"YC-90,{TODAY},cv,snv,,hold,{LEAVER},,điều tra,77/TTr,,")

    done = desk.run("apply", "latest", expect=6)

    assert "77/TTr" in done.stderr
    assert _lives(desk, address)


def test_a_faulty_request_after_the_approval_binds(desk: Desk) -> None:
    """Law 13: it could have been a hold; nobody knows until its row is corrected."""
    address = _approved(desk)
    _ask(desk, f"YC-90,31/02/2026,cv,snv,,hold,{LEAVER},,điều tra,77/TTr,,")

    desk.run("apply", "latest", expect=6)

    assert _lives(desk, address)


def test_an_account_that_became_protected_after_the_approval_is_left_alone(desk: Desk) -> None:
    """Design §5: whoever got administrative rights since is not closed by a program."""
    address = _approved(desk)
    path = desk.folder / "directory.ldif"
    records = path.read_text(encoding="utf-8").split("\n\n")
    mine = next(n for n, record in enumerate(records) if f"employeeID: {LEAVER}" in record)
    records[mine] += "\nadminCount: 1"
    path.write_text("\n\n".join(records), encoding="utf-8")

    done = desk.run("apply", "latest", expect=6)

    assert "adminCount=1" in done.stderr
    assert _lives(desk, address)


def test_when_everything_is_held_the_apply_is_refused(desk: Desk) -> None:
    """Contract §2: nothing was written, so it is 5, not 6."""
    plan = desk.plan(TODAY)
    only = next(action["id"] for action in plan["actions"] if action["kind"] == "delete")
    for by in ("Lê Văn Bình", "Phạm Thị Dung"):
        desk.run("approve", "latest", "--by", by, "--order", "45/SKHCN", "--only", only)
    desk.run("hold", LEAVER, "--document", "8/TTr-TT")

    desk.run("apply", "latest", expect=5)


def test_a_hold_on_nobody_is_said_aloud(desk: Desk) -> None:
    """A typo must not pass for protection; an identification number is not repeated, however it is written."""
    typo = desk.run("hold", "NB00013", "--document", "9/CV")
    number = desk.run("hold", "037 065 012 345", "--document", "9/CV")
    right = desk.run("hold", LEAVER, "--document", "9/CV")

    assert "NB00013" in typo.stderr
    assert "chưa ai được giữ" in typo.stderr
    assert "037" not in number.stdout + number.stderr + desk.run("status").stdout
    assert right.stderr == ""
    assert b"037 065" not in (desk.folder / "syncagent.db").read_bytes()


def test_a_hold_on_a_group_is_known_by_its_name(desk: Desk) -> None:
    """Law 3: it keeps the rights the group gives, so whoever places it is not told that there is no such thing."""
    group = "CN=Toan so,OU=Mail,DC=ninhbinh,DC=gov,DC=vn"
    entry = f"dn: {group}\nobjectClass: group\ncn: Toan so\nobjectGUID:: 15K8HwBZLFmurlwDertSqA==\n\n"
    path = desk.folder / "directory.ldif"
    path.write_text(path.read_text(encoding="utf-8") + entry, encoding="utf-8", newline="")

    known = desk.run("hold", group.replace(",", ", "), "--document", "9/CV")
    typo = desk.run("hold", group.replace("Toan so", "Toan xo"), "--document", "9/CV")

    assert known.stderr == ""
    assert "chưa ai được giữ" in typo.stderr


@pytest.mark.parametrize(
    "spelled", ["Toan-So@NinhBinh.gov.vn", "toan so", "CN=Toan so, OU=Mail,DC=ninhbinh,DC=gov,DC=vn"]
)
def test_a_hold_on_a_group_placed_after_the_approval_binds(desk: Desk, spelled: str) -> None:
    """Law 3: what was approved would take a right in the held group, so it waits for another plan, which spares it."""
    path = desk.folder / "directory.ldif"
    text = path.read_text(encoding="utf-8")
    retired = next(record for record in text.split("\n\n") if f"employeeID: {RETIRED}" in record)
    listed = "member" + retired.partition("dn")[2].partition("\nobjectClass")[0]
    group = "CN=Toan so,OU=Mail,DC=ninhbinh,DC=gov,DC=vn"
    entry = f"dn: {group}\nobjectClass: group\ncn: Toan so\nobjectGUID:: 15K8HwBZLFmurlwDertSqA==\n"
    path.write_text(f"{text}{entry}mail: toan-so@ninhbinh.gov.vn\n{listed}\n\n", encoding="utf-8", newline="")
    _approved(desk)

    known = desk.run("hold", spelled, "--document", "8/TTr-TT", "--by", "Thanh tra")
    done = desk.run("apply", "latest", expect=6)
    again = desk.plan(TODAY)

    assert known.stderr == ""
    assert "8/TTr-TT" in done.stderr
    assert listed in path.read_text(encoding="utf-8")
    [left] = [action for action in again["actions"] if action["person_id"] == RETIRED]
    assert group not in [change["dn"] for change in left["changes"]]


def test_a_hold_stands_even_if_the_roster_cannot_be_read(desk: Desk) -> None:
    """A broken file must not keep a legal hold from being recorded."""
    (desk.folder / "people.csv").unlink()

    done = desk.run("hold", LEAVER, "--document", "9/CV")

    assert LEAVER in done.stdout


def test_an_apply_needs_the_roster_to_know_what_is_held(desk: Desk, tmp_path: Path) -> None:
    """Doubt refuses: without the requests nobody knows who is held; nothing is written."""
    address = _approved(desk)
    (desk.folder / "requests.csv").rename(tmp_path / "requests.csv")

    desk.run("apply", "latest", expect=3)

    assert _lives(desk, address)


def test_a_hold_on_nothing_is_refused(desk: Desk) -> None:
    """An empty subject holds nobody."""
    desk.run("hold", "", "--document", "9/CV", expect=5)


def test_the_way_out_of_a_requested_hold_is_a_release_row(desk: Desk) -> None:
    """A message must not name a command that cannot work: what a letter placed, a letter lifts."""
    _ask(desk, f"YC-90,{TODAY},cv,snv,,hold,{LEAVER},,điều tra,77/TTr,,")

    held = [one for one in desk.plan(TODAY)["findings"] if one["code"] == "held"]

    assert "dòng thôi giữ nguyên (release)" in held[0]["message"]["vi"]


def test_an_interrupted_reader_is_no_crash(desk: Desk) -> None:
    """`syncagent status | head -1` ends quietly."""
    shown = subprocess.run(
        ["bash", "-c", f"{COMMAND} --help | head -1; {COMMAND} plan | head -1"],
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in shown.stderr
