"""OBM's provisioning API as HTTP: who may ask, what is there, and what happens to a request on its way."""

from __future__ import annotations

import json
import re
import socket
import ssl
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from servers.obm_database import PROFILES, Batch, Domain, Operation
from servers.pki import Certificate

if TYPE_CHECKING:
    from servers.obm import Obm

_JSON = "application/json;charset=UTF-8"
_VERBS = {"GET": "read", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_RIGHTS = {
    "admin": re.compile("."),
    "admin_delegue": re.compile(r"batches:(read|create|delete)$|users:|groups:|profiles:"),
    "editor": re.compile(r"users:read$|groups:read$|profiles:"),
    "user": re.compile(r"users:read$|groups:read$|profiles:"),
}
_FINISHED = "org.obm.provisioning.resources.BatchAlreadyCommitedException"
_DAO = "org.obm.provisioning.dao.exceptions."


class Fate(Enum):
    """What happens to a request: it never arrives, its answer never does, or the answer is not what it should be."""

    DROPPED_BEFORE = "dropped before"
    DROPPED_AFTER = "dropped after"
    SILENT_BEFORE = "silent before"
    SILENT_AFTER = "silent after"
    UNAUTHORIZED = "401"
    BROKEN = "500"
    GATEWAY = "502 of a proxy, after"
    TRUNCATED = "the connection ends within the answer"
    CUT = "the answer is whole and its JSON is not"
    REDIRECTED = "sent elsewhere"


class Answer(NamedTuple):
    """What is answered."""

    status: int
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


class Refusal(Exception):  # noqa: N818 - it is an answer
    """An error as OBM puts it: a status, the message, and the Java class of its cause."""

    def __init__(self, status: int, message: str | None, kind: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"message": message, "type": kind})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    obm: Obm

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep a fault of our own for the end; say nothing of clients that hang up."""
        del request, client_address
        if not isinstance(error := sys.exc_info()[1], OSError):
            self.obm.faults.append(error)


def listening(obm: Obm, port: int, certificate: Certificate | None) -> _Server:
    """Return a server at a port, by TLS if it has a certificate."""
    server = _Server((obm.address, port), _Handler)
    server.obm = obm
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.path, certificate.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def handle_one_request(self) -> None:
        """Take one request of this connection."""
        with suppress(OSError):
            super().handle_one_request()
            return
        self.close_connection = True

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names that http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parameter
        """Keep quiet."""

    def _handle(self) -> None:
        obm = self.server.obm
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        obm.delay()
        path = obm.within(urlsplit(self.path).path)
        obm.asked.append((self.command, path or self.path))
        fate = obm.fate(self.command, path or "")
        if fate is Fate.DROPPED_BEFORE:
            return self._hang_up()
        if fate is Fate.SILENT_BEFORE:
            return self._keep_silent()
        early = (
            {
                Fate.UNAUTHORIZED: _unauthorized(),
                Fate.BROKEN: Answer(500, {"message": None, "type": "java.lang.NullPointerException"}),
                Fate.REDIRECTED: Answer(302, None, (("Location", "https://127.0.0.1:1/elsewhere"),)),
            }.get(fate)
            if fate
            else None
        )
        answer = early or self._answered(path, body)
        if fate is Fate.DROPPED_AFTER:
            return self._hang_up()
        if fate is Fate.SILENT_AFTER:
            return self._keep_silent()
        if fate is Fate.GATEWAY:
            answer = Answer(502, "<html><body>Bad Gateway</body></html>")
        return self._send(answer, fate)

    def _answered(self, path: str | None, body: bytes) -> Answer:
        if path is None:
            return Answer(404, "<html><body>Not Found</body></html>")
        if path == "" and self.command == "GET":
            return Answer(204)
        try:
            return self.server.obm.alone(lambda: _answer(self.server.obm, self, path, body))
        except Refusal as failure:
            return failure.answer

    def _send(self, answer: Answer, fate: Fate | None) -> None:
        html = isinstance(answer.body, str)
        octets = b"" if answer.body is None else answer.body.encode() if html else json.dumps(answer.body).encode()
        if fate is Fate.CUT:
            octets = octets[: len(octets) // 2]
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Type", "text/html" if html else _JSON)
            self.send_header("Content-Length", str(len(octets) + (fate is Fate.TRUNCATED and not octets)))
        self.end_headers()
        self.wfile.write(octets[: len(octets) // 2] if fate is Fate.TRUNCATED else octets)
        if fate is Fate.TRUNCATED:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _keep_silent(self) -> None:
        """Wait until the client gives up."""
        self.connection.settimeout(20)
        with suppress(OSError):
            self.connection.recv(1)
        self._hang_up()


def _unauthorized() -> Answer:
    page = "<html><body>HTTP ERROR 401</body></html>"
    return Answer(401, page, (("WWW-Authenticate", 'BASIC realm="application"'),))


# ── who asks ──


def _profile(obm: Obm, header: str, domain: Domain | None) -> str | None:
    """Return the profile of whoever asks, on this domain; None if they are nobody there."""
    word, _, told = header.partition(" ")
    with suppress(ValueError):
        login, _, password = b64decode(told).decode().partition(":")
        name, at, of = login.partition("@")
        own = next((one for one in obm.database.domains.values() if one.name == of), None)
        if word.upper() != "BASIC" or not at or own is None:
            return None
        user = next((user for user in list(own.users.values()) if user.login == name and not user.archived), None)
        if user and user.password == password:
            return str(user.profile) if domain is None or domain is own or own.name == obm.global_domain else ""
    return None


def _allowed(profile: str, wanted: str) -> bool:
    if profile and profile not in _RIGHTS:
        raise Refusal(500, None, "org.obm.provisioning.dao.exceptions.PermissionsNotFoundException")
    return bool(profile and _RIGHTS[profile].match(wanted))


# ── what is there ──


def _answer(  # noqa: C901, PLR0912 - a table of the API, one case each
    obm: Obm, request: _Handler, path: str, body: bytes
) -> Answer:
    parts = path.strip("/").split("/")
    domain = None if parts[0] == "domains" else _domain(obm, parts[0])
    profile = _profile(obm, request.headers.get("Authorization", ""), domain)
    if profile is None:
        return _unauthorized()
    if domain is None:
        return _domains(obm, parts[1:])
    nested = len(parts) > 3 and parts[1] == "batches"
    resource = parts[3] if nested else parts[1] if len(parts) > 1 else ""
    if not _allowed(profile, f"{resource}:{_VERBS[request.command]}"):
        return _unauthorized()
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
    match request.command, parts[1:]:
        case "GET", ["profiles"]:
            return Answer(200, [{"id": n, "url": f"/{domain.uuid}/profiles/{n}"} for n in PROFILES])
        case "GET", ["profiles", number]:
            return _profile_named(number)
        case "GET", ["users"]:
            return Answer(200, [{"id": one, "url": f"/{domain.uuid}/users/{one}"} for one in list(domain.users)])
        case "GET", ["users", ext_id]:
            return _user(obm, domain, ext_id)
        case "POST", ["batches"]:
            batch = obm.batch(domain)
            url = f"{obm.url}/{domain.uuid}/batches/{batch.id}"
            return Answer(201, {"id": batch.id}, (("Location", url),))
        case "GET", ["batches", number]:
            batch = _batch(obm, domain, number)
            return Answer(200, batch.shown(running=obm.running is batch))
        case "PUT", ["batches", number]:
            return _commit(obm, _batch(obm, domain, number))
        case "DELETE", ["batches", number]:
            del obm.database.batches[_batch(obm, domain, number).id]
            return Answer(200)
        case _, ["batches", number, "users", *rest] if request.command != "GET":
            return _queue(obm, domain, number, request, rest, query, body)
        case _:
            return Answer(404, "<html><body>HTTP ERROR 404</body></html>")


def _domain(obm: Obm, uuid: str) -> Domain:
    try:
        found = obm.database.domains.get(str(UUID(uuid)))
    except ValueError:
        raise Refusal(500, f"Invalid UUID string: {uuid}", "java.lang.IllegalArgumentException") from None
    if found is None:
        raise Refusal(404, uuid, _DAO + "DomainNotFoundException")
    return found


def _domains(obm: Obm, rest: list[str]) -> Answer:
    if not rest:
        return Answer(200, [{"id": one, "url": f"/domains/{one}"} for one in obm.database.domains])
    one = _domain(obm, rest[0])
    return Answer(200, {"id": one.uuid, "name": one.name, "label": one.name, "aliases": list(one.aliases)})


def _profile_named(number: str) -> Answer:
    if not number.isdigit() or int(number) not in PROFILES:
        raise Refusal(404, f"No profile with id: {number}", _DAO + "ProfileNotFoundException")
    return Answer(200, {"name": PROFILES[int(number)]})


def _user(obm: Obm, domain: Domain, ext_id: str) -> Answer:
    user = domain.users.get(ext_id)
    if user is None:
        says = f"The user with the external id {ext_id} was not found"
        raise Refusal(404, says, _DAO + "UserNotFoundException")
    return Answer(200, domain.shown(user, obm.echo))


def _batch(obm: Obm, domain: Domain, number: str) -> Batch:
    batch = obm.database.batches.get(int(number)) if number.isdigit() else None
    if batch is None or batch.domain != domain.uuid:
        says = f"The batch with the id {number} was not found"
        raise Refusal(404, says, _DAO + "BatchNotFoundException")
    return batch


def _commit(obm: Obm, batch: Batch) -> Answer:
    if batch.finished:
        says = f"Not commiting batch {batch.id} in status {batch.status}."
        return Answer(200, {"message": says, "type": _FINISHED})
    if obm.running is not batch:  # one that waits already is put into the queue once more
        obm.enqueue(batch)
    return Answer(200)


def _queue(
    obm: Obm, domain: Domain, number: str, request: _Handler, rest: list[str], query: dict[str, str], body: bytes
) -> Answer:
    """Keep an operation; nothing of it is looked at before it is carried out."""
    try:
        batch = _batch(obm, domain, number)
    except Refusal:
        raise Refusal(404, None, "javax.ws.rs.WebApplicationException") from None
    if batch.finished:
        says = f"Not adding operation to batch {batch.id} in status {batch.status}."
        raise Refusal(409, says, _FINISHED)
    told = None if request.command == "DELETE" else body.decode("utf-8", "replace")
    if told is not None:
        if not request.headers.get("Content-Type", "").startswith("application/json"):
            return Answer(415, "<html><body>HTTP ERROR 415</body></html>")
        if obm.generation >= (3, 1, 3):
            told = told.replace("\\", "\\\\")
    parameters = {"id": rest[0]} if rest else {}
    if "expunge" in query:
        parameters["expunge"] = query["expunge"]
    batch.operations.append(Operation(next(obm.database.numbers), request.command, "USER", parameters, told))
    return Answer(200)


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it is not so in time.
    """
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.005)
