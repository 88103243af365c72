"""The written decision behind a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date


class Document(NamedTuple):
    """A decision as a roster states it: number, date of signature, signer. Any part may be missing."""

    number: str = ""
    signed_on: date | None = None
    signer: str = ""

    @property
    def complete(self) -> bool:
        """Whether number, date and signer are all there, as a leaving needs (NB-27, Điều 7.4)."""
        return bool(self.number and self.signed_on and self.signer)

    def proves_on(self, today: date) -> bool:
        """Whether the decision is complete and signed by a day; one of a day to come is nobody's decision yet."""
        return self.complete and self.signed_on is not None and self.signed_on <= today

    def missing(self) -> tuple[str, ...]:
        """Return the roster columns that are still empty."""
        parts = (
            ("decision_number", self.number),
            ("decision_date", self.signed_on),
            ("signed_by", self.signer),
        )
        return tuple(name for name, value in parts if not value)


NO_DOCUMENT = Document()
