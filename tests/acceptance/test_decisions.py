"""Decisions of people over time: what changed since, what was refused, what is over."""

from __future__ import annotations

from datetime import timedelta

from desk import Desk

from syncagent.wiring import now

TODAY = now().date().isoformat()
LEAVER = "NB000013"
"""The starter's lawful leaver, whose mailbox is due for deletion."""


def _approve(desk: Desk) -> None:
    for by in ("Lê Văn Bình", "Phạm Thị Dung"):
        desk.run("approve", "latest", "--by", by, "--order", "45/SKHCN")


def _lives(desk: Desk, address: str) -> bool:
    return address in (desk.folder / "directory.ldif").read_text(encoding="utf-8")


def test_somebody_who_came_back_since_is_not_deleted(desk: Desk) -> None:
    """NB-28 with domain §4.3: the decision behind a deletion must still stand when it is carried out."""
    action = next(one for one in desk.plan(TODAY)["actions"] if one["kind"] == "delete")
    assert action["person_id"] == LEAVER
    _approve(desk)
    path = desk.folder / "people.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    columns = lines[0].split(",")
    old = dict(zip(columns, next(line for line in lines if line.startswith(LEAVER)).split(","), strict=True))
    back = old | {
        "status": "working",
        "event": "received",
        "effective_date": TODAY,
        "decision_number": "200/QĐ-SNV",
        "decision_date": TODAY,
    }
    path.write_text("\n".join([*lines, ",".join(back[name] for name in columns)]) + "\n", encoding="utf-8")

    done = desk.run("apply", "latest", expect=6)

    assert "đã thay đổi" in done.stderr
    assert _lives(desk, str(action["address"]))
    assert [a["kind"] for a in desk.plan(TODAY)["actions"] if a["person_id"] == LEAVER] == ["restore"]


def test_a_roster_that_became_doubtful_stops_the_apply(desk: Desk) -> None:
    """Law 4: half of the roster is gone since the plan was approved; nothing is written."""
    desk.plan(TODAY)
    _approve(desk)
    before = (desk.folder / "directory.ldif").read_bytes()
    path = desk.folder / "people.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[: len(lines) // 2]) + "\n", encoding="utf-8")

    desk.run("apply", "latest", expect=4)

    assert (desk.folder / "directory.ldif").read_bytes() == before


def test_a_rejected_plan_takes_no_approval(desk: Desk) -> None:
    """A no is final: who approves afterwards is told so at once, not at apply."""
    desk.plan(TODAY)
    desk.run("reject", "latest", "--by", "Phạm Thị Dung", "--reason", "sai danh sách")

    done = desk.run("approve", "latest", "--by", "Lê Văn Bình", "--order", "1", expect=5)

    assert "Phạm Thị Dung" in done.stderr


def test_a_plan_that_is_done_takes_no_approval(desk: Desk) -> None:
    """An approval is good for once."""
    desk.plan(TODAY)
    _approve(desk)
    desk.run("apply", "latest")

    desk.run("approve", "latest", "--by", "Trần Văn Ba", "--order", "1", expect=5)


def test_an_approver_learns_what_still_waits(desk: Desk) -> None:
    """One of two: the deletion needs another person, and the answer says so."""
    desk.plan(TODAY)

    first = desk.run("approve", "latest", "--by", "Lê Văn Bình", "--order", "45/SKHCN").stdout
    second = desk.run("approve", "latest", "--by", "Phạm Thị Dung", "--order", "45/SKHCN").stdout

    assert "1 thao tác còn chờ người duyệt khác" in first
    assert "còn chờ" not in second


def test_only_the_roster_at_hand_can_be_accepted(desk: Desk) -> None:
    """A digest that nobody checked against a file accepts nothing."""
    desk.run("roster", "accept", "sha256:123", "--by", "A", "--reason", "B", expect=5)


def test_a_plan_for_another_day_says_so(desk: Desk) -> None:
    """Contract §6: `--as-of` is a rehearsal; whoever reads or approves it must see that."""
    later = (now().date() + timedelta(days=100)).isoformat()

    shown = desk.run("plan", "--as-of", later).stdout
    page = desk.run("show", "latest", "--format", "html").stdout
    real = desk.run("--lang", "en", "plan").stdout

    assert "NGÀY GIẢ ĐỊNH" in shown
    assert 'class="rehearsal"' in page
    assert "REHEARSAL" not in real


def test_check_names_columns_it_does_not_know(desk: Desk) -> None:
    """A misspelt optional column would silently drop every decision; a title above the headings is explained."""
    desk.edit("people.csv", "decision_number", "decision_numbr")
    assert "“decision_numbr”" in desk.run("check").stdout

    path = desk.folder / "people.csv"
    path.write_text("DANH SÁCH CÁN BỘ\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert "hãy xóa các dòng tên bảng" in desk.run("check", expect=3).stderr


def test_check_reads_the_directory(desk: Desk) -> None:
    """`check` answers whether a plan can be made: a cut export is found before that."""
    assert "15 tài khoản" in desk.run("check").stdout
    path = desk.folder / "directory.ldif"
    path.write_bytes(path.read_bytes()[:-30])

    assert "directory.ldif:" in desk.run("check", expect=3).stderr
