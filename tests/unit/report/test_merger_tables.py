"""The tables of a merger: complete, in both languages, and without anybody's number or birthday."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from merging import merge, merger, old
from openpyxl import load_workbook
from world import TODAY, row

from syncagent.core.collisions import collisions
from syncagent.core.fates import Why
from syncagent.core.inquiry import asked, effort
from syncagent.core.inventory import Flaw, flaws
from syncagent.core.merger import AccountId, Fate, Wave
from syncagent.core.pairing import Likeness
from syncagent.core.questions import HEADINGS, Question
from syncagent.report import as_table, merger_words
from syncagent.report import merger_tables as tables
from syncagent.report.table import Table
from syncagent.text import Text

AN = row("NB1", "Nguyễn Văn An", previous_address="an@hanam.gov.vn an@namdinh.gov.vn")
BA = row("NB3", "Lê Văn Ba", "snv", birth_date=date(1980, 1, 31))
ACCOUNTS = (
    old("hanam", "an@hanam.gov.vn", "An", aliases="a@hanam.gov.vn"), old("namdinh", "an@namdinh.gov.vn"),
    old("hanam", "ba@hanam.gov.vn", "Lê Văn Ba", birth_date="1980-01-31", unit="Sở Nội vụ"),
    old("namdinh", "ba@namdinh.gov.vn", "Ai khác", staff_number="NB3"),
    old("ninhbinh", "snv@ninhbinh.gov.vn", kind="system"), old("hanam", "", "Ai", aliases="x@hanam.gov.vn"),
)  # fmt: skip
WAVES = (Wave(("skhcn",), {Fate.CONVERTED: 2}), Wave(("*",)))
FOUND = merge([AN, BA, row("NB4", "Lê Văn Tư", "snv")], ACCOUNTS, with_merger=merger(*WAVES))
UNITS = FOUND.view.roster.units


def cells(table: Table, language: str = "en") -> list[list[str]]:
    return [[cell.within("en" if language == "en" else "vi") for cell in row_] for row_ in table.rows]


def test_every_code_has_its_words() -> None:
    """A table never shows a code."""
    assert set(merger_words.FATES) == set(Fate)
    assert set(merger_words.REASONS) == set(Why)
    assert set(merger_words.QUESTIONS) == set(Question)
    assert set(merger_words.FLAWS) == set(Flaw)
    assert set(merger_words.LIKENESSES) == set(Likeness)


def test_the_inventory_counts_what_is_known_of_each_system() -> None:
    """Accounts, of units, open, receiving, proved, contested, suggested, unknown; what is protected is no unknown."""
    rows = cells(tables.inventory(FOUND.merger, FOUND.population, FOUND.pairings))

    assert rows == [
        ["hanam", "3", "0", "3", "3", "1", "0", "1", "1", "–"],
        ["namdinh", "2", "0", "2", "2", "1", "1", "0", "0", "–"],
        ["ninhbinh", "1", "1", "1", "1", "0", "0", "0", "0", "–"],
    ]


def test_quality_lists_the_flaws_there_are() -> None:
    """One line for each kind that occurs, a column for each system."""
    wrong = flaws(FOUND.merger, FOUND.population, FOUND.pairings)

    rows = {row_[0]: row_[1:] for row_ in cells(tables.quality(FOUND.merger, wrong))}

    assert rows["no primary address"] == ["1", "0", "0"]
    assert "cannot log in" not in rows


def test_the_matrix_is_symmetric_and_names_every_namespace() -> None:
    """ba@ of two provinces are two people: once in each half; what is wholly the same stands in a list of its own."""
    shared = [old("hanam", f"{n}@hanam.gov.vn", aliases="chung@hanam.gov.vn") for n in "pq"]
    found = merge([AN], [*ACCOUNTS, *shared])
    met = collisions(found.population, found.pairings, found.view)

    rows = cells(tables.matrix(met))
    same = cells(tables.same_addresses(met))

    assert [row_[0] for row_ in rows] == ["hanam", "namdinh", "ninhbinh", "new addresses", "unit names"]
    assert (rows[0][2], rows[1][1], rows[0][1]) == ("1", "1", "1")
    assert [row_[3] for row_ in same if row_[0] == "chung@hanam.gov.vn"] == ["alias", "alias"]
    assert {row_[3] for row_ in same} == {"alias", "–"}


def test_what_is_asked_of_a_unit_can_be_filled_in() -> None:
    """The headings are those that are read back; a suggestion says what agrees, never the birthday itself."""
    questions = [one for one in asked(FOUND.merger, FOUND.fates, FOUND.pairings, FOUND.view) if one.unit == "snv"]
    table = tables.questions(questions, UNITS, "snv")
    central = tables.questions((), UNITS, "", FOUND.merger.crosswalk.waiting())

    assert table.columns == tuple(HEADINGS.values())
    (owner,) = [row_ for row_ in cells(table, "vi") if row_[1] == "ba@hanam.gov.vn"]
    assert owner[5] == "NB3 (100/100: trùng họ tên, trùng ngày sinh, cùng đơn vị)"
    assert owner[6:] == ["", "", ""]
    assert "1980" not in as_table.text(table, "en")
    assert "hanam/13285" in {one[1] for one in cells(central)}
    assert "who runs the mail system" in central.title.en


def test_candidates_are_listed_where_nobody_resembles_the_holder() -> None:
    """Those whose proofs contradict each other; the person themselves where only an address is missing."""
    questions = asked(FOUND.merger, FOUND.fates, FOUND.pairings, FOUND.view)
    hints = {one.about or one.subject: tables.questions([one], UNITS, "").rows[0][5].en for one in questions}

    assert hints["ba@namdinh.gov.vn"] == "NB3"
    assert hints["NB4"] == "NB4"
    assert hints["x@hanam.gov.vn" if "x@hanam.gov.vn" in hints else ""] == ""


def test_efforts_are_in_hours_and_minutes() -> None:
    """Each kind of question, their sum, and the time."""
    rows = cells(tables.efforts(effort(asked(FOUND.merger, FOUND.fates, FOUND.pairings, FOUND.view), {
        "owner": 50, "missing": 20, "contested": 10, "mailbox": 1, "address": 1,
    }), UNITS))  # fmt: skip

    assert rows[0] == ["Sở Nội vụ", "1", "0", "0", "0", "2", "3", "1:30"]


def test_a_wave_lists_everybody_with_the_reason() -> None:
    """Old address, holder, fate, reason, new address, and until when the old one leads there; newcomers after them."""
    rows = cells(tables.wave(FOUND.fates.of_wave(1), 1, FOUND.merger, UNITS))
    second = cells(tables.wave(FOUND.fates.of_wave(2), 2, FOUND.merger, UNITS))

    assert [row_[4] for row_ in rows] == ["converted", "merged into"]
    assert rows[0][1:3] == ["an@hanam.gov.vn", "NB1"]
    assert rows[0][6:] == ["annv.skhcn@ninhbinh.gov.vn", "2026-12-31"]
    assert [row_ for row_ in second if row_[5] == "had no old account"] == [
        ["–", "–", key, "Sở Nội vụ", "newly issued", "had no old account", address, "–"]
        for key, address in (("NB3", "balv.snv@ninhbinh.gov.vn"), ("NB4", "tulv.snv@ninhbinh.gov.vn"))
    ]


def test_counts_stand_beside_the_declared_ones() -> None:
    """All six fates and their sum; without a declaration there is no column for it."""
    wave = FOUND.fates.of_wave(1)

    declared = cells(tables.counts(wave, Text("Đợt", "Wave"), WAVES[0].counts))
    plain = cells(tables.counts(wave, Text("Đợt", "Wave")))

    assert declared[0] == ["converted", "1", "2"]
    assert declared[-1] == ["Total", "2", "2"]
    assert len(plain) == 7
    assert plain[0] == ["converted", "1"]


def test_accounts_that_waves_deleted_are_counted_on() -> None:
    """Nobody leaves the sums: what a wave deleted keeps its one fate."""
    gone = [{"system": "hanam", "wave": 1, "unit": "skhcn", "fate": "converted"}]

    counted = cells(tables.counts(FOUND.fates.of_wave(1), Text("Đợt", "Wave"), gone=gone))
    three = tables.sums(FOUND.fates, FOUND.merger, UNITS, gone)

    assert counted[0] == ["converted", "2"]
    assert [sum(int(row_[-1]) for row_ in cells(table)) for table in three] == [len(ACCOUNTS) + 1] * 3


def test_the_sums_agree_in_all_three_ways() -> None:
    """By system, by wave, by unit: the same accounts each time."""
    three = tables.sums(FOUND.fates, FOUND.merger, UNITS)

    for table in three:
        assert sum(int(row_[-1]) for row_ in cells(table)) == len(ACCOUNTS)
    assert {row_[0] for row_ in cells(three[1])} == {"Wave 1", "Wave 2", "no wave"}
    assert "Sở Khoa học và Công nghệ" in {row_[0] for row_ in cells(three[2])}


def test_the_map_has_a_line_for_every_old_address() -> None:
    """Aliases, too; what does not move leads nowhere yet."""
    rows = {row_[0]: row_[1:] for row_ in cells(tables.on_day_of(tables.address_map(FOUND.fates, FOUND.merger), TODAY))}

    assert rows["a@hanam.gov.vn"] == ["annv.skhcn@ninhbinh.gov.vn", "converted", "hanam", "2026-12-31"]
    assert rows["ba@hanam.gov.vn"] == ["–", "held", "hanam", "–"]
    assert "on 2026-03-10" in tables.on_day_of(tables.address_map(FOUND.fates, FOUND.merger), TODAY).title.en


def test_what_is_open_is_listed_once_each() -> None:
    """Reasons with their numbers, what vanished, systems without an export, accounts of no wave."""
    table = tables.still_open([AccountId("hanam", "x")], ["namdinh"], FOUND.fates)
    rows = dict(cells(table))

    assert rows["known once, and gone"] == "1"
    assert rows["system namdinh is not configured"] == "–"
    assert rows["nobody knows whose it is"] == "2"
    assert int(rows["accounts of no wave"]) >= 1
    assert tables.still_open((), (), merge([AN], ACCOUNTS[:2], with_merger=merger(*WAVES)).fates).rows == ()


def test_units_that_wait_are_shown_with_what_they_may_be() -> None:
    """A district has no candidates, an agency no district above it."""
    rows = {row_[0]: row_ for row_ in cells(tables.open_units(FOUND.merger.crosswalk.waiting()))}

    assert rows["hanam/347"][2:] == ["–", "abolished", "–"]
    assert rows["hanam/13285"][2:] == ["Thành phố Phủ Lý", "divided, to be decided", "Phường Phủ Lý; Phường Hà Nam"]


def test_several_tables_make_one_page_or_one_workbook() -> None:
    """Each with its heading; sheets are numbered and their names are such as a workbook takes."""
    odd = Table(Text("Tên [lạ]: a/b*?", "Odd [name]: a/b*?"), (Text("Cột", "Column"),), ((Text("x", "x"),),), ())
    found = (tables.counts(FOUND.fates, Text("Số", "Numbers")), odd, tables.still_open((), (), FOUND.fates.of_wave(9)))

    page = as_table.pages(Text("Sáp nhập <1>", "Merger <1>"), found, "en")
    book = load_workbook(BytesIO(as_table.workbooks(found, "en")))

    assert page.count("<h2>") == 3
    assert "<h1>Merger &lt;1&gt;</h1>" in page
    assert "Nothing to list." in page
    assert book.sheetnames == ["1 Numbers", "2 Odd  name   a b", "3 What is open"]
    assert book["1 Numbers"]["A2"].value == "converted"
