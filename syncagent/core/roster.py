"""The admitted roster: complete and fresh, faulty rows quarantined."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from syncagent.core.finding import Fault, Finding
    from syncagent.core.person import Person, PersonRow
    from syncagent.core.request import Request
    from syncagent.core.unit import Unit, Units


@dataclass(frozen=True, slots=True)
class RosterRows:
    """A roster as its source gave it, before admission.

    `exported_at` is when the source wrote it; `digest` names its exact bytes (`sha256:…`); `sources` says for
    each part (people, units, requests) which file, hash and how many rows, for the plan's header. `faults` are
    those of request rows, each with the subject the row concerns: what was asked is not known, so nothing is done.
    """

    people: tuple[PersonRow, ...]
    units: tuple[Unit, ...]
    requests: tuple[Request, ...]
    exported_at: datetime
    digest: str
    sources: Mapping[str, Mapping[str, str | int]]
    faults: tuple[tuple[str, Fault], ...] = ()

    def with_recorded(self, recorded: Iterable[Request]) -> RosterRows:
        """Return the roster together with the requests that were recorded in the state; its digest names both.

        A request that stands in the file and was recorded, too, is one; if the two differ, both stand here, and
        admission lets neither count.
        """
        ours = sorted(recorded, key=lambda request: request.request_id)
        if not ours:
            return self
        there = {request.content for request in self.requests}
        contents = [request.content for request in ours]
        sha256 = hashlib.sha256(json.dumps(contents, ensure_ascii=False).encode()).hexdigest()
        return replace(
            self,
            requests=(*self.requests, *(request for request in ours if request.content not in there)),
            digest="sha256:" + hashlib.sha256(f"{self.digest}+{sha256}".encode()).hexdigest(),
            sources={**self.sources, "recorded": {"sha256": sha256, "rows": len(ours)}},
        )


@dataclass(frozen=True, slots=True)
class Roster:
    """Who should be there. Everybody in `people` may be acted on; nobody in `quarantined` may.

    `coming` are people whose first row takes effect later; `quarantined` maps subjects (people, `unit:KEY`) to
    what is wrong with their rows; `units` holds the admitted units only; `findings` are what admission has to say;
    `doubted` are the faults of requests, with the subject each names.
    """

    people: Mapping[str, Person]
    coming: Mapping[str, PersonRow]
    units: Units
    requests: tuple[Request, ...]
    quarantined: Mapping[str, tuple[Fault, ...]]
    findings: tuple[Finding, ...]
    doubted: tuple[tuple[str, Fault], ...] = ()
