"""Written requests: the closed set, and how one is cited."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
import world

from syncagent.core.request import Request, RequestKind, next_number
from syncagent.core.where import Where


def test_the_kinds_are_the_closed_set_of_the_contract() -> None:
    """Contract §4: the words of the column `kind`."""
    listed = "create change cancel lock unlock reset_password hold release exempt agree_address emergency_delete"

    assert [str(kind) for kind in RequestKind] == listed.split()


def test_a_request_is_cited_by_its_letter_and_else_by_its_own_number() -> None:
    """Whoever reads a plan must find the paper behind it; a request without a letter still has a number."""
    assert world.request("lock", "P1", date(2026, 3, 1), "YC-7", document_number="9/CV").document == "9/CV"
    assert world.request("lock", "P1", date(2026, 3, 1), "YC-7").document == "YC-7"


def test_the_content_of_a_request_is_every_column_and_not_its_place() -> None:
    """Contract §4: the same words in the file and in the state are one request; one other word makes another."""
    asked = world.request("lock", "P1", date(2026, 3, 1))
    names = [field.name for field in fields(Request) if field.name != "where"]
    others = {name: replace(asked, **{name: _other(name)}) for name in names}

    assert replace(asked, where=Where("request R1")).content == asked.content
    assert [name for name, other in others.items() if other.content == asked.content] == []


def _other(name: str) -> Any:
    days = {"received_on", "document_date", "until"}
    return date(2026, 3, 2) if name in days else RequestKind.HOLD if name == "kind" else "x"


@pytest.mark.parametrize(
    ("used", "following"),
    [
        ([], "YC-2026-0001"),
        (["YC-2026-0001", "YC-2026-0003"], "YC-2026-0004"),
        (["YC-2025-0009", "YC-2026-12", "yc-2026-0007", "CV 5", "YC-2026-0001a"], "YC-2026-0001"),
        (["YC-2026-9999"], "YC-2026-10000"),
    ],
)
def test_running_numbers_go_on_from_the_highest_of_the_year(used: list[str], following: str) -> None:
    """A number is never given twice; those of other years and of other forms do not count."""
    assert next_number(used, 2026) == following
