"""Documents: when a decision proves a leaving (NB-27, Điều 7.4)."""

from __future__ import annotations

from datetime import date

import pytest

from syncagent.core.document import NO_DOCUMENT, Document

SIGNED = date(2026, 3, 1)


def test_a_decision_needs_number_date_and_signer() -> None:
    """Contract §4: leaving needs a decision number, date and signer; anything less is a finding."""
    assert Document("12/QĐ-SNV", SIGNED, "Giám đốc").complete
    assert Document("12/QĐ-SNV", SIGNED, "Giám đốc").missing() == ()


@pytest.mark.parametrize(
    ("document", "missing"),
    [
        (Document("", SIGNED, "A"), ("decision_number",)),
        (Document("1/QĐ", None, "A"), ("decision_date",)),
        (Document("1/QĐ", SIGNED, ""), ("signed_by",)),
        (NO_DOCUMENT, ("decision_number", "decision_date", "signed_by")),
    ],
)
def test_what_is_missing_is_named_by_its_column(document: Document, missing: tuple[str, ...]) -> None:
    """The finding names the columns that a person must fill in."""
    assert not document.complete
    assert document.missing() == missing
