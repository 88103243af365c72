"""The verbs about officers, and what they refuse: on a file, where there is nothing to hand over yet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from desk import Desk
from signers import PASSPHRASE

KEPT = {"syncagent.db", "syncagent.db.lease", "syncagent.db.signing"}
"""What opening a state makes beside it."""
REFUSED, MISCONFIGURED, USAGE = 5, 3, 2
WITH = ("--passphrase-file", "passphrase")


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk with a passphrase in a file."""
    (desk.folder / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
    (desk.folder / "passphrase").chmod(0o600)
    return desk


def _unit(desk: Desk) -> str:
    return (desk.folder / "units.csv").read_text(encoding="utf-8-sig").splitlines()[1].split(",")[0]


def test_a_key_is_made_given_away_registered_and_revoked(office: Desk) -> None:
    """The officer keeps the file, gives away what is printed, and the list says whose key counts."""
    nobody = office.run("handover", "officer", "list").stdout
    printed = office.run("handover", "officer", "key", "mine.key", *WITH).stdout
    public = re.findall(r"(?m)^[0-9a-f]{64}$", printed)[0]
    unit = _unit(office)
    office.run("handover", "officer", "add", unit, "Lê Thị Bảy", "--public-key", public.upper(), "--by", "Quản trị")
    office.run("handover", "officer", "add", "office", "Trần Thị Sáu", "--key-file", "office.key", *WITH)
    listed = office.run("handover", "officer", "list").stdout.splitlines()
    office.run("handover", "officer", "revoke", next(one for one in listed if unit in one).split()[0])
    after = office.run("--lang", "en", "handover", "officer", "list").stdout

    assert "officer add office" in nobody
    assert len(listed) == 2
    assert all("đang dùng" in one for one in listed)
    assert (after.count("revoked"), after.count("in use")) == (1, 1)
    assert (office.folder / "mine.key").stat().st_mode & 0o777 == 0o600
    assert PASSPHRASE not in (office.folder / "mine.key").read_text(encoding="utf-8")


def test_a_key_file_that_is_there_is_registered_as_it_is(office: Desk) -> None:
    """No passphrase is needed for its public half, and it is never made anew."""
    office.run("handover", "officer", "key", "mine.key", *WITH)
    before = (office.folder / "mine.key").read_bytes()
    office.run("handover", "officer", "add", "office", "Trần Thị Sáu", "--key-file", "mine.key")

    assert (office.folder / "mine.key").read_bytes() == before
    assert (
        "không bao giờ bị ghi đè" in office.run("handover", "officer", "key", "mine.key", *WITH, expect=REFUSED).stderr
    )


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("officer", "add", "office", "A"), USAGE, "--public-key"),
        (("officer", "add", "office", "A", "--public-key", "00" * 32), USAGE, "X25519"),
        (("officer", "add", "office", "A", "--public-key", "12"), USAGE, "X25519"),
        (("officer", "add", "khong-co", "A", "--public-key", "09" + "00" * 31), REFUSED, "khong-co"),
        (("officer", "add", "office", "A", "--key-file", "new.key"), REFUSED, "--passphrase-file"),
        (("officer", "revoke", "0" * 32), MISCONFIGURED, "officer list"),
        (("open", "--unit", "office", "--key-file", "gone.key"), MISCONFIGURED, "gone.key"),
        (("letter", "--unit", "office", "--key-file", "gone.key", "--out", "a.pdf"), MISCONFIGURED, "gone.key"),
    ],
)
def test_what_cannot_be_is_refused(office: Desk, words: tuple[str, ...], code: int, says: str) -> None:
    """With the way out, and nothing is made or registered."""
    before = {path.name for path in office.folder.iterdir()}
    told = office.run("handover", *words, expect=code).stderr

    assert says in told
    assert {path.name for path in office.folder.iterdir()} - before <= KEPT
    assert "officer add office" in office.run("handover", "officer", "list").stdout


def test_what_does_not_wait_cannot_be_opened(office: Desk, tmp_path: Path) -> None:
    """An empty list, nothing to open, no file where slips would stand."""
    office.run("handover", "officer", "add", "office", "Trần Thị Sáu", "--key-file", "office.key", *WITH)
    unlock = ("--unit", "office", "--key-file", "office.key", *WITH)
    listed = office.run("handover", "list", "--format", "csv").stdout
    told = office.run("handover", "letter", *unlock, "--out", str(tmp_path / "a.pdf"), expect=REFUSED).stderr

    assert listed.splitlines()[0].startswith('\ufeff"Số"')
    assert len(listed.splitlines()) == 1
    assert "đang chờ giao" in told
    assert not (tmp_path / "a.pdf").exists()
