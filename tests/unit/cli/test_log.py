"""No secret in any log line, whatever logs it (F23): names that tell, values that live, exceptions, other libraries."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from syncagent.cli.log import event, hide_named, start
from syncagent.cli.tracebacks import hide_secrets
from syncagent.trust.secret import Secret

CANARY = "Hoàng-yến#2026"
SECRET = Secret(CANARY)


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def _fails(password: str) -> None:
    local = password * 1
    raise ValueError(f"cannot bind with {local}")


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_line_holds_a_living_secret(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Our own facts, nested or not, standard logging with arguments, and exceptions of both."""
    start(form)
    event("tried", said=f"bind as {CANARY}", inner={"deep": [SECRET, CANARY, {"x": CANARY.encode()}]})
    logging.getLogger("ldap3").warning("sent %s", CANARY, extra={"raw": CANARY.encode()})
    try:
        _fails(CANARY)
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("other").exception("failed with %r", CANARY)
    told = capsys.readouterr().err

    assert "Hoàng-yến" not in told
    assert "Ho\\u" not in told
    assert "\\xc3" not in told
    assert told.count("cannot bind with ***") == 2
    assert told.count("***") >= 7
    if form == "json":
        assert len([json.loads(line) for line in told.splitlines()]) == 4


def test_a_traceback_shows_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """Not even of a value that nobody called a secret; rich's tracebacks would."""
    value = "chim-khong-ai-biet"
    for form in ("console", "json"):
        start(form)
        try:
            _fails(value[:0])
        except ValueError:
            structlog.get_logger().exception("failed")

    assert value not in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "PASSWD", "unicodePwd", "userPassword", "passphrase", "client_secret", "token",
     "access-token", "credential", "private_key", "Authorization", "set_cookie", "api_key", "mat_khau"],
)  # fmt: skip
def test_what_stands_under_a_telling_name_is_hidden(name: str) -> None:
    """At any depth; None says that there is nothing and is shown."""
    told = hide_named(None, "info", {name: "x", "inner": {name: ["y"]}, "list": [{name: 1}], "none": {name: None}})

    assert told == {name: "***", "inner": {name: "***"}, "list": [{name: "***"}], "none": {name: None}}


@pytest.mark.parametrize("name", ["key_id", "plan_id", "called", "unit", "pwdLastSet", "compass"])
def test_other_names_are_shown(name: str) -> None:
    """A log that hides everything tells nothing."""
    assert hide_named(None, "info", {name: "x"}) == {name: "x"}


def test_an_error_that_nobody_caught_is_shown_without_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the main thread, in another one, and where Python cannot raise it."""
    for hook in ("excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, hook, getattr(sys, hook))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    hide_secrets()
    try:
        _fails(CANARY)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    thread = threading.Thread(target=_fails, args=(CANARY,))
    thread.start()
    thread.join()

    class Broken:
        def __del__(self) -> None:
            _fails(CANARY)

    broken = Broken()
    del broken
    told = capsys.readouterr().err

    assert told.count("ValueError: cannot bind with ***") == 3
    assert "Hoàng-yến" not in told
