"""Figures of Exchange over WinRM: mailbox operations a minute and round trips per operation, with and without latency.

`python tests/bench/exchange.py build/bench.json` adds one row per figure: name, value, unit, bar, holds. The server is
the model of the tests: what Exchange itself takes for a cmdlet is not in the figures, what the wire takes is.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from exchange_desk import exchange_desk
from exchange_states import LOCKED, towards
from servers.place import own_address

from syncagent.connectors.exchange.carry import carry_out
from syncagent.connectors.exchange.mailbox import read_mailboxes
from syncagent.connectors.exchange.order import Operation, Order
from syncagent.core.outcome import Result

MAILBOXES = 100
LATENCIES = (0.0, 0.05, 0.2)
ROUND_TRIPS = 1.0
"""What an operation may cost at most when a hundred go together; without latency each answer is fetched as it comes."""


def locking(latency: float) -> Iterator[dict[str, Any]]:
    """Lock a hundred mailboxes that were read before."""
    with (
        tempfile.TemporaryDirectory() as name,
        own_address() as address,
        exchange_desk(Path(name), address) as desk,
    ):
        people = [desk.holder(f"can.bo{n}") for n in range(MAILBOXES)]
        found = read_mailboxes(desk.driver, people)
        orders = [Order(guid, Operation.LOCK, guid, towards(LOCKED, one.values)) for guid, one in found.items() if one]
        desk.service.latency = latency
        before = len(desk.service.steps)
        started = time.perf_counter()
        effects = carry_out(desk.driver, orders)
        seconds = time.perf_counter() - started
        trips = (len(desk.service.steps) - before) / MAILBOXES
        if {effect.result for effect in effects} != {Result.DONE} or desk.service.opened != 1:
            raise RuntimeError("not all were locked in one shell")
    words = f"Exchange, {latency * 1000:.0f} ms latency"
    yield {
        "name": f"{words}: mailboxes locked",
        "value": round(60 * MAILBOXES / seconds),
        "unit": "per minute", "bar": None, "holds": True,
    }  # fmt: skip
    yield {
        "name": f"{words}: round trips", "value": round(trips, 3), "unit": "per mailbox",
        "bar": ROUND_TRIPS if latency else None, "holds": not latency or trips <= ROUND_TRIPS,
    }  # fmt: skip


def main() -> None:
    """Measure, print, and add to the file."""
    rows = [row for latency in LATENCIES for row in locking(latency)]
    out = Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    out.write_text(json.dumps(before + rows, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        bar = f"(bar {row['bar']}{'' if row['holds'] else ', MISSED'})" if row["bar"] else ""
        sys.stdout.write(f"{row['name']:<45} {row['value']:>9} {row['unit']} {bar}\n")


if __name__ == "__main__":
    main()
