"""A merger of three provinces through the command: assess, decide, plan waves, map, certify."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from desk import Desk
from merging import FOLDER
from openpyxl import load_workbook

from syncagent.sample.merging import ThreeProvinces, three_provinces
from syncagent.wiring import now

TODAY = now().date()
COMMUNES = (FOLDER / "communes.csv").read_text(encoding="utf-8")
CONFIG = """\
version: 1
regulation: ninhbinh-2025
roster:
  people: {source: csv, path: people.csv}
  units: {source: csv, path: units.csv}
  identity_key: {file: identity.key}
targets:
  main:
    directory: {kind: ldif, path: new.ldif, schema: active-directory, base: "OU=Mail,DC=ninhbinh,DC=gov,DC=vn"}
approval: none
migration:
  merger: ninhbinh-2025
  aliases_until: 2027-12-31
  legacy:
    hanam: {directory: {kind: csv, path: hanam.csv}, domain: hanam.gov.vn}
    namdinh:
      directory: {kind: ldif, path: namdinh.ldif, schema: zimbra, base: "ou=people,dc=namdinh,dc=gov,dc=vn"}
      domain: namdinh.gov.vn
    ninhbinh:
      directory: {kind: ldif, path: ninhbinh.ldif, schema: openldap, base: "ou=users,dc=ninhbinh,dc=gov,dc=vn"}
      domain: ninhbinh.gov.vn
  waves:
    - {units: [skhcn]}
    - {units: [snv], counts: {converted: 1}}
    - {units: ["*"]}
"""
NEW = """\
dn: OU=Mail,DC=ninhbinh,DC=gov,DC=vn
objectClass: organizationalUnit
OU: Mail

"""


@pytest.fixture
def three() -> ThreeProvinces:
    return three_provinces(30, 7, COMMUNES, TODAY)


@pytest.fixture
def here(tmp_path: Path, three: ThreeProvinces) -> Desk:
    """A folder with three exports, the new roster, an empty new directory, and the configuration of the merger."""
    for name, text in {**three.files(), "syncagent.yaml": CONFIG, "new.ldif": NEW, "identity.key": "ab" * 32}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "identity.key").chmod(0o600)
    return Desk(tmp_path)


def _map(here: Desk) -> dict[str, dict[str, str]]:
    written = here.run("--lang", "en", "migrate", "map", "--format", "csv").stdout.removeprefix("\ufeff")
    return {row["Old address"]: row for row in csv.DictReader(StringIO(written))}


def test_every_planted_account_ends_as_it_must(here: Desk, three: ThreeProvinces) -> None:
    """Exactly one line for each old address, and the fate that the sample says; nobody shares a new address."""
    found = _map(here)

    fates = {"converted": "converted", "merged-into": "merged into", "held": "held", "retired": "retired"}
    fates |= {"excluded": "excluded"}
    wrong = {
        address: (found[address]["Fate"], why)
        for address, (fate, why) in three.ends.items()
        if found[address]["Fate"] != fates[fate]
    }
    assert wrong == {}
    converted = [
        row["New address"] for row in found.values() if row["Fate"] == "converted" and row["Old address"] in three.ends
    ]
    assert len(converted) == len(set(converted))


def test_assess_tells_the_three_provinces_apart(here: Desk, three: ThreeProvinces) -> None:
    """The inventory counts what each export holds; nobody's number or birthday is shown; nothing is recorded."""
    shown = here.run("migrate", "assess").stdout
    page = here.run("migrate", "assess", "--format", "html", "--out", "a.html")
    here.run("migrate", "assess", "--format", "xlsx", "--out", "a.xlsx")

    for system, accounts in three.accounts.items():
        assert re.search(rf"(?m)^{system} +{len(accounts)} ", shown), system
    assert "Ma trận trùng tên" in shown
    assert "hanam/13285" in shown
    assert "hanam/so-van-hoa-the-thao-va-du-lich" in shown
    assert not re.search(r"9990\d{8}", shown)
    html = (here.folder / "a.html").read_text(encoding="utf-8")
    assert html.count("<table>") >= 6
    assert "Sáp nhập theo Nghị quyết 202/2025/QH15" in html
    assert page.stdout == ""
    assert len(load_workbook(here.folder / "a.xlsx").sheetnames) == 8
    assert here.run("audit", "log").stdout == ""


def test_a_unit_gets_its_questions_and_its_answers_are_read_back(here: Desk, three: ThreeProvinces) -> None:
    """The file that was sent out is filled in and imported; the account then belongs to whom the head named."""
    here.run("migrate", "assess", "--per-unit", "out")
    alike, owner = _somebody_alike(three)
    path = next(file for file in sorted((here.folder / "out").glob("*.xlsx")) if _row_of(file, alike))
    book = load_workbook(path)
    sheet = book.worksheets[0]
    line = _row_of(path, alike)
    columns = {cell.value: number for number, cell in enumerate(sheet[1], start=1)}
    hints = sheet.cell(line, columns["Gợi ý"]).value
    for heading, value in (("Trả lời", "thuộc về"), ("Của ai", owner), ("Số văn bản", "5/CV-STC")):
        sheet.cell(line, columns[heading]).value = value
    book.save(path)

    said = here.run("migrate", "decisions", "import", str(path.relative_to(here.folder)), "--by", "Lê Văn Bình").stdout
    again = here.run("migrate", "decisions", "import", str(path.relative_to(here.folder)), "--by", "Lê Văn Bình").stdout

    assert str(hints).startswith(f"{owner} (")
    assert "Đã ghi 1 câu trả lời" in said
    assert "Đã ghi 0 câu trả lời; 1" in again
    assert _map(here)[alike]["Fate"] == "converted"
    (record,) = [json.loads(one) for one in here.run("audit", "log", "--format", "json").stdout.splitlines()]
    assert record["kind"] == "ruling"
    assert (record["facts"]["about"], record["facts"]["subject"], record["facts"]["by"]) == (
        alike,
        owner,
        "Lê Văn Bình",
    )


def _somebody_alike(three: ThreeProvinces) -> tuple[str, str]:
    """An account of Hà Nam that resembles its holder in name and birthday, and that person's key."""
    for old in three.accounts["hanam"]:
        for row in three.people:
            if old.birth and not old.key and (row["full_name"], row["birth_date"]) == (old.name, old.birth):
                return old.address, row["person_id"]
    raise AssertionError("the sample has nobody alike")


def _row_of(path: Path, address: str) -> int:
    rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return next((number for number, row in enumerate(rows, start=1) if row[1] == address), 0)


WRONG = (
    ("hanam,nobody@hanam.gov.vn,retire,,", "hanam has no nobody@hanam.gov.vn"),
    ("hanam,A1,belongs,CB99999,", "the roster has no “CB99999”"),
    ("hanam,hanam/99999,became,skhcn,", "hanam has no hanam/99999"),
    ("hanam,hanam/13285,became,nowhere,", "the roster has no “nowhere”"),
    ("hanam,A2,retire,,001080000001", "personal identification number"),
    ("hanam,A3,retire,,", "answered more than once"),
    ("hanam,A3,hold,,", "answered more than once"),
)
UNREADABLE = (
    ("hanam,A1,belongs,,", "need the column “Whose”"),
    ("hanam,A1,retire,CB00001,", "other answers leave it empty"),
    ("hanam,A1,perhaps,,", "The answer is one of"),
    (",A1,retire,,", "without a system"),
)


@pytest.mark.parametrize("rows", [WRONG, UNREADABLE])
def test_a_wrong_answer_is_named_with_its_line_and_nothing_is_recorded(
    here: Desk, three: ThreeProvinces, rows: tuple[tuple[str, str], ...]
) -> None:
    """All rows of a file, or none: one good answer among them is not recorded either; an empty one is no answer."""
    first, second, third, fourth = (old.address for old in three.accounts["hanam"][:4])
    text = f"system,about,choice,subject,document\nhanam,x,,,\nhanam,{fourth},retire,,\n"
    for row, _ in rows:
        text += row.replace("A1", first).replace("A2", second).replace("A3", third) + "\n"
    (here.folder / "answers.csv").write_text(text, encoding="utf-8")

    told = here.run("--lang", "en", "migrate", "decisions", "import", "answers.csv", expect=3).stderr.splitlines()

    for line, (_, says) in enumerate(rows, start=4):
        assert any(f"answers.csv:{line}:" in one and says in one for one in told), says
    assert not any("answers.csv:3:" in one for one in told)
    assert here.run("audit", "log").stdout == ""


def test_a_divided_commune_is_decided_like_an_account(here: Desk) -> None:
    """What nobody could place belongs to the unit that somebody decided on."""
    (here.folder / "answers.csv").write_text(
        "system,about,choice,subject\nhanam,hanam/13285,trở thành,stc\n", encoding="utf-8"
    )
    before = _map(here)["quangtrung@hanam.gov.vn"]["Fate"]

    here.run("migrate", "decisions", "import", "answers.csv")

    after = _map(here)["quangtrung@hanam.gov.vn"]
    assert (before, after["Fate"], after["New address"]) == ("held", "converted", "stc@ninhbinh.gov.vn")
    assert "hanam/13285" not in here.run("migrate", "assess").stdout


def test_a_wave_is_compared_with_what_was_declared(here: Desk) -> None:
    """A difference is said with both numbers; the addresses of an old system are nobody else's from then on."""
    undeclared = here.run("--lang", "en", "migrate", "plan", "--wave", "1")
    differs = here.run("--lang", "en", "migrate", "plan", "--wave", "2")
    here.run("migrate", "plan", "--wave", "4", expect=3)
    here.run("migrate", "plan", "--wave", "3", "--format", "xlsx", "--out", "3.xlsx")

    assert "declares no numbers" in undeclared.stderr
    assert "declares 1 accounts “converted”, and there are" in differs.stderr
    kinds = [json.loads(one)["kind"] for one in here.run("audit", "log", "--format", "json").stdout.splitlines()]
    assert [kind for kind in kinds if kind != "learn"] == ["merger-plan", "plan"] * 3


def test_an_ordinary_plan_gives_no_old_address_away(here: Desk, three: ThreeProvinces) -> None:
    """After the first wave was planned, the day's plan knows every old address of the old systems as taken."""
    with (here.folder / "people.csv").open("a", encoding="utf-8") as file:
        file.write("CB09999,Nguyễn Văn Quý,,,,skhcn,,,,working,,,,,,,,,,\n")
    mine = next(old for old in three.accounts["ninhbinh"] if old.aliases)
    here.edit("ninhbinh.ldif", f"mailAlias: {mine.aliases[0]}", "mailAlias: quynv.skhcn@ninhbinh.gov.vn")
    here.run("migrate", "plan", "--wave", "1")

    plan = json.loads(here.run("plan", "--format", "json").stdout)

    clashes = [one["subject"] for one in plan["findings"] if one["code"] == "address-clash"]
    assert "CB09999" in clashes
    addresses = Counter(one["address"] for one in plan["actions"])
    assert "quynv.skhcn@ninhbinh.gov.vn" not in addresses
    assert set(addresses.values()) == {1}


def test_what_a_plan_creates_is_what_the_map_says(here: Desk) -> None:
    """One engine: the ordinary plan gives everybody the published address, whichever wave comes first."""
    published = {row["New address"] for row in _map(here).values()} - {"–"}
    here.run("migrate", "plan", "--wave", "1")
    plan = json.loads(here.run("plan", "--format", "json").stdout)
    created = {one["address"] for one in plan["actions"] if one["kind"] == "create"}

    assert published <= created
    first = [one["id"] for one in plan["actions"] if one["unit"].startswith("snv")]
    here.run("approve", "latest", "--by", "A", "--order", "1", *(word for one in first for word in ("--only", one)))
    here.run("apply", "latest")
    assert {row["New address"] for row in _map(here).values()} - {"–"} == published


def test_a_certificate_is_checked_anywhere_and_says_what_is_open(here: Desk, tmp_path: Path) -> None:
    """It holds without the state; one letter changed, and it does not; an account that vanished is told."""
    here.run("migrate", "plan", "--wave", "1")
    here.run("migrate", "certify", "c.json")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    text = (here.folder / "c.json").read_text(encoding="utf-8")
    (elsewhere / "c.json").write_text(text, encoding="utf-8")
    (elsewhere / "spoilt.json").write_text(text.replace("A", "B", 1), encoding="utf-8")
    key = json.loads(text)["public_key"]
    desk = Desk(elsewhere)

    said = desk.run("--lang", "en", "migrate", "verify", "c.json", "--public-key", key).stdout
    desk.run("migrate", "verify", "spoilt.json", expect=5)
    desk.run("migrate", "verify", "c.json", "--public-key", "0" * 63 + "1", expect=5)
    desk.run("migrate", "verify", "c.json", "--public-key", "12", expect=2)
    lines = (here.folder / "hanam.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (here.folder / "hanam.csv").write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")
    gone = here.run("--lang", "en", "migrate", "status").stdout

    assert "the sums agree; not complete" in said
    assert re.search(r"known once, and gone +1", gone)


@pytest.mark.parametrize(
    ("before", "after", "code", "says"),
    [
        ("path: hanam.csv}, domain: hanam.gov.vn", "path: people.csv}, domain: hanam.gov.vn", 3, "address"),
        ("migration:\n  merger", "x-migration:\n  merger", 3, "unknown key"),
    ],
)
def test_what_cannot_be_read_stops_everything(here: Desk, before: str, after: str, code: int, says: str) -> None:
    """A wrong file is no empty province."""
    here.edit("syncagent.yaml", before, after)

    assert says in here.run("--lang", "en", "migrate", "status", expect=code).stderr


def test_an_export_of_another_system_is_doubtful(here: Desk) -> None:
    """None of its addresses is in the domain that the configuration names."""
    text = (here.folder / "hanam.csv").read_text(encoding="utf-8")
    (here.folder / "hanam.csv").write_text(text.replace("@hanam.gov.vn", "@haiphong.gov.vn"), encoding="utf-8")

    done = here.run("--lang", "en", "migrate", "assess", expect=4)

    assert "none of its" in done.stderr


def test_a_province_without_a_merger_is_told_where_to_read(desk: Desk) -> None:
    """The verbs name the section that is missing, and the page."""
    for words in (("assess",), ("status",), ("map",), ("plan", "--wave", "1"), ("certify", "c.json")):
        assert "migration" in desk.run("migrate", *words, expect=3).stderr
