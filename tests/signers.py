"""Approvers with keys of their own, as live directories demand them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from secrets import token_bytes
from tempfile import TemporaryDirectory

from desk import Desk

from syncagent.trust import keyfile

PASSPHRASE = "mười hai con giáp"  # noqa: S105 - of throw-away keys
BOTH = ("Lê Văn Bình", "Phạm Thị Dung")


@cache
def key_of(name: str) -> tuple[bytes, str]:
    """Return the key file of a person and the public key in it; made once, since scrypt takes its time."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.key"
        public = keyfile.make(path, PASSPHRASE, token_bytes)
        return path.read_bytes(), public.hex


def give_key(desk: Desk, name: str) -> tuple[str, ...]:
    """Put the key file of a person on the desk, and return the words with which this person signs."""
    for file, content in ((f"{name}.key", key_of(name)[0]), ("passphrase", PASSPHRASE.encode())):
        (desk.folder / file).write_bytes(content)
        (desk.folder / file).chmod(0o600)
    return ("--by", name, "--key-file", f"{name}.key", "--passphrase-file", "passphrase")


def register(desk: Desk, *names: str) -> None:
    """Register approvers: the first adds all others."""
    first, *others = names
    words = give_key(desk, first)
    desk.run("approver", "add", first, "--key-file", f"{first}.key")
    for other in others:
        give_key(desk, other)
        desk.run("approver", "add", other, "--public-key", key_of(other)[1], *words)


def approve_newest(desk: Desk, order: str) -> None:
    """Both sign the newest plan, with the order, and what its brakes count."""
    shown = desk.run("--lang", "en", "show", "latest").stdout
    trips = re.findall(r"--accept-brake (\S+=\d+)", shown)
    words = [word for trip in dict.fromkeys(trips) for word in ("--accept-brake", trip)]
    for by in BOTH:
        desk.run("approve", "latest", *give_key(desk, by), "--order", order, *words)
