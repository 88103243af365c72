"""What is answered over HTTP, and the metrics as Prometheus's own parser reads them."""

from __future__ import annotations

import socket
import time
import urllib.request
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from syncagent.errors import Misconfigured
from syncagent.service.metrics import Reading, exposition
from syncagent.service.pulse import Pulse
from syncagent.service.web import answer, shown
from syncagent.store.jobs import Standing
from syncagent.text import Text

NOW = datetime(2026, 3, 16, 2, tzinfo=UTC)


def test_it_is_not_ready_before_its_first_turn_and_says_why_it_is_not() -> None:
    """503 with a reason; 200 once nothing is in the way; alive all the time."""
    pulse = Pulse()

    starting = answer(pulse, "/readyz")
    pulse.turned((), Reading())
    ready = answer(pulse, "/readyz")
    pulse.turned(("self-check: no server answers",), Reading())
    unwell = answer(pulse, "/readyz")

    assert (starting[0], starting[2]) == (503, b"starting\n")
    assert (ready[0], ready[2]) == (200, b"ready\n")
    assert (unwell[0], unwell[2]) == (503, b"self-check: no server answers\n")
    assert answer(pulse, "/healthz")[0] == 200
    assert answer(pulse, "/anything")[0] == 404


def test_a_service_that_does_not_turn_is_not_healthy_unless_it_does_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes without a turn; a job may take hours, but not for ever."""
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    pulse = Pulse(now)
    pulse.turned((), Reading())
    now += 121
    idle = answer(pulse, "/healthz")[0], answer(pulse, "/readyz")[0]
    pulse.began("plan")
    now += 5 * 3600
    working = answer(pulse, "/healthz")[0]
    now += 2 * 3600

    assert idle == (503, 503)
    assert working == 200
    assert answer(pulse, "/healthz")[0] == 503


def test_the_metrics_are_what_prometheus_reads() -> None:
    """Counters and gauges with their labels; a figure nobody knows yet has no value instead of 0."""
    plan = Standing(
        succeeded=NOW,
        failures=2,
        quarantined=True,
        seconds=1.5,
        counts={"done": 7, "failed": 2},
        figures={"actions": 12},
    )
    reading = Reading(leads=True, ready=True, fared={"plan": plan}, actions={("disable", "done"): 3})

    families = {one.name: one for one in text_string_to_metric_families(exposition(reading).decode())}
    values = {
        (sample.name, *sample.labels.values()): sample.value for one in families.values() for sample in one.samples
    }

    assert values["syncagent_leader",] == 1
    assert values["syncagent_stopped",] == 0
    assert values["syncagent_job_runs_total", "plan", "failed"] == 2
    assert values["syncagent_job_quarantined", "plan"] == 1
    assert values["syncagent_job_last_success_timestamp_seconds", "plan"] == NOW.timestamp()
    assert values["syncagent_actions_total", "disable", "done"] == 3
    assert values["syncagent_plan_actions",] == 12
    assert families["syncagent_deletion_next_days"].samples == []
    assert all(one.documentation for one in families.values())


def test_a_port_that_is_taken_is_a_fault_of_the_configuration() -> None:
    """The message names the setting and the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = ("127.0.0.1", taken.getsockname()[1])

        with pytest.raises(Misconfigured) as refused, shown(Pulse(), place):
            pass

    assert refused.value.where == "service.listen"
    assert str(place[1]) in refused.value.says.en


def test_it_answers_where_it_was_told_to_and_nowhere_afterwards() -> None:
    """Over a real socket; the port is free again at the end."""
    pulse = Pulse()
    pulse.turned((), Reading(fared={"plan": Standing(says=Text("a", "b"))}))
    with shown(pulse, ("127.0.0.1", 0)) as (host, port):
        told = urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=5)
        kind, body = told.headers["Content-Type"], told.read()

    assert kind.startswith("text/plain; version=0.0.4")
    assert b"syncagent_leader 0.0" in body
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, port), timeout=5)
