"""Every label exists in both languages, is used, and says one thing only."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from typing import TYPE_CHECKING

import plans
import pytest

from syncagent.core.action import ActionKind, Operation, Review, Then
from syncagent.core.finding import FindingCode, Severity
from syncagent.core.stamp import AccountKind, State
from syncagent.report import words
from syncagent.report.weight import Weight, weight_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from syncagent.text import Language, Text

_TABLES = [
    (ActionKind, words.KINDS),
    (FindingCode, words.FINDINGS),
    (Severity, words.SEVERITIES),
    (AccountKind, words.ACCOUNTS),
    (State, words.STATES),
    (State, words.MEANINGS),
    (Review, words.REVIEWS),
    (Operation, words.OPERATIONS),
    (Weight, words.WEIGHTS),
]


@pytest.mark.parametrize(("names", "labels"), _TABLES)
def test_every_member_has_a_label_of_its_own_in_both_languages(
    names: type[StrEnum], labels: Mapping[StrEnum, Text]
) -> None:
    """Whatever a plan can hold has a label, no label is empty, and no two members share one."""
    vietnamese = [label.vi for label in labels.values()]
    english = [label.en for label in labels.values()]

    assert set(labels) == set(names)
    assert all(vietnamese)
    assert all(english)
    assert len(set(vietnamese)) == len(set(english)) == len(labels)


@pytest.mark.parametrize(("names", "marks"), [(ActionKind, words.MARKS), (Severity, words.SEVERITY_MARKS)])
def test_every_kind_and_severity_has_a_sign_of_its_own(names: type[StrEnum], marks: Mapping[StrEnum, str]) -> None:
    """Colour is never the only sign: each kind and each severity has a character no other has."""
    assert set(marks) == set(names)
    assert len(set(marks.values())) == len(marks)
    assert {len(mark) for mark in marks.values()} == {1}


@pytest.mark.parametrize("name", sorted(words.HEADINGS))
def test_every_phrase_is_used(name: str) -> None:
    """A phrase that no report shows is not kept."""
    package = files("syncagent.report")
    sources = [entry for entry in (*package.iterdir(), *package.joinpath("templates").iterdir()) if entry.is_file()]
    uses = re.compile(rf"(?:say\(|heading\(|, |else )[\"']{name}[\"']")

    assert any(uses.search(source.read_text(encoding="utf-8")) for source in sources)


@pytest.mark.parametrize("name", sorted(words.HEADINGS))
def test_every_phrase_differs_between_the_languages(name: str) -> None:
    """Nothing was left untranslated, and both languages have the same places to fill in."""
    phrase = words.HEADINGS[name]

    assert phrase.vi != phrase.en
    assert sorted(re.findall(r"\{\w+\}", phrase.vi)) == sorted(re.findall(r"\{\w+\}", phrase.en))


def test_a_phrase_nobody_wrote_is_an_error() -> None:
    """A misspelt name never becomes an empty label."""
    with pytest.raises(KeyError):
        words.say("no-such-phrase", "vi")


@pytest.mark.parametrize(("language", "expected"), [("vi", "1.234.567"), ("en", "1,234,567")])
def test_counts_are_written_as_their_readers_write_them(language: Language, expected: str) -> None:
    """Thousands are parted by a dot in Vietnamese and by a comma in English."""
    assert words.number(1234567, language) == expected


@pytest.mark.parametrize(
    ("language", "on", "month"), [("vi", "05/03/2026", "Tháng 03/2026"), ("en", "2026-03-05", "2026-03")]
)
def test_days_are_written_as_their_readers_write_them(language: Language, on: str, month: str) -> None:
    """Days are dd/mm/yyyy in Vietnamese and ISO in English."""
    assert words.day(date(2026, 3, 5), language) == on
    assert words.month(date(2026, 3, 1), language) == month


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (UTC, "05/03/2026 07:09 (UTC+00:00)"),
        (timezone(timedelta(hours=7)), "05/03/2026 07:09 (UTC+07:00)"),
        (timezone(-timedelta(hours=3, minutes=30)), "05/03/2026 07:09 (UTC-03:30)"),
    ],
)
def test_a_moment_carries_its_offset(zone: timezone, expected: str) -> None:
    """Nobody has to guess which clock a time was read from."""
    assert words.moment(datetime(2026, 3, 5, 7, 9, tzinfo=zone), "vi") == expected


def test_a_known_input_has_a_label_and_an_unknown_one_its_name() -> None:
    """A source may record facts that no label was written for."""
    assert words.label("people", "vi") == "người"
    assert words.label("highestCommittedUSN", "vi") == "highestCommittedUSN"


def test_an_adoption_says_whether_it_closes_the_mailbox() -> None:
    """Taking over and closing is not hidden behind the word for taking over."""
    said = {action.id: words.kind_of(action, "vi") for action in plans.one_of_each()}

    assert said["a0001"] == "tiếp nhận quản lý"
    assert said["a0024"] == "tiếp nhận và khóa gửi/nhận"
    assert said["a0011"] == "xóa"


def test_what_follows_is_named_for_what_it_does() -> None:
    """An update that follows by itself is the end of a former address; a deletion is a deletion."""
    assert words.then_of(Then(ActionKind.UPDATE, plans.TODAY), "vi") == "ngừng địa chỉ cũ"
    assert words.then_of(Then(ActionKind.DELETE, plans.TODAY), "en") == "delete"


def test_the_weight_of_an_action_is_what_it_does_to_the_holder() -> None:
    """Deleting weighs most, then closing (an adoption that closes included), locking, changing, opening."""
    weights = {action.id: weight_of(action) for action in plans.one_of_each()}

    assert weights["a0011"] is Weight.DELETE
    assert {weights[name] for name in ("a0008", "a0010", "a0024")} == {Weight.CLOSE}
    assert weights["a0006"] is Weight.LOCK
    assert {weights[name] for name in ("a0001", "a0003", "a0004", "a0005", "a0012", "a0013")} == {Weight.CHANGE}
    assert {weights[name] for name in ("a0002", "a0007", "a0009")} == {Weight.OPEN}
