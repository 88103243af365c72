"""Bad input: a clear error with file, line and way out, the exit code of contract §2, and nothing written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from desk import Desk

from syncagent.files import shipped_mappings
from syncagent.wiring import now

TODAY = now().date().isoformat()
"""The starter's rows are dated around the day it was written."""


def _state(desk: Desk) -> bytes:
    return (desk.folder / "directory.ldif").read_bytes()


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("version: 1", "version: 2", 3, "version"),
        ("language: vi", "langauge: vi", 8, "langauge"),
        ("freshness: 3 days", "freshness: soon", 15, "freshness"),
        ("kind: ldif", "kind: ldap", 21, "kind"),
        ("regulation: ninhbinh-2025", "regulation: hà-nội", None, "ninhbinh-2025"),
        ("timezone: Asia/Ho_Chi_Minh", "timezone: Asia/Hanoi", 7, "timezone"),
        ("approval: {", "approval: [", None, "YAML"),
        ("state: sqlite:///syncagent.db", "state: oracle://x", None, "postgresql+psycopg"),
        ("{file: identity.key}", "{file: a, env: B}", 16, "identity_key"),
    ],
)
def test_a_fault_of_the_configuration_is_named_with_its_line(
    desk: Desk, before: str, after: str, line: int | None, says: str
) -> None:
    """Exit 3, the line, and the words that are wrong or right."""
    desk.edit("syncagent.yaml", before, after)

    for verb in (["check"], ["plan"]) if "state" not in before else (["plan"],):
        shown = desk.run(*verb, expect=3).stderr
        assert says in shown
        if line:
            assert f"syncagent.yaml:{line}:" in shown


def test_a_move_the_text_does_not_know_is_named_with_its_line(desk: Desk) -> None:
    """Exit 3: the starter's reading under another text; the fault stands in the configuration and is said so."""
    desk.edit("syncagent.yaml", "regulation: ninhbinh-2025", "regulation: bentre-2016")
    lines = (desk.folder / "syncagent.yaml").read_text(encoding="utf-8").splitlines()

    shown = desk.run("check", expect=3).stderr

    assert f"syncagent.yaml:{lines.index('internal_move: readdress') + 1}: internal_move" in shown
    assert "chỉ cho phép reissue" in shown


def test_another_text_over_the_sample_is_said_to_be_out_of_place(desk: Desk) -> None:
    """`check` knows that the mailboxes are of another domain than the text issues, and what to change; only then."""
    fits = desk.run("check")
    desk.edit("syncagent.yaml", "regulation: ninhbinh-2025", "regulation: hcmc-quan4-2013")
    differs = desk.run("check")

    assert "tên miền" not in fits.stderr
    assert "@tphcm.gov.vn" in differs.stderr
    assert "ninhbinh.gov.vn (15)" in differs.stderr
    assert "targets.main.directory" in differs.stderr


def test_no_configuration_at_all(tmp_path: Path) -> None:
    """Exit 3, and the way to make one."""
    assert "syncagent init" in Desk(tmp_path).run("plan", expect=3).stderr


def test_a_fault_of_a_regulation_is_named_with_its_line(desk: Desk) -> None:
    """A regulation beside the configuration is used instead of the shipped one, and read as strictly."""
    folder = desk.folder / "mappings" / "regulations"
    folder.mkdir(parents=True)
    text = (shipped_mappings() / "regulations" / "ninhbinh-2025.yaml").read_text(encoding="utf-8")
    (folder / "ninhbinh-2025.yaml").write_text(text.replace("size_mb", "seize_mb"), encoding="utf-8")

    shown = desk.run("check", expect=3).stderr

    assert "ninhbinh-2025.yaml:" in shown
    assert "seize_mb" in shown


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("people.csv", lambda text: text[:-20], "people.csv"),
        ("people.csv", lambda text: text.replace("full_name", "ho_ten", 1), "full_name"),
        ("people.csv", lambda text: text.rstrip("\n"), "xuống dòng"),
        ("people.csv", lambda text: text.replace(",Phạm", ',"Phạm', 1), "people.csv"),
        ("units.csv", lambda _: "", "units.csv"),
        ("directory.ldif", lambda text: text[: len(text) // 2], "directory.ldif:"),
        ("directory.ldif", lambda text: text.replace("objectGUID", "objectGuit", 1), "directory.ldif"),
        ("directory.ldif", lambda text: text.replace("\ndn:", "\nnd:", 2), "directory.ldif:"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(desk: Desk, name: str, damage: object, says: str) -> None:
    """Exit 3: cut, no heading, no line break, open quotation, empty, damaged LDIF; nothing planned."""
    before = _state(desk)
    path = desk.folder / name
    assert callable(damage)
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")

    shown = desk.run("plan", "--as-of", TODAY, expect=3).stderr

    assert says in shown
    assert desk.run("status").stdout.count("lập kế hoạch") == 0
    assert name == "directory.ldif" or _state(desk) == before


def test_a_missing_file(desk: Desk) -> None:
    """Exit 3 with its name."""
    (desk.folder / "units.csv").unlink()

    assert "units.csv" in desk.run("plan", expect=3).stderr


def test_a_roster_of_nobody_is_doubtful(desk: Desk) -> None:
    """Exit 4: headings and not one row."""
    path = desk.folder / "people.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")

    assert "roster accept sha256:" in desk.run("plan", "--as-of", TODAY, expect=4).stderr


def test_a_stale_export_is_doubtful(desk: Desk) -> None:
    """Exit 4, judged by the wall clock and never by --as-of."""
    old = (desk.folder / "people.csv").stat().st_mtime - 10 * 86400
    os.utime(desk.folder / "people.csv", (old, old))

    assert "10 ngày" in desk.run("plan", "--as-of", TODAY, expect=4).stderr


def test_a_roster_that_shrank_passes_once_when_a_person_accepts_it(desk: Desk) -> None:
    """Exit 4 after people vanished; `roster accept` lets exactly this file pass, once."""
    desk.run("plan", "--as-of", TODAY)
    path = desk.folder / "people.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(("NB000001", "NB000004"))), encoding="utf-8")
    refused = desk.run("plan", "--as-of", TODAY, expect=4).stderr
    digest = next(word for word in refused.split() if word.startswith("sha256:"))

    desk.run("roster", "accept", digest, "--by", "Lê Văn Bình", "--reason", "chuyển sang hệ thống khác")

    plan = desk.plan(TODAY)
    assert not [a for a in plan["actions"] if a["person_id"] in {"NB000001", "NB000004"}]
    assert ("missing-from-roster", "NB000001") in {(f["code"], f["subject"]) for f in plan["findings"]}


def test_a_directory_that_lost_known_accounts_is_doubtful(desk: Desk) -> None:
    """Exit 4: a half export of the directory must not look like people without mailboxes (F3)."""
    desk.run("plan", "--as-of", TODAY)
    path = desk.folder / "directory.ldif"
    entries = path.read_text(encoding="utf-8").split("\n\n")
    accounts = [entry for entry in entries if "sAMAccountName" in entry and "objectGUID" in entry]
    path.write_text("\n\n".join(e for e in entries if e not in accounts[3:9]), encoding="utf-8")

    assert "tài khoản đã biết" in desk.run("plan", "--as-of", TODAY, expect=4).stderr


def test_identity_numbers_need_no_configured_key(desk: Desk) -> None:
    """Contract §4: a number becomes a pseudonym; without a configured key, one is made beside the state, and kept."""
    desk.edit("syncagent.yaml", "  identity_key:", "  # identity_key:")
    desk.edit("people.csv", "NB000001", "037201000123")

    desk.run("check")
    assert not (desk.folder / "syncagent.db.key").exists()
    shown = desk.run("plan", "--format", "json").stdout
    key = (desk.folder / "syncagent.db.key").read_text(encoding="utf-8")
    again = desk.run("plan", "--format", "json").stdout

    assert "037201000123" not in shown
    assert '"id-' in shown
    assert json.loads(shown)["digest"] == json.loads(again)["digest"]
    assert (desk.folder / "syncagent.db.key").stat().st_mode & 0o077 == 0
    assert key == (desk.folder / "syncagent.db.key").read_text(encoding="utf-8")
    (desk.folder / "syncagent.db.key").unlink()
    assert "identity_key" in desk.run("plan", expect=3).stderr


def test_another_key_of_the_pseudonyms_is_refused(desk: Desk) -> None:
    """Exit 3: under another key everybody would be a stranger."""
    desk.run("plan", "--as-of", TODAY)
    key = desk.folder / "identity.key"
    key.write_text("f" * 64, encoding="utf-8")

    assert "identity_key" in desk.run("plan", expect=3).stderr
    key.chmod(0o644)
    assert "chmod 600" in desk.run("plan", expect=3).stderr


def test_usage_errors_are_exit_2(desk: Desk) -> None:
    """Unknown verbs, options and values are usage errors, nothing else is."""
    desk.run("approve", "latest", "--by", "A", "--accept-brake", "many", expect=2)


def test_a_damaged_state_is_named(desk: Desk) -> None:
    """Exit 3: the state file is no database; restore it."""
    (desk.folder / "syncagent.db").write_bytes(b"no database at all" * 100)

    assert "sao lưu" in desk.run("plan", expect=3).stderr


@pytest.mark.parametrize("name", ["directory.ldif", "people.csv", "syncagent.yaml", "syncagent.db", "identity.key"])
def test_no_output_replaces_what_the_agent_lives_by(desk: Desk, name: str) -> None:
    """Contract §2: no reading verb writes to a target, whatever file it is told to write; nor over roster or state."""
    desk.run("plan", "--as-of", TODAY)
    before = (desk.folder / name).read_bytes()

    done = desk.run("--lang", "en", "show", "latest", "--out", f"./{name}", expect=5)

    assert "is not overwritten" in done.stderr
    assert (desk.folder / name).read_bytes() == before


def test_a_preview_shows_what_was_understood_and_the_faults_by_line(tmp_path: Path) -> None:
    """Nothing is decided or written; a clerk sees the columns, the first rows, and which lines to mend."""
    here = Desk(tmp_path)
    here.run("demo", "--size", "100", "--dir", ".")
    before = (here.folder / "syncagent.db").read_bytes()
    whole = (here.folder / "people.csv").read_text(encoding="utf-8-sig")
    here.edit("people.csv", whole, whole.replace(",working,", ",đi vắng,", 1))

    shown = here.run("roster", "preview", "--rows", "3").stdout
    here.run("roster", "preview", "--format", "xlsx", "--out", "p.xlsx")
    page = here.run("--lang", "en", "roster", "preview", "--format", "html").stdout
    here.run("roster", "preview", "--format", "xlsx", expect=2)

    assert "Người: 3 trên" in shown
    assert "people.csv:2: " in shown or "people.csv:2 " in shown
    assert "đi vắng" in shown
    assert "Preview of the roster" in page
    here.edit("people.csv", ",working,", ",đi vắng,")
    doubtful = here.run("roster", "preview", expect=4)
    assert "Người: 10 trên" in doubtful.stdout
    assert "Không tin được danh sách này" in doubtful.stderr
    assert (here.folder / "syncagent.db").read_bytes() == before
