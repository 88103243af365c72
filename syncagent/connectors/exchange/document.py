"""What goes to `bootstrap.ps1` on standard input, and what of its output counts.

Sent is one line: `NONCE.HASH.DOCUMENT`, the SHA-256 of the document and the document itself in base64. Damaged on the
way, it is not carried out. Of the output only lines count that carry the nonce and end with a line break:
`@@NONCE@@ANSWER`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from syncagent.connectors.exchange.driver import Answer, Raw, Status
from syncagent.errors import Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncagent.connectors.exchange.driver import Call
    from syncagent.trust.secret import Secret

LARGEST: Final = 1_000_000
"""Characters of calls that go together: Windows PowerShell reads no JSON of more than 2,097,152."""

_END, _SESSION, _DAMAGED = "end", "session", "damaged"


def script() -> str:
    """Return the script that carries out the operations."""
    return files(__package__).joinpath("script.ps1").read_text(encoding="utf-8")


def command_line() -> str:
    """Return the command that reads the document; the same for every call, and without any of its values."""
    bootstrap = files(__package__).joinpath("bootstrap.ps1").read_text(encoding="utf-8")
    encoded = base64.b64encode(bootstrap.encode("utf-16-le")).decode()
    return f"powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand {encoded}"


def octets(text: str) -> str:
    """Return a value as it travels.

    Raises:
        Rejected: it cannot arrive as it is: it has a NUL or half of a surrogate pair.
    """
    try:
        if "\0" not in text:
            return base64.b64encode(text.encode()).decode()
    except UnicodeEncodeError:
        pass
    raise Rejected(
        Text(
            "giá trị có ký tự NUL hoặc nửa cặp thay thế Unicode, không thể gửi nguyên vẹn. Hãy sửa giá trị.",
            "the value has a NUL or half of a surrogate pair and cannot arrive as it is. Correct the value.",
        )
    )


def values(raw: str) -> tuple[str, ...]:
    """Return the values that travelled as one text; an empty one counts as none.

    Raises:
        ValueError: they are not what the script sends.
    """
    return tuple(base64.b64decode(part, validate=True).decode() for part in raw.split(",") if part)


def weighed(calls: Sequence[Call]) -> int:
    """Return how many characters calls take in a document."""
    return sum(len(_plain(call)) for call in calls)


def _plain(call: Call) -> str:
    return json.dumps({"id": call.id, "operation": call.operation, **call.values}, ensure_ascii=True)


def sealed(calls: Sequence[Call], nonce: str, *, uri: str, dc: str, user: str, password: Secret) -> bytes:
    """Return the line for standard input.

    Args:
        calls: what is to be done.
        nonce: marks the answers; drawn anew for every document.
        uri: where Exchange's sessions are opened, `http://ex01.ninhbinh.gov.vn/PowerShell/`.
        dc: the domain controller, by name, to which every cmdlet is pinned.
        user: who opens the session.
        password: the password of the user.

    Raises:
        Rejected: the calls are more than one document holds.
    """
    weight = weighed(calls)
    if weight > LARGEST:
        raise Rejected(
            Text(
                f"{len(calls)} thao tác Exchange dài {weight} ký tự, quá {LARGEST} cho một lần gửi. Hãy chia nhỏ.",
                f"{len(calls)} operations on Exchange have {weight} characters, {LARGEST} is the most. Divide them.",
            )
        )
    document = {
        "uri": uri,
        "dc": dc,
        "user": octets(user),
        "password": base64.b64encode(password.octets()).decode(),
        "script": base64.b64encode(script().encode()).decode(),
        "operations": [json.loads(_plain(call)) for call in calls],
    }
    plain = json.dumps(document).encode()
    digest = base64.b64encode(hashlib.sha256(plain).digest()).decode()
    return f"{nonce}.{digest}.{base64.b64encode(plain).decode()}".encode("ascii")


@dataclass(slots=True)
class Reader:
    """Output as it comes, in pieces of any length.

    `answers` are by the id of the call, `failure` is why no session was opened, `is_damaged` says that the document did
    not arrive whole, `has_ended` that there is nothing more to come.
    """

    nonce: str
    answers: dict[str, Answer] = field(default_factory=dict)
    failure: Answer | None = None
    is_damaged: bool = False
    has_ended: bool = False
    _rest: bytes = b""
    _parts: dict[str, list[Raw]] = field(default_factory=dict)

    def feed(self, piece: bytes) -> None:
        """Take a piece of output."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._take(line.strip())

    def _take(self, line: bytes) -> None:
        mark = f"@@{self.nonce}@@".encode()
        if not line.startswith(mark):
            return
        told = line.removeprefix(mark)
        if told == _DAMAGED.encode():
            self.is_damaged = True
            return
        try:
            found = json.loads(base64.b64decode(told, validate=True))
            self._learn(found)
        except (ValueError, KeyError, TypeError):  # cut off or spoilt on the way: no answer
            return

    def _learn(self, found: dict[str, object]) -> None:
        known, status = str(found["id"]), str(found["status"])
        if known == _END:
            self.has_ended = True
        elif status == "part":
            self._parts.setdefault(known, []).append(_properties(found.get("after")))
        elif known == _SESSION:
            self.failure = _answer(found, ())
        else:
            self.answers[known] = _answer(found, self._parts.pop(known, ()))


def _answer(found: dict[str, object], parts: Iterable[Raw]) -> Answer:
    return Answer(
        Status(str(found["status"])),
        _properties(found.get("before")),
        _properties(found.get("after")),
        tuple(parts),
        values(str(found.get("warnings", ""))),
        str(found.get("fqid", "")),
        str(found.get("category", "")),
        str(found.get("message", "")),
    )


def _properties(found: object) -> Raw:
    properties = {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
    for value in properties.values():
        values(value)  # what cannot be read later is no answer now
    return properties
