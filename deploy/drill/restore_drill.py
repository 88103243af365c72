"""The restore drill: proves that a backup of the agent can be put back, and that an older one is noticed.

Run it where the agent runs, as the agent's user, with the Python of its installation (docs/how-to):

    python restore_drill.py --config /etc/syncagent/syncagent.yaml --into /var/tmp/drill

It backs up the state, the keys and the copies of the checkpoints, lets the agent make a plan, backs up again, puts the
newer backup back into a fresh folder, and demands there `status`, `audit verify`, and the very same plan. Then it puts
the older one back and demands that it is refused until somebody declares it. No directory is written, the state in
use gets one more plan, and everything else happens in the fresh folder: copies of checkpoints are moved there, a syslog
server is told nothing. Exit code 0: proved. 1: not proved, the last line says which step. 2: used wrongly.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from ruamel.yaml import YAML
from sqlalchemy import make_url

from syncagent.errors import SyncError
from syncagent.secret_ref import read_secret
from syncagent.store.store import file_of
from syncagent.wiring import settings_of

if TYPE_CHECKING:
    from syncagent.settings import Settings

_BESIDE = (".signing", ".key")
"""Keys that lie beside a state in a file, where the configuration names none."""

_SAME = ("digest", "as_of", "actions", "findings", "brakes")
_REFUSED = 5


def _say(vi: str, en: str) -> None:
    click.echo(f"{vi} / {en}")


def _not_proved(vi: str, en: str) -> NoReturn:
    click.echo(f"KHÔNG ĐẠT: {vi} / NOT PROVED: {en}", err=True)
    sys.exit(1)


@dataclass(frozen=True)
class Original:
    """The agent in use: its configuration, the folder that relative paths start from, and where its state is."""

    file: Path
    settings: Settings
    folder: Path

    @property
    def state(self) -> Path | None:
        """The file of the state, None if it is on a server."""
        found = file_of(self.settings.state)
        return (self.folder / found).resolve() if found else None

    @property
    def copies(self) -> list[Path]:
        """The files that checkpoints are copied to."""
        return [(self.folder / copy.file).resolve() for copy in self.settings.audit.copies if copy.file]

    @property
    def environment(self) -> dict[str, str]:
        """What PostgreSQL's own programs need to know, the password included; none of it is an argument."""
        asked = self.settings.state_password
        if asked is None:
            return {}
        return {"PGPASSWORD": read_secret(asked, self.folder, os.environ, self.settings.secrets).reveal()}


# ── back up ──────────────────────────────────────────────────────────────────


def back_up(original: Original, into: Path) -> Path:
    """Copy state, keys, checkpoints, and the folder of the configuration; return the backup, closed to others."""
    into.mkdir(mode=0o700)
    state = original.state
    if state:
        with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as source:
            source.execute("VACUUM INTO ?", (str(into / "state.db"),))
        (into / "state.db").chmod(0o600)
        for ending in _BESIDE:
            if (key := state.with_name(state.name + ending)).is_file():
                shutil.copy2(key, into / f"state.db{ending}")
    else:
        _postgresql(original, "pg_dump", "--format=custom", f"--file={into / 'state.dump'}", original.settings.state)
    for number, copy in enumerate(original.copies):
        shutil.copy2(copy, into / f"checkpoints{number}.jsonl")
    saved = {*original.copies, into.parent.resolve()}

    def left(folder: str, names: list[str]) -> list[str]:
        """What is saved in its own way, or belongs to a process that has the state open."""
        here = Path(folder).resolve()
        beside = state.name if state and here == state.parent else None
        return [name for name in names if here / name in saved or (beside and name.startswith(beside))]

    shutil.copytree(original.folder, into / "folder", ignore=left)
    return into


def _postgresql(original: Original, program: str, *words: str) -> None:
    *options, url = words
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, with a fixed list of words
        [shutil.which(program) or program, *options, f"--dbname={plain}"],
        env=os.environ | original.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        _not_proved(f"{program}: {done.stderr.strip()}", f"{program} failed")


# ── put back ─────────────────────────────────────────────────────────────────


def put_back(original: Original, backup: Path, checkpoints: Path, into: Path, database: str) -> Path:
    """Make a working folder of a backup, with the checkpoints of this or of a newer one; return its configuration."""
    shutil.copytree(backup / "folder", into)
    into.chmod(0o700)
    if original.state:
        for file in backup.glob("state.db*"):
            shutil.copy2(file, into / file.name.replace("state.db", "restored.db", 1))
    else:
        _postgresql(
            original, "pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", "--single-transaction",
            str(backup / "state.dump"), database,
        )  # fmt: skip
    copies = []
    for file in sorted(checkpoints.glob("checkpoints*.jsonl")):
        shutil.copy2(file, into / file.name)
        copies.append({"file": file.name})
    yaml = YAML()
    content = yaml.load(original.file.read_text(encoding="utf-8-sig"))
    found = _here(content, original.folder, into)
    found["state"] = "sqlite:///restored.db" if original.state else database
    found["audit"] = {**found.get("audit", {}), "copies": copies}
    configuration = into / "restored.yaml"
    with configuration.open("w", encoding="utf-8") as file_:
        yaml.dump(found, file_)
    return configuration


def _here(value: Any, folder: Path, into: Path) -> Any:  # noqa: ANN401 - whatever a configuration may hold
    """Return a part of the configuration that reads only what was put back: files of other folders are copied in."""
    if isinstance(value, Mapping):
        return {name: _here(part, folder, into) for name, part in value.items()}
    if isinstance(value, list):
        return [_here(part, folder, into) for part in value]
    path = (folder / value).resolve() if isinstance(value, str) and value else folder
    if not path.is_file() or path.is_relative_to(folder.resolve()):
        return value
    number = len(list((into / "elsewhere").glob("*")))
    beside = into / "elsewhere" / str(number) / path.name
    beside.parent.mkdir(parents=True)
    shutil.copy2(path, beside)
    return str(beside.relative_to(into))


# ── try ──────────────────────────────────────────────────────────────────────


def run(configuration: Path, *words: str, expect: int = 0) -> str:
    """Let the agent do something under a configuration and return what it printed; it must end as expected."""
    done = subprocess.run(  # noqa: S603 - the agent itself
        [sys.executable, "-m", "syncagent", "--config", str(configuration), "--lang", "en", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    said = " ".join(words)
    if done.returncode != expect:
        click.echo(done.stderr, err=True)
        _not_proved(
            f"“{said}” trả mã {done.returncode}, phải là {expect}",
            f"“{said}” ended with {done.returncode}, not {expect}",
        )
    _say(f"  đúng: {said}", "as expected")
    return done.stdout


def plan(configuration: Path, as_of: str | None) -> dict[str, Any]:
    """Make a plan and return what of it must be the same wherever it is made."""
    day = ("--as-of", as_of) if as_of else ()
    found: dict[str, Any] = json.loads(run(configuration, "plan", *day, "--format", "json"))
    return {name: found[name] for name in _SAME}


@click.command(help=__doc__)
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), default="syncagent.yaml")
@click.option("--into", required=True, type=click.Path(path_type=Path), help="A folder that is not there yet.")
@click.option("--database", default="", help="PostgreSQL: an empty database to restore into, as a `state` setting.")
@click.option("--as-of", default=None, help="The day of the plans, for a rehearsal on LDIF files.")
@click.option("--by", default="Diễn tập", help="The approver who declares the older backup, in the restored state.")
@click.option("--key-file", default=None, type=click.Path(exists=True, path_type=Path), help="The approver's key.")
@click.option("--passphrase-file", default=None, type=click.Path(exists=True, path_type=Path))
def drill(
    config: Path,
    into: Path,
    database: str,
    as_of: str | None,
    by: str,
    key_file: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Back up, put back, compare."""
    try:
        original = Original(config, *settings_of(str(config), Path()))
    except SyncError as error:
        _not_proved(*("; ".join(error.lines(language)) for language in ("vi", "en")))
    _usable(original, database)
    into.mkdir(mode=0o700, parents=True)

    _say("1. Sao lưu bản cũ", "Back up: the older one")
    older = back_up(original, into / "older")
    _say("2. Lập kế hoạch trên bản đang dùng", "Plan with the state in use")
    wanted = plan(config, as_of)
    _say("3. Sao lưu bản mới", "Back up: the newer one")
    newer = back_up(original, into / "newer")

    _say("4. Khôi phục bản mới", "Put the newer one back")
    restored = put_back(original, newer, newer, into / "restored", database)
    run(restored, "status")
    run(restored, "audit", "verify")
    if plan(restored, as_of) != wanted:
        _not_proved(
            "kế hoạch sau khôi phục khác kế hoạch của bản đang dùng", "the plan of what was put back is another"
        )

    _say("5. Khôi phục bản cũ: phải bị từ chối", "Put the older one back: it must be refused")
    late = put_back(original, older, newer, into / "late", database)
    run(late, "audit", "verify", expect=_REFUSED)
    run(late, "plan", expect=_REFUSED)
    signing = [
        word
        for name, file in (("--key-file", key_file), ("--passphrase-file", passphrase_file))
        if file
        for word in (name, str(file.resolve()))
    ]
    run(late, "audit", "accept-restore", "--by", by, *signing, "--reason", "diễn tập khôi phục")
    run(late, "audit", "verify")
    if plan(late, as_of)["actions"] != wanted["actions"]:
        _not_proved(
            "kế hoạch của bản cũ, sau khi khai báo, khác", "the plan of the older one, once declared, is another"
        )
    _say(f"ĐẠT: {len(wanted['actions'])} thao tác, {wanted['digest']}", f"PROVED: {len(wanted['actions'])} actions")
    _say(f"Bản sao lưu và khóa nằm trong {into}; hãy cất hoặc xóa.", f"Backups and keys are in {into}; keep or delete.")


def _usable(original: Original, database: str) -> None:
    if not original.copies:
        raise click.UsageError(
            "Chưa có nơi thứ hai đọc lại được (audit.copies: file), nên bản cũ sẽ không bị phát hiện / "
            "No second place that can be read back (audit.copies: file): an older backup would not be noticed."
        )
    if absent := [str(path) for path in original.copies if not path.is_file()]:
        _not_proved(f"không có bản sao mốc kiểm tra: {', '.join(absent)}", "a copy of the checkpoints is not there")
    if original.state is None and (not database or _place(database) == _place(original.settings.state)):
        raise click.UsageError(
            "Hãy tạo một cơ sở dữ liệu trống khác và nêu ở --database / Make another, empty database for --database."
        )


def _place(url: str) -> tuple[object, ...]:
    """Return which database an address means."""
    found = make_url(url)
    return found.host, found.port, found.database, found.query.get("host")


if __name__ == "__main__":
    drill()
