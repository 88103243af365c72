"""How the addresses of a sample are built, and where its directory lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.addresses import Pattern
from syncagent.core.stamp import AccountKind

if TYPE_CHECKING:
    from syncagent.core.regulation import Naming


class Scheme(NamedTuple):
    """The domain, the forms of a regulation, and those on which holders of one name agree."""

    domain: str
    personal: Pattern
    agency: Pattern
    department: Pattern
    agreed: tuple[Pattern, ...]

    @classmethod
    def of(cls, naming: Naming) -> Scheme:
        """Given the naming rules of a regulation, return its scheme."""
        kinds = naming.kinds
        return cls(
            naming.domain,
            kinds[AccountKind.PERSONAL].pattern,
            kinds[AccountKind.AGENCY].pattern,
            kinds[AccountKind.DEPARTMENT].pattern,
            naming.candidates,
        )

    @property
    def root(self) -> str:
        """Return the DN of the domain."""
        return ",".join(f"DC={part}" for part in self.domain.split("."))

    @property
    def base(self) -> str:
        """Return the DN under which mail accounts lie."""
        return f"OU=Mail,{self.root}"


NINH_BINH = Scheme(
    "ninhbinh.gov.vn",
    Pattern.parse("{ten}{initials}.{suffix}"),
    Pattern.parse("{abbreviation}"),
    Pattern.parse("{abbreviation}.{parent}"),
    tuple(
        Pattern.parse(form)
        for form in (
            "{ten}{ho:2}{dem:1}.{suffix}",
            "{ten}{ho:1}{dem}.{suffix}",
            "{ten}{ho}{dem:1}.{suffix}",
            "{ho}{dem}{ten}.{suffix}",
            "{ten}{initials}-{abbreviation}.{suffix}",
            "{ho}{dem}{ten}-{abbreviation}.{suffix}",
        )
    ),
)
"""Personal addresses after Điều 5.3; holders of one name agree on a longer form (Điều 5.4)."""
