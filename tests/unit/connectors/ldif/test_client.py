"""One LDIF file as a target: what it keeps, what it refuses, and that no moment leaves it half written."""

from __future__ import annotations

import base64
import codecs
import errno
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from syncagent.connectors.gathering import Contents, Gathering
from syncagent.connectors.ldif.client import LARGEST, LdifTarget
from syncagent.connectors.ldif.write import Edits
from syncagent.core.action import Action, ActionKind, Change, Operation, Review
from syncagent.core.dn import same
from syncagent.core.outcome import Outcome, Result
from syncagent.core.stamp import AccountKind, Stamp, State
from syncagent.errors import Doubtful, Misconfigured
from syncagent.mapping.directory import read_directory

if TYPE_CHECKING:
    from collections.abc import Callable

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BASE = "OU=Mail,DC=vn"
MAPPING = Path(__file__).parents[4] / "mappings/directories/active-directory.yaml"
DIRECTORY = read_directory(MAPPING.read_text(encoding="utf-8"), MAPPING.name)

FIRST = """\
version: 1

# the province
dn: OU=Mail,DC=vn
objectClass: organizationalUnit
ou: Mail

# An
dn: CN=An,OU=Mail,DC=vn
changetype: add
objectClass: user
cn: An
name: An
distinguishedName: CN=An,OU=Mail,DC=vn
displayName: An
employeeID: 037185001234
sAMAccountName: an
mail: an@x.vn
jpegPhoto:: /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0
 aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/
objectGUID:: AAAAAAAAAAAAAAAAAAAAAQ==

# Bình
dn:: Q049QsOsbmgsT1U9TWFpbCxEQz12bg==
objectClass: user
cn:: QsOsbmg=
sAMAccountName: binh
objectGUID:: AAAAAAAAAAAAAAAAAAAAAg==

# everybody
dn: CN=All,OU=Mail,DC=vn
objectClass: group
cn: All
member: CN=An,OU=Mail,DC=vn
member:: Q049QsOsbmgsT1U9TWFpbCxEQz12bg==
member: CN=Gone,OU=Mail,DC=vn

dn: OU=skhcn,OU=Mail,DC=vn
objectClass: organizationalUnit
ou: skhcn

"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "directory.ldif"
    file.write_text(FIRST, encoding="utf-8")
    return file


def _target(path: Path) -> LdifTarget:
    return LdifTarget("main", path, DIRECTORY, BASE, ZONE, pseudonym=lambda number: f"id-{number[-3:]}")


def _action(target: LdifTarget, login: str, kind: ActionKind, *changes: Change, action_id: str = "a1") -> Action:
    found = next((a for a in target.read().accounts if a.login == login), None)
    stamp = Stamp(AccountKind.PERSONAL, "P9", State.ACTIVE, date(2026, 3, 10), "issued", issued=date(2026, 3, 10))
    return Action(
        action_id, kind, "main", AccountKind.PERSONAL, "P9", "skhcn", "", "", found.ref if found else None,
        date(2026, 3, 10), Review.NONE, needs_order=False, because=(), changes=changes, stamp=stamp,
    )  # fmt: skip


def _title(target: LdifTarget, login: str = "an", title: str = "Chuyên viên") -> Action:
    dn = next(a.dn for a in target.read().accounts if a.login == login)
    return _action(target, login, ActionKind.UPDATE, Change(Operation.MODIFY, dn, {"title": ((), (title,))}))


def _rename(target: LdifTarget, login: str, new_dn: str) -> Action:
    dn = next(a.dn for a in target.read().accounts if a.login == login)
    return _action(target, login, ActionKind.MOVE, Change(Operation.RENAME, dn, {}, new_dn=new_dn))


def _delete(target: LdifTarget, login: str) -> Action:
    dn = next(a.dn for a in target.read().accounts if a.login == login)
    return _action(target, login, ActionKind.DELETE, Change(Operation.DELETE, dn, {}))


def _create(target: LdifTarget, name: str = "Mai", action_id: str = "a1") -> Action:
    attributes = {"objectClass": ("top", "user"), "cn": (name,), "sAMAccountName": (name.lower(),), "sn": ("Lê",)}
    change = Change(Operation.ADD, f"CN={name},{BASE}", {k: ((), v) for k, v in attributes.items()})
    return _action(target, "", ActionKind.CREATE, change, action_id=action_id)


def _apply(path: Path, make: Callable[[LdifTarget], Action]) -> None:
    target = _target(path)
    outcomes = target.carry_out([make(target)], "m")
    assert [outcome.result for outcome in outcomes] == [Result.DONE]


# ── what stays ───────────────────────────────────────────────────────────────


def test_an_update_changes_its_lines_and_no_others(path: Path) -> None:
    """Everything else is the same byte by byte: order, comments, folding, unknown attributes, the number itself."""
    _apply(path, _title)

    added = "title:: Q2h1ecOqbiB2acOqbg==\n"
    assert path.read_text(encoding="utf-8") == FIRST.replace(
        "objectGUID:: AAAAAAAAAAAAAAAAAAAAAQ==\n", "objectGUID:: AAAAAAAAAAAAAAAAAAAAAQ==\n" + added
    )


def test_nothing_to_do_writes_nothing(path: Path) -> None:
    """A batch of conflicts leaves the file as it lies on the disk, down to the inode."""
    target = _target(path)
    stale = _action(
        target, "an", ActionKind.UPDATE, Change(Operation.MODIFY, f"CN=An,{BASE}", {"title": (("x",), ("y",))})
    )
    before = path.stat()

    outcomes = target.carry_out([stale], "m")

    after = path.stat()
    assert [outcome.result for outcome in outcomes] == [Result.CONFLICT]
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_new_entries_stand_at_the_end(path: Path) -> None:
    """A new entry follows the last one, with the identity and the day a server would give it."""
    _apply(path, _create)

    text = path.read_text(encoding="utf-8")
    assert text.startswith(FIRST)
    assert text.removeprefix(FIRST).startswith(
        "dn: CN=Mai,OU=Mail,DC=vn\nobjectClass: top\nobjectClass: user\ncn: Mai\n"
    )
    assert "whenCreated: 20260309170000Z\n" in text
    assert text.endswith("\n\n")


def test_a_deleted_entry_goes_with_its_comment(path: Path) -> None:
    """Nothing of a deleted account is left in the file, not even where a group lists it."""
    _apply(path, lambda target: _delete(target, "binh"))

    text = path.read_text(encoding="utf-8")
    start, end = FIRST.index("# Bình"), FIRST.index("# everybody")
    assert text == (FIRST[:start] + FIRST[end:]).replace("member:: Q049QsOsbmgsT1U9TWFpbCxEQz12bg==\n", "")


def test_a_renamed_entry_is_followed(path: Path) -> None:
    """The attributes that repeat the name, and the groups that list it, say the new one."""
    _apply(path, lambda target: _rename(target, "an", "CN=An Hòa,OU=skhcn,OU=Mail,DC=vn"))

    text = path.read_text(encoding="utf-8")
    dn = base64.b64encode("CN=An Hòa,OU=skhcn,OU=Mail,DC=vn".encode()).decode()
    assert "CN=An,OU=Mail" not in text
    for name in ("dn", "distinguishedName", "member"):
        assert f"{name}:: {dn}" in text.replace("\n ", "")
    for name in ("cn", "name"):
        assert f"{name}:: {base64.b64encode('An Hòa'.encode()).decode()}\n" in text
    assert "displayName: An\n" in text
    assert "member: CN=Gone,OU=Mail,DC=vn\n" in text


def test_a_delegate_of_a_mailbox_is_followed(path: Path) -> None:
    """Who may send for a unit keeps that under a new name, and it goes with a deleted account."""
    before = "member: CN=An,OU=Mail,DC=vn\nmember:: Q049QsOsbmgsT1U9TWFpbCxEQz12bg==\nmember: CN=Gone,OU=Mail,DC=vn\n"
    delegates = "publicDelegates: CN=An,OU=Mail,DC=vn\npublicDelegates:: Q049QsOsbmgsT1U9TWFpbCxEQz12bg==\n"
    known = f"objectGUID:: AAAAAAAAAAAAAAAAAAAAAw==\n{delegates}"
    path.write_text(FIRST.replace(before, known), encoding="utf-8")

    _apply(path, lambda target: _rename(target, "an", "CN=An Nam,OU=skhcn,OU=Mail,DC=vn"))
    renamed = path.read_text(encoding="utf-8")
    rights = _target(path).read().rights[same("CN=An Nam,OU=skhcn,OU=Mail,DC=vn")]
    _apply(path, lambda target: _delete(target, "binh"))
    _apply(path, lambda target: _delete(target, "an"))

    assert delegates.replace("CN=An,OU=Mail", "CN=An Nam,OU=skhcn,OU=Mail") in renamed
    assert [right.attribute for right in rights] == ["publicDelegates"]
    assert "publicDelegates" not in path.read_text(encoding="utf-8")


def test_a_member_of_a_protected_group_stays_one_when_it_moves(path: Path) -> None:
    """Who is moved before a group becomes protected does not slip out of it (F16)."""
    _apply(path, lambda target: _rename(target, "an", "CN=An,OU=skhcn,OU=Mail,DC=vn"))
    path.write_text(
        path.read_text(encoding="utf-8").replace("cn: All\n", "cn: All\nsAMAccountName: 512\n"), encoding="utf-8"
    )

    found = {account.login: account.protected and account.protected.en for account in _target(path).read().accounts}

    assert found == {"an": "member of CN=All,OU=Mail,DC=vn", "binh": "member of CN=All,OU=Mail,DC=vn"}


def test_entries_below_a_renamed_one_follow(path: Path) -> None:
    """Entries below an account, accounts or not, get their new names in the file, however often it is renamed."""
    path.write_text(
        FIRST
        + "dn: CN=Phone,CN=An,OU=Mail,DC=vn\nobjectClass: device\ncn: Phone\n\n"
        + "dn: CN=U2, CN=Phone,cn=an,OU=Mail,DC=vn\nobjectClass: user\ncn: U2\n"
        + "objectGUID:: AAAAAAAAAAAAAAAAAAAAAw==\n\n",
        encoding="utf-8",
    )

    target = _target(path)
    there, elsewhere = "CN=An,OU=skhcn,OU=Mail,DC=vn", "CN=Bảo,OU=Mail,DC=vn"
    moves = [_rename(target, "an", to) for to in (elsewhere, f"CN=An,{BASE}", there)]
    steps = [f"CN=An,{BASE}", elsewhere, f"CN=An,{BASE}"]
    plan = [
        replace(move, id=f"a{n}", changes=(replace(move.changes[0], dn=dn),))
        for n, (move, dn) in enumerate(zip(moves, steps, strict=True))
    ]
    assert [outcome.result for outcome in target.carry_out(plan, "m")] == [Result.DONE] * 3

    text = path.read_text(encoding="utf-8")
    assert "dn: CN=Phone,CN=An,OU=skhcn,OU=Mail,DC=vn\n" in text
    assert "dn: CN=U2,CN=Phone,CN=An,OU=skhcn,OU=Mail,DC=vn\n" in text


def test_the_number_in_the_file_is_the_files_own(path: Path) -> None:
    """An identification number is known by its pseudonym outside; a new key is compared with that and replaces it."""
    target = _target(path)
    found = next(a for a in target.read().accounts if a.login == "an")
    change = Change(Operation.MODIFY, found.dn, {"employeeID": (("id-234",), ("NV7",))})

    outcome = target.carry_out([_action(target, "an", ActionKind.ADOPT, change)], "m")[0]

    assert found.key == "id-234"
    assert outcome.result is Result.DONE
    assert "employeeID: NV7\n" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ["windows", "utf-16", "marked"])
def test_the_form_of_the_file_stays(path: Path, encoding: str) -> None:
    """Line ends, encoding and byte order mark of an export stay; new lines follow them."""
    mark = {"windows": b"", "utf-16": codecs.BOM_UTF16_LE, "marked": codecs.BOM_UTF8}[encoding]
    codec = "utf-16-le" if encoding == "utf-16" else "utf-8"
    path.write_bytes(mark + FIRST.replace("\n", "\r\n").encode(codec))

    _apply(path, _title)
    _apply(path, _create)

    content = path.read_bytes()
    text = content.removeprefix(mark).decode(codec)
    assert content.startswith(mark)
    assert text.count("\n") == text.count("\r\n")
    assert "title:: Q2h1ecOqbiB2acOqbg==\r\n" in text
    assert text.replace("\r\n", "\n").startswith(FIRST[:200])


def test_what_ldapsearch_counted_is_kept_right(path: Path) -> None:
    """New entries stand before what ldapsearch wrote at the end, and its counts fit again."""
    tail = "# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 6\n# numEntries: 5\n"
    path.write_text("# LDAPv3\n\n" + FIRST + tail, encoding="utf-8")

    _apply(path, _create)
    _apply(path, lambda target: _delete(target, "binh"))
    _apply(path, lambda target: _create(target, "Lan", "a2"))

    text = path.read_text(encoding="utf-8")
    assert text.endswith(tail.replace("numResponses: 6", "numResponses: 7").replace("numEntries: 5", "numEntries: 6"))
    assert text.index("CN=Mai") < text.index("CN=Lan") < text.index("search: 2")
    assert len(_target(path).read().accounts) == 3


def test_a_link_is_followed_and_stays(path: Path) -> None:
    """Where the configuration names a link, what it points to is replaced."""
    link = path.parent / "elsewhere" / "link.ldif"
    link.parent.mkdir()
    link.symlink_to(path)

    _apply(link, _title)

    assert link.is_symlink()
    assert "title::" in path.read_text(encoding="utf-8")
    assert list(link.parent.iterdir()) == [link]


def test_a_watermark_says_what_was_read(path: Path) -> None:
    """A snapshot names the file and its content, wherever the file lies."""
    found = _target(path).read().watermark

    assert (found["file"], found["entries"]) == ("directory.ldif", 5)
    assert len(str(found["sha256"])) == 64


# ── what is refused ──────────────────────────────────────────────────────────


def test_a_file_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe, a circle of links, a file of more than 2 GB: each says what to do."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(LARGEST + 1)

    for name in ("missing", "folder", "pipe", "circle", "huge"):
        with pytest.raises(Misconfigured) as caught:
            _target(tmp_path / name).read()
        assert caught.value.where == str(tmp_path / name)
        assert "targets.main.directory.path" in caught.value.says.vi


def test_a_file_nobody_may_read_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system says is passed on, with the way out."""

    def denied(*_: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)

    with pytest.raises(Misconfigured, match="Permission denied"):
        _target(path).read()


def test_a_file_that_is_being_written_is_doubtful(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that grows while it is read is not complete."""
    real = Gathering.contents

    def growing(self: Gathering, *arguments: object) -> Contents:
        found = real(self, *arguments)  # type: ignore[arg-type]  # handed on as they came
        with path.open("ab") as file:
            file.write(b"dn: CN=late,OU=Mail,DC=vn\nobjectClass: user\n\n")
        return found

    monkeypatch.setattr(Gathering, "contents", growing)

    with pytest.raises(Doubtful, match="being written"):
        _target(path).read()


def test_what_was_read_counts_while_no_byte_differs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolving many actions reads the file, but parses it only when it holds something else."""
    parsed: list[str] = []
    real = Gathering.contents

    def counted(self: Gathering, *arguments: object) -> Contents:
        parsed.append(self.source.file)
        return real(self, *arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(Gathering, "contents", counted)
    target = _target(path)
    first = target.read()
    again = target.read()
    known = path.stat()
    path.write_text(FIRST.replace("displayName: An", "displayName: Bn"), encoding="utf-8")
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))

    changed = target.read()

    assert first == again
    assert len(parsed) == 2
    assert changed.accounts[0].attributes["displayName"] == ("Bn",)


# ── somebody else writes at the same time ────────────────────────────────────


def _other_content(path: Path) -> None:
    path.write_text(FIRST.replace("displayName: An", "displayName: Mr An"), encoding="utf-8")


def _same_size(path: Path) -> None:
    path.write_text(FIRST.replace("displayName: An", "displayName: Bn"), encoding="utf-8")


def _same_content_elsewhere(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_text(FIRST, encoding="utf-8")
    copy.replace(path)


def _damaged(path: Path) -> None:
    path.write_bytes(FIRST.encode()[:-30] + b"\0")


@pytest.mark.parametrize("moment", ["before reading again", "before the rename"])
@pytest.mark.parametrize("edit", [_other_content, _same_size, _same_content_elsewhere, _damaged])
def test_a_file_that_changed_meanwhile_is_not_overwritten(
    path: Path, monkeypatch: pytest.MonkeyPatch, edit: Callable[[Path], None], moment: str
) -> None:
    """Between reading and replacing, any other writer wins: all outcomes are conflicts, nothing is written (F25)."""
    target = _target(path)
    actions = [_title(target), _create(target, action_id="a2")]
    seen: list[bytes] = []

    def interfere() -> None:
        edit(path)
        seen.append(path.read_bytes())

    def first(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            interfere()
            return real(*arguments)

        return call

    if moment == "before reading again":
        monkeypatch.setattr(Edits, "of", first(Edits.of))
    else:
        monkeypatch.setattr(os, "fsync", first(os.fsync))

    outcomes = target.carry_out(actions, "m")

    assert [outcome.result for outcome in outcomes] == [Result.CONFLICT, Result.CONFLICT]
    assert path.read_bytes() == seen[0]
    assert not list(path.parent.glob(".*"))


def test_a_full_disk_fails_every_action(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the new file cannot be written, nothing has happened and the sentence says why (F31)."""
    target = _target(path)
    actions = [_title(target), _create(target, action_id="a2")]

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcomes = target.carry_out(actions, "m")
    monkeypatch.undo()

    assert [outcome.result for outcome in outcomes] == [Result.FAILED, Result.FAILED]
    assert "No space left" in outcomes[0].says.vi
    assert path.read_text(encoding="utf-8") == FIRST
    assert _target(path).resolve(actions[1], "m") == actions[1]


def test_a_file_that_vanished_while_writing_is_unknown(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If writing fails and the file is gone as well, nobody knows what is in the directory."""
    target = _target(path)
    action = _title(target)

    def lost(_: int) -> None:
        path.unlink()
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", lost)

    assert [outcome.result for outcome in target.carry_out([action], "m")] == [Result.UNKNOWN]


def test_a_doubtful_rename_is_unknown_and_found_by_reading(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the folder cannot be made durable, nobody knows; reading finds out what happened (F33)."""
    target = _target(path)
    action = _create(target)
    real = os.fsync
    calls: list[int] = []

    def second_fails(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 1:
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fsync", second_fails)
    outcome = target.carry_out([action], "m")[0]
    monkeypatch.undo()
    found = _target(path).resolve(action, "m")

    assert outcome.result is Result.UNKNOWN
    assert isinstance(found, Outcome)
    assert found.result is Result.DONE


# ── a crash at every moment ──────────────────────────────────────────────────

_CALLS = ("os.open", "os.fsync", "os.close", "os.chown", "shutil.copymode", "Path.unlink", "Path.replace", "Path.stat")


def test_a_crash_at_any_moment_is_as_no_crash(path: Path) -> None:
    """Killed at every call in turn: the file is the old or the new one, whole, and resuming ends alike (law 9)."""
    ended = subprocess.run([sys.executable, __file__, str(path)], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) > 8


def _die_everywhere(path: Path) -> int:
    """Carry out one plan again and again, dying at a later call each time; return how many deaths there were.

    In a process of its own, because forking is safe only where there is one thread.
    """
    whole = _target(path)
    plan = [_title(whole), *(_create(whole, name, f"c{name}") for name in ("Mai", "Lan", "Tú"))]
    whole.carry_out(plan, "m")
    new = path.read_bytes()
    for point in range(1, 100):
        path.write_text(FIRST, encoding="utf-8")
        died = _dies_at(point, lambda: _target(path).carry_out(plan, "m"))
        assert path.read_bytes() in {FIRST.encode(), new}
        after = _target(path)
        after.carry_out([action for action in plan if after.resolve(action, "m") == action], "m")
        assert path.read_bytes() == new
        assert list(path.parent.iterdir()) == [path]
        if not died:
            return point - 1
    return 0


def _dies_at(point: int, act: Callable[[], object]) -> bool:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = [point]

    def mortal(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            left[0] -= 1
            if not left[0]:
                os._exit(9)
            return real(*arguments, **options)

        return call

    for name in _CALLS:
        owner = {"os": os, "shutil": shutil, "Path": Path}[name.partition(".")[0]]
        attribute = name.partition(".")[2]
        setattr(owner, attribute, mortal(getattr(owner, attribute)))
    act()
    os._exit(0)


if __name__ == "__main__":
    print(_die_everywhere(Path(sys.argv[1])))  # noqa: T201 - told to the test that started it
