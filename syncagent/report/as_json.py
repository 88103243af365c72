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
    text = json.dumps(to_record(plan, envelope, with_skips=with_skips), ensure_ascii=False, indent=2)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n"
