"""The bytes of a roster file: a regular file, of sensible size, whole, and what its export said it was."""

from __future__ import annotations

import hashlib
import re
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 100_000_000
"""Bytes of a file: 300,000 people with all columns take 76 million in CSV. Workbooks have limits of their own."""

_LONGEST_COMPANION = 100_000
_CHECKSUM = re.compile(r"\\?([0-9a-fA-F]{64}) [ *](.+)")


class Content(NamedTuple):
    """A file as it was read: its name without folders, its bytes, their SHA-256, and when it was written."""

    file: str
    data: bytes
    sha256: str
    modified: datetime


def load(path: Path) -> Content:
    """Read a roster file once and completely. A `.sha256` file beside it must agree with what was read.

    Raises:
        Misconfigured: the file is missing, not a regular file, too large, changes while it is read, or is not
            the one that its `.sha256` names.
    """
    try:
        before = path.stat()
        if not stat.S_ISREG(before.st_mode):
            raise Misconfigured(
                Text(
                    f"“{path}” không phải là tệp thông thường.",
                    f"“{path}” is not a regular file.",
                )
            )
        if before.st_size > LARGEST:
            raise Misconfigured(
                Text(
                    f"Tệp lớn {before.st_size:,} byte, quá {LARGEST:,} byte cho phép; danh sách của một "
                    "tỉnh không lớn thế.",
                    f"The file has {before.st_size:,} bytes, over {LARGEST:,}; no roster of a province is that large.",
                ),
                where=path.name,
            )
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        after = path.stat()
    except FileNotFoundError as error:
        raise Misconfigured(
            Text(
                f"Không có tệp “{path}”. Hãy sửa đường dẫn hoặc xuất lại tệp.",
                f"There is no file “{path}”. Correct the path or export it again.",
            )
        ) from error
    except OSError as error:
        raise Misconfigured(
            Text(
                f"Không đọc được tệp “{path}” ({error.strerror}). Hãy sửa quyền đọc hoặc xuất lại tệp.",
                f"Cannot read “{path}”: {error.strerror}. Correct the rights or export it again.",
            )
        ) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise Misconfigured(
            Text(
                "Tệp đang được ghi trong khi đọc; hãy chạy lại khi việc xuất danh sách đã xong.",
                "The file changes while it is read; run again when the export has finished.",
            ),
            where=path.name,
        )
    sha256 = hashlib.sha256(data).hexdigest()
    _compare(path, sha256)
    return Content(path.name, data, sha256, datetime.fromtimestamp(after.st_mtime, UTC))


def _compare(path: Path, sha256: str) -> None:
    """Raise unless the companion, in the format of the sha256sum tool, is absent or names this hash."""
    companion = path.with_name(f"{path.name}.sha256")
    if not companion.exists():
        return
    if not companion.is_file():
        raise Misconfigured(
            Text("Đây không phải là tệp thông thường.", "This is not a regular file."), where=companion.name
        )
    with companion.open("rb") as file:
        lines = file.read(_LONGEST_COMPANION).decode("utf-8-sig", "replace").splitlines()
    named = [found for line in lines if (found := _CHECKSUM.fullmatch(line.strip()))]
    stated = {found[1].lower() for found in named if found[2].replace("\\", "/").rsplit("/", 1)[-1] == path.name}
    if not stated:
        raise Misconfigured(
            Text(
                f"Tệp không ghi mã SHA-256 của “{path.name}” (một dòng như lệnh sha256sum in ra); hãy tạo "
                "lại hoặc xóa đi.",
                f"The file states no SHA-256 of “{path.name}” (a line as sha256sum prints it); make it "
                "again or delete it.",
            ),
            where=companion.name,
        )
    if stated != {sha256}:
        raise Misconfigured(
            Text(
                f"Tệp khác với mã SHA-256 ghi trong “{companion.name}”: bị cắt hoặc bị sửa sau khi xuất. Hãy xuất lại.",
                f"The file is not the one named in “{companion.name}”: cut or changed after export. Export it again.",
            ),
            where=path.name,
        )
