"""What is typed wrong is exit code 2 and said in the reader's language, Vietnamese first."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from syncagent.cli.main import run

NUMBER = "037065012345"


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """A verb turns the collector off, because it ends; this process goes on."""
    yield
    gc.enable()


@pytest.mark.parametrize(
    ("typed", "vietnamese", "english"),
    [
        ("xyzzy", "không có lệnh “xyzzy”.", "No such command 'xyzzy'."),
        ("pla", "không có lệnh “pla”; có phải “plan”", "No such command 'pla'."),
        ("plan --foo", "không có tùy chọn “--foo”; có phải “--format”, “--out”.", "No such option '--foo'."),
        ("plan --nowhere-at-all", "không có tùy chọn “--nowhere-at-all”.", "No such option"),
        (
            "plan --lang en",
            "tùy chọn “--lang” đặt trước lệnh: syncagent --lang … plan",
            "before the verb: syncagent --lang … plan",
        ),
        ("request list --config=x", "tùy chọn “--config” đặt trước lệnh: syncagent", "It stands before the verb"),
        ("approve --by A", "thiếu PLAN.", "Missing argument 'PLAN'."),
        ("report", "thiếu NAME, là một trong: addresses, ", "Choose from:"),
        ("approve latest", "thiếu --by.", "Missing option '--by'."),
        ("reject latest --by", "tùy chọn “--by” thiếu giá trị", "requires an argument"),
        ("plan --as-of gestern", "--as-of: không phải ngày có thật viết dạng dd/mm/yyyy", "does not match the formats"),
        ("plan --as-of 30/02/2026", "--as-of: không phải ngày có thật", "does not match the formats"),
        ("plan --as-of 01/02/1999", "--as-of: 1999-02-01: năm phải trong khoảng", "the year must be between"),
        ("report everything", "NAME: chỉ nhận một trong: addresses, ", "is not one of 'addresses'"),
        ("demo --size 3", "--size: phải là số nguyên từ 100 đến 300000.", "is not in the range"),
        ("compare --with-naming=3 --regulation a", "tùy chọn “--with-naming”", "does not take a value"),
        ("plan extra more", "thừa extra more.", "unexpected extra arguments"),
        (f"hold P1 --document 8/TTr {NUMBER}", "thừa ….", "unexpected extra argument (…)"),
    ],
)
def test_what_is_wrong_is_said_in_either_language(
    capsys: pytest.CaptureFixture[str], typed: str, vietnamese: str, english: str
) -> None:
    """How the verb is used, what is wrong, and what was perhaps meant; no identification number is repeated."""
    codes = run(typed.split()), run(["--lang", "en", *typed.split()])
    said = capsys.readouterr().err
    in_vietnamese, _, in_english = said.partition("Usage: ")

    assert codes == (2, 2)
    assert f"Gõ lệnh chưa đúng: {vietnamese}" in in_vietnamese
    assert english in (in_english or said)
    assert NUMBER not in said


def test_a_group_alone_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`syncagent request` asks nothing and lists its verbs."""
    assert run(["request"]) == 2
    assert "reply" in capsys.readouterr().err
