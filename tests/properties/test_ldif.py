"""LDIF over anything: what is written is read back however it is folded, cuts are noticed, files and memory agree."""

from __future__ import annotations

import re
import warnings
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncagent.connectors.attribute import Attribute, as_bytes
from syncagent.connectors.gathering import Entry
from syncagent.connectors.ldif.client import LdifTarget
from syncagent.connectors.ldif.read import Reader
from syncagent.connectors.ldif.records import records
from syncagent.connectors.ldif.write import changed, record
from syncagent.connectors.memory import MemoryTarget
from syncagent.core import dn as names
from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Change, Operation, Review
from syncagent.core.outcome import Result
from syncagent.core.snapshot import Snapshot
from syncagent.core.stamp import AccountKind, Stamp, State
from syncagent.errors import Doubtful, Misconfigured, SyncError
from syncagent.mapping.directory import read_directory

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 uses old names of pyasn1
    from ldap3.protocol.rfc2849 import operation_to_ldif

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BASE = "OU=Mail,DC=vn"
MAPPING = Path(__file__).parents[2] / "mappings/directories/active-directory.yaml"
DIRECTORY = read_directory(MAPPING.read_text(encoding="utf-8"), MAPPING.name)
NAMES = ("cn", "displayName", "mail", "description", "objectClass", "1.2.840.113556.1.2.1")

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
named = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=40)
attributes = st.dictionaries(st.sampled_from(NAMES), st.lists(anything, min_size=1, max_size=4), max_size=5)
entries = st.lists(st.tuples(named, attributes), min_size=1, max_size=6)
newline = st.sampled_from([b"\n", b"\r\n"])


def _read(content: bytes) -> list[Entry]:
    known = {name.lower(): Attribute(name) for name in NAMES}
    return list(Reader("file", known).read(records([content], "file")))


def _bytes(values: dict[str, list[str]]) -> dict[str, list[bytes]]:
    return {name: [value.encode() for value in theirs] for name, theirs in values.items()}


def _expected(found: list[tuple[str, dict[str, list[str]]]]) -> list[tuple[str, dict[str, tuple[str, ...]]]]:
    return [(f"cn={name}", {key: tuple(values) for key, values in theirs.items()}) for name, theirs in found]


@given(entries, newline)
def test_what_is_written_is_read_back(found: list[tuple[str, dict[str, list[str]]]], ending: bytes) -> None:
    """Any names and values, control characters and line breaks included, come back as they were."""
    content = b"".join(record(f"cn={name}", _bytes(theirs), ending) for name, theirs in found)

    assert [(entry.dn, entry.values) for entry in _read(content)] == _expected(found)
    assert all(len(line) <= 76 and line.isascii() for line in content.split(ending))


@given(entries, st.randoms(use_true_random=False))
def test_lines_may_be_folded_anywhere(found: list[tuple[str, dict[str, list[str]]]], chance: object) -> None:
    """Wherever another program folds its lines, the entries are the same."""
    content = b"".join(record(f"cn={name}", _bytes(theirs)) for name, theirs in found).replace(b"\n ", b"")

    def fold(line: bytes) -> bytes:
        at = chance.randint(1, max(1, len(line)))  # type: ignore[attr-defined]  # a random.Random
        return line[:at] + b"\n " + line[at:] if len(line) > 1 else line

    folded = b"\n".join(fold(line) for line in content.split(b"\n"))

    assert [(entry.dn, entry.values) for entry in _read(folded)] == _expected(found)


@given(entries, st.booleans())
def test_what_ldap3_writes_is_read(found: list[tuple[str, dict[str, list[str]]]], in_base64: bool) -> None:  # noqa: FBT001 - drawn
    """Another implementation of RFC 2849 is understood."""
    response = [
        {"type": "searchResEntry", "dn": f"cn={name}", "raw_attributes": _bytes(theirs)} for name, theirs in found
    ]
    text = "\n".join(operation_to_ldif("searchResponse", response, all_base64=in_base64)) + "\n"

    assert [(entry.dn, entry.values) for entry in _read(text.encode())] == _expected(found)


@given(named, attributes, attributes, st.sets(st.sampled_from(NAMES)), newline)
def test_a_changed_record_says_what_it_should(
    name: str, before: dict[str, list[str]], after: dict[str, list[str]], gone: set[str], ending: bytes
) -> None:
    """Attributes that change have their new values, those that go are gone, all others are as before."""
    raw = b"# note" + ending + record(f"cn={name}", _bytes(before), ending)
    wanted: dict[str, list[str]] = after | {one: [] for one in gone}

    found = _read(changed(raw, _bytes(wanted)))

    expected = {key: tuple(values) for key, values in (before | wanted).items() if values}
    assert [(entry.dn, entry.values) for entry in found] == [(f"cn={name}", expected)]
    assert changed(raw, {}) == raw


@given(st.binary(max_size=400))
def test_nonsense_is_refused_in_words(content: bytes) -> None:
    """Any bytes are entries or an error of ours that names the file, never a crash (F19)."""
    refused: list[SyncError] = []
    try:
        found = _read(content)
    except SyncError as error:
        refused.append(error)
        found = []

    assert bool(found) != bool(refused)
    assert all(error.where.startswith("file") and error.says.vi for error in refused)


# ── cuts ─────────────────────────────────────────────────────────────────────

SMALL = (
    record(BASE, {"objectClass": [b"organizationalUnit"], "ou": [b"Mail"]})
    + b"".join(
        record(
            f"CN=Nguyễn Văn {n},{BASE}",
            {
                "objectClass": [b"top", b"user"],
                "objectGUID": [as_bytes(DIRECTORY, "objectGUID", f"00000000-0000-0000-0000-00000000000{n}")],
                "sAMAccountName": [b"u%d" % n],
                "displayName": [f"Nguyễn Văn Thành Số {n}, một tên dài để dòng bị gấp lại".encode()],
                "mail": [b"u%d@x.vn" % n],
                "userAccountControl": [b"512"],
                "lastLogonTimestamp": [b"13420000000000000%d" % n],
            },
        )
        for n in range(1, 4)
    )
)  # fmt: skip


def _target(folder: Path, content: bytes) -> LdifTarget:
    path = folder / "directory.ldif"
    path.write_bytes(content)
    return LdifTarget("main", path, DIRECTORY, BASE, ZONE)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_cut_file_never_shows_an_altered_entry(tmp_path: Path, ending: bytes) -> None:
    """Cut at any byte, a file is refused or shows fewer entries, each as it was or closed to actions (law 13)."""
    content = SMALL.replace(b"\n", ending)
    whole = _target(tmp_path, content).read().accounts
    fewer = 0
    for cut in range(len(content)):
        try:
            found = _target(tmp_path, content[:cut]).read().accounts
        except (Misconfigured, Doubtful):
            continue
        fewer += 1
        if content[:cut].endswith(ending * 2):
            assert found == whole[: len(found)]
        else:
            assert found[:-1] == whole[: len(found) - 1]
            assert found[-1].protected
            assert "may be cut" in found[-1].protected.en

    assert fewer > 3
    assert len(whole) == 3


def test_a_cut_answer_of_ldapsearch_is_always_noticed(tmp_path: Path) -> None:
    """What ldapsearch writes says how it ends: cut after any byte, it is refused."""
    content = (
        b"# LDAPv3\n\n"
        + SMALL
        + b"# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 5\n# numEntries: 4\n"
    )
    assert len(_target(tmp_path, content).read().accounts) == 3

    for cut in range(len(content) - len(b"# numEntries: 4\n")):
        with pytest.raises((Misconfigured, Doubtful)):
            _target(tmp_path, content[:cut]).read()


@given(st.integers(0, len(SMALL) - 1), st.integers(0, 255))
def test_a_flipped_byte_never_makes_an_account(at: int, byte: int) -> None:
    """A damaged byte is refused or changes what one entry says; it makes no entry and no account out of nothing."""
    content = SMALL[:at] + bytes([byte]) + SMALL[at + 1 :]
    with TemporaryDirectory() as folder:
        try:
            found = _target(Path(folder), content).read()
        except (Misconfigured, Doubtful):
            return

    assert len(found.names) == 4
    assert len(found.accounts) >= 2


# ── files and memory agree ───────────────────────────────────────────────────

fewer = settings(max_examples=settings().max_examples // 4)  # each writes real files, durably
TREE = SMALL + record(f"OU=snv,{BASE}", {"objectClass": [b"organizationalUnit"]})
plain = st.text("aAăĂđĐ ,+=\"\\<>;#-'ệ\u0301\n", min_size=1, max_size=12).map(str.strip).filter(bool)
step = st.tuples(
    st.sampled_from(["create", "title", "rename", "move", "delete", "aliases", "stale"]),
    st.integers(0, 4),
    plain,
    st.sampled_from([BASE, f"OU=snv,{BASE}", f"OU=new,{BASE}"]),
)


def _action(number: int, what: str, who: int, text: str, place: str, read: Snapshot) -> Action:
    accounts = read.accounts if what != "create" else ()
    account = accounts[who % len(accounts)] if accounts else None
    ref = account.ref if account else None
    changes = _create(text, place) if account is None else _changes(what, account, text, place)
    stamp = Stamp(AccountKind.PERSONAL, f"P{number}", State.ACTIVE, date(2026, 3, 10), "issued")
    return Action(
        f"a{number}", ActionKind.UPDATE, "main", AccountKind.PERSONAL, "P", "", "", "", ref,
        date(2026, 3, 10), Review.NONE, needs_order=False, because=(), changes=changes, stamp=stamp,
    )  # fmt: skip


def _container(place: str) -> Change:
    return Change(Operation.ENSURE_CONTAINER, place, {"objectClass": ((), ("organizationalUnit",))})


def _create(text: str, place: str) -> tuple[Change, ...]:
    values = {"cn": (text,), "sAMAccountName": (text,), "displayName": (text,), "mail": (f"{len(text)}@x.vn",)}
    return _container(place), Change(
        Operation.ADD, names.child("CN", text, place), {k: ((), v) for k, v in values.items()}
    )


def _changes(what: str, account: Account, text: str, place: str) -> tuple[Change, ...]:
    def value(name: str, *after: str) -> Change:
        return Change(Operation.MODIFY, account.dn, {name: (account.attributes.get(name, ()), after)})

    if what == "title":
        return (value("title", text),)
    if what == "aliases":
        return (value("proxyAddresses", f"SMTP:{account.address}", "smtp:b@x.vn", f"X500:{text}"),)
    if what == "rename":
        return (Change(Operation.RENAME, account.dn, {}, new_dn=names.child("CN", text, names.parent(account.dn))),)
    if what == "move":
        to = f"{names.split(account.dn)[0]},{place}"
        return _container(place), value("department", text), Change(Operation.RENAME, account.dn, {}, new_dn=to)
    if what == "delete":
        return (Change(Operation.DELETE, account.dn, {}),)
    return (Change(Operation.MODIFY, account.dn, {"title": (("never",), (text,))}),)


@fewer
@given(st.lists(step, min_size=1, max_size=8))
def test_a_file_and_a_memory_are_the_same_directory(life: list[tuple[str, int, str, str]]) -> None:
    """Through any life, a file read anew after every action shows what the directory in memory shows."""
    with TemporaryDirectory() as folder:
        target = _target(Path(folder), TREE)
        memory = MemoryTarget.of(target.read(), DIRECTORY, BASE, ZONE)
        for number, (what, who, text, place) in enumerate(life):
            action = _action(number, what, who, text, place, memory.read())
            on_file, in_memory = target.carry_out([action], "m"), memory.carry_out([action], "m")
            shown = LdifTarget("main", target.path, DIRECTORY, BASE, ZONE).read()
            kept = memory.read()

            assert on_file == in_memory
            assert sorted(shown.accounts, key=str) == sorted(kept.accounts, key=str)
            assert (shown.names, shown.containers) == (kept.names, kept.containers)
            if on_file[0].result is Result.DONE:
                assert target.resolve(action, "m") == memory.resolve(action, "m") == on_file[0]


@fewer
@given(st.lists(step, min_size=1, max_size=6))
def test_a_plan_at_once_is_a_plan_in_steps(life: list[tuple[str, int, str, str]]) -> None:
    """A plan carried out in one batch leaves the same directory as its actions one by one (law 9)."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        first = _target(Path(one), TREE)
        read = first.read()
        actions = [_action(n, what, who, text, place, read) for n, (what, who, text, place) in enumerate(life)]
        together = first.carry_out(actions, "m")
        second = _target(Path(other), TREE)
        apart = [second.carry_out([action], "m")[0] for action in actions]

        assert together == apart
        assert sorted(first.read().accounts, key=str) == sorted(second.read().accounts, key=str)
        assert not re.search(rb"\n[^\n]{77}", first.path.read_bytes())
