"""The values of PowerShell that our scripts touch: hashtables, objects, errors, and the few parts of .NET they call."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

_LONGEST_JSON: Final = 2_097_152
"""Characters that Windows PowerShell's JavaScriptSerializer reads, unless told otherwise."""
_DATE = re.compile(r"^/Date\((-?\d+)\)/$")


class _Nothing:
    """What a command that yields nothing is worth: AutomationNull, which is not `$null`."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()


class Hashtable:
    """A hashtable, whose keys ignore case."""

    def __init__(self, entries: Mapping[str, Any] | None = None) -> None:
        self._entries: dict[str, tuple[str, Any]] = {}
        for key, value in (entries or {}).items():
            self[key] = value

    def __setitem__(self, key: str, value: Any) -> None:
        self._entries[key.casefold()] = (key, value)

    def get(self, key: str) -> Any:
        return self._entries.get(key.casefold(), (key, None))[1]

    def items(self) -> Iterator[tuple[str, Any]]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)


class PsObject:
    """An object with properties; `text` is what it is as a string."""

    def __init__(self, properties: Mapping[str, Any], text: str = "") -> None:
        self.properties = Hashtable(properties)
        self.text = text

    def has(self, name: str) -> bool:
        return any(key.casefold() == name.casefold() for key, _ in self.properties.items())


class Unspoken(Exception):  # noqa: N818 - not a failure of the script: this interpreter does not speak the construct
    """The script says something that is not interpreted here, so that no test can tell what it would do."""


class Failure(Exception):  # noqa: N818 - PowerShell calls it an error record
    """A terminating error, as a script catches it."""

    def __init__(self, message: str, identifier: str = "RuntimeException", category: str = "OperationStopped") -> None:
        super().__init__(message)
        self.message, self.identifier, self.category = message, identifier, category

    def record(self) -> PsObject:
        """Return what `$_` is in a catch."""
        return PsObject(
            {
                "Exception": PsObject({"Message": self.message}),
                "FullyQualifiedErrorId": self.identifier,
                "CategoryInfo": PsObject({"Category": self.category}),
            },
            self.message,
        )


def text_of(value: Any) -> str:
    """Return a value as `[string]` has it."""
    match value:
        case None | _Nothing():
            return ""
        case bool():
            return str(value)
        case datetime():
            return f"{value:%m/%d/%Y %H:%M:%S}"
        case list():
            return " ".join(map(text_of, value))
        case PsObject():
            return value.text
        case Hashtable():
            return "System.Collections.Hashtable"
        case _:
            return str(value)


def truth_of(value: Any) -> bool:
    """Return a value as a condition has it."""
    if isinstance(value, list):
        return truth_of(value[0]) if len(value) == 1 else bool(value)
    return value is not NOTHING and (bool(value) or isinstance(value, Hashtable | PsObject))


def as_items(value: Any) -> list[Any]:
    """Return what the pipeline makes of a value: a list is taken apart, nothing is no item."""
    if value is NOTHING:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def from_json(text: str) -> Any:
    """Read JSON as Windows PowerShell 5.1 does: dates in /Date()/ are turned, very long texts are refused."""
    if len(text) > _LONGEST_JSON:
        raise Failure("The length of the string exceeds the value set on the maxJsonLength property.")
    try:
        return _object(json.loads(text))
    except json.JSONDecodeError as error:
        raise Failure(f"Invalid JSON primitive: {error}") from error


def _object(value: Any) -> Any:
    if isinstance(value, dict):
        return PsObject({key: _object(item) for key, item in value.items()})
    if isinstance(value, list):
        return [_object(item) for item in value]
    if isinstance(value, str) and (found := _DATE.match(value)):
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC)
    return value


def to_json(value: Any, depth: int) -> str:
    """Write JSON as ConvertTo-Json does: what lies deeper than `depth` becomes a string."""
    return json.dumps(_plain(value, depth), ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any, depth: int) -> Any:
    if isinstance(value, Hashtable):
        return {key: _plain(item, depth - 1) for key, item in value.items()} if depth >= 0 else text_of(value)
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value] if depth >= 0 else text_of(value)
    if isinstance(value, str | int | bool) or value is None:
        return value
    return text_of(value)


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise Failure("The input is not a valid Base-64 string.", "FormatException", "NotSpecified") from error


STATIC: Final[Mapping[tuple[str, str], Callable[..., Any]]] = {
    ("convert", "frombase64string"): _from_base64,
    ("convert", "tobase64string"): lambda octets: base64.b64encode(octets).decode(),
    ("string", "join"): lambda between, items: between.join(map(text_of, as_items(items))),
    ("security.cryptography.sha256", "create"): lambda: PsObject({}, "SHA256"),
}
"""Static methods of .NET, by type and name."""


def method(on: Any, name: str, arguments: list[Any]) -> Any:
    """Call a method of a value."""
    match on, name.casefold():
        case str(), "trim":
            return on.strip()
        case str(), "split":
            return on.split(text_of(arguments[0]))
        case datetime(), "touniversaltime":
            return on.astimezone(UTC)
        case datetime(), "tostring":
            return f"{on:%Y-%m-%dT%H:%M:%S}.{on.microsecond:06d}0Z"
        case PsObject(text="SHA256"), "computehash":
            return hashlib.sha256(arguments[0]).digest()
        case PsObject(text="UTF8"), "getbytes":
            return text_of(arguments[0]).encode()
        case PsObject(text="UTF8"), "getstring":
            return arguments[0].decode(errors="replace")
    raise Failure(f"Method invocation failed because there is no method named '{name}'.", "MethodNotFound")
