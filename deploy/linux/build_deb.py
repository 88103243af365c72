"""Builds syncagent_VERSION_ARCH.deb: the program with its pinned libraries below /usr/lib/syncagent, unit and users.

Run it on the Debian release that the package is for, with its Python:

    python3 -m venv build-venv && build-venv/bin/pip install --require-hashes -r requirements/build.txt
    build-venv/bin/python deploy/linux/build_deb.py --out dist

pip fetches the libraries by hash; a site without a network gives it a folder of wheels (`PIP_NO_INDEX=1
PIP_FIND_LINKS=wheels`). Exit code 0: built, its path is printed.
"""

from __future__ import annotations

import argparse
import compileall
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from py_compile import PycInvalidationMode

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
REQUIREMENTS = ROOT / "requirements" / "postgresql.txt"
_LIBRARIES = "usr/lib/syncagent"

_LAUNCHER = """\
#!/usr/bin/python3 -I
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib" / "syncagent"))

from syncagent.__main__ import main

main()
"""

_CONTROL = """\
Package: syncagent
Version: {version}
Architecture: {architecture}
Maintainer: syncagent
Installed-Size: {size}
Depends: python3 (>= {python}~), python3 (<< {after}~), ca-certificates, systemd (>= 250)
Suggests: postgresql, prometheus, libgssapi-krb5-2
Section: admin
Priority: optional
Description: official mail accounts in step with the personnel roster and the law
 Decides from the personnel roster and the published regulation which official
 mail accounts must change, says why, waits for approval, and carries out exactly
 that. Installing it starts nothing: write /etc/syncagent/syncagent.yaml first.
"""

_POSTINST = """\
#!/bin/sh
set -e
if [ "$1" = configure ]; then
  systemd-sysusers ${DPKG_ROOT:+--root="$DPKG_ROOT"} syncagent.conf
  systemd-tmpfiles ${DPKG_ROOT:+--root="$DPKG_ROOT"} --create syncagent.conf
  if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if [ -n "$2" ]; then systemctl try-restart syncagent.service; fi
  fi
fi
"""

_PRERM = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
  systemctl disable --now syncagent.service
fi
"""

_POSTRM = """\
#!/bin/sh
set -e
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
if [ "$1" = purge ]; then
  echo "syncagent: /var/lib/syncagent and /etc/syncagent stay: the audit log must be kept for as long as the law says."
fi
"""


def main() -> None:
    """Build the package."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder that takes the package")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder) / "stage"
        install(stage / _LIBRARIES)
        print(pack(stage, version(), asked.out))  # noqa: T201 - its only answer


def version() -> str:
    """Return the version of the source that is packed."""
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "syncagent" / "__init__.py").read_text(encoding="utf-8"))
    if not found:
        message = "syncagent/__init__.py names no version"
        raise ValueError(message)
    return found[1]


def install(into: Path) -> None:
    """Put the libraries, each checked by its hash, and the program into a folder."""
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
    target = ("--target", str(into), "--upgrade")
    _told(*pip, *target, "--require-hashes", "--only-binary", ":all:", "-r", str(REQUIREMENTS))
    _told(*pip, *target, "--no-deps", "--no-build-isolation", str(ROOT))


def pack(stage: Path, called: str, out: Path) -> Path:
    """Given a folder with the program below usr/lib/syncagent, add what else belongs to the package, and build it.

    Args:
        stage: the folder, which becomes the root of the file system.
        called: the version.
        out: the folder that takes the package.
    """
    files = {
        "usr/lib/systemd/system/syncagent.service": HERE / "syncagent.service",
        "usr/lib/sysusers.d/syncagent.conf": HERE / "syncagent.sysusers",
        "usr/lib/tmpfiles.d/syncagent.conf": HERE / "syncagent.tmpfiles",
        "usr/share/doc/syncagent/README.md": ROOT / "README.md",
        "usr/share/doc/syncagent/copyright": ROOT / "LICENSE",
        "usr/share/doc/syncagent/alerts.yaml": ROOT / "deploy/monitoring/alerts.yaml",
        "usr/share/doc/syncagent/grafana.json": ROOT / "deploy/monitoring/grafana.json",
    }
    for name, source in files.items():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, stage / name)
    manual = stage / "usr/share/man/man1/syncagent.1.gz"
    manual.parent.mkdir(parents=True, exist_ok=True)
    manual.write_bytes(gzip.compress((ROOT / "docs/reference/syncagent.1").read_bytes(), mtime=0))
    shutil.rmtree(stage / _LIBRARIES / "bin", ignore_errors=True)
    compileall.compile_dir(
        stage / _LIBRARIES, quiet=1, stripdir=str(stage), invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )
    _write(stage / "usr/bin/syncagent", _LAUNCHER)
    major, minor = sys.version_info[:2]
    size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file()) // 1024 + 1
    architecture = _told("dpkg", "--print-architecture")
    control = _CONTROL.format(
        version=called,
        architecture=architecture,
        size=size,
        python=f"{major}.{minor}",
        after=f"{major}.{minor + 1}",
    )
    for name, text in {"postinst": _POSTINST, "prerm": _PRERM, "postrm": _POSTRM}.items():
        _write(stage / "DEBIAN" / name, text)
    (stage / "DEBIAN" / "control").write_text(control, encoding="utf-8")
    for path in stage.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    out.mkdir(parents=True, exist_ok=True)
    made = out / f"syncagent_{called}_{architecture}.deb"
    _told("dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(stage), str(made))
    return made


def _write(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


def _told(*command: str) -> str:
    environment = {"SOURCE_DATE_EPOCH": "0", **os.environ}
    done = subprocess.run(  # noqa: S603 - pip and dpkg, by fixed arguments
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
