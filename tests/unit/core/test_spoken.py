"""Nothing that a file or a plan writes as a code is without words in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pytest

from syncagent.core.action import ActionKind
from syncagent.core.outcome import Result
from syncagent.core.person import Event, Status
from syncagent.core.request import RequestKind
from syncagent.core.spoken import ASKED, EVENTS, KINDS, RESULTS, STATUSES, UNIT_STATUSES
from syncagent.core.unit import UnitStatus
from syncagent.text import Text


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (ActionKind, KINDS),
        (RequestKind, ASKED),
        (Result, RESULTS),
        (Event, EVENTS),
        (Status, STATUSES),
        (UnitStatus, UNIT_STATUSES),
    ],
)
def test_every_code_has_words_of_its_own(codes: type[StrEnum], words: Mapping[str, Text]) -> None:
    """Each member is listed; no two read the same."""
    assert set(words) == set(codes)
    for said in ({text.vi for text in words.values()}, {text.en for text in words.values()}):
        assert len(said) == len(words)
