"""The audit log through the command: what is recorded, what cannot be hidden, what a directory shows against it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import click
import pytest
from desk import Desk
from logs import holds
from serving import ALWAYS, serving

from syncagent.cli.main import syncagent
from syncagent.trust.pseudonyms import Pseudonyms
from syncagent.wiring import now

TODAY = now().date().isoformat()
PERSON = "NB000009"
NUMBER = "037065012345"
COPY = "copy.jsonl"


@pytest.fixture
def watched(desk: Desk) -> Desk:
    """A desk whose checkpoints are kept in a second place."""
    with (desk.folder / "syncagent.yaml").open("a", encoding="utf-8") as file:
        file.write(f"audit:\n  copies:\n    - {{file: {COPY}}}\n")
    return desk


def _log(desk: Desk, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in desk.run("audit", "log", "--format", "json", *words).stdout.splitlines()]


def _kinds(desk: Desk) -> list[str]:
    return [record["kind"] for record in _log(desk)]


def _apply(desk: Desk) -> None:
    for by in ("Lê Văn Bình", "Phạm Thị Dung"):
        desk.run("approve", "latest", "--by", by, "--order", "45/SKHCN")
    desk.run("apply", "latest")


def _sql(desk: Desk, statement: str) -> None:
    with sqlite3.connect(desk.folder / "syncagent.db") as state:
        state.execute(statement)
    state.close()


def _dumped(desk: Desk) -> list[str]:
    """All that the state holds, but for the count of leases."""
    state = sqlite3.connect(desk.folder / "syncagent.db")
    try:
        return [line for line in state.iterdump() if "'epoch'" not in line]
    finally:
        state.close()


def _state_to(desk: Desk, name: str) -> None:
    shutil.copy(desk.folder / "syncagent.db", desk.folder / name)


def _state_from(desk: Desk, name: str) -> None:
    shutil.copy(desk.folder / name, desk.folder / "syncagent.db")


# ── what is recorded ─────────────────────────────────────────────────────────


def test_everything_decided_or_done_is_recorded(desk: Desk) -> None:
    """Each verb that decides or does something leaves a record with who, what and when; a refused one leaves none."""
    digest = json.loads(desk.run("plan", "--format", "json").stdout)["inputs"]["roster"]["digest"]
    desk.run("approve", "latest", "--by", "A", "--order", "1")
    desk.run("approve", "latest", "--by", "", "--order", "1", expect=5)
    desk.run("reject", "latest", "--by", "B", "--reason", "sai")
    desk.run("hold", PERSON, "--document", "7/CAT", "--by", "C")
    desk.run("release", PERSON, "--by", "D")
    desk.run("roster", "accept", digest, "--by", "E", "--reason", "đúng")
    desk.run("request", "add", "--kind", "lock", "--subject", PERSON, "--received-on", TODAY, "--reason", "x",
             "--from-unit", "skhcn", "--document-number", "9/CV", "--by", "F")  # fmt: skip
    rows = "request_id,received_on,kind,subject,document_number\nR1,DAY,hold,P1,1/CV\nR2,DAY,hold,P2,2/CV\n"
    (desk.folder / "more.csv").write_text(rows.replace("DAY", TODAY), encoding="utf-8")
    desk.run("request", "import", "more.csv", "--by", "G")
    desk.run("request", "reply", "R1", "--sent", TODAY, "--by", "H")
    desk.run("report", "addresses", "--out", "addresses.csv", "--format", "csv")
    desk.run("plan")
    _apply(desk)

    found = _log(desk)

    kinds = [record["kind"] for record in found]
    assert kinds[:12] == [
        "plan", "learn", "approve", "reject", "hold", "release", "roster-accept", "request", "request", "request",
        "answer", "report",
    ]  # fmt: skip
    assert kinds[12:16] == ["plan", "approve", "approve", "apply"]
    assert set(kinds[16:-1]) == {"done"}
    assert kinds[-1] == "applied"
    decided = [record["facts"].get("by") for record in found[:11]]
    assert decided == [None, None, "A", "B", "C", "D", "E", "F", "G", "G", "H"]
    assert found[-1]["facts"]["done"] == kinds.count("done")
    assert [record["seq"] for record in found] == list(range(1, len(found) + 1))


def test_a_deed_says_what_was_before_and_what_is_after(desk: Desk) -> None:
    """Whoever asks who changed this address, and from what, finds it in one record; a password stands in none."""
    plan = desk.plan(TODAY)
    _apply(desk)

    (deed,) = [r["facts"] for r in _log(desk, "--kind", "done") if r["facts"]["action"] == "readdress"]

    action = next(one for one in plan["actions"] if one["kind"] == "readdress")
    assert deed["changes"] == action["changes"]
    assert (deed["guid"], deed["subject"], deed["plan_id"]) == (
        action["account"]["guid"], action["person_id"], plan["plan_id"],
    )  # fmt: skip
    assert "assword" not in json.dumps([change["attributes"] for change in deed["changes"]])


def test_the_log_is_asked_by_day_kind_and_subject(desk: Desk) -> None:
    """An inspector asks about one person since a day; an identity number is understood and shown nowhere."""
    desk.run("hold", NUMBER, "--document", "7/CAT", "--by", "C")
    desk.run("hold", PERSON, "--document", "8/CAT", "--by", "C")
    key = (desk.folder / "identity.key").read_bytes().strip()

    by_number = desk.run("audit", "log", "--subject", NUMBER).stdout

    assert Pseudonyms(key).of(NUMBER) in by_number
    assert NUMBER not in by_number
    assert len(by_number.splitlines()) == 1
    assert len(_log(desk, "--kind", "hold")) == 2
    assert len(_log(desk, "--kind", "hold", "--subject", PERSON.lower())) == 1
    assert _log(desk, "--since", "2099-01-01") == []
    assert len(_log(desk, "--since", "2020-01-01")) == 2


# ── what cannot be hidden ────────────────────────────────────────────────────

PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

DECIDE = {
    "approve": ("approve", "latest", "--by", "A", "--order", "1"),
    "audit checkpoint": ("audit", "checkpoint"),
    "apply": ("apply", "latest"),
    "approver add": ("approver", "add", "A", "--key-file", "a.key", "--passphrase-file", "passphrase"),
    "directory accept": ("directory", "accept", "sha256:1", "--by", "A", "--reason", "x"),
    "handover officer add": ("handover", "officer", "add", "skhcn", "A", "--public-key", PUBLIC, "--by", "B"),
    "handover officer revoke": ("handover", "officer", "revoke", "1", "--by", "B"),
    "hold": ("hold", PERSON, "--document", "1"),
    "migrate certify": ("migrate", "certify", "c.json"),
    "migrate decisions import": ("migrate", "decisions", "import", "a.csv"),
    "migrate freeze": ("migrate", "freeze", "--wave", "1", "--reason", "x"),
    "migrate mail record": ("migrate", "mail", "record", "a.csv"),
    "migrate mail verify": ("migrate", "mail", "verify"),
    "migrate plan": ("migrate", "plan", "--wave", "1"),
    "migrate resume": ("migrate", "resume", "--wave", "1"),
    "plan": ("plan",),
    "reject": ("reject", "latest", "--by", "A", "--reason", "x"),
    "release": ("release", PERSON),
    "request add": ("request", "add", "--kind", "lock", "--subject", PERSON, "--received-on", TODAY),
    "request import": ("request", "import", "requests.csv"),
    "request reply": ("request", "reply", "YC-0001", "--sent", TODAY),
    "roster accept": ("roster", "accept", "sha256:1", "--by", "A", "--reason", "x"),
    "undo": ("undo", "latest"),
}
"""The verbs that decide or do something: refused while the log is contradicted."""

STILL = {
    "approver list": ("approver", "list"),
    "audit export": ("audit", "export", "log.jsonl"),
    "audit log": ("audit", "log"),
    "check": ("check",),
    "compare": ("compare", "--regulation", "ninhbinh-2025", "--regulation", "bentre-2016"),
    "explain": ("explain", PERSON),
    "forecast": ("forecast", "--until", "2099-01-01"),
    "report": ("report", "addresses", "--out", "a.csv", "--format", "csv"),
    "handover list": ("handover", "list"),
    "handover officer list": ("handover", "officer", "list"),
    "request list": ("request", "list"),
    "roster preview": ("roster", "preview"),
    "show": ("show", "latest"),
    "status": ("status",),
}
"""Those that only read: they go on working."""

WITH_A_KEY = {"approver revoke", "handover letter", "handover open"}
"""They decide, too, but first want a registered key, which this desk has not."""

OTHERS = {"audit accept-restore", "audit verify", "doctor"}
"""The way out, and those that tell of the contradiction by their exit code."""

OF_A_MERGER = {"migrate assess", "migrate mail status", "migrate map", "migrate status"}
"""They read, but want a merger of provinces, which this desk has not (test_migrate.py)."""

STATELESS = {"approver key", "demo", "handover officer key", "init", "secret init", "secret list", "secret rotate"}
STATELESS |= {"completion", "migrate verify", "secret set"}
STATELESS |= {"service install", "service run", "service start", "service stop", "service uninstall"}
"""They open no state, or one of their own."""


SERVES = {"serve"}
"""It goes on, tells of the contradiction, and decides nothing."""


def _verbs(group: click.Group, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, command in group.commands.items():
        found |= _verbs(command, f"{prefix}{name} ") if isinstance(command, click.Group) else {prefix + name}
    return found


def test_every_verb_is_known_to_decide_or_to_read() -> None:
    """Whoever adds a verb says which it is; the next two tests hold it to that."""
    assert {*DECIDE, *STILL, *WITH_A_KEY, *OTHERS, *OF_A_MERGER, *STATELESS, *SERVES} == _verbs(syncagent)


@pytest.fixture
def restored(watched: Desk) -> Desk:
    """A desk whose state was put back from before its plan was approved."""
    watched.run("plan")
    _state_to(watched, "backup.db")
    _apply(watched)
    _state_to(watched, "lost.db")
    _state_from(watched, "backup.db")
    return watched


def test_on_a_restored_backup_nothing_is_decided_and_everything_is_read(restored: Desk) -> None:
    """F30: the second place knows more than the state; every deciding verb ends with 5 and says the way out."""
    (restored.folder / "passphrase").write_text("một câu đủ dài để giữ khóa", encoding="utf-8")
    (restored.folder / "passphrase").chmod(0o600)
    before = (restored.folder / "directory.ldif").read_bytes()
    state = _dumped(restored)

    for name, words in DECIDE.items():
        said = restored.run(*words, expect=5).stderr
        assert COPY in said, name
        assert "syncagent audit accept-restore" in said, name
    for words in STILL.values():
        restored.run(*words)

    assert "Chỉ đọc" in restored.run("status").stdout
    assert "Chỉ đọc" in restored.run("doctor", expect=6).stdout
    assert "KHÔNG KHỚP" in restored.run("audit", "verify", expect=5).stderr
    assert (restored.folder / "directory.ldif").read_bytes() == before
    assert _dumped(restored) == state


def test_on_a_restored_backup_the_service_decides_nothing(restored: Desk) -> None:
    """Its plans and checkpoints fail with the reason, its administrators hear of it, and nothing is applied."""
    before = (restored.folder / "directory.ldif").read_bytes()
    with serving(restored, "  schedule: {plan: every 1 second}\n" + ALWAYS) as service:
        service.until(lambda: service.figures().get("syncagent_job_failures plan"), "the refusal of a plan")
        service.until(lambda: service.figures().get("syncagent_job_failures checkpoint"), "the refusal of a checkpoint")
        service.until(lambda: "apply" in service.figures_of("syncagent_job_runs_total"), "a look at what is approved")
        service.end()

    assert COPY in service.log
    assert (restored.folder / "directory.ldif").read_bytes() == before
    assert restored.run("audit", "accept-restore", "--by", "Lê Văn Bình", "--reason", "đĩa hỏng").returncode == 0


def test_a_restore_is_declared_by_name_and_stays_on_record(restored: Desk) -> None:
    """After that the agent works again, and what the lost records explained is listed against the directory.

    With nothing left to declare nothing is refused and nothing recorded: exit code 0 (contract §2).
    """
    restored.run("audit", "accept-restore", "--by", "", "--reason", "x", expect=5)
    restored.run("audit", "accept-restore", "--by", "Lê Văn Bình", "--reason", f"đĩa hỏng {NUMBER}", expect=5)
    said = restored.run("audit", "accept-restore", "--by", "Lê Văn Bình", "--reason", "đĩa hỏng").stdout
    again = restored.run("audit", "accept-restore", "--by", "Lê Văn Bình", "--reason", "lại").stdout

    assert "không cần khai báo" in again
    (record,) = _log(restored, "--kind", "accept-restore")
    assert "audit verify --against" in said
    assert record["facts"]["by"] == "Lê Văn Bình"
    assert "đã khai báo khôi phục" in restored.run("audit", "verify").stdout
    lost = restored.run("audit", "verify", "--against", "main", expect=5).stdout
    assert "không còn, nhưng không phải phần mềm xóa" in lost
    assert "thuộc tính bị người khác sửa" in lost
    restored.run("plan")
    _apply(restored)
    restored.run("audit", "verify")


def test_the_lost_branch_put_back_afterwards_is_found_as_well(restored: Desk) -> None:
    """Two states, each once the true one: the one that was given up is contradicted by what came after."""
    restored.run("audit", "accept-restore", "--by", "Lê Văn Bình", "--reason", "đĩa hỏng")
    _state_from(restored, "lost.db")

    assert COPY in restored.run("plan", expect=5).stderr


def test_a_state_that_was_thrown_away_is_missed(watched: Desk) -> None:
    """Another lineage: whoever deletes the whole state has not deleted what its checkpoints say elsewhere."""
    watched.run("plan")
    (watched.folder / "syncagent.db").unlink()

    assert "thuộc trạng thái" in watched.run("plan", expect=5).stderr
    watched.run("audit", "accept-restore", "--by", "Lê Văn Bình", "--reason", "làm lại từ đầu")
    watched.run("plan")


def test_another_signing_key_is_declared_as_well(watched: Desk) -> None:
    """The agent's key was lost: its old checkpoints prove nothing to the new one, until somebody says so."""
    watched.run("plan")
    (watched.folder / "syncagent.db.signing").unlink()

    assert "không phải khóa của phần mềm" in watched.run("hold", PERSON, "--document", "1", expect=5).stderr
    watched.run("audit", "accept-restore", "--by", "Lê Văn Bình", "--reason", "mất khóa")
    watched.run("hold", PERSON, "--document", "1")
    watched.run("audit", "verify")


@pytest.mark.parametrize("harm", ["DELETE FROM audit WHERE seq = 2", "UPDATE audit SET at = at || ' ' WHERE seq = 2"])
def test_nothing_is_applied_on_a_log_with_a_gap_before_its_checkpoint(desk: Desk, harm: str) -> None:
    """Laws 5 and 12: what was done, and how much of it lately, is counted from the log; apply reads all of it."""
    desk.plan(TODAY)
    before = (desk.folder / "directory.ldif").read_bytes()
    desk.run("audit", "checkpoint")
    _sql(desk, harm)

    assert "bản sao lưu nguyên vẹn" in desk.run("apply", "latest", expect=5).stderr
    assert (desk.folder / "directory.ldif").read_bytes() == before


def test_what_was_tampered_with_cannot_be_declared(watched: Desk) -> None:
    """A log that contradicts the state's own checkpoint is no backup: the way out is a sound one."""
    watched.run("hold", PERSON, "--document", "1")
    watched.run("plan")
    _state_to(watched, "sound.db")
    _sql(watched, "UPDATE audit SET body = replace(body, 'sha256', 'sha255') WHERE kind = 'plan'")

    watched.run("audit", "verify", expect=5)
    _sql(watched, "DELETE FROM audit WHERE seq > 1")

    assert "bản sao lưu nguyên vẹn" in watched.run("plan", expect=5).stderr
    watched.run("audit", "accept-restore", "--by", "A", "--reason", "x", expect=5)
    _state_from(watched, "sound.db")
    watched.run("plan")


def test_a_record_changed_since_the_last_checkpoint_is_found_at_the_next_run(desk: Desk) -> None:
    """The chain is followed from its newest checkpoint on before anything is decided."""
    desk.run("plan")
    desk.run("hold", PERSON, "--document", "1", "--by", "A")
    _sql(desk, "UPDATE audit SET body = replace(body, '\"A\"', '\"B\"') WHERE kind = 'hold'")

    assert "bị sửa từ bản ghi 3" in desk.run("release", PERSON, expect=5).stderr


def test_a_second_place_that_is_away_stops_nothing_and_is_said(watched: Desk) -> None:
    """The mount is gone: the run goes on with a notice; once it is back, the next checkpoint covers all of it."""
    watched.run("plan")
    copy = watched.folder / COPY
    copy.rename(watched.folder / "away")
    copy.mkdir()

    said = watched.run("plan").stderr
    seen = watched.run("doctor").stdout
    copy.rmdir()
    (watched.folder / "away").rename(copy)
    watched.run("plan")

    assert "Không ghi được mốc kiểm tra" in said
    assert "cần xem  Nhật ký kiểm toán" in seen
    assert len(copy.read_text(encoding="utf-8").splitlines()) == 2
    watched.run("audit", "verify")


# ── elsewhere ────────────────────────────────────────────────────────────────


def test_an_export_is_checked_anywhere(watched: Desk, tmp_path: Path) -> None:
    """In a folder without configuration or state: whole, cut, under another key, and against the second place."""
    watched.run("plan")
    key = watched.run("--lang", "en", "audit", "checkpoint").stdout.split()[-1]
    watched.run("audit", "export", "early.jsonl")
    _apply(watched)
    watched.run("audit", "export", "log.jsonl")
    elsewhere = Desk(tmp_path / "inspector")
    elsewhere.folder.mkdir()
    for name in ("early.jsonl", "log.jsonl", COPY):
        shutil.copy(watched.folder / name, elsewhere.folder / name)
    lines = (elsewhere.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    (elsewhere.folder / "cut.jsonl").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")

    elsewhere.run("audit", "verify", "log.jsonl", "--public-key", key, "--copy", COPY)
    elsewhere.run("audit", "verify", "log.jsonl")
    elsewhere.run("audit", "verify", "cut.jsonl", "--public-key", key, expect=5)
    elsewhere.run("audit", "verify", "log.jsonl", "--public-key", "0" * 64, expect=5)
    elsewhere.run("audit", "verify", "early.jsonl", "--public-key", key)
    elsewhere.run("audit", "verify", "early.jsonl", "--public-key", key, "--copy", COPY, expect=5)
    elsewhere.run("audit", "verify", "log.jsonl", "--public-key", "abc", expect=2)
    elsewhere.run("audit", "verify", "--public-key", key, expect=2)
    elsewhere.run("audit", "verify", COPY, expect=5)

    assert holds(lines, key)
    assert not holds(lines[:-1], key)


# ── against a directory ──────────────────────────────────────────────────────


def test_what_others_did_in_the_directory_is_listed(desk: Desk) -> None:
    """An edit by hand and an account that came back: both are listed, with values, and nothing else is."""
    plan = desk.plan(TODAY)
    path = desk.folder / "directory.ldif"
    deleted = next(one for one in plan["actions"] if one["kind"] == "delete")
    (before,) = [entry for entry in path.read_text(encoding="utf-8").split("\n\n") if _holds(entry, deleted["address"])]
    _apply(desk)
    assert "0 điều" in desk.run("audit", "verify", "--against", "main").stdout
    after = path.read_text(encoding="utf-8")
    edited = after.replace("mail: lantth.skhcn@", "mail: ke.gian@")
    assert edited != after
    path.write_text(f"{edited.rstrip()}\n\n{before.strip()}\n\n", encoding="utf-8")

    said = desk.run("--lang", "en", "audit", "verify", "--against", "main", expect=5).stdout

    assert "deleted by us, and there again" in said
    assert "mail: lantth.skhcn@ninhbinh.gov.vn → ke.gian@ninhbinh.gov.vn" in said
    assert "not explained by any record: 2" in said


def _holds(entry: str, address: str) -> bool:
    return any(line.endswith(address) for line in entry.splitlines())


def test_a_target_that_nobody_configured_is_refused(desk: Desk) -> None:
    """The message names those there are."""
    assert "main" in desk.run("audit", "verify", "--against", "nowhere", expect=3).stderr
