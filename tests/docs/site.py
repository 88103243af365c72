"""Builds the documentation as a site, without a warning: `python -m tests.docs.site build/site`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE")
_FOLDERS = ("docs", "mappings")
_CONFIG = ROOT / "docs" / "zensical.toml"


def build(project: Path) -> str:
    """Build the site in a folder of its own, `site/` in it; return what the builder said.

    Raises:
        subprocess.CalledProcessError: something warns, a link that leads nowhere for one.
    """
    pages = project / "pages"
    pages.mkdir(parents=True)
    for name in TOP:
        shutil.copy(ROOT / name, pages)
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, pages / name)
    shutil.copy(_CONFIG, project)
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--strict", "-f", _CONFIG.name]
    plain = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, env=plain)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
    done.check_returncode()
    return done.stdout + done.stderr


def main(out: Path) -> None:
    """Build the site and put it where it was asked for."""
    with tempfile.TemporaryDirectory() as name:
        sys.stdout.write(build(Path(name)))
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(Path(name) / "site", out)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
