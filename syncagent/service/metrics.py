"""Figures of the service as Prometheus reads them. No name of a person, no address and no unit is among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from syncagent import __version__
from syncagent.service.schedule import Job

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from syncagent.store.jobs import Standing

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_FOUND: Final[Mapping[tuple[Job, str], tuple[str, str]]] = {
    (Job.PLAN, "roster_exported_at"): ("roster_exported_timestamp_seconds", "When the roster was exported"),
    (Job.PLAN, "made_at"): ("plan_made_timestamp_seconds", "When the newest plan was made"),
    (Job.PLAN, "actions"): ("plan_actions", "Actions of the newest plan"),
    (Job.PLAN, "findings"): ("plan_findings", "Findings of the newest plan"),
    (Job.PLAN, "brakes"): ("plan_brakes_tripped", "Brakes that hold the newest plan"),
    (Job.DELETIONS, "next_in_days"): ("deletion_next_days", "Days until the next deletion falls due"),
    (Job.DELETIONS, "calendar"): ("deletions_in_calendar", "Accounts whose deletion has a day"),
    (Job.DELETIONS, "by_tomorrow"): ("deletions_by_tomorrow", "Deletions that fall due by tomorrow"),
    (Job.REPORTS, "late"): ("reports_late", "Reports of the regulation that were due and are not made"),
    (Job.REPORTS, "soon"): ("reports_soon", "Reports that fall due within a week"),
    (Job.REQUESTS, "waiting"): ("requests_waiting", "Written requests that wait for an answer"),
    (Job.REQUESTS, "late"): ("requests_late", "Written requests whose answer is late"),
    (Job.CHECKPOINT, "records"): ("audit_records", "Records of the audit log"),
    (Job.CHECKPOINT, "unread_copies"): ("audit_copies_unread", "Second places of checkpoints that do not answer"),
    (Job.SELF_CHECK, "waiting"): ("plan_waiting", "Actions of the newest plan that wait for approval"),
    (Job.SELF_CHECK, "faults"): ("self_check_faults", "What keeps the agent from working"),
    (Job.SELF_CHECK, "doubts"): ("self_check_doubts", "What the self-check advises to look at"),
}


class Reading(NamedTuple):
    """What is shown: who leads, how the jobs fared, the actions by kind and outcome, and whether anything may run."""

    leads: bool = False
    ready: bool = False
    stopped: bool = False
    fared: Mapping[str, Standing] = {}
    actions: Mapping[tuple[str, str], int] = {}


class _Figures:
    """A reading as a collector of Prometheus's client."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Metric]:
        read = self._reading
        yield _gauge("info", "The version that runs", {__version__: 1.0}, "version")
        yield _gauge("leader", "Whether this service runs the jobs", {"": float(read.leads)})
        yield _gauge("ready", "Whether it is ready", {"": float(read.ready)})
        yield _gauge("stopped", "Whether the stop switch is on", {"": float(read.stopped)})
        yield from self._jobs()
        actions = CounterMetricFamily(
            "syncagent_actions", "Actions by kind and outcome, as the audit log has them", labels=("kind", "result")
        )
        for (kind, result), count in sorted(read.actions.items()):
            actions.add_metric((kind, result), count)
        yield actions
        for (job, figure), (name, says) in _FOUND.items():
            family = GaugeMetricFamily(f"syncagent_{name}", says)
            fared = read.fared.get(job)
            if fared and figure in fared.figures:
                family.add_metric((), fared.figures[figure])
            yield family

    def _jobs(self) -> Iterator[Metric]:
        fared = {job: self._reading.fared[job] for job in Job if job in self._reading.fared}
        runs = CounterMetricFamily("syncagent_job_runs", "Runs of each job by outcome", labels=("job", "outcome"))
        for job, one in fared.items():
            for outcome, count in sorted(one.counts.items()):
                runs.add_metric((job, outcome), count)
        yield runs
        ended = {str(job): one.succeeded.timestamp() for job, one in fared.items() if one.succeeded}
        yield _gauge("job_last_success_timestamp_seconds", "When each job last succeeded", ended, "job")
        took = {str(job): one.seconds for job, one in fared.items()}
        yield _gauge("job_duration_seconds", "How long its last run took", took, "job")
        failures = {str(job): float(one.failures) for job, one in fared.items()}
        yield _gauge("job_failures", "Failures in a row", failures, "job")
        quarantined = {str(job): float(one.quarantined) for job, one in fared.items()}
        yield _gauge("job_quarantined", "Whether it failed so often that it is tried rarely", quarantined, "job")


def _gauge(name: str, says: str, values: Mapping[str, float], *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"syncagent_{name}", says, labels=labels)
    for key, value in values.items():
        family.add_metric((key,) if labels else (), value)
    return family


def exposition(reading: Reading) -> bytes:
    """Return a reading in the text format of Prometheus, version 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(reading))
    return generate_latest(registry)
