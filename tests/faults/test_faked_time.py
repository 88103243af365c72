"""Wrong clocks under the installed command itself: the system tells it another time (F11, libfaketime)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from desk import COMMAND, Desk
from live import TODAY, Province, working
from servers.client import Server
from servers.samba import Samba
from servers.slapd import Slapd

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
DAY = timedelta(days=1)

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="Debian's package faketime is not installed")


def _at(desk: Desk, ahead: timedelta, *words: str, zone: str = "UTC") -> subprocess.CompletedProcess[str]:
    """Type a command on a machine whose clock is so far ahead and shows the time of a zone."""
    faked = {
        "LD_PRELOAD": str(LIBRARY), "FAKETIME": f"{ahead.total_seconds():+.0f}", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1", "TZ": zone, "SYNCAGENT_CONFIG": "", "NO_COLOR": "1", "LC_ALL": "C",
    }  # fmt: skip
    return subprocess.run(
        [str(COMMAND), "--lang", "en", *words],
        cwd=desk.folder, capture_output=True, text=True, encoding="utf-8", check=False, env={**os.environ, **faked},
    )  # fmt: skip


def _exported(desk: Desk, moment: datetime) -> None:
    """Let the roster have been exported at a moment."""
    for path in desk.folder.glob("*.csv"):
        os.utime(path, (moment.timestamp(), moment.timestamp()))


@pytest.mark.long
@pytest.mark.server
def test_a_machine_with_a_wrong_clock_writes_nothing(
    samba: Samba, fresh_base: Callable[[Server], str], tmp_path: Path
) -> None:
    """Clocks: more than a minute from the directory's, or backwards, is refused; half a minute is no matter."""
    here = Province.make(tmp_path / "desk", 100, samba, fresh_base(samba), "active-directory")
    (leaver,) = working(here, 1)
    here.in_step()
    here.row(leaver, status="left", event="retired", effective_date=str(TODAY - DAY))
    here.desk.plan(TODAY.isoformat())
    here.approve_all()
    before = here.entry(leaver)

    refused = [_at(here.desk, seconds * timedelta(seconds=1), "apply", "latest") for seconds in (90, 3600)]
    behind = [_at(here.desk, -seconds * timedelta(seconds=1), "apply", "latest") for seconds in (600, 86_400)]
    untouched = here.entry(leaver)
    near = _at(here.desk, timedelta(seconds=30), "apply", "latest")

    assert [one.returncode for one in refused] == [5, 5], refused
    assert all("seconds ahead of main" in one.stderr for one in refused), refused
    assert [one.returncode for one in behind] == [5, 5], behind
    assert "dated in the future" in behind[0].stderr  # the approvals
    assert "a day in the future" in behind[1].stderr  # the plan
    assert untouched == before
    assert near.returncode == 0, near.stderr
    assert here.entry(leaver)["userAccountControl"] == "514"


@pytest.mark.long
@pytest.mark.server
def test_a_clock_that_jumped_leaves_a_deletion_to_a_person(
    slapd: Slapd, fresh_base: Callable[[Server], str], tmp_path: Path
) -> None:
    """A jump of more than a day beyond the schedule: what is due by term is deleted only once a person names it."""
    here = Province.make(tmp_path / "desk", 100, slapd, fresh_base(slapd), "openldap")
    (gone,) = working(here, 1)
    here.in_step()
    here.row(gone, status="left", event="retired", effective_date=str(TODAY - DAY))
    here.in_step()
    here.back_by(gone, (TODAY - date(2026, 1, 1)).days)

    usual = json.loads(here.desk.run("plan", "--format", "json").stdout)
    _exported(here.desk, datetime.now(UTC) + 3 * DAY)
    jumped = _at(here.desk, 4 * DAY, "plan", "--format", "json")
    backwards = here.desk.run("--lang", "en", "plan", expect=5)

    assert [(one["kind"], one["alone"]) for one in usual["actions"]] == [("delete", False)]
    assert jumped.returncode == 0, jumped.stderr
    later = json.loads(jumped.stdout)
    assert [(one["kind"], one["alone"]) for one in later["actions"]] == [("delete", True)]
    assert "clock-doubt" in {one["code"] for one in later["findings"]}
    assert "runs backwards" in backwards.stderr


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2028, 2, 28, 16, 59, 0, tzinfo=UTC), "2028-02-28"),
        (datetime(2028, 2, 28, 17, 0, 5, tzinfo=UTC), "2028-02-29"),
        (datetime(2028, 2, 29, 17, 0, 5, tzinfo=UTC), "2028-03-01"),
        (datetime(2027, 12, 31, 17, 0, 5, tzinfo=UTC), "2028-01-01"),
        (datetime(2027, 3, 28, 0, 59, 50, tzinfo=UTC), "2027-03-28"),
        (datetime(2027, 10, 31, 1, 0, 5, tzinfo=UTC), "2027-10-31"),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", pytest.param("America/New_York", marks=pytest.mark.long)])
def test_the_day_is_that_of_the_configured_zone(desk: Desk, moment: datetime, day: str, zone: str) -> None:
    """Contract §6: midnight, leap day, new year, changes to and from summer time of the machine's own zone."""
    _exported(desk, moment)

    made = _at(desk, moment - datetime.now(UTC), "plan", "--format", "json", zone=zone)

    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["as_of"] == day
