"""What became of old mail: open while anything is missing, and told again from plain data (Điều 13.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.mail_record import (
    Box,
    Folder,
    MailEnd,
    MailRecord,
    MailRow,
    compared,
    from_record,
    hashed,
    to_record,
    told,
)

NAMES = st.lists(st.sampled_from(("<1@x>", "<2@x>", "<3@x>", "")), max_size=6)


def box(name: str, *messages: str) -> Box:
    return Box(name, messages, 10 * len(messages))


def test_a_copy_with_everything_in_it_closes_the_record() -> None:
    """Each message in its folder; what came since in the copy takes nothing away, an empty folder need not be there."""
    found = compared([box("INBOX", "a", "b"), box("Sent")], [box("INBOX", "b", "new", "a"), box("Trash", "t")])

    assert found.closed
    assert (found.messages, found.size) == (2, 20)
    assert found.old == (Folder("INBOX", 2, 20, hashed(["b", "a"])),)
    assert found.copied == (Folder("INBOX", 3, 30, hashed(["a", "b", "new"]), 0),)


@pytest.mark.parametrize(
    ("copy", "says"),
    [
        ((box("INBOX", "a"),), ["“INBOX” lacks 1 messages", "folder “Sent” is not there"]),
        ((box("INBOX", "a", "x"), box("Sent", "s")), ["“INBOX” lacks 1 messages"]),
        ((box("INBOX", "b", "b"), box("Sent", "s")), ["“INBOX” lacks 1 messages"]),
        ((), ["folder “INBOX” is not there", "folder “Sent” is not there"]),
    ],
)
def test_what_is_missing_keeps_it_open(copy: tuple[Box, ...], says: list[str]) -> None:
    """By folder, with the number: counts alone do not tell, for another message may have come."""
    found = compared([box("INBOX", "a", "b"), box("Sent", "s")], copy)

    assert [text.en for text in found.doubts()] == says
    assert not found.closed


def test_a_mailbox_of_empty_folders_is_whole_and_one_that_nobody_read_is_not() -> None:
    """Nothing to copy is an end; no folder at all means that nothing was read."""
    assert compared([box("INBOX")], []).closed
    assert not compared([], []).closed


def test_mail_that_is_not_kept_needs_a_document() -> None:
    """The recorded decision not to keep one (design §4.6)."""
    assert MailRecord(MailEnd.NOT_KEPT, document="8/QĐ").closed
    assert not MailRecord(MailEnd.NOT_KEPT).closed


def test_the_numbers_of_an_engine_are_compared_too() -> None:
    """What an export request counted: fewer items than there were keep it open."""
    row = MailRow("hanam", "an@hanam.gov.vn", MailEnd.ARCHIVED, "INBOX", 5, 50, 4, 40, "3/BB")

    assert [text.en for text in told([row]).doubts()] == ["“INBOX” lacks 1 messages"]
    assert told([row._replace(copied=5)]).closed
    assert told([row]).document == "3/BB"


@given(NAMES, NAMES)
def test_only_a_superset_closes_a_record(old: list[str], copy: list[str]) -> None:
    """Law: closed if and only if each message is in the copy as often; it survives being stored."""
    found = compared([box("INBOX", *old)], [box("INBOX", *copy)])

    assert found.closed is all(copy.count(one) >= old.count(one) for one in old)
    assert from_record(to_record(found)) == found
