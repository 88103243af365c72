"""The hash chain of the audit log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from logs import a_log, chained

from syncagent.errors import Refused
from syncagent.trust.chain import EMPTY, Head, Record, follow, link

HARM: dict[str, Callable[[list[Record]], list[Record]]] = {
    "body": lambda log: [*log[:4], log[4]._replace(body="{}"), *log[5:]],
    "moment": lambda log: [*log[:4], log[4]._replace(at="2026-03-10T01:00:01+00:00"), *log[5:]],
    "kind": lambda log: [*log[:4], log[4]._replace(kind="failed"), *log[5:]],
    "hash": lambda log: [*log[:4], log[4]._replace(hash="0" * 64), *log[5:]],
    "dropped": lambda log: [*log[:4], *log[5:]],
    "dropped first": lambda log: log[1:],
    "inserted": lambda log: [*log[:4], log[4], *log[4:]],
    "swapped": lambda log: [*log[:4], log[5], log[4], *log[6:]],
    "no text": lambda log: [*log[:4], log[4]._replace(body="\ud800"), *log[5:]],
}


def test_a_whole_chain_is_followed_to_its_end() -> None:
    """Every record continues the one before; an empty log stands at the beginning."""
    log = a_log(10)

    assert follow(log) == Head(10, log[-1].hash)
    assert follow([]) == EMPTY


def test_a_chain_is_followed_from_any_record_on() -> None:
    """What was verified once need not be read again."""
    log = a_log(10)

    assert follow(log[6:], Head(6, log[5].hash)) == follow(log)


@pytest.mark.parametrize("how", HARM)
def test_harm_is_found(how: str) -> None:
    """F30: whatever was done to a record in the middle, the chain breaks there."""
    with pytest.raises(Refused, match="from record"):
        follow(HARM[how](a_log(10)))


def test_the_first_record_that_does_not_fit_is_named() -> None:
    """Whoever must look into it knows where to begin."""
    log = a_log(10)
    log[6] = log[6]._replace(body="{}")

    with pytest.raises(Refused, match="record 7"):
        follow(log)


def test_a_chain_rewritten_from_a_record_on_has_another_end() -> None:
    """Whoever rewrites all later links as well gets another last hash, which a checkpoint does not have."""
    log = a_log(10)

    forged = [*log[:4], *chained(["{}"] * 6, Head(4, log[3].hash))]

    assert follow(forged).hash != follow(log).hash


def test_no_two_records_give_the_same_bytes() -> None:
    """Each part stands behind its length: what moves from one part to the next changes the hash."""
    assert link("0" * 64, 1, "2026", "done", "x") != link("0" * 64, 1, "202", "6done", "x")
