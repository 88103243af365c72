"""Written requests: the closed set, and how one is cited."""

from __future__ import annotations

from datetime import date

import world

from syncagent.core.request import RequestKind


def test_the_kinds_are_the_closed_set_of_the_contract() -> None:
    """Contract §4: the words of the column `kind`."""
    listed = "create change cancel lock unlock reset_password hold release exempt agree_address emergency_delete"

    assert [str(kind) for kind in RequestKind] == listed.split()


def test_a_request_is_cited_by_its_letter_and_else_by_its_own_number() -> None:
    """Whoever reads a plan must find the paper behind it; a request without a letter still has a number."""
    assert world.request("lock", "P1", date(2026, 3, 1), "YC-7", document_number="9/CV").document == "9/CV"
    assert world.request("lock", "P1", date(2026, 3, 1), "YC-7").document == "YC-7"
