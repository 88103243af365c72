"""Admission at its bounds: who counts, how many are too many, and which sentence says what is wrong (contract §4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import world

from syncagent.core.admit import admit, admit_marked
from syncagent.core.policy import RosterLimits
from syncagent.core.stamp import State
from syncagent.errors import Doubtful

if TYPE_CHECKING:
    from syncagent.core.account import Account
    from syncagent.core.person import PersonRow

OPENED = date(2026, 2, 16)


def _people(count: int) -> list[PersonRow]:
    return [world.row(f"P{n}", f"Nguyễn Văn {chr(65 + n % 26)}n", line=n + 2) for n in range(count)]


# ── the first roster of a state ──────────────────────────────────────────────


def _first(accounts: list[Account], people: list[PersonRow], percent: float = 5) -> str:
    """What is doubted of a first roster beside these accounts."""
    limits = RosterLimits(shrink_percent=percent)
    try:
        admit_marked(world.rows(people), [world.snapshot(*accounts)], world.EMPTY, limits)
    except Doubtful as doubtful:
        return doubtful.says.en
    return ""


@pytest.mark.parametrize(
    ("missing", "percent", "doubtful"),
    [(1, 5, False), (2, 5, True), (2, 10, False), (3, 10, True), (2, 9.95, True), (20, 100, False)],
)
def test_a_first_roster_may_lack_as_many_as_a_roster_may_lose(missing: int, percent: float, *, doubtful: bool) -> None:
    """Design §5: exactly at the limit nothing happens, one more is doubtful; one person alone never is."""
    accounts = list(world.settled(_people(20))[0])

    assert bool(_first(accounts, _people(20 - missing), percent)) is doubtful


def test_only_people_whose_marked_mailboxes_receive_are_missed() -> None:
    """F2: a mailbox without a mark, one of a unit, and one that was closed say of nobody that they work here."""
    units = tuple(replace(unit, mailbox=True) for unit in world.UNITS if not unit.parent)
    accounts = list(world.settled(_people(4), units=units, today=OPENED)[0])
    mark = world.directory().stamp
    theirs = [one for one in accounts if one.stamp and not one.stamp.key.startswith("P")]
    mine = [world.account(accounts, f"P{number}") for number in range(4)]
    bare = [world.changed(one, **{mark: ""}) for one in mine[:2]]
    shut = [world.restamped(one, state=State.DISABLED) for one in mine[2:]]

    assert len(theirs) > 1
    assert _first([*theirs, *bare, *shut], []) == ""
    assert "lacks 4 of 4 people" in _first([*theirs, *mine], [])


# ── what is said of contradictory rows ───────────────────────────────────────


@pytest.mark.parametrize(
    ("people", "vi", "en"),
    [
        (
            [world.row(), world.row("p1", line=3)],
            "mã chỉ khác nhau chữ hoa, chữ thường.", "keys differ in letter case only.",
        ),
        ([world.row(primary=False)], "không có vị trí chính (primary).", "no post is primary."),
        (
            [world.row(), world.row(unit="snv", line=3)],
            "nhiều dòng cùng ngày hiệu lực mà không rõ vị trí nào là chính.",
            "several rows take effect on one day and none says which post is primary.",
        ),
        (
            [world.leaver(primary=True), world.row(unit="snv", primary=False, line=3)],
            "đã rời vị trí chính nhưng còn vị trí khác đang làm.",
            "left the primary post, but still works in another.",
        ),
    ],
)  # fmt: skip
def test_a_finding_says_in_which_way_rows_contradict_each_other(people: list[PersonRow], vi: str, en: str) -> None:
    """Contract §4: whoever corrects the roster reads what is wrong, as one sentence in each language."""
    [fault] = world.admitted(people).quarantined["P1"]

    assert fault.says.vi.startswith(f"Người P1: {vi} ")
    assert fault.says.en.startswith(f"Person P1: {en} ")


# ── the order of rows in the file means nothing ──────────────────────────────


def test_requests_of_one_day_stand_by_their_number_wherever_their_rows_stand() -> None:
    """Law 2: the same requests in another order are the same roster."""
    letters = [world.request("unlock", "P1", world.TODAY, number) for number in ("R2", "R1", "R3")]

    roster = world.admitted([world.row()], requests=letters)

    assert [letter.request_id for letter in roster.requests] == ["R1", "R2", "R3"]


def test_of_a_row_that_is_repeated_the_upper_one_is_named() -> None:
    """Law 2: whichever row was read first, findings about the person name the same line."""
    upper, lower = world.row(line=2), world.row(line=5)

    for rows in ([upper, lower], [lower, upper]):
        assert world.admitted(rows).people["P1"].current.where.line == 2


def test_of_rows_that_contradict_each_other_the_last_is_named() -> None:
    """Contract §4: the finding leads to the row that was added last, not to one that ruled before."""
    before = world.row(effective_date=OPENED, line=2)
    here, there = (world.row(unit=unit, effective_date=world.TODAY, line=n) for unit, n in (("skhcn", 3), ("snv", 4)))

    [fault] = world.admitted([before, here, there]).quarantined["P1"]

    assert fault.where.line == 4


def test_other_posts_stand_by_unit_and_then_by_line() -> None:
    """Law 2: a sheet that is sorted otherwise names the other posts in the same order."""
    main = world.row(primary=True)
    posts = [("snv", "", 3), ("giaothuy", "Chuyên viên", 5), ("giaothuy", "Phó phòng", 4)]
    others = [world.row(unit=unit, position=position, primary=False, line=line) for unit, position, line in posts]

    person = world.admitted([main, *others]).people["P1"]

    assert [(post.unit, post.where.line) for post in person.others] == [("giaothuy", 4), ("giaothuy", 5), ("snv", 3)]


# ── units that are not there ─────────────────────────────────────────────────


@pytest.mark.parametrize("unit", ["037201001234", "so-1990-5", "5/1990"])
def test_a_unit_that_may_be_a_number_of_a_person_is_not_shown(unit: str) -> None:
    """Law 11: an identity number or a birth date in the wrong column stands in no finding."""
    [fault] = world.admitted([world.row(unit=unit)]).quarantined["P1"]

    assert fault.says.vi == "Đơn vị của P1 không có trong danh sách đơn vị."
    assert fault.says.en == "Unit of P1 is unknown in the list of units."


def test_a_finding_tells_a_unit_that_is_unknown_from_one_that_is_faulty() -> None:
    """Contract §4: the one is corrected in the row of the person, the other in the list of units."""
    circle = tuple(replace(unit, parent="snv") if unit.unit == "snv" else unit for unit in world.UNITS)

    unknown = world.admitted([world.row(unit="không-có")]).quarantined["P1"]
    faulty = world.admitted([world.row(unit="snv")], circle).quarantined["P1"]

    assert [fault.says.vi for fault in unknown] == ["Đơn vị “không-có” của P1 không có trong danh sách đơn vị."]
    assert [fault.says.vi for fault in faulty] == ["Đơn vị “snv” của P1 có lỗi trong danh sách đơn vị."]


# ── how many are too many ────────────────────────────────────────────────────


def test_faults_of_requests_do_not_make_a_roster_of_people_doubtful() -> None:
    """Design §5: the limit is of people with faulty rows; whoever is not in the roster is none of them."""
    letters = [world.request("lock", f"N{number}", world.TODAY) for number in range(30)]

    assert list(world.admitted([world.row()], requests=letters).people) == ["P1"]


def test_a_stale_roster_names_no_faulty_row() -> None:
    """Contract §4: single faults are findings of a plan; only where they are too many they say why there is none."""
    rows = world.rows([world.row(), world.row("P2", unit="không-có", line=3)])
    late = rows.exported_at + timedelta(days=9)

    with pytest.raises(Doubtful) as refused:
        admit(rows, world.EMPTY, RosterLimits(), timedelta(days=3), world.TODAY, late)

    assert "exported 9 days ago" in refused.value.says.en
    assert list(refused.value.also) == []
