"""Decisions of personnel and of organisation, as agencies number and sign them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from syncagent.core.document import Document
from syncagent.core.unit import UnitKind

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from syncagent.sample.units import Agency

_CHAIRMAN = "Chủ tịch Ủy ban nhân dân tỉnh"
_HOME_AFFAIRS = "Giám đốc Sở Nội vụ"


def of_province(rng: Random, effective: date) -> Document:
    """Return a decision of the province about its agencies, signed some days before it takes effect."""
    return _signed(rng, effective, "UBND", _CHAIRMAN)


def of_person(rng: Random, effective: date, agency: Agency | None = None) -> Document:
    """Return a decision about a person, by the head of a commune or one of the two provincial authorities."""
    if agency and agency.kind is UnitKind.COMMUNE:
        return _signed(rng, effective, "UBND", f"{agency.head} {agency.name}")
    issuer, signer = rng.choice((("UBND", _CHAIRMAN), ("SNV", _HOME_AFFAIRS), ("SNV", _HOME_AFFAIRS)))
    return _signed(rng, effective, issuer, signer)


def _signed(rng: Random, effective: date, issuer: str, signer: str) -> Document:
    number, days = rng.randint(11, 2990), rng.randint(1, 9)
    return Document(f"{number}/QĐ-{issuer}", effective - timedelta(days=days), signer)
