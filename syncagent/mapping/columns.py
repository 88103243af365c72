"""From `mappings/rosters/*.yaml` to a ColumnMap: which heading and which word of a roster means what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Generic, Literal, TypeVar, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from syncagent.core.names import fold
from syncagent.core.person import Event, PersonType, Status
from syncagent.core.request import RequestKind
from syncagent.core.unit import UnitKind, UnitStatus
from syncagent.mapping.source import Strict, load

if TYPE_CHECKING:
    from collections.abc import Iterable

PeopleColumn = Literal[
    "person_id", "full_name", "given_name", "birth_date", "type", "unit", "position", "rank", "primary",
    "status", "event", "effective_date", "decision_number", "decision_date", "signed_by", "received_on",
    "phone", "contact", "agreed_address", "previous_address",
]  # fmt: skip
UnitColumn = Literal[
    "unit", "name", "abbreviation", "suffix", "parent", "kind", "status", "successor", "effective_date",
    "decision_number", "decision_date", "signed_by", "mailbox", "mailbox_holder", "contact",
]  # fmt: skip
RequestColumn = Literal[
    "request_id", "received_on", "channel", "from_unit", "from_address", "kind", "subject", "value",
    "reason", "document_number", "document_date", "until",
]  # fmt: skip
Encoding = Literal["tcvn3", "vni"]
"""What a text was typed in before Unicode; Unicode itself needs no declaration."""


class Answer(StrEnum):
    """The words of a yes-or-no column."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Columns:
    """How one part of a roster (people, units or requests) is written.

    `headings` and `words` are looked up by `spelling`; the canonical ones are always among them. `encodings`
    names the columns that hold text from before Unicode. `dates` are further forms beside ISO and dd/mm/yyyy,
    as `strptime` patterns.
    """

    part: str
    required: tuple[str, ...]
    headings: Mapping[str, str]
    words: Mapping[str, Mapping[str, StrEnum]]
    dates: tuple[str, ...]
    encodings: Mapping[str, Encoding]


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How the three parts of a roster are written."""

    name: str
    people: Columns
    units: Columns
    requests: Columns


def spelling(text: str) -> str:
    """Return the form in which headings and words are compared: no marks, case, underscores or end marks."""
    return " ".join(fold(text).replace("_", " ").strip(" *:.").split())


# ── the file ─────────────────────────────────────────────────────────────────

_DIRECTIVE = re.compile("%.?")
C = TypeVar("C", bound=str)
_Status = Annotated[Status, BeforeValidator(Status)]
_Event = Annotated[Event, BeforeValidator(Event)]
_Type = Annotated[PersonType, BeforeValidator(PersonType)]
_UnitKind = Annotated[UnitKind, BeforeValidator(UnitKind)]
_UnitStatus = Annotated[UnitStatus, BeforeValidator(UnitStatus)]
_RequestKind = Annotated[RequestKind, BeforeValidator(RequestKind)]
_Answer = Annotated[Answer, BeforeValidator(Answer)]


class _PeopleWords(Strict):
    status: dict[str, _Status] = Field(default_factory=dict)
    event: dict[str, _Event] = Field(default_factory=dict)
    type: dict[str, _Type] = Field(default_factory=dict)
    primary: dict[str, _Answer] = Field(default_factory=dict)


class _UnitWords(Strict):
    kind: dict[str, _UnitKind] = Field(default_factory=dict)
    status: dict[str, _UnitStatus] = Field(default_factory=dict)
    mailbox: dict[str, _Answer] = Field(default_factory=dict)


class _RequestWords(Strict):
    kind: dict[str, _RequestKind] = Field(default_factory=dict)


W = TypeVar("W", bound=Strict)


def _distinct(pairs: Iterable[tuple[str, str]]) -> None:
    """Raise a ValueError if two spellings that compare equal have different meanings."""
    meanings: dict[str, str] = {}
    for name, meaning in pairs:
        if meanings.setdefault(spelling(name), meaning) != meaning:
            message = f"“{name}” has two meanings: {meanings[spelling(name)]} and {meaning}"
            raise ValueError(message)


class _Part(Strict, Generic[C, W]):
    part: ClassVar[str]
    known: ClassVar[tuple[str, ...]]
    required: ClassVar[tuple[str, ...]]
    words: ClassVar[Mapping[str, type[StrEnum]]]

    headings: dict[C, list[str]] = Field(default_factory=dict)
    values: W = Field(default_factory=dict, validate_default=True)
    dates: list[str] = Field(default_factory=list)
    encoding: Encoding | None = None
    encodings: dict[C, Encoding] = Field(default_factory=dict)

    @field_validator("dates")
    @classmethod
    def _whole_dates(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            if sorted(_DIRECTIVE.findall(pattern)) != ["%Y", "%d", "%m"]:
                message = f"“{pattern}” is not a date: it needs %d, %m and %Y, each once"
                raise ValueError(message)
        return patterns

    @model_validator(mode="after")
    def _one_meaning(self) -> _Part[C, W]:
        _distinct(self._headings())
        for column in self.words:
            _distinct(self._words(column))
        return self

    def _headings(self) -> list[tuple[str, str]]:
        """Return every accepted heading with its column, the canonical ones first."""
        theirs = [(name, str(column)) for column, names in self.headings.items() for name in names]
        return [*((column, column) for column in self.known), *theirs]

    def _words(self, column: str) -> list[tuple[str, StrEnum]]:
        """Return every accepted word of a column with its meaning, the canonical ones first."""
        theirs: dict[str, StrEnum] = getattr(self.values, column)
        return [*((meaning.value, meaning) for meaning in self.words[column]), *theirs.items()]

    def columns(self) -> Columns:
        """Return the part as the reader needs it."""
        whole = dict.fromkeys(self.known, self.encoding) if self.encoding else {}
        return Columns(
            part=self.part,
            required=self.required,
            headings={spelling(name): column for name, column in self._headings()},
            words={column: {spelling(word): means for word, means in self._words(column)} for column in self.words},
            dates=tuple(self.dates),
            encodings={**whole, **{str(column): encoding for column, encoding in self.encodings.items()}},
        )


class _People(_Part[PeopleColumn, _PeopleWords]):
    part = "people"
    known = get_args(PeopleColumn)
    required = ("person_id", "full_name", "unit", "status")
    words: ClassVar = {"status": Status, "event": Event, "type": PersonType, "primary": Answer}


class _Units(_Part[UnitColumn, _UnitWords]):
    part = "units"
    known = get_args(UnitColumn)
    required = ("unit", "name")
    words: ClassVar = {"kind": UnitKind, "status": UnitStatus, "mailbox": Answer}


class _Requests(_Part[RequestColumn, _RequestWords]):
    part = "requests"
    known = get_args(RequestColumn)
    required = ("request_id", "received_on", "kind", "subject")
    words: ClassVar = {"kind": RequestKind}


class ColumnsFile(Strict):
    """How a customer's rosters name columns and write values, as data."""

    version: Literal[1]
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    people: _People = Field(default_factory=dict, validate_default=True)
    units: _Units = Field(default_factory=dict, validate_default=True)
    requests: _Requests = Field(default_factory=dict, validate_default=True)


def read_columns(text: str, file: str) -> ColumnMap:
    """Given the text of a column map, return the map.

    Raises:
        Misconfigured: the file has faults; each is named with its line.
    """
    found = load(text, file, ColumnsFile)
    return ColumnMap(found.name, found.people.columns(), found.units.columns(), found.requests.columns())
