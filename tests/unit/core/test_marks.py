"""Which state of a directory server was read, and whether it was put back since (F10)."""

from __future__ import annotations

import pytest

from syncagent.core.ledger import Ledger
from syncagent.core.marks import Mark, Place, admit_marks, digest, mark_of
from syncagent.core.snapshot import Snapshot
from syncagent.errors import Doubtful

AD: dict[str, str | int] = {"server": "dc1", "invocation_id": "a", "usn_before": 9, "usn_after": 10}
CSN = "20260101000000.000001Z#000000#001#000000 20260102Z#000000#002#000000"
SLAPD: dict[str, str | int] = {"server": "ldaps://l1", "csn_after": CSN}


def _known(watermark: dict[str, str | int], *accepted: str) -> Ledger:
    return Ledger(marks=dict(filter(None, [mark_of(_read(watermark))])), accepted=frozenset(accepted))


def _read(watermark: dict[str, str | int]) -> Snapshot:
    return Snapshot("main", (), watermark=watermark)


def test_a_file_has_no_mark() -> None:
    """A directory in a file has no server, and nothing to go back."""
    assert mark_of(_read({"file": "a.ldif"})) is None
    admit_marks([_read({"file": "a.ldif"})], _known(AD))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (AD, AD),
        (AD, {**AD, "usn_after": 100}),  # compared as numbers, not as text
        (AD, {**AD, "server": "dc2", "invocation_id": "b", "usn_after": 1}),  # failover
        (SLAPD, SLAPD),
        (SLAPD, {**SLAPD, "csn_after": CSN.replace("20260102Z", "20260103Z")}),
        ({**SLAPD, "csn_after": ""}, SLAPD),  # syncprov is new
    ],
)
def test_a_server_that_went_on_is_admitted(before: dict[str, str | int], now: dict[str, str | int]) -> None:
    """The same database with as many changes or more, and a server that was never read before."""
    admit_marks([_read(now)], _known(before))


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [
        (AD, {**AD, "usn_after": 9}, "went back"),
        (AD, {**AD, "invocation_id": "b", "usn_after": 100}, "invocationId b, a before"),
        (AD, {**AD, "invocation_id": ""}, "invocationId –, a before"),
        (SLAPD, {**SLAPD, "csn_after": CSN.replace("20260102Z", "20260101Z")}, "went back"),
        (SLAPD, {**SLAPD, "csn_after": CSN.partition(" ")[0]}, "went back"),
    ],
)
def test_a_server_that_was_put_back_is_doubtful_until_a_person_lets_it_pass(
    before: dict[str, str | int], now: dict[str, str | int], why: str
) -> None:
    """Nothing is planned; the way out names the very state that was lost, and holds for no other."""
    known = _known(before)
    ((place, mark),) = known.marks.items()

    with pytest.raises(Doubtful, match=f"directory accept {digest(place, mark)} ") as caught:
        admit_marks([_read(now)], known)
    admit_marks([_read(now)], _known(before, digest(place, mark)))

    assert why in caught.value.says.en
    assert caught.value.where == place.server
    assert digest(place, mark) != digest(Place("other", place.server), mark) != digest(place, Mark("x", mark.numbers))
