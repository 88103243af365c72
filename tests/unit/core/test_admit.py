"""Admission: a faulty row quarantines its person, a doubtful population stops the run (contract §4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import world
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.account import Account
from syncagent.core.admit import admit, admit_marked, admit_snapshots
from syncagent.core.finding import Fault, FindingCode, Severity
from syncagent.core.ledger import NOT_OURS, Baseline, Known, Ledger
from syncagent.core.person import PersonRow
from syncagent.core.policy import RosterLimits
from syncagent.core.roster import Roster
from syncagent.core.stamp import AccountKind, Stamp, State
from syncagent.core.unit import Unit
from syncagent.errors import Doubtful
from syncagent.text import Text

NOW = datetime(2026, 3, 10, tzinfo=UTC)
LIMITS = RosterLimits()
LATER = world.TODAY + timedelta(days=30)
EARLIER = world.TODAY - timedelta(days=30)


def _staff(count: int, unit: str = "skhcn", start: int = 0) -> list[PersonRow]:
    return [world.row(f"P{number:04d}", unit=unit, line=number + 2) for number in range(start, start + count)]


def _baseline(people: Iterable[PersonRow], units: Iterable[str] = ()) -> Ledger:
    return Ledger(baseline=Baseline("sha256:before", frozenset(units), {row.person_id: row.unit for row in people}))


def _doubt(people: Sequence[PersonRow], ledger: Ledger = world.EMPTY, units: Sequence[Unit] = world.UNITS) -> str:
    with pytest.raises(Doubtful) as refused:
        world.admitted(people, units, ledger=ledger)
    return refused.value.says.en


def _quarantined(*people: PersonRow, units: Sequence[Unit] = world.UNITS) -> tuple[Fault, ...]:
    """The faults for which P1 is quarantined; never are they also acted on."""
    roster = world.admitted(people, units)
    assert "P1" not in roster.people
    assert "P1" not in roster.coming
    return roster.quarantined["P1"]


# ── faults of one row ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("faulty", "code"),
    [
        (world.row(unit="không-có", line=7), FindingCode.UNKNOWN_UNIT),
        (world.row(full_name="Nguyễn \ufffd", line=7), FindingCode.NAME_NOT_CLEAN),
        (world.row(full_name="Nguyễn\u202e Thành", line=7), FindingCode.NAME_NOT_CLEAN),
        (world.row(full_name="Nguyễn Тhành", line=7), FindingCode.NAME_NOT_CLEAN),
        (world.row(status="left", event="recruited", line=7), FindingCode.QUARANTINED),
        (world.row(status="working", event="retired", line=7), FindingCode.QUARANTINED),
    ],
)
def test_a_faulty_row_quarantines_its_person(faulty: PersonRow, code: FindingCode) -> None:
    """Contract §4: unknown unit, unclean name, contradiction: no action, and a finding with file and line."""
    roster = world.admitted([faulty, world.row("P2", "Trần Thị Hòa")])

    assert list(roster.people) == ["P2"]
    assert [fault.code for fault in roster.quarantined["P1"]] == [code]
    (finding,) = roster.findings
    assert (finding.code, finding.severity, finding.subject) == (code, Severity.REVIEW, "P1")
    assert finding.where == "people.csv:7"


def test_what_the_reader_found_quarantines_and_every_fault_is_told() -> None:
    """Contract §4: all that is wrong with a person is named at once, the reader's finds included."""
    read = Fault(FindingCode.QUARANTINED, Text("ngày sai", "no date"), world.row().where)

    assert [fault.code for fault in _quarantined(world.row(unit="không-có", faults=(read,)))] == [
        FindingCode.QUARANTINED,
        FindingCode.UNKNOWN_UNIT,
    ]


def test_one_faulty_row_quarantines_the_person_even_if_another_row_rules() -> None:
    """Contract §4: the person is quarantined, not the row."""
    old = world.row(unit="không-có", effective_date=EARLIER)

    assert [fault.code for fault in _quarantined(old, world.row(effective_date=world.TODAY, line=3))] == [
        FindingCode.UNKNOWN_UNIT
    ]


def test_a_request_that_cannot_be_read_quarantines_whom_it_concerns() -> None:
    """Contract §4: what was asked is not known, so nothing is done; a unit is known by its mailbox's key."""
    fault = Fault(FindingCode.QUARANTINED, Text("loại lạ", "unknown kind"), world.row().where)
    rows = replace(world.rows([world.row()]), faults=(("P1", fault), ("snv", fault)))

    roster = admit(rows, world.EMPTY, LIMITS, timedelta(days=3), world.TODAY, NOW)

    assert roster.quarantined == {"P1": (fault,), "unit:snv": (fault,)}


def test_a_faulty_unit_quarantines_its_mailbox_and_its_people() -> None:
    """Contract §4: addresses would be named after the unit; the fault says that the unit is listed, but faulty."""
    units = (*world.UNITS, replace(world.UNITS[3], unit="stc", abbreviation="Sở TC"))

    roster = world.admitted([world.row(unit="stc")], units)

    assert set(roster.quarantined) == {"P1", "unit:stc"}
    assert "is faulty" in roster.quarantined["P1"][0].says.en
    assert "stc" not in roster.units


def test_keys_that_differ_in_letter_case_only_are_one_doubtful_person() -> None:
    """Contract §4, duplicate key: directories compare without regard to case, so neither is acted on."""
    roster = world.admitted([world.row("P1"), world.row("p1", "Trần Thị Hòa", line=3), world.row("P2", line=4)])

    assert list(roster.people) == ["P2"]
    assert {fault.code for faults in roster.quarantined.values() for fault in faults} == {FindingCode.DUPLICATE_PERSON}
    assert set(roster.quarantined) == {"P1", "p1"}


def test_repairs_are_told_and_do_not_quarantine() -> None:
    """Contract §4: repaired characters are a `name-not-clean` finding of severity info."""
    note = Fault(FindingCode.NAME_NOT_CLEAN, Text("đã sửa", "repaired"), world.row(line=9).where)

    roster = world.admitted([world.row(notes=(note,))])

    assert list(roster.people) == ["P1"]
    assert [(f.code, f.severity, f.where) for f in roster.findings] == [
        (FindingCode.NAME_NOT_CLEAN, Severity.INFO, "people.csv:9")
    ]


def test_a_merged_unit_without_successor_is_a_finding() -> None:
    """Contract §5, `successor-missing`; one whose successor is listed is none, nor is one that merges later."""
    for units, found in (
        (world.closed("snv", "merged"), [FindingCode.SUCCESSOR_MISSING]),
        (world.closed("snv", "merged", successor="skhcn"), []),
        (world.closed("snv", "merged", on=LATER), []),
        (world.closed("snv", "dissolved"), []),
    ):
        roster = world.admitted([world.row()], units)

        assert [finding.code for finding in roster.findings] == found


def test_requests_stand_in_the_order_of_their_receipt() -> None:
    """Law 2: whatever the order of rows, requests are read oldest first, those of one day by their number."""
    asked = [
        world.request("lock", "P1", world.TODAY, "R2"),
        world.request("unlock", "P1", world.TODAY, "R1"),
        world.request("lock", "P1", EARLIER, "R3"),
    ]

    assert [one.request_id for one in world.admitted([world.row()], requests=asked).requests] == ["R3", "R1", "R2"]


def test_a_hold_or_lock_is_the_newest_of_its_day() -> None:
    """Contract §6, holds are honoured: whatever the numbers, doubt between two letters of one day is caution."""
    for cautious, other in (("hold", "release"), ("lock", "unlock")):
        asked = [world.request(cautious, "P1", world.TODAY, "R1"), world.request(other, "P1", world.TODAY, "R2")]

        roster = world.admitted([world.row()], requests=asked)

        assert [one.kind for one in roster.requests] == [other, cautious]


def test_a_request_number_is_used_once() -> None:
    """Contract §4, duplicate key: nobody knows which of the two was answered, so whom they concern is left alone."""
    asked = [
        world.request("lock", "P1", world.TODAY, "R1"),
        world.request("unlock", "snv", world.TODAY, "R1"),
        world.request("lock", "P2", world.TODAY, "R2"),
    ]

    roster = world.admitted([world.row(), world.row("P2", line=3)], requests=asked)

    assert [one.request_id for one in roster.requests] == ["R2"]
    assert set(roster.quarantined) == {"P1", "unit:snv"}
    assert [(subject, fault.code) for subject, fault in roster.doubted] == [
        ("P1", FindingCode.QUARANTINED),
        ("snv", FindingCode.QUARANTINED),
    ]
    assert "“R1” stands in 2 rows" in roster.findings[0].message.en


# ── several rows of one person ───────────────────────────────────────────────


def test_the_latest_effective_row_rules() -> None:
    """Contract §4: future rows are scheduled, the latest effective row rules, earlier ones are history."""
    first = world.row(line=4)
    old = world.row(unit="snv", effective_date=EARLIER, line=3)
    now = world.row(unit="giaothuy", effective_date=world.TODAY, line=2)
    soon = world.row(unit="ttcdstt", effective_date=world.TODAY + timedelta(days=1), line=6)
    late = world.row(unit="skhcn-vp", effective_date=LATER, line=5)

    person = world.admitted([late, soon, now, old, first]).people["P1"]

    assert person.current == now
    assert person.earlier == (first, old)
    assert person.upcoming == (soon, late)
    assert person.others == ()


def test_whoever_comes_later_is_coming() -> None:
    """Contract §4: future-dated rows are scheduled; the soonest counts, and nobody acts on it yet."""
    late, soon = world.row(effective_date=LATER), world.row(unit="snv", effective_date=date(2026, 3, 11), line=3)

    roster = world.admitted([late, soon])

    assert roster.people == {}
    assert roster.coming == {"P1": soon}


def test_rows_of_one_day_need_one_primary_post() -> None:
    """Contract §4: one of several posts is primary; if none or several say so, nobody guesses."""
    here, there = world.row(), world.row(unit="snv", line=3)

    for pair in (
        (here, there),
        (replace(here, primary=True), replace(there, primary=True)),
        (replace(here, primary=False), replace(there, primary=False)),
    ):
        assert [fault.code for fault in _quarantined(*pair)] == [FindingCode.DUPLICATE_PERSON]


def test_the_primary_post_rules_and_the_other_is_kept_beside_it() -> None:
    """Contract §4: several rows of one person may be several posts."""
    main, side = world.row(primary=True), world.row(unit="snv", line=3)

    for other in (side, replace(side, primary=False)):
        person = world.admitted([other, main]).people["P1"]

        assert person.current == main
        assert person.others == (other,)


def test_a_secondary_post_that_was_left_is_no_post() -> None:
    """Contract §4, `status`: leaving a secondary post leaves the primary one as it is."""
    person = world.admitted([world.row(primary=True), world.leaver(unit="snv", primary=False, line=3)]).people["P1"]

    assert not person.left
    assert person.others == ()


def test_whoever_left_the_primary_post_but_not_the_other_is_no_leaver() -> None:
    """NB-27: only whoever no longer works here is closed; a roster that says both is contradictory."""
    gone, side = world.leaver(primary=True), world.row(unit="snv", primary=False, line=3)

    assert [fault.code for fault in _quarantined(gone, side)] == [FindingCode.DUPLICATE_PERSON]
    assert world.admitted([gone, world.leaver(unit="snv", primary=False, line=3)]).people["P1"].left


def test_a_row_that_is_repeated_word_for_word_is_one_row() -> None:
    """Contract §4: a duplicate key is a fault where rows contradict each other; a copy contradicts nothing."""
    person = world.admitted([world.row(line=2), world.row(line=3)]).people["P1"]

    assert person.others == ()
    assert person.current.where.line == 2


_ROWS = st.lists(
    st.builds(
        world.row,
        st.sampled_from(["P1", "P2", "p2"]),
        unit=st.sampled_from(["skhcn", "snv", "không-có"]),
        status=st.sampled_from(["working", "left"]),
        primary=st.sampled_from([None, True, False]),
        effective_date=st.sampled_from([None, EARLIER, world.TODAY, LATER]),
    ),
    min_size=1,
    max_size=7,
)


def _lined(rows: Iterable[PersonRow]) -> list[PersonRow]:
    return [replace(row, where=row.where._replace(line=line)) for line, row in enumerate(rows, start=2)]


def _ruling(roster: Roster) -> dict[str, PersonRow]:
    nowhere = world.row().where
    return {key: replace(person.current, where=nowhere) for key, person in roster.people.items()}


@given(_ROWS, st.randoms(use_true_random=False))
def test_everybody_is_in_exactly_one_place_whatever_the_order_of_rows(rows: list[PersonRow], chance: Random) -> None:
    """Laws 2 and 3: admitted, coming or quarantined, never two of them, and the same in every order of rows."""
    shuffled = list(rows)
    chance.shuffle(shuffled)

    roster, again = world.admitted(_lined(rows)), world.admitted(_lined(shuffled))

    places = [*roster.people, *roster.coming, *roster.quarantined]
    assert sorted(places) == sorted({row.person_id for row in rows})
    assert _ruling(again) == _ruling(roster)
    assert set(again.coming) == set(roster.coming)
    assert set(again.quarantined) == set(roster.quarantined)


@given(_ROWS)
def test_no_row_rules_before_its_day_or_after_a_newer_one(rows: list[PersonRow]) -> None:
    """Contract §4: of the posts not marked secondary, the row of the latest day not after today rules."""
    roster = world.admitted(_lined(rows))

    for key, person in roster.people.items():
        days = [row.effective_date or date.min for row in rows if row.person_id == key and row.primary is not False]
        assert (person.current.effective_date or date.min) == max(day for day in days if day <= world.TODAY)
    for key in roster.coming:
        assert all(row.effective_date == LATER for row in rows if row.person_id == key and row.primary is not False)


# ── the population ───────────────────────────────────────────────────────────


def test_an_empty_roster_is_doubtful() -> None:
    """Law 4 and contract §4: nobody in it, or no unit, stops the run; every doubt is told at once."""
    says = _doubt([], units=())

    assert "holds nobody" in says
    assert "units is empty" in says
    assert "roster accept sha256:roster" in says


@pytest.mark.parametrize(
    ("age", "doubtful"),
    [
        (timedelta(days=3), False),
        (timedelta(days=3, seconds=1), True),
        (-timedelta(hours=1), False),
        (-timedelta(hours=1, seconds=1), True),
    ],
)
def test_an_export_is_neither_stale_nor_from_the_future(age: timedelta, *, doubtful: bool) -> None:
    """Contract §4, stale: freshness is judged against the wall clock; an hour is allowed for clocks that differ."""
    rows = world.rows([world.row()])
    parts: tuple[Any, ...] = (world.EMPTY, LIMITS, timedelta(days=3), world.TODAY, rows.exported_at + age)

    if doubtful:
        with pytest.raises(Doubtful, match="exported"):
            admit(rows, *parts)
    else:
        assert list(admit(rows, *parts).people) == ["P1"]


def test_the_day_decided_for_makes_no_roster_stale() -> None:
    """Contract §4: freshness is never judged against `--as-of`."""
    assert list(world.admitted([world.row()], today=date(2030, 1, 1)).people) == ["P1"]


@pytest.mark.parametrize(
    ("people", "faulty", "doubtful"), [(20, 10, False), (20, 11, True), (300, 15, False), (300, 16, True)]
)
def test_too_many_row_faults_make_the_roster_doubtful(people: int, faulty: int, *, doubtful: bool) -> None:
    """Contract §4, too many row faults: above ten and above five percent the file is wrong, not the rows."""
    rows = [replace(row, unit="không-có") if n < faulty else row for n, row in enumerate(_staff(people))]

    if doubtful:
        assert f"{faulty} of {people} people have faulty rows" in _doubt(rows)
    else:
        assert len(world.admitted(rows).people) == people - faulty


def test_a_doubtful_roster_names_the_first_faults() -> None:
    """Whoever must mend the file is told where, though the roster as a whole is refused; five rows are enough."""
    with pytest.raises(Doubtful) as caught:
        world.admitted([replace(row, unit="không-có") for row in _staff(20)])

    assert [error.where for error in caught.value.also] == [str(row.where) for row in _staff(5)]
    assert all("không-có" in error.says.vi for error in caught.value.also)


def test_a_total_that_shrank_is_doubtful() -> None:
    """Design §5: more than five percent fewer people than in the last accepted roster."""
    before = [row for unit in range(50) for row in _staff(2, f"xa{unit}", unit * 2)]
    ledger = _baseline(before)
    now = [replace(row, unit="skhcn") for row in before]

    assert len(world.admitted(now[5:], ledger=ledger).people) == 95
    assert "6 of 100 people of the last roster are missing (over 5 %)" in _doubt(now[6:], ledger)


@pytest.mark.parametrize(("size", "gone", "doubtful"), [(10, 2, False), (10, 3, True), (15, 3, False), (15, 4, True)])
def test_a_unit_that_shrank_is_doubtful(size: int, gone: int, *, doubtful: bool) -> None:
    """Design §5: a unit that lost three people or more, and more than twenty percent."""
    unit, rest = _staff(size, "snv"), _staff(100, "skhcn", 100)
    ledger = _baseline([*unit, *rest])

    if doubtful:
        assert f"“snv” lacks {gone} of {size} people" in _doubt([*unit[gone:], *rest], ledger)
    else:
        assert world.admitted([*unit[gone:], *rest], ledger=ledger).people


def test_leavers_and_movers_are_not_missing() -> None:
    """Contract §4: whoever left with a document or moved still stands in the roster, so it did not shrink."""
    before = _staff(10, "snv")
    gone = [world.leaver(row.person_id, unit="snv", line=row.where.line) for row in before[:5]]
    moved = [replace(row, unit="skhcn") for row in before[5:]]

    assert len(world.admitted([*gone, *moved], ledger=_baseline(before, ["snv"])).people) == 10


def test_a_unit_that_vanished_is_doubtful() -> None:
    """Design §5: a unit vanished; one that is still listed, but faulty, has not, and empty units count, too."""
    ledger = _baseline([], ["snv", "stc"])
    faulty = replace(world.UNITS[3], unit="stc", abbreviation="Sở TC")

    assert "Units vanished from the list: stc (1)" in _doubt([world.row()], ledger)
    assert world.admitted([world.row()], (*world.UNITS, faulty), ledger=ledger).people


def test_an_accepted_roster_passes() -> None:
    """Contract §4: `roster accept` is the way past, for the very bytes that a person looked at."""
    before = _staff(100, "snv")
    ledger = replace(_baseline(before, ["stc"]), accepted=frozenset({"sha256:roster"}))
    other = replace(ledger, accepted=frozenset({"sha256:other"}))

    assert list(world.admitted([world.row()], ledger=ledger).people) == ["P1"]
    assert _doubt([world.row()], other)


# ── what the targets hold ────────────────────────────────────────────────────


def _remembering(count: int, target: str = "main", state: State = State.ACTIVE) -> Ledger:
    stamp = Stamp(AccountKind.PERSONAL, "P1", state, world.TODAY, "issued")
    return Ledger(accounts={(target, f"g{n}"): Known(target, f"g{n}", stamp) for n in range(count)})


def _holding(count: int) -> list[Account]:
    (account,), _ = world.settled([world.row()])
    return [replace(account, guid=f"g{n}") for n in range(count)]


@pytest.mark.parametrize(
    ("known", "present", "doubtful"),
    [(20, 20, False), (20, 19, False), (20, 18, True), (40, 38, False), (40, 37, True), (1, 0, False)],
)
def test_a_directory_that_lost_known_accounts_is_doubtful(known: int, present: int, *, doubtful: bool) -> None:
    """Laws 4 and 13: known accounts gone by more than five percent mean a cut directory, not absent people."""
    snapshot, ledger = world.snapshot(*_holding(present)), _remembering(known)

    if doubtful:
        with pytest.raises(Doubtful, match=f"“main” lacks {known - present} of {known} known accounts"):
            admit_snapshots([snapshot], ledger, LIMITS)
    else:
        admit_snapshots([snapshot], ledger, LIMITS)


def test_deleted_accounts_and_other_targets_are_not_missed() -> None:
    """Design §3: a deleted account is gone by our own hand; each target is compared with its own accounts."""
    gone = _remembering(30, state=State.DELETED).accounts
    elsewhere = _remembering(30, "khác").accounts

    admit_snapshots([world.snapshot()], Ledger(accounts={**gone, **elsewhere}), LIMITS)
    with pytest.raises(Doubtful, match="lacks 30 of 30"):
        admit_snapshots([world.snapshot()], _remembering(30), LIMITS)


def test_a_copy_of_a_repaired_row_is_a_copy() -> None:
    """Contract §4: a row whose name was repaired is no more a contradiction to its copy than a clean one."""
    two = [
        world.row(line=n, notes=(Fault(FindingCode.NAME_NOT_CLEAN, Text("x", "x"), world.row(line=n).where),))
        for n in (2, 3)
    ]

    assert list(world.admitted(two).people) == ["P1"]


def test_a_secondary_post_counts_from_its_day() -> None:
    """Contract §4: future-dated rows are scheduled, secondary posts included; a copy is one post."""
    main = world.row(primary=True)
    side = world.row(unit="snv", primary=False, effective_date=world.TODAY, line=3)
    late = replace(side, effective_date=world.TODAY.replace(year=2027))
    left = world.leaver(unit="snv", on=world.TODAY, line=4)
    now = replace(main, effective_date=world.TODAY)

    assert world.admitted([main, side, side]).people["P1"].others == (side,)
    assert world.admitted([main, late]).people["P1"].others == ()
    assert world.admitted([now, left]).people["P1"].others == ()


def test_a_leaver_who_held_another_post_once_or_will_is_a_leaver() -> None:
    """NB-27: posts that ended or have not begun do not keep a leaver; one held on the same day does."""
    gone = world.leaver(primary=True)
    side = world.row(unit="snv", primary=False, effective_date=world.TODAY.replace(year=2020), line=3)
    ended = world.leaver(unit="snv", primary=False, on=world.TODAY.replace(year=2024), line=4)
    late = replace(side, effective_date=world.TODAY.replace(year=2027))
    there = world.row(unit="snv", effective_date=world.TODAY, line=5)

    assert world.admitted([gone, side, ended]).people["P1"].left
    assert world.admitted([gone, late]).people["P1"].left
    assert set(world.admitted([gone, there]).quarantined) == {"P1"}


# ── the first roster of a state ───────────────────────────────────────────────


def _marked(people: int) -> list[Account]:
    """So many people in step, and nothing remembered."""
    return list(world.settled(_people(people))[0])


def _people(count: int) -> list[PersonRow]:
    return [world.row(f"P{n}", f"Nguyễn Văn {chr(65 + n)}n", line=n + 2) for n in range(count)]


def test_a_first_roster_must_know_those_whose_mailboxes_are_marked() -> None:
    """F2: after a lost state there is no roster to compare with; the marks on the accounts still say who was there."""
    shot = world.snapshot(*_marked(10))
    found = world.rows(_people(8))

    with pytest.raises(Doubtful, match="2 of 10"):
        admit_marked(found, [shot], world.EMPTY, RosterLimits())
    admit_marked(found, [shot], Ledger(accepted=frozenset({found.digest})), RosterLimits())
    admit_marked(found, [shot], _baseline(_people(8)), RosterLimits())


def test_one_person_who_is_missing_is_a_finding_not_a_doubt() -> None:
    """Contract §4: whoever is missing is never treated as a leaver; one of ten is nothing strange."""
    admit_marked(world.rows(_people(9)), [world.snapshot(*_marked(10))], world.EMPTY, RosterLimits())


def test_a_last_roster_that_is_not_ours_lets_no_roster_pass_unseen() -> None:
    """F1, F32: with nothing to compare with, a person accepts the roster by its digest, or nothing is planned."""
    people = _people(8)
    with pytest.raises(Doubtful) as caught:
        world.admitted(people, ledger=Ledger(baseline=NOT_OURS))

    accepted = Ledger(baseline=NOT_OURS, accepted=frozenset({"sha256:roster"}))
    assert "nothing to compare with" in caught.value.says.en
    assert len(world.admitted(people, ledger=accepted).people) == 8
