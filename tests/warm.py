"""The command, typed into an interpreter that has everything imported: half of a short verb is starting Python.

Each command runs in a process of its own, forked from one that has done nothing but import, with the folder, the
environment and the three streams it would have had. Tests that kill it, trace it or look at how it starts run the
installed script itself (`desk.COMMAND`).
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import syncagent
from syncagent.__main__ import main

_STARTS = ("PYTHON", "LD_", "MALLOC_")
"""Variables that an interpreter looks at when it starts: with others than ours a command starts by itself."""


def _of_the_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_STARTS)}


_STARTED_WITH = _of_the_start(os.environ)
_RUN_BY_ALEMBIC = "syncagent.store.migrations."

_lock = threading.Lock()
_server: subprocess.Popen[str] | None = None


def run(words: Sequence[str], folder: Path, stdin: str | None, env: Mapping[str, str]) -> tuple[int, str, str] | None:
    """Run a command and return its exit code and what it wrote; None if it has to start by itself."""
    if _of_the_start(env) != _STARTED_WITH or not _lock.acquire(blocking=False):
        return None
    try:
        with tempfile.TemporaryDirectory() as place:
            names = [str(Path(place, name)) for name in ("in", "out", "err")]
            Path(names[0]).write_text(stdin or "", encoding="utf-8")
            code = _asked({"words": list(words), "folder": str(folder), "env": dict(env), "streams": names})
            out, err = (Path(name).read_text(encoding="utf-8") for name in names[1:])
            return code, out, err
    finally:
        _lock.release()


def _asked(what: dict[str, object]) -> int:
    global _server  # noqa: PLW0603 - one per worker, started with the first command
    if _server is None or _server.poll() is not None:
        _server = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "LC_ALL": "C"},
        )
        atexit.register(_end)
    assert _server.stdin
    assert _server.stdout
    _server.stdin.write(json.dumps(what) + "\n")
    _server.stdin.flush()
    return int(_server.stdout.readline())


def _end() -> None:
    if _server:
        _server.communicate()


# ── the other side ────────────────────────────────────────────────────────────


def _everything() -> None:
    """Import every module of the command; what this machine cannot have, the command says itself."""
    for module in pkgutil.walk_packages(syncagent.__path__, "syncagent."):
        if not module.name.startswith(_RUN_BY_ALEMBIC):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)


def _commands(asked: int) -> Iterator[dict[str, object]]:
    with os.fdopen(asked, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _serve() -> None:
    asked, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    _everything()
    gc.freeze()
    for command in _commands(asked):
        child = os.fork()
        if child == 0:
            _become(**command)  # type: ignore[arg-type]  # what `run` wrote
        _, status = os.waitpid(child, 0)
        os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(words: list[str], folder: str, env: dict[str, str], streams: list[str]) -> None:
    """Go on as the command itself would: its folder, its environment, its streams, its end."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    for number, name in enumerate(streams):
        end = os.open(name, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(end, number)
        os.close(end)
    sys.argv = ["syncagent", *words]
    main()


if __name__ == "__main__":
    _serve()
