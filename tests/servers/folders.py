"""Folders of databases: kept from run to run, held by one worker at a time, copied without filling their holes."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(__file__).parents[2] / "build/servers"
"""What is made once per checkout."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold what is made in a folder against all other workers."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copied(source: Path, to: Path) -> None:
    """Copy a folder with its access lists and its holes: databases are mostly holes."""
    to.mkdir(parents=True, exist_ok=True)
    command = ["cp", "-a", "--sparse=always", "--reflink=auto", f"{source}/.", str(to)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
