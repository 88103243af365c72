"""One request as pages see it, and what they answer: plain records, so that pages are plain functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syncagent.console.rights import Person
    from syncagent.console.sessions import Session
    from syncagent.text import Language


class Upload(NamedTuple):
    """A file that came with a form; it is in memory and nowhere else."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """The names and values of a query or a form, in their order; one name may come several times."""

    pairs: Sequence[tuple[str, str]] = ()
    files: Mapping[str, Upload] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Return the value of a name, blanks around it aside; empty if it did not come."""
        return next((value.strip() for key, value in self.pairs if key == name), "")

    def exactly(self, name: str) -> str:
        """Return the value of a name as it was typed."""
        return next((value for key, value in self.pairs if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of a name."""
        return tuple(value for key, value in self.pairs if key == name)

    def page(self) -> int:
        """Return which page of a list is asked for, from 1."""
        text = self.one("page")
        return int(text) if text.isascii() and text.isdigit() and 1 <= len(text) <= len("9999") and int(text) else 1


@dataclass(frozen=True, slots=True)
class Ask:
    """A request.

    `place` are the parts of the path that name something; `session` is None where nobody is logged in. `address` is
    who calls.
    """

    method: str
    path: str
    place: Mapping[str, str]
    query: Words
    form: Words
    language: Language
    address: str
    session: Session | None = None

    @property
    def person(self) -> Person:
        """Return who is logged in; only pages that somebody must be logged in for ask."""
        if self.session is None:
            raise LookupError(self.path)
        return self.session.person


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, a body, of which kind it is, and headers beside those of every answer."""

    body: bytes | Iterator[bytes]
    status: HTTPStatus = HTTPStatus.OK
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


def to(path: str, *headers: tuple[str, str]) -> Answer:
    """Return what sends a browser on to another page of ours, by GET."""
    return Answer(b"", HTTPStatus.SEE_OTHER, headers=(("Location", path), *headers))


def file(body: bytes | Iterator[bytes], kind: str, name: str) -> Answer:
    """Return a file that a browser keeps under a name."""
    return Answer(body, kind=kind, headers=(("Content-Disposition", f'attachment; filename="{name}"'),))
