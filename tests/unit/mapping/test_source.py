"""Strict YAML: nothing is bent into shape, and every fault is named with its line (contract §2, `check`)."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from syncagent.errors import Misconfigured
from syncagent.mapping.source import Strict, line_of, load


class Part(Strict):
    name: str
    days: int = 0


class File(Strict):
    version: Literal[1]
    parts: list[Part] = Field([])
    share: float = Field(0, ge=0, le=100)
    live: bool = False
    words: dict[str, str] = Field({})


def _fault(text: str) -> Misconfigured:
    with pytest.raises(Misconfigured) as refused:
        load(text, "f.yaml", File)
    return refused.value


def test_a_file_is_read_in_plain_types() -> None:
    """Design §4.2: what is parsed is frozen and plain; comments and forms of YAML leave no trace."""
    text = """# đầu
version: 1
share: 0.5 # phần trăm
live: true
parts:
  - {name: 'Sở', days: 3}
  - name: |-
      dài
words: {a: "b", c: d}
"""

    found = load(text, "f.yaml", File)

    assert found == File(
        version=1,
        share=0.5,
        live=True,
        parts=[Part(name="Sở", days=3), Part(name="dài")],
        words={"a": "b", "c": "d"},
    )
    assert [type(part.name) for part in found.parts] == [str, str]
    assert type(found.share) is float
    assert type(found.parts[0].days) is int


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("version: 1\nvresion: 2\n", 2, "vresion: unknown key"),
        ("share: 1.0\n", 1, "version: this key is missing"),
        ("version: 1\nparts:\n  - name: a\n  - days: 1\n", 4, "parts.1.name: this key is missing"),
        ("version: 1\nparts:\n  - name: a\n    days: '3'\n", 4, "parts.0.days: Input should be a valid integer"),
        ("version: 1\nparts:\n  - name: 3\n", 3, "parts.0.name: Input should be a valid string"),
        ("version: 1\nparts:\n  - name: a\n    days: null\n", 4, "parts.0.days"),
        ("version: 1\nlive: 1\n", 2, "live: Input should be a valid boolean"),
        ("version: 1\n\nshare: 101\n", 3, "share: Input should be less than or equal to 100"),
        ("version: 1\nwords: [a]\n", 2, "words: Input should be a valid dictionary"),
        ("version: 1\nwords:\n  a: b\n  1: c\n", 4, "words.1"),
        ("version: 2\n", 1, "version: Input should be 1"),
        ("version: !kind 1\n", 1, "version: Input should be 1"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, line: int, says: str) -> None:
    """Contract §3: unknown keys are errors with line numbers, values of another type are not converted."""
    fault = _fault(text)

    assert fault.where == f"f.yaml:{line}"
    assert fault.says.en.startswith(says)
    assert fault.exit_code == 3


def test_all_faults_are_named_at_once() -> None:
    """Contract §2, `check`: names file and line of each fault, in both languages."""
    fault = _fault("version: 1\nlạ: 1\nparts:\n  - days: x\n")

    assert [line.partition(" ")[0] for line in fault.lines("en")] == ["f.yaml:4:", "f.yaml:4:", "f.yaml:2:"]
    assert fault.lines("vi")[0] == "f.yaml:4: parts.0.name: thiếu khóa này."
    assert fault.lines("vi")[2] == "f.yaml:2: lạ: khóa không được biết."


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("version: 1\nversion: 1\n", 2),
        ("version: 1\nparts: [\n", 3),
        ("version: 1\n\tlive: true\n", 2),
        ("a: *đâu\n", 1),
        ("version: 1\n---\nversion: 1\n", 2),
    ],
)
def test_what_is_not_yaml_is_named_with_its_line(text: str, line: int) -> None:
    """Contract §4, a file's shape: exit 3; a key given twice never means its last value."""
    fault = _fault(text)

    assert fault.says.en.startswith("Not valid YAML: ")
    assert fault.where == f"f.yaml:{line}"


@pytest.mark.parametrize("text", ["version: 1 \x07", "\x00", "live: \ufffe"])
def test_characters_that_yaml_forbids_are_a_fault_of_the_file(text: str) -> None:
    """YAML 1.2 §5.1: control characters are refused, and the message does not repeat them."""
    fault = _fault(text)

    assert "special characters are not allowed" in fault.says.en
    assert fault.where.startswith("f.yaml:")
    assert fault.says.vi.startswith("Không đọc được YAML: ")
    assert fault.says.en.isprintable()


@pytest.mark.parametrize("text", ["", "# chỉ có chú thích\n", "- a\n", "chữ", "12"])
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    """Contract §4, a file's shape: an empty or cut file is an error, not an empty configuration."""
    fault = _fault(text)

    assert fault.where == "f.yaml:1"
    assert fault.says.en == "The file must be a mapping of keys to values."


@pytest.mark.parametrize(
    ("document", "path"), [({"a": [1]}, ("a", 3)), ({"a": "b"}, ("a", "b")), ({"a": 1}, ("a", "b")), (None, ("a",))]
)
def test_a_path_without_lines_is_the_first_line(document: object, path: tuple[str | int, ...]) -> None:
    """Contract §3: a fault whose place the file does not show is named with the file, not hidden by another."""
    assert line_of(document, path) == 1


@given(st.lists(st.sampled_from(["", "# x", "live: true"]), max_size=6, unique_by=lambda line: line or object()))
def test_the_line_is_right_wherever_the_fault_stands(before: list[str]) -> None:
    """Contract §2: whatever stands above it, comments and empty lines included."""
    text = "\n".join([*before, "version: 1", "lạ: 1"])

    assert _fault(text).where == f"f.yaml:{len(before) + 2}"


class Anything(Strict):
    a: Any = None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\na: 2025-02-30", 2), ("\na: !!int x", 2), ("\n\na: !!bool maybe", 3), ("\n? [a]\n: 1", 1),
        ("\n? {a: 1}\n: 1", 1), ("a: " + "[" * 3000, 1), ("a: b\n\nb: \x07", 3),
    ],
)  # fmt: skip
def test_no_text_is_a_crash(text: str, line: int) -> None:
    """Contract §4, a file's shape: exit 3 with the line, whatever stands in it."""
    with pytest.raises(Misconfigured) as refused:
        load(text, "f.yaml", Anything)
    assert refused.value.where == f"f.yaml:{line}"
