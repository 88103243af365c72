"""The console in the configuration file: nothing that is not safe is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncagent.errors import Misconfigured
from syncagent.settings import Settings, read_settings

CONTRACT = """\
version: 1
regulation: ninhbinh-2025
roster:
  people: {source: csv, path: people.csv}
  units: {source: csv, path: units.csv}
targets:
  main:
    directory: {kind: ldif, path: directory.ldif, schema: active-directory, base: "DC=y"}
"""
_CONSOLE = """\
console:
  listen: "{listen}"
  login: {login}
  groups: {{"CN=x,DC=y": {{role: {role}}}}}
"""
_DIRECTORY = (
    '{server: {kind: active-directory, servers: ["ldaps://dc1"], base: "DC=y", bind: {name: a, password: {env: P}}}}'
)


def _read(folder: Path, asked: dict[str, str]) -> Settings:
    path = folder / "syncagent.yaml"
    path.write_text(CONTRACT + _CONSOLE.format(**asked), encoding="utf-8")
    return read_settings(path)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"listen": "10.0.0.5:8443"}, "a certificate and key are needed"),
        ({"listen": "0.0.0.0:8443"}, "a certificate and key are needed"),
        ({"listen": "[::]:8443"}, "is not ADDRESS:PORT"),
        ({"login": "{target: main}"}, "is no target that is a directory server"),
        ({"login": "{target: nowhere}"}, "is no target that is a directory server"),
        ({"login": "{}"}, "exactly one of target, server"),
        ({"role": "root"}, "console.groups"),
    ],
)
def test_a_console_that_is_not_safe_is_refused(tmp_path: Path, parts: dict[str, str], says: str) -> None:
    """No password in the clear beyond loopback, one directory of people, known roles; the line is named."""
    asked = {"listen": "127.0.0.1:8443", "login": _DIRECTORY, "role": "viewer", **parts}

    with pytest.raises(Misconfigured) as refusal:
        _read(tmp_path, asked)

    assert says in "\n".join(refusal.value.lines("en"))


def test_a_console_as_shipped_is_on_loopback_with_short_sessions(tmp_path: Path) -> None:
    """The defaults: loopback, 15 minutes, 5 for approvers, 8 hours, 3 tries in half an hour."""
    asked = {"listen": "127.0.0.1:8443", "login": _DIRECTORY, "role": "viewer"}
    console = _read(tmp_path, asked).console

    assert console is not None
    assert console.place == ("127.0.0.1", 8443)
    assert [span.total_seconds() / 60 for span in console.session.spans] == [15, 5, 480]
    assert (console.login.tries, console.login.span.total_seconds() / 60) == (3, 30)
