"""`report` through the command: each report in each form, and what it refuses."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from desk import Desk
from openpyxl import load_workbook

from syncagent.cli.reporting import NAMES
from syncagent.core.duties import Report
from syncagent.wiring import now

FORMS = ("text", "csv", "html", "xlsx")
TODAY = now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()


def test_the_command_offers_every_report_there_is() -> None:
    """A report that is made can be asked for by name."""
    assert list(NAMES) == list(Report)


@pytest.mark.parametrize(
    "name", [*NAMES[::3], *(pytest.param(name, marks=pytest.mark.long) for name in NAMES if name not in NAMES[::3])]
)
def test_every_report_in_every_form(desk: Desk, name: str) -> None:
    """Text, CSV and HTML go to stdout or a file, a workbook to a file; the directory is not touched."""
    before = (desk.folder / "directory.ldif").read_bytes()
    for form in FORMS:
        desk.run("report", name, "--format", form, "--out", f"{name}.{form}")

    text, page = ((desk.folder / f"{name}.{form}").read_text(encoding="utf-8") for form in ("text", "html"))
    rows = list(csv.reader(StringIO((desk.folder / f"{name}.csv").read_text(encoding="utf-8-sig"))))
    title = text.splitlines()[0]
    assert f"<h1>{title}</h1>" in page
    if name != "calendar":  # a page of its own
        assert page.count("<tr>") == (len(rows) if len(rows) > 1 else 0)
    book = load_workbook(desk.folder / f"{name}.xlsx")
    assert [["" if cell is None else cell for cell in row] for row in book["Báo cáo"].values] == rows
    assert next(iter(book["Ghi chú"].values)) == (title,)
    assert desk.run("report", name, "--format", "csv").stdout.encode() == (desk.folder / f"{name}.csv").read_bytes()
    assert (desk.folder / "directory.ldif").read_bytes() == before
    assert not list(desk.folder.glob(".*.partial"))


def test_the_public_list(desk: Desk) -> None:
    """Điều 11.5: unit, name and address, in the reader's language; what is closed is not on it."""
    vi = desk.run("report", "addresses", "--format", "csv").stdout
    en = desk.run("--lang", "en", "report", "addresses").stdout

    assert '"Sở Khoa học và Công nghệ","Nguyễn Ngọc Thành","thanhnn.skhcn@ninhbinh.gov.vn"' in vi
    assert "truongmx.snv" not in vi
    assert "Official mail addresses" in en
    assert "Điều 11 khoản 5 (162/2025/QĐ-UBND; NB-41)" in en


def test_no_report_names_a_number_a_birth_date_or_a_telephone(desk: Desk) -> None:
    """Law 11: what the roster knows of people beyond name and unit is in no report."""
    with (desk.folder / "people.csv").open(encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    secrets = {row[name] for row in people for name in ("birth_date", "phone", "contact") if row.get(name)}
    secrets |= {f"{day[8:]}/{day[5:7]}/{day[:4]}" for day in secrets if re.fullmatch(r"\d{4}-\d\d-\d\d", day)}
    shown = "".join(desk.run("report", name, "--format", "csv").stdout for name in NAMES)
    shown += desk.run("report", "review", "--with-last-use").stdout

    assert secrets
    assert [secret for secret in secrets if secret in shown] == []


def test_the_last_use_is_asked_for_by_name(desk: Desk) -> None:
    """Sensitive data: in the review only, and only on request."""
    assert "Dùng lần cuối" not in desk.run("report", "review").stdout
    assert "Dùng lần cuối" in desk.run("report", "review", "--with-last-use").stdout
    desk.run("report", "usage", "--with-last-use", expect=2)


def test_what_is_refused(desk: Desk) -> None:
    """An unknown name lists the reports; a workbook needs a file; a day needs a calendar; a folder must be there."""
    unknown = desk.run("report", "everything", expect=2)
    sheet = desk.run("report", "counts", "--format", "xlsx", expect=2)

    assert [name for name in NAMES if name not in unknown.stderr] == []
    assert "--out" in sheet.stderr
    desk.run("report", "counts", "--format", "xlsx", "--out", "-", expect=2)
    desk.run("report", "counts", "--as-of", "1900-01-01", expect=2)
    for form in FORMS:
        done = desk.run("report", "counts", "--format", form, "--out", "nowhere/file", expect=3)
        assert "nowhere/file" in done.stderr


def test_a_roster_in_doubt_gives_no_report(desk: Desk) -> None:
    """An empty roster would publish an empty list: exit 4, nothing shown."""
    path = desk.folder / "people.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")

    assert not desk.run("report", "addresses", expect=4).stdout


def test_a_report_of_another_day(desk: Desk) -> None:
    """--as-of names the day and the period it lies in, as long as the regulation wants it: in Ninh Bình a year."""
    shown = desk.run("report", "counts", "--as-of", "2027-11-05").stdout

    assert shown.startswith("Số lượng hộp thư, năm 2027, ngày 05/11/2027\n")


# ── periods ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("period", ["2026", "2026-H1", "2026-Q3", "2026-11"])
def test_a_report_of_a_period(desk: Desk, period: str) -> None:
    """Contract §2, `report NAME --period`: a year, a half, a quarter or a month, once it has begun."""
    names = {
        "2026": "năm 2026",
        "2026-H1": "06 tháng đầu năm 2026",
        "2026-Q3": "quý III/2026",
        "2026-11": "tháng 11/2026",
    }
    shown = desk.run("report", "counts", "--period", period, "--as-of", "2026-12-01").stdout

    assert shown.startswith(f"Số lượng hộp thư, {names[period]}, ngày 01/12/2026\n")


def test_a_period_that_makes_no_sense_is_refused(desk: Desk) -> None:
    """What is no period, has not begun, is no year of a calendar, or has no days off known: usage error, no report."""
    for words in (
        ("counts", "--period", "2026-H3"),
        ("counts", "--period", "2027", "--as-of", "2026-12-31"),
        ("calendar", "--period", "2026-Q1"),
        ("calendar", "--period", "2099"),
        ("due", "--period", "2026"),
        ("due", "--as-of", "2026-03-10", "--until", "2026-03-09"),
        ("due", "--as-of", "2026-03-10", "--until", "2099-01-01"),
        ("counts", "--until", "2026-12-31"),
    ):
        refused = desk.run("report", *words, expect=2)
        assert not refused.stdout
        assert "Gõ lệnh chưa đúng" in refused.stderr


def test_what_was_carried_out_is_counted_in_its_period(desk: Desk) -> None:
    """The journal tells what a period did, by the day of the rehearsal: in the quarter before it there is nothing."""
    made = desk.plan(TODAY)
    desk.run("approve", "latest", "--by", "A", "--order", "1/QĐ")
    desk.run("approve", "latest", "--by", "B", "--order", "1/QĐ")
    desk.run("apply", "latest")
    kinds = Counter(action["kind"] for action in made["actions"])

    def total(period: str) -> dict[str, str]:
        rows = _rows(desk, "report", "counts", "--period", period, "--as-of", TODAY)
        return dict(zip(rows[0], rows[-1], strict=True))

    this = total(f"{TODAY[:4]}-{TODAY[5:7]}")
    assert this["Cấp mới trong kỳ"] == str(kinds["create"])
    assert this["Đóng trong kỳ"] == str(kinds["disable"])
    assert this["Xóa trong kỳ"] == str(kinds["delete"])
    assert kinds["create"] > 0
    listed = _rows(desk, "report", "changes", "--period", TODAY[:4], "--as-of", TODAY)[1:]
    assert len(listed) == len(made["actions"])
    assert {row[0] for row in listed} == {f"{TODAY[8:]}/{TODAY[5:7]}/{TODAY[:4]}"}
    assert total(str(int(TODAY[:4]) - 1))["Cấp mới trong kỳ"] == "0"
    assert desk.plan(TODAY)["actions"] == []


# ── what is due ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("as_of", "until", "days"),
    [
        ("2026-12-14", "2026-12-14", ["14/12/2026", "14/12/2026"]),
        ("2026-12-15", "2026-12-30", []),
        ("2026-12-01", "2026-12-13", []),
        ("2026-06-30", "2026-06-30", ["30/06/2026"]),
    ],
)
def test_what_is_due_between_two_days(desk: Desk, as_of: str, until: str, days: list[str]) -> None:
    """NB-42 (Điều 11.7): due to the end of 14 December and not after; the account review by the end of June."""
    rows = _rows(desk, "report", "due", "--as-of", as_of, "--until", until)[1:]

    assert [row[0] for row in rows if "/" in row[0]] == days


def test_the_coming_twelve_months_are_the_default(desk: Desk) -> None:
    """`report due` alone: a year ahead, each row with the command that makes the report."""
    rows = _rows(desk, "report", "due", "--as-of", "2026-03-10")[1:]
    dated = [(row[0], row[6].split(" --format")[0]) for row in rows if "/" in row[0]]

    assert dated == [
        ("30/06/2026", "syncagent report review --period 2026-H1"),
        ("14/12/2026", "syncagent report counts --period 2026"),
        ("14/12/2026", "syncagent report usage --period 2026"),
        ("31/12/2026", "syncagent report review --period 2026-H2"),
    ]


def test_a_report_that_was_made_is_not_asked_for_again(desk: Desk) -> None:
    """`report --out` for the period is remembered; the same to stdout, or for another period, is not."""

    def asked() -> list[str]:
        lines = desk.run("status").stdout.partition("Báo cáo đến hạn:")[2].splitlines()
        return [line.strip() for line in lines if "(NB-42)" in line]

    year = TODAY[:4] if TODAY[5:] < "12-15" else str(int(TODAY[:4]) + 1)
    day = max(TODAY, f"{year}-01-01")
    before = asked()
    desk.run("report", "counts", "--period", year, "--as-of", day)
    desk.run("report", "counts", "--period", f"{year}-01", "--as-of", f"{year}-02-01", "--out", "other.txt")
    assert asked() == before
    desk.run("report", "counts", "--period", year, "--as-of", day, "--out", "counts.txt")

    assert any(
        f"14/12/{year}  Số lượng hộp thư (counts); Tỷ lệ sử dụng hộp thư cá nhân (usage), năm {year}" in line
        for line in before
    )
    assert any(f"14/12/{year}  Tỷ lệ sử dụng hộp thư cá nhân (usage), năm {year}" in line for line in asked())
    made = _rows(desk, "report", "due", "--as-of", f"{year}-12-01")[1:3]
    assert [row[-1] for row in made] == [f"{day[8:]}/{day[5:7]}/{day[:4]}", "chưa"]
    assert "lập báo cáo  Số lượng hộp thư (counts), năm" in desk.run("status").stdout


def test_a_report_of_one_unit_is_that_units_alone(desk: Desk) -> None:
    """NB-41 (Điều 11.5): by any spelling of the unit, its rooms included; it does not stand for the whole report."""
    year = TODAY[:4] if TODAY[5:] < "12-15" else str(int(TODAY[:4]) + 1)
    before = desk.run("status").stdout.partition("Báo cáo đến hạn:")[2].partition("Yêu cầu")[0]

    rows = _rows(desk, "report", "addresses", "--unit", "SNV")[1:]
    desk.run("report", "counts", "--unit", "unit:snv", "--period", year, "--out", "counts.txt", "--as-of",
             max(TODAY, f"{year}-01-01"))  # fmt: skip
    unknown = desk.run("report", "addresses", "--unit", "nowhere", expect=3)
    desk.run("report", "due", "--unit", "snv", expect=2)

    assert {row[0] for row in rows} == {"Sở Nội vụ"}
    assert "snv@ninhbinh.gov.vn" in {row[2] for row in rows}
    assert "Không có đơn vị “nowhere”" in unknown.stderr
    assert f"Số lượng hộp thư, năm {year} – Sở Nội vụ" in (desk.folder / "counts.txt").read_text(encoding="utf-8")
    assert desk.run("status").stdout.partition("Báo cáo đến hạn:")[2].partition("Yêu cầu")[0] == before


def test_a_report_that_was_missed_is_said_to_be_overdue(desk: Desk) -> None:
    """`status`: what was due in the last month and is not made stands first, until it is made."""
    desk.edit("syncagent.yaml", "version: 1\n", "version: 1\naccount_review: month\n")
    last = date.fromisoformat(TODAY).replace(day=1) - timedelta(days=1)
    line = f"  {last:%d/%m/%Y}  QUÁ HẠN, chưa lập: Rà soát tài khoản (review), tháng {last:%m/%Y}"

    assert line in desk.run("status").stdout
    desk.run("report", "review", "--period", f"{last:%Y-%m}", "--as-of", f"{last}", "--out", "review.txt")
    assert line not in desk.run("status").stdout


def test_a_report_that_could_not_be_written_was_not_made(desk: Desk) -> None:
    """The state remembers a report only once its file is there."""
    desk.run("report", "counts", "--out", "nowhere/file", expect=3)

    assert "lập báo cáo" not in desk.run("status").stdout


def test_the_review_is_as_often_as_the_configuration_says(desk: Desk) -> None:
    """`account_review`: by the system's level (TCVN 14423:2026); `none` asks for nothing."""

    def days() -> list[str]:
        rows = _rows(desk, "report", "due", "--as-of", "2026-01-01", "--until", "2026-12-31")
        return [row[0] for row in rows if " review " in row[6]]

    assert days() == ["30/06/2026", "31/12/2026"]
    desk.edit("syncagent.yaml", "version: 1\n", "version: 1\naccount_review: quarter\n")
    assert days() == ["31/03/2026", "30/06/2026", "30/09/2026", "31/12/2026"]
    desk.edit("syncagent.yaml", "account_review: quarter", "account_review: none")
    assert days() == []


# ── the calendar ─────────────────────────────────────────────────────────────


def test_the_calendar_as_a_page_and_as_a_list(desk: Desk) -> None:
    """HTML is a year to print, the other forms list its special days; a doubtful roster does not stop it."""
    (desk.folder / "people.csv").write_text("", encoding="utf-8")
    page = desk.run("report", "calendar", "--period", "2026", "--format", "html").stdout
    rows = _rows(desk, "--lang", "en", "report", "calendar", "--period", "2026")

    assert "<h1>Lịch làm việc năm 2026</h1>" in page
    assert page.count("<caption>") == 12
    assert "12729/VPCP-KGVX ngày 25/12/2025" in page
    assert ["2026-01-10", "Saturday", "make-up day"] in [row[:3] for row in rows]


def _rows(desk: Desk, *words: str) -> list[list[str]]:
    return list(csv.reader(StringIO(desk.run(*words, "--format", "csv").stdout.removeprefix("\ufeff"))))
