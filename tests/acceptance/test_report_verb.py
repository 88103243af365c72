"""`report` through the command: each report in each form, and what it refuses."""

from __future__ import annotations

import csv
import re
from io import StringIO

import pytest
from desk import Desk
from openpyxl import load_workbook

from syncagent.cli.reporting import NAMES
from syncagent.runs.report import Report

FORMS = ("text", "csv", "html", "xlsx")


def test_the_command_offers_every_report_there_is() -> None:
    """A report that is made can be asked for by name."""
    assert list(NAMES) == list(Report)


@pytest.mark.parametrize("name", NAMES)
def test_every_report_in_every_form(desk: Desk, name: str) -> None:
    """Text, CSV and HTML go to stdout or a file, a workbook to a file; the directory is not touched."""
    before = (desk.folder / "directory.ldif").read_bytes()
    for form in FORMS:
        desk.run("report", name, "--format", form, "--out", f"{name}.{form}")

    text, page = ((desk.folder / f"{name}.{form}").read_text(encoding="utf-8") for form in ("text", "html"))
    rows = list(csv.reader(StringIO((desk.folder / f"{name}.csv").read_text(encoding="utf-8-sig"))))
    title = text.splitlines()[0]
    assert f"<h1>{title}</h1>" in page
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
    assert "Điều 11 khoản 5 162/2025/QĐ-UBND (NB-41)" in en


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
    """--as-of names the day, its month and its quarter."""
    shown = desk.run("report", "counts", "--as-of", "2027-11-05").stdout

    assert shown.startswith("Số lượng hộp thư, tháng 11/2027, quý IV/2027, ngày 05/11/2027\n")
