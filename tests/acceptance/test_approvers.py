"""Approvers and their keys as people use them: registered, signing, revoked; what is not signed counts for nothing."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import pytest
from desk import COMMAND, Desk
from signers import BOTH, PASSPHRASE, give_key, key_of, register

from syncagent.core.marks import Mark, Place
from syncagent.core.marks import digest as digest_of_mark
from syncagent.errors import Refused
from syncagent.runs.apply import apply
from syncagent.runs.approve import approve, reject
from syncagent.runs.plan import make_plan
from syncagent.store import marks
from syncagent.trust.signing import PublicKey, Sealed
from syncagent.wiring import agent_of, now, settings_of

TODAY = now().date().isoformat()
BINH, DUNG = BOTH


def _sign(desk: Desk, by: str, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    return desk.run("approve", "latest", *give_key(desk, by), "--order", "45/SKHCN", *words, expect=expect)


def test_two_approvers_sign_and_the_plan_is_carried_out(desk: Desk) -> None:
    """The first adds the second; both sign; the plan is applied, and what was signed is kept."""
    register(desk, BINH, DUNG)
    plan = desk.plan(TODAY)
    for by in BOTH:
        _sign(desk, by)

    applied = desk.run("apply", "latest")

    assert f"{len(plan['actions'])} trên {len(plan['actions'])}" in applied.stdout
    listed = desk.run("approver", "list").stdout
    assert f"{DUNG} · khóa" in listed
    assert f"{BINH} thêm lúc" in listed
    with sqlite3.connect(desk.folder / "syncagent.db") as state:
        assert all("signatures" in row[0] for row in state.execute("SELECT envelope FROM decisions"))
        kinds = [row[0] for row in state.execute("SELECT kind FROM audit WHERE kind LIKE 'approver%' ORDER BY seq")]
    state.close()
    assert kinds == ["approver-add", "approver-add"]


def test_once_somebody_has_a_key_a_name_is_nothing(desk: Desk) -> None:
    """What was approved by name before counts no longer, a name is refused, and both say the way out."""
    desk.plan(TODAY)
    for by in BOTH:
        desk.run("approve", "latest", "--by", by, "--order", "45/SKHCN")
    unsigned = desk.run("show", "latest").stdout
    register(desk, BINH)
    signed = desk.run("show", "latest").stdout
    before = (desk.folder / "directory.ldif").read_bytes()

    applied = desk.run("apply", "latest", expect=5)
    named = desk.run("approve", "latest", "--by", BINH, "--order", "45/SKHCN", expect=5)
    rejected = desk.run("reject", "latest", "--by", BINH, "--reason", "sai", expect=5)

    assert "phê duyệt của Lê Văn Bình chỉ ghi tên" in applied.stderr
    assert "--key-file" in applied.stderr
    assert "--by TÊN --key-file TỆP_KHÓA" in named.stderr
    assert "--key-file" in rejected.stderr
    assert (desk.folder / "directory.ldif").read_bytes() == before
    assert "chỉ ghi tên" not in desk.run("status").stderr
    assert "--key-file" not in unsigned
    assert "--order SỐ_VĂN_BẢN --key-file TỆP_KHÓA" in signed


def test_a_live_directory_takes_signatures_only(desk: Desk) -> None:
    """Nobody has a key yet: neither a yes nor a no by name is recorded, and one recorded before counts for nothing."""
    with agent_of(*settings_of(str(desk.folder / "syncagent.yaml"), desk.folder)) as agent:
        _, envelope = make_plan(agent)
        approve(agent, envelope.plan_id, BINH, order="1")
        targets = {name: replace(target, live=True) for name, target in agent.policy.targets.items()}
        live = replace(agent, policy=replace(agent.policy, targets=targets))

        with pytest.raises(Refused, match="syncagent approver add NAME --key-file FILE"):
            approve(live, envelope.plan_id, DUNG, order="1")
        with pytest.raises(Refused, match="approver add"):
            reject(live, envelope.plan_id, DUNG, "sai")
        with pytest.raises(Refused, match="is a name without a signature"):
            apply(live, envelope.plan_id)


def test_nobody_signs_for_somebody_else(desk: Desk) -> None:
    """No registered key, another one's, a wrong passphrase, or nobody to ask: exit 5, and nothing is recorded."""
    register(desk, BINH, DUNG)
    desk.plan(TODAY)
    words = ["approve", "latest", "--order", "1"]
    key = ["--key-file", f"{BINH}.key", "--passphrase-file", "passphrase"]
    (desk.folder / "wrong").write_text("không phải mật khẩu", encoding="utf-8")
    (desk.folder / "wrong").chmod(0o600)

    stranger = desk.run(*words, *give_key(desk, "Ai Đó"), expect=5)
    other = desk.run(*words, "--by", DUNG, *key, expect=5)
    wrong = desk.run(*words, "--by", BINH, *key[:2], "--passphrase-file", "wrong", expect=5)
    silent = desk.run(*words, "--by", BINH, *key[:2], expect=5)
    (desk.folder / f"{BINH}.key").chmod(0o644)
    loose = desk.run(*words, "--by", BINH, *key, expect=3)

    assert key_of("Ai Đó")[1] in stranger.stderr
    assert f"không phải của “{DUNG}”" in other.stderr
    assert "Mật khẩu của khóa không đúng" in wrong.stderr
    assert "--passphrase-file" in silent.stderr
    assert "chmod 600" in loose.stderr
    with sqlite3.connect(desk.folder / "syncagent.db") as state:
        assert state.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
    state.close()


def test_a_passphrase_comes_from_the_environment_and_a_name_is_compared_as_people_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scripts give it in a variable; the name recorded is the registered one, however it was typed."""
    register(desk, BINH)
    desk.plan(TODAY)
    monkeypatch.setenv("SYNCAGENT_PASSPHRASE", PASSPHRASE)

    done = desk.run("approve", "latest", "--by", "le van binh", "--key-file", f"{BINH}.key", "--order", "1")

    assert done.stdout.startswith(f"{BINH} đã duyệt")


def test_a_key_pair_is_made_by_its_owner_and_added_by_an_approver(desk: Desk) -> None:
    """`approver key` prints the public half, `add` takes it from a registered approver and from nobody else."""
    words = give_key(desk, BINH)
    made = desk.run("approver", "key", "dung.key", "--passphrase-file", "passphrase").stdout.splitlines()[-1]
    first = desk.run("approver", "add", BINH, "--key-file", "new.key", "--passphrase-file", "passphrase").stdout
    (desk.folder / f"{BINH}.key").write_bytes((desk.folder / "new.key").read_bytes())

    unsigned = desk.run("approver", "add", DUNG, "--public-key", made, expect=5)
    again = desk.run("approver", "add", DUNG, "--key-file", "third.key", "--passphrase-file", "passphrase", expect=5)
    added = desk.run("approver", "add", DUNG, "--public-key", made, *words).stdout
    twice = desk.run("approver", "add", DUNG, "--public-key", made, *words, expect=5)
    desk.run("approver", "add", "X", "--public-key", made.upper(), *words, expect=2)
    desk.run("approver", "add", "X", *words, expect=2)
    desk.run("approver", "key", "dung.key", "--passphrase-file", "passphrase", expect=5)

    assert f"{BINH} là người duyệt" in first
    assert "--by TÊN --key-file TỆP_KHÓA" in unsigned.stderr
    assert "--by TÊN" in again.stderr
    assert not (desk.folder / "third.key").exists()
    assert f"{DUNG} là người duyệt" in added
    assert f"do {BINH} thêm" in added
    assert "đã được đăng ký" in twice.stderr


def test_a_revoked_key_signs_nothing_any_more_and_the_last_one_stays(desk: Desk) -> None:
    """From the revocation on nothing that it signed counts; the last approver cannot be revoked."""
    register(desk, BINH, DUNG)
    desk.plan(TODAY)
    for by in BOTH:
        _sign(desk, by)
    desk.run("approver", "revoke", DUNG, *give_key(desk, BINH))

    late = _sign(desk, DUNG, expect=5)
    last = desk.run("approver", "revoke", BINH, *give_key(desk, BINH), expect=5)
    nobody = desk.run("approver", "revoke", "Ai Đó", *give_key(desk, BINH), expect=5)
    applied = desk.run("apply", "latest")

    assert f"đã bị {BINH} thu hồi" in late.stderr
    assert "người duyệt cuối cùng" in last.stderr
    assert "approver list" in nobody.stderr
    assert f"{BINH} thu hồi lúc" in desk.run("approver", "list").stdout
    assert "1 thao tác còn chờ duyệt" in applied.stdout  # the deletion: its second signature counts for nothing


def test_whoever_asked_for_a_deletion_does_not_approve_it(desk: Desk) -> None:
    """F32, NB-36: the two who approve an emergency deletion are neither who recorded the letter nor its holder."""
    register(desk, BINH, DUNG)
    letter = ["--document-number", "9/CV", "--reason", "lộ mật khẩu", "--received-on", TODAY, "--from-unit", "skhcn"]
    desk.run("request", "add", "--kind", "emergency_delete", "--subject", "NB000001", *letter, "--by", BINH)
    plan = desk.plan(TODAY)
    deletion = next(a for a in plan["actions"] if a["person_id"] == "NB000001")
    assert deletion["kind"] == "delete"
    for by in BOTH:
        _sign(desk, by)

    desk.run("apply", "latest")
    waiting = desk.run("status").stdout
    desk.run("approver", "add", "Hà Văn Tư", "--public-key", key_of("Hà Văn Tư")[1], *give_key(desk, BINH))
    _sign(desk, "Hà Văn Tư", "--only", deletion["id"])
    finished = desk.run("apply", "latest").stdout

    assert "khác với người yêu cầu" in waiting
    assert "1 trên 1" in finished


@pytest.fixture
def in_need(desk: Desk) -> tuple[Desk, dict[str, tuple[str, ...]]]:
    """A desk with approvers whose roster shrank, whose server was put back, with a hold; how each is let pass."""
    register(desk, BINH)
    desk.plan(TODAY)
    place, mark = Place("main", "ldaps://dc1"), Mark("db", {"": "7"})
    with agent_of(*settings_of(str(desk.folder / "syncagent.yaml"), desk.folder)) as agent:
        with agent.store.writing() as connection:
            marks.remember(connection, {place: mark})
        digest = agent.rows().digest
    desk.run("hold", "NB000001", "--document", "7/CAT", "--by", "Công an tỉnh")
    return desk, {
        "roster-accept": ("roster", "accept", digest, "--reason", "đúng"),
        "directory-accept": ("directory", "accept", digest_of_mark(place, mark), "--reason", "đã xem"),
        "release": ("release", "NB000001"),
    }


def test_once_somebody_has_a_key_every_decision_that_lets_pass_is_signed(
    in_need: tuple[Desk, dict[str, tuple[str, ...]]],
) -> None:
    """Design §4.14: a name is whoever holds its key; a hold needs none, as a no needs none (contract §6)."""
    desk, verbs = in_need
    signing = give_key(desk, BINH)
    stranger = give_key(desk, "Ai Đó")

    for kind, words in verbs.items():
        assert "--key-file" in desk.run(*words, "--by", BINH, expect=5).stderr, kind
        assert "chưa được đăng ký" in desk.run(*words, *stranger, expect=5).stderr, kind
        assert "không phải của" in desk.run(*words, "--by", DUNG, *signing[2:], expect=5).stderr, kind
        desk.run(*words, *signing)
    assert "chưa được đăng ký" in desk.run("hold", "NB000001", "--document", "8", *stranger, expect=5).stderr
    desk.run("hold", "NB000001", "--document", "8/CAT", *signing)

    for kind in (*verbs, "hold"):
        _holds_in_the_log(desk, kind)


def test_whose_key_opens_passwords_is_signed(desk: Desk) -> None:
    """Design §4.14: an officer reads the passwords of a unit, so an approver says who it is, once there is one."""
    register(desk, BINH)
    words = ("handover", "officer", "add", "office", "Trần Thị Sáu", "--public-key", "09" + "00" * 31)
    signing = give_key(desk, BINH)

    refused = desk.run(*words, "--by", BINH, expect=5)
    desk.run(*words, *signing[:2], "--by-key-file", signing[3], "--by-passphrase-file", signing[5])

    assert "--key-file" in refused.stderr
    _holds_in_the_log(desk, "officer-add")


def test_a_restored_backup_is_declared_under_a_signature(desk: Desk) -> None:
    """Whoever puts an old state back, with more approvals in it or fewer holds, needs an approver for it to count."""
    with (desk.folder / "syncagent.yaml").open("a", encoding="utf-8") as file:
        file.write("audit:\n  copies:\n    - {file: copy.jsonl}\n")
    register(desk, BINH)
    desk.plan(TODAY)
    backup = (desk.folder / "syncagent.db").read_bytes()
    desk.run("hold", "NB000001", "--document", "7/CAT", "--by", "Công an tỉnh")
    desk.plan(TODAY)
    (desk.folder / "syncagent.db").write_bytes(backup)
    words = ("audit", "accept-restore", "--reason", "hỏng đĩa")

    assert "--key-file" in desk.run(*words, "--by", BINH, expect=5).stderr
    assert "chưa được đăng ký" in desk.run(*words, *give_key(desk, "Ai Đó"), expect=5).stderr
    desk.run("plan", expect=5)
    desk.run(*words, *give_key(desk, BINH))

    desk.run("plan")
    _holds_in_the_log(desk, "accept-restore")


def _holds_in_the_log(desk: Desk, kind: str) -> None:
    """The newest record of a kind bears its maker's signature over everything it says, its kind and state included."""
    newest = desk.run("audit", "log", "--kind", kind, "--format", "json").stdout.splitlines()[-1]
    facts = json.loads(newest)["facts"]
    sealed = Sealed.read(facts.pop("envelope"), "application/vnd.syncagent.decision.v1+json")
    said = json.loads(sealed.payload)

    assert sealed.signed_by(PublicKey.from_hex(key_of(BINH)[1]))
    assert said.pop("lineage")
    assert datetime.fromisoformat(said.pop("at")).tzinfo
    assert said.pop("kind") == kind
    assert said == facts
    assert facts["by"] == BINH


def test_show_says_whether_the_signature_holds(desk: Desk) -> None:
    """A stored plan, a signed file and the JSON of one; a changed one is refused (5), a stranger's is named so."""
    plan = desk.plan(TODAY)
    for name, form in (("plan.json", "json"), ("plan.signed", "signed")):
        desk.run("show", "latest", "--format", form, "--out", name)
    signed = (desk.folder / "plan.signed").read_text(encoding="utf-8")
    held = "Chữ ký của phần mềm đúng với từng byte"
    (desk.folder / "changed").write_text(signed.replace("A", "B", 1), encoding="utf-8")
    (desk.folder / "worded.json").write_text(
        json.dumps(json.loads((desk.folder / "plan.json").read_text()) | {"version": "9"}), encoding="utf-8"
    )
    (desk.folder / "strange.json").write_text(
        json.dumps(json.loads((desk.folder / "plan.json").read_text()) | {"plan_id": "20990101-0009-ffffff"}),
        encoding="utf-8",
    )

    for name in ("latest", "plan.json", "plan.signed"):
        shown = desk.run("show", name, "--format", "json")
        assert held in shown.stderr
        assert json.loads(shown.stdout)["digest"] == plan["digest"]
    assert "đã bị sửa" in desk.run("show", "changed", expect=5).stderr
    assert "đã bị sửa" in desk.run("show", "worded.json", expect=5).stderr
    assert "không có chữ ký" in desk.run("show", "strange.json").stderr
    (desk.folder / "syncagent.db.signing").unlink()
    assert "không phải khóa của phần mềm ở đây" in desk.run("show", "plan.signed").stderr
    assert "hãy lập kế hoạch mới" in desk.run("show", "latest", expect=5).stderr


def test_the_agents_key_is_made_once_for_its_owner_only_or_configured(desk: Desk) -> None:
    """Beside the state, mode 0600; or where the configuration says, and no other text is taken for a key."""
    desk.plan(TODAY)
    path = desk.folder / "syncagent.db.signing"
    made = path.read_bytes()
    desk.plan(TODAY)
    (desk.folder / "own").write_text("ab" * 32, encoding="ascii")
    (desk.folder / "own").chmod(0o600)
    desk.edit("syncagent.yaml", "internal_move: readdress", "signing_key: {file: own}\ninternal_move: readdress")

    with_own = desk.run("show", "latest", expect=5).stderr

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == made
    assert len(made) == 64
    assert "không phải khóa ký hiện dùng" in with_own
    (desk.folder / "own").write_text("xyz", encoding="ascii")
    assert "64 chữ số" in desk.run("plan", expect=3).stderr


def _typed(desk: Desk, *words: str, lines: int) -> str:
    """Type a command at a terminal, and the passphrase so many times; return what the terminal showed."""
    master, slave = os.openpty()
    command = ["setsid", "--ctty", str(COMMAND), *words]
    with subprocess.Popen(command, cwd=desk.folder, stdin=slave, stdout=slave, stderr=slave) as running:
        os.close(slave)
        shown = b""
        for _ in range(lines):
            while not shown.endswith(b": "):
                shown += os.read(master, 1000)
            os.write(master, f"{PASSPHRASE}\n".encode())
            shown += b"\n"
        with suppress(OSError):  # the terminal is gone once the command has ended
            while more := os.read(master, 1000):
                shown += more
    os.close(master)
    assert running.returncode == 0, shown
    return shown.decode()


def test_a_passphrase_is_asked_for_at_a_terminal_and_not_shown(desk: Desk) -> None:
    """Twice for a new key, once to sign; what is typed does not appear, and the key opens with it."""
    made = _typed(desk, "approver", "key", "hoa.key", lines=2)
    desk.run("approver", "add", "Trần Thị Hòa", "--key-file", "hoa.key")
    desk.plan(TODAY)

    signed = _typed(desk, "approve", "latest", "--by", "Trần Thị Hòa", "--key-file", "hoa.key", "--order", "1", lines=1)

    assert "Trần Thị Hòa đã duyệt" in signed
    assert PASSPHRASE not in made + signed


def test_status_says_that_the_newest_plan_was_changed(desk: Desk) -> None:
    """Reading goes on; why the plan cannot be applied is part of the answer."""
    plan = desk.plan(TODAY)
    with sqlite3.connect(desk.folder / "syncagent.db") as state:
        state.execute("UPDATE plans SET record = x'00'")
    state.close()

    shown = desk.run("status").stdout

    assert f"{plan['plan_id']} có nội dung đã bị thay đổi" in shown
