"""Written requests through the command: recorded, seen by every decision, tracked, answered."""

from __future__ import annotations

import csv
import sqlite3
from email import message_from_bytes
from email.policy import default
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from desk import Desk
from openpyxl import load_workbook

from syncagent.wiring import now

TODAY = now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
PERSON, ADDRESS = "NB000009", "havtt.skhcn@ninhbinh.gov.vn"
"""Somebody of the starter who works and has a mailbox."""
NUMBER = "037065012345"
OFFICE = (
    "office:\n  name: Sở Khoa học và Công nghệ\n  above: Ủy ban nhân dân tỉnh Ninh Bình\n  symbol: SKHCN-CĐS\n"
    "  place: Ninh Bình\n  signer: Giám đốc\n"
)
HEADINGS = (
    "request_id,received_on,channel,from_unit,from_address,kind,subject,value,reason,document_number,document_date,"
    "until"
)


def _add(desk: Desk, *words: str, kind: str = "lock", on: str = TODAY.isoformat(), expect: int = 0) -> str:
    """Record a request by Lê Văn Bình; return everything that was said."""
    options = ["--kind", kind, "--received-on", on, "--by", "Lê Văn Bình"]
    subject = () if "--subject" in words else ("--subject", PERSON)
    done = desk.run("request", "add", *options, *subject, *words, expect=expect)
    return done.stdout + done.stderr


def _rows(desk: Desk, *words: str) -> list[dict[str, str]]:
    """The list of requests as records."""
    shown = desk.run("--lang", "en", "request", "list", "--format", "csv", *words).stdout
    return list(csv.DictReader(StringIO(shown.removeprefix("\ufeff"))))


def _apply(desk: Desk) -> None:
    for by in ("Lê Văn Bình", "Phạm Thị Dung"):
        desk.run("approve", "latest", "--by", by, "--order", "45/SKHCN")
    desk.run("apply", "latest")


def _stored(desk: Desk, table: str) -> list[dict[str, object]]:
    with sqlite3.connect(desk.folder / "syncagent.db") as state:
        state.row_factory = sqlite3.Row
        return [dict(row) for row in state.execute(f"SELECT * FROM {table}")]  # noqa: S608 - two fixed names


def _letters(desk: Desk, *rows: str, name: str = "letters.csv") -> str:
    (desk.folder / name).write_text("\n".join([HEADINGS, *rows]) + "\n", encoding="utf-8")
    return name


# ── from the letter to the answer ────────────────────────────────────────────


def test_a_letter_is_recorded_planned_carried_out_and_answered(desk: Desk) -> None:
    """NB-16, Điều 6.2.b: received, classified, processed, answered in time; each step is seen in the list."""
    with (desk.folder / "syncagent.yaml").open("a", encoding="utf-8") as file:
        file.write(OFFICE)
    before = (desk.folder / "directory.ldif").read_bytes()

    said = _add(
        desk, "--from-unit", "skhcn", "--document-number", "9/CV", "--reason", "lộ mật khẩu", "--channel", "giấy"
    )
    planned = _rows(desk)[-1]
    plan = desk.plan(TODAY.isoformat())
    draft = desk.run("request", "reply", f"YC-{TODAY.year}-0001")

    assert f"YC-{TODAY.year}-0001" in said
    assert "Trả lời trước hết ngày" in said
    assert (planned["Request"], planned["Channel"], planned["Standing"]) == (
        f"YC-{TODAY.year}-0001", "giấy", f"planned: lock {ADDRESS}",
    )  # fmt: skip
    fulfilling = [one for one in plan["actions"] if f"YC-{TODAY.year}-0001" in one["fulfils"]]
    assert [(one["kind"], one["person_id"]) for one in fulfilling] == [("lock", PERSON)]
    assert plan["inputs"]["roster"]["recorded"]["rows"] == 1
    assert "thực hiện sau khi kế hoạch được duyệt" in draft.stdout
    assert "chưa làm xong" in draft.stderr
    assert (desk.folder / "directory.ldif").read_bytes() == before

    _apply(desk)
    done = desk.run("request", "reply", f"YC-{TODAY.year}-0001", "--document-number", "46/SKHCN-CĐS")
    desk.run(
        "request", "reply", f"YC-{TODAY.year}-0001", "--sent", TODAY.isoformat(), "--by", "Văn thư",
        "--document-number", "46/SKHCN-CĐS", "--how", "thư",
    )  # fmt: skip

    assert f"đã tạm khóa hộp thư {ADDRESS}" in done.stdout
    assert done.stderr == ""
    assert [row["Request"] for row in _rows(desk)] == ["YC-0001"]
    answered = next(row for row in _rows(desk, "--all") if row["Request"] != "YC-0001")
    assert answered["Standing"] == f"done: on {TODAY}"
    assert answered["Answer"] == f"answered on {TODAY}, 46/SKHCN-CĐS"
    recorded = {name: _stored(desk, "answers")[0][name] for name in ("sent_on", "by", "how", "document_number")}
    assert recorded == {
        "sent_on": TODAY.isoformat(), "by": "Văn thư", "how": "thư", "document_number": "46/SKHCN-CĐS",
    }  # fmt: skip
    again = desk.run("request", "reply", f"YC-{TODAY.year}-0001")
    assert "đã được trả lời" in again.stderr
    assert desk.plan(TODAY.isoformat())["actions"] == []


def test_the_drafts_are_a_letter_and_a_mail(desk: Desk) -> None:
    """The letter prints, the mail opens as not sent, to whence the request came; neither holds a password."""
    desk.plan(TODAY.isoformat())
    _apply(desk)

    done = desk.run("request", "reply", "YC-0001", "--out", "out")
    html = desk.run("request", "reply", "YC-0001", "--format", "html").stdout
    raw = desk.run("request", "reply", "YC-0001", "--format", "eml").stdout

    assert done.stdout.split() == ["out/YC-0001.html", "out/YC-0001.eml"]
    assert "chưa khai báo office" in done.stderr
    assert (desk.folder / "out/YC-0001.html").read_text(encoding="utf-8") == html
    mail = message_from_bytes((desk.folder / "out/YC-0001.eml").read_bytes(), policy=default)
    assert (mail["To"], mail["X-Unsent"]) == ("skhcn@ninhbinh.gov.vn", "1")
    assert mail["Subject"] == "Trả lời đề nghị cấp mới hộp thư (YC-0001)"
    assert "đã cấp hộp thư mới, địa chỉ lantth.skhcn@ninhbinh.gov.vn" in mail.get_content()
    assert "X-Unsent: 1" in raw
    assert "Văn bản số 15/SKHCN-VP" in html
    assert "bàn giao riêng" in html
    desk.run("request", "reply", "YC-0001", "--out", "people.csv", expect=3)
    english = desk.run("--lang", "en", "request", "reply", "YC-0001").stdout
    assert "a mailbox was issued: lantth.skhcn@ninhbinh.gov.vn" in english


def test_what_reaches_into_an_open_year_says_so(desk: Desk) -> None:
    """Contract §6: a deadline, a forecast and a day of deletion in a year that is not confirmed never come silently."""
    said = [
        _add(desk, "--document-number", "1/CV", on="04/01/2027"),
        _add(desk, "--document-number", "2/CV", on="04/01/2035"),
        desk.run("request", "list", "--all").stdout,
        desk.run("forecast", "--until", "31/01/2027", "--as-of", TODAY.isoformat()).stderr,
        _add(desk, "--document-number", "3/CV", on="09/03/2026"),
    ]

    assert "Lịch nghỉ năm 2027 chưa được xác nhận" in said[0]
    assert "Chưa biết ngày nghỉ lễ năm 2035" in said[1]
    assert "Lịch nghỉ năm 2027 chưa được xác nhận" in said[2]
    assert "Chưa biết ngày nghỉ lễ năm 2035" in said[2]
    assert "Lịch nghỉ năm 2027 chưa được xác nhận" in said[3]
    assert "Lịch nghỉ" not in said[4]


@pytest.mark.parametrize(("number", "name"), [("/12-CV", "12-CV"), ("--x", "x"), ("…", "request")])
def test_no_file_of_a_draft_looks_like_an_option(desk: Desk, number: str, name: str) -> None:
    """A request number may hold anything; the file named after it begins with a letter or a digit."""
    _add(desk, f"--id={number}", "--document-number", "1/CV")

    done = desk.run("request", "reply", "--out", "out", "--", number)

    assert done.stdout.split() == [f"out/{name}.html", f"out/{name}.eml"]


def test_what_is_late_is_listed_and_counted(desk: Desk) -> None:
    """NB-16 over Tết 2026: received on 12/02, due on 24/02; late on 25/02 by one working day, not on the 24th."""
    _add(desk, "--document-number", "1/CV", on="12/02/2026")
    _add(desk, "--document-number", "2/CV", on="2026-02-23")

    on_time = _rows(desk, "--late", "--as-of", "2026-02-24")
    late = _rows(desk, "--late", "--as-of", "2026-02-25")
    sheet = desk.run("request", "list", "--late", "--format", "xlsx", "--out", "late.xlsx")
    status = desk.run("status").stdout

    assert on_time == []
    assert [(row["Letter"], row["Answer by"]) for row in late] == [("1/CV", "2026-02-24")]
    assert late[0]["Answer"] == "not answered; late by 1 working days"
    assert sheet.stdout == ""
    assert len(list(load_workbook(desk.folder / "late.xlsx")["Báo cáo"].values)) == 3
    assert "Yêu cầu chờ trả lời: 3, trong đó quá hạn: 2" in status
    desk.run("request", "list", "--format", "xlsx", expect=2)

    desk.run("request", "reply", f"YC-{TODAY.year}-0001", "--sent", "24/02/2026", "--by", "Văn thư")
    desk.run("request", "reply", f"YC-{TODAY.year}-0002", "--sent", "2026-02-27", "--by", "Văn thư")

    kept, missed = _rows(desk, "--all", "--as-of", "2026-03-02")[:2]
    assert (kept["Answer"], missed["Answer"]) == (
        "answered on 2026-02-24", "answered on 2026-02-27; late by 1 working days",
    )  # fmt: skip
    assert "quá hạn: 0" in desk.run("status").stdout


def test_an_answer_is_recorded_once_and_on_a_day_that_can_be(desk: Desk) -> None:
    """A day before the receipt or after today cannot be right, an answer is not replaced, a number must be known."""
    _add(desk, on=TODAY.isoformat())
    mine = f"YC-{TODAY.year}-0001"

    early = desk.run("request", "reply", mine, "--sent", "2026-01-05", "--by", "A", expect=5)
    desk.run("request", "reply", mine, "--sent", f"{TODAY.year + 1}-01-05", "--by", "A", expect=5)
    unknown = desk.run("request", "reply", "YC-77", "--sent", TODAY.isoformat(), "--by", "A", expect=3)
    desk.run("request", "reply", mine, "--sent", TODAY.isoformat(), "--by", "A", "--how", NUMBER, expect=5)
    desk.run("request", "reply", mine, "--sent", TODAY.isoformat(), "--by", "A")
    twice = desk.run("request", "reply", mine, "--sent", TODAY.isoformat(), "--by", "A", expect=5)
    both = desk.run("request", "reply", mine, "YC-0001", expect=5)

    assert "phải từ ngày nhận" in early.stderr
    assert "YC-77" in unknown.stderr
    assert "đã được trả lời" in twice.stderr
    assert "nhiều nơi gửi" in both.stderr
    assert len(_stored(desk, "answers")) == 1
    assert desk.run("request", "reply", NUMBER, expect=3).stderr.count(NUMBER) == 0


# ── recording ────────────────────────────────────────────────────────────────


def test_an_identification_number_goes_no_further_than_the_keyboard(desk: Desk) -> None:
    """Law 11: a number in the subject is a pseudonym at once, however it is written; anywhere else it is refused."""
    said = [
        _add(desk, "--subject", NUMBER),
        _add(desk, "--subject", "037 065 012 345"),
        _add(desk, "--reason", f"người có số {NUMBER}", expect=5),
        _add(desk, "--reason", "người có số 0370 650 123 45", expect=5),
        _add(desk, "--reason", "người có số ０３７０６５０１２３４５", expect=5),
        _add(desk, "--document-number", NUMBER, expect=5),
        _add(desk, "--id", NUMBER, expect=5),
        desk.run("request", "add", "--kind", "lock", "--subject", "P1", "--received-on", "2026-03-09",
                 "--by", f"A {NUMBER}", expect=5).stderr,
        desk.run("request", "list", "--all").stdout,
    ]  # fmt: skip

    first, second = _stored(desk, "requests")
    assert str(first["subject"]).startswith("id-")
    assert first["subject"] == second["subject"]
    for text in (*said, *(path.read_bytes().decode("latin-1") for path in desk.folder.glob("syncagent.db*"))):
        assert NUMBER not in text
        assert "037 065" not in text
        assert "0370 650" not in text
        assert "０３７０" not in text


def test_numbers_run_on_and_are_used_once(desk: Desk) -> None:
    """A number of the state, of the roster's file or of the past is never given again; the next one is offered."""
    _add(desk, "--id", f"YC-{TODAY.year}-0007")
    taken = [_add(desk, "--id", number, expect=5) for number in (f"YC-{TODAY.year}-0007", "YC-0001")]
    following = _add(desk)

    assert [f"YC-{TODAY.year}-0008" in said for said in taken] == [True, True]
    assert f"YC-{TODAY.year}-0008" in following
    assert len(_stored(desk, "requests")) == 2


def test_who_records_it_and_when_is_kept(desk: Desk) -> None:
    """A letter in the register has a clerk and a moment; everything that was typed stands there."""
    _add(
        desk, "--subject", "skhcn", "--until", "31/12/2026", "--document-date", "2026-03-06", "--document-number",
        "7/CAT", "--from-address", "cat@bca.gov.vn", "--from-unit", "snv", "--reason", "điều tra", "--value", "x",
        kind="hold",
    )  # fmt: skip

    row = _stored(desk, "requests")[0]
    assert str(row.pop("recorded_at")).startswith(str(now().date())[:4])
    assert row == {
        "request_id": f"YC-{TODAY.year}-0001", "received_on": TODAY.isoformat(), "channel": "", "from_unit": "snv",
        "from_address": "cat@bca.gov.vn", "kind": "hold", "subject": "skhcn", "value": "x", "reason": "điều tra",
        "document_number": "7/CAT", "document_date": "2026-03-06", "until": "2026-12-31", "recorded_by": "Lê Văn Bình",
    }  # fmt: skip


def test_a_subject_nobody_knows_is_recorded_and_said(desk: Desk) -> None:
    """The letter came, so it stands in the register; the typo is said at once, and again in the list."""
    assert "không có người" in _add(desk, "--subject", "NB00009")
    assert "không có người" not in _add(desk)
    assert [row["Standing"] for row in _rows(desk) if row["Subject"] == "NB00009"] == ["subject unknown"]


def test_kinds_may_be_written_in_the_words_of_the_column_map(desk: Desk) -> None:
    """Clerks write Vietnamese; a word nobody knows is refused."""
    desk.edit("syncagent.yaml", "columns: canonical", "columns: cbccvc-vi")

    _add(desk, kind="tạm khóa")
    said = _add(desk, kind="xóa sổ", expect=5)

    assert [row["kind"] for row in _stored(desk, "requests")] == ["lock"]
    assert "xóa sổ" in said


def test_a_letter_is_recorded_even_if_the_roster_cannot_be_read(desk: Desk) -> None:
    """A broken export must not keep a request out of the register."""
    (desk.folder / "people.csv").unlink()
    (desk.folder / "requests.csv").unlink()

    assert "Đã ghi yêu cầu" in _add(desk)
    assert "chờ trả lời: 1" in desk.run("status").stdout


def test_an_import_records_everything_or_nothing(desk: Desk) -> None:
    """NB-40, Điều 11.4: the agency's list; one bad row, or one number used for something else, and nothing is kept."""
    good = f"CV1,{TODAY},giấy,skhcn,,lock,{PERSON},,lộ mật khẩu,9/CV,,"
    faulty = _letters(desk, good, f"CV2,31/02/2026,giấy,skhcn,,lock,{PERSON},,,,,")
    desk.run("request", "import", faulty, "--by", "A", expect=3)
    clash = _letters(desk, good, f"YC-0001,{TODAY},giấy,skhcn,,lock,{PERSON},,,,,")
    refused = desk.run("request", "import", clash, "--by", "A", expect=5)
    twice = _letters(desk, good, f"CV1,{TODAY},giấy,skhcn,,unlock,{PERSON},,,,,")
    desk.run("request", "import", twice, "--by", "A", expect=5)
    assert _stored(desk, "requests") == []
    assert "letters.csv:3" in refused.stderr
    assert "YC-0001" in refused.stderr

    first = desk.run("request", "import", _letters(desk, good, good), "--by", "A")
    second = desk.run("request", "import", _letters(desk, good, good.replace("CV1", "CV3")), "--by", "A")
    changed = desk.run("request", "import", _letters(desk, good.replace("9/CV", "10/CV")), "--by", "A", expect=5)

    assert "Đã ghi 1 yêu cầu; 1 dòng đã ghi từ trước" in first.stdout
    assert "Đã ghi 1 yêu cầu; 1 dòng đã ghi từ trước" in second.stdout
    assert "CV1" in changed.stderr
    assert [row["request_id"] for row in _stored(desk, "requests")] == ["CV1", "CV3"]


def test_the_rosters_own_file_moves_into_the_state_without_a_change(desk: Desk) -> None:
    """The same request in file and state is one; without the file, the state decides the same."""
    before = desk.plan(TODAY.isoformat())

    desk.run("request", "import", "requests.csv", "--by", "A")
    both = desk.plan(TODAY.isoformat())
    desk.edit("syncagent.yaml", "  requests: {source: csv, path: requests.csv}\n", "")
    alone = desk.plan(TODAY.isoformat())

    assert any("YC-0001" in action["fulfils"] for action in before["actions"])
    assert before["actions"] == both["actions"]
    for plan in (both, alone):
        assert [a["fulfils"] for a in plan["actions"]] == [a["fulfils"] for a in before["actions"]]
    assert before["digest"] == both["digest"]


def test_one_number_that_says_two_things_does_nothing_with_either(desk: Desk) -> None:
    """Contract §4: a duplicate key; the subject waits in quarantine, and the list says why."""
    desk.run("request", "import", "requests.csv", "--by", "A")
    desk.edit("requests.csv", "15/SKHCN-VP", "16/SKHCN-VP")

    plan = desk.plan(TODAY.isoformat())
    shown = desk.run("request", "list", "--all").stdout

    assert not any("YC-0001" in action["fulfils"] for action in plan["actions"])
    assert [f["subject"] for f in plan["findings"] if f["code"] == "quarantined"] == ["NB000006"]
    assert "request YC-0001: Số yêu cầu “YC-0001” được dùng cho 2 dòng" in shown


# ── every decision sees them ─────────────────────────────────────────────────


def test_a_hold_recorded_after_the_approval_binds(desk: Desk) -> None:
    """Law 3: apply decides again, and reads the state as well as the file."""
    plan = desk.plan(TODAY.isoformat())
    address = next(str(action["address"]) for action in plan["actions"] if action["kind"] == "delete")
    for by in ("Lê Văn Bình", "Phạm Thị Dung"):
        desk.run("approve", "latest", "--by", by, "--order", "45/SKHCN")
    _add(desk, "--subject", address, "--document-number", "77/TTr", kind="hold")

    done = desk.run("apply", "latest", expect=6)

    assert "77/TTr" in done.stderr
    assert address in (desk.folder / "directory.ldif").read_text(encoding="utf-8")


def test_check_explain_forecast_and_compare_see_them(desk: Desk) -> None:
    """One roster for every verb: what was recorded counts wherever something is decided or explained."""
    counted = desk.run("check").stdout
    assert not (desk.folder / "syncagent.db").exists()
    _add(desk, "--document-number", "9/CV", "--reason", "lộ mật khẩu")

    assert "1 yêu cầu" in counted
    assert "2 yêu cầu" in desk.run("check").stdout
    assert "9/CV" in desk.run("explain", PERSON).stdout
    assert ADDRESS in desk.run("forecast", "--until", TODAY.isoformat()).stdout
    compared = desk.run("compare", "--regulation", "ninhbinh-2025", "--regulation", "binhdinh-kkt-2017").stdout
    assert PERSON in compared or "Vũ Thị Thu Hà" in compared


def test_an_acceptance_names_the_recorded_requests_too(desk: Desk) -> None:
    """Contract §2: `roster accept` takes the digest that the refusal names, recorded requests included."""
    desk.plan(TODAY.isoformat())
    _add(desk)
    path = desk.folder / "people.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:2], *lines[8:]]) + "\n", encoding="utf-8")
    refused = desk.run("plan", expect=4)
    digest = next(word for word in refused.stderr.split() if word.startswith("sha256:"))

    desk.run("roster", "accept", digest, "--by", "A", "--reason", "đã kiểm tra")

    desk.plan(TODAY.isoformat())


@pytest.mark.parametrize("verb", ["add", "reply", "import"])
def test_what_is_left_out_is_a_usage_error(desk: Desk, verb: str) -> None:
    """Exit 2 before anything is opened: no state is made."""
    desk.run("request", verb, expect=2)

    assert not (desk.folder / "syncagent.db").exists()
