"""A roster in files becomes typed rows; what cannot be understood is a fault of its row, and no number gets out."""

from __future__ import annotations

import hashlib
import os
import traceback
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from rosters import CANONICAL, HEADINGS, UNITS, VIETNAMESE, as_csv, book, package, roster, rows

from syncagent.connectors.roster import cells
from syncagent.core.document import Document
from syncagent.core.finding import Fault, FindingCode
from syncagent.core.person import Event, PersonRow, PersonType, Status
from syncagent.core.request import Request, RequestKind
from syncagent.core.unit import Unit, UnitKind, UnitStatus
from syncagent.core.where import Where
from syncagent.errors import Misconfigured
from syncagent.mapping.columns import read_columns
from syncagent.trust.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from syncagent.connectors.base import RosterSource

NUMBER = "037201001234"
BIRTHDAY = "12/03/1980"
HIDDEN = Pseudonyms(b"k" * 32)
REQUESTS = ["request_id", "received_on", "kind", "subject"]


def _person(folder: Path, **written: str) -> PersonRow:
    """Return the one person of a list with these cells."""
    row = {"person_id": "P1", "full_name": "An", "unit": "skhcn", "status": "working"} | written
    (person,) = roster(folder, [list(row), list(row.values())], pseudonym=HIDDEN.of).read().people
    return person


def _unit(folder: Path, **written: str) -> Unit:
    row = {"unit": "skhcn", "name": "Sở"} | written
    (unit,) = roster(folder, [HEADINGS], units=[list(row), list(row.values())], pseudonym=HIDDEN.of).read().units
    return unit


def _says(faults: tuple[Fault, ...]) -> list[str]:
    return [fault.says.en for fault in faults]


# ── whole rows ───────────────────────────────────────────────────────────────


def test_a_person_with_everything(tmp_path: Path) -> None:
    """Every column of the contract arrives in its place, typed."""
    person = _person(
        tmp_path,
        person_id="VC-0007",
        full_name=" Nguyễn  Ngọc Thành ",
        given_name="Thành",
        birth_date=BIRTHDAY,
        type="official",
        position="Chuyên viên",
        rank="3",
        primary="yes",
        status="Working",
        event="received",
        effective_date="2026-01-15",
        decision_number="12/QĐ-SNV",
        decision_date="10/01/2026",
        signed_by="Giám đốc Sở Nội vụ",
        received_on="2026-01-16 00:00:00",
        phone="0912345678",
        contact="phòng 12",
        agreed_address="thanhnn.skhcn",
        previous_address="thanhnn@namdinh.gov.vn",
    )

    assert person == PersonRow(
        person_id="VC-0007",
        full_name="Nguyễn Ngọc Thành",
        unit="skhcn",
        status=Status.WORKING,
        where=Where("people.csv", 2),
        given_name="Thành",
        birth_date=date(1980, 3, 12),
        type=PersonType.OFFICIAL,
        position="Chuyên viên",
        rank=3,
        primary=True,
        event=Event.RECEIVED,
        effective_date=date(2026, 1, 15),
        document=Document("12/QĐ-SNV", date(2026, 1, 10), "Giám đốc Sở Nội vụ"),
        received_on=date(2026, 1, 16),
        phone="0912345678",
        contact="phòng 12",
        agreed_address="thanhnn.skhcn",
        previous_address="thanhnn@namdinh.gov.vn",
    )


def test_a_person_with_the_least(tmp_path: Path) -> None:
    """Columns that are not there are empty; an empty `primary` is neither yes nor no."""
    assert _person(tmp_path) == PersonRow("P1", "An", "skhcn", Status.WORKING, Where("people.csv", 2))
    assert _person(tmp_path, primary="", rank="", event="", type="", birth_date=" ").faults == ()
    assert _person(tmp_path, primary="").primary is None
    assert _person(tmp_path, primary="no").primary is False


def test_a_unit_with_everything_and_with_the_least(tmp_path: Path) -> None:
    """Every column of units; without a kind it is an agency, without a word of it there is no mailbox."""
    unit = _unit(
        tmp_path,
        unit="ttcds",
        name="Trung tâm",
        abbreviation="ttcdstt",
        suffix="skhcn",
        parent="skhcn",
        kind="department",
        status="merged",
        successor="moi",
        effective_date="01/07/2025",
        decision_number="1/QĐ",
        decision_date="2025-06-30",
        signed_by="UBND tỉnh",
        mailbox="yes",
        mailbox_holder="P7",
        contact="0229",
    )

    assert unit == Unit(
        unit="ttcds",
        name="Trung tâm",
        where=Where("units.csv", 2),
        abbreviation="ttcdstt",
        suffix="skhcn",
        parent="skhcn",
        kind=UnitKind.DEPARTMENT,
        status=UnitStatus.MERGED,
        successor="moi",
        effective_date=date(2025, 7, 1),
        document=Document("1/QĐ", date(2025, 6, 30), "UBND tỉnh"),
        mailbox=True,
        mailbox_holders=("P7",),
        contact="0229",
    )
    assert _unit(tmp_path) == Unit("skhcn", "Sở", Where("units.csv", 2))
    assert _unit(tmp_path, mailbox="", kind="commune").mailbox is False


def test_requests_with_and_without_fault(tmp_path: Path) -> None:
    """A request without fault is returned, the others leave their faults with whom they concern."""
    head = [
        *REQUESTS,
        "channel",
        "from_unit",
        "from_address",
        "value",
        "reason",
        "document_number",
        "document_date",
        "until",
    ]
    good = [
        "R1",
        "10/03/2026",
        "hold",
        "P1",
        "văn bản",
        "skhcn",
        "skhcn@",
        "v",
        "tra",
        "5/SKHCN",
        "09/03/2026",
        "2026-12-31",
    ]
    read = roster(
        tmp_path,
        [HEADINGS],
        requests=[
            head,
            good,
            ["R2", "10/03/2026", "erase", "", *[""] * 8],
            ["", "", "lock", "P2", *[""] * 8],
            ["R4", "10/03/2026", "lock", "P2", *[""] * 7, "31/02/2026"],
        ],
    ).read()

    assert read.requests == (
        Request(
            "R1",
            date(2026, 3, 10),
            RequestKind.HOLD,
            "P1",
            Where("requests.csv", 2),
            "văn bản",
            "skhcn",
            "skhcn@",
            "v",
            "tra",
            "5/SKHCN",
            date(2026, 3, 9),
            date(2026, 12, 31),
        ),
    )
    assert [(name, fault.where.line, fault.code) for name, fault in read.faults] == [
        ("R2", 3, FindingCode.QUARANTINED),
        ("R2", 3, FindingCode.QUARANTINED),
        ("P2", 4, FindingCode.QUARANTINED),
        ("P2", 4, FindingCode.QUARANTINED),
        ("P2", 5, FindingCode.QUARANTINED),
    ]
    assert read.sources["requests"]["rows"] == 4


def test_vietnamese_headings_and_words(tmp_path: Path) -> None:
    """A list as personnel offices write it needs nothing but the name of its column map."""
    people = as_csv(
        [
            [
                "Số hiệu",
                "Họ và tên",
                "Mã đơn vị",
                "Chức vụ",
                "Loại",
                "Trạng thái",
                "Sự kiện",
                "Ngày ký",
                "Vị trí chính",
            ],
            ["01", "Lê Ư", "snv", "Văn thư", "Viên chức", "ĐÃ NGHỈ HƯU", "Nghỉ  hưu", "01/02/2026", "Có"],
        ],
        ";",
    )
    units = [
        ["Mã đơn vị", "Tên đơn vị", "Loại", "Trạng thái", "Có hộp thư"],
        ["snv", "Sở Nội vụ", "Sở", "Đang hoạt động", "x"],
    ]

    read = roster(tmp_path, people, units=units, columns=VIETNAMESE).read()

    (person,), (unit,) = read.people, read.units
    assert (person.person_id, person.type, person.status, person.event, person.primary) == (
        "01",
        PersonType.PUBLIC_EMPLOYEE,
        Status.LEFT,
        Event.RETIRED,
        True,
    )
    assert person.document.signed_on == date(2026, 2, 1)
    assert (unit.kind, unit.status, unit.mailbox) == (UnitKind.AGENCY, UnitStatus.ACTIVE, True)
    assert person.faults == unit.faults == ()


# ── faults of a row ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("status", "", "is empty"),
        ("status", " ", "is empty"),
        ("status", "gone", "unknown value “gone”"),
        ("event", "vanished", "unknown value “vanished”"),
        ("type", "robot", "unknown value “robot”"),
        ("primary", "maybe", "unknown value “maybe”"),
        ("rank", "ba", "whole number"),
        ("rank", "3.5", "whole number"),
        ("rank", "9" * 5000, "whole number"),
        ("full_name", "", "is empty"),
        ("full_name", " \u200b ", "is empty"),
        ("person_id", "", "is empty"),
        ("person_id", "unit:skhcn", "colon"),
        ("person_id", "P\x071", "cannot stand in a key"),
        ("person_id", "P\ufffd", "cannot stand in a key"),
        ("full_name", "Nguy?n Ng?c Th?nh", "in place of Vietnamese letters"),
        ("full_name", "B?i Tr?", "in place of Vietnamese letters"),
        ("decision_number", "135/Q?-SNV", "in place of Vietnamese letters"),
        ("position", "Tr??ng ph?ng", "in place of Vietnamese letters"),
        ("effective_date", "1/2/2026", "dd/mm/yyyy"),
        ("effective_date", "31/02/2026", "dd/mm/yyyy"),
        ("effective_date", "03-14-2026", "dd/mm/yyyy"),
        ("effective_date", "2026-01-15x", "dd/mm/yyyy"),
        ("effective_date", "20260115", "dd/mm/yyyy"),
        ("effective_date", "٢٠٢٦-٠١-١٥", "dd/mm/yyyy"),
        ("effective_date", "01/01/1899", "1900–2200"),
        ("effective_date", "2201-01-01", "1900–2200"),
        ("birth_date", "1980", "dd/mm/yyyy"),
        ("decision_date", "hôm qua", "dd/mm/yyyy"),
        ("received_on", "0000-01-01", "dd/mm/yyyy"),
    ],
)
def test_a_cell_that_cannot_be_understood_is_a_fault_of_its_row(
    tmp_path: Path, column: str, cell: str, says: str
) -> None:
    """The row is kept with one fault that names file, line and column, in both languages."""
    person = _person(tmp_path, **{column: cell})

    (fault,) = person.faults
    assert says in fault.says.en
    assert f"“{column}”" in fault.says.vi
    assert fault.where == Where("people.csv", 2)
    assert fault.code is FindingCode.QUARANTINED


def test_a_single_garbled_name_is_a_fault_of_its_row(tmp_path: Path) -> None:
    """One name of a wrong conversion among others is no reason to refuse the file, nor to write it anywhere."""
    others = [[f"P{number}", "Nguyễn Văn An", "u", "working"] for number in range(9)]

    *good, bad = roster(tmp_path, [HEADINGS, *others, ["P9", "NguyÔn V¨n An", "u", "working"]]).read().people

    assert [fault.code for fault in bad.faults] == [FindingCode.NAME_NOT_CLEAN]
    assert not any(person.faults for person in good)


@pytest.mark.parametrize("key", ["", "unit:skhcn", "P\x071"])
def test_a_row_without_usable_key_gets_one_that_nobody_has(tmp_path: Path, key: str) -> None:
    """Its key is file and line behind a colon, which no real key holds; the same goes for units."""
    assert _person(tmp_path, person_id=key).person_id == "row:people.csv:2"
    assert _unit(tmp_path, unit=key).unit == "row:units.csv:2"
    assert len(_unit(tmp_path, unit=key).faults) == 1


@pytest.mark.parametrize(
    ("column", "cell"),
    [("status", "gone"), ("kind", "planet"), ("mailbox", "maybe"), ("effective_date", "soon"), ("name", "")],
)
def test_faults_of_units(tmp_path: Path, column: str, cell: str) -> None:
    """Units have faults of their own."""
    assert len(_unit(tmp_path, **{column: cell}).faults) == 1


@pytest.mark.parametrize("column", ["status", "event", "rank", "birth_date", "effective_date", "primary", "type"])
@pytest.mark.parametrize("cell", [NUMBER, BIRTHDAY, "1980-03-12", "12.3.1980", f"x {NUMBER}"])
def test_no_fault_repeats_a_date_or_a_number(tmp_path: Path, column: str, cell: str) -> None:
    """A list with shifted columns puts birth dates and numbers anywhere; messages show none of them."""
    person = _person(tmp_path, **{column: cell, "status": cell})

    for fault in person.faults:
        assert not any(part in sentence for part in (cell, "1980", NUMBER) for sentence in fault.says)


def test_a_word_in_a_message_is_short_and_printable(tmp_path: Path) -> None:
    """No message is longer than a line or moves the cursor."""
    (long,) = _says(_person(tmp_path, status="a" * 500).faults)
    (odd,) = _says(_person(tmp_path, status="a\x1b[31m\u202eb").faults)

    assert len(long) < 200
    assert "holds an unknown value;" in odd


def test_errors_of_cells_are_faults_of_their_rows(tmp_path: Path) -> None:
    """An error, a formula without value, a day in a text column, a number in a date column, a shortened number."""
    head = [*HEADINGS, "position", "effective_date", "rank", "note"]
    sheet = rows(
        head,
        ['<c t="e"><v>#N/A</v></c>', "An", "u", "working", "", "", "", '<c t="e"><v>#REF!</v></c>'],
        ["P2", "<c><f>A1</f></c>", "u", "working", "", "", "<c><v>3</v></c>"],
        ["P3", "An", "u", "working", '<c t="d"><v>2026-01-01</v></c>', '<c t="d"><v>2026-01-01</v></c>'],
        ["P4", "An", "u", "working", "<c><v>7</v></c>", "<c><v>45717</v></c>"],
        ["<c><v>37201001234</v></c>", "An", "u", "working"],
        ["<c><v>1201001234</v></c>", "An", "u", "working"],
        ["<c><v>201001234</v></c>", "An", "u", "working"],
    )

    people = roster(tmp_path, package(book(sheet))).read().people

    assert [[fault.says.en.partition(";")[0] for fault in person.faults] for person in people] == [
        ["Column “person_id” shows the error #N/A of Excel."],
        ["Column “full_name” holds a formula without a value"],
        ["Column “position” holds a date that the spreadsheet made of a text"],
        ["Column “effective_date” is not a real date written dd/mm/yyyy or yyyy-mm-dd."],
        ["Column “person_id” holds a number that lost its leading zeros"],
        ["Column “person_id” holds a number that lost its leading zeros"],
        [],
    ]
    assert people[1].rank == 3
    assert people[2].effective_date == date(2026, 1, 1)
    assert people[3].position == "7"
    assert people[6].person_id == "201001234"
    assert "37201001234" not in repr(people)


# ── names ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Nguye\u0302\u0303n Va\u0306n An", "Nguyễn Văn An"),
        ("ÐỖ VĂN ÐÔNG", "ĐỖ VĂN ĐÔNG"),
        ("Lê\u200b Ư", "Lê Ư"),
        ("Lê\u00a0Ư", "Lê Ư"),
    ],
)
def test_a_repaired_name_leaves_a_note(tmp_path: Path, written: str, read: str) -> None:
    """What can be repaired without guessing is repaired and noted; the row stays without fault."""
    person = _person(tmp_path, full_name=written)

    (note,) = person.notes
    assert person.full_name == read
    assert person.faults == ()
    assert note.code is FindingCode.NAME_NOT_CLEAN
    assert f"“{read}”" in note.says.vi
    assert f"“{read}”" in note.says.en


@pytest.mark.parametrize("name", ["Nguyễn Văn An", "An", " Lê  Ư ", "Y Ƀăm Êƀan", "H'Hen Niê", "Nguyễn\ufffdVăn"])
def test_a_name_that_is_clean_or_beyond_repair_leaves_none(tmp_path: Path, name: str) -> None:
    """Blanks are no repair; what nobody can repair is judged at admission."""
    person = _person(tmp_path, full_name=name)

    assert person.notes == person.faults == ()
    assert person.full_name == " ".join(name.split())


# ── text from before Unicode ─────────────────────────────────────────────────

TCVN3 = [
    ["person_id", "Hä tªn", "unit", "Tr¹ng th¸i", "position", "birth_date"],
    ["P1", "nguyÔn v¨n dòng", "u", "§ang lµm viÖc", "Gi¸m ®èc", "01/01/1980"],
    ["P2", "NGUYÔN ThÞ H­¬ng", "u", "NghØ h­u", "V¨n th­", "01/01/1980"],
]
MAP = """
version: 1
name: tcvn3
people:
  headings: {full_name: [Họ tên], status: [Trạng thái]}
  values: {status: {Đang làm việc: working, Nghỉ hưu: left}}
  encoding: tcvn3
"""


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_declared_legacy_text_is_decoded_before_it_is_cleaned(tmp_path: Path, encoding: str) -> None:
    """Headings, words and names alike; the ư of TCVN3 is an invisible character, which cleaning would remove."""
    source = roster(tmp_path, as_csv(TCVN3).encode(encoding), columns=read_columns(MAP, "map.yaml"))

    people = source.read().people

    assert [(p.full_name, p.status, p.position, p.faults, p.notes) for p in people] == [
        ("Nguyễn Văn Dũng", Status.WORKING, "Giám đốc", (), ()),
        ("Nguyễn Thị Hương", Status.LEFT, "Văn thư", (), ()),
    ]


def test_a_sample_shows_what_decoding_does(tmp_path: Path) -> None:
    """A few cells before and after, names as they will stand, nothing of birth dates; nothing if all is Unicode."""
    source = roster(tmp_path, as_csv(TCVN3), columns=read_columns(MAP, "map.yaml"))

    assert source.legacy_sample() == (
        ("nguyÔn v¨n dòng", "Nguyễn Văn Dũng"),
        ("Gi¸m ®èc", "Giám đốc"),
        ("§ang lµm viÖc", "Đang làm việc"),
        ("NGUYÔN ThÞ H­¬ng", "Nguyễn Thị Hương"),
        ("V¨n th­", "Văn thư"),
    )
    assert roster(tmp_path, [HEADINGS]).legacy_sample() == ()


def test_one_column_may_be_declared(tmp_path: Path) -> None:
    """Then the others are Unicode."""
    columns = read_columns("version: 1\nname: x\npeople:\n  encodings: {full_name: vni}\n", "map.yaml")
    people = [[*HEADINGS, "position"], ["P1", "Nguyeãn Vaên Duõng", "u", "working", "Giám đốc"]]

    (person,) = roster(tmp_path, people, columns=columns).read().people

    assert (person.full_name, person.position) == ("Nguyễn Văn Dũng", "Giám đốc")


@pytest.mark.parametrize("name", ["NguyÔn V¨n Dòng", "Nguyeãn Thò Ñaøo"])
@pytest.mark.parametrize("part", ["people", "units"])
def test_undeclared_legacy_text_is_refused(tmp_path: Path, name: str, part: str) -> None:
    """It is valid Unicode, but no names; the message says what to declare."""
    people = [HEADINGS, ["P1", name if part == "people" else "An", "u", "working"]]
    units = [["unit", "name"], ["u", name if part == "units" else "Sở"]]

    with pytest.raises(Misconfigured) as refused:
        roster(tmp_path, people, units=units).read()

    assert f"encoding: tcvn3 | vni under {part}" in refused.value.says.en
    assert refused.value.where == f"{part}.csv"


def test_numbers_need_no_decoding(tmp_path: Path) -> None:
    """A workbook of a declared encoding may hold numbers and days beside its texts."""
    columns = read_columns("version: 1\nname: x\npeople:\n  encoding: vni\n", "map.yaml")
    sheet = rows(HEADINGS, ["<c><v>7</v></c>", "Leâ Ö", '<c t="d"><v>2026-01-01</v></c>', "working"])

    source = roster(tmp_path, package(book(sheet)), columns=columns)

    assert (source.read().people[0].person_id, source.read().people[0].full_name) == ("7", "Lê Ư")
    assert source.legacy_sample() == (("Leâ Ö", "Lê Ư"),)


def test_what_is_remembered_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader forgets now and then; the rows stay the same."""
    people = [HEADINGS, *[[f"P{n}", "An", f"u{n % 3}", "working"] for n in range(50)]]
    before = roster(tmp_path, people).read()

    monkeypatch.setattr(cells, "_REMEMBERED", 2)

    assert roster(tmp_path, people).read().people == before.people


def test_further_forms_of_dates(tmp_path: Path) -> None:
    """A column map may name them."""
    columns = read_columns('version: 1\nname: x\npeople:\n  dates: ["%d.%m.%Y", "%d-%m-%Y"]\n', "map.yaml")
    people = [[*HEADINGS, "effective_date"], *[["P1", "An", "u", "working", day] for day in ("1.3.2026", "01-03-2026")]]

    found = roster(tmp_path, people, columns=columns).read().people

    assert {person.effective_date for person in found} == {date(2026, 3, 1)}


# ── identification numbers ───────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        NUMBER,
        f" {NUMBER} ",
        "037 201 001 234",
        "037.201.001.234",
        "'037201001234",
        "037-201-001234",
        "０３７２０１００１２３４",
    ],
)
def test_a_number_becomes_its_pseudonym_however_it_is_written(tmp_path: Path, written: str) -> None:
    """Blanks, dots, the apostrophe of spreadsheets and wide digits do not make another person of it."""
    assert _person(tmp_path, person_id=written).person_id == HIDDEN.of(NUMBER)
    assert _unit(tmp_path, mailbox_holder=written).mailbox_holders == (HIDDEN.of(NUMBER),)


@pytest.mark.parametrize("number", ["VC-0007", "0372010012345", "3720100123", "A37201001234"])
def test_a_staff_number_is_used_as_it_is(tmp_path: Path, number: str) -> None:
    """Anything but twelve digits is no identification number."""
    assert _person(tmp_path, person_id=number).person_id == number


@pytest.mark.parametrize("number", ["37201001234", "037201001234a", "VC 037201001234"])
def test_what_may_be_an_identification_number_is_no_key(tmp_path: Path, number: str) -> None:
    """Law 11: a number that a spreadsheet robbed of its zero, or that stands inside a text, quarantines its row."""
    row = _person(tmp_path, person_id=number)

    assert len(row.faults) == 1
    assert number not in f"{row!r}"


@pytest.mark.parametrize("column", ["full_name", "unit", "position", "decision_number", "agreed_address"])
def test_an_identification_number_in_another_column_is_not_kept(tmp_path: Path, column: str) -> None:
    """Law 11: such a number belongs into the key only; its row has a fault that does not repeat it."""
    row = _person(tmp_path, **{column: f"Nguyễn {NUMBER} A"})

    assert any("12 digits together" in fault.says.en for fault in row.faults)
    assert NUMBER not in f"{row!r}"


def _reach(value: object) -> Iterator[str]:
    """Yield the text of everything that can be reached from a value."""
    yield repr(value)
    if isinstance(value, dict):
        for item in value.items():
            yield from _reach(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _reach(item)
    else:
        for name in getattr(value, "__slots__", ()):
            yield from _reach(getattr(value, name))


def test_no_number_is_left_in_what_is_read(tmp_path: Path) -> None:
    """Canaries in every column that may hold one are in no object, text or representation afterwards."""
    numbers = [f"03720100{n:04d}" for n in range(6)]
    read = roster(
        tmp_path,
        [[*HEADINGS, "rank"], [numbers[0], "An", "u", "working", ""], [numbers[1], "", "u", numbers[2], numbers[3]]],
        units=[["unit", "name", "mailbox", "mailbox_holder"], ["u", "Sở", numbers[3], numbers[4]]],
        requests=[REQUESTS, ["R1", "10/03/2026", "lock", numbers[5]], ["R2", numbers[0], numbers[1], numbers[2]]],
        pseudonym=HIDDEN.of,
    ).read()

    texts = list(_reach((read.people, read.units, read.requests, read.faults, dict(read.sources), read.digest)))

    assert read.requests[0].subject == HIDDEN.of(numbers[5])
    assert len(texts) > 100
    assert not [text for text in texts if any(number in text for number in numbers)]


@pytest.mark.parametrize(
    ("part", "table"),
    [
        ("people", [HEADINGS, [NUMBER, "An", "u", "working"]]),
        ("units", [["unit", "name", "mailbox_holder"], ["u", "Sở", NUMBER]]),
        ("requests", [REQUESTS, ["R1", "10/03/2026", "lock", NUMBER]]),
    ],
)
def test_without_a_key_a_number_stops_the_reading_unseen(tmp_path: Path, part: str, table: list[list[str]]) -> None:
    """The error says what to set and where it was found; it and what it was raised from hold no digit of it."""
    parts: dict[str, list[list[str]]] = {"people": [HEADINGS], "units": UNITS, "requests": [REQUESTS]} | {part: table}

    with pytest.raises(Misconfigured) as refused:
        roster(tmp_path, parts["people"], units=parts["units"], requests=parts["requests"]).read()

    assert "roster.identity_key" in refused.value.says.vi
    assert refused.value.where == f"{part}.csv:2"
    _assert_unseen(refused.value)


def _assert_unseen(error: BaseException | None) -> None:
    assert error is not None
    assert NUMBER not in "".join(traceback.format_exception(error))
    while error is not None:
        assert NUMBER not in repr(error.args)
        assert NUMBER.encode() not in b"".join(arg for arg in error.args if isinstance(arg, bytes))
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.encode()[:-2],
        lambda text: text.encode() + b"\xff\r\n",
        lambda text: (text + '"x').encode(),
        lambda text: (text + f"{NUMBER}\r\n").encode(),
        lambda text: text.replace("person_id", NUMBER).encode(),
        lambda text: text.replace("An", "A\0n").encode(),
        lambda text: text.encode("utf-16")[:-1],
        lambda _: package(book(f'{rows(HEADINGS)}<row><c t="s"><v>{NUMBER}x</v></c></row>', strings="<si/>")),
        lambda _: package(book(f'{rows(HEADINGS)}<row r="{NUMBER}x"/>')),
        lambda _: package(book(f"{rows(HEADINGS)}<row><c><v>{NUMBER}&{NUMBER};</v></c></row>")),
    ],
)
def test_no_error_of_shape_shows_a_number(tmp_path: Path, damage: object) -> None:
    """Whatever is wrong with the file, neither message nor cause repeats what stands in it."""
    assert callable(damage)
    data = damage(as_csv([HEADINGS, [NUMBER, "An", "u", "working"]]))

    with pytest.raises(Misconfigured) as refused:
        roster(tmp_path, data, pseudonym=HIDDEN.of).read()

    _assert_unseen(refused.value)


# ── the whole ────────────────────────────────────────────────────────────────


def test_the_header_of_what_was_read(tmp_path: Path) -> None:
    """Names without folders, hashes and rows per part; the export is as old as the file of the people."""
    people = [HEADINGS, ["P1", "An", "skhcn", "working"], ["P2", "", "skhcn", "working"]]
    source: RosterSource = roster(tmp_path, people, requests=[REQUESTS])
    for second, name in enumerate(("people", "units", "requests")):
        os.utime(tmp_path / f"{name}.csv", (1_780_000_000 + second,) * 2)

    read = source.read()

    assert read.exported_at == datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)
    assert read.sources == {
        part: {
            "file": f"{part}.csv",
            "sha256": hashlib.sha256((tmp_path / f"{part}.csv").read_bytes()).hexdigest(),
            "rows": count,
        }
        for part, count in (("people", 2), ("units", 1), ("requests", 0))
    }


def test_the_digest_names_the_bytes_of_all_files(tmp_path: Path) -> None:
    """The same bytes, the same digest; another byte anywhere, or bytes moved to another file, another one."""
    people = [HEADINGS, ["P1", "An", "skhcn", "working"]]
    digests = [
        roster(tmp_path, people).read().digest,
        roster(tmp_path, people, requests=[REQUESTS]).read().digest,
        roster(tmp_path, [*people, [""] * 4]).read().digest,
        roster(tmp_path, people, units=[*UNITS, [""] * 3]).read().digest,
    ]

    assert all(digest.startswith("sha256:") for digest in digests)
    assert len(set(digests)) == len(digests)
    assert roster(tmp_path, people).read().digest == digests[0]


def test_one_workbook_may_hold_all_parts(tmp_path: Path) -> None:
    """Each part finds the sheet whose headings fit."""
    data = package(
        book(rows(HEADINGS, ["P1", "An", "u", "working"]), rows(["unit", "name"], ["u", "Sở"]), rows(REQUESTS))
    )

    read = roster(tmp_path, data, units=data, requests=data).read()

    assert (len(read.people), len(read.units), len(read.requests)) == (1, 1, 0)


def test_the_first_broken_file_stops_the_reading(tmp_path: Path) -> None:
    """All files are opened before any is parsed; a missing one is found first."""
    source = roster(tmp_path, "", units=UNITS)
    (tmp_path / "units.csv").unlink()

    with pytest.raises(Misconfigured, match=r"units\.csv"):
        source.read()


def test_columns_nobody_knows_are_passed_over(tmp_path: Path) -> None:
    """They are read by nobody and named nowhere."""
    read = roster(tmp_path, [[*HEADINGS, "salary"], ["P1", "An", "u", "working", "1000000"]], columns=CANONICAL).read()

    assert "1000000" not in repr(read)
    assert "salary" not in repr(read)
