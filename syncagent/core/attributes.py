"""The attributes of one entry, held in little space: a province has half a million of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.core.notation import Values

T = TypeVar("T")


class Attributes(Mapping[str, "Values"]):
    """The values of attributes by name, never changed.

    The names are held once for all entries that have the same, and of an attribute with one value that value alone.
    """

    __slots__ = ("_held", "_places")

    def __init__(self, values: Mapping[str, Values]) -> None:
        """Hold what a mapping holds now."""
        self._places = _places(tuple(values))
        self._held = tuple([held[0] if len(held) == 1 else held for held in values.values()])

    @classmethod
    def of(cls, values: Mapping[str, Values]) -> Attributes:
        """Return attributes as they are, or those of another mapping."""
        return values if isinstance(values, cls) else cls(values)

    def __getitem__(self, name: str) -> Values:
        """Return the values of an attribute.

        Raises:
            KeyError: there is no such attribute.
        """
        held = self._held[self._places[name]]
        return (held,) if isinstance(held, str) else held

    @overload
    def get(self, name: str) -> Values | None: ...
    @overload
    def get(self, name: str, default: Values | T) -> Values | T: ...
    def get(self, name: str, default: Values | T | None = None) -> Values | T | None:
        """Return the values of an attribute, the default where there is none."""
        place = self._places.get(name)
        if place is None:
            return default
        held = self._held[place]
        return (held,) if isinstance(held, str) else held

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in the order in which they came."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return how many attributes there are."""
        return len(self._held)

    def __repr__(self) -> str:
        """Return what a mapping of the same shows."""
        return repr(dict(self))


@lru_cache(maxsize=1 << 12)
def _places(names: tuple[str, ...]) -> dict[str, int]:
    """Return where the values of each name stand."""
    return {name: place for place, name in enumerate(names)}
