"""Passwords on their way: drawn, sealed before they are sent, opened once by whoever hands them over, and in force."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from live import OFFICER, TODAY, Province, working
from servers.client import Server, ldap
from servers.samba import Samba
from signers import BOTH, PASSPHRASE, give_key
from sqlalchemy import create_engine, text

pytestmark = pytest.mark.server

FreshBase = Callable[[Server], str]
REFUSED = 5
INVALID_CREDENTIALS = 49


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
        "handover", "officer", "add", unit, "Lê Thị Bảy", "--key-file", "unit.key", "--passphrase-file", "passphrase",
        "--by", BOTH[0], "--by-key-file", give_key(here.desk, BOTH[0])[3], "--by-passphrase-file", "passphrase",
    )  # fmt: skip
    here.in_step()
    unlock = ("--unit", unit, "--key-file", "unit.key", "--passphrase-file", "passphrase")
    waiting = here.desk.run("handover", "list", "--unit", unit).stdout
    with_wrong_key = here.desk.run("handover", "open", "--unit", unit, *OFFICER, expect=REFUSED).stderr
    nobody = here.desk.run("handover", "open", "--unit", unit, "--key-file", "unit.key", expect=REFUSED).stderr
    (here.desk.folder / "wrong").write_text("sai " + PASSPHRASE, encoding="utf-8")
    (here.desk.folder / "wrong").chmod(0o600)
    not_it = here.desk.run("handover", "open", *unlock[:-1], "wrong", expect=REFUSED).stderr
    opened = json.loads(here.desk.run("handover", "open", *unlock, "--format", "json").stdout)
    again = here.desk.run("handover", "open", *unlock, expect=REFUSED).stderr
    here.desk.run("handover", "letter", "--unit", "office", *OFFICER, "--out", "giao.pdf")
    printed = (here.desk.folder / "giao.pdf").read_bytes()
    after = here.desk.run("handover", "list").stdout
    audited = _state(here, "SELECT kind, body FROM audit WHERE kind = 'password-open'")
    mine = next(one for one in opened if one["address"] == create["address"])
    entry = here.entry(person)
    dn = f"<GUID={UUID(bytes_le=b64decode(entry['objectGUID']))}>"
    ldap(samba, "ldapmodify", ldif=f"dn: {dn}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: -1\n")
    look = ("ldapsearch", "-b", "", "-s", "base")
    ldap(samba, *look, who=mine["address"], password=mine["password"] + "!", code=INVALID_CREDENTIALS)
    told = ldap(samba, *look, who=mine["address"], password=mine["password"])

    assert create["address"] in waiting
    assert mine["password"] not in waiting
    assert "Khóa" in with_wrong_key
    assert "--passphrase-file" in nobody
    assert "không đúng" in not_it
    assert PASSPHRASE not in not_it
    assert "office.key" not in with_wrong_key
    assert f"Không có mật khẩu nào của {unit} đang chờ giao" in again
    assert printed.startswith(b"%PDF")
    assert "@" not in after
    assert len(audited) == len(plan["actions"]) == len(_state(here, "SELECT id FROM handovers"))
    assert not any(mine["password"] in str(body) for _, body in audited)
    assert _state(here, "SELECT DISTINCT sealed FROM handovers") == [(b"",)]
    assert "result: 0 Success" in told
