"""What is certified of a merger, counted again from the accounts alone; what units are asked, and what that costs."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from merging import merge, merger, old, ruling
from world import DECISION, closed, leaver, row

from syncagent.core.conservation import disagreements, row_of, statement
from syncagent.core.crosswalk import Share
from syncagent.core.inquiry import asked, effort, undecided
from syncagent.core.merger import AccountId, Wave
from syncagent.core.questions import Question

AN = row("NB1", "Nguyễn Văn An", previous_address="an@hanam.gov.vn an@namdinh.gov.vn")
ACCOUNTS = (
    old("hanam", "an@hanam.gov.vn"), old("namdinh", "an@namdinh.gov.vn"),
    old("ninhbinh", "may@ninhbinh.gov.vn", kind="system"),
)  # fmt: skip


def said(*, seen: dict[AccountId, str] | None = None, missing: tuple[str, ...] = (), more: Any = ()) -> dict[str, Any]:
    found = merge([AN, row("NB2", "Trần Thị Bình", "snv")], [*ACCOUNTS, *more], with_merger=merger(Wave(("skhcn",))))
    return statement(found.merger, found.population, found.fates, seen or {}, missing, found.view.today)


def test_the_sums_are_those_of_the_accounts() -> None:
    """By system, unit and wave; newcomers stand apart, for they had no old account."""
    whole = said()

    assert list(disagreements(whole)) == []
    assert whole["complete"]
    assert whole["sums"]["system"] == {
        "hanam": {"converted": 1}, "namdinh": {"merged-into": 1}, "ninhbinh": {"excluded": 1},
    }  # fmt: skip
    assert whole["sums"]["wave"] == {"0": {"excluded": 1}, "1": {"converted": 1, "merged-into": 1}}
    assert [one["subject"] for one in whole["newcomers"]] == ["NB2"]


def test_what_is_open_is_said() -> None:
    """An account that waits, one that vanished, a system that nobody configured: each makes it incomplete."""
    gone = {AccountId("hanam", "gone@hanam.gov.vn"): "gone@hanam.gov.vn", AccountId("hanam", "an@hanam.gov.vn"): ""}

    vanished, missing = said(seen=gone), said(missing=("namdinh",))
    waiting = said(more=[old("hanam", "ai@hanam.gov.vn")])

    assert [one["guid"] for one in vanished["open"]["vanished"]] == ["gone@hanam.gov.vn"]
    assert missing["open"]["systems"] == ["namdinh"]
    assert waiting["open"]["held"] == 1
    for one in (vanished, missing, waiting):
        assert not one["complete"]
        assert list(disagreements(one)) == []


def test_what_a_wave_deleted_keeps_its_end() -> None:
    """Deleted by us it has not vanished: its row stands as the last plan had it, and the sums count it."""
    name = AccountId("namdinh", "an@namdinh.gov.vn")
    found = merge([AN], ACCOUNTS, with_merger=merger(Wave(("skhcn",))))
    rows = {AccountId(one["system"], one["guid"]): one for one in map(row_of, found.fates.accounts)}
    less = merge([AN], [ACCOUNTS[0], ACCOUNTS[2]], with_merger=merger(Wave(("skhcn",))))

    whole = statement(less.merger, less.population, less.fates, {name: ""}, (), less.view.today, [rows[name]])

    assert whole["complete"]
    assert whole["sums"]["wave"]["1"] == {"converted": 1, "merged-into": 1}
    assert list(disagreements(whole)) == []


def _twice(whole: dict[str, Any]) -> None:
    whole["accounts"].append(whole["accounts"][0])


def _lost(whole: dict[str, Any]) -> None:
    del whole["accounts"][-1]


def _moved(whole: dict[str, Any]) -> None:
    whole["accounts"][1]["subject"] = "NB2"


def _nowhere(whole: dict[str, Any]) -> None:
    whole["accounts"][1]["into"] = "x"


def _taken(whole: dict[str, Any]) -> None:
    whole["newcomers"][0]["new"] = whole["accounts"][0]["new"]


def _finished(whole: dict[str, Any]) -> None:
    whole["open"]["systems"] = ["hanam"]


def _waits(whole: dict[str, Any]) -> None:
    whole["open"]["held"] = 1


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_twice, "more than once"), (_lost, "sums do not agree"), (_moved, "merged into one"),
        (_nowhere, "merged into one"), (_taken, "of two people"), (_finished, "said to be open"),
        (_waits, "said to be open"),
    ],
)  # fmt: skip
def test_a_statement_that_contradicts_itself_is_found_out(spoil: Any, says: str) -> None:
    """Whoever has only the certificate counts for themselves."""
    whole = deepcopy(said())
    spoil(whole)

    assert any(says in one.en for one in disagreements(whole))


def test_a_fate_that_does_not_exist_is_no_statement() -> None:
    """Six ends, and no seventh."""
    whole = said()
    whole["accounts"][0]["fate"] = "forgotten"

    with pytest.raises(ValueError, match="forgotten"):
        list(disagreements(whole))


# ── what units are asked ─────────────────────────────────────────────────────


def test_each_unit_is_asked_about_its_own() -> None:
    """By the agency of the holder, else of the old unit; what belongs to nobody is asked of those who run it all."""
    accounts = [
        old("hanam", "ai@hanam.gov.vn", "Lê Văn Ba", unit="Sở Nội vụ"), old("hanam", "dau@hanam.gov.vn"),
        old("hanam", "quangtrung@hanam.gov.vn"), old("namdinh", "c@namdinh.gov.vn", "Ai khác", staff_number="NB2"),
        old("ninhbinh", "h@ninhbinh.gov.vn", staff_number="id-abcdefghijklm"), old("hanam", "l@hanam.gov.vn"),
    ]  # fmt: skip
    people = [
        row("NB2", "Trần Thị Bình", "skhcn-vp"), row("id-abcdefghijklm", "H'Hen Niê"), row("NB4", "Lê Văn Ba", "snv"),
        leaver("NB5", previous_address="l@hanam.gov.vn", document=DECISION._replace(number="")),
    ]  # fmt: skip
    found = merge(people, accounts)

    questions = asked(found.merger, found.fates, found.pairings, found.view)

    assert [(one.unit, one.question, one.about or one.subject) for one in questions] == [
        ("", Question.CONTESTED, "c@namdinh.gov.vn"),
        ("", Question.MAILBOX, "quangtrung@hanam.gov.vn"),
        ("", Question.OWNER, "dau@hanam.gov.vn"),
        ("skhcn", Question.ADDRESS, "h@ninhbinh.gov.vn"),
        ("skhcn", Question.MISSING, "NB2"),
        ("snv", Question.MISSING, "NB4"),
        ("snv", Question.OWNER, "ai@hanam.gov.vn"),
    ]
    assert questions[0].candidates == ("NB2",)
    assert [one.subject for one in questions[-1].suggestions] == ["NB4"]


def test_those_who_share_an_address_are_shown_the_free_ones() -> None:
    """Điều 5.4: short, and with their name; they agree."""
    twins = [row(f"NB{n}", "Nguyễn Ngọc Thành", previous_address=f"t{n}@hanam.gov.vn") for n in (1, 2)]
    found = merge(twins, [old("hanam", f"t{n}@hanam.gov.vn") for n in (1, 2)])

    questions = asked(found.merger, found.fates, found.pairings, found.view)

    assert [one.question for one in questions] == [Question.ADDRESS] * 2
    assert questions[0].candidates
    assert questions[0].candidates == questions[1].candidates


def test_a_unit_of_the_roster_is_never_missing() -> None:
    """Only people are asked for; whoever is quarantined is not asked about either."""
    found = merge([AN, *[row(f"P{n}", "Lê Văn Tư", "snv") for n in range(40)], row("Q", "Ai", "nowhere")], ACCOUNTS)

    questions = asked(found.merger, found.fates, found.pairings, found.view)

    assert {one.question for one in questions} == {Question.MISSING}
    assert len(questions) == 40


def test_effort_is_counted_by_the_mergers_own_minutes() -> None:
    """The unit with most to do first."""
    found = merge([row("NB4", "Lê Văn Ba", "snv")], [old("hanam", f"{n}@hanam.gov.vn") for n in "ab"])
    questions = asked(found.merger, found.fates, found.pairings, found.view)

    assert effort(questions, {"owner": 7, "missing": 3}) == (("", {"owner": 2}, 14), ("snv", {"missing": 1}, 3))


def test_old_units_wait_until_they_are_decided() -> None:
    """Divided ones and those TO DECIDE of the configured systems; an abolished district only if somebody is in it."""
    inside = old("hanam", "x@hanam.gov.vn", unit="Thành phố Phủ Lý")
    found = merge([AN], [inside])
    alone = replace(found.merger, legacies={"hanam": found.merger.legacies["hanam"]})
    became = ruling("hanam", "hanam/13285", "became", "skhcn")

    waiting = undecided(alone, found.population, found.pairings, [became])

    assert {unit.system for unit in waiting} == {"hanam"}
    assert [unit.key for unit in waiting if unit.share is Share.ABOLISHED] == ["hanam/347"]
    assert "hanam/13285" not in {unit.key for unit in waiting}
    assert len([unit for unit in waiting if unit.share is Share.DIVIDED]) == 4


def test_closed_units_are_nobodys_question() -> None:
    """Their mailboxes end by the document, not by an answer."""
    found = merge([row("NB2", "Trần Thị Bình", "snv")], [old("hanam", "skhcn@hanam.gov.vn")], units=closed("skhcn"))

    questions = asked(found.merger, found.fates, found.pairings, found.view)

    assert [one.question for one in questions] == [Question.MISSING]
