"""The service as the data centre runs it: the installed command, told what to do by signals, watched over HTTP."""

from __future__ import annotations

import platform
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from desk import Desk
from servers.postgresql import PostgreSql
from serving import ALWAYS, free_port, serving

_OFTEN = "  schedule: {plan: every 1 second, self-check: every 1 second}\n"


def _directory(desk: Desk) -> bytes:
    return (desk.folder / "directory.ldif").read_bytes()


def test_what_was_approved_while_it_runs_is_applied_and_nothing_else(desk: Desk) -> None:
    """A plan comes by schedule and nothing is written until it is approved; then all of it is, and no more plans."""
    before = _directory(desk)
    with serving(desk, _OFTEN + ALWAYS) as service:
        service.until(lambda: service.figures().get("syncagent_job_runs_total apply done", 0) >= 2, "two looks")
        unapproved, planned = _directory(desk), service.figures()
        plan_id = _latest(desk)
        desk.run("approve", plan_id, "--by", "A", "--order", "1/A")
        desk.run("approve", plan_id, "--by", "B", "--order", "1/A")
        service.until(lambda: _directory(desk) != before, "the apply")
        service.until(lambda: service.figures()["syncagent_plan_actions"] == 0, "an empty plan")
        figures, health, ready = service.figures(), service.ask("healthz"), service.ask("readyz")
        code, seconds = service.end()

    assert planned["syncagent_plan_actions"] == planned["syncagent_plan_waiting"] > 0
    assert unapproved == before
    done = {name: count for name, count in figures.items() if name.startswith("syncagent_actions_total")}
    assert sum(done.values()) == planned["syncagent_plan_actions"]
    assert {name.rpartition(" ")[2] for name in done} == {"done"}
    assert (health, ready) == ((200, "ok\n"), (200, "ready\n"))
    assert figures["syncagent_leader"] == 1
    assert code == 0
    assert seconds < 5
    assert service.told[0].startswith("READY=1")
    assert "WATCHDOG=1" in service.told
    assert any(one.startswith("STOPPING=1") for one in service.told)


def test_without_a_window_it_only_plans_and_only_a_sound_configuration_changes_that(desk: Desk) -> None:
    """The safe default writes nothing, approved or not. SIGHUP: a fault is told and changes nothing, sound counts."""
    desk.run("plan")
    for name in "AB":
        desk.run("approve", "latest", "--by", name, "--order", "1/A")
    before = _directory(desk)
    with serving(desk, _OFTEN) as service:
        service.until(lambda: service.figures().get("syncagent_job_runs_total plan done", 0) >= 2, "two plans")
        config = desk.folder / "syncagent.yaml"
        sound = config.read_text(encoding="utf-8") + ALWAYS
        config.write_text(sound.replace("regulation: ninhbinh-2025", "regulation: nowhere"), encoding="utf-8")
        service.process.send_signal(signal.SIGHUP)
        service.until(lambda: any("faulty" in one for one in service.told), "the refusal")
        runs = service.figures()["syncagent_job_runs_total plan done"]
        service.until(lambda: service.figures()["syncagent_job_runs_total plan done"] > runs, "another plan")
        only_planned, kept = _directory(desk), service.ask("readyz")
        other = free_port()
        config.write_text(sound.replace(f":{service.port}", f":{other}"), encoding="utf-8")
        service.process.send_signal(signal.SIGHUP)
        service.until(lambda: any("STATUS=reloaded" in one for one in service.told), "the new configuration")
        gone = service.ask("healthz")
        service.port = other
        service.until(lambda: _directory(desk) != before, "the apply")
        there = service.ask("healthz")
        code, _ = service.end()

    assert only_planned == before
    assert kept == (200, "ready\n")
    assert "configuration-refused" in service.log
    assert "nowhere" in service.log
    assert sum("RELOADING=1" in one for one in service.told) == 2
    assert (gone[0], there[0], code) == (0, 200, 0)


def test_a_service_does_not_start_on_a_faulty_configuration(desk: Desk) -> None:
    """Exit code 3 with the line, and systemd is never told that it is ready."""
    with serving(desk, '  schedule: {plan: "0 5 * * 1"}\n', ready=False) as service:
        code = service.process.wait(30)

    assert code == 3
    assert "weekdays are written as names" in service.log
    assert not any("READY" in one for one in service.told)


def test_a_signal_during_an_apply_ends_after_the_step_and_the_next_service_goes_on(desk: Desk) -> None:
    """SIGTERM while it applies: exit code 0, nothing half done; a service started again leaves nothing to do."""
    desk.run("plan")
    for name in "AB":
        desk.run("approve", "latest", "--by", name, "--order", "1/A")
    before = _directory(desk)
    once = "  schedule: {plan: every 1 day}\n" + ALWAYS
    with serving(desk, once) as service:
        service.until(lambda: "STATUS=job apply" in service.told, "the apply")
        code, seconds = service.end()
    after = _directory(desk)
    with serving(desk, once) as again:
        again.until(lambda: again.figures().get("syncagent_job_runs_total apply done", 0) > 1, "another look")
        done = {name for name in again.figures() if name.startswith("syncagent_actions_total")}
        again.end()

    assert code == 0
    assert seconds < 5
    assert after in {before, _directory(desk)}
    assert done
    assert {name.rpartition(" ")[2] for name in done} == {"done"}
    assert desk.run("plan", "--exit-code").returncode == 0


def test_a_job_that_fails_is_told_and_tried_again_by_itself(desk: Desk) -> None:
    """A roster that is gone: the plan fails with its reason, `status` says it, and the service goes on and recovers."""
    people = desk.folder / "people.csv"
    people.rename(desk.folder / "elsewhere.csv")
    with serving(desk, _OFTEN + "  quarantine_after: 1000\n") as service:
        service.until(lambda: service.figures().get("syncagent_job_failures plan", 0) > 1, "failures")
        shown = desk.run("--lang", "en", "status").stdout
        (desk.folder / "elsewhere.csv").rename(people)
        service.until(lambda: service.figures().get("syncagent_job_runs_total plan done", 0) > 0, "a plan")
        failures = service.figures()["syncagent_job_failures plan"]
        code, _ = service.end()
    ended = desk.run("--lang", "en", "status").stdout

    assert f"The service runs on {platform.node()}" in shown
    assert f"The service does not run (last on {platform.node()})" in ended
    assert "Job “plan”" in shown
    assert "people.csv" in shown
    assert (failures, code) == (0, 0)


@pytest.mark.server
def test_of_two_services_one_works_and_the_other_takes_over(desk: Desk, postgresql: PostgreSql, tmp_path: Path) -> None:
    """One leader per state; when its process dies without a word, the other one leads within a few turns."""
    state = postgresql.url(postgresql.fresh())
    desk.edit("syncagent.yaml", "state: sqlite:///syncagent.db", f"state: {state}\nsigning_key: {{file: agent.key}}")
    (desk.folder / "agent.key").write_text("ab" * 32, encoding="ascii")
    (desk.folder / "agent.key").chmod(0o600)
    other = Desk(tmp_path / "other")
    shutil.copytree(desk.folder, other.folder)
    with serving(desk, _OFTEN) as first, serving(other, _OFTEN) as second:
        first.until(lambda: first.figures().get("syncagent_job_runs_total plan done", 0) >= 2, "two plans")
        second.until(lambda: second.ask("readyz")[0] == 200, "the second one")
        second.until(lambda: "syncagent_job_runs_total plan done" in second.figures(), "a look")
        leads = (first.figures()["syncagent_leader"], second.figures()["syncagent_leader"])
        worked = "job-done" in second.log
        first.process.kill()
        first.process.wait()
        second.until(lambda: second.figures()["syncagent_leader"] == 1, "the lead")
        runs = second.figures()["syncagent_job_runs_total plan done"]
        second.until(lambda: second.figures()["syncagent_job_runs_total plan done"] > runs, "its plan")
        code, _ = second.end()

    assert leads == (1.0, 0.0)
    assert not worked
    assert code == 0


def _latest(desk: Desk) -> str:
    """Return the id of the newest plan."""
    with closing(sqlite3.connect(desk.folder / "syncagent.db")) as state:
        return str(state.execute("SELECT plan_id FROM plans ORDER BY serial DESC LIMIT 1").fetchone()[0])
