"""An identification number is one however its digits are written; telephones, days and documents are none."""

from __future__ import annotations

import re

import pytest

from syncagent.core.privacy import hide_identity_numbers, holds_identity_number

NUMBER = "037065012345"


@pytest.mark.parametrize(
    "written",
    [
        NUMBER,
        "037 065 012 345",
        "0370 650 123 45",
        "0370.6501.2345",
        "0370-6501-2345",
        "037 - 065 - 012345",
        "0 3 7 0 6 5 0 1 2 3 4 5",
        "037\u00a0065\u202f012\u2009345",
        "037\u200b065012345",
        "０３７０６５０１２３４５",
        "０３７ ０６５．０１２－３４５",
        "٠٣٧٠٦٥٠١٢٣٤٥",
        "٠٣٧ ٠٦٥ ٠١٢ ٣٤٥",
        "037/065/012/345",
        "037,065,012,345",
        "037~065~012~345",
        "037*065*012*345",
        "037+065+012+345",
        "0|37065012345",
        "037065012\\345",
        "999999999999",
    ],
)
def test_a_number_is_found_and_hidden_however_it_is_written(written: str) -> None:
    """Law 11: blanks, dots, dashes, invisible and full-width characters do not carry a number past the reader."""
    text = f"ông A, số {written}, ngày 01/02/2026"

    assert holds_identity_number(text)
    assert hide_identity_numbers(text, lambda digits: f"<{len(digits)}>") == "ông A, số <12>, ngày 01/02/2026"
    assert written == NUMBER or NUMBER not in hide_identity_numbers(text, lambda _: "…")


@pytest.mark.parametrize("written", ["(037)065012345", "037 065012 (345)"])
def test_brackets_around_some_digits_hide_none(written: str) -> None:
    """Law 11: brackets part a number as blanks do."""
    assert re.sub(r"[()]", "", hide_identity_numbers(written, lambda digits: f"<{len(digits)}>")) == "<12>"


def test_the_digits_are_given_plain() -> None:
    """The name of a number is that of its digits, so one number has one pseudonym in every spelling."""
    assert hide_identity_numbers("số ０３７ 065.012345", str) == f"số {NUMBER}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nguyễn Văn An",
        "+84 229 387 1234",
        "0229.3871234-5",
        "0912 345 678; 0913 345 678",
        "(0229) 3871234 (0229) 3871235",
        "0912345678|0913345678",
        "0912345678 0913345678",
        "2026-03-10 12:30:45",
        "20260310123000.0Z",
        "192.168.100.100",
        "các dòng 0001,0002,0003",
        "số 0123/2026/001234-QĐ",
        "0123\n45678901",
        "0370650123456",
    ],
)
def test_telephones_days_and_documents_are_no_numbers(text: str) -> None:
    """What offices write every day passes unchanged."""
    assert not holds_identity_number(text)
    assert hide_identity_numbers(text, lambda _: "…") == text


DRAWN = (
    "a1234567-8901-4b2a-8abc-defabcdefabc",
    "A123456789014B2A8ABCDEFABCDEFABC",
    "0370aaaa-bbbb-4ccc-8ddd-037065012345",
)


@pytest.mark.parametrize("drawn", DRAWN)
def test_an_identity_drawn_at_random_is_no_number_of_a_person(drawn: str) -> None:
    """NB-27, Điều 7.4: a leaver's mailbox is closed whatever digits Exchange happened to draw for it (RFC 9562 §4)."""
    text = f"/o=NB/ou=Exchange/cn=Recipients/cn={drawn}-thanhnn"

    assert not holds_identity_number(text)
    assert hide_identity_numbers(text, lambda _: "…") == text


@pytest.mark.parametrize("drawn", DRAWN)
@pytest.mark.parametrize("between", [" ", ", số ", "\n", "/"])
def test_a_number_beside_such_an_identity_is_found(drawn: str, between: str) -> None:
    """Law 11: what was drawn at random hides nobody's number before or after it."""
    for text, hidden in (
        (f"{drawn}{between}{NUMBER}", f"{drawn}{between}…"),
        (f"{NUMBER}{between}{drawn}", f"…{between}{drawn}"),
    ):
        assert holds_identity_number(text)
        assert hide_identity_numbers(text, lambda _: "…") == hidden


@pytest.mark.parametrize(
    "text",
    [f"ab{NUMBER}cd", "00000000-0000-0000-0000-037065012345", "037065012345-0000", f"{NUMBER}abcdefabcdefabcdefabc"],
)
def test_what_only_resembles_such_an_identity_hides_no_number(text: str) -> None:
    """Law 11: another length, no version, no variant: digits that somebody wrote there."""
    assert holds_identity_number(text)
    assert NUMBER not in hide_identity_numbers(text, lambda _: "…")
