"""The audit log as a file that is checked anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from logs import AT, KEY, KEYS, ORIGIN, a_log, chained, holds, signed

from syncagent.errors import Refused
from syncagent.trust.chain import Head, Record, link
from syncagent.trust.checkpoint import RESTORE, abandoned
from syncagent.trust.export import examined, verified, written
from syncagent.trust.signing import SigningKey

LOG = a_log(8)
STRANGER = SigningKey(b"\x02" * 32)


def lines(records: list[Record] = LOG, *envelopes: str) -> list[str]:
    return list(written(ORIGIN, AT, KEYS.values(), envelopes or [signed(records)], records))


def restore(head: Head, *given_up: str) -> Record:
    body = json.dumps({"by": "A", "abandoned": [abandoned(one) for one in given_up]})
    return Record(head.size + 1, AT, RESTORE, body, link(head.hash, head.size + 1, AT, RESTORE, body))


def test_an_export_is_checked_without_any_state() -> None:
    """Its records are linked, its checkpoint is signed and agrees; a reader written from the format says the same."""
    found = verified(lines(), KEY.public)

    assert found.head == Head(8, LOG[-1].hash)
    assert (found.checkpoints, found.doubts, found.restores) == (1, (), ())
    assert found.newest is not None
    assert found.newest.size == 8
    assert holds(lines(), KEY.public.hex)


def test_the_key_in_the_file_is_believed_if_nobody_names_one() -> None:
    """That shows damage, not forgery: whoever forges puts his own key there."""
    forged = list(written(ORIGIN, AT, [STRANGER.public], [signed(LOG, key=STRANGER)], LOG))

    assert verified(forged).doubts == ()
    assert verified(forged, KEY.public).doubts
    assert not holds(forged, KEY.public.hex)


def test_a_cut_log_contradicts_its_checkpoint() -> None:
    """Dropping the last records leaves a chain that is whole, and shorter than what was signed (F30)."""
    found = verified(lines(LOG[:6], signed(LOG)))

    assert "counts 8 records" in found.doubts[0].en
    assert found.checkpoints == 0


def test_a_checkpoint_from_a_second_place_is_looked_at_as_well() -> None:
    """Whoever drops records and checkpoints from the export has not dropped them elsewhere."""
    cut = lines(LOG[:6], signed(LOG[:6]))

    assert verified(cut).doubts == ()
    assert verified(cut, KEY.public, [signed(LOG)]).doubts


def test_a_log_without_a_checkpoint_is_signed_by_nobody() -> None:
    """It is whole; how new it is nobody knows."""
    found = examined(ORIGIN, [], KEYS, LOG)

    assert (found.checkpoints, found.newest) == (0, None)


def test_an_empty_log_agrees_with_the_checkpoint_of_an_empty_log() -> None:
    """Nothing has happened yet, and that was signed."""
    assert examined(ORIGIN, [signed([])], KEYS, []).doubts == ()


def test_a_declared_restore_gives_up_what_it_names_and_nothing_else() -> None:
    """What somebody declared is no contradiction any more; it is listed, and everything else still counts."""
    lost, other = signed(LOG), signed(a_log(8, "y"))
    log = [*LOG[:5], restore(Head(5, LOG[4].hash), lost)]
    log += chained(["{}"] * 4, Head(6, log[-1].hash))

    found = examined(ORIGIN, [lost, other, signed(log)], KEYS, log)

    assert [record.seq for record in found.restores] == [6]
    assert [doubt.en.split(" is ")[0] for doubt in found.doubts] == ["record 8"]
    assert found.checkpoints == 1


def test_a_restore_that_says_nothing_gives_up_nothing() -> None:
    """A record of that kind must name what it gives up."""
    log = [Record(1, AT, RESTORE, "{}", link("0" * 64, 1, AT, RESTORE, "{}"))]

    with pytest.raises(Refused, match="Record 1"):
        examined(ORIGIN, [], KEYS, log)


def _with(number: int, line: Any) -> list[str]:
    found = lines()
    found[number] = line if isinstance(line, str) else json.dumps(line)
    return found


RECORD = json.loads(lines()[2])


@pytest.mark.parametrize(
    "damaged",
    [
        [],
        _with(0, "{"),
        _with(0, []),
        _with(0, {"format": "syncagent/audit/2"}),
        _with(0, {"format": "syncagent/audit/1"}),
        _with(0, {"format": "syncagent/audit/1", "origin": "x", "public_keys": {"a": "b"}}),
        _with(0, {"format": "syncagent/audit/1", "origin": "x", "public_keys": []}),
        _with(0, {"format": "syncagent/audit/1", "origin": "x", "public_keys": {"a": 7}}),
        _with(2, ""),
        _with(2, "[" * 100_000),
        _with(2, {}),
        _with(2, {**RECORD, "more": 1}),
        _with(2, {**RECORD, "seq": "1"}),
        _with(2, {**RECORD, "seq": True}),
        _with(2, {**RECORD, "body": None}),
        _with(5, {"checkpoint": signed(LOG)}),
    ],
    ids=range(16),
)
def test_what_is_no_export_is_refused(damaged: list[str]) -> None:
    """A line of another form, a missing header, a checkpoint among the records: the line is named."""
    with pytest.raises(Refused, match=r"Line \d+ is not syncagent/audit/1"):
        verified(damaged)
