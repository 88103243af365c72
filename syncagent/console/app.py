"""The console as a web application: every request passes one gate, then the table of pages, then becomes a page.

Pages are synchronous functions (decision 016), each in a thread; only reading a request and sending an answer waits.
"""

from __future__ import annotations

from hmac import compare_digest
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from starlette.applications import Starlette
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from syncagent.console import gate, sessions
from syncagent.console.asked import Answer, Ask, Upload, Words, to
from syncagent.console.frame import refusal
from syncagent.console.table import PAGES
from syncagent.console.words import SAYS
from syncagent.errors import LeaseHeld, Misconfigured, SyncError, Unavailable, Unknown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from syncagent.console.desk import Desk
    from syncagent.console.table import Page
    from syncagent.text import Language

_LARGEST_BODY = 256 * 1024
_MOST_FIELDS = 1000


def application(desk: Callable[[], Desk]) -> Starlette:
    """Given what gives the desk of the present configuration, return the application."""
    routes = [Route(one.path, _endpoint(desk, one), methods=[one.method]) for one in PAGES]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _unknown(desk)})
    app.router.redirect_slashes = False
    return app


def _endpoint(desk: Callable[[], Desk], one: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        here = desk()
        form = Words() if gate.is_safe(request.method) else await _form(request)
        if form is None:
            return _sent(here, Answer(b"", HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
        made = await run_in_threadpool(_answered, here, one, request, form)
        return _sent(here, made)

    return answer


def _unknown(desk: Callable[[], Desk]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
        here = desk()
        language, _ = _languages(here, request)
        ask = Ask(request.method, request.url.path, {}, Words(), Words(), language, "")
        lines = [SAYS["no-page"].within(language)]
        return _sent(here, await run_in_threadpool(refusal, here, ask, lines, HTTPStatus(status)))

    return answer


async def _form(request: Request) -> Words | None:
    """Return the form of a request, None if it is too large; nothing of it touches a disk."""
    size = request.headers.get("content-length", "")
    if not (size.isascii() and size.isdigit() and int(size) <= _LARGEST_BODY):
        return None
    pairs: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    async with request.form(max_files=2, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_BODY) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files[name] = Upload(value.filename or "", await value.read())
            else:
                pairs.append((name, value))
    return Words(tuple(pairs), files)


def _answered(desk: Desk, one: Page, request: Request, form: Words) -> Answer:
    """Return the answer to a request, whatever it is: no error gets past here."""
    language, chosen = _languages(desk, request)
    query = Words(tuple(request.query_params.multi_items()))
    address = request.client.host if request.client else ""
    ask = Ask(request.method, request.url.path, request.path_params, query, form, language, address)
    try:
        made = _let_in(desk, one, ask, request)
    except SyncError as error:
        made = refusal(desk, ask, error.lines(language), _status(error))
    except Exception:  # noqa: BLE001 - a bug in one page must not show its insides
        structlog.get_logger().exception("console-crashed", page=one.path)
        made = refusal(desk, ask, [SAYS["bug"].within(language)], HTTPStatus.INTERNAL_SERVER_ERROR)
    if chosen:
        cookie = gate.language_cookie(language, secure=desk.options.secure)
        made = Answer(made.body, made.status, made.kind, (*made.headers, ("Set-Cookie", cookie)))
    return made


def _let_in(desk: Desk, one: Page, ask: Ask, request: Request) -> Answer:
    """Return the answer of a page to whoever may have it.

    Raises:
        SyncError: what the page raises.
    """
    options, headers = desk.options, request.headers
    told = (*ask.query.pairs, *ask.form.pairs, *ask.place.items())
    if headers.get("host", "") not in options.hosts or any("\0" in word for pair in told for word in pair):
        return refusal(desk, ask, [SAYS["not-understood"].within(ask.language)], HTTPStatus.BAD_REQUEST)
    safe = gate.is_safe(ask.method)
    if not safe and not gate.from_here(headers, options.hosts, secure=options.secure):
        return refusal(desk, ask, [SAYS["from-elsewhere"].within(ask.language)], HTTPStatus.FORBIDDEN)
    token = gate.cookies(headers.get("cookie", ""), secure=options.secure).session
    session = sessions.found(desk, token)
    ask = Ask(ask.method, ask.path, ask.place, ask.query, ask.form, ask.language, ask.address, session)
    if one.right is None:
        return one.show(desk, ask)
    if session is None:
        return to("/login") if safe else refusal(desk, ask, [SAYS["ended"].within(ask.language)], HTTPStatus.FORBIDDEN)
    if not safe and not compare_digest(ask.form.exactly("word").encode(), session.form_word.encode()):
        return refusal(desk, ask, [SAYS["from-elsewhere"].within(ask.language)], HTTPStatus.FORBIDDEN)
    if not session.person.may(one.right):
        return refusal(desk, ask, [SAYS["not-yours"].within(ask.language)], HTTPStatus.FORBIDDEN)
    try:
        return one.show(desk, ask)
    except SyncError as error:
        return refusal(desk, ask, error.lines(ask.language), _status(error))


def _status(error: SyncError) -> HTTPStatus:
    if isinstance(error, Unavailable | Unknown | LeaseHeld):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.NOT_FOUND if isinstance(error, Misconfigured) else HTTPStatus.CONFLICT


def _languages(desk: Desk, request: Request) -> tuple[Language, bool]:
    """Return the language of an answer, and whether somebody chose it just now."""
    asked = request.query_params.get("lang", "")
    kept = gate.cookies(request.headers.get("cookie", ""), secure=desk.options.secure).language
    for word, chosen in ((asked, True), (kept, False)):
        if word == "vi":
            return "vi", chosen
        if word == "en":
            return "en", chosen
    return desk.options.language, False


def _sent(desk: Desk, made: Answer) -> Response:
    response: Response
    if isinstance(made.body, bytes):
        response = Response(made.body, made.status)
    else:
        response = StreamingResponse(iterate_in_threadpool(made.body), made.status)
    raw: Any = response.headers
    for name, value in gate.HEADERS.items():
        raw[name] = value
    if desk.options.secure:
        raw[gate.HSTS[0]] = gate.HSTS[1]
    raw["Content-Type"] = made.kind
    for name, value in made.headers:
        if name == "Cache-Control":
            raw[name] = value
        else:
            raw.append(name, value)
    return response
