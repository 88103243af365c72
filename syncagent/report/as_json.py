"""A plan in its published form (contract §5, `docs/reference/plan.schema.json`)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from syncagent.core.record import to_record

if TYPE_CHECKING:
    from syncagent.core.plan import Envelope, Plan

_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def render(plan: Plan, envelope: Envelope, *, with_skips: bool = False) -> str:
    """Given a plan and its envelope, return the published JSON; `with_skips` lists whoever was left alone.

    Letters stand as they are, so that Vietnamese can be read; what could steer a terminal, turn the reading
    direction or not be encoded at all is written as an escape, which says the same to a parser.
    """
    record = to_record(plan, envelope, with_skips=with_skips)
    text = "{\n" + ",\n".join(f"{_line(name)}: {_value(value)}" for name, value in record.items()) + "\n}\n"
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _value(value: object) -> str:
    """Return a part of the record; of a list, such as the actions, each element on a line of its own."""
    if not isinstance(value, list) or not value:
        return _line(value)
    return "[\n" + ",\n".join(map(_line, value)) + "\n]"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
