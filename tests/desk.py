"""The installed command in a folder of its own: what a user types, what a user sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import warm

COMMAND = Path(sys.executable).with_name("syncagent")


@dataclass(frozen=True)
class Desk:
    """A folder with a configuration, and the command (as `warm` runs it)."""

    folder: Path

    def run(self, *words: str, expect: int = 0, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Type a command; its exit code must be the one expected."""
        env = {**os.environ, "SYNCAGENT_CONFIG": "", "NO_COLOR": "1", "LC_ALL": "C"}
        line = [str(COMMAND), *words]
        if warmed := warm.run(words, self.folder, stdin, env):
            done = subprocess.CompletedProcess(line, *warmed)
        else:
            done = subprocess.run(
                line,
                cwd=self.folder,
                capture_output=True,
                text=True,
                encoding="utf-8",
                input=stdin,
                check=False,
                env=env,
            )
        assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def plan(self, as_of: str, *words: str) -> dict[str, Any]:
        """Make a plan and return it as data."""
        found: dict[str, Any] = json.loads(self.run("plan", "--as-of", as_of, "--format", "json", *words).stdout)
        return found

    def edit(self, name: str, before: str, after: str) -> None:
        """Change a file as a person would; what is replaced must be there."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert before in text, f"{before!r} is not in {name}"
        path.write_text(text.replace(before, after), encoding="utf-8")
