"""A connection gives whole messages in time, or says why not and is closed for good."""

from __future__ import annotations

from time import monotonic

import messages
import pytest
from other_end import OtherEnd

from syncagent.connectors.ldap import answers, requests
from syncagent.errors import Doubtful, Unavailable


def test_messages_come_whole_however_they_arrive(there: OtherEnd) -> None:
    """A stream is cut where messages end, not where octets happened to arrive."""
    long = messages.entry(1, "cn=a", {"cn": [b"x" * 70_000]})
    parts = [long[:1], long[1:5], long[5:60_000], long[60_000:] + messages.done(1)[:3], messages.done(1)[3:]]

    found: list[int] = []
    for part in parts:
        there.peer.sendall(part)
        if len(found) < 1 and part is parts[3]:
            found.append(there.line.receive(there.soon).operation)
    found.append(there.line.receive(there.soon).operation)

    assert found == [answers.ENTRY, answers.DONE]


def test_who_says_nothing_is_not_waited_for(there: OtherEnd) -> None:
    """Between two octets nobody waits longer than the patience that is configured."""
    started = monotonic()

    with pytest.raises(Unavailable, match="did not answer in time"):
        there.line.receive(there.soon)

    assert 0.1 < monotonic() - started < 2
    assert there.line.closed


def test_who_says_a_little_at_a_time_is_not_waited_for_either(there: OtherEnd) -> None:
    """The time for the whole ends even if octets keep coming."""
    there.peer.sendall(messages.done(1)[:4])

    with pytest.raises(Unavailable, match="did not answer in time"):
        there.line.receive(monotonic() - 1)


def test_a_closed_connection_stays_closed(there: OtherEnd) -> None:
    """After the first failure nothing is sent or read any more."""
    there.says()
    with pytest.raises(Unavailable, match="ended the connection"):
        there.line.receive(there.soon)

    with pytest.raises(Unavailable, match="closed"):
        there.line.send(b"0", there.soon)
    with pytest.raises(Unavailable, match="closed"):
        there.line.receive(there.soon)


def test_a_message_cut_by_the_end_is_lost(there: OtherEnd) -> None:
    """Half a message and then nothing is a lost connection, not a short message."""
    there.says(messages.done(1)[:-1])

    with pytest.raises(Unavailable):
        there.line.receive(there.soon)


@pytest.mark.parametrize(
    "noise", [b"HTTP/1.1 400 Bad Request", b"\x30\x80\0\0", b"\x30\x85\0\0\0\0\0", b"\x30\x84\xff\0\0\0"]
)
def test_noise_closes_the_connection(there: OtherEnd, noise: bytes) -> None:
    """What is no message is refused at its first octets; its length is not waited for."""
    there.says(noise)

    with pytest.raises(Doubtful):
        there.line.receive(there.soon)
    assert there.line.closed


def test_a_notice_of_disconnection_is_understood(there: OtherEnd) -> None:
    """RFC 4511 §4.4.1: the server says that it goes, and with which code."""
    there.says(messages.extended(0, "1.3.6.1.4.1.1466.20036", code=52))

    with pytest.raises(Unavailable, match=r"takes its leave \(code 52\)"):
        there.line.receive(there.soon)


def test_any_other_notice_is_doubtful(there: OtherEnd) -> None:
    """A message without a number that is not that notice has no meaning."""
    there.says(messages.extended(0, "1.2.3"))

    with pytest.raises(Doubtful):
        there.line.receive(there.soon)


def test_a_question_takes_only_its_own_answer(there: OtherEnd) -> None:
    """An answer with another number, or one that is no result, is not taken for the answer."""
    there.says(messages.extended(1, value=b"dn:cn=a"), messages.extended(7))

    first = there.line.ask(requests.asking(requests.WHO_AM_I), there.soon)

    assert first.value == b"dn:cn=a"
    with pytest.raises(Doubtful):
        there.line.ask(requests.asking(requests.WHO_AM_I), there.soon)


def test_an_answer_that_is_no_result_is_doubtful(there: OtherEnd) -> None:
    """An entry where a result belongs is refused."""
    there.says(messages.entry(1, "cn=a", {}))

    with pytest.raises(Doubtful):
        there.line.ask(requests.asking(requests.WHO_AM_I), there.soon)


def test_what_an_abandoned_search_still_says_is_skipped(there: OtherEnd) -> None:
    """After an abandon (RFC 4511 §4.11) the next question still gets its own answer."""
    number = there.line.number()
    there.line.abandon(number, there.soon)
    there.says(messages.entry(number, "cn=a", {}), messages.done(number), messages.extended(3, value=b"x"))

    assert there.line.ask(requests.asking(requests.WHO_AM_I), there.soon).value == b"x"
