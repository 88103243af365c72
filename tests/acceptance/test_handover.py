"""Passwords on their way: drawn, sealed before they are sent, opened once by whoever hands them over, and in force."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from live import OFFICER, PASSPHRASE, TODAY, Province, working
from servers.client import Server, ldap
from servers.samba import Samba
from sqlalchemy import create_engine, text

pytestmark = pytest.mark.server

FreshBase = Callable[[Server], str]
REFUSED = 5


def _state(here: Province, query: str) -> list[tuple[object, ...]]:
    with create_engine(f"sqlite:///{here.desk.folder / 'syncagent.db'}").begin() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_new_password_reaches_its_holder_once_and_lets_in(
    samba: Samba, fresh_base: FreshBase, tmp_path: Path
) -> None:
    """A unit's officer opens its passwords, the office all others; each once, on record, and the account lets in."""
    here = Province.make(tmp_path / "desk", 120, samba, fresh_base(samba), "active-directory")
    person = working(here, 1)[0]
    plan = here.desk.plan(TODAY.isoformat())
    create = next(action for action in plan["actions"] if action["person_id"] == person)
    unit = str(create["unit"])
    here.desk.run("handover", "officer", "key", "unit.key", "--passphrase-file", "passphrase")
    here.desk.run(
        "handover", "officer", "add", unit, "Lê Thị Bảy", "--key-file", "unit.key", "--passphrase-file", "passphrase"
    )
    here.in_step()
    unlock = ("--unit", unit, "--key-file", "unit.key", "--passphrase-file", "passphrase")
    waiting = here.desk.run("handover", "list", "--unit", unit).stdout
    with_wrong_key = here.desk.run("handover", "open", "--unit", unit, *OFFICER, expect=REFUSED).stderr
    opened = json.loads(here.desk.run("handover", "open", *unlock, "--format", "json").stdout)
    again = here.desk.run("handover", "open", *unlock, expect=REFUSED).stderr
    here.desk.run("handover", "letter", "--unit", "office", *OFFICER, "--out", "giao.pdf")
    printed = (here.desk.folder / "giao.pdf").read_bytes()
    after = here.desk.run("handover", "list").stdout
    audited = _state(here, "SELECT kind, body FROM audit WHERE kind = 'password-opened'")
    mine = next(one for one in opened if one["address"] == create["address"])
    entry = here.entry(person)
    ldap(samba, "ldapmodify", ldif=f"dn: {entry['dn']}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: -1\n")
    told = ldap(samba, "ldapwhoami", who=mine["address"], password=mine["password"])

    assert create["address"] in waiting
    assert mine["password"] not in waiting
    assert "Khóa" in with_wrong_key
    assert "office.key" not in with_wrong_key
    assert f"Không có mật khẩu nào của {unit} đang chờ giao" in again
    assert printed.startswith(b"%PDF")
    assert "@" not in after
    assert len(audited) == len(plan["actions"]) == len(_state(here, "SELECT id FROM handovers"))
    assert not any(mine["password"] in str(body) for _, body in audited)
    assert _state(here, "SELECT DISTINCT sealed FROM handovers") == [(b"",)]
    assert "u:" in told


def test_without_anybody_to_hand_it_over_no_password_is_set(
    samba: Samba, fresh_base: FreshBase, tmp_path: Path
) -> None:
    """A create whose password nobody could be handed is not tried; the message says how a key is registered."""
    here = Province.make(tmp_path / "desk", 120, samba, fresh_base(samba), "active-directory")
    key_id = re.findall(r"^[0-9a-f]{32}", here.desk.run("handover", "officer", "list").stdout)[0]
    here.desk.run("handover", "officer", "revoke", key_id)
    here.desk.plan(TODAY.isoformat())
    here.approve_all()
    done = here.desk.run("apply", "latest", expect=REFUSED)

    assert "handover officer add office" in done.stdout + done.stderr
    assert _state(here, "SELECT count(*) FROM handovers") == [(0,)]


def test_the_passphrase_is_asked_for_or_refused(samba: Samba, fresh_base: FreshBase, tmp_path: Path) -> None:
    """Without a terminal, a file or a variable there is nobody to ask; a wrong passphrase opens nothing."""
    here = Province.make(tmp_path / "desk", 120, samba, fresh_base(samba), "active-directory")
    here.in_step()
    nobody = here.desk.run("handover", "open", "--unit", "office", "--key-file", "office.key", expect=REFUSED)
    (here.desk.folder / "passphrase").write_text("sai " + PASSPHRASE, encoding="utf-8")
    wrong = here.desk.run("handover", "open", "--unit", "office", *OFFICER, expect=REFUSED)
    (here.desk.folder / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    opened = here.desk.run("handover", "open", "--unit", "office", *OFFICER)

    assert "--passphrase-file" in nobody.stderr
    assert PASSPHRASE not in wrong.stderr
    assert opened.stdout.count("@") >= 1
    assert isinstance(opened, subprocess.CompletedProcess)
