"""A copy of a mailbox as PST before it is purged: ordered once, made by Exchange in hours, then hashed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.connectors.exchange import document
from syncagent.connectors.exchange.driver import Status
from syncagent.connectors.exchange.mailbox import answered, failed
from syncagent.connectors.exchange.properties import parameter
from syncagent.errors import Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.connectors.exchange.driver import Driver, Raw
    from syncagent.connectors.exchange.mailbox import Mailbox

_COMPLETED: Final = "Completed"
_BATCH: Final = re.compile(r"[A-Za-z0-9-]{1,60}")
_UNC: Final = re.compile(r"\\\\[^\\/:*?\"<>|]+(\\[^\\/:*?\"<>|]+)+\\?")


class Archive(NamedTuple):
    """How far the copies of a mailbox have come: the states of their requests, and of complete ones the SHA-256.

    `files` are UNC paths; a hash is lower-case hexadecimal digits. A copy that completed with warnings is not complete.
    """

    batch: str
    states: tuple[str, ...] = ()
    files: Mapping[str, str] = {}

    @property
    def is_complete(self) -> bool:
        """Whether everything was copied and hashed."""
        return bool(self.files) and len(self.files) == len(self.states) and set(self.states) == {_COMPLETED}


def archive(driver: Driver, mailbox: Mailbox, batch: str, folder: str) -> Archive:
    """Order copies of a mailbox and of its archive mailbox if they are not ordered yet, and return how far they are.

    Called again with the same batch it orders nothing twice, even if the first answer was lost.

    Args:
        driver: a way to Exchange.
        mailbox: whose, as it was read.
        batch: names the copies and their files; letters, digits and hyphens.
        folder: a share, as UNC path, where Exchange Trusted Subsystem may write and the agent's account may read.

    Raises:
        Misconfigured, Unavailable: Exchange cannot be asked.
        Rejected: a name is malformed, or Exchange refuses.
    """
    if not _BATCH.fullmatch(batch) or not _UNC.fullmatch(folder):
        raise Rejected(
            Text(
                f"nơi lưu bản sao phải có dạng \\\\máy\\thư mục, tên lô chỉ gồm chữ, số, gạch nối ({folder}, {batch}).",
                f"copies go to \\\\host\\share, and a batch is letters, digits and hyphens ({folder}, {batch}).",
            )
        )
    requests = requested(driver, batch)
    names = [f"{batch}.pst", *([f"{batch}-archive.pst"] if len(mailbox.contents) > 1 else [])]
    there = {_one(request, "Name") for request in requests}
    missing = [name for name in names if name not in there]
    if missing:
        orders = {name: _order(mailbox.guid, batch, folder, name) for name in missing}
        for name, answer in answered(driver, "archive", orders):
            if answer.status is not Status.DONE:
                raise failed(answer, name)
        requests = requested(driver, batch)
    states = tuple(_one(request, "Status") for request in requests)
    paths = [_one(request, "FilePath") for request in requests]
    return Archive(batch, states, hashed(driver, paths) if set(states) == {_COMPLETED} else {})


def _order(guid: str, batch: str, folder: str, name: str) -> dict[str, object]:
    told = {"Name": name, "BatchName": batch, "FilePath": f"{folder.rstrip(chr(92))}\\{name}"}
    request = [parameter(key, (value,)) for key, value in told.items()]
    if name.endswith("-archive.pst"):
        request.append({"name": "IsArchive", "type": "flag", "value": "True"})
    return {"guid": guid, "request": request}


def requested(driver: Driver, batch: str) -> tuple[Raw, ...]:
    """Return the requests of a batch, as Exchange knows them.

    Raises:
        Misconfigured, Unavailable, Rejected: Exchange cannot be asked, or refuses.
    """
    asked = {batch: {"guid": "", "batch": document.octets(batch)}}
    for _, answer in answered(driver, "archived", asked):
        if answer.status is not Status.DONE:
            raise failed(answer, batch)
        return answer.parts
    return ()


def hashed(driver: Driver, paths: list[str]) -> dict[str, str]:
    """Return the SHA-256 of files on shares, by path.

    Raises:
        Misconfigured, Unavailable, Rejected: one cannot be read.
    """
    found: dict[str, str] = {}
    split = {path: path.rpartition("\\") for path in paths}
    asked: dict[str, Mapping[str, object]] = {
        path: {"guid": "", "folder": document.octets(folder), "file": document.octets(file)}
        for path, (folder, _, file) in split.items()
    }
    for path, answer in answered(driver, "digest", asked):
        if answer.status is not Status.DONE or not answer.parts:
            raise failed(answer, path)
        found[path] = _one(answer.parts[0], "Hash").lower()
    return found


def is_kept(driver: Driver, kept: Archive) -> bool:
    """Whether copies that were complete still are what they were: requests completed, every file with its hash.

    Raises:
        Misconfigured, Unavailable, Rejected: that cannot be looked at.
    """
    states = {_one(request, "Status") for request in requested(driver, kept.batch)}
    return kept.is_complete and states == {_COMPLETED} and hashed(driver, list(kept.files)) == dict(kept.files)


def _one(part: Raw, name: str) -> str:
    return next(iter(document.values(part.get(name, ""))), "")
