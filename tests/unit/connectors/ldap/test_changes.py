"""Of every write it is known whether it was carried out, refused, sent without an answer, or never sent."""

from __future__ import annotations

import threading

import messages
import pytest
from other_end import OtherEnd

from syncagent.connectors.ldap import ber, changes
from syncagent.connectors.ldap.changes import WINDOW, Fate
from syncagent.connectors.ldap.requests import Delete, Edit, Modify, Write, unchanged

CHANGES: list[Write] = [Modify("cn=a", [(Edit.DELETE, "title", [b"x"]), (Edit.ADD, "title", [b"y"])]), Delete("cn=b")]


def ends(there: OtherEnd, writes: list[Write]) -> list[int | Fate]:
    return [end if isinstance(end, Fate) else end.code for end in changes.carry_out(there.line, writes, there.soon)]


def test_answers_belong_to_their_writes_in_whatever_order_they_come(there: OtherEnd) -> None:
    """Answers are matched by message number, not by order."""
    there.says(messages.deleted(2, 66), messages.modified(1, 16))

    assert ends(there, CHANGES) == [16, 66]


def test_samba_refuses_a_critical_control_in_a_form_of_its_own(there: OtherEnd) -> None:
    """An extendedResp with the number of the write and an error code is its refusal."""
    there.says(messages.extended(1, code=12), messages.deleted(2))

    assert ends(there, CHANGES) == [12, 0]


def test_all_is_sent_before_the_first_answer_is_awaited(there: OtherEnd) -> None:
    """A window of writes is under way at once, each with its own controls."""
    there.says(messages.modified(1), messages.deleted(2))
    kept = unchanged("entryCSN", "1")

    ends(there, [CHANGES[0]._replace(controls=(kept,)), CHANGES[1]])

    first, second = there.heard()
    assert bytes(first["controls"][0]["controlValue"]) == kept.value
    assert not second["controls"].isValue


def test_a_lost_connection_leaves_what_was_sent_unknown(there: OtherEnd) -> None:
    """Sent and not answered: nobody knows. Never sent: not tried. Answered: as answered."""
    there.says(messages.deleted(2), messages.deleted(1, 32))
    many: list[Write] = [Delete(f"cn={number}") for number in range(WINDOW + 20)]

    found = ends(there, many)

    assert found[:2] == [32, 0]
    assert found[2:WINDOW] == [Fate.UNKNOWN] * (WINDOW - 2)
    assert found[WINDOW:] == [Fate.NOT_TRIED] * 20


def test_on_a_closed_connection_nothing_is_tried(there: OtherEnd) -> None:
    """What could not even begin to be sent has not happened."""
    there.line.close()

    assert ends(there, CHANGES) == [Fate.NOT_TRIED, Fate.NOT_TRIED]


@pytest.mark.parametrize(
    "answer",
    [
        messages.modified(9),
        messages.deleted(1),
        messages.extended(1),
        messages.modified(1) * 2,
        b"noise",
        ber.element(0x30, ber.element(0x02, b"\1") + ber.element(0x67, b"\x0a\x01")),
    ],
    ids=["number", "kind", "extended", "twice", "noise", "cut"],
)
def test_answers_that_make_no_sense_settle_nothing(there: OtherEnd, answer: bytes) -> None:
    """After an answer that belongs to nothing, what has no answer is unknown, and the connection is closed."""
    there.says(answer, messages.deleted(2))

    found = ends(there, CHANGES)

    assert found[1] is Fate.UNKNOWN
    assert there.line.closed


def test_no_more_than_a_window_waits(there: OtherEnd) -> None:
    """A server never has more than the window to answer, however many writes there are."""
    most, waiting, data = 0, 0, b""
    many: list[Write] = [Delete(f"cn={number}") for number in range(5 * WINDOW)]

    def serve() -> None:
        nonlocal most, waiting, data
        number = 0
        while number < len(many):
            data += there.peer.recv(1 << 16)
            while (size := ber.size_of_message(data, 0)) and size <= len(data):
                data = data[size:]
                waiting += 1
            most = max(most, waiting)
            answered, waiting = waiting, 0
            for _ in range(answered):
                number += 1
                there.peer.sendall(messages.deleted(number))

    server = threading.Thread(target=serve)
    server.start()
    found = ends(there, many)
    server.join()

    assert found == [0] * len(many)
    assert most <= WINDOW
