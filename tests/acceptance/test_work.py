"""The main job as a user does it: init, check, plan, approve, apply, in step."""

from __future__ import annotations

import base64
import csv
import json
import os
import re
import sqlite3
import subprocess
import time
import zlib
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from desk import Desk
from openpyxl import Workbook
from ruamel.yaml import YAML

from syncagent.cli.starting import DEMO_DAY
from syncagent.files import shipped_mappings
from syncagent.wiring import now

TODAY = now().date().isoformat()
"""The starter's rows are dated around the day it was written."""


def _approve(desk: Desk) -> None:
    desk.run("approve", "latest", "--by", "Lê Văn Bình", "--order", "45/SKHCN")
    desk.run("approve", "latest", "--by", "Phạm Thị Dung", "--order", "45/SKHCN")


def test_from_nothing_to_in_step(desk: Desk) -> None:
    """Init → check → plan → two approvals → apply; the next plan is empty, and status knows all of it."""
    assert "13 người" in desk.run("check").stdout
    first = desk.plan(TODAY)
    assert {a["kind"] for a in first["actions"]} >= {"create", "disable", "delete", "readdress", "adopt", "lock"}
    _approve(desk)

    applied = desk.run("apply", "latest")

    assert f"{len(first['actions'])} trên {len(first['actions'])}" in applied.stdout
    again = desk.plan(TODAY, "--exit-code")
    assert again["actions"] == []
    shown = desk.run("status").stdout
    assert "Lịch xóa (" in shown
    assert first["plan_id"] in shown
    ended = now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    assert re.search(rf"{ended:%d/%m/%Y} \d\d:\d\d  thực hiện  {first['plan_id']}  đã xong \d+\n", shown)
    assert "actions" not in shown


def test_changes_pending_is_an_exit_code_only_when_asked(desk: Desk) -> None:
    """Contract §2: 0 for a plan with changes, 10 with --exit-code."""
    desk.run("plan", "--as-of", TODAY)

    desk.run("plan", "--as-of", TODAY, "--exit-code", expect=10)


def test_nothing_is_written_without_approval(desk: Desk) -> None:
    """Exit 5, the directory untouched to the byte, and the message names the way out."""
    before = (desk.folder / "directory.ldif").read_bytes()
    desk.run("plan", "--as-of", TODAY)

    refused = desk.run("apply", "latest", expect=5)

    assert "syncagent approve" in refused.stderr
    assert (desk.folder / "directory.ldif").read_bytes() == before


def test_an_approval_says_the_number_of_the_order(desk: Desk) -> None:
    """NB-38, Điều 10.2.c: creation, change and deletion take a written order."""
    desk.run("plan", "--as-of", TODAY)

    refused = desk.run("approve", "latest", "--by", "A", expect=5)

    assert "--order" in refused.stderr


def test_deletion_takes_two_different_people(desk: Desk) -> None:
    """One person approving twice is one person; the rest is carried out, the deletion waits (design §4.5)."""
    plan = desk.plan(TODAY)
    deletion = next(a for a in plan["actions"] if a["kind"] == "delete")
    desk.run("approve", "latest", "--by", "Lê Văn Bình", "--order", "45/SKHCN")
    waits = desk.run("approve", "latest", "--by", "Lê Văn Bình", "--order", "45/SKHCN").stdout

    assert "1 thao tác còn chờ" in waits
    assert waits.index("còn chờ") < waits.index("syncagent apply")
    assert f"({len(plan['actions']) - 1} thao tác)" in waits
    desk.run("apply", "latest")

    assert deletion["account"]["dn"].split(",")[0].split("=")[1] in _names(desk)
    assert "cần 2 người duyệt, mới có 1" in desk.run("status").stdout
    done = desk.run("approve", "latest", "--by", "Phạm Thị Dung", "--order", "45/SKHCN").stdout
    assert "còn chờ" not in done
    assert "(1 thao tác) bằng: syncagent apply" in done
    desk.run("apply", "latest")
    assert deletion["account"]["dn"].split(",")[0].split("=")[1] not in _names(desk)


def _names(desk: Desk) -> set[str]:
    """The names of all entries of the directory."""
    flat = (desk.folder / "directory.ldif").read_text(encoding="utf-8").replace("\n ", "")
    coded = (line.partition(":: ")[2] for line in flat.splitlines() if line.startswith("dn:: "))
    return {base64.b64decode(dn).decode().split(",")[0].partition("=")[2] for dn in coded}


def test_an_approval_is_good_for_once(desk: Desk) -> None:
    """Applying the same plan again is refused (exit 5)."""
    desk.run("plan", "--as-of", TODAY)
    _approve(desk)
    desk.run("apply", "latest")

    assert "một lần" in desk.run("apply", "latest", expect=5).stderr


def test_an_older_plan_is_overtaken(desk: Desk) -> None:
    """Once a newer plan was applied, an older one never is (exit 5)."""
    first = desk.plan(TODAY)
    desk.run("approve", first["plan_id"], "--by", "A", "--order", "1")
    desk.run("plan", "--as-of", TODAY)
    _approve(desk)
    desk.run("apply", "latest")

    assert "mới hơn" in desk.run("apply", first["plan_id"], expect=5).stderr


def test_a_rejected_plan_is_never_applied(desk: Desk) -> None:
    """A no stands, even against a yes (exit 5)."""
    desk.run("plan", "--as-of", TODAY)
    _approve(desk)
    desk.run("reject", "latest", "--by", "Giám đốc", "--reason", "sai đơn vị")

    assert "sai đơn vị" in desk.run("apply", "latest", expect=5).stderr


def test_a_changed_policy_makes_a_plan_stale(desk: Desk) -> None:
    """What was decided under other rules is not carried out (exit 5)."""
    desk.run("plan", "--as-of", TODAY)
    _approve(desk)
    desk.edit("syncagent.yaml", "internal_move: readdress", "internal_move: reissue")

    assert "cấu hình đã thay đổi" in desk.run("apply", "latest", expect=5).stderr


def test_a_stored_plan_that_was_changed_is_refused(desk: Desk) -> None:
    """The digest covers what matters: a byte changed in the state stops approve and apply (exit 5)."""
    desk.run("plan", "--as-of", TODAY)
    with sqlite3.connect(desk.folder / "syncagent.db") as state:
        (packed,) = state.execute("SELECT record FROM plans").fetchone()
        forged = zlib.decompress(packed).replace(b'"kind":"lock"', b'"kind":"delete"', 1)
        state.execute("UPDATE plans SET record = ?", (zlib.compress(forged),))
    state.close()

    assert "thay đổi" in desk.run("approve", "latest", "--by", "A", "--order", "1", expect=5).stderr


def test_part_of_a_plan(desk: Desk) -> None:
    """--except leaves actions out, --only names them; only what was approved is carried out."""
    plan = desk.plan(TODAY)
    lock = next(a["id"] for a in plan["actions"] if a["kind"] == "lock")
    desk.run("approve", "latest", "--by", "A", "--only", lock)
    assert "1 trên 1" in desk.run("apply", "latest").stdout
    desk.run("approve", "latest", "--by", "A", "--order", "1", "--only", "a9999", expect=5)


def test_a_tripped_brake_holds_the_plan_until_its_exact_count_is_accepted(desk: Desk) -> None:
    """Design §5: the plan is shown all the same (exit 0); the way past names the brake and the count."""
    desk.edit(
        "syncagent.yaml",
        "internal_move: readdress",
        "brakes: {disable: {trip: {count: 0, percent: 0}}}\ninternal_move: readdress",
    )
    plan = desk.plan(TODAY)
    assert plan["brakes"]["status"] == "tripped"

    desk.run("approve", "latest", "--by", "A", "--order", "1", expect=5)
    desk.run("approve", "latest", "--by", "A", "--order", "1", "--accept-brake", "disable-count=2", expect=5)
    desk.run("apply", "latest", expect=5)
    desk.run("approve", "latest", "--by", "A", "--order", "1", "--accept-brake", "disable-count=1")
    desk.run("approve", "latest", "--by", "B", "--order", "1", "--accept-brake", "disable-count=1")
    desk.run("apply", "latest")


def test_a_hold_stops_everything_until_it_is_released(desk: Desk) -> None:
    """Law 3: nothing is done to a held person, neither in a new plan nor when it was placed after the approval."""
    plan = desk.plan(TODAY)
    leaver = next(a["person_id"] for a in plan["actions"] if a["kind"] == "disable")
    _approve(desk)
    desk.run("hold", leaver, "--document", "8/TTr-TT")

    late = desk.run("apply", "latest", expect=6)

    assert "8/TTr-TT" in late.stderr
    held = desk.plan(TODAY)
    assert leaver not in {a["person_id"] for a in held["actions"]}
    assert ("held", leaver) in {(f["code"], f["subject"]) for f in held["findings"]}
    desk.run("release", leaver)
    assert [a["kind"] for a in desk.plan(TODAY)["actions"] if a["person_id"] == leaver] == ["disable"]
    desk.run("release", leaver, expect=5)


def test_a_human_edit_between_plan_and_apply_is_not_overwritten(desk: Desk) -> None:
    """Law 10: the changed entry is a conflict (exit 6), everything else is done, the edit stands."""
    plan = desk.plan(TODAY)
    update = next(a for a in plan["actions"] if a["kind"] == "update")
    before = update["changes"][0]["attributes"]["title"]["before"][0]
    shown = base64.b64encode(before.encode()).decode()
    edited = base64.b64encode(b"Sua bang tay").decode()
    _approve(desk)
    text = (desk.folder / "directory.ldif").read_text(encoding="utf-8")
    dn = base64.b64encode(update["account"]["dn"].encode()).decode()
    place = text.replace("\n ", "").index(dn[:40])
    flat = text.replace("\n ", "")
    at = flat.index(shown, place)
    (desk.folder / "directory.ldif").write_text(flat[:at] + edited + flat[at + len(shown) :], encoding="utf-8")

    conflict = desk.run("apply", "latest", expect=6)

    assert "conflict" in conflict.stderr
    assert edited in (desk.folder / "directory.ldif").read_text(encoding="utf-8").replace("\n ", "")
    assert f"{len(plan['actions']) - 1} trên {len(plan['actions'])}" in conflict.stdout


def test_a_second_agent_is_told_to_wait(desk: Desk) -> None:
    """Exit 7 while another process holds the lease; nothing is written."""
    desk.run("plan", "--as-of", TODAY)
    _approve(desk)
    other = sqlite3.connect(desk.folder / "syncagent.db.lease", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    desk.run("apply", "latest", expect=7)

    assert "đang được thực hiện" in desk.run("status").stdout
    other.close()
    desk.run("apply", "latest")


def test_show_finds_a_plan_by_id_prefix_latest_and_file(desk: Desk) -> None:
    """Contract §2; a file that was changed is refused (exit 5), something else is no plan (exit 3)."""
    desk.run("plan", "--as-of", TODAY, "--format", "json", "--out", "plan.json")
    plan = json.loads((desk.folder / "plan.json").read_text(encoding="utf-8"))

    for name in (plan["plan_id"], plan["plan_id"][:-3], "latest", "plan.json"):
        assert json.loads(desk.run("show", name, "--format", "json").stdout)["digest"] == plan["digest"]
    desk.run("show", "99990101", expect=3)
    desk.edit("plan.json", '"kind": "lock"', '"kind": "delete"')
    desk.run("show", "plan.json", expect=5)
    desk.run("show", "people.csv", expect=3)


def test_explain_tells_everything_about_one_subject(desk: Desk) -> None:
    """By key, address, unit and log-in; an unknown name is an error that says so (exit 3)."""
    for name in ("NB000010", "hungpv.skhcn@ninhbinh.gov.vn", "HUNGPV.SKHCN"):
        shown = desk.run("explain", name).stdout
        assert "NB-27, Điều 7 khoản 4" in shown
        assert "135/QĐ-SNV" in shown
    assert "Sở Nội vụ" in desk.run("explain", "snv").stdout
    assert "works here, but" not in desk.run("explain", "NB000001").stdout
    desk.run("explain", "ai-đó", expect=3)


def test_forecast_shows_the_deletion_of_todays_leaver(desk: Desk) -> None:
    """NB-28: disabled today, deleted after three months; nothing is written by looking ahead."""
    before = (desk.folder / "directory.ldif").read_bytes()
    until = (date.fromisoformat(TODAY) + timedelta(days=140)).isoformat()

    shown = desk.run("forecast", "--until", until).stdout

    assert shown.count("xóa") >= 2
    assert (desk.folder / "directory.ldif").read_bytes() == before


def test_both_languages(desk: Desk) -> None:
    """Vietnamese first; --lang en and the configured language give the same facts in English."""
    vietnamese = desk.run("plan", "--as-of", TODAY).stdout
    english = desk.run("--lang", "en", "plan", "--as-of", TODAY).stdout
    desk.edit("syncagent.yaml", "language: vi", "language: en")
    configured = desk.run("show", "latest").stdout

    assert "VIỆC TIẾP THEO" in vietnamese
    assert "NEXT" in english.upper()
    assert "VIỆC TIẾP THEO" not in english + configured
    assert "No plan is called" in desk.run("show", "zzz", expect=3).stderr


def test_init_never_overwrites(desk: Desk) -> None:
    """A folder that holds anything of ours is left alone (exit 5)."""
    desk.run("init", ".", expect=5)
    desk.run("demo", "--dir", ".", expect=5)


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_every_form_goes_to_a_file_whole(desk: Desk, form: str) -> None:
    """--out writes the same as stdout would show, and leaves no partial file."""
    desk.run("plan", "--as-of", TODAY)
    desk.run("show", "latest", "--format", form, "--out", f"out.{form}")

    assert (desk.folder / f"out.{form}").read_text(encoding="utf-8") == desk.run(
        "show", "latest", "--format", form
    ).stdout
    assert not [path for path in desk.folder.iterdir() if path.name.startswith(".out")]
    desk.run("show", "latest", "--out", "no/such/folder/x", expect=3)


def test_demo_runs_the_main_job_and_is_in_step(tmp_path: Path) -> None:
    """`make demo`: plan → report → apply → plan again, now empty, and it may be run again."""
    desk = Desk(tmp_path)
    for _ in range(2):
        started = time.monotonic()
        shown = desk.run("demo", "--size", "400").stdout
        assert "Lập kế hoạch lần nữa: 0 thao tác" in shown
        assert time.monotonic() - started < 60
    report = tmp_path / "syncagent-demo" / "report.html"
    assert f"Kế hoạch ngày {DEMO_DAY:%d/%m/%Y}" in report.read_text(encoding="utf-8")


def _as_vietnamese_workbook(desk: Desk, name: str, part: str) -> None:
    """Turn a CSV of the desk into XLSX with the first Vietnamese heading of each column, dates as dates."""
    columns = YAML(typ="safe").load(shipped_mappings() / "rosters" / "cbccvc-vi.yaml")[part]["headings"]
    with (desk.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách")
    sheet.append([columns[column][0] if column in columns else column for column in head])
    for row in rows:
        sheet.append([date.fromisoformat(cell) if re.fullmatch(r"\d{4}-\d\d-\d\d", cell) else cell for cell in row])
    book.save(desk.folder / f"{name}.xlsx")
    desk.edit("syncagent.yaml", f"{{source: csv, path: {name}.csv}}", f"{{source: xlsx, path: {name}.xlsx}}")


def test_a_workbook_with_vietnamese_headings_decides_the_same(desk: Desk) -> None:
    """XLSX through the shipped column map gives the very plan that CSV gave: the digest is equal."""
    from_csv = desk.plan(TODAY)
    for name in ("people", "units", "requests"):
        _as_vietnamese_workbook(desk, name, name)
    desk.edit("syncagent.yaml", "columns: canonical", "columns: cbccvc-vi")

    from_xlsx = desk.plan(TODAY)

    assert from_xlsx["digest"] == from_csv["digest"]
    assert from_xlsx["actions"]


def test_the_order_of_rows_does_not_change_the_digest(desk: Desk) -> None:
    """Law 2, through files: rows shuffled, same digest; another file hash in the header."""
    first = desk.plan(TODAY)
    for name in ("people.csv", "units.csv"):
        head, *rows = (desk.folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (desk.folder / name).write_text("".join([head, *reversed(rows)]), encoding="utf-8")

    again = desk.plan(TODAY)

    assert again["digest"] == first["digest"]
    assert again["inputs"]["roster"] != first["inputs"]["roster"]


def test_an_openldap_directory(desk: Desk) -> None:
    """The same rosters against an OpenLDAP tree: created with uid names, locked by ppolicy, in step afterwards."""
    suffix = "dc=ninhbinh,dc=gov,dc=vn"
    (desk.folder / "directory.ldif").write_text(
        f"dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: ninhbinh\no: Ninh Binh\n\n"
        f"dn: ou=users,{suffix}\nobjectClass: organizationalUnit\nou: users\n\n",
        encoding="utf-8",
    )
    desk.edit("syncagent.yaml", "schema: active-directory", "schema: openldap")
    desk.edit("syncagent.yaml", '"OU=Mail,DC=ninhbinh,DC=gov,DC=vn"', f'"ou=users,{suffix}"')
    plan = desk.plan(TODAY)
    _approve(desk)

    desk.run("apply", "latest")

    assert {action["kind"] for action in plan["actions"]} == {"create"}
    text = (desk.folder / "directory.ldif").read_text(encoding="utf-8")
    assert "uid: anhhd.snv\n" in text
    assert "mailAccess: PERMIT\n" in text
    assert desk.plan(TODAY)["actions"] == []


def test_a_device_stays_a_device(desk: Desk) -> None:
    """Whoever writes to /dev/null, as root too, finds it there afterwards; a pipe is written to, never replaced."""
    pipe = desk.folder / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        desk.run("plan", "--as-of", TODAY, "--out", "pipe")
        shown = reader.stdout.read() if reader.stdout else b""

    assert "THAO TÁC" in shown.decode()
    assert pipe.is_fifo()
