"""Law 11 and F23: every verb is run, and no byte it leaves holds a password, key, identity number or birth date."""

from __future__ import annotations

import base64
import csv
import json
import re
import sqlite3
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk import COMMAND
from live import OFFICER, TODAY, Province
from servers.client import Server
from servers.samba import Samba
from serving import serving
from signers import BOTH, PASSPHRASE, give_key, register

from syncagent.cli.main import syncagent
from syncagent.sample.province import generate
from syncagent.trust.pseudonyms import Pseudonyms
from syncagent.wiring import communes, shipped_directory

pytestmark = pytest.mark.server

FreshBase = Callable[[Server], str]
KEY = "fedcba9876543210" * 4
KEPT = "Chim-hoàng-yến#2026"
DAY = TODAY.isoformat()
GIVEN = {
    "people.csv", "units.csv", "requests.csv", "directory.ldif", "identity.key", "secret", "passphrase", "value",
    "syncagent.secrets.key", "giao.pdf", "hanam.csv", "answers.csv",
}  # fmt: skip
"""What holds personal data or secrets because it is where they are kept, or what is handed out."""

RUNS: tuple[tuple[str, str], ...] = (
    ("init", "elsewhere"),
    ("demo", "--size 100 --dir a-demo"),
    ("secret init", ""),
    ("secret set", "extra --file value"),
    ("secret list", ""),
    ("secret rotate", ""),
    ("check", ""),
    ("roster preview", ""),
    ("completion", "bash"),
    ("service install", ""),
    ("service start", ""),
    ("service stop", ""),
    ("service uninstall", ""),
    ("service run", ""),
    ("doctor", ""),
    ("serve", ""),
    ("handover officer key", "another.key --passphrase-file passphrase"),
    ("handover officer list", ""),
    ("plan", f"--as-of {DAY}"),
    ("plan", f"--as-of {DAY} --format html --out plan.html"),
    ("show", "latest --format json"),
    ("status", ""),
    ("explain", "NUMBER"),
    ("hold", "NUMBER --document 1/TTr"),
    ("release", "NUMBER"),
    ("forecast", f"--until {DAY} --as-of {DAY}"),
    ("compare", "--regulation ninhbinh-2025 --regulation bentre-2016"),
    ("request add", f"--kind reset_password --subject NUMBER --received-on {DAY}"),
    ("request import", "requests.csv"),
    ("request list", "--all"),
    ("request reply", "1"),
    ("report", f"addresses --as-of {DAY}"),
    ("roster accept", "sha256:0 --by A --reason b"),
    ("reject", "latest --by A --reason b"),
    ("plan", f"--as-of {DAY}"),
    ("approver key", "third.key --passphrase-file passphrase"),
    ("approver add", f"C --public-key {'0' * 64} BINH"),
    ("approver list", ""),
    ("approver revoke", "C BINH"),
    ("approve", "latest BINH --order 1"),
    ("approve", "latest DUNG --order 1"),
    ("apply", "latest"),
    ("status", ""),
    ("handover list", "--all"),
    ("handover letter", f"--unit office {' '.join(OFFICER)} --out giao.pdf --id FIRST"),
    ("handover open", f"--unit office {' '.join(OFFICER)} --format json"),
    ("handover open", f"--unit office {' '.join(OFFICER)} --format json"),
    ("handover list", "--all --format csv"),
    ("handover officer revoke", "KEYID"),
    ("handover officer add", "office Ai --key-file another.key"),
    ("plan", f"--as-of {DAY} --format json"),
    ("undo", "latest"),
    ("directory accept", "sha256:0 --by A --reason b"),
    ("migrate assess", "--per-unit units"),
    ("migrate assess", "--format html --out assess.html"),
    ("migrate decisions import", "answers.csv"),
    ("migrate plan", "--wave 1"),
    ("migrate freeze", "--wave 2 --reason kiểm-tra --by Lê"),
    ("migrate resume", "--wave 2 --by Lê"),
    ("migrate mail status", ""),
    ("migrate mail record", "mail.csv"),
    ("migrate mail verify", ""),
    ("migrate map", "--format csv"),
    ("migrate status", ""),
    ("migrate certify", "certificate.json"),
    ("migrate verify", "certificate.json"),
    ("audit checkpoint", ""),
    ("audit log", ""),
    ("audit export", "log.jsonl"),
    ("audit verify", "log.jsonl"),
    ("audit verify", "--against main"),
    ("audit accept-restore", "--by A --reason b"),
)


def _verbs(group: object, prefix: str = "") -> Iterator[str]:
    for name, command in getattr(group, "commands", {}).items():
        yield from _verbs(command, f"{prefix}{name} ") if hasattr(command, "commands") else [prefix + name]


def test_every_verb_is_among_those_that_are_run() -> None:
    """Whoever adds a verb adds a line above."""
    assert sorted(set(_verbs(syncagent)) - {verb for verb, _ in RUNS}) == []


def test_no_byte_holds_a_canary(samba: Samba, fresh_base: FreshBase, tmp_path: Path) -> None:
    """Output, log, errors, state, plans, pages and stores, after every verb and after three kinds of failure."""
    here, numbers, births = _province(samba, fresh_base(samba), tmp_path / "desk")
    number = min(numbers)
    shown: list[bytes] = []
    opened: list[dict[str, str]] = []
    words: dict[str, tuple[str, ...]] = {"NUMBER": (number,), "KEYID": (_key_id(here),), "FIRST": ("1",)}
    words |= {"BINH": give_key(here.desk, BOTH[0]), "DUNG": give_key(here.desk, BOTH[1])}
    for place, (verb, rest) in enumerate(RUNS):
        if verb == "secret rotate":
            here.desk.edit("syncagent.yaml", "{file: secret}", "{secret: bind}")
        if verb == "serve":
            shown += _served(here)
            continue
        line = [*verb.split(), *(one for word in rest.split() for one in words.get(word, (word,)))]
        done = _run(here, "--log-format", ("json", "console")[place % 2], *line)
        if verb == "handover open" and done.returncode == 0:
            opened += json.loads(done.stdout)
        else:
            shown.append(done.stdout)
        shown.append(done.stderr)
    shown += _failures(here)
    passwords = {one["password"] for one in opened}
    canaries = numbers | births | passwords | {KEY, KEPT, PASSPHRASE, samba.password, _vault_key(here)}
    left = [path for path in here.desk.folder.rglob("*") if path.is_file() and not path.is_relative_to(_demo(here))]
    for path in left:
        if path.name not in GIVEN:
            shown.append(path.read_bytes())
    shown += _unpacked(here.desk.folder / "syncagent.db")

    assert len(passwords) > 20
    everything = b"\n".join(shown)
    assert [canary for canary in canaries if any(form in everything for form in _forms(canary))] == []
    assert b"Traceback" not in everything


def _served(here: Province) -> list[bytes]:
    """Return what a service says: its log, its figures, and what it tells systemd."""
    with serving(here.desk, "  schedule: {plan: every 1 hour}\n") as service:
        service.until(lambda: "plan" in service.figures_of("syncagent_job_runs_total"), "a plan")
        said = [service.ask(path)[1].encode() for path in ("metrics", "readyz")]
        service.end()
    return [*said, service.log_file.read_bytes(), *(one.encode() for one in service.told)]


def _demo(here: Province) -> Path:
    return here.desk.folder / "a-demo"


def _province(samba: Samba, base: str, folder: Path) -> tuple[Province, set[str], set[str]]:
    """A province whose people have identity numbers, and what nobody may see of them."""
    here = Province.make(folder, 100, samba, base, "active-directory")
    sample = generate(
        100, as_of=TODAY, directory=shipped_directory("active-directory"), communes=communes(), identity_numbers=True,
        pseudonym=Pseudonyms(KEY.encode()).of,
    )  # fmt: skip
    files = {"people.csv": sample.people_csv(), "units.csv": sample.units_csv(), "requests.csv": sample.requests_csv()}
    for name, content in {**files, "identity.key": KEY, "value": KEPT}.items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "value").chmod(0o600)
    for path in folder.glob("syncagent.db*"):  # it was made under another key
        path.unlink()
    (folder / "office.key").unlink()
    here.desk.run("handover", "officer", "add", "office", "Trần Thị Sáu", *OFFICER)
    register(here.desk, *BOTH)
    _run(here, "secret", "init")
    here.desk.run("secret", "set", "bind", stdin=samba.password + "\n")
    with (folder / "people.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    births = {row["birth_date"] for row in rows if row["birth_date"]}
    births |= {f"{day[8:]}/{day[5:7]}/{day[:4]}" for day in births}
    _old_system(folder, rows)
    numbers = {row["person_id"] for row in rows if re.fullmatch(r"\d{12}", row["person_id"])}
    assert len(numbers) > 50
    return here, numbers, births


def _old_system(folder: Path, rows: list[dict[str, str]]) -> None:
    """An old mail system that shows everybody's number and birthday, and an answer that names somebody by theirs."""
    lines = ["address,name,staff_number,birth_date"]
    for place, row in enumerate(rows):
        number = "" if place % 3 == 0 else row["person_id"]
        lines.append(f'p{place}@hanam.gov.vn,"{row["full_name"]}",{number},{row["birth_date"]}')
    answer = f"hanam,p0@hanam.gov.vn,belongs,{rows[0]['person_id']}"
    (folder / "hanam.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / "answers.csv").write_text(f"system,about,choice,subject\n{answer}\n", encoding="utf-8")
    with (folder / "syncagent.yaml").open("a", encoding="utf-8") as file:
        file.write("""
migration:
  merger: ninhbinh-2025
  legacy:
    hanam: {directory: {kind: csv, path: hanam.csv}, domain: hanam.gov.vn}
  waves:
    - {units: ["*"]}
""")


def _run(here: Province, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run a verb, whatever becomes of it, without a terminal."""
    return subprocess.run(
        [str(COMMAND), *words], cwd=here.desk.folder, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )


def _failures(here: Province) -> list[bytes]:
    """A password in the configuration itself, a store that was changed, and a server that refuses the password."""
    told = []
    folder = here.desk.folder
    right = (folder / "syncagent.yaml").read_text(encoding="utf-8")
    store = (folder / "syncagent.secrets").read_text(encoding="utf-8")
    (folder / "syncagent.yaml").write_text(right.replace("{secret: bind}", f'"{KEPT}"'), encoding="utf-8")
    told.append(_run(here, "doctor"))
    (folder / "syncagent.yaml").write_text(right.replace("{secret: bind}", "{secret: extra}"), encoding="utf-8")
    told.append(_run(here, "doctor"))
    (folder / "syncagent.yaml").write_text(right, encoding="utf-8")
    (folder / "syncagent.secrets").write_text(store.replace('"sealed": "', '"sealed": "AAAA'), encoding="utf-8")
    told.append(_run(here, "doctor"))
    (folder / "syncagent.secrets").write_text(store, encoding="utf-8")
    assert all(one.returncode for one in told)
    return [stream for one in told for stream in (one.stdout, one.stderr)]


def _key_id(here: Province) -> str:
    return here.desk.run("handover", "officer", "list").stdout.split()[0]


def _vault_key(here: Province) -> str:
    return (here.desk.folder / "syncagent.secrets.key").read_text(encoding="ascii").strip()


def _forms(canary: str) -> list[bytes]:
    """The ways in which it could stand somewhere."""
    raw = canary.encode()
    quoted = f'"{canary}"'.encode("utf-16-le")
    return [
        raw, canary.encode("utf-16-le"), base64.b64encode(raw), base64.b64encode(quoted), raw.hex().encode(),
        json.dumps(canary)[1:-1].encode(), repr(raw)[2:-1].encode(),
    ]  # fmt: skip


def _unpacked(path: Path) -> list[bytes]:
    """What the state compresses: plans and the accepted roster."""
    found = []
    with sqlite3.connect(path) as state:
        for table in ("plans", "baselines"):
            found += [zlib.decompress(row[0]) for row in state.execute(f"SELECT record FROM {table}")]  # noqa: S608 - two fixed names
    state.close()
    assert found
    return found
