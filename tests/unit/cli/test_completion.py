"""How a half-typed command goes on, in each shell."""

from __future__ import annotations

import gc

import pytest

from syncagent.cli.main import COMPLETES, run


@pytest.fixture(autouse=True)
def _collected() -> None:
    """A verb turns the collector off, because it ends; this process goes on."""
    gc.enable()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_asks_the_program_itself(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    """What completes is never older than the program."""
    assert run(["completion", shell]) == 0
    gc.enable()

    assert f"{COMPLETES}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "at", "goes_on"),
    [
        ("syncagent migr", 1, "migrate"),
        ("syncagent report ", 2, "default-passwords"),
        ("syncagent plan --f", 2, "--format"),
    ],
)
def test_what_is_half_typed_is_completed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, typed: str, at: int, goes_on: str
) -> None:
    """Verbs, names of reports, options."""
    for name, value in {COMPLETES: "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(at)}.items():
        monkeypatch.setenv(name, value)

    assert run([]) == 0

    assert f"plain,{goes_on}" in capsys.readouterr().out.splitlines()
