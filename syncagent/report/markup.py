"""How templates become pages: every value is escaped and spelled out, and a name that is missing is an error."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from syncagent.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def environment(package: str, spelled: Callable[[str], str] = visible) -> Environment:
    """Return what reads the templates of a package; `spelled` is how a text is written, before it is escaped."""

    def shown(value: object) -> object:
        return spelled(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
