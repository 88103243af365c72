"""Strict YAML with line numbers: every fault of a file is named with its line, all at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_DAY = re.compile(r"datetime\.date\((\d+), (\d+), (\d+)\)")

M = TypeVar("M", bound=BaseModel)
_SAID = "said"


def faulty(vi: str, en: str) -> PydanticCustomError:
    """Return what a validator raises to say in both languages what is wrong, without a full stop."""
    return PydanticCustomError(_SAID, "{en}", {"vi": vi, "en": en})


class Strict(BaseModel):
    """A part of a file: unknown keys are errors, values are not bent into shape."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def load(text: str, file: str, model: type[M]) -> M:
    """Given the text of a YAML file, return it as `model`.

    Args:
        text: the whole file.
        file: its name, for messages.
        model: the shape it must have.

    Raises:
        Misconfigured: the file is not YAML, or does not have the shape; each fault with its line.
    """
    document = _parse(text, file)
    if not isinstance(document, Mapping):
        raise Misconfigured(
            Text("Tệp phải là một danh sách khóa: giá trị.", "The file must be a mapping of keys to values."),
            where=f"{file}:1",
        )
    try:
        return model.model_validate(_plain(document), strict=True)
    except ValidationError as error:
        faults = [_fault(file, document, detail) for detail in error.errors(include_url=False)]
        raise Misconfigured(faults[0].says, where=faults[0].where, also=faults[1:]) from error


def line_of(document: object, path: Sequence[str | int | date]) -> int:
    """Return the line (from 1) where a path of keys stands, or that of the deepest part that exists."""
    line = 1
    for key in path:
        place = getattr(document, "lc", None)
        if not isinstance(document, Mapping | Sequence) or isinstance(document, str):
            break
        data = getattr(place, "data", None) or {}
        if key in data:
            line = data[key][0] + 1
        try:
            document = document[key]  # type: ignore[index]  # the key fits the kind, or the except ends the walk
        except (KeyError, IndexError, TypeError):
            break
    return line


def where_of(text: str, file: str, path: Sequence[str]) -> str:
    """Given a file that was read and the keys of a value in it, return `file:line`."""
    return where_each(text, file, [path])[0]


def where_each(text: str, file: str, paths: Sequence[Sequence[str | int]]) -> list[str]:
    """Given a file that was read and the keys of several values in it, return `file:line` of each."""
    document = _parse(text, file)
    return [f"{file}:{line_of(document, path)}" for path in paths]


class _Constructor(RoundTripConstructor):
    """Says on which line a value stands that is none, such as 30 February."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - ruamel's own signature
        """Return the value of a node.

        Raises:
            ConstructorError: it has none.
        """
        try:
            return super().construct_object(node, deep)
        except (KeyError, TypeError, ValueError) as error:
            raise ConstructorError(None, None, str(error), node.start_mark) from error


def _parse(text: str, file: str) -> object:
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _Constructor
    yaml.allow_duplicate_keys = False
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = " ".join(str(error.problem or error.context or "syntax error").split())
        raise Misconfigured(
            Text(f"Không đọc được YAML: {problem}.", f"Not valid YAML: {problem}."), where=f"{file}:{line}"
        ) from error
    except (YAMLError, RecursionError) as error:
        problem = " ".join(str(error).split())
        line = text.count("\n", 0, error.position) + 1 if isinstance(error, ReaderError) else 1
        raise Misconfigured(
            Text(f"Không đọc được YAML: {problem}.", f"Not valid YAML: {problem}."), where=f"{file}:{line}"
        ) from error


def _plain(node: object) -> Any:  # noqa: ANN401 - YAML is dynamic until the model has looked at it
    """Return the document in plain Python types, without line numbers."""
    if isinstance(node, Mapping):
        return {str(key) if isinstance(key, str) else key: _plain(value) for key, value in node.items()}
    if isinstance(node, str):
        return str(node)
    if isinstance(node, Sequence):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return node


def _key(part: str | int) -> str | int | date:
    """Return a key as the document has it: pydantic names a day by its Python text."""
    found = _DAY.fullmatch(str(part))
    return date(*map(int, found.groups())) if found else part


def _keys(document: object, path: Sequence[str | int]) -> tuple[str | int | date, ...]:
    """Return the keys of a path as the file has them: what is no key and has more behind it names a kind of part."""
    found: list[str | int | date] = []
    for place, part in enumerate(map(_key, path)):
        here = isinstance(document, Mapping) and part in document
        if isinstance(document, Mapping) and not here and place < len(path) - 1:
            continue
        found.append(part)
        if here or (isinstance(document, Sequence) and not isinstance(document, str) and isinstance(part, int)):
            document = document[part]  # type: ignore[index]  # the key was looked up, an index comes from the list
    return tuple(found)


def _fault(file: str, document: object, detail: ErrorDetails) -> Misconfigured:
    path = _keys(document, detail["loc"])
    if detail["type"].startswith("union_tag"):  # the fault lies in the word that tells the kinds apart
        path = (*path, str(detail["ctx"]["discriminator"]).strip("'"))
    name = ".".join(str(part) for part in path) or "(file)"
    problem = detail["msg"]
    if detail["type"] == _SAID:
        told = detail["ctx"]
        return Misconfigured(
            Text(f"{name}: {told['vi']}.", f"{name}: {told['en']}."), where=f"{file}:{line_of(document, path)}"
        )
    vietnamese = {
        "extra_forbidden": "khóa không được biết",
        "missing": "thiếu khóa này",
        "value_error": problem.removeprefix("Value error, "),
    }.get(detail["type"], problem)
    english = {"extra_forbidden": "unknown key", "missing": "this key is missing"}.get(
        detail["type"], problem.removeprefix("Value error, ")
    )
    return Misconfigured(
        Text(f"{name}: {vietnamese}.", f"{name}: {english}."), where=f"{file}:{line_of(document, path)}"
    )
